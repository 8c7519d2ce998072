"""How the report's figures are drawn: colours, axes, legends, and words beside points."""

from __future__ import annotations

import itertools
from typing import Any, Dict, Iterator, List, Sequence

import numpy as np

from pipeline.errors import PipelineError

PALETTE = {
    "muted": "#667079",
    "rule": "#d4d9de",
    "positive": "#0072b2",
    "negative": "#c25300",
    "third": "#008060",
    "fourth": "#a4467f",
    "fifth": "#96700a",
    "sixth": "#30363c",
}
MUTED, RULE, POSITIVE, NEGATIVE, THIRD, FOURTH, FIFTH, SIXTH = PALETTE.values()
SMALL, TEXT = 8, 9  # points


def new_figure(width: float, height: float, layout: Any = "constrained") -> Any:
    """Return an empty figure of a size in inches.

    Raises
    ------
    PipelineError
        If matplotlib is missing.
    """
    try:
        from matplotlib.figure import Figure  # not pyplot: no window system, no global state
    except ImportError:
        raise PipelineError('pictures need matplotlib; install it with: pip install ".[plots]"') from None
    return Figure(figsize=(width, height), layout=layout)


def tidy(axes: Any, title: str, grid: str = "") -> None:
    """Leave what carries meaning: a title on the left, light rules, no ticks."""
    axes.set_title(title, loc="left", fontsize=TEXT)
    axes.set_facecolor("none")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(length=0, labelsize=SMALL)
    axes.xaxis.label.set_size(SMALL)
    axes.yaxis.label.set_size(SMALL)
    if grid:
        axes.grid(axis=grid, color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)


def legend(side: Any, axes: Any, title: str = "") -> None:
    """Put the legend of one axes into an empty one beside it."""
    side.axis("off")
    handles, names = axes.get_legend_handles_labels()
    side.legend(handles, names, loc="center left", fontsize=SMALL, frameon=False, title=title, title_fontsize=SMALL,
                alignment="left", borderaxespad=0)  # fmt: skip


def styles(first: int = 0) -> Iterator[Dict[str, Any]]:
    """Yield styles of lines, no two of the same colour and mark."""
    colours: List[str] = [POSITIVE, NEGATIVE, THIRD, FOURTH, FIFTH, SIXTH, MUTED]
    for number in itertools.count(first):
        yield {
            "color": colours[number % len(colours)],
            "marker": "osD^vPX*"[number % 8],
            "markersize": 3.5,
            "linewidth": 1.3,
        }


def label(axes: Any, places: np.ndarray, words: Sequence[str], colours: Sequence[str]) -> None:
    """Write each word beside its point, (N, 2), where it covers least of the points and words already there."""
    size = axes.bbox.size * 72 / axes.figure.dpi  # in points
    low, high = np.transpose([axes.get_xlim(), axes.get_ylim()])
    dots = (places - low) / (high - low) * size  # (N, 2)
    boxes = np.concatenate([dots - 2, dots + 2], axis=1)  # (N, 4): left, bottom, right, top
    sides = [(1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8)]
    tries = np.array([(x, y, far) for far in (0, 8, 18, 30) for x, y in sides])
    for dot, place, word, colour in zip(dots, places, words, colours):
        half = np.array([0.29 * SMALL * len(word), 0.55 * SMALL])  # of the word's box
        middles = dot + tries[:, :2] * (half + 3 + tries[:, 2:])  # (tries, 2)
        found = np.concatenate([middles - half, middles + half], axis=1)  # (tries, 4)
        outside = np.maximum(-found[:, :2], 0).sum(axis=1) + np.maximum(found[:, 2:] - size, 0).sum(axis=1)
        best = int((_overlap(found, boxes) + 50 * outside + 0.3 * tries[:, 2]).argmin())
        boxes = np.concatenate([boxes, found[best : best + 1]])
        line = {"arrowstyle": "-", "color": RULE, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2}
        axes.annotate(plain(word), place, middles[best] - dot, textcoords="offset points", fontsize=SMALL, color=colour,
                      ha="center", va="center", arrowprops=line if tries[best, 2] else None)  # fmt: skip


def plain(word: str) -> str:
    """Keep matplotlib from reading dollar signs as formulas."""
    return word.replace("$", r"\$")


def _overlap(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the area that each of some boxes, (M, 4), shares with the others, (N, 4)."""
    low = np.maximum(some[:, None, :2], others[None, :, :2])  # (M, N, 2)
    high = np.minimum(some[:, None, 2:], others[None, :, 2:])
    return np.maximum(high - low, 0).prod(axis=2).sum(axis=1)
