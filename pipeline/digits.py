"""MNIST as sequences: an image is 28 steps of 28 numbers, read row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.reviews import SPLITS

VALIDATION = 0.2  # share of the images to train on, the last ones, as Keras's validation_split takes them


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
        raise PipelineError(f"{path}: no such file; fetch it with scripts/fetch_data.py mnist")
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
