"""Stage 5, evaluate: how good the probabilities are, for each split that exists."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS
from pipeline.metrics import measure
from pipeline.model.bundle import Bundle
from pipeline.model.predict import predict


def evaluate_bundle(bundle: Bundle, encoded: Encoded) -> Tuple[Dict[str, Dict[str, Any]], Dict[str, np.ndarray]]:
    """Measure a trained network on every split.

    Parameters
    ----------
    bundle : Bundle
    encoded : Encoded
        By the bundle's own vocabulary.

    Returns
    -------
    metrics : dict
        `measure`'s figures for each split that has reviews.
    probabilities : dict
        For each split an ndarray of float64, shape (reviews, 2), in the split's order.

    Notes
    -----
    A recipe with ``evaluate.drop_last`` leaves out the last batch if it is not full, as lecture 8 does. Reviews
    without a word that a masked network could read are answered by 0.5.
    """
    recipe = bundle.recipe
    metrics: Dict[str, Dict[str, Any]] = {}
    answers: Dict[str, np.ndarray] = {}
    for split in SPLITS:
        rows = encoded.rows(split)
        rows = rows[: len(rows) - len(rows) % recipe.train.batch_size] if recipe.evaluate.drop_last else rows
        if len(rows):
            readable = rows if not recipe.network.masked else rows[encoded.lengths[rows] > 0]
            answers[split] = np.full((len(rows), 2), 0.5)
            probabilities = predict(bundle.network, recipe, [encoded[row] for row in readable], bundle.device, split)
            answers[split][np.isin(rows, readable)] = probabilities
            metrics[split] = measure(encoded.labels[rows], answers[split])
    return metrics, answers
