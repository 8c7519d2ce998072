"""The report's page: tables and figures from `NetworkResults`, in an HTML page that loads nothing."""

from __future__ import annotations

import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

import pipeline
from pipeline.corpus.encoded import Encoded
from pipeline.io.output import new_file
from pipeline.io.templates import render
from pipeline.metrics import ORDERED_METRICS, TITLES, accuracy_by_value, metric_names, reliability, wilson_interval
from pipeline.model.card import list_settings
from pipeline.model.predictor import Predictor
from pipeline.plots import figures
from pipeline.plots.drawing import legend_texts
from pipeline.plots.html import CaptionedFigure, figure_values, left_out, style_sheet
from pipeline.recipe import Recipe
from pipeline.report.interpretation import (
    Mistake,
    find_mistakes,
    select_extremes,
    select_likeliest,
    weigh_ngrams,
    weigh_words,
)
from pipeline.report.results import NetworkResults
from pipeline.text.vocabulary import Vocabulary
from pipeline.workflow.stages import ENCODED, PREDICTIONS, REVIEWS

_TEMPLATE = Path(__file__).with_name("templates") / "report.html"
_MOST_CLASSES = 20  # in the confusion matrices and the words
_NO_PREDICTIONS = f"there is no {PREDICTIONS}, which the stage evaluate writes"
_NO_MXNET = "MXNet is not installed, which runs the network"


class ReportTable(NamedTuple):
    """A table; the first cell of each row is its name."""

    columns: List[str]
    rows: List[List[str]]
    notes: Sequence[str] = ()  # below it


def write_report(path: Path, results: NetworkResults, device: str = "auto") -> None:
    """Write the page.

    Parameters
    ----------
    path : Path
    results : NetworkResults
    device : str
        Where texts are explained and words are predicted, as for `pipeline.mx.engine.find_devices`.
    """
    predictor = Predictor.load(results.folder / "bundle", device) if _can_load(results) else None
    content = to_html(results, predictor)
    with new_file(path) as temporary:
        temporary.write_text(content, encoding="utf-8")


def _can_load(results: NetworkResults) -> bool:
    from pipeline.model.bundle import ONNX

    onnx = (results.folder / "bundle" / ONNX).is_file() and find_spec("onnxruntime")
    return bool(find_spec("mxnet") or onnx)


def to_html(results: NetworkResults, predictor: Optional[Predictor] = None) -> str:
    """Return the page; without a predictor, what it is needed for is left out."""
    drawn = [draw_training(results), draw_lengths(results), *draw_metrics(results)]
    words, by_class = draw_words(results, predictor)
    training, lengths, *measured = [figure_values(f"figure-{number}", one) for number, one in enumerate(drawn)]
    mistakes = find_mistakes(results, predictor)
    return render(
        _TEMPLATE,
        style=style_sheet(),
        title=f"Report on {results.folder.name}",
        summary=summarise(results),
        about=describe(results),
        settings=tabulate_settings(results.recipe),
        data=tabulate_data(results),
        metrics=tabulate_metrics(results),
        classes=tabulate_classes(results),
        training=training,
        lengths=lengths,
        measured=measured,
        shown=_named(results.shown),
        mistakes=mistakes,
        mistakes_note=_note_mistakes(results, predictor, mistakes),
        words=figure_values("figure-words", words),
        words_by_class=by_class,
    )


def tabulate_settings(recipe: Recipe) -> ReportTable:
    """Return the fields of the recipe that differ from their defaults."""
    settings = [setting.partition("=") for setting in list_settings(recipe)]
    return ReportTable(["field", "value"], [[name, value or '""'] for name, _, value in settings])


def _named(split: str) -> str:
    """Return a split's name in a sentence."""
    return "held-out" if split == "held_out" else split


