"""The report's figures: plain data in, a matplotlib Figure out.

They are drawn for a page 7.5 inches wide, on no background, in the colours of `PALETTE`: the report puts its own in
their place by night. Blue stands for positive and vermilion for negative, which the colour-blind can tell apart
(Okabe and Ito, 2008).
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence, Tuple

import numpy as np

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


def training_curves(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> Any:
    """Draw accuracy and loss over the epochs, a line for each network; dashed on the reviews that were watched.

    Parameters
    ----------
    histories : dict of lists of dict
        For each network its ``history.json``.
    """
    figure = new_figure(7.5, 2.9)
    *panels, side = figure.subplots(1, 3, gridspec_kw={"width_ratios": [3, 3, 1.5]})
    figure.get_layout_engine().set(w_pad=0.1)
    longest = max(len(epochs) for epochs in histories.values())
    for axes, figure_of_merit in zip(panels, ("accuracy", "loss")):
        for (name, epochs), style in zip(histories.items(), styles()):
            dashed = {"linestyle": "--", "markerfacecolor": "w"}
            for prefix, extra in (("", {"label": name}), ("validation_", dashed), ("held_out_", dashed)):
                points = [(e["epoch"], e[prefix + figure_of_merit]) for e in epochs if prefix + figure_of_merit in e]
                if points:
                    axes.plot(*zip(*points), markevery=max(1, longest // 15), clip_on=False, **{**style, **extra})
        tidy(axes, figure_of_merit, grid="y")
        axes.set_xlim(1 if longest > 1 else 0.5, max(longest, 1.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlabel("epoch", fontsize=SMALL)
    panels[0].yaxis.set_major_formatter("{x:.0%}")
    legend(side, panels[0])
    return figure


def confusion_matrices(metrics: Mapping[str, Sequence[Sequence[int]]]) -> Any:
    """Draw how often each class was answered by which: right answers in blue, mistakes in vermilion.

    Parameters
    ----------
    metrics : dict of (K, K) counts
        Rows are the true classes, columns the answers. Two classes are negative and positive.
    """
    rows = -(-len(metrics) // 3)
    figure = new_figure(7.5, 2.6 * rows)
    grid = figure.subplots(rows, 3, squeeze=False).flat
    for axes, (title, confusion) in zip(grid, metrics.items()):
        _matrix(axes, title, np.array(confusion))
    for axes in figure.axes[len(metrics) :]:
        axes.axis("off")
    return figure


def _matrix(axes: Any, title: str, counts: np.ndarray) -> None:
    """Draw one matrix; a cell is the darker, the larger its share of its row."""
    from matplotlib.patches import Rectangle

    classes = len(counts)
    names = ["negative", "positive"] if classes == 2 else [str(number) for number in range(classes)]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for (row, column), count in np.ndenumerate(counts):
        colour, share = POSITIVE if row == column else NEGATIVE, shares[row, column]
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=0.06 + 0.44 * share, edgecolor="none"))
        text = f"{count:,}\n{share:.1%}" if classes < 4 else f"{count or ''}"
        axes.text(column + 0.5, row + 0.5, text, fontsize=10 if classes < 4 else 6, ha="center", va="center")
    tidy(axes, title)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(0, classes), ylim=(classes, 0), aspect="equal", xlabel="answered", ylabel="in truth")
    axes.set_xticks(np.arange(classes) + 0.5, names)
    axes.set_yticks(np.arange(classes) + 0.5, names, rotation=90 if classes == 2 else 0, va="center")


def roc_curves(answers: Mapping[str, Tuple[np.ndarray, np.ndarray]]) -> Any:
    """Draw the ROC curves, by scikit-learn, with a dot where an answer is positive from 0.5 on.

    Parameters
    ----------
    answers : dict of (labels, probabilities)
        For each network labels (N,), of both classes, and the probabilities (N,) of "positive".
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    figure = new_figure(7.5, 3.8)
    axes, side = figure.subplots(1, 2, gridspec_kw={"width_ratios": [3, 2]})
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for (title, (labels, probabilities)), style in zip(answers.items(), styles()):
        false, true, _ = roc_curve(labels, probabilities)
        kept = np.unique(np.linspace(0, len(false) - 1, 400).round().astype(int))  # as fine as the eye can tell
        at_half = [float((probabilities[labels == label] > 0.5).mean()) for label in (0, 1)]
        name = f"{title}: {roc_auc_score(labels, probabilities):.4f}"
        axes.plot(false[kept], true[kept], **{**style, "marker": ""})
        axes.plot(*at_half, label=name, **style)
    tidy(axes, "", grid="both")
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("negative reviews called positive", fontsize=SMALL)
    axes.set_ylabel("positive reviews called positive", fontsize=SMALL)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:.0%}")
    legend(side, axes, "area under the curve")
    return figure


