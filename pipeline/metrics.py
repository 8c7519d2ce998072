"""How good probabilities are."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

import numpy as np

from pipeline.corpus.reviews import SPLITS


def measure(labels: np.ndarray, probabilities: np.ndarray) -> Dict[str, Any]:
    """Compare probabilities with the truth, by scikit-learn's metrics.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        Of reviews: 1 positive, 0 negative.
    probabilities : ndarray of float, shape (N, K)
        Of each class.

    Returns
    -------
    dict
        ``reviews`` (their number), ``accuracy``, ``loss`` (mean cross-entropy, natural logarithm) and ``confusion``
        (a row for each true class, a column for each answer). Of two classes also ``precision``, ``recall`` and
        ``f1`` of the positive one, ``calibration_error``, and ``roc_auc`` (None if all labels are the same).
    """
    from sklearn import metrics  # late: it takes a second to load

    classes = list(range(probabilities.shape[1]))
    answers = probabilities.argmax(axis=1)
    figures = {
        "reviews": len(labels),
        "accuracy": float(metrics.accuracy_score(labels, answers)),
        "loss": float(metrics.log_loss(labels, np.clip(probabilities, 1e-15, 1), labels=classes)),
        "confusion": metrics.confusion_matrix(labels, answers, labels=classes).tolist(),
    }
    if len(classes) == 2:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            labels, answers, pos_label=1, average="binary", zero_division=0
        )
        auc = float(metrics.roc_auc_score(labels, probabilities[:, 1])) if len(np.unique(labels)) == 2 else None
        figures.update(precision=float(precision), recall=float(recall), f1=float(f1), roc_auc=auc)
        figures["calibration_error"] = calibration_error(labels, probabilities)
    return figures


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Return how far probabilities are from how often the answers are right: the expected calibration error.

    After Guo et al. (2017): answers are put in bins of equal width by the probability of the answer, and the bins'
    gaps between mean probability and accuracy are averaged, weighted by how many answers are in each.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
    probabilities : ndarray of float, shape (N, K)
    bins : int

    Returns
    -------
    float
        From 0 to 1.
    """
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    which = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = np.bincount(which, weights=sure - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


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