def summarise(results: NetworkResults) -> str:
    """Return the accuracy on the split that is shown, with its interval."""
    metrics = results.metrics[results.shown]
    low, high = wilson_interval(_correct(metrics), metrics["reviews"])
    says = (
        f"Accuracy {metrics['accuracy']:.2%} on {metrics['reviews']:,} {_named(results.shown)} texts "
        f"(95 % interval {low:.2%} to {high:.2%})."
    )
    if results.shown in ("held_out", "test"):
        return says
    return f"{says} There are no held-out texts, so nothing is known of its accuracy on texts that are new to it."


def _correct(metrics: Dict[str, Any]) -> int:
    return int(np.trace(metrics["confusion"]))


def describe(results: NetworkResults) -> Dict[str, str]:
    """Return what is reported on."""
    recipe, names = results.recipe, results.names
    others = f", … ({len(names)})" if len(names) > _MOST_CLASSES else ""
    return {
        "Recipe": f"{recipe.name}: {recipe.about}" if recipe.about else recipe.name,
        "Classes": ", ".join(names[:_MOST_CLASSES]) + others,
        "Report": f"{datetime.date.today().isoformat()}, sentiment-pipeline {pipeline.__version__}",
    }


def tabulate_data(results: NetworkResults) -> ReportTable:
    """Return the texts, the label balance, the lengths and the unknown words of each split."""
    names, encoded = results.names, results.encoded
    shown = names if len(names) <= _MOST_CLASSES else []
    columns = ["split", "texts", *shown]
    columns += ["words, median", "truncated", "unknown words"] if encoded else []
    rows = []
    for split, metrics in results.metrics.items():
        texts = np.array(metrics["confusion"]).sum(axis=1)
        balance = [f"{count:,} ({count / max(texts.sum(), 1):.1%})" for count in texts[: len(shown)]]
        more = _describe_texts(results, encoded, split) if encoded else []
        rows.append([split, f"{metrics['reviews']:,}", *balance, *more])
    how = {"film": "The split is by film: no film has reviews in two splits.", "random": "The split is random."}
    notes = [how[results.split_by]] if results.split_by in how else []
    if not encoded:
        notes.append(f"Lengths and unknown words are left out: there is no {ENCODED}.")
    elif results.recipe.index.oov == "last_id":
        notes.append("Unknown words are those that share the last id; words that were never seen are dropped.")
    else:
        notes.append("Unknown words are tokens that are not in the vocabulary, as a fraction of all tokens.")
    return ReportTable(columns, rows, notes)


def _describe_texts(results: NetworkResults, encoded: Encoded, split: str) -> List[str]:
    index = results.recipe.index
    rows = _rows(results, encoded, split)
    lengths = encoded.lengths[rows] - index.bos
    known, total = _known_ids(results.vocabulary)[np.concatenate([encoded[row] for row in rows])], lengths.sum()
    unknown = len(known) - known.sum() - index.bos * len(rows)
    truncated = (encoded.lengths[rows] > index.max_length).mean()
    return [f"{np.median(lengths):,.0f}", f"{truncated:.1%}", f"{unknown / max(total, 1):.2%}"]


def _rows(results: NetworkResults, encoded: Encoded, split: str) -> np.ndarray:
    """Return the numbers of the reviews that were evaluated, or of all in the split."""
    return results.predictions[split].rows if split in results.predictions else encoded.rows(split)


def _known_ids(vocabulary: Vocabulary) -> np.ndarray:
    """Return a mask of the ids that stand for one word, bool, (vocab_size,)."""
    mask = np.zeros(len(vocabulary), bool)
    mask[[row for row, word in vocabulary.row_words() if vocabulary.knows(word)]] = True
    return mask


