from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from pipeline.errors import PipelineError
from scripts.benchmark.timing import Comparison, Timed, run_rounds, timed


def side(*seconds: float, result: Any = 1) -> Callable[[], Timed]:
    left: Iterator[float] = iter(seconds)
    return lambda: Timed(next(left), result)


def differ(ours: Any, baseline: Any) -> str:
    return "" if ours == baseline else f"{ours} is not {baseline}"


def test_run_rounds_returns_medians_and_ranges() -> None:
    rounds: list[int] = []
    comparison = Comparison(side(2, 50, 1), side(8, 5, 400), differ)
    assert run_rounds(comparison, 3, lambda: rounds.append(1)) == {
        "ours": 2,
        "ours_range": [1, 50],
        "baseline": 8,
        "baseline_range": [5, 400],
        "ratio": 4,  # of 4, 0.1 and 400, the ratios of the rounds
        "ratio_range": [0.1, 400],
    }
    assert len(rounds) == 3


def test_run_rounds_with_amount_returns_throughput() -> None:
    comparison = Comparison(side(2, 4), side(8, 8), differ, amount=1000)
    figures = run_rounds(comparison, 2, int)
    assert {name: figures[name] for name in ("ours", "baseline", "ratio")} == {"ours": 375, "baseline": 125, "ratio": 3}
    assert figures["ours_range"] == [250, 500]


def test_run_rounds_returns_medians_of_the_details() -> None:
    results = iter([7, 80, 8])
    comparison = Comparison(
        lambda: Timed(1, next(results)),
        side(1, 1, 1),
        lambda ours, baseline: "",
        details=lambda ours, baseline: {"memory": ours},
    )
    assert run_rounds(comparison, 3, int)["memory"] == 8


def test_run_rounds_raises_on_different_results() -> None:
    with pytest.raises(PipelineError, match=r"^results differ: 1 is not 2$"):
        run_rounds(Comparison(side(1), side(1, result=2), differ), 1, int)


def test_timed_returns_result_and_seconds() -> None:
    def nap(seconds: float) -> str:
        time.sleep(seconds)
        return "rested"

    seconds, result = timed(nap, 0.02)()
    assert result == "rested"
    assert 0.02 <= seconds < 2


ALLOCATE = """
import subprocess, sys, time
from scripts.benchmark.timing import MemoryMonitor
with MemoryMonitor() as monitor:
    taken = b"x" * 50_000_000
    code = "taken = b'x' * 50_000_000; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        deadline = time.monotonic() + 10
        while monitor.peak - monitor.initial < 100_000_000 and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
print(monitor.peak - monitor.initial)
"""


def test_memory_monitor_includes_child_processes() -> None:
    # in a subprocess, because this process has free memory left by other tests
    path = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
    run = subprocess.run(
        [sys.executable, "-c", ALLOCATE], env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True
    )
    assert 100_000_000 <= int(run.stdout) < 180_000_000
