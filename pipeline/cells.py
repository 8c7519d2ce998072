"""A SimpleRNN and an LSTM small enough to follow by hand: set the weights by name, see every value.

>>> cell = SimpleRNN(input_kernel=2, recurrent_kernel=-1, activation="linear")
>>> cell.run([-1, 3, 7]).last
array([6.])

Everything here is plain numpy in float64. Gluon's own cells cannot serve: `rnn.LSTMCell` of MXNet 1.9.1 hands a
callable output activation to `Activation(act_type=...)` and fails, so it cannot be made linear. The tests hold these
cells against Gluon's, Keras's and PyTorch's layers instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, NamedTuple, Sequence

import numpy as np

from pipeline.errors import PipelineError

Numbers = Any  # a number, a list of them (of lists), or an array

# The words the lectures use for what is computed here; `Trace` answers to both.
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


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)); written with tanh, it cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


ACTIVATIONS: Dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
}


class Gates(NamedTuple):
    """One thing for each of an LSTM's gates, in the order in which Keras, Gluon and PyTorch store them."""

    input: Numbers
    forget: Numbers
    cell: Numbers
    output: Numbers


class RNNStep(NamedTuple):
    """All values of one step of a simple recurrent layer, each of shape (units,)."""

    input_part: np.ndarray
    recurrent_part: np.ndarray
    sum: np.ndarray
    output: np.ndarray


class LSTMStep(NamedTuple):
    """All values of one step of an LSTM, each of shape (units,)."""

    input_sum: np.ndarray
    input_gate: np.ndarray
    forget_sum: np.ndarray
    forget_gate: np.ndarray
    candidate_sum: np.ndarray
    candidate: np.ndarray
    output_sum: np.ndarray
    output_gate: np.ndarray
    cell_state: np.ndarray
    hidden_state: np.ndarray


def rnn_step(x: Numbers, h: Numbers, W: Numbers, U: Numbers, b: Numbers, activation: Callable = np.tanh) -> RNNStep:
    """Take one step of a simple recurrent layer: y = activation(x W + h U + b).

    Parameters
    ----------
    x : array (inputs,)
    h : array (units,)
        The layer's output at the step before.
    W, U, b : arrays (inputs, units), (units, units), (units,)
    activation : function of an array
    """
    from_input = x @ W  # (inputs,) @ (inputs, units) -> (units,)
    from_memory = h @ U  # (units,) @ (units, units) -> (units,)
    z = from_input + from_memory + b
    return RNNStep(from_input, from_memory, z, activation(z))


