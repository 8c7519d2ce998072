"""Figures: functions from plain data to a matplotlib Figure.

Figures are 7.5 inches wide, with a transparent background and the colours of `PALETTE`, which the report replaces in
dark mode. Blue is positive and vermilion is negative, a pair that colour-blind readers can tell apart (Okabe and Ito,
2008).
"""

from __future__ import annotations

from typing import Any, List, Mapping, Sequence, Tuple

import numpy as np

from pipeline.metrics import Group, smooth, wilson_interval
from pipeline.plots.drawing import (
    MUTED,
    NEGATIVE,
    POSITIVE,
    SMALL,
    TEXT,
    THIRD,
    label,
    legend,
    new_figure,
    plain,
    styles,
    tidy,
)

_LONGEST_NAME = 12  # characters of a class beside a matrix


def training_curves(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> Any:
    """Draw accuracy and loss over the epochs, a line for each network; dashed on validation or held-out reviews.

    Parameters
    ----------
    histories : dict of lists of dict
        For each network its ``history.json``.
    """
    figure = new_figure(7.5, 2.9)
    *panels, side = figure.subplots(1, 3, gridspec_kw={"width_ratios": [3, 3, 1.5]})
    figure.get_layout_engine().set(w_pad=0.1)
    longest = max(len(epochs) for epochs in histories.values())
    for axes, metric in zip(panels, ("accuracy", "loss")):
        for (name, epochs), style in zip(histories.items(), styles()):
            dashed = {"linestyle": "--", "markerfacecolor": "w"}
            for prefix, extra in (("", {"label": name}), ("validation_", dashed), ("held_out_", dashed)):
                points = [(e["epoch"], e[prefix + metric]) for e in epochs if prefix + metric in e]
                if points:
                    axes.plot(*zip(*points), markevery=max(1, longest // 15), clip_on=False, **{**style, **extra})
        tidy(axes, metric, grid="y")
        axes.set_xlim(1 if longest > 1 else 0.5, max(longest, 1.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("epoch", fontsize=SMALL)
    panels[0].yaxis.set_major_formatter("{x:.0%}")
    legend(side, panels[0])
    return figure


def loss_curve(steps: Sequence[Mapping[str, float]], epochs: Sequence[Mapping[str, float]]) -> Any:
    """Draw the loss over the steps of one training; dashed on validation or held-out reviews.

    Parameters
    ----------
    steps : sequence of dict
        With ``step`` and ``loss``, as `pipeline.train.train_network` reports them.
    epochs : sequence of dict
        The history, each epoch with its last ``step``.
    """
    figure = new_figure(7.5, 2.9)
    axes = figure.subplots()
    axes.plot(*_points(steps, "loss"), color=POSITIVE, linewidth=1.3, label="training")
    for split in ("validation", "held_out"):
        points = _points(epochs, f"{split}_loss")
        if len(points[0]):
            name = split.replace("_", " ")
            axes.plot(*points, "--D", color=NEGATIVE, markersize=3.5, linewidth=1.3, markerfacecolor="w", label=name)
    tidy(axes, "loss", grid="y")
    axes.set_xlabel("batches", fontsize=SMALL)
    axes.legend(fontsize=SMALL, frameon=False)
    return figure


def _points(entries: Sequence[Mapping[str, float]], name: str) -> Tuple[List[float], List[float]]:
    """Return the steps and values of the entries that have a value of this name."""
    found = [entry for entry in entries if name in entry]
    return [entry["step"] for entry in found], [entry[name] for entry in found]


def learning_rate_curve(rates: np.ndarray, losses: np.ndarray) -> Any:
    """Draw the loss over a rising learning rate, and its moving average.

    Parameters
    ----------
    rates, losses : ndarray of float, shape (N,)
        As from `pipeline.training.learning_rate.find_learning_rate`.
    """
    figure = new_figure(7.5, 2.9)
    axes = figure.subplots()
    axes.plot(rates, losses, color=MUTED, linewidth=0.8, alpha=0.6, label="each batch")
    axes.plot(rates, smooth(losses), color=POSITIVE, linewidth=1.5, label="moving average")
    tidy(axes, "loss", grid="y")
    axes.set_xscale("log")
    axes.set_xlabel("learning rate", fontsize=SMALL)
    axes.legend(fontsize=SMALL, frameon=False)
    return figure


def learning_curve(texts: Sequence[int], accuracy: Sequence[float], deviation: Sequence[float]) -> Any:
    """Draw the accuracy over the number of texts trained on, with a bar of a standard deviation on each side.

    Parameters
    ----------
    texts, accuracy, deviation : sequence of N numbers
        As in `pipeline.workflow.cross_validation.CurvePoint`.
    """
    figure = new_figure(7.5, 2.9)
    axes = figure.subplots()
    axes.errorbar(texts, accuracy, deviation, fmt="o-", color=POSITIVE, markersize=4, linewidth=1.3, capsize=3)
    tidy(axes, "accuracy on other texts", grid="y")
    axes.yaxis.set_major_formatter("{x:.1%}")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlim(left=0)
    axes.set_xlabel("texts trained on", fontsize=SMALL)
    return figure


def confusion_matrices(metrics: Mapping[str, Sequence[Sequence[int]]], names: Sequence[str] = ()) -> Any:
    """Draw confusion matrices: correct predictions in blue, errors in vermilion.

    Parameters
    ----------
    metrics : dict of (K, K) counts
        Rows are the true classes, columns the predicted ones.
    names : sequence of K str
        Of the classes; by default two are negative and positive, and more have numbers.
    """
    rows = -(-len(metrics) // 3)
    figure = new_figure(7.5, 2.6 * rows)
    grid = figure.subplots(rows, 3, squeeze=False).flat
    for axes, (title, confusion) in zip(grid, metrics.items()):
        _matrix(axes, title, np.array(confusion), names)
    for axes in figure.axes[len(metrics) :]:
        axes.axis("off")
    return figure


def _matrix(axes: Any, title: str, counts: np.ndarray, names: Sequence[str]) -> None:
    """Draw one matrix; the opacity of a cell is its fraction of the row."""
    from matplotlib.patches import Rectangle

    classes = len(counts)
    names = names or (["negative", "positive"] if classes == 2 else [str(number) for number in range(classes)])
    names = [plain(name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…") for name in names]
    fractions = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for (row, column), count in np.ndenumerate(counts):
        colour, fraction = POSITIVE if row == column else NEGATIVE, fractions[row, column]
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.06 + 0.44 * fraction, edgecolor="none"))
        text = f"{count:,}\n{fraction:.1%}" if classes < 4 else f"{count or ''}"
        axes.text(column + 0.5, row + 0.5, text, fontsize=10 if classes < 4 else 6, ha="center", va="center")
    tidy(axes, title)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(0, classes), ylim=(classes, 0), aspect="equal", xlabel="predicted", ylabel="true")
    axes.set_xticks(np.arange(classes) + 0.5, names, rotation=90 if classes > 2 and max(map(len, names)) > 2 else 0)
    axes.set_yticks(np.arange(classes) + 0.5, names, rotation=90 if classes == 2 else 0, va="center")


def roc_curves(predictions: Mapping[str, Tuple[np.ndarray, np.ndarray]]) -> Any:
    """Draw ROC curves, with a marker at the threshold 0.5.

    Parameters
    ----------
    predictions : dict of (labels, probabilities)
        For each network, or each class, the labels (N,), both 0 and 1, and the probabilities (N,) of 1.
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    figure, axes, side = _unit_square("false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for (title, (labels, probabilities)), style in zip(predictions.items(), styles()):
        false, true, _ = roc_curve(labels, probabilities)
        at_half = [float((probabilities[labels == label] > 0.5).mean()) for label in (0, 1)]
        name = f"{plain(title)}: {roc_auc_score(labels, probabilities):.4f}"
        axes.plot(*_thin(false, true), **{**style, "marker": ""})
        axes.plot(*at_half, label=name, **style)
    legend(side, axes, "area under the curve")
    return figure


def _unit_square(xlabel: str, ylabel: str) -> Tuple[Any, Any, Any]:
    """Return a figure, its axes from 0 to 1 in both directions, and the axes of the legend beside them."""
    figure = new_figure(7.5, 3.8)
    axes, side = figure.subplots(1, 2, gridspec_kw={"width_ratios": [3, 2]})
    tidy(axes, "", grid="both")
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel(xlabel, fontsize=SMALL)
    axes.set_ylabel(ylabel, fontsize=SMALL)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:.0%}")
    return figure, axes, side


def _thin(*curve: np.ndarray) -> List[np.ndarray]:
    """Return at most 400 points of a curve, its coordinates each (N,): a smaller file that looks the same."""
    kept = np.unique(np.linspace(0, len(curve[0]) - 1, 400).round().astype(int))
    return [values[kept] for values in curve]


def precision_recall_curves(predictions: Mapping[str, Tuple[np.ndarray, np.ndarray]]) -> Any:
    """Draw precision over recall, with a marker at the threshold 0.5.

    Parameters
    ----------
    predictions : dict of (labels, probabilities)
        As for `roc_curves`.
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve

    figure, axes, side = _unit_square("recall", "precision")
    for (title, (labels, probabilities)), style in zip(predictions.items(), styles()):
        precision, recall, _ = precision_recall_curve(labels, probabilities)
        name = f"{plain(title)}: {average_precision_score(labels, probabilities):.4f}"
        axes.plot(*_thin(recall, precision), label=name, **{**style, "marker": ""})
        predicted = probabilities > 0.5
        if predicted.any():
            right = (predicted & (labels == 1)).sum()
            axes.plot(right / (labels == 1).sum(), right / predicted.sum(), **style)
    legend(side, axes, "average precision")
    return figure


def reliability_diagram(groups: Sequence[Group]) -> Any:
    """Draw accuracy over confidence with 95 % intervals, and the number of predictions below.

    Parameters
    ----------
    groups : sequence of Group
        As from `pipeline.metrics.reliability`.
    """
    figure = new_figure(7.5, 4.2)
    axes, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    means = [group.mean for group in groups]
    left = min(0.5, *(group.low for group in groups))
    axes.plot([left, 1], [left, 1], color=MUTED, linewidth=0.8, linestyle=":")
    _draw_accuracies(axes, means, groups)
    tidy(axes, "accuracy of the predictions with about the same probability", grid="y")
    axes.yaxis.set_major_formatter("{x:.0%}")
    below.bar(means, [group.texts for group in groups], 0.012, color=MUTED, linewidth=0)
    tidy(below, "predictions", grid="y")
    below.set_xlim(left - 0.01, 1.01)
    below.set_xlabel("probability of the predicted class", fontsize=SMALL)
    below.xaxis.set_major_formatter("{x:.0%}")
    below.yaxis.set_major_formatter("{x:,.0f}")
    return figure


def calibration_curves(predictions: Mapping[str, Tuple[np.ndarray, np.ndarray]]) -> Any:
    """Draw how often texts are of a class over the probability of that class, in 10 bins.

    Parameters
    ----------
    predictions : dict of (labels, probabilities)
        As for `roc_curves`.
    """
    from sklearn.calibration import calibration_curve

    figure, axes, side = _unit_square("mean probability", "fraction of the class")
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for (title, (labels, probabilities)), style in zip(predictions.items(), styles()):
        fractions, means = calibration_curve(labels, probabilities, n_bins=10)
        axes.plot(means, fractions, label=plain(title), clip_on=False, **style)
    legend(side, axes)
    return figure


def accuracy_by_length(groups: Sequence[Group]) -> Any:
    """Draw the accuracy, with 95 % intervals, of texts of about the same length.

    Parameters
    ----------
    groups : sequence of Group
        As from `pipeline.metrics.accuracy_by_value`, by number of words.
    """
    figure = new_figure(7.5, 2.9)
    axes = figure.subplots()
    _draw_accuracies(axes, range(len(groups)), groups)
    tidy(axes, "accuracy", grid="y")
    axes.set_xlim(-0.5, len(groups) - 0.5)
    names = [f"{g.low:,.0f}–{g.high:,.0f}" if g.low < g.high else f"{g.low:,.0f}" for g in groups]
    axes.set_xticks(range(len(groups)), names)
    axes.set_xlabel("words", fontsize=SMALL)
    axes.yaxis.set_major_formatter("{x:.0%}")
    return figure


def _draw_accuracies(axes: Any, positions: Sequence[float], groups: Sequence[Group]) -> None:
    """Draw the accuracy of each group as a point, with its interval."""
    accuracies = [group.correct / group.texts for group in groups]
    intervals = [wilson_interval(group.correct, group.texts) for group in groups]
    axes.vlines(positions, *zip(*intervals), color=POSITIVE, linewidth=1.3)
    axes.plot(positions, accuracies, "o", color=POSITIVE, markersize=4, clip_on=False)


def risk_coverage_curve(coverage: np.ndarray, accuracy: np.ndarray, thresholds: np.ndarray) -> Any:
    """Draw the accuracy over the fraction of texts that are answered, with some thresholds marked.

    Parameters
    ----------
    coverage, accuracy, thresholds : ndarray of float, shape (N,)
        As from `pipeline.metrics.risk_coverage`.
    """
    figure = new_figure(7.5, 2.9)
    axes = figure.subplots()
    axes.plot(coverage, accuracy, color=POSITIVE, linewidth=1.5)
    for threshold in (0.6, 0.7, 0.8, 0.9, 0.95):
        answered = int((thresholds >= threshold).sum())
        if answered:
            point = (coverage[answered - 1], accuracy[answered - 1])
            axes.plot(*point, "o", color=POSITIVE, markersize=4)
            where = {"xytext": (4, 4), "textcoords": "offset points"}
            axes.annotate(f"{threshold:g}", point, fontsize=SMALL, **where)
    tidy(axes, "accuracy of the predictions whose probability reaches a threshold", grid="y")
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:.1%}")
    axes.set_xlabel("fraction of texts answered", fontsize=SMALL)
    return figure


def review_lengths(lengths: np.ndarray, max_length: int) -> Any:
    """Draw a histogram of the reviews' lengths, and the length to which they are truncated.

    Parameters
    ----------
    lengths : ndarray of int, shape (N,)
    max_length : int
        Words of a review that the network reads.
    """
    figure = new_figure(7.5, 3)
    axes = figure.subplots()
    longest = int(lengths.max())
    width = max_length / max(1, min(20, round(100 * max_length / longest)))  # an edge of the bins is at max_length
    edges = np.arange(0, longest + width + 1, width)
    counts, _ = np.histogram(np.maximum(lengths - 0.5, 0), edges)  # a length on an edge is in the bin below
    colours = [POSITIVE if edge < max_length - width / 2 else NEGATIVE for edge in edges[:-1]]
    axes.bar(edges[:-1], counts, width * 0.88, align="edge", color=colours, linewidth=0)
    tidy(axes, "reviews", grid="y")
    right = max(edges[-1], max_length)
    axes.set(xlim=(0, right), ylim=(0, 1.15 * counts.max()))  # room for a line above the bars
    axes.set_xlabel("words", fontsize=SMALL)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.axvline(max_length, color=NEGATIVE, linewidth=1)
    longer = f"{(lengths > max_length).mean():.1%} are longer than the {max_length:,} words that are read"
    side = {"xytext": (6, 0), "ha": "left"} if max_length < right / 2 else {"xytext": (-6, 0), "ha": "right"}
    axes.annotate(longer, (max_length, 0.94), xycoords=("data", "axes fraction"), textcoords="offset points",
                  fontsize=TEXT, color=NEGATIVE, **side)  # fmt: skip
    return figure


def vector_coverage(coverages: Mapping[str, Mapping[str, Any]]) -> Any:
    """Draw the coverage of word vectors, of the vocabulary and of the tokens.

    Parameters
    ----------
    coverages : dict of dict
        For each network its ``coverage.json``.
    """
    figure = new_figure(7.5, 0.6 + 0.62 * len(coverages))
    axes = figure.subplots()
    kinds = (("vocabulary_coverage", "of the vocabulary", POSITIVE), ("token_coverage", "of the tokens", THIRD))
    for position, coverage in enumerate(coverages.values()):
        for shift, (key, name, colour) in zip((-0.19, 0.19), kinds):
            axes.barh(position + shift, coverage[key], 0.3, color=colour, linewidth=0)
            text = f"{coverage[key]:.2%} {name}"
            axes.text(coverage[key] + 0.01, position + shift, text, fontsize=SMALL, va="center", color=colour)
    tidy(axes, "")
    axes.spines["bottom"].set_visible(False)
    axes.set(xlim=(0, 1.32), ylim=(len(coverages) - 0.5, -0.5))
    axes.set_yticks(range(len(coverages)), list(coverages), fontsize=TEXT)
    axes.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    return figure


def signed_bars(values: Mapping[str, float], title: str = "") -> Any:
    """Draw a bar with its number for each of several values: blue above 0, vermilion below.

    Parameters
    ----------
    values : dict of float
        From top to bottom.
    title : str
    """
    figure = new_figure(7.5, 0.6 + 0.27 * len(values))
    axes = figure.subplots()
    numbers = np.array(list(values.values()), np.float64)
    axes.barh(range(len(values)), numbers, 0.7, color=[POSITIVE if x > 0 else NEGATIVE for x in numbers], linewidth=0)
    for row, x in enumerate(numbers):
        shift = {"xytext": (-4, 0), "ha": "right"} if x < 0 else {"xytext": (4, 0), "ha": "left"}
        axes.annotate(f"{x:.3g}", (x, row), textcoords="offset points", fontsize=SMALL, va="center", **shift)
    tidy(axes, title)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    axes.margins(x=0.12)
    axes.set_ylim(len(values) - 0.5, -0.5)
    axes.set_yticks(range(len(values)), [plain(name) for name in values], fontsize=SMALL)
    axes.set_xticks([])
    return figure


def polar_words(words: Sequence[str], vectors: np.ndarray, positive_probabilities: np.ndarray, each: int = 24) -> Any:
    """Draw the vectors of the most polar words, projected on the first two principal components of these words.

    Parameters
    ----------
    words : sequence of str, of length N
    vectors : ndarray of float, shape (N, D)
    positive_probabilities : ndarray of float, shape (N,)
        Of a review that consists of this word.
    each : int
        Number of the most positive words, and of the most negative.
    """
    from sklearn.decomposition import PCA

    order = np.argsort(-np.asarray(positive_probabilities), kind="stable")
    each = min(each, len(order) // 2)
    chosen = np.concatenate([order[:each], order[len(order) - each :]])
    pca = PCA(2, svd_solver="full")
    points = pca.fit_transform(np.asarray(vectors, np.float64)[chosen])  # (2 * each, 2)
    points[:, 0] *= np.sign(points[:each, 0].mean() - points[each:, 0].mean()) or 1  # positive to the right
    figure = new_figure(7.5, 5.2, layout=None)
    axes = figure.add_axes([0.03, 0.06, 0.96, 0.89])
    colours = [POSITIVE] * each + [NEGATIVE] * each
    for colour, marker, some in ((POSITIVE, "o", slice(each)), (NEGATIVE, "D", slice(each, None))):
        axes.scatter(*points[some].T, s=9, c=colour, marker=marker, linewidths=0)
    tidy(axes, "")
    axes.margins(0.07, 0.05)
    axes.set(xticks=[], yticks=[])
    explained = pca.explained_variance_ratio_
    axes.set_xlabel(f"first principal component, {explained[0]:.0%} of the variance", fontsize=SMALL)
    axes.set_ylabel(f"second, {explained[1]:.0%}", fontsize=SMALL)
    label(axes, points, [words[i] for i in chosen], colours)
    for x, text, colour in ((1, "positive ●", POSITIVE), (0, "◆ negative", NEGATIVE)):
        axes.text(x, 1.01, text, color=colour, fontsize=TEXT, ha="right" if x else "left", transform=axes.transAxes)
    return figure


def gate_trace(words: Sequence[str], gates: Mapping[str, np.ndarray], positive: np.ndarray) -> Any:
    """Draw an LSTM's gates along one review, and the network's probability after each word.

    Parameters
    ----------
    words : sequence of str, of length T
    gates : dict of ndarray, each (T,) or (T, U)
        ``input``, ``forget``, ``output``, drawn as means over the units, and ``cell``, a row for each unit.
    positive : ndarray of float, shape (T,)
        Probability of "positive" after each word.
    """
    figure = new_figure(7.5, 5.6)
    top, middle, bottom = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": [1.2, 1.2, 1.6]})
    steps = np.arange(len(words))
    top.bar(steps, positive - 0.5, 0.8, 0.5, color=[POSITIVE if p > 0.5 else NEGATIVE for p in positive], linewidth=0)
    top.axhline(0.5, color=MUTED, linewidth=0.8)
    top.set_ylim(0, 1)
    top.set_yticks([0, 0.5, 1])
    top.yaxis.set_major_formatter("{x:.0%}")
    tidy(top, 'probability of "positive" after each word')
    means = {name: np.reshape(gates[name], (len(words), -1)).mean(axis=1) for name in ("input", "forget", "output")}
    height = -1.0  # of the last name
    for (name, mean), style in sorted(zip(means.items(), styles(2)), key=lambda drawn: drawn[0][1][-1]):
        middle.plot(steps, mean, **{**style, "markersize": 2.5})
        height = max(height + 0.13, float(mean[-1]))  # names do not overlap
        middle.text(len(words) - 0.4, height, name, color=style["color"], fontsize=SMALL, va="center")
    tidy(middle, "gates, mean over the units: 0 closed, 1 open", grid="y")
    middle.set_ylim(0, 1)
    middle.set_yticks([0, 0.5, 1])
    _heat(bottom, np.asarray(gates["cell"]).reshape(len(words), -1))
    bottom.set_xticks(steps, [plain(word) for word in words], rotation=90, fontsize=SMALL)
    bottom.set_xlim(-0.6, len(words) - 0.4)
    return figure


def _heat(axes: Any, cell: np.ndarray) -> None:
    """Draw the cell state, (T, U), a row for each unit, sorted by the last value."""
    from matplotlib.colors import to_rgb

    values = cell[:, np.argsort(-cell[-1])].T  # (U, T)
    scale = np.quantile(np.abs(values), 0.99) or 1.0  # so that a few outliers do not make all others pale
    image = np.where((values > 0)[..., None], to_rgb(POSITIVE), to_rgb(NEGATIVE))  # (U, T, 3)
    image = np.concatenate([image, np.minimum(np.abs(values) / scale, 1)[..., None]], axis=2)  # (U, T, 4)
    axes.imshow(image, aspect="auto", interpolation="none")
    tidy(axes, f"cell state, a row for each of {len(values)} units: blue above 0, vermilion below")
    axes.spines[:].set_visible(False)
    axes.set_yticks([])
