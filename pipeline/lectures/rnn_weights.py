"""The weights of recurrent layers in Keras's layout and in Gluon's, and their number.

Both stack the four gates of an LSTM in the order input, forget, cell, output. Keras multiplies from the left, x W,
Gluon from the right, W x: each one's matrices are the other's transposed. Keras adds one bias; Gluon adds one to the
input part and one to the recurrent part. PyTorch's `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0` are
Gluon's four arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.lectures.rnn_cells import LSTM, Gates, SimpleRNN


class KerasWeights(NamedTuple):
    """What a Keras layer's `get_weights()` lists; columns = units for a SimpleRNN, 4 * units for an LSTM.

    Attributes
    ----------
    kernel : array (inputs, columns)
    recurrent_kernel : array (units, columns)
    bias : array (columns,) or None
        None stands for a layer with `use_bias=False`.
    """

    kernel: np.ndarray
    recurrent_kernel: np.ndarray
    bias: np.ndarray | None = None


class GluonWeights(NamedTuple):
    """The parameters of one layer of Gluon's `rnn.RNN` or `rnn.LSTM`; rows = units or 4 * units.

    Attributes
    ----------
    i2h_weight : array (rows, inputs)
    h2h_weight : array (rows, units)
    i2h_bias, h2h_bias : arrays (rows,)
    """

    i2h_weight: np.ndarray
    h2h_weight: np.ndarray
    i2h_bias: np.ndarray
    h2h_bias: np.ndarray


def keras_to_gluon(weights: KerasWeights) -> GluonWeights:
    """Convert a Keras layer's weights; the bias becomes the input part's; the recurrent part's is zero.

    Raises
    ------
    PipelineError
        If the shapes are not those of a SimpleRNN or an LSTM.
    """
    kernel, recurrent_kernel, bias = _checked(weights)
    return GluonWeights(kernel.T, recurrent_kernel.T, bias, np.zeros_like(bias))


def gluon_to_keras(weights: GluonWeights) -> KerasWeights:
    """Convert a Gluon (or PyTorch) layer's weights; the two biases become their sum.

    Raises
    ------
    PipelineError
        If the shapes are not those of a SimpleRNN or an LSTM.
    """
    i2h_weight, h2h_weight, i2h_bias, h2h_bias = map(np.asarray, weights)
    if i2h_bias.shape != h2h_bias.shape:
        raise PipelineError(f"biases: expected two of one shape, found {i2h_bias.shape} and {h2h_bias.shape}")
    return KerasWeights(*_checked(KerasWeights(i2h_weight.T, h2h_weight.T, i2h_bias + h2h_bias)))


def simple_rnn(weights: KerasWeights, activation: str = "tanh") -> SimpleRNN:
    """Return the cell that computes with a SimpleRNN's weights."""
    kernel, recurrent_kernel, bias = _checked(weights, gates=1)
    return SimpleRNN(kernel, recurrent_kernel, bias, activation)


def lstm(weights: KerasWeights, activation: str = "tanh", recurrent_activation: str = "sigmoid") -> LSTM:
    """Return the cell that computes with an LSTM's weights."""
    kernel, recurrent_kernel, bias = (
        Gates(*np.split(array, 4, axis=-1))  # (..., 4 * units) -> 4 of (..., units)
        for array in _checked(weights, gates=4)
    )
    return LSTM(kernel, recurrent_kernel, bias, activation, recurrent_activation)


def count_parameters(inputs: int, units: int, gates: int = 4, biases: int = 1) -> int:
    """Count the weights of one recurrent layer; it does not depend on the number of steps.

    Parameters
    ----------
    inputs, units : int
    gates : int
        4 for an LSTM, 1 for a SimpleRNN.
    biases : int
        1 as Keras counts, 2 as Gluon and PyTorch do, 0 without.

    Examples
    --------
    >>> count_parameters(28, 50), count_parameters(28, 50, biases=2)
    (15800, 16000)
    """
    return gates * (inputs * units + units**2 + biases * units)


def _checked(weights: KerasWeights, gates: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return kernel, recurrent kernel and bias (zeros if None) as arrays whose shapes fit together."""
    kernel, recurrent = np.asarray(weights.kernel), np.asarray(weights.recurrent_kernel)
    if kernel.ndim != 2 or recurrent.ndim != 2 or kernel.shape[1] != recurrent.shape[1]:
        expected = "kernels of (inputs, columns) and (units, columns)"
        raise PipelineError(f"weights: expected {expected}, found {kernel.shape} and {recurrent.shape}")
    units, columns = recurrent.shape
    if columns not in ([units, 4 * units] if gates is None else [gates * units]):
        wanted = f"{units} (SimpleRNN) or {4 * units} (LSTM)" if gates is None else str(gates * units)
        raise PipelineError(f"weights: expected {wanted} columns for {units} unit(s), found {columns}")
    bias = np.zeros_like(recurrent[0]) if weights.bias is None else np.asarray(weights.bias)
    if bias.shape != (columns,):
        raise PipelineError(f"weights: expected a bias of shape ({columns},), found {bias.shape}")
    return kernel, recurrent, bias
