"""The loss of a network's logits, and the weights of the classes in it."""

from __future__ import annotations

from typing import Callable

import numpy as np

from pipeline.mx.engine import mx
from pipeline.mx.types import Array
from pipeline.recipe import Recipe

Loss = Callable[[Array, Array], Array]


def make_loss(num_outputs: int) -> Loss:
    """Return the function from logits (N, M * num_outputs) and labels (N,) to the loss of each model, (N, M).

    It is cross-entropy: of the softmax, or of the sigmoid for a network of a single output. Each of the M models of an
    ensemble has its own, so that none learns from the others' errors.
    """
    each = mx.gluon.loss.SoftmaxCrossEntropyLoss() if num_outputs > 1 else mx.gluon.loss.SigmoidBinaryCrossEntropyLoss()

    def compute_loss(logits: Array, labels: Array) -> Array:
        of_models = logits.reshape((0, -1, num_outputs))  # (N, M, num_outputs)
        models = of_models.shape[1]
        losses = each(of_models.reshape((-3, 0)), labels.repeat(models))  # (N * M,)
        return losses.reshape((-1, models))  # (N, M)

    return compute_loss


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
