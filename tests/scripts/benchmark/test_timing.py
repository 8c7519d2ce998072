from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from pipeline.errors import PipelineError
from scripts.benchmark.timing import Comparison, Timed, take_turns, timed


def side(*seconds: float, result: Any = 1) -> Callable[[], Timed]:
    left: Iterator[float] = iter(seconds)
    return lambda: Timed(next(left), result)


def differ(ours: Any, peer: Any) -> str:
    return "" if ours == peer else f"{ours} is not {peer}"


def test_figures_are_medians_and_their_ratio() -> None:
    rounds: list[int] = []
    comparison = Comparison(side(2, 50, 1), side(8, 6, 400), differ)
    assert take_turns(comparison, 3, lambda: rounds.append(1)) == {"ours": 2, "peer": 8, "ratio": 4}
    assert len(rounds) == 3


def test_figures_of_an_amount_are_per_second() -> None:
    comparison = Comparison(side(2), side(8), differ, amount=1000)
    assert take_turns(comparison, 1, int) == {"ours": 500, "peer": 125, "ratio": 4}


def test_details_are_those_of_the_last_round() -> None:
    results = iter([7, 8])
    comparison = Comparison(
        lambda: Timed(1, next(results)), side(1, 1), lambda ours, peer: "", details=lambda ours, peer: {"memory": ours}
    )
    assert take_turns(comparison, 2, int) == {"ours": 1, "peer": 1, "ratio": 1, "memory": 8}


def test_results_that_disagree_are_an_error() -> None:
    with pytest.raises(PipelineError, match=r"^what is timed does not agree: 1 is not 2$"):
        take_turns(Comparison(side(1), side(1, result=2), differ), 1, int)


def test_timed_gives_the_result_and_the_seconds() -> None:
    def nap(seconds: float) -> str:
        time.sleep(seconds)
        return "rested"

    seconds, result = timed(nap, 0.02)()
    assert result == "rested"
    assert 0.02 <= seconds < 2


TAKES_MEMORY = """
import subprocess, sys, time
from scripts.benchmark.timing import MemoryWatch
with MemoryWatch() as watch:
    taken = b"x" * 50_000_000
    code = "taken = b'x' * 50_000_000; print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        deadline = time.monotonic() + 10
        while watch.most - watch.first < 100_000_000 and time.monotonic() < deadline:
            time.sleep(0.02)
        child.kill()
print(watch.most - watch.first)
"""


def test_memory_of_this_process_and_its_children_is_watched() -> None:
    # in a process of its own: this one has room that other tests left
    path = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
    run = subprocess.run(
        [sys.executable, "-c", TAKES_MEMORY], env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True
    )
    assert 100_000_000 <= int(run.stdout) < 180_000_000
