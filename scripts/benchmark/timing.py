"""Time two implementations of the same task."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Union

import numpy as np

from pipeline.errors import PipelineError

_ENVIRONMENT = dict(os.environ)  # without MXNet's number of threads, which is not for the baselines


class Timed(NamedTuple):
    """Result and duration of a call."""

    seconds: float
    result: Any


class Comparison(NamedTuple):
    """Our implementation and a baseline, both callable repeatedly.

    Attributes
    ----------
    ours, baseline : callable
        Run the whole task once. `timed` makes such a function; one that times itself, such as a subprocess, returns
        its own `Timed`.
    difference : callable
        Takes both results; describes how they differ, or returns "" if they agree.
    amount : float
        Amount of work per call, to report throughput; 0 to report seconds.
    details : callable
        Takes both results; returns additional figures to report.
    """

    ours: Callable[[], Timed]
    baseline: Callable[[], Timed]
    difference: Callable[[Any, Any], str]
    amount: float = 0.0
    details: Callable[[Any, Any], Dict[str, Any]] = lambda ours, baseline: {}


def timed(function: Callable[..., Any], *arguments: Any) -> Callable[[], Timed]:
    """Return a function that calls `function` with these arguments and measures the time."""

    def call() -> Timed:
        start = time.perf_counter()
        result = function(*arguments)
        return Timed(time.perf_counter() - start, result)

    return call


def max_difference(ours: np.ndarray, baseline: np.ndarray) -> Dict[str, Any]:
    """Return the largest difference of two results, for a row's details."""
    return {"difference": float(np.abs(ours - baseline).max())}


class MemoryMonitor:
    """Sample the anonymous memory of this process and its descendants every 20 ms.

    `resource.getrusage` is not suitable: for a child process it includes the parent's memory at the fork.

    Attributes
    ----------
    initial, peak : int
        Bytes at the start, and the maximum since then.

    Examples
    --------
    >>> with MemoryMonitor() as monitor:
    ...     taken = bytes(10)
    >>> monitor.peak >= monitor.initial > 0
    True
    """

    def __enter__(self) -> MemoryMonitor:
        """Start sampling."""
        self.initial = self.peak = _total_memory()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop sampling."""
        self._end.set()
        self._thread.join()

    def _sample(self) -> None:
        while True:
            self.peak = max(self.peak, _total_memory())
            if self._end.wait(0.02):
                return


def _total_memory() -> int:
    return sum(map(_memory, _process_tree(os.getpid())))


def _process_tree(process: int) -> List[int]:
    """Return the ids of a process and its descendants."""
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [one for child in children.read_text().split() for one in _process_tree(int(child))]
        except OSError:  # the process has ended
            continue
    return found


def _memory(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return 1024 * sum(map(int, re.findall(r"^RssAnon:\s+(\d+) kB$", status, re.MULTILINE)))


def run_rounds(comparison: Comparison, repeats: int, after_each: Callable[[], Any]) -> Dict[str, Any]:
    """Call both sides alternately, so that other load affects both.

    Parameters
    ----------
    comparison : Comparison
    repeats : int
        Number of calls of each side.
    after_each : callable
        Called after each round, for a progress bar.

    Returns
    -------
    dict
        ``ours``, ``baseline`` and ``ratio`` (speed-up over the baseline) as from `summarise`, and the median of each
        of the details.

    Raises
    ------
    PipelineError
        If the two results of a round differ.
    """
    rounds, details = [], []
    for _ in range(repeats):
        ours, baseline = comparison.ours(), comparison.baseline()
        difference = comparison.difference(ours.result, baseline.result)
        if difference:
            raise PipelineError(f"results differ: {difference}")
        details.append(comparison.details(ours.result, baseline.result))
        rounds.append(
            {
                "ours": figure_of(ours.seconds, comparison.amount),
                "baseline": figure_of(baseline.seconds, comparison.amount),
                "ratio": baseline.seconds / ours.seconds,
            }
        )
        after_each()
    return {**summarise(rounds), **{name: statistics.median(one[name] for one in details) for name in details[0]}}


def figure_of(seconds: float, amount: float) -> float:
    """Return the throughput, or the seconds if `amount` is 0."""
    return amount / seconds if amount else seconds


def summarise(rounds: Sequence[Mapping[str, float]]) -> Dict[str, Any]:
    """Return the median of each figure over the rounds, and its minimum and maximum as ``…_range``.

    >>> summarise([{"ours": 2}, {"ours": 50}, {"ours": 1}])
    {'ours': 2, 'ours_range': [1, 50]}
    """
    summary: Dict[str, Any] = {}
    for name in rounds[0]:
        values = [one[name] for one in rounds]
        summary[name], summary[f"{name}_range"] = statistics.median(values), [min(values), max(values)]
    return summary


def run_script(python: Union[str, Path], script: str, inputs: Mapping[str, Any]) -> Timed:
    """Run a baseline script of this package in a subprocess, which times itself.

    Parameters
    ----------
    python : str or Path
        Interpreter.
    script : str
        File name in this folder. It reads arrays from one ``.npz`` file and writes its results, including ``seconds``,
        to another.
    inputs : mapping of str to array, str or number

    Returns
    -------
    Timed
        The arrays written by the script, by name.

    Raises
    ------
    PipelineError
        If the script fails; contains the last line of its standard error.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, "inputs.npz"), Path(folder, "outputs.npz")]
        np.savez(files[0], **inputs)
        command = [str(python), str(Path(__file__).with_name(script)), *map(str, files)]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=_ENVIRONMENT)
        if run.returncode:
            raise PipelineError(f"{script} failed: {(run.stderr.strip() or 'no message').splitlines()[-1]}")
        with np.load(files[1]) as file:
            outputs = dict(file)
    return Timed(float(outputs.pop("seconds")), outputs)
