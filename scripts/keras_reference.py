"""Write tests/lectures/keras_reference.json, outputs of Keras's recurrent layers for the tests of the weight labs.

Needs Keras, which the project does not require; run it in a separate environment.

    pip install tensorflow-cpu
    python scripts/keras_reference.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Iterator

import keras
import numpy as np

SIZES = [(1, 1), (1, 3), (3, 2), (2, 4)]  # inputs, units
COUNTED = [(1, 1), (1, 2), (1, 10), (28, 50), (100, 32), (128, 128), (300, 64)]
GATE_ROWS = [([1, 0, 1, 1], [0, 0, 0, 0]), ([0, 0, 0, 0], [1, 0, 1, 1])]
SIMPLE_ROWS = [  # kernel (1, units), recurrent kernel (units, units), inputs
    ([[2]], [[-1]], [-1, 3, 7]),
    *[([[1]], [[u]], [3, 3, 7]) for u in (0, 0.5, 1, 2, 3, 4, 5)],
    ([[1]], [[3]], [1, 1, 2]),
    ([[1, 1]], [[0, 0], [0, 0]], [1, 2, 3, 4]),
    ([[1, 1]], [[0, 1], [0, 1]], [3, 3, 7, 5]),
    ([[1, 0]], [[0, 0], [0, 0]], [3, 3, 7, 5]),
    ([[1, 1]], [[1, 1], [1, 1]], [3, 4]),
    ([[1, 0]], [[1, 0], [1, 0]], [1, 2, 3, 4]),
]


def numbers(array: Any) -> Any:
    """Convert an array to nested lists of the shortest float32 decimals."""
    return [numbers(row) for row in array] if np.ndim(array) else float(str(np.float32(array)))


def case(kind: str, weights: Any, inputs: Any, **settings: str) -> dict[str, Any]:
    """Run a layer with these weights on one sequence, (steps, inputs), and record its outputs."""
    weights, inputs = [np.asarray(w, "float32") for w in weights], np.asarray(inputs, "float32")
    units = weights[1].shape[0]
    layer = getattr(keras.layers, kind)(units, use_bias=len(weights) == 3, return_sequences=True, **settings)
    layer.build((None, *inputs.shape))
    layer.set_weights(weights)
    outputs = np.asarray(layer(inputs[None]))[0]  # (1, steps, units) -> (steps, units)
    record = {"weights": [numbers(w) for w in weights], "inputs": numbers(inputs), "outputs": numbers(outputs)}
    return {"layer": kind, "settings": settings, **record}


def cases() -> Iterator[dict[str, Any]]:
    """Yield the lecture's rows, linear and without bias, then random weights in several sizes and activations."""
    for kernel, recurrent, inputs in SIMPLE_ROWS:
        yield case("SimpleRNN", [kernel, recurrent], np.reshape(inputs, (-1, 1)), activation="linear")
    linear = {"activation": "linear", "recurrent_activation": "linear"}
    for input_gates, recurrent_gates in GATE_ROWS:
        yield case("LSTM", [[input_gates], [recurrent_gates]], np.reshape([0, 1, 2, 4, 8], (-1, 1)), **linear)
    random = np.random.RandomState(8)
    for size, units in SIZES:
        for kind, gates in (("SimpleRNN", 1), ("LSTM", 4)):
            shapes = [(size, gates * units), (units, gates * units), (gates * units,)]
            weights = [random.uniform(-1, 1, shape) for shape in shapes]
            for activation in ("tanh", "linear"):
                yield case(kind, weights, random.uniform(-1, 1, (5, size)), activation=activation)


def count(kind: str, inputs: int, units: int, use_bias: bool) -> dict[str, Any]:
    """Record Keras's number of parameters."""
    layer = getattr(keras.layers, kind)(units, use_bias=use_bias)
    layer.build((None, None, inputs))
    return {"layer": kind, "inputs": inputs, "units": units, "use_bias": use_bias, "count": layer.count_params()}


def main(path: str) -> None:
    """Write the file."""
    counts = [count(kind, m, n, bias) for kind in ("SimpleRNN", "LSTM") for m, n in COUNTED for bias in (True, False)]
    found = {"keras": keras.__version__, "backend": keras.backend.backend(), "cases": list(cases()), "counts": counts}
    lines = [f" {json.dumps(key)}: {json.dumps(found[key])}" for key in ("keras", "backend")]
    for key in ("cases", "counts"):  # one entry per line
        entries = ",\n  ".join(json.dumps(entry) for entry in found[key])
        lines.append(f" {json.dumps(key)}: [\n  {entries}\n ]")
    Path(path).write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "tests/lectures/keras_reference.json")
