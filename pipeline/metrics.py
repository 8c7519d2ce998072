"""How good probabilities are."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

import numpy as np

from pipeline.read import SPLITS


def measure(labels: np.ndarray, probabilities: np.ndarray) -> Dict[str, Any]:
    """Compare probabilities with the truth, by scikit-learn's metrics.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        1 positive, 0 negative.
    probabilities : ndarray of float, shape (N,)
        Of being positive.

    Returns
    -------
    dict
        ``reviews``, ``accuracy``, ``loss`` (mean cross-entropy, natural logarithm), ``confusion``
        ([[true negatives, false positives], [false negatives, true positives]]), ``precision``, ``recall`` and
        ``f1`` of the positive class, ``roc_auc`` (None if there is just one class).
    """
    from sklearn import metrics  # late: it takes a second to load

    answers = (probabilities > 0.5).astype(int)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        labels, answers, pos_label=1, average="binary", zero_division=0
    )
    both = len(np.unique(labels)) == 2
    return {
        "reviews": len(labels),
        "accuracy": float(metrics.accuracy_score(labels, answers)),
        "loss": float(metrics.log_loss(labels, np.clip(probabilities, 1e-15, 1 - 1e-15), labels=[0, 1])),
        "confusion": metrics.confusion_matrix(labels, answers, labels=[0, 1]).tolist(),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
        "roc_auc": float(metrics.roc_auc_score(labels, probabilities)) if both else None,
    }


def table(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures of all splits as a table for the terminal."""
    names = ("reviews", "accuracy", "loss", "precision", "recall", "f1", "roc_auc")
    lines: List[str] = ["split       " + "".join(f"{name:>11}" for name in names) + "   confusion [[tn, fp], [fn, tp]]"]
    for split in (split for split in SPLITS if split in metrics):
        figures = metrics[split]
        cells = "".join(f"{_cell(figures[name]):>11}" for name in names)
        lines.append(f"{split:<12}{cells}   {figures['confusion']}")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
