"""A fact: one figure that a lecture prints, and ours beside it."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional


class Fact(NamedTuple):
    """One reference value and ours.

    Attributes
    ----------
    lecture : str
    fact : str
        What is counted or measured.
    reference, ours : number, bool, str or None
        What the lecture prints, and what is computed here; None if there is none.
    agrees : bool or None
        None if they cannot be compared: the lecture does not print it, or its data is not at hand.
    why : str
        Why they differ, or how ours was measured.
    """

    lecture: str
    fact: str
    reference: Any
    ours: Any
    agrees: Optional[bool]
    why: str = ""

    @property
    def verdict(self) -> str:
        """The comparison in words."""
        if self.agrees is None and self.reference is None:
            return "no reference"
        if self.agrees is None:
            return "not available" if self.ours is None else "not comparable"
        return "agrees" if self.agrees else "differs"