def tabulate_metrics(results: NetworkResults) -> ReportTable:
    """Return the metrics of each split, with 95 % intervals of the proportions."""
    names, binary, ordered = results.names, len(results.classes) == 2, results.recipe.is_ordered
    columns = ["split", "texts", *(TITLES[name] for name in metric_names(len(results.classes), ordered))]
    rows = []
    for split, metrics in results.metrics.items():
        row = [split, f"{metrics['reviews']:,}"]
        row += [_proportion(metrics["accuracy"], _correct(metrics), metrics["reviews"]), f"{metrics['loss']:.4f}"]
        if binary:
            (_, false), (missed, right) = metrics["confusion"]
            row += [_proportion(metrics["precision"], right, right + false)]
            row += [_proportion(metrics["recall"], right, right + missed), f"{metrics['f1']:.4f}"]
            row.append("–" if metrics.get("roc_auc") is None else f"{metrics['roc_auc']:.4f}")
        else:
            row += [f"{metrics[name]:.4f}" for name in ("macro_f1", "weighted_f1")]
        row += [f"{metrics[name]:.4f}" for name in ORDERED_METRICS if ordered]
        rows.append([*row, f"{metrics['calibration_error']:.4f}"])
    notes = [
        "In brackets: 95 % score intervals (Wilson, 1927), which take the texts as independent. Texts about the same "
        "thing are not quite, so that the intervals are rather too narrow.",
        "Calibration error: expected calibration error in 15 bins (Guo et al., 2017).",
    ]
    if binary:
        notes.insert(1, f"Precision, recall and F1 are of the class {names[1]}.")
    if ordered:
        notes.insert(1, "The classes are ordered: the prediction is their median. Within one: it is off by 1 or less.")
    return ReportTable([*columns, TITLES["calibration_error"]], rows, notes)


def tabulate_classes(results: NetworkResults) -> Optional[ReportTable]:
    """Return the metrics of each class on the split that is shown, if there are more than two."""
    if len(results.classes) == 2:
        return None
    metrics = results.metrics[results.shown]
    counts = np.array(metrics["confusion"])
    rows = []
    for k, (right, texts, predicted) in enumerate(zip(counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0))):
        precision = _proportion(metrics["precision"][k], right, predicted)
        recall = _proportion(metrics["recall"][k], right, texts)
        rows.append([results.names[k], f"{texts:,}", precision, recall, f"{metrics['f1'][k]:.4f}"])
    return ReportTable(["class", "texts", "precision", "recall", "F1"], rows, [f"On {_named(results.shown)} texts."])


def _proportion(value: float, successes: int, total: int) -> str:
    """Format a proportion with its interval; without one if it is of nothing."""
    low, high = wilson_interval(successes, total)
    return f"{value:.4f} ({low:.4f}–{high:.4f})" if total else f"{value:.4f}"


def draw_training(results: NetworkResults) -> CaptionedFigure:
    """Draw accuracy and loss over the epochs."""
    title, history = "Learning curves", results.history
    if not history:
        return left_out(title, "no history was recorded")
    caption = "Accuracy and loss on the training texts during each epoch. Dashed: after each epoch, on other texts."
    kept = [entry["epoch"] for entry in history if entry.get("kept")]
    caption += f" The parameters are those of epoch {kept[0]}." if kept else ""
    ends = ", ".join(f"{name} {value:.4f}" for name, value in history[-1].items() if name not in ("epoch", "kept"))
    alt = f"Two line charts over {len(history)} epochs. At the end: {ends}."
    return CaptionedFigure(title, caption, alt, figures.training_curves({results.recipe.name: history}))


def draw_lengths(results: NetworkResults) -> CaptionedFigure:
    """Draw the lengths of the texts."""
    title, index, encoded = "Lengths", results.recipe.index, results.encoded
    if encoded is None:
        return left_out(title, f"there is no {ENCODED}")
    lengths = encoded.lengths[_rows(results, encoded, results.shown)] - index.bos
    if not lengths.any():
        return left_out(title, "no text has a word")
    caption = (
        f"Words of the {len(lengths):,} {_named(results.shown)} texts: up to {lengths.max():,}, "
        f"{lengths.mean():.1f} on average."
    )
    return CaptionedFigure(title, caption, f"Histogram. {caption}", figures.review_lengths(lengths, index.max_length))


