"""The table of benchmarks, and how to run them.

To add one, write a function from the folder of raw data to a `Comparison` and add it to `BENCHMARKS`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, NamedTuple, Sequence

from pipeline.errors import PipelineError
from pipeline.io.progress import tqdm
from scripts.benchmark import engines, machine, networks, reviews, text
from scripts.benchmark.timing import Comparison, run_rounds


class Benchmark(NamedTuple):
    """One row of the table."""

    prepare: Callable[[Path], Comparison]  # takes the folder of raw data
    baseline_name: str
    unit: str  # "s", or a throughput such as "words/s"
    goal: float  # the ratio to reach
    opt_in: bool = False  # only run if named explicitly


BENCHMARKS: Dict[str, Benchmark] = {
    "cores": Benchmark(machine.cores, "one process", "s", 1),
    "text": Benchmark(text.text, "the lecture's own code", "s", 8),
    "onnx": Benchmark(engines.throughput, "Gluon", "reviews/s", 1),
    "onnx_alone": Benchmark(engines.latency, "Gluon", "reviews/s", 1),
    "glove": Benchmark(text.glove, "the lecture's loader", "s", 15),
    "glove_gluonnlp": Benchmark(text.glove_gluonnlp, "gluonnlp's TokenEmbedding.from_file", "s", 15),
    "glove_large": Benchmark(text.glove_large, "reading the bytes", "s", 0.5, opt_in=True),
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
        for _baseline, _name, _goal in zip(("torch", "keras"), ("PyTorch", "Keras"), _goals):
            BENCHMARKS[f"{_prepare.__name__}_{_case}_{_baseline}"] = Benchmark(
                partial(_prepare, _case, _baseline), _name, "words/s", _goal, opt_in=_baseline == "keras"
            )


def run_benchmarks(names: Sequence[str], raw: Path, repeats: int) -> Iterator[Dict[str, Any]]:
    """Run benchmarks one after another.

    Parameters
    ----------
    names : sequence of str
        Names in `BENCHMARKS`; if empty, all except opt-in benchmarks.
    raw : Path
        The folder of raw data.
    repeats : int
        Timed runs of each side; the results are medians.

    Yields
    ------
    dict
        ``name``, ``ours``, ``baseline``, ``baseline_name``, ``ratio`` (speed-up over the baseline), ``goal`` (the ratio
        to reach), ``unit``, ``repeats``, and the details of the comparison.

    Raises
    ------
    PipelineError
        If a benchmark is unknown, its data or baseline is missing, or the two results disagree.
    """
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise PipelineError(f"{unknown[0]}: no such benchmark; expected one of {', '.join(BENCHMARKS)}")
    for name in names or [name for name, benchmark in BENCHMARKS.items() if not benchmark.opt_in]:
        yield _run(name, raw, repeats)


def _run(name: str, raw: Path, repeats: int) -> Dict[str, Any]:
    prepare, baseline_name, unit, goal, _ = BENCHMARKS[name]
    with tqdm(total=repeats, desc=name, unit="round", leave=False) as bar:
        try:
            figures = run_rounds(prepare(raw), repeats, bar.update)
        except PipelineError as error:
            raise PipelineError(f"benchmark {name}: {error}") from None
        except ImportError as error:
            raise PipelineError(f'benchmark {name}: {error.name} is missing: pip install ".[benchmark]"') from None
    return {"name": name, "baseline_name": baseline_name, "unit": unit, "goal": goal, "repeats": repeats, **figures}


def show(row: Dict[str, Any]) -> str:
    """Format the results of a benchmark as one line.

    >>> times = {"ours": 2.0, "baseline": 21.0, "unit": "s"}
    >>> show({**times, "name": "text", "baseline_name": "x", "ratio": 10.5, "goal": 8})
    'text: 2 s; x: 21 s; 10.5 times as fast (goal 8)'
    """
    verdict = f"goal {row['goal']:g}" + (", missed" if row["ratio"] < row["goal"] else "")
    ours, baseline = (f"{row[side]:,.4g} {row['unit']}" for side in ("ours", "baseline"))
    return f"{row['name']}: {ours}; {row['baseline_name']}: {baseline}; {row['ratio']:.3g} times as fast ({verdict})"
