"""The same networks in Keras, as its users write them: what ours is measured against, in an environment of its own.

    python keras_baseline.py GIVEN.npz FOUND.npz

GIVEN holds a task, weights and data; FOUND gets the seconds that the task took and what it gave.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Dict, List

import keras
import numpy as np

Arrays = Dict[str, Any]


def make_network(given: Arrays) -> keras.Model:
    """Return an LSTM over features (N, T, C) and a dense layer on its last state, or on the largest of both ways."""
    units, both = given["forward_h2h_weight"].shape[1], "backward_i2h_weight" in given
    lstm = keras.layers.LSTM(units, return_sequences=both)
    read = [keras.layers.Bidirectional(lstm), keras.layers.GlobalMaxPooling1D()] if both else [lstm]
    network = keras.Sequential([keras.Input(given["inputs"].shape[1:]), *read, keras.layers.Dense(2)])
    weights: List[np.ndarray] = []
    for direction in ("forward", "backward")[: 1 + both]:
        weights += [given[f"{direction}_{kind}_weight"].T for kind in ("i2h", "h2h")]
        weights.append(given[f"{direction}_i2h_bias"] + given[f"{direction}_h2h_bias"])  # Keras has one bias only
    network.set_weights([*weights, given["dense_weight"].T, given["dense_bias"]])
    return network


def train(given: Arrays) -> Arrays:
    """Train on one and the same batch; return the loss at each step."""
    network, rate = make_network(given), float(given["learning_rate"])
    optimizers = {"sgd": keras.optimizers.SGD(rate), "adam": keras.optimizers.Adam(rate, epsilon=1e-8)}
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizers[str(given["optimizer"])], loss)
    inputs, labels = keras.ops.convert_to_tensor(given["inputs"]), keras.ops.convert_to_tensor(given["labels"])
    losses = []
    for step in range(int(given["warm_up"]) + int(given["repeats"])):
        if step == given["warm_up"]:
            start = time.perf_counter()
        network.reset_metrics()  # or the mean of all losses so far is returned
        losses.append(float(network.train_on_batch(inputs, labels)))
    return {"seconds": time.perf_counter() - start, "losses": np.array(losses)}


def infer(given: Arrays) -> Arrays:
    """Return the scores of one batch."""
    network, inputs = make_network(given), keras.ops.convert_to_tensor(given["inputs"])
    for _ in range(int(given["warm_up"])):
        network.predict_on_batch(inputs)
    start = time.perf_counter()
    for _ in range(int(given["repeats"])):
        scores = network.predict_on_batch(inputs)
    return {"seconds": time.perf_counter() - start, "scores": scores}


if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        arrays = dict(file)
    np.savez(sys.argv[2], **{"train": train, "infer": infer}[str(arrays["task"])](arrays))
