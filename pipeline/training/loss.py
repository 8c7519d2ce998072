"""The loss of a network's logits, and the weights of the classes in it."""

from __future__ import annotations

from typing import Callable

import numpy as np

from pipeline.mx.engine import mx
from pipeline.mx.types import Array
from pipeline.recipe import Recipe

Loss = Callable[[Array, Array], Array]


def make_loss(num_outputs: int) -> Loss:
    """Return the function from logits (N, K) and labels (N,) to the loss of each review, (N,).

    It is cross-entropy: of the softmax, or of the sigmoid for a network of a single output. The models of an ensemble
    have a column of logits each, and the loss is the mean of theirs: each is trained as if it were alone.
    """
    if num_outputs > 1:
        cross_entropy: Loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
        return cross_entropy
    each = mx.gluon.loss.SigmoidBinaryCrossEntropyLoss()
    return lambda logits, labels: each(logits, mx.nd.broadcast_like(labels.expand_dims(1), logits))


def weigh_classes(labels: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Return the weight of each class in the loss, float64, shape (K,), as ``train.class_weight`` says.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        Of the training reviews.
    recipe : Recipe
    """
    counts = np.bincount(labels, minlength=recipe.num_classes)
    if recipe.train.class_weight == "equal":
        return np.ones(len(counts))
    return len(labels) / (len(counts) * np.maximum(counts, 1))
