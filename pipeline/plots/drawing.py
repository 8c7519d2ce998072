"""What the figures share: colours, axes, legends, and words beside points."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.output import new_file

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
        raise PipelineError('plots need matplotlib; install it with: pip install ".[plots]"') from None
    return Figure(figsize=(width, height), layout=layout)


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure in the format of the name's suffix; the file is whole or absent."""
    with new_file(path) as temporary:
        figure.savefig(temporary, format=path.suffix[1:])


def tidy(axes: Any, title: str, grid: str = "") -> None:
    """Style axes: the title on the left, light grid lines, no ticks or frame."""
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
    """Draw the legend of `axes` into the empty axes `side`."""
    side.axis("off")
    handles, names = axes.get_legend_handles_labels()
    side.legend(handles, names, loc="center left", fontsize=SMALL, frameon=False, title=title, title_fontsize=SMALL,
                alignment="left", borderaxespad=0)  # fmt: skip


def legend_texts(figure: Any) -> List[str]:
    """Return the lines of the legend in a figure's second axes."""
    return [text.get_text().replace(r"\$", "$") for text in figure.axes[1].get_legend().get_texts()]


def styles(first: int = 0) -> Iterator[Dict[str, Any]]:
    """Yield line styles; no two have the same colour and marker."""
    colours: List[str] = [POSITIVE, NEGATIVE, THIRD, FOURTH, FIFTH, SIXTH, MUTED]
    for number in itertools.count(first):
        yield {
            "color": colours[number % len(colours)],
            "marker": "osD^vPX*"[number % 8],
            "markersize": 3.5,
            "linewidth": 1.3,
        }


def label(axes: Any, points: np.ndarray, words: Sequence[str], colours: Sequence[str]) -> None:
    """Write each word beside its point, (N, 2), so that words cover few other words and points.

    Raises
    ------
    PipelineError
        If adjustText is missing.
    """
    try:
        from adjustText import adjust_text
    except ImportError:
        raise PipelineError('plots need adjustText; install it with: pip install ".[plots]"') from None
    texts = [
        axes.text(x, y, plain(word), fontsize=SMALL, color=colour, ha="center", va="center")
        for (x, y), word, colour in zip(points, words, colours)
    ]
    line = {"arrowstyle": "-", "color": RULE, "linewidth": 0.6}
    # A number of iterations, since the default limit in seconds makes the result depend on the machine's speed.
    adjust_text(texts, *points.T, ax=axes, iter_lim=20, arrowprops=line)


def plain(word: str) -> str:
    """Escape dollar signs, between which matplotlib would read a formula."""
    return word.replace("$", r"\$")
