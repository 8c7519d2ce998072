"""An explanation in a terminal: its words in colour, or in brackets where there is none."""

from __future__ import annotations

import os
import re
import sys
from typing import List, Optional

import numpy as np

from pipeline.explanation.explanation import Explanation, Piece

# From faint to strong, of 256 colours: blue for, orange against, the text black or white. Against is underlined, too.
_FOR = ("48;5;153;38;5;16", "48;5;75;38;5;16", "48;5;25;38;5;231")
_AGAINST = ("4;48;5;223;38;5;16", "4;48;5;215;38;5;16", "4;48;5;166;38;5;16")
_LEAST = 0.15  # a share below it is left plain
_BARS = "▁▂▃▄▅▆▇█"
_COLUMNS = 60
_CONTROLS = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")  # they could steer the terminal


def render(explanation: Explanation, colour: Optional[bool] = None) -> str:
    """Return the lines of `Explanation.to_terminal`."""
    if colour is None:
        colour = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    show, grown = (_paint if colour else _bracket), explanation.grown
    lines = [
        f"{explanation.label}, {explanation.probability:.1%}",
        "",
        "".join(show(piece) for piece in explanation.pieces()),
        "",
        f"for positive  {_list(explanation, 1)}",
        f"for negative  {_list(explanation, -1)}",
        f"the rest      {_rest(explanation)}",
        f"word by word  {_curve(grown)}  {grown[0]:.0%} to {grown[-1]:.0%} positive",
    ]
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _CONTROLS.sub("\ufffd", text)


def _paint(piece: Piece) -> str:
    text = _clean(piece.text)
    if abs(piece.share) < _LEAST:
        return text
    codes = _FOR if piece.share > 0 else _AGAINST
    return f"\033[{codes[min(int(abs(piece.share) * 3), 2)]}m{text}\033[0m"


def _bracket(piece: Piece) -> str:
    text = _clean(piece.text)
    return text if abs(piece.share) < 2 * _LEAST else f"[{'+' if piece.share > 0 else '-'}{text}]"


def _list(explanation: Explanation, sign: int) -> str:
    strongest = [f"{_clean(explanation.words[i])} {explanation.added[i]:+.2f}" for i in explanation.strongest(sign)]
    return ", ".join(strongest) or "nothing"


def _rest(explanation: Explanation) -> str:
    rest = [f"{name} {added:+.2f}" for name, added in explanation.rest.items()]
    return ", ".join([f"baseline {explanation.baseline:+.2f}", *rest])


def _curve(grown: np.ndarray) -> str:
    """Return a bar for each word, or for each of 60 stretches: the probability at its end."""
    ends = np.linspace(0, len(grown), min(len(grown), _COLUMNS) + 1).astype(int)[1:] - 1
    levels: List[int] = np.minimum(grown[ends] * len(_BARS), len(_BARS) - 1).astype(int).tolist()
    return "".join(_BARS[level] for level in levels)