def draw_metrics(results: NetworkResults) -> List[CaptionedFigure]:
    """Draw confusion matrices, ROC and precision-recall curves, reliability and accuracy by length."""
    reliability = [draw_reliability(results)]
    if len(results.classes) > 2:
        reliability.append(draw_class_reliability(results))
    return [draw_confusion(results), *draw_curves(results), *reliability, draw_by_length(results)]


def draw_confusion(results: NetworkResults) -> CaptionedFigure:
    """Draw the confusion matrix of each split."""
    title, names = "Confusion matrices", results.names
    if len(names) > _MOST_CLASSES:
        return left_out(title, f"{len(names)} classes are too many to draw; metrics.json has the counts")
    caption = "Counts, and their fractions of the row. Blue is correct, vermilion wrong."
    right = [f"{split}: {_correct(one):,} of {one['reviews']:,} correct" for split, one in results.metrics.items()]
    counts = {split: one["confusion"] for split, one in results.metrics.items()}
    return CaptionedFigure(title, caption, f"{title}. {'; '.join(right)}.", figures.confusion_matrices(counts, names))


def draw_curves(results: NetworkResults) -> List[CaptionedFigure]:
    """Draw ROC and precision-recall curves: of each split for two classes, or of each class against all others."""
    predictions, reason = _find_curves(results)
    which = ", for all thresholds; the marker is at 0.5"
    if len(results.classes) > 2:
        which = f" of each class against all others, on {_named(results.shown)} texts{which}"
    kinds = (
        ("ROC curve", "True positive rate against false positive rate", figures.roc_curves),
        ("Precision–recall curve", "Precision against recall", figures.precision_recall_curves),
    )
    drawn = []
    for title, says, draw in kinds:
        if not predictions:
            drawn.append(left_out(title, reason))
            continue
        figure = draw(predictions)
        areas = legend_texts(figure)
        drawn.append(CaptionedFigure(title, f"{says}{which}.", f"{title}. {'; '.join(areas)}.", figure))
    return drawn


def _find_curves(results: NetworkResults) -> Tuple[Dict[str, Tuple[np.ndarray, np.ndarray]], str]:
    """Return what there are curves of, with its labels, 0 and 1, and probabilities; or why there is nothing."""
    if not results.predictions:
        return {}, _NO_PREDICTIONS
    if len(results.classes) == 2:
        both = {split: (one.labels, one.positive) for split, one in results.predictions.items()}
        reason = "no split has both classes"
    else:
        if len(results.classes) > _MOST_CLASSES:
            return {}, f"{len(results.classes)} classes are too many to draw"
        one = results.predictions[results.shown]
        each = enumerate(results.names)
        both = {name: ((one.labels == k).astype(int), one.probabilities[:, k]) for k, name in each}
        reason = "there are texts of one class only"
    return {name: values for name, values in both.items() if len(np.unique(values[0])) == 2}, reason


def draw_class_reliability(results: NetworkResults) -> CaptionedFigure:
    """Draw how often texts are of a class over the probability of that class, on the split that is shown."""
    title = "Reliability of each class"
    predictions, reason = _find_curves(results)
    if not predictions:
        return left_out(title, reason)
    caption = (
        f"{_named(results.shown).capitalize()} texts in 10 bins by the probability of a class, whether or not it is "
        "the largest: how many are of that class. On the dotted line probabilities are calibrated."
    )
    return CaptionedFigure(
        title, caption, f"{title}: {', '.join(predictions)}.", figures.calibration_curves(predictions)
    )


def draw_reliability(results: NetworkResults) -> CaptionedFigure:
    """Draw accuracy over confidence on the split that is shown."""
    title = "Reliability diagram"
    if results.shown not in results.predictions:
        return left_out(title, _NO_PREDICTIONS)
    one = results.predictions[results.shown]
    groups = reliability(one.labels, one.probabilities)
    caption = (
        f"{_named(results.shown).capitalize()} texts in bins by the probability of the likeliest class: how many are "
        "of that class, with 95 % intervals. On the dotted line probabilities are calibrated."
    )
    return CaptionedFigure(
        title, caption, f"{title}. {_describe_groups(groups, '.0%')}", figures.reliability_diagram(groups)
    )


