"""The report's page: its numbers, what it says is left out, and that nothing in it is run or loaded."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import List

import numpy as np
import pytest

from pipeline.corpus.encoded import Encoded
from pipeline.export.onnx import export_bundle
from pipeline.io.output import read_json, write_json
from pipeline.metrics import measure
from pipeline.model.bundle import load_bundle, load_metrics, write_metrics
from pipeline.model.predictor import Predictor
from pipeline.recipe import override
from pipeline.report.interpretation import select_likeliest, weigh_ngrams
from pipeline.report.page import (
    draw_class_reliability,
    draw_curves,
    draw_lengths,
    summarise,
    tabulate_classes,
    tabulate_data,
    tabulate_metrics,
    tabulate_settings,
    to_html,
    write_report,
)
from pipeline.report.results import load_results
from pipeline.text.vocabulary import Vocabulary
from tests.conftest import TINY, save_random_bundle
from tests.html_page import Page
from tests.report.conftest import SCRIPT, write_predictions

pytest.importorskip("matplotlib")

FIGURES = ["Lengths", "Learning curves", "Confusion matrices", "ROC curve", "Precision–recall curve"]
FIGURES += ["Reliability diagram", "Accuracy by length", "Words with most weight"]


def write(folder: Path) -> str:
    write_report(Path("report.html"), load_results(folder), "cpu")
    return Path("report.html").read_text(encoding="utf-8")


def words_of(page: Page) -> str:
    return " ".join(" ".join(page.words).split())


def check_self_contained(text: str) -> Page:
    """Take the page apart, which fails if it is not well-formed; nothing in it is run or loaded."""
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not re.search(r"https?://|@import|@font-face|javascript:", text)
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert all(value.startswith("#") for name in ("href", "src", "srcset", "action") for value in page.values(name))
    assert all(link.startswith(("#", '"#')) for link in re.findall(r"url\(([^)]*)\)", text))
    names = Counter(page.values("id"))
    assert max(names.values()) == 1
    assert set(page.values("aria-labelledby")) <= set(names)
    return page


def count_figures(page: Page) -> int:
    return sum(attributes.get("class") == "plot" for _, attributes in page.tags)


def test_page_of_a_trained_recipe_has_its_numbers_and_figures(data: Path) -> None:
    page = check_self_contained(write(data / "tiny"))
    metrics = load_metrics(data / "tiny/bundle")
    for split in ("train", "held_out"):
        values = metrics[split]
        (row,) = [row for row in page.rows if row[0] == split and len(row) == 9]
        numbers = [cell.split(" (")[0] for cell in row]
        names = ("accuracy", "loss", "precision", "recall", "f1", "roc_auc", "calibration_error")
        expected = ["–" if values[name] is None else f"{values[name]:.4f}" for name in names]
        assert numbers == [split, str(values["reviews"]), *expected]
    text = words_of(page)
    assert f"Accuracy {metrics['held_out']['accuracy']:.2%} on 3 held-out texts (95 % interval " in text
    assert count_figures(page) == len(FIGURES) - (metrics["train"]["roc_auc"] is None)
    assert all(title in text for title in FIGURES)
    assert ["index.vocab_size", "30"] in page.rows
    assert ["train.epochs", "3"] not in page.rows  # the default


def test_reviews_are_escaped_and_explained(data: Path) -> None:
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1], "held_out": [0.05, 0.9, 0.8]})
    results = load_results(data / "tiny")
    labels = results.predictions["held_out"].labels
    mistakes = int(((np.array([0.05, 0.9, 0.8]) > 0.5) != labels).sum())
    text = write(data / "tiny")
    page = check_self_contained(text)
    assert mistakes
    assert SCRIPT not in text
    assert "<script" not in text
    assert "&lt;script&gt;alert(" in text
    assert sum(attributes.get("class") == "mistake" for _, attributes in page.tags) == mistakes
    assert sum(attributes.get("class") == "explanation" for _, attributes in page.tags) == mistakes
    assert text.count("alert(") >= mistakes


def test_mistakes_come_by_falling_probability(data: Path) -> None:
    results = load_results(data / "tiny")
    labels = {split: one.labels for split, one in results.predictions.items()}
    held_out = np.abs(labels["held_out"] - np.array([0.7, 0.95, 0.2]))  # the first two are wrong
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1], "held_out": held_out.tolist()})
    text = to_html(load_results(data / "tiny"))
    assert re.findall(r"<summary>\w+, ([\d.]+%)", text) == ["95.0%", "70.0%"]
    names = ("negative", "positive")
    expected = [(names[1 - labels["held_out"][i]], names[labels["held_out"][i]]) for i in (1, 0)]
    assert re.findall(r"<summary>(\w+), [\d.]+%; the label is (\w+):", text) == expected


def test_page_without_mistakes_says_so(data: Path) -> None:
    labels = load_results(data / "tiny").predictions["held_out"].labels
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1], "held_out": (0.1 + 0.8 * labels).tolist()})
    assert "There are no mistakes." in words_of(Page(to_html(load_results(data / "tiny"))))


def test_page_without_a_network_to_run_leaves_out_what_needs_it(data: Path) -> None:
    labels = load_results(data / "tiny").predictions["held_out"].labels
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1], "held_out": (0.9 - 0.8 * labels).tolist()})
    text = to_html(load_results(data / "tiny"))
    page = check_self_contained(text)
    said = words_of(page)
    assert "Attributions are left out: MXNet is not installed" in said
    assert "Left out: MXNet is not installed, which runs the network." in said
    assert "&lt;script&gt;" in text  # the texts of the mistakes are there
    assert SCRIPT not in text


def test_page_of_a_bundle_in_onnx_has_no_attributions(data: Path) -> None:
    pytest.importorskip("onnxruntime")
    labels = load_results(data / "tiny").predictions["held_out"].labels
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1], "held_out": (0.9 - 0.8 * labels).tolist()})
    (data / "tiny/bundle").rename("gluon")
    export_bundle(Path("gluon"), data / "tiny/bundle")
    Path("gluon/metrics.json").rename(data / "tiny/bundle/metrics.json")
    page = check_self_contained(write(data / "tiny"))
    said = words_of(page)
    assert "Attributions are left out: the bundle is one in ONNX, which has no gradients." in said
    assert "most frequent words, each as a text of its own: the logit" in said


def test_page_of_a_bundle_alone_says_what_is_left_out(data: Path) -> None:
    for name in ("predictions.csv", "encoded.npz", "reviews.jsonl"):
        (data / "tiny" / name).unlink()
    page = check_self_contained(write(data / "tiny"))
    said = words_of(page)
    assert said.count("Left out: there is no predictions.csv, which the stage evaluate writes.") == 5
    assert "Left out: there is no encoded.npz." in said
    assert count_figures(page) == 3  # training, confusion matrices, words


def make_topics(folder: Path, classes: List[str], *settings: str) -> None:
    """Make a folder with four texts of each class and one mistake."""
    count = len(classes)
    recipe = override(replace(TINY, name="topics"), [f"network.num_outputs={count}", *settings])
    save_random_bundle(folder / "bundle", recipe)
    manifest = read_json(folder / "bundle/bundle.json")
    write_json(folder / "bundle/bundle.json", {**manifest, "classes": classes})
    labels = np.repeat(np.arange(count), 4)
    predicted = np.where(np.arange(len(labels)) == 0, count - 1, labels)
    probabilities = np.full((len(labels), count), 0.1 / (count - 1))
    probabilities[np.arange(len(labels)), predicted] = 0.9
    values = [float(name) for name in classes] if settings else None
    write_metrics(folder / "bundle", {"held_out": measure(labels, probabilities, values)})
    with open(folder / "predictions.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["split", "review", "label", *classes])
        rows = zip(labels, probabilities.tolist())
        writer.writerows(["held_out", i, classes[label], *row] for i, (label, row) in enumerate(rows))


def test_page_of_other_classes_has_their_names(data: Path) -> None:
    make_topics(data / "topics", ["<b>world", "sport", "$x$"])
    page = check_self_contained(write(data / "topics"))
    said = words_of(page)
    assert ["<b>world", "4", "1.0000 (0.4385–1.0000)", "0.7500 (0.3006–0.9544)", "0.8571"] in [
        [cell.strip() for cell in row] for row in page.rows
    ]
    results = load_results(data / "topics")
    assert [len(one.predictions) for one in (results, load_results(data / "tiny"))] == [1, 2]
    curves = "of each class against all others, on held-out texts, for all thresholds; the marker is at 0.5."
    assert f"True positive rate against false positive rate {curves}" in said
    assert f"Precision against recall {curves}" in said
    assert "Held-out texts in 10 bins by the probability of a class, whether or not it is the largest" in said
    assert count_figures(page) == 5  # confusion matrix, both curves, reliability of predictions and of each class
    roc, precision_recall = draw_curves(results)
    assert roc.alt == "ROC curve. <b>world: 0.8750; sport: 1.0000; $x$: 0.9375."
    assert precision_recall.alt.startswith("Precision–recall curve. <b>world: 0.8333; ")
    (line,) = [line for line in draw_class_reliability(results).figure.axes[0].lines if line.get_label() == r"\$x\$"]
    assert line.get_xydata().round(3).tolist() == [[0.05, 0.0], [0.9, 0.8]]
    assert "the likeliest words of each class" in said
    assert "<b>world, sport, $x$" in said
    assert not any(tag == "b" for tag, _ in page.tags)


def test_page_of_two_other_classes_has_the_second_ones_precision(data: Path) -> None:
    make_topics(data / "spam", ["ham", "spam"])
    said = words_of(check_self_contained(write(data / "spam")))
    assert "Precision, recall and F1 are of the class spam." in said
    assert "Above 0 for spam, below for ham." in said


def test_page_of_many_classes_leaves_matrices_and_words_out(data: Path) -> None:
    make_topics(data / "many", [f"c{number}" for number in range(21)])
    said = words_of(check_self_contained(write(data / "many")))
    assert "Left out: 21 classes are too many to draw; metrics.json has the counts." in said
    assert said.count("Left out: 21 classes are too many to draw.") == 3
    assert "Left out: 21 classes are too many to list." in said


def test_settings_that_are_empty_are_shown() -> None:
    rows = tabulate_settings(
        override(TINY, ["embed.vectors=", "train.shuffle=false", "train.bucket_by_length=false"])
    ).rows
    assert [row for row in rows if row[0] in ("embed.vectors", "train.shuffle")] == [
        ["embed.vectors", '""'],
        ["train.shuffle", "false"],
    ]


def test_metrics_have_wilson_intervals(data: Path) -> None:
    make_topics(data / "spam", ["ham", "spam"])
    results = load_results(data / "spam")
    (row,) = tabulate_metrics(results).rows  # of ham 3 of 4 are found, of spam 4 of 4; scipy's binomtest
    assert row[2] == "0.8750 (0.5291–0.9776)"
    assert row[4:6] == ["0.8000 (0.3755–0.9638)", "1.0000 (0.5101–1.0000)"]
    assert tabulate_classes(results) is None


def test_data_are_counted_by_split(data: Path) -> None:
    results = load_results(data / "tiny")
    table = tabulate_data(results)
    assert table.columns == ["split", "texts", "negative", "positive", "words, median", "truncated", "unknown words"]
    assert results.encoded is not None
    unknown = results.vocabulary.id("never seen")
    for row, split in zip(table.rows, ("train", "held_out")):
        ids = [results.encoded[i] for i in results.encoded.rows(split)]
        labels = results.encoded.labels[results.encoded.rows(split)]
        assert row[:3] == [split, "3", f"{(labels == 0).sum()} ({(labels == 0).mean():.1%})"]
        assert row[4] == f"{np.median([len(one) for one in ids]):.0f}"
        assert row[5] == f"{np.mean([len(one) > 8 for one in ids]):.1%}"
        assert row[6] == f"{np.mean(np.concatenate(ids) == unknown):.2%}"
    assert table.notes[0] == "The split is random."


def test_start_and_shared_id_are_no_known_words(data: Path) -> None:
    index = replace(TINY.index, bos=True, oov="last_id", vocab_size=5)  # <pad>, <start>, a, b, and one id for c and d
    encoded = Encoded(
        np.array([1, 2, 4, 4, 1, 2], np.int32),
        *(np.array(numbers) for numbers in ([0, 4, 6], [0, 1], [0, 0], [0, 1])),
    )
    values = measure(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    results = load_results(data / "tiny")._replace(
        recipe=replace(TINY, index=index),
        vocabulary=Vocabulary(["a", "b", "c", "d"], [4, 3, 2, 1], index),
        metrics={"train": values},
        predictions={},
        encoded=encoded,
    )
    table = tabulate_data(results)
    assert table.rows == [["train", "2", "1 (50.0%)", "1 (50.0%)", "2", "0.0%", "50.00%"]]  # a c c, a
    empty = replace(encoded, ids=np.array([1, 1], np.int32), offsets=np.array([0, 1, 2]))
    assert draw_lengths(results._replace(encoded=empty)).caption == "Left out: no text has a word."
    assert tabulate_data(results._replace(encoded=empty)).rows[0][4:] == ["0", "0.0%", "0.00%"]
    assert table.notes[1].startswith("Unknown words are those that share the last id")
    assert "There are no held-out texts, so nothing is known of its accuracy" in summarise(results)


def test_page_has_no_interval_of_nothing(data: Path) -> None:
    labels = load_results(data / "tiny").predictions["held_out"].labels
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1], "held_out": [0.1] * len(labels)})
    row = tabulate_metrics(load_results(data / "tiny")).rows[1]
    assert row[4] == "0.0000"  # the precision of no positive prediction


def test_ngrams_of_the_ngram_model_are_drawn(data: Path) -> None:
    recipe = override(replace(TINY, name="wide"), ["network.num_outputs=1", "ngram_model.max_n=2"])
    save_random_bundle(data / "wide/bundle", recipe)
    values = measure(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    write_metrics(data / "wide/bundle", {"held_out": values})
    predictor = Predictor(load_bundle(data / "wide/bundle", "cpu"))
    text = to_html(load_results(data / "wide"), predictor)
    assert "What an n-gram adds to the logit of the n-gram model." in words_of(check_self_contained(text))


def test_ngrams_of_three_classes_are_listed_for_each(data: Path) -> None:
    recipe = override(replace(TINY, name="wide"), ["network.num_outputs=3", "ngram_model.max_n=2"])
    save_random_bundle(data / "wide/bundle", recipe)
    values = measure(np.array([0, 1, 2]), np.eye(3) * 0.7 + 0.1)
    write_metrics(data / "wide/bundle", {"held_out": values})
    predictor = Predictor(load_bundle(data / "wide/bundle", "cpu"))
    text = words_of(check_self_contained(to_html(load_results(data / "wide"), predictor)))
    assert "The n-grams that add most to the logit of each class, in the n-gram model." in text
    (best, weight), *_ = select_likeliest(weigh_ngrams(predictor))[2]
    assert f"2 {best} {weight:+.2f}, " in text


def test_page_of_stars_has_their_errors(data: Path) -> None:
    make_topics(data / "topics", ["1", "2", "10"], "read.labels=stars")
    table = tabulate_metrics(load_results(data / "topics"))
    assert table.columns[-3:] == ["within one", "mean absolute error", "calibration error"]
    assert table.rows[0][-3:-1] == ["0.9167", "0.7500"]  # one of twelve is off by nine
    assert "The classes are ordered: the prediction is their median. Within one: it is off by 1 or less." in table.notes


def test_predictions_of_stars_are_medians(data: Path) -> None:
    make_topics(data / "topics", ["1", "2", "10"], "read.labels=stars")
    probabilities = np.array([[0.4, 0.3, 0.3], [0.1, 0.2, 0.7], [0.2999999, 0.2, 0.5000001]])
    write_metrics(data / "topics/bundle", {"held_out": measure(np.array([1, 2, 2]), probabilities, [1, 2, 10])})
    rows = [
        ",".join(["held_out", str(i), label, *(f"{value:.6f}" for value in row)])
        for i, (label, row) in enumerate(zip(("2", "10", "10"), probabilities))
    ]
    (data / "topics/predictions.csv").write_text("\n".join(["split,review,label,1,2,10", *rows]))
    (predictions,) = load_results(data / "topics").predictions.values()
    assert predictions.predicted.tolist() == [1, 2, 1]  # the last one is rounded to a half
    assert predictions.correct.tolist() == [True, True, False]
