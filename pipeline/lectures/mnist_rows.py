"""MNIST row by row: an image is a sequence of 28 steps of 28 numbers."""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS
from pipeline.errors import PipelineError
from pipeline.io.output import write_json
from pipeline.lectures.comparison import ComputedValue, ComputedValues
from pipeline.lectures.rnn_weights import count_parameters
from pipeline.lectures.runner import LectureRunner, for_each
from pipeline.metrics import measure
from pipeline.model.bundle import HISTORY, write_metrics
from pipeline.model.predict import predict
from pipeline.recipe import override
from pipeline.recipes import MNIST_ROWS

Run = Tuple[List[Dict[str, float]], Dict[str, Any]]  # history, and metrics on the test images
LEARNING_RATES = (0.001, 0.006)  # the lecture's; the best on the validation images
VALIDATION = 0.2  # fraction of the training images, taken from the end as Keras's validation_split does


def read_digits(path: Path) -> Encoded:
    """Read MNIST in Keras's layout.

    Parameters
    ----------
    path : Path
        ``mnist.npz`` with ``x_train`` (60000, 28, 28), ``y_train`` (60000,), ``x_test`` and ``y_test``, uint8.

    Returns
    -------
    Encoded
        With rows of pixels, from 0 to 1, in place of ids: ``ids`` is float32 of shape (28 * images, 28).

    Raises
    ------
    PipelineError
        If the file is missing or is not MNIST.
    """
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; fetch it with: sentiment fetch_data mnist")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            images = np.concatenate([arrays["x_train"], arrays["x_test"]])  # (N, 28, 28)
            labels = np.concatenate([arrays["y_train"], arrays["y_test"]])
            train = len(arrays["x_train"])
    except (OSError, ValueError, KeyError) as error:
        raise PipelineError(f"{path}: not MNIST in Keras's layout ({error}); fetch it again") from None
    count, steps, width = images.shape
    splits = np.full(count, SPLITS.index("train"), np.int8)
    splits[round(train * (1 - VALIDATION)) : train] = SPLITS.index("validation")
    splits[train:] = SPLITS.index("test")
    pixels = (images.reshape(count * steps, width) / np.float32(255)).astype(np.float32)  # (N * 28, 28)
    return Encoded(pixels, np.arange(count + 1) * steps, labels.astype(np.int8), splits, np.arange(count))


def run(runner: LectureRunner) -> ComputedValues:
    """Train on digits row by row, with several seeds."""
    digits = read_digits(runner.data / "raw" / "mnist.npz")
    runs = train_seeds(runner)
    history, metrics = runs[LEARNING_RATES[0]][0]  # for the report's figures
    write_json(runner.data / MNIST_ROWS.name / "bundle" / HISTORY, history)
    write_metrics(runner.data / MNIST_ROWS.name / "bundle", {"test": metrics})
    return {**image_values(digits), **layer_values(), **accuracy_values(runs)}


def image_values(digits: Encoded) -> ComputedValues:
    """Count the images and measure them as sequences."""
    splits = [len(digits.rows(split)) for split in ("train", "validation", "test")]
    return {
        "images": ComputedValue("{:,}, {:,} and {:,}".format(*splits)),
        "steps": ComputedValue(
            "{} x {} from {:g} to {:g}".format(*digits[0].shape, digits.ids.min(), digits.ids.max())
        ),
    }


def layer_values() -> ComputedValues:
    """Count an LSTM's parameters, and return the shapes of its outputs."""
    from pipeline.mx.engine import mx

    layer = mx.gluon.rnn.LSTM(10, layout="NTC", input_size=1)
    layer.initialize()
    every = layer(mx.nd.zeros((2, 5, 1)))  # (N, T, U)
    return {
        "parameters": ComputedValue(
            f"{count_parameters(1, 10):,} and {count_parameters(28, 50):,}", "independent of the number of steps"
        ),
        "shapes": ComputedValue(f"{every[:, -1].shape}; {every.shape}"),
    }


def train_seeds(runner: LectureRunner) -> Dict[float, List[Run]]:
    """Train with each learning rate of `LEARNING_RATES` and each seed, one process per core."""
    seeds = range(runner.seeds)
    arguments = [(runner, rate, seed) for rate in LEARNING_RATES for seed in seeds]
    runs = iter(for_each(train_on_digits, arguments, "trainings on digits"))
    return {rate: [next(runs) for _ in seeds] for rate in LEARNING_RATES}


def accuracy_values(runs: Dict[float, List[Run]]) -> ComputedValues:
    """Return the mean accuracy of each learning rate over the seeds of `train_seeds`."""
    plain, better = ([metrics["accuracy"] for _, metrics in runs[rate]] for rate in LEARNING_RATES)
    return {
        "accuracy": ComputedValue(float(np.mean(plain)), _spread(plain)),
        "better": ComputedValue(
            float(np.mean(better)), f"learning rate chosen on the validation images; {_spread(better)}"
        ),
    }


def train_on_digits(runner: LectureRunner, learning_rate: float, seed: int) -> Run:
    """Train MNIST_ROWS with a learning rate and a seed; return its history and the metrics on the test images."""
    from pipeline.mx.engine import find_devices
    from pipeline.train import train_network

    digits, devices = read_digits(runner.data / "raw" / "mnist.npz"), find_devices(runner.device)
    recipe = override(MNIST_ROWS, [*runner.settings, f"train.learning_rate={learning_rate}", f"train.seed={seed}"])
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        network, history = train_network(digits, np.zeros((0, 28), np.float32), recipe, devices)
        found = predict(network, recipe, [digits[row] for row in digits.rows("test")], devices[0])
    return history, measure(digits.labels[digits.rows("test")], found)


def _spread(values: Sequence[float]) -> str:
    return (
        f"{len(values)} seeds, {min(values):.4f} to {max(values):.4f}, standard deviation {np.std(values, ddof=1):.4f}"
    )
