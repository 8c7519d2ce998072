"""How fast it is, beside what else there is: a table of comparisons, each run on the machine at hand.

To add one, write a function that takes the folder of raw data and returns a `Comparison`, and a line in `BENCHMARKS`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, NamedTuple, Sequence

from pipeline.errors import PipelineError
from pipeline.io.progress import tqdm
from scripts.benchmark import engines, machine, networks, reviews, text
from scripts.benchmark.timing import Comparison, take_turns


class Benchmark(NamedTuple):
    """One line of the table."""

    prepare: Callable[[Path], Comparison]  # of the folder of raw data
    peer_name: str
    unit: str  # of both figures: "s", or what is done in a second
    goal: float  # the ratio to reach
    asked_for: bool = False  # run only if it is named


BENCHMARKS: Dict[str, Benchmark] = {
    "cores": Benchmark(machine.cores, "one process", "s", 1),
    "text": Benchmark(text.text, "the lecture's own code", "s", 8),
    "onnx": Benchmark(engines.throughput, "Gluon", "reviews/s", 1),
    "onnx_alone": Benchmark(engines.latency, "Gluon", "reviews/s", 1),
    "glove": Benchmark(text.glove, "the lecture's loader", "s", 15),
    "glove_gluonnlp": Benchmark(text.glove_gluonnlp, "gluonnlp's TokenEmbedding.from_file", "s", 15),
    "glove_large": Benchmark(text.glove_large, "reading the bytes", "s", 0.5, asked_for=True),
    "epoch": Benchmark(reviews.epoch, "the lecture's loop", "words/s", 3),
    "epoch_as_printed": Benchmark(reviews.epoch_as_printed, "the lecture's loop", "words/s", 1),
    "training": Benchmark(reviews.training, "PyTorch", "words/s", 1.5),
    "answers": Benchmark(reviews.answers, "PyTorch", "reviews/s", 1.5),
    "answers_by_length": Benchmark(reviews.answers_by_length, "PyTorch, in our batches", "reviews/s", 1),
    "sentence": Benchmark(reviews.sentence, "a limit", "s", 1),
    "cold_start": Benchmark(reviews.cold_start, "import mxnet", "s", 1 / 1.5),
}
for _case in networks.CASES:  # train_50_64_torch and so on
    for _prepare, _goals in ((networks.train, (1.5, 4)), (networks.infer, (1, 1))):
        for _peer, _name, _goal in zip(("torch", "keras"), ("PyTorch", "Keras"), _goals):
            BENCHMARKS[f"{_prepare.__name__}_{_case}_{_peer}"] = Benchmark(
                partial(_prepare, _case, _peer), _name, "words/s", _goal, asked_for=_peer == "keras"
            )


def run_benchmarks(names: Sequence[str], raw: Path, repeats: int) -> Iterator[Dict[str, Any]]:
    """Run some benchmarks one after the other.

    Parameters
    ----------
    names : sequence of str
        Of `BENCHMARKS`; none: all but those that have to be asked for.
    raw : Path
        The folder of raw data.
    repeats : int
        How often each side is timed; the figures are medians.

    Yields
    ------
    dict
        ``name``, ``ours``, ``peer``, ``peer_name``, ``ratio`` (how many times as good as the peer), ``goal`` (what it
        must reach), ``unit``, ``repeats``, and more where a benchmark has more to say.

    Raises
    ------
    PipelineError
        If there is no such benchmark, its data or its peer is missing, or ours and the peer's results disagree.
    """
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise PipelineError(f"{unknown[0]}: no such benchmark; there are {', '.join(BENCHMARKS)}")
    for name in names or [name for name, benchmark in BENCHMARKS.items() if not benchmark.asked_for]:
        yield _run(name, raw, repeats)


def _run(name: str, raw: Path, repeats: int) -> Dict[str, Any]:
    prepare, peer_name, unit, goal, _ = BENCHMARKS[name]
    with tqdm(total=repeats, desc=name, unit="round", leave=False) as bar:
        try:
            figures = take_turns(prepare(raw), repeats, bar.update)
        except PipelineError as error:
            raise PipelineError(f"benchmark {name}: {error}") from None
        except ImportError as error:
            raise PipelineError(f'benchmark {name}: {error.name} is missing: pip install ".[benchmark]"') from None
    return {"name": name, "peer_name": peer_name, "unit": unit, "goal": goal, "repeats": repeats, **figures}


def show(row: Dict[str, Any]) -> str:
    """Return a benchmark's figures as one line.

    >>> show({"name": "text", "ours": 2.0, "peer": 21.0, "peer_name": "x", "ratio": 10.5, "goal": 8, "unit": "s"})
    'text: 2 s; x: 21 s; 10.5 times as good (goal 8)'
    """
    verdict = f"goal {row['goal']:g}" + (", missed" if row["ratio"] < row["goal"] else "")
    ours, peer = (f"{row[side]:,.4g} {row['unit']}" for side in ("ours", "peer"))
    return f"{row['name']}: {ours}; {row['peer_name']}: {peer}; {row['ratio']:.3g} times as good ({verdict})"