def lstm_step(
    x: Numbers,
    h: Numbers,
    c: Numbers,
    W: Gates,
    U: Gates,
    b: Gates,
    activation: Callable = np.tanh,
    gate: Callable = sigmoid,
) -> LSTMStep:
    """Take one step of an LSTM, as Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000).

    Every gate has weights of its own; only the candidate and the output go through `activation`.

    Parameters
    ----------
    x : array (inputs,)
    h, c : arrays (units,)
        Hidden state (the lecture's working memory) and cell state (long-term memory) of the step before.
    W, U, b : Gates of arrays (inputs, units), (units, units), (units,)
    activation, gate : functions of an array
        What Keras calls `activation` and `recurrent_activation`.
    """
    i_sum = x @ W.input + h @ U.input + b.input  # (inputs,) @ (inputs, units) + (units,) @ (units, units) -> (units,)
    f_sum = x @ W.forget + h @ U.forget + b.forget
    g_sum = x @ W.cell + h @ U.cell + b.cell
    o_sum = x @ W.output + h @ U.output + b.output
    i, f, o = gate(i_sum), gate(f_sum), gate(o_sum)  # save, remember, focus: how much, unit by unit
    g = activation(g_sum)  # learn: what could be stored
    c = f * c + i * g  # keep a part of the old, add a part of the new
    h = o * activation(c)  # show a part of it
    return LSTMStep(i_sum, i, f_sum, f, g_sum, g, o_sum, o, c, h)


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
    values: Dict[str, np.ndarray]

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

        Runs too long for `width` characters go on in a further block below.
        """
        head, rows = [("quantity", "lecture", "unit")], [[f"step {t + 1}" for t in range(len(self.inputs))]]
        for name, value in {"x": self.inputs, **self.values}.items():
            for unit, column in enumerate(value.T):  # (steps, units) -> units columns of (steps,)
                first = unit == 0
                head.append((name * first, LECTURE_WORDS.get(name, "") * first, str(unit + 1)))
                rows.append([_short(number) for number in column])

        margins = [max(map(len, part)) for part in zip(*head)]
        left = ["  ".join(f"{text:<{size}}" for text, size in zip(line, margins)) for line in head]
        cell = 2 + max(len(text) for row in rows for text in row)
        fit = max(1, (width - len(left[0])) // cell)  # steps that go into one block
        blocks = []
        for start in range(0, len(self.inputs), fit):
            parts = ["".join(f"{text:>{cell}}" for text in row[start : start + fit]) for row in rows]
            blocks.append("\n".join(name + part for name, part in zip(left, parts)))
        return "\n\n".join(blocks) + "\n"

    def plot(self, path: str | Path | None = None) -> Any:
        """Draw a panel for each quantity, steps from left to right, a line for each unit.

        Parameters
        ----------
        path : str or Path, optional
            Where to save the picture; its ending chooses the format.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        PipelineError
            If matplotlib is missing.
        """
        try:
            from matplotlib.figure import Figure  # not pyplot: no window system, no global state
        except ImportError:
            raise PipelineError('pictures need matplotlib; install it with: pip install ".[plots]"') from None
        rows = 1 + math.ceil(len(self.values) / 2)
        figure = Figure(figsize=(9, 1.45 * rows + 0.6), layout="constrained")
        grid = figure.add_gridspec(rows, 2)
        first = _panel(figure.add_subplot(grid[0, :]), "x (input)", self.inputs)
        for k, (name, value) in enumerate(self.values.items()):
            word = LECTURE_WORDS.get(name)
            axes = figure.add_subplot(grid[1 + k // 2, k % 2], sharex=first)
            _panel(axes, f"{name} ({word})" if word else name, value)
            if k >= len(self.values) - 2:
                axes.set_xlabel("step")
        if path is not None:
            figure.savefig(path, dpi=120)
        return figure


def _short(number: float) -> str:
    return f"{number + 0.0:.6g}"  # + 0.0 turns -0 into 0


def _panel(axes: Any, title: str, value: np.ndarray) -> Any:
    """Draw one quantity, (steps, units), with its numbers where there is room for them."""
    steps, units = value.shape
    axes.axhline(0, color="0.8", linewidth=0.8)
    for unit in range(units):
        axes.plot(range(1, steps + 1), value[:, unit], marker="o", markersize=4, label=f"unit {unit + 1}")
        if steps <= 12 and units <= 2:
            for t in range(steps):  # the second unit's numbers go below its line
                place = {"xytext": (0, 5), "va": "bottom"} if unit == 0 else {"xytext": (0, -5), "va": "top"}
                text = f"{value[t, unit] + 0.0:.3g}"
                axes.annotate(text, (t + 1, value[t, unit]), textcoords="offset points", ha="center", size=7, **place)
    axes.margins(x=0.05, y=0.35)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(title, loc="left", fontsize=9)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    if 1 < units <= 8:
        axes.legend(fontsize=6, loc="upper left", frameon=False, ncols=units)
    return axes


class SimpleRNN:
    """A simple recurrent layer whose weights are set by name.

    Parameters
    ----------
    input_kernel : array (inputs, units)
        What each unit makes of each input. A flat list is read row by row, a number as one row.
    recurrent_kernel : array (units, units)
        Row k holds what unit k sends, column j what unit j receives. A flat list is read row by row.
    bias : array (units,), optional
    activation : {"tanh", "linear", "sigmoid"}

    Raises
    ------
    PipelineError
        If shapes do not fit together or a value is not a finite number.
    """

    def __init__(
        self, input_kernel: Numbers, recurrent_kernel: Numbers, bias: Numbers = None, activation: str = "tanh"
    ) -> None:
        self.recurrent_kernel = _square("recurrent_kernel", recurrent_kernel)
        self.units = len(self.recurrent_kernel)
        self.input_kernel = _kernel("input_kernel", input_kernel, self.units)
        self.bias = _bias("bias", bias, self.units)
        self.activation = _activation("activation", activation)

    def run(self, inputs: Numbers) -> Trace:
        """Feed in one sequence, (steps,) or (steps, inputs), starting from a memory of zeros."""
        inputs = _sequence(inputs, len(self.input_kernel))
        h = np.zeros(self.units)
        steps = []
        for x in inputs:
            steps.append(rnn_step(x, h, self.input_kernel, self.recurrent_kernel, self.bias, self.activation))
            h = steps[-1].output
        return _trace(inputs, steps)


class LSTM:
    """An LSTM layer whose weights are set by name, gate by gate.

    Parameters
    ----------
    input_kernel, recurrent_kernel : Gates of arrays (inputs, units) and (units, units)
        Each gate's numbers are read as `SimpleRNN` reads its own.
    bias : Gates of arrays (units,), optional
    activation, recurrent_activation : {"tanh", "linear", "sigmoid"}
        Of candidate and output, and of the three gates, as Keras names them.

    Raises
    ------
    PipelineError
        If shapes do not fit together or a value is not a finite number.
    """

    def __init__(
        self,
        input_kernel: Gates,
        recurrent_kernel: Gates,
        bias: Gates | None = None,
        activation: str = "tanh",
        recurrent_activation: str = "sigmoid",
    ) -> None:
        self.recurrent_kernel = _each_gate("recurrent_kernel", recurrent_kernel, _square)
        self.units = len(self.recurrent_kernel.input)
        self.input_kernel = _each_gate("input_kernel", input_kernel, _kernel, self.units)
        self.bias = _each_gate("bias", Gates(*4 * [None]) if bias is None else bias, _bias, self.units)
        self.activation = _activation("activation", activation)
        self.recurrent_activation = _activation("recurrent_activation", recurrent_activation)

    def run(self, inputs: Numbers) -> Trace:
        """Feed in one sequence, (steps,) or (steps, inputs), starting from memories of zeros."""
        inputs = _sequence(inputs, len(self.input_kernel.input))
        h = c = np.zeros(self.units)
        weights = (self.input_kernel, self.recurrent_kernel, self.bias, self.activation, self.recurrent_activation)
        steps = []
        for x in inputs:
            steps.append(lstm_step(x, h, c, *weights))
            h, c = steps[-1].hidden_state, steps[-1].cell_state
        return _trace(inputs, steps)


def _trace(inputs: np.ndarray, steps: Sequence[Any]) -> Trace:
    return Trace(inputs, {name: np.stack(column) for name, column in zip(steps[0]._fields, zip(*steps))})


def _numbers(name: str, value: Numbers) -> np.ndarray:
    """Return `value` as float64 with at most two axes."""
    try:
        array = np.array(value, dtype=np.float64)  # a copy: the caller's array may change later
    except (TypeError, ValueError):
        raise PipelineError(f"{name}: expected numbers in equally long rows, found {value!r}") from None
    if array.size == 0 or array.ndim > 2 or not np.isfinite(array).all():
        raise PipelineError(f"{name}: expected finite numbers in at most two axes, found {value!r}")
    return array


def _square(name: str, value: Numbers) -> np.ndarray:
    array = _numbers(name, value)
    units = math.isqrt(array.size)
    if units**2 != array.size or (array.ndim == 2 and array.shape != (units, units)):
        raise PipelineError(f"{name}: expected a square (units, units), found shape {array.shape}")
    return array.reshape(units, units)


def _kernel(name: str, value: Numbers, units: int) -> np.ndarray:
    array = _numbers(name, value)
    if array.ndim < 2 and array.size % units == 0:
        array = array.reshape(-1, units)  # flat -> (inputs, units)
    if array.ndim < 2 or array.shape[1] != units:
        raise PipelineError(f"{name}: expected shape (inputs, {units}), as of {units} unit(s), found {array.shape}")
    return array


def _bias(name: str, value: Numbers, units: int) -> np.ndarray:
    array = np.zeros(units) if value is None else np.atleast_1d(_numbers(name, value))
    if array.shape != (units,):
        raise PipelineError(f"{name}: expected shape ({units},), one number for each unit, found {array.shape}")
    return array


def _each_gate(name: str, gates: Gates, read: Callable, *units: int) -> Gates:
    """Read the four gates' numbers with `read` and see that they are of one shape."""
    if not isinstance(gates, Gates):
        raise PipelineError(f"{name}: expected Gates(input=…, forget=…, cell=…, output=…), found {gates!r}")
    arrays = Gates(*(read(f"{name}.{gate}", value, *units) for gate, value in gates._asdict().items()))
    shapes = {gate: array.shape for gate, array in arrays._asdict().items()}
    if len(set(shapes.values())) > 1:
        raise PipelineError(f"{name}: expected the same shape for every gate, found {shapes}")
    return arrays


def _sequence(value: Numbers, width: int) -> np.ndarray:
    array = _numbers("inputs", value)
    if array.ndim == 1 and width == 1:
        array = array[:, None]  # (steps,) -> (steps, 1)
    if array.ndim < 2 or array.shape[1] != width:
        raise PipelineError(f"inputs: expected one sequence of shape (steps, {width}), found shape {array.shape}")
    return array


def _activation(name: str, value: str) -> Callable[[np.ndarray], np.ndarray]:
    if value not in ACTIVATIONS:
        raise PipelineError(f"{name}: expected one of {', '.join(ACTIVATIONS)}, found {value!r}")
    return ACTIVATIONS[value]
