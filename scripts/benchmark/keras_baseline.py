"""Baseline networks in idiomatic Keras, run in a separate environment.

    python keras_baseline.py INPUT.npz OUTPUT.npz

INPUT contains a task, weights and data. OUTPUT gets the seconds that the task took and its results.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Dict, List

import keras
import numpy as np

Arrays = Dict[str, Any]


def make_network(arrays: Arrays) -> keras.Model:
    """Return an LSTM on features (N, T, C) with a dense layer on the last state, or on the max if bidirectional."""
    units, both = arrays["forward_h2h_weight"].shape[1], "backward_i2h_weight" in arrays
    lstm = keras.layers.LSTM(units, return_sequences=both)
    read = [keras.layers.Bidirectional(lstm), keras.layers.GlobalMaxPooling1D()] if both else [lstm]
    network = keras.Sequential([keras.Input(arrays["inputs"].shape[1:]), *read, keras.layers.Dense(2)])
    weights: List[np.ndarray] = []
    for direction in ("forward", "backward")[: 1 + both]:
        weights += [arrays[f"{direction}_{kind}_weight"].T for kind in ("i2h", "h2h")]
        weights.append(arrays[f"{direction}_i2h_bias"] + arrays[f"{direction}_h2h_bias"])  # Keras has a single bias
    network.set_weights([*weights, arrays["dense_weight"].T, arrays["dense_bias"]])
    return network


def train(arrays: Arrays) -> Arrays:
    """Train repeatedly on one batch; return the loss of each step."""
    network, rate = make_network(arrays), float(arrays["learning_rate"])
    optimizers = {"sgd": keras.optimizers.SGD(rate), "adam": keras.optimizers.Adam(rate, epsilon=1e-8)}
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizers[str(arrays["optimizer"])], loss)
    inputs, labels = keras.ops.convert_to_tensor(arrays["inputs"]), keras.ops.convert_to_tensor(arrays["labels"])
    losses = []
    for step in range(int(arrays["warm_up"]) + int(arrays["repeats"])):
        if step == arrays["warm_up"]:
            start = time.perf_counter()
        network.reset_metrics()  # otherwise the mean of all losses is returned
        losses.append(float(network.train_on_batch(inputs, labels)))
    return {"seconds": time.perf_counter() - start, "losses": np.array(losses)}


def infer(arrays: Arrays) -> Arrays:
    """Return the logits of one batch."""
    network, inputs = make_network(arrays), keras.ops.convert_to_tensor(arrays["inputs"])
    for _ in range(int(arrays["warm_up"])):
        network.predict_on_batch(inputs)
    start = time.perf_counter()
    for _ in range(int(arrays["repeats"])):
        scores = network.predict_on_batch(inputs)
    return {"seconds": time.perf_counter() - start, "scores": scores}


if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        arrays = dict(file)
    np.savez(sys.argv[2], **{"train": train, "infer": infer}[str(arrays["task"])](arrays))
