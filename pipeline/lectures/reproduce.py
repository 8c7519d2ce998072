"""The figures of the five lectures beside ours."""

from __future__ import annotations

from typing import Callable, Dict, List

from pipeline.errors import PipelineError
from pipeline.lectures import crash_course, lecture8, mnist_rows, stacked, weights
from pipeline.lectures.facts import Fact
from pipeline.lectures.laboratory import Figures, Laboratory, Ours
from pipeline.lectures.reference_values import PUBLISHED, Published
from pipeline.recipes import CRASH_COURSE, LECTURE8, STACKED, STACKED_MASKED

TRAINED = {  # by the lectures, longest first
    "crash_course": (CRASH_COURSE,),
    "lecture8": (LECTURE8,),
    "stacked": (STACKED, STACKED_MASKED),
}

LECTURES: Dict[str, Callable[[Laboratory], Figures]] = {
    "lecture8": lecture8.run,
    "crash_course": crash_course.run,
    "stacked": stacked.run,
    "weights": weights.run,
    "mnist_rows": mnist_rows.run,
}


def reproduce(name: str, lab: Laboratory) -> List[Fact]:
    """Run one lecture and put what it prints beside ours.

    Parameters
    ----------
    name : str
        One of `LECTURES`.
    lab : Laboratory

    Returns
    -------
    list of Fact

    Raises
    ------
    PipelineError
        If there is no such lecture, or its data is missing.
    """
    if name not in LECTURES:
        raise PipelineError(f"{name}: no such lecture; there are {', '.join(LECTURES)}")
    figures = LECTURES[name](lab)
    return [_compare(published, figures[published.key]) for published in PUBLISHED if published.lecture == name]


def _compare(published: Published, ours: Ours) -> Fact:
    agrees = None
    if published.value is not None and ours.comparable:
        near = published.within is not None and abs(published.value - ours.value) <= published.within
        agrees = bool(near or published.value == ours.value)
    return Fact(published.lecture, published.fact, published.value, ours.value, agrees, ours.why)
