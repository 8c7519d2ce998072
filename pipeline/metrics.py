"""Classification metrics."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

import numpy as np

from pipeline.corpus.reviews import SPLITS


def measure(labels: np.ndarray, probabilities: np.ndarray) -> Dict[str, Any]:
    """Compute metrics of predicted probabilities with scikit-learn.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        True classes, as columns of `probabilities`: 1 positive, 0 negative.
    probabilities : ndarray of float, shape (N, K)
        Predicted probability of each class.

    Returns
    -------
    dict
        ``reviews`` (number of reviews), ``accuracy``, ``loss`` (mean cross-entropy) and ``confusion`` (one row per
        true class, one column per predicted class). With two classes also ``precision``, ``recall`` and ``f1`` of the
        positive class, ``calibration_error``, and ``roc_auc`` (None if all labels are the same). With more classes
        ``macro_f1`` and ``weighted_f1``, and ``precision``, ``recall`` and ``f1`` as lists, one value for each class.
    """
    from sklearn import metrics  # imported here because it takes a second

    classes = list(range(probabilities.shape[1]))
    predicted = probabilities.argmax(axis=1)
    figures = {
        "reviews": len(labels),
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "loss": float(metrics.log_loss(labels, np.clip(probabilities, 1e-15, 1), labels=classes)),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=classes).tolist(),
    }
    if len(classes) == 2:
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            labels, predicted, pos_label=1, average="binary", zero_division=0
        )
        auc = float(metrics.roc_auc_score(labels, probabilities[:, 1])) if len(np.unique(labels)) == 2 else None
        figures.update(precision=float(precision), recall=float(recall), f1=float(f1), roc_auc=auc)
    else:
        each = metrics.precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
        figures.update({name: values.tolist() for name, values in zip(("precision", "recall", "f1"), each)})
        for average in ("macro", "weighted"):
            score = metrics.f1_score(labels, predicted, labels=classes, average=average, zero_division=0)
            figures[f"{average}_f1"] = float(score)
    figures["calibration_error"] = calibration_error(labels, probabilities)
    return figures


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error (Guo et al., 2017).

    Predictions are grouped into bins of equal width by confidence, the probability of the predicted class. The error
    is the mean over the bins, weighted by their size, of the difference between mean confidence and accuracy.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
    probabilities : ndarray of float, shape (N, K)
    bins : int

    Returns
    -------
    float
        Between 0 and 1.
    """
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def risk_coverage(labels: np.ndarray, probabilities: np.ndarray) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which accuracy is reached when the least certain predictions are left out (El-Yaniv and Wiener, 2010).

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
    probabilities : ndarray of float, shape (N, K)

    Returns
    -------
    coverage : ndarray of float, shape (N,)
        Fractions of the texts that are answered, from 1 / N to 1.
    accuracy : ndarray of float, shape (N,)
        On those.
    thresholds : ndarray of float, shape (N,)
        The smallest probability of a prediction among them.
    """
    certainty = probabilities.max(axis=1)
    order = np.argsort(-certainty, kind="stable")
    answered = np.arange(1, len(labels) + 1)
    correct = np.cumsum(probabilities.argmax(axis=1)[order] == labels[order])
    return answered / len(labels), correct / answered, certainty[order]


def smooth(values: Iterable[float], decay: float = 0.9) -> np.ndarray:
    """Return the exponential moving average of numbers, without a bias towards 0 at the beginning.

    Parameters
    ----------
    values : iterable of N numbers
    decay : float
        Weight of a number relative to the next one, from 0 to less than 1.

    Returns
    -------
    ndarray of float64, shape (N,)
    """
    averages, total, weight = [], 0.0, 0.0
    for value in values:
        total, weight = decay * total + value, decay * weight + 1
        averages.append(total / weight)
    return np.array(averages)


def table(metrics: Mapping[str, Mapping[str, Any]]) -> str:
    """Format the metrics of all splits as a plain-text table."""
    names = ("reviews", "accuracy", "loss", "precision", "recall", "f1", "roc_auc")
    lines: List[str] = ["split       " + "".join(f"{name:>11}" for name in names) + "   confusion [[tn, fp], [fn, tp]]"]
    for split in (split for split in SPLITS if split in metrics):
        figures = metrics[split]
        cells = "".join(f"{_cell(figures[name]):>11}" for name in names)
        lines.append(f"{split:<12}{cells}   {figures['confusion']}")
    return "\n".join(lines)


def class_table(figures: Mapping[str, Any], classes: Sequence[Any]) -> str:
    """Format the metrics of any classes as plain text: each class with its confusions, then averages."""
    confusion = np.array(figures["confusion"])  # (K, K)
    right, texts, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(texts, 1)
    f1 = 2 * right / np.maximum(texts + predicted, 1)
    width = max(len(str(name)) for name in (*classes, "weighted f1"))
    lines = [f"{'class':<{width}}{'texts':>9}{'precision':>11}{'recall':>11}{'f1':>11}   predicted as"]
    for row, name in enumerate(classes):
        cells = "".join(f"{values[row]:>11.4f}" for values in (precision, recall, f1))
        lines.append(f"{name!s:<{width}}{texts[row]:>9,}{cells}   {confusion[row].tolist()}")
    averages = {"macro f1": f1.mean(), "weighted f1": f1 @ texts / texts.sum()}
    for name, value in {"accuracy": figures["accuracy"], **averages, "loss": figures["loss"]}.items():
        lines.append(f"{name:<{width}}{value:>42.4f}")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
