"""Classification metrics."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import Classes, choose_classes, is_sentiment
from pipeline.corpus.reviews import SPLITS, unseen

TITLES = {  # of the metrics, where people read them
    "accuracy": "accuracy",
    "loss": "loss",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "roc_auc": "ROC AUC",
    "macro_f1": "macro F1",
    "weighted_f1": "weighted F1",
    "within_one": "within one",
    "mean_absolute_error": "mean absolute error",
    "calibration_error": "calibration error",
}


ORDERED_METRICS = ("within_one", "mean_absolute_error")  # of ordered classes


def metric_names(num_classes: int, ordered: bool = False) -> Tuple[str, ...]:
    """Return the names of the metrics that tables show, in this order; the calibration error comes after them."""
    each = ("precision", "recall", "f1", "roc_auc") if num_classes == 2 else ("macro_f1", "weighted_f1")
    return ("accuracy", "loss", *each, *(ORDERED_METRICS if ordered else ()))


def measure(labels: np.ndarray, probabilities: np.ndarray, values: Optional[Sequence[float]] = None) -> Dict[str, Any]:
    """Compute metrics of predicted probabilities with scikit-learn.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        True classes, as columns of `probabilities`: 1 positive, 0 negative.
    probabilities : ndarray of float, shape (N, K)
        Predicted probability of each class.
    values : sequence of K numbers, optional
        What the classes stand for, if they are ordered, such as stars: then the predicted class is the median.

    Returns
    -------
    dict
        ``reviews`` (number of reviews), ``accuracy``, ``loss`` (mean cross-entropy) and ``confusion`` (one row per
        true class, one column per predicted class), and ``calibration_error``. With two classes also ``precision``,
        ``recall`` and ``f1`` of the positive class, and ``roc_auc`` (None if all labels are the same). With more
        classes ``macro_f1`` and ``weighted_f1``, and ``precision``, ``recall`` and ``f1`` as lists, one value for each
        class. With ordered classes also what `ordered_errors` returns.
    """
    from sklearn import metrics  # imported here because it takes a second

    classes = list(range(probabilities.shape[1]))
    predicted = choose_classes(probabilities, ordered=values is not None)
    measured = {
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
        measured.update(precision=float(precision), recall=float(recall), f1=float(f1), roc_auc=auc)
    else:
        each = metrics.precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
        measured.update({name: values.tolist() for name, values in zip(("precision", "recall", "f1"), each)})
        for average in ("macro", "weighted"):
            score = metrics.f1_score(labels, predicted, labels=classes, average=average, zero_division=0)
            measured[f"{average}_f1"] = float(score)
    measured["calibration_error"] = calibration_error(labels, probabilities)
    if values is not None:
        measured.update(ordered_errors(np.take(values, labels), np.take(values, predicted)))
    return measured


def ordered_errors(true: np.ndarray, predicted: np.ndarray) -> Dict[str, float]:
    """Return how far predicted numbers, such as stars, are from the true ones.

    Parameters
    ----------
    true, predicted : ndarray of float, shape (N,)

    Returns
    -------
    dict
        ``within_one`` (the fraction of predictions that differ by 1 or less) and ``mean_absolute_error``.

    >>> ordered_errors(np.array([4, 7, 10]), np.array([7, 7, 9]))
    {'within_one': 0.6666666666666666, 'mean_absolute_error': 1.3333333333333333}
    """
    errors = np.abs(true - predicted)
    return {"within_one": float((errors <= 1).mean()), "mean_absolute_error": float(errors.mean())}


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = 15) -> float:
    """Return the expected calibration error (Guo et al., 2017).

    Predictions are grouped into bins of equal width by confidence, the largest probability. The error is the mean over
    the bins, weighted by their size, of the difference between mean confidence and accuracy.

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
    """Group predictions by confidence, the largest probability, as `calibration_error` does.

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


def risk_coverage(
    labels: np.ndarray, probabilities: np.ndarray, predicted: Optional[np.ndarray] = None
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which accuracy is reached when the least certain predictions are left out (El-Yaniv and Wiener, 2010).

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
    probabilities : ndarray of float, shape (N, K)
    predicted : ndarray of int, shape (N,), optional
        The predicted classes, by default the likeliest.

    Returns
    -------
    coverage : ndarray of float, shape (N,)
        Fractions of the texts that are answered, from 1 / N to 1.
    accuracy : ndarray of float, shape (N,)
        On those.
    thresholds : ndarray of float, shape (N,)
        The smallest probability of a prediction among them.
    """
    predicted = probabilities.argmax(axis=1) if predicted is None else predicted
    certainty = probabilities[np.arange(len(labels)), predicted]
    order = np.argsort(-certainty, kind="stable")
    answered = np.arange(1, len(labels) + 1)
    correct = np.cumsum(predicted[order] == labels[order])
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
    found = {split: metrics[split] for split in SPLITS if split in metrics}
    if any("macro_f1" in measured for measured in found.values()):
        ordered = all("within_one" in measured for measured in found.values())
        return _table(found, ("reviews", *metric_names(3, ordered)))
    lines = _table(found, ("reviews", *metric_names(2))).splitlines()
    confusions = ["confusion [[tn, fp], [fn, tp]]", *(measured["confusion"] for measured in found.values())]
    return "\n".join(f"{line}   {confusion}" for line, confusion in zip(lines, confusions))


def _table(metrics: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> str:
    widths = [max(11, len(name) + 2) for name in names]
    lines = ["split       " + "".join(f"{name:>{width}}" for name, width in zip(names, widths))]
    for split, measured in metrics.items():
        cells = "".join(f"{_cell(measured[name]):>{width}}" for name, width in zip(names, widths))
        lines.append(f"{split:<12}{cells}")
    return "\n".join(lines)


def describe(metrics: Mapping[str, Mapping[str, Any]], classes: Classes) -> str:
    """Format the metrics of all splits, and for other classes than negative and positive each class on one split."""
    if is_sentiment(classes):
        return table(metrics)
    names = [split for split in SPLITS if split in metrics]
    split = unseen(names) or names[-1]
    return f"{table(metrics)}\n{split}:\n{class_table(metrics[split], classes)}"


def class_table(metrics: Mapping[str, Any], classes: Sequence[Any]) -> str:
    """Format the metrics of any classes as plain text: each class with its confusions, then averages."""
    confusion = np.array(metrics["confusion"])  # (K, K)
    right, texts, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(texts, 1)
    f1 = 2 * right / np.maximum(texts + predicted, 1)
    ordered = {TITLES[name]: metrics[name] for name in ORDERED_METRICS if name in metrics}
    width = max(len(str(name)) for name in (*classes, *ordered, "weighted f1"))
    lines = [f"{'class':<{width}}{'texts':>9}{'precision':>11}{'recall':>11}{'f1':>11}   predicted as"]
    for row, name in enumerate(classes):
        cells = "".join(f"{values[row]:>11.4f}" for values in (precision, recall, f1))
        lines.append(f"{name!s:<{width}}{texts[row]:>9,}{cells}   {confusion[row].tolist()}")
    averages = {"macro f1": f1.mean(), "weighted f1": f1 @ texts / texts.sum()}
    for name, value in {"accuracy": metrics["accuracy"], **averages, "loss": metrics["loss"], **ordered}.items():
        lines.append(f"{name:<{width}}{value:>42.4f}")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
