"""Comparisons: each value that a lecture prints beside the value that is computed here."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional

from pipeline.lectures.reference_values import REFERENCE_VALUES, ReferenceValue


class ComputedValue(NamedTuple):
    """One value as computed here, and why it may differ from the reference value."""

    value: Any
    note: str = ""
    comparable: bool = True  # False if the lecture's data is not at hand


ComputedValues = Dict[str, ComputedValue]  # by `ReferenceValue.key`


class Comparison(NamedTuple):
    """A reference value and the computed value.

    Attributes
    ----------
    lecture : str
    quantity : str
        What is counted or measured.
    reference, computed : number, bool, str or None
        What the lecture prints, and what is computed here; None if there is none.
    agrees : bool or None
        None if they cannot be compared: the lecture does not print it, or its data is not at hand.
    note : str
        Why they differ, or how the value was computed.
    """

    lecture: str
    quantity: str
    reference: Any
    computed: Any
    agrees: Optional[bool]
    note: str = ""

    @property
    def verdict(self) -> str:
        """The comparison in words."""
        if self.agrees is None and self.reference is None:
            return "no reference"
        if self.agrees is None:
            return "not available" if self.computed is None else "not comparable"
        return "agrees" if self.agrees else "differs"


def compare(name: str, values: ComputedValues) -> List[Comparison]:
    """Compare computed values with those that a lecture prints.

    Parameters
    ----------
    name : str
        One of `pipeline.lectures.reproduce.LECTURES`.
    values : dict of ComputedValue
        By the keys of `REFERENCE_VALUES`; any of the lecture's.

    Returns
    -------
    list of Comparison
        In the order of `REFERENCE_VALUES`.
    """
    references = [reference for reference in REFERENCE_VALUES if reference.lecture == name]
    return [_compare(reference, values[reference.key]) for reference in references if reference.key in values]


def _compare(reference: ReferenceValue, computed: ComputedValue) -> Comparison:
    agrees = None
    if reference.value is not None and computed.comparable:
        close = reference.tolerance is not None and abs(reference.value - computed.value) <= reference.tolerance
        agrees = bool(close or reference.value == computed.value)
    return Comparison(reference.lecture, reference.quantity, reference.value, computed.value, agrees, computed.note)