def review_lengths(lengths: np.ndarray, cut: int) -> Any:
    """Draw a histogram of the reviews' lengths, and where they are cut.

    Parameters
    ----------
    lengths : ndarray of int, shape (N,)
    cut : int
        Words of a review that are read.
    """
    figure = new_figure(7.5, 3)
    axes = figure.subplots()
    longest = int(lengths.max())
    width = cut / max(1, min(20, round(100 * cut / longest)))  # the cut lies between two bars
    edges = np.arange(0, longest + width + 1, width)
    counts, _ = np.histogram(np.maximum(lengths - 0.5, 0), edges)  # a length on an edge counts below it
    colours = [POSITIVE if edge < cut - width / 2 else NEGATIVE for edge in edges[:-1]]
    axes.bar(edges[:-1], counts, width * 0.88, align="edge", color=colours, linewidth=0)
    tidy(axes, "reviews", grid="y")
    right = max(edges[-1], cut)
    axes.set(xlim=(0, right), ylim=(0, 1.15 * counts.max()))  # room for a line above the bars
    axes.set_xlabel("words", fontsize=SMALL)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.axvline(cut, color=NEGATIVE, linewidth=1)
    longer = f"{(lengths > cut).mean():.1%} are longer than the {cut:,} words that are read"
    side = {"xytext": (6, 0), "ha": "left"} if cut < right / 2 else {"xytext": (-6, 0), "ha": "right"}
    axes.annotate(longer, (cut, 0.94), xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=TEXT,
                  color=NEGATIVE, **side)  # fmt: skip
    return figure


def glove_coverage(coverages: Mapping[str, Mapping[str, Any]]) -> Any:
    """Draw what shares of the vocabulary and of the running words have a GloVe vector.

    Parameters
    ----------
    coverages : dict of dict
        For each network its ``coverage.json``.
    """
    figure = new_figure(7.5, 0.6 + 0.62 * len(coverages))
    axes = figure.subplots()
    kinds = (("vocabulary_share", "of the vocabulary", POSITIVE), ("running_share", "of the running words", THIRD))
    for place, coverage in enumerate(coverages.values()):
        for shift, (key, name, colour) in zip((-0.19, 0.19), kinds):
            axes.barh(place + shift, coverage[key], 0.3, color=colour, linewidth=0)
            text = f"{coverage[key]:.2%} {name}"
            axes.text(coverage[key] + 0.01, place + shift, text, fontsize=SMALL, va="center", color=colour)
    tidy(axes, "")
    axes.spines["bottom"].set_visible(False)
    axes.set(xlim=(0, 1.32), ylim=(len(coverages) - 0.5, -0.5))
    axes.set_yticks(range(len(coverages)), list(coverages), fontsize=TEXT)
    axes.set_xticks([0, 0.5, 1], ["0%", "50%", "100%"])
    return figure


