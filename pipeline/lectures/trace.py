"""All values that a recurrent layer computes: as arrays, as a table and as a plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.output import new_file
from pipeline.plots.drawing import new_figure

# The lectures' names of the quantities; `Trace.__getitem__` takes both.
LECTURE_WORDS = {
    "input_part": "w x",
    "recurrent_part": "u h",
    "output": "y",
    "input_gate": "save",
    "forget_gate": "remember",
    "candidate": "learn",
    "output_gate": "focus",
    "cell_state": "ltm",
    "hidden_state": "wm",
}


@dataclass(frozen=True, eq=False)
class Trace:
    """Every value of every step of one run.

    Attributes
    ----------
    inputs : float64 array (steps, inputs)
    values : dict of float64 arrays (steps, units)
        In the order of computation; the last one is the layer's output.
    """

    inputs: np.ndarray
    values: dict[str, np.ndarray]

    @property
    def outputs(self) -> np.ndarray:
        """The output of every step, (steps, units): Keras's ``return_sequences=True``."""
        return list(self.values.values())[-1]

    @property
    def last(self) -> np.ndarray:
        """The output of the last step, (units,): Keras's ``return_sequences=False``."""
        return self.outputs[-1]

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one quantity, (steps, units), by its name or by the lecture's word for it."""
        for key, value in self.values.items():
            if name in (key, LECTURE_WORDS.get(key)):
                return value
        raise PipelineError(f"no quantity {name!r} in this trace; it has {', '.join(self.values)}")

    def table(self, width: int = 80) -> str:
        """Return the run as text: a row for each quantity and unit, a column for each step.

        Steps that do not fit into `width` characters go into further tables below.
        """
        names, rows = [("quantity", "lecture", "unit")], [[f"step {t + 1}" for t in range(len(self.inputs))]]
        for name, value in {"x": self.inputs, **self.values}.items():
            for unit, column in enumerate(value.T, start=1):  # (steps, units) -> units columns of (steps,)
                first = unit == 1  # a name stands once, beside its first unit
                names.append((name * first, LECTURE_WORDS.get(name, "") * first, str(unit)))
                rows.append([_short(number, 4) for number in column])

        sizes = [max(map(len, part)) for part in zip(*names)]
        left = ["  ".join(text.ljust(size) for text, size in zip(line, sizes)) for line in names]
        cell = 2 + max(len(text) for row in rows for text in row)
        fit = max(1, (width - len(left[0])) // cell)  # steps in one table
        tables = []
        for start in range(0, len(self.inputs), fit):
            parts = ["".join(text.rjust(cell) for text in row[start : start + fit]) for row in rows]
            tables.append("".join(f"{name}{part}\n" for name, part in zip(left, parts)))
        return "\n".join(tables)

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw a panel for each quantity, steps from left to right, a stem for each unit.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the plot; the name's ending chooses the format.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        PipelineError
            If matplotlib is missing.
        """
        rows = 1 + math.ceil(len(self.values) / 2)
        figure = new_figure(9, 1.3 * rows + 0.5)
        grid = figure.subplots(rows, 2, sharex=True).flat
        _panel(next(grid), "x", self.inputs)
        next(grid).axis("off")  # nothing is computed from the input yet
        for axes, (name, value) in zip(grid, self.values.items()):
            _panel(axes, name, value)
        for axes in figure.axes[-2:]:
            axes.set_xlabel("step")
        if path is not None:
            with new_file(Path(path)) as temporary:
                figure.savefig(temporary, dpi=120, format=Path(path).suffix[1:] or "png")
        return figure


def _short(number: float, digits: int) -> str:
    """Return whole numbers whole and others to `digits` significant digits; -0 is 0."""
    return f"{number + 0.0:.{12 if float(number).is_integer() else digits}g}"


def _panel(axes: Any, name: str, value: np.ndarray) -> None:
    """Draw one quantity, (steps, units), with the numbers if there are few."""
    steps, units = value.shape
    kind, word = "input" if name == "x" else "unit", LECTURE_WORDS.get(name)
    axes.axhline(0, color="0.7", linewidth=0.8)
    for unit in range(units):
        t = 1 + np.arange(steps) + 0.6 * ((unit + 0.5) / units - 0.5)  # the units of a step side by side
        axes.vlines(t, 0, value[:, unit], color=f"C{unit}", linewidth=1.5)
        axes.plot(t, value[:, unit], "o", color=f"C{unit}", markersize=4, label=f"{kind} {unit + 1}")
        for x, y in zip(t, value[:, unit]) if steps * units <= 16 else ():
            above = 1 if y >= 0 else -1
            axes.annotate(_short(y, 3), (x, y), (0, 4 * above), textcoords="offset points", fontsize=8,
                          ha="center", va="bottom" if y >= 0 else "top")  # fmt: skip
    axes.margins(x=0.06, y=0.35)
    if not value.any():
        axes.set_ylim(-1, 1)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(f"{name} ({word})" if word else name, loc="left", fontsize=9)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    if 1 < units <= 8:
        axes.legend(ncols=units, fontsize=7, loc="lower right", bbox_to_anchor=(1.02, 0.98), frameon=False,
                    handletextpad=0, columnspacing=0.8)  # fmt: skip
