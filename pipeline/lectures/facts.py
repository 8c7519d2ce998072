"""A fact: one figure that a lecture publishes, and ours beside it."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional


class Fact(NamedTuple):
    """One published figure and ours.

    Attributes
    ----------
    lecture : str
    fact : str
        What is counted or measured.
    published, ours : number, bool, str or None
        None for a figure that is not there.
    agrees : bool or None
        None if there is nothing to compare: the lecture does not print it, or the data at hand is not the lecture's.
    why : str
        Where they differ, a sentence why.
    """

    lecture: str
    fact: str
    published: Any
    ours: Any
    agrees: Optional[bool]
    why: str = ""

    @property
    def verdict(self) -> str:
        """The comparison in words."""
        if self.agrees is None and self.published is None:
            return "ours alone"
        if self.agrees is None:
            return "not to be had" if self.ours is None else "not comparable"
        return "agrees" if self.agrees else "differs"
