"""A SimpleRNN and an LSTM in numpy: set the weights by name, see every value.

>>> cell = SimpleRNN(input_kernel=2, recurrent_kernel=-1, activation="linear")
>>> cell.run([-1, 3, 7]).last
array([6.])

Everything here is plain numpy in float64. Gluon's own cells cannot serve: `rnn.LSTMCell` of MXNet 1.9.1 passes a
callable output activation to `Activation(act_type=...)` and fails, so it cannot be made linear. The tests compare these
cells with Gluon's, Keras's and PyTorch's layers.
"""

from __future__ import annotations

import math
from typing import Any, Callable, NamedTuple, Sequence

import numpy as np

from pipeline.errors import PipelineError
from pipeline.lectures.trace import Trace

Numbers = Any  # a number, a list of them (of lists), or an array


def sigmoid(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)); written with tanh, it cannot overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
}


class Gates(NamedTuple):
    """One value for each of an LSTM's gates, in the order in which Keras, Gluon and PyTorch store them."""

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
    input_part = x @ W  # (inputs,) @ (inputs, units) -> (units,)
    recurrent_part = h @ U  # (units,) @ (units, units) -> (units,)
    z = input_part + recurrent_part + b
    return RNNStep(input_part, recurrent_part, z, activation(z))


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
        """Feed in one sequence, (steps,) or (steps, inputs), starting from a zero state."""
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
        """Feed in one sequence, (steps,) or (steps, inputs), starting from zero states."""
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
    if array.size == 0 or array.ndim > 2:
        raise PipelineError(f"{name}: expected numbers in at most two axes, found shape {array.shape}")
    if not np.isfinite(array).all():
        raise PipelineError(f"{name}: expected finite numbers, found {array[~np.isfinite(array)][0]}")
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
    """Read the four gates' numbers with `read` and check that they have one shape."""
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
