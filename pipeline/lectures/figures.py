"""The report's figures with their captions, from the results in a data folder.

A figure whose results are missing is left out, and its caption says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Iterable, List, Sequence

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.lectures import results
from pipeline.model.bundle import MANIFEST, RECIPE, Bundle, load_bundle, load_recipe
from pipeline.plots import figures
from pipeline.plots.drawing import legend_texts
from pipeline.plots.html import CaptionedFigure, left_out
from pipeline.workflow.stages import ENCODED, PREDICTIONS


def draw_figures(data: Path, names: Sequence[str], device: str = "auto") -> List[CaptionedFigure]:
    """Draw all figures; words and gates are those of the network with the highest accuracy on held-out reviews.

    Parameters
    ----------
    data : Path
        Holds the stages' results: ``<name>/bundle/`` and so on.
    names : sequence of str
        The networks, in the order in which they are drawn.
    device : str
        As for `pipeline.mx.engine.find_devices`.
    """
    drawn = [draw(data, names) for draw in (draw_training, draw_confusion, draw_roc, draw_lengths, draw_coverage)]
    best = _most_accurate(data, names)
    if not best or not (data / best / "bundle" / MANIFEST).is_file():
        return [*drawn, *(_missing(title, [best] if best else names, "bundle") for title in (WORDS, GATES))]
    bundle = load_bundle(data / best / "bundle", device)
    return [*drawn, draw_words(bundle, best), draw_gates(bundle, data / best, best)]


WORDS, GATES = "The most polar words", "The gates along one review"


def draw_training(data: Path, names: Sequence[str]) -> CaptionedFigure:
    """Draw the training curves."""
    histories = results.read_histories(data, names)
    if not histories:
        return _missing("Training", names, "bundle/history.json")
    ends = [f"{name} {epochs[-1]['accuracy']:.1%} after {len(epochs)}" for name, epochs in histories.items()]
    caption = (
        "Accuracy and loss on the training reviews during training. Dashed: after each epoch on validation reviews "
        "(for crash_course on the held-out ones, as in Keras's example; they are not used for model selection)."
        + _without(names, histories)
    )
    alt = f"Two line charts over the epochs. Final accuracy: {'; '.join(ends)}."
    return CaptionedFigure("Training", caption, alt, figures.training_curves(histories))


def draw_confusion(data: Path, names: Sequence[str]) -> CaptionedFigure:
    """Draw the confusion matrices."""
    title, metrics = "Confusion matrices", results.read_metrics(data, names)
    if not metrics:
        return _missing(title, names, "bundle/metrics.json")
    caption = (
        "Counts on the held-out reviews (for mnist_rows, on the test images), and their fractions of the row. Blue is "
        "correct, vermilion wrong." + _without(names, metrics)
    )
    right = [f"{name}: {100 * one['accuracy']:.2f} % of {one['reviews']:,} correct" for name, one in metrics.items()]
    drawn = figures.confusion_matrices({name: one["confusion"] for name, one in metrics.items()})
    return CaptionedFigure(title, caption, f"Confusion matrices. {'; '.join(right)}.", drawn)


def draw_roc(data: Path, names: Sequence[str]) -> CaptionedFigure:
    """Draw the ROC curves."""
    predictions = results.read_predictions(data, names)
    both = {name: one for name, one in predictions.items() if len(np.unique(one.labels)) == 2}
    if not both:
        return _missing("ROC curve", names, f"{PREDICTIONS} of both classes")
    caption = (
        "True positive rate against false positive rate on the held-out reviews, for all thresholds; the marker is at "
        "0.5. The dotted line is chance." + _without(names, both)
    )
    drawn = figures.roc_curves({name: (one.labels, one.positive) for name, one in both.items()})
    alt = f"ROC curves. Area under the curve: {'; '.join(legend_texts(drawn))}."
    return CaptionedFigure("ROC curve", caption, alt, drawn)


def draw_lengths(data: Path, names: Sequence[str]) -> CaptionedFigure:
    """Draw the lengths of the reviews, for the tokenizer of the first network whose results are there."""
    title = "Lengths of the reviews"
    needed = (ENCODED, f"bundle/{RECIPE}")
    found = [name for name in names if all((data / name / file).is_file() for file in needed)]
    if not found:
        return _missing(title, names, f"{ENCODED} and bundle")
    options = load_recipe(data / found[0] / "bundle").index
    counts: np.ndarray = Encoded.load(data / found[0] / ENCODED).lengths - options.bos
    says = (
        f"{len(counts):,} reviews of {counts.min():,} to {counts.max():,} words, {counts.mean():.1f} on average; half "
        f"of them have up to {np.median(counts):,.0f}."
    )
    side = {"right": "first", "left": "last"}[options.truncation_side]
    caption = f"{says} Counted and truncated as by {found[0]}, which reads the {side} {options.max_length:,} words."
    alt = f"Histogram with a long tail. {says} {(counts > options.max_length).mean():.1%} are truncated."
    return CaptionedFigure(title, caption, alt, figures.review_lengths(counts, options.max_length))


def draw_coverage(data: Path, names: Sequence[str]) -> CaptionedFigure:
    """Draw the coverage of GloVe."""
    title, found = "Coverage of GloVe", results.read_coverages(data, names)
    if not found:
        return _missing(title, names, "coverage.json of a network with GloVe")
    first = next(iter(found))
    missing = f" The most frequent words of {first} without one: {', '.join(found[first]['missing'][:12])}."
    caption = "Fraction of the words that have a vector: of the vocabulary, and of all tokens."
    fractions = [
        f"{name}: {one['vocabulary_coverage']:.2%} of the vocabulary, {one['token_coverage']:.2%} of the tokens"
        for name, one in found.items()
    ]
    caption += missing if found[first]["missing"] else ""
    return CaptionedFigure(title, caption, f"Bar chart. {'; '.join(fractions)}.", figures.vector_coverage(found))


def draw_words(bundle: Bundle, name: str) -> CaptionedFigure:
    """Draw the most polar words of the trained embedding."""
    polarity = results.measure_words(bundle)
    order = np.argsort(-polarity.positive, kind="stable")
    best, worst = ([polarity.words[i] for i in some] for some in (order[:5], order[:-6:-1]))
    caption = (
        f"The predictions of {name} for each of the {len(polarity.words):,} most frequent words as a whole review "
        f"range from {polarity.positive.min():.1%} to {polarity.positive.max():.1%} positive. Shown are the most "
        "positive and the most negative words: their vectors after training, projected on two principal components."
    )
    alt = f"Scatter plot of words. Most positive: {', '.join(best)}. Most negative: {', '.join(worst)}."
    return CaptionedFigure(WORDS, caption, alt, figures.polar_words(*polarity))


def draw_gates(bundle: Bundle, folder: Path, name: str) -> CaptionedFigure:
    """Draw the gates along one held-out review."""
    if not (folder / ENCODED).is_file():
        return _missing(GATES, [name], ENCODED)
    try:
        ids = results.choose_review(bundle, Encoded.load(folder / ENCODED))
    except PipelineError as error:
        return left_out(GATES, str(error))
    trace = results.trace_gates(bundle, ids)
    caption = (
        f"The forward LSTM of {name} on a held-out review: of twenty short ones, the one along which the probability "
        "changes most. The input gate scales what is added to the cell state, the forget gate what is kept of it, the "
        "output gate what becomes the hidden state."
    )
    alt = (
        f"Three charts along the review “{' '.join(trace.words)}”: the mean gates, the cell state, and the probability "
        f"of positive, {trace.positive[0]:.1%} after the first word and {trace.positive[-1]:.1%} after the last."
    )
    return CaptionedFigure(GATES, caption, alt, figures.gate_trace(trace.words, trace.gates, trace.positive))


def _missing(title: str, names: Iterable[str], file: str) -> CaptionedFigure:
    return left_out(title, f"there is no {file} of {_listed(names, 'or') or 'any network'} in the data folder")


def _without(names: Sequence[str], found: Iterable[str]) -> str:
    missing = [name for name in names if name not in set(found)]
    return f" Left out, since not in the data folder: {_listed(missing, 'and')}." if missing else ""


def _listed(names: Iterable[str], word: str) -> str:
    *others, last = ["", *names]
    return f" {word} ".join(filter(None, [", ".join(others[1:]), last]))


def _most_accurate(data: Path, names: Sequence[str]) -> str:
    metrics = results.read_metrics(data, [name for name in names if (data / name / "bundle" / MANIFEST).is_file()])
    return max(metrics, key=lambda name: metrics[name]["accuracy"], default="")
