"""Run the lectures and compare the computed values with those that they print."""

from __future__ import annotations

from typing import Callable, Dict, List

from pipeline.errors import PipelineError
from pipeline.lectures import crash_course, lecture8, mnist_rows, stacked, weights
from pipeline.lectures.comparison import Comparison, ComputedValues, compare
from pipeline.lectures.runner import LectureRunner
from pipeline.recipes import CRASH_COURSE, LECTURE8, STACKED, STACKED_MASKED

TRAINED = {  # the recipes that each lecture trains, the longest training first
    "crash_course": (CRASH_COURSE,),
    "lecture8": (LECTURE8,),
    "stacked": (STACKED, STACKED_MASKED),
}

LECTURES: Dict[str, Callable[[LectureRunner], ComputedValues]] = {
    "lecture8": lecture8.run,
    "crash_course": crash_course.run,
    "stacked": stacked.run,
    "weights": weights.run,
    "mnist_rows": mnist_rows.run,
}


def reproduce(name: str, runner: LectureRunner) -> List[Comparison]:
    """Run one lecture and compare the computed values with those that it prints.

    Parameters
    ----------
    name : str
        One of `LECTURES`.
    runner : LectureRunner

    Returns
    -------
    list of Comparison

    Raises
    ------
    PipelineError
        If there is no such lecture, or its data is missing.
    """
    check_lecture(name)
    return compare(name, LECTURES[name](runner))


def check_lecture(name: str) -> None:
    """Raise an error that names the lectures if there is none of that name."""
    if name not in LECTURES:
        raise PipelineError(f"{name}: no such lecture; there are {', '.join(LECTURES)}")
