"""Run the lectures and compare their figures with ours."""

from __future__ import annotations

from typing import Callable, Dict, List

from pipeline.errors import PipelineError
from pipeline.lectures import crash_course, lecture8, mnist_rows, stacked, weights
from pipeline.lectures.facts import Fact
from pipeline.lectures.laboratory import Figures, Laboratory, Ours
from pipeline.lectures.reference_values import REFERENCE_VALUES, ReferenceValue
from pipeline.recipes import CRASH_COURSE, LECTURE8, STACKED, STACKED_MASKED

TRAINED = {  # the recipes that each lecture trains, the longest training first
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
    """Run one lecture and compare its figures with ours.

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
    return compare(name, LECTURES[name](lab))


def compare(name: str, figures: Figures) -> List[Fact]:
    """Compare figures of ours with those that a lecture prints.

    Parameters
    ----------
    name : str
        One of `LECTURES`.
    figures : dict of Ours
        By the keys of `REFERENCE_VALUES`; any of the lecture's.

    Returns
    -------
    list of Fact
        In the order of `REFERENCE_VALUES`.
    """
    references = [reference for reference in REFERENCE_VALUES if reference.lecture == name]
    return [_compare(reference, figures[reference.key]) for reference in references if reference.key in figures]


def _compare(reference: ReferenceValue, ours: Ours) -> Fact:
    agrees = None
    if reference.value is not None and ours.comparable:
        close = reference.tolerance is not None and abs(reference.value - ours.value) <= reference.tolerance
        agrees = bool(close or reference.value == ours.value)
    return Fact(reference.lecture, reference.fact, reference.value, ours.value, agrees, ours.why)
