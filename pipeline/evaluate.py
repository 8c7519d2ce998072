"""Stage 5, evaluate: how good the probabilities are, for each split that exists."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS
from pipeline.metrics import measure
from pipeline.model.bundle import Bundle
from pipeline.model.predict import predict_encoded
from pipeline.recipe import Evaluate


def evaluate_bundle(
    bundle: Bundle, encoded: Encoded, options: Optional[Evaluate] = None
) -> Tuple[Dict[str, Dict[str, Any]], Dict[str, np.ndarray]]:
    """Predict every split and compute its metrics.

    Parameters
    ----------
    bundle : Bundle
    encoded : Encoded
        Encoded with the bundle's own vocabulary.
    options : Evaluate, optional
        By default those of the bundle's recipe. With ``drop_last`` the last batch is dropped if it is not full, as in
        lecture 8.

    Returns
    -------
    metrics : dict
        The result of `measure` for each split that has reviews.
    probabilities : dict
        For each split an ndarray of float64, shape (reviews, K), in the split's order.
    """
    metrics: Dict[str, Dict[str, Any]] = {}
    probabilities: Dict[str, np.ndarray] = {}
    for split in SPLITS:
        rows = encoded.rows(split)
        if (options or bundle.recipe.evaluate).drop_last:
            rows = rows[: len(rows) - len(rows) % bundle.recipe.train.batch_size]
        if len(rows):
            probabilities[split] = predict_encoded(bundle.network, bundle.recipe, encoded, rows, bundle.device, split)
            metrics[split] = measure(encoded.labels[rows], probabilities[split], bundle.values)
    return metrics, probabilities