def polar_words(words: Sequence[str], vectors: np.ndarray, positive_probabilities: np.ndarray, each: int = 24) -> Any:
    """Draw the most polar words' vectors in two dimensions, by scikit-learn's PCA of these words alone.

    Parameters
    ----------
    words : sequence of str, of length N
    vectors : ndarray of float, shape (N, D)
    positive_probabilities : ndarray of float, shape (N,)
        Of a review that is this word and nothing else.
    each : int
        So many of the most positive words, and as many of the most negative.
    """
    from sklearn.decomposition import PCA

    order = np.argsort(-np.asarray(positive_probabilities), kind="stable")
    each = min(each, len(order) // 2)
    chosen = np.concatenate([order[:each], order[len(order) - each :]])
    pca = PCA(2, svd_solver="full")
    places = pca.fit_transform(np.asarray(vectors, np.float64)[chosen])  # (2 * each, 2)
    places[:, 0] *= np.sign(places[:each, 0].mean() - places[each:, 0].mean()) or 1  # positive to the right
    figure = new_figure(7.5, 5.2, layout=None)
    axes = figure.add_axes([0.03, 0.06, 0.96, 0.89])
    colours = [POSITIVE] * each + [NEGATIVE] * each
    for colour, marker, some in ((POSITIVE, "o", slice(each)), (NEGATIVE, "D", slice(each, None))):
        axes.scatter(*places[some].T, s=9, c=colour, marker=marker, linewidths=0)
    tidy(axes, "")
    axes.margins(0.07, 0.05)
    axes.set(xticks=[], yticks=[])
    shares = pca.explained_variance_ratio_
    axes.set_xlabel(f"first principal component, {shares[0]:.0%} of the variance", fontsize=SMALL)
    axes.set_ylabel(f"second, {shares[1]:.0%}", fontsize=SMALL)
    label(axes, places, [words[i] for i in chosen], colours)
    for x, text, colour in ((1, "positive ●", POSITIVE), (0, "◆ negative", NEGATIVE)):
        axes.text(x, 1.01, text, color=colour, fontsize=TEXT, ha="right" if x else "left", transform=axes.transAxes)
    return figure


def gate_trace(words: Sequence[str], gates: Mapping[str, np.ndarray], positive: np.ndarray) -> Any:
    """Draw an LSTM's gates along one review, and the probability that the network gives after each word.

    Parameters
    ----------
    words : sequence of str, of length T
    gates : dict of ndarray, each (T,) or (T, U)
        ``input``, ``forget``, ``output``, drawn as means over the units, and ``cell``, drawn unit by unit.
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
    height = -1.0  # of the name below
    for (name, mean), style in sorted(zip(means.items(), styles(2)), key=lambda drawn: drawn[0][1][-1]):
        middle.plot(steps, mean, **{**style, "markersize": 2.5})
        height = max(height + 0.13, float(mean[-1]))  # no name on another
        middle.text(len(words) - 0.4, height, name, color=style["color"], fontsize=SMALL, va="center")
    tidy(middle, "gates, mean over the units: 0 shut, 1 open", grid="y")
    middle.set_ylim(0, 1)
    middle.set_yticks([0, 0.5, 1])
    _heat(bottom, np.asarray(gates["cell"]).reshape(len(words), -1))
    bottom.set_xticks(steps, [plain(word) for word in words], rotation=90, fontsize=SMALL)
    bottom.set_xlim(-0.6, len(words) - 0.4)
    return figure


def _heat(axes: Any, cell: np.ndarray) -> None:
    """Draw the cell state, (T, U), a row for each unit, sorted by what they hold in the end."""
    from matplotlib.colors import to_rgb

    values = cell[:, np.argsort(-cell[-1])].T  # (U, T)
    scale = np.quantile(np.abs(values), 0.99) or 1.0  # a few large values would pale all others
    image = np.where((values > 0)[..., None], to_rgb(POSITIVE), to_rgb(NEGATIVE))  # (U, T, 3)
    image = np.concatenate([image, np.minimum(np.abs(values) / scale, 1)[..., None]], axis=2)  # (U, T, 4)
    axes.imshow(image, aspect="auto", interpolation="none")
    tidy(axes, f"cell state, a row for each of {len(values)} units: blue above 0, vermilion below")
    axes.spines[:].set_visible(False)
    axes.set_yticks([])
