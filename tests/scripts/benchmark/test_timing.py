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


def test_run_rounds_returns_medians_and_ratio() -> None:
    rounds: list[int] = []
    comparison = Comparison(side(2, 50, 1), side(8, 6, 400), differ)
    assert run_rounds(comparison, 3, lambda: rounds.append(1)) == {"ours": 2, "baseline": 8, "ratio": 4}
    assert len(rounds) == 3


def test_run_rounds_with_amount_returns_throughput() -> None:
    comparison = Comparison(side(2), side(8), differ, amount=1000)
    assert run_rounds(comparison, 1, int) == {"ours": 500, "baseline": 125, "ratio": 4}


def test_run_rounds_returns_details_of_the_last_round() -> None:
    results = iter([7, 8])
    comparison = Comparison(
        lambda: Timed(1, next(results)),
        side(1, 1),
        lambda ours, baseline: "",
        details=lambda ours, baseline: {"memory": ours},
    )
    assert run_rounds(comparison, 2, int) == {"ours": 1, "baseline": 1, "ratio": 1, "memory": 8}


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
