"""The table of benchmarks, and how to run them.

To add one, write a function from the folder of raw data to a `Comparison` and add it to `BENCHMARKS`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence

from pipeline.errors import PipelineError
from pipeline.io.progress import tqdm
from scripts.benchmark import engines, machine, networks, reviews, text
from scripts.benchmark.against import NO_SUCH_ROW, describe_checkout, run_against
from scripts.benchmark.timing import Comparison, run_rounds

BUSY = 0.1  # cores: if other processes use more, a row is not to be trusted


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
    "onnx_int8": Benchmark(engines.throughput_int8, "ONNX in single precision", "reviews/s", 1),
    "onnx_int8_alone": Benchmark(engines.latency_int8, "ONNX in single precision", "reviews/s", 1),
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


def run_benchmarks(
    names: Sequence[str], raw: Path, repeats: int, other: Optional[Path] = None
) -> Iterator[Dict[str, Any]]:
    """Run benchmarks one after another.

    Parameters
    ----------
    names : sequence of str
        Names in `BENCHMARKS`; if empty, all except opt-in benchmarks.
    raw : Path
        The folder of raw data.
    repeats : int
        Timed runs of each side; the results are medians.
    other : Path, optional
        Another checkout, whose benchmarks take turns with ours; see `run_against`.

    Yields
    ------
    dict
        ``name``, ``baseline_name``, ``goal`` (the ratio to reach), ``unit``, ``repeats``, ``other_load`` (cores used by
        other processes, None if unknown), and the figures of `run_rounds`; with `other` those of `run_against`, and
        ``against``, its commit. If the benchmark failed, ``error`` in place of the figures.

    Raises
    ------
    PipelineError
        If a benchmark is unknown.
    """
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise PipelineError(f"{unknown[0]}: {NO_SUCH_ROW}; expected one of {', '.join(BENCHMARKS)}")
    for name in names or [name for name, benchmark in BENCHMARKS.items() if not benchmark.opt_in]:
        yield _run(name, raw, repeats, other)


def _run(name: str, raw: Path, repeats: int, other: Optional[Path]) -> Dict[str, Any]:
    prepare, baseline_name, unit, goal, _ = BENCHMARKS[name]
    row = {"name": name, "baseline_name": baseline_name, "unit": unit, "goal": goal, "repeats": repeats}
    if other:
        row["against"] = describe_checkout(other)
    with tqdm(total=repeats, desc=name, unit="round", leave=False) as bar, machine.OtherLoad() as load:
        try:
            if other:
                figures = run_against(name, unit, other, raw.parent, repeats, bar.update)
            else:
                figures = run_rounds(prepare(raw), repeats, bar.update)
        except PipelineError as error:
            figures = {"error": str(error)}
        except ModuleNotFoundError as error:
            figures = {"error": f'{error.name} is missing: pip install ".[benchmark]"'}
        except Exception as error:  # whatever it is, the other benchmarks are run
            figures = {"error": f"{type(error).__name__}: {error}"}
    return {**row, **figures, "other_load": load.cores}


def has_failed(row: Dict[str, Any]) -> bool:
    """Tell whether a benchmark failed, here or in the other checkout. A row that the other lacks has not failed."""
    return "error" in row or row.get("other_error", NO_SUCH_ROW) != NO_SUCH_ROW


def show(row: Dict[str, Any]) -> str:
    """Format the results of a benchmark as one line.

    >>> times = {"ours": 2.0, "ours_range": [1.9, 2.5], "baseline": 21.0, "baseline_range": [20, 22], "unit": "s"}
    >>> show({**times, "name": "text", "baseline_name": "x", "ratio": 10.5, "ratio_range": [8.8, 11], "goal": 8})
    'text: 2 s (1.9–2.5); x: 21 s (20–22); 10.5 times as fast (8.8–11, goal 8)'
    >>> show({"name": "text", "error": "no reviews"})
    'text: failed: no reviews'
    """
    if "error" in row:
        return f"{row['name']}: failed: {row['error']}"
    unit = row["unit"]
    verdict = f"goal {row['goal']:g}" + (", missed" if row["ratio"] < row["goal"] else "")
    ratio = f"{row['ratio']:.3g} times as fast ({', '.join([*_range(row['ratio_range'], '.3g'), verdict])})"
    parts = [
        _with_range(row, "ours", f" {unit}"),
        f"{row['baseline_name']}: {_with_range(row, 'baseline', f' {unit}')}",
    ]
    parts.append(ratio)
    if "other_error" in row:
        parts.append(f"{row['against']}: {row['other_error']}")
    elif "against" in row:
        speed_up = _with_range(row, "speed_up", " times as fast", ".3g")
        parts.append(f"{row['against']}: {_with_range(row, 'other', f' {unit}')}; {speed_up} as {row['against']}")
    return f"{row['name']}: {'; '.join(parts)}"


def _with_range(row: Dict[str, Any], name: str, unit: str, form: str = ",.4g") -> str:
    inside = _range(row[f"{name}_range"], form)
    return f"{row[name]:{form}}{unit}" + (f" ({inside[0]})" if inside else "")


def _range(limits: Sequence[float], form: str) -> List[str]:
    """Return minimum and maximum as one text, or nothing if they are equal."""
    low, high = limits
    return [f"{low:{form}}–{high:{form}}"] if low < high else []


def warn(row: Dict[str, Any]) -> str:
    """Return a warning if other processes used the cores during a benchmark, and "" otherwise.

    >>> warn({"name": "text", "other_load": 0.75})
    'text: other processes used 0.8 cores meanwhile; its figures are not to be trusted'
    >>> warn({"name": "text", "other_load": 0.01})
    ''
    """
    load = row["other_load"]
    if load is None or load <= BUSY:
        return ""
    return f"{row['name']}: other processes used {load:.1f} cores meanwhile; its figures are not to be trusted"
