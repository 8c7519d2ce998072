"""An explanation in a terminal: words with large attributions in colour, or in brackets."""

from __future__ import annotations

import os
import sys
from typing import List, Optional

import numpy as np

from pipeline.explanation.attributed_text import AttributedText, Segment
from pipeline.io.streams import printable

# From weak to strong, of the 256 ANSI colours: blue for the explained class, orange and underlined against it.
_FOR = ("48;5;153;38;5;16", "48;5;75;38;5;16", "48;5;25;38;5;231")
_AGAINST = ("4;48;5;223;38;5;16", "4;48;5;215;38;5;16", "4;48;5;166;38;5;16")
_MIN_WEIGHT = 0.15  # words below it are not marked
_BARS = "▁▂▃▄▅▆▇█"
_MAX_BARS = 60


def render(explanation: AttributedText, colour: Optional[bool] = None) -> str:
    """Return the lines of `Explanation.to_terminal`."""
    if colour is None:
        colour = sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    show = _colour if colour else _bracket
    probabilities = explanation.prefix_probabilities
    change = f"{probabilities[0]:.0%} to {probabilities[-1]:.0%} {printable(explanation.target)}"
    rows = {
        f"for {printable(explanation.target)}": _strongest(explanation, 1),
        f"for {printable(explanation.other)}": _strongest(explanation, -1),
        "other": _other(explanation),
        "word by word": f"{_bars(probabilities)}  {change}",
    }
    width = max(map(len, rows)) + 2
    lines = [
        f"{printable(explanation.label)}, {explanation.probability:.1%}",
        "",
        "".join(show(segment) for segment in explanation.segments()),
        "",
        *(f"{name:<{width}}{told}" for name, told in rows.items()),
    ]
    return "\n".join(lines)


def _colour(segment: Segment) -> str:
    text = printable(segment.text)
    if abs(segment.weight) < _MIN_WEIGHT:
        return text
    codes = _FOR if segment.weight > 0 else _AGAINST
    return f"\033[{codes[min(int(abs(segment.weight) * 3), 2)]}m{text}\033[0m"


def _bracket(segment: Segment) -> str:
    text = printable(segment.text)
    return text if abs(segment.weight) < 2 * _MIN_WEIGHT else f"[{'+' if segment.weight > 0 else '-'}{text}]"


def _strongest(explanation: AttributedText, sign: int) -> str:
    strongest = [
        f"{printable(explanation.words[i])} {explanation.attributions[i]:+.2f}" for i in explanation.strongest(sign)
    ]
    return ", ".join(strongest) or "nothing"


def _other(explanation: AttributedText) -> str:
    others = {"baseline": explanation.baseline_logit, **explanation.other_attributions}
    return ", ".join(f"{name} {attribution:+.2f}" for name, attribution in others.items())


def _bars(probabilities: np.ndarray) -> str:
    """Return a bar for each word; of a long text, for the last word of each of 60 equal parts."""
    count = len(probabilities)
    ends = np.linspace(0, count, min(count, _MAX_BARS) + 1).astype(int)[1:] - 1
    levels: List[int] = np.minimum(probabilities[ends] * len(_BARS), len(_BARS) - 1).astype(int).tolist()
    return "".join(_BARS[level] for level in levels)
