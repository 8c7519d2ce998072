from __future__ import annotations

import time
from typing import Any, Callable, Iterator

import pytest

from pipeline.errors import PipelineError
from pipeline.timing import Comparison, Timed, peak_memory, take_turns, timed


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


def test_peak_memory_stays_after_what_took_it_is_gone() -> None:
    before = peak_memory()
    taken = b"x" * (before + 50_000_000)
    assert peak_memory() - before > 40_000_000
    del taken
    assert peak_memory() - before > 40_000_000
