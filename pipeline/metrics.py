"""Classification metrics."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import Classes, is_sentiment
from pipeline.corpus.reviews import SPLITS, unseen


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
    bin_of = _bin_of(confidence, bins)
    gaps = np.bincount(bin_of, weights=confidence - correct, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def _bin_of(confidence: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin, from 0 to `bins` - 1, of each of some numbers from 0 to 1."""
    return np.minimum((confidence * bins).astype(int), bins - 1)


class Group(NamedTuple):
    """Texts that are alike in one respect, and how many of them are predicted correctly."""

    low: float  # the smallest value among them, of a length for instance
    high: float
    mean: float
    texts: int
    correct: int


def reliability(labels: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> List[Group]:
    """Group predictions by confidence, the probability of the predicted class, as `calibration_error` does.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
    probabilities : ndarray of float, shape (N, K)
    bins : int

    Returns
    -------
    list of Group
        Of the bins that have predictions, by rising confidence.
    """
    confidence = probabilities.max(axis=1)
    return _group(confidence, probabilities.argmax(axis=1) == labels, _bin_of(confidence, bins))


def accuracy_by_value(values: np.ndarray, correct: np.ndarray, groups: int = 8) -> List[Group]:
    """Group predictions by a value, such as the length of the text, in groups of about the same number of texts.

    Parameters
    ----------
    values : ndarray of float or int, shape (N,)
    correct : ndarray of bool, shape (N,)
    groups : int
        Fewer are returned if many values are the same, since those stay in one group.

    Returns
    -------
    list of Group
        By rising value.
    """
    edges = np.quantile(values, np.arange(1, groups) / groups)
    return _group(values, correct, np.searchsorted(edges, values))


def _group(values: np.ndarray, correct: np.ndarray, group_of: np.ndarray) -> List[Group]:
    groups = []
    for number in np.unique(group_of):
        rows = group_of == number
        low, high, mean = (float(part) for part in (values[rows].min(), values[rows].max(), values[rows].mean()))
        groups.append(Group(low, high, mean, int(rows.sum()), int(correct[rows].sum())))
    return groups


def wilson_interval(successes: int, total: int, confidence: float = 0.95) -> Tuple[float, float]:
    """Return the score interval of a proportion (Wilson, 1927), which is also good near 0 and 1 and for small samples.

    Parameters
    ----------
    successes, total : int
        Of independent trials with the same probability.
    confidence : float
        How often such intervals contain the probability.

    Returns
    -------
    tuple of float
        Both ends, from 0 to 1; the whole range if there are no trials.

    Notes
    -----
    Newcombe (1998), Two-sided confidence intervals for the single proportion, compares it with others.

    >>> [round(end, 4) for end in wilson_interval(81, 263)]
    [0.2553, 0.3662]
    """
    if not total:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p, weight = successes / total, z * z / total
    centre = (p + weight / 2) / (1 + weight)
    half = (p * (1 - p) * weight + weight * weight / 4) ** 0.5 / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


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


def describe(metrics: Mapping[str, Mapping[str, Any]], classes: Classes) -> str:
    """Format the metrics of all splits for negative and positive, or those of one split for any other classes."""
    if is_sentiment(classes):
        return table(metrics)
    names = [split for split in SPLITS if split in metrics]
    split = unseen(names) or names[-1]
    return f"{split}:\n{class_table(metrics[split], classes)}"


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
