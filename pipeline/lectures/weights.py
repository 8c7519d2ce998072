"""The weight exercises: small recurrent layers whose weights are set by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.lectures.comparison import ComputedValue, ComputedValues
from pipeline.lectures.rnn_cells import LSTM, Gates, SimpleRNN
from pipeline.lectures.runner import LectureRunner


def run(runner: LectureRunner) -> ComputedValues:
    """Run the weight exercises."""
    return run_exercises()


def run_exercises() -> ComputedValues:
    """Set the weights of small layers by hand, all linear and without bias."""

    def rnn(w: Any, u: Any, *inputs: float) -> str:
        return _numbers(SimpleRNN(w, u, activation="linear").run(inputs).last)

    def lstm(w: Gates, u: Gates, *inputs: float) -> str:
        layer = LSTM(w, u, activation="linear", recurrent_activation="linear")
        return _numbers(layer.run(inputs).outputs[:, 0])

    some, none = Gates(input=1, forget=0, cell=1, output=1), Gates(0, 0, 0, 0)
    return {
        "rnn_1": ComputedValue(rnn(2, -1, -1, 3, 7)),
        "rnn_u": ComputedValue(", ".join(rnn(1, u, 3, 3, 7) for u in range(6))),
        "refuted": ComputedValue(rnn(1, 3, 1, 1, 2), "y_t = w x_t + u y_(t-1)"),
        "half": ComputedValue(rnn(1, 0.5, 3, 3, 7)),
        "rnn_2a": ComputedValue(rnn([1, 1], [[0, 0], [0, 0]], 1, 2, 3, 4)),
        "rnn_2b": ComputedValue(rnn([1, 1], [[0, 1], [0, 1]], 3, 3, 7, 5)),
        "rnn_2c": ComputedValue(rnn([1, 0], [[0, 0], [0, 0]], 3, 3, 7, 5)),
        "rnn_2d": ComputedValue(rnn([1, 1], [[1, 1], [1, 1]], 3, 4)),
        "rnn_2e": ComputedValue(rnn([1, 0], [[1, 0], [1, 0]], 1, 2, 3, 4)),
        "lstm_inputs": ComputedValue(lstm(some, none, 0, 1, 2, 4, 8)),
        "lstm_recurrent": ComputedValue(lstm(none, some, 0, 1, 2, 4, 8)),
    }


def _numbers(values: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in values)