def draw_by_length(results: NetworkResults) -> CaptionedFigure:
    """Draw the accuracy over the length on the split that is shown."""
    title, encoded = "Accuracy by length", results.encoded
    if results.shown not in results.predictions:
        return left_out(title, _NO_PREDICTIONS)
    if encoded is None:
        return left_out(title, f"there is no {ENCODED}")
    one = results.predictions[results.shown]
    groups = accuracy_by_value(encoded.lengths[one.rows] - results.recipe.index.bos, one.correct)
    caption = (
        f"{_named(results.shown).capitalize()} texts in groups of about the same size, by their number of words, with "
        f"95 % intervals. The network reads up to {results.recipe.index.max_length:,} words."
    )
    return CaptionedFigure(
        title, caption, f"{title}. {_describe_groups(groups, ',.0f')}", figures.accuracy_by_length(groups)
    )


def _describe_groups(groups: Sequence[Any], form: str) -> str:
    return "; ".join(f"{one.low:{form}} to {one.high:{form}}: {one.correct} of {one.texts} correct" for one in groups)


def draw_words(
    results: NetworkResults, predictor: Optional[Predictor]
) -> Tuple[CaptionedFigure, Optional[ReportTable]]:
    """Draw the words, or list them for each class, that have most weight."""
    title, names = "Words with most weight", results.names
    if predictor is None:
        return left_out(title, _NO_MXNET), None
    if len(names) > _MOST_CLASSES:
        return left_out(title, f"{len(names)} classes are too many to list"), None
    ngrams = predictor.has_gradients and predictor.bundle.network.ngrams is not None
    found = weigh_ngrams(predictor) if ngrams else weigh_words(predictor)
    alone = f"The predictions for the {len(found.words):,} most frequent words, each as a text of its own"
    if len(names) > 2:
        caption, kind, form = f"{alone}: the likeliest words of each class.", "words", ".0%"
        if ngrams:
            caption = "The n-grams that add most to the logit of each class, in the n-gram model."
            kind, form = "n-grams", "+.2f"
        lines = [
            [name, ", ".join(f"{word} {weight:{form}}" for word, weight in words)]
            for name, words in zip(names, select_likeliest(found))
        ]
        return CaptionedFigure(title, caption), ReportTable(["class", kind], lines)
    bars = select_extremes(found)
    if not bars:
        return left_out(title, "no frequent word speaks for one of the classes"), None
    what = "What an n-gram adds to the logit of the n-gram model" if ngrams else f"{alone}: the logit"
    caption = f"{what}. Above 0 for {names[1]}, below for {names[0]}."
    return CaptionedFigure(title, caption, f"Bar chart: {', '.join(bars)}.", figures.signed_bars(bars)), None


def _note_mistakes(results: NetworkResults, predictor: Optional[Predictor], mistakes: Sequence[Mistake]) -> str:
    """Return what is said above the mistakes."""
    if results.shown not in results.predictions:
        return f"Left out: {_NO_PREDICTIONS}."
    if not mistakes:
        some = not results.predictions[results.shown].correct.all()
        return f"Left out: there is no {REVIEWS}." if some else "There are no mistakes."
    says = f"The {len(mistakes)} wrong predictions" if len(mistakes) > 1 else "The wrong prediction"
    says += f" on {_named(results.shown)} texts with the largest probability."
    if predictor is None:
        return f"{says} Attributions are left out: {_NO_MXNET}."
    if not predictor.has_gradients:
        return f"{says} Attributions are left out: the bundle is one in ONNX, which has no gradients."
    return f"{says} Open one to see the attribution of each word, by integrated gradients (Sundararajan et al., 2017)."
