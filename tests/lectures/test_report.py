"""The report: what its page and its tables say, and what a network's words and gates are."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Dict, Tuple

import numpy as np
import pytest

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.index import index_reviews
from pipeline.io.output import write_json
from pipeline.lectures import figures as lecture_figures
from pipeline.lectures import results
from pipeline.lectures.comparison import Comparison
from pipeline.lectures.figures import draw_figures
from pipeline.lectures.report import show, summarise, to_html, to_markdown, write_report
from pipeline.model.bundle import Bundle, load_bundle, save_bundle, write_metrics
from pipeline.model.ensemble import build_network
from pipeline.model.network import initialize
from pipeline.mx.engine import mx, seed_mxnet
from pipeline.plots import figures
from pipeline.plots.html import CaptionedFigure
from pipeline.read import read_reviews
from pipeline.recipe import Recipe, override, to_dict
from tests.html_page import Page

pytest.importorskip("matplotlib")

COMPARISONS = [
    Comparison("lecture8", "reviews", "12,500 and 12,500", "12,500 and 12,500", True),
    Comparison("lecture8", "accuracy on <train> & so on", 0.8285322359396433, 0.81, None, "other | vectors"),
    Comparison("lecture8", "accuracy held out", None, 0.8712, None, "not printed there"),
    Comparison("stacked", "loss of `<unk>`", 0.69314, 0.385, False, "it was never *trained* <script>alert(1)</script>"),
    Comparison("stacked", "official test reviews", 25_000, None, None, "not at hand"),
    Comparison("weights", "outputs", [0, 1, 8.5], [0, 1, 8.5], True),
]
ABOUT = {"Command": "python scripts/reproduce.py --set a=<b>", "Date": "2024-05-06"}


def captioned(title: str = "Lengths & <more>", word: str = "<b>") -> CaptionedFigure:
    gates = {name: np.linspace(0, 1, 6).reshape(3, 2) for name in ("input", "forget", "output", "cell")}
    figure = figures.gate_trace([word, "好电影", "🎬"], gates, np.array([0.2, 0.5, 0.9]))
    return CaptionedFigure(title, 'a "caption" <i>', 'said "aloud" <u>', figure)


def test_page_has_every_comparison_in_its_row() -> None:
    page = Page(to_html(COMPARISONS, [], ABOUT))
    for row in (
        ["reviews", "12,500 and 12,500", "12,500 and 12,500", "✓ agrees", ""],
        ["accuracy on <train> & so on", "0.82853", "0.81", "~ not comparable", "other | vectors"],
        ["accuracy held out", "–", "0.8712", "+ no reference", "not printed there"],
        ["loss of `<unk>`", "0.69314", "0.385", "✗ differs", "it was never *trained* <script>alert(1)</script>"],
        ["official test reviews", "25,000", "–", "∅ not available", "not at hand"],
        ["outputs", "0, 1, 8.5", "0, 1, 8.5", "✓ agrees", ""],
    ):
        assert row in page.rows
    assert ["lecture8", "1", "0", "1", "0", "1"] in page.rows  # in the overview
    assert "python scripts/reproduce.py --set a=<b>" in page.words
    assert page.words.count("lecture8") == 2  # a link and a heading


def test_page_needs_no_network_and_runs_no_script() -> None:
    text = to_html(COMPARISONS, [captioned(), captioned("Another")], ABOUT)
    page = Page(text)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object"}
    assert not re.search(r"https?://|@import|@font-face", text)
    assert all(
        value.startswith(("#", "data:")) for name in ("href", "src", "xlink:href") for value in page.values(name)
    )
    assert all(link.startswith(("#", '"#')) for link in re.findall(r"url\(([^)]*)\)", text))


def test_page_has_no_id_twice_and_no_link_to_nowhere() -> None:
    text = to_html(COMPARISONS, [captioned(), captioned()], ABOUT)
    page = Page(text)
    names = Counter(page.values("id"))
    assert max(names.values()) == 1
    links = [link[1:] for link in page.values("href") if link.startswith("#")] + re.findall(r"url\(#([^)]*)\)", text)
    assert {"lecture-0", "lecture-2", "figure-0", "figure-1"} <= set(links)
    assert set(links) <= set(names)
    assert set(page.values("aria-labelledby")) <= set(names)


def test_page_tells_readers_of_screens_what_is_to_be_seen() -> None:
    page = Page(to_html(COMPARISONS, [captioned()], ABOUT))
    images = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert [(image["role"], image["aria-label"]) for image in images] == [("img", 'said "aloud" <u>')]
    assert ("html", {"lang": "en"}) in page.tags
    headers = [attrs for tag, attrs in page.tags if tag == "th"]
    assert all(header["scope"] in ("row", "col") for header in headers)
    headings = [tag for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert headings == ["h1", "h2", "h2", "h2", "h2", "h3"]


def test_page_says_what_is_left_out() -> None:
    page = Page(to_html(COMPARISONS, [CaptionedFigure("ROC curve", "Left out: there is none.")], ABOUT))
    assert "Left out: there is none." in page.words
    assert "svg" not in {tag for tag, _ in page.tags}


def test_svg_colours_are_all_in_the_style_sheet_by_day_and_by_night() -> None:
    page = to_html(COMPARISONS, [captioned()], ABOUT)
    used = set(re.findall(r"var\(--([a-z]+)\)", page))
    day, night = page.split("prefers-color-scheme: dark", 1)
    assert used <= set(re.findall(r"--([a-z]+):", day))
    assert used - {"serif", "sans"} <= set(re.findall(r"--([a-z]+): #", night))


def test_markdown_has_the_same_comparisons_and_nothing_that_markdown_would_read() -> None:
    lines = to_markdown(COMPARISONS, ABOUT).splitlines()
    assert "## lecture8" in lines
    assert "| reviews | 12,500 and 12,500 | 12,500 and 12,500 | ✓ agrees |  |" in lines
    row = next(line for line in lines if line.startswith("| loss of"))
    assert row.startswith(
        r"| loss of \`&lt;unk&gt;\` | 0.69314 | 0.385 | ✗ differs | it was never \*trained\* &lt;script"
    )
    assert r"other \| vectors |" in next(line for line in lines if line.startswith("| accuracy on &lt;train&gt; &amp;"))
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 6 for line in lines if line.startswith("|"))
    assert len([line for line in lines if line.startswith("|")]) == len(COMPARISONS) + 2 * 3


def test_summary_counts_the_reference_values() -> None:
    assert summarise(COMPARISONS) == (
        "2 of 5 reference values agree. 1 differs; 1 cannot be compared, since the lecture's data is not at hand; "
        "1 cannot be computed with the data at hand; 1 computed value has no reference value."
    )
    assert summarise(COMPARISONS[:1]) == "1 of 1 reference values agree."


def test_show_is_short_but_keeps_small_differences() -> None:
    assert [show(value) for value in (0.0, 1.2e-07, np.float64(0.5), 9, False)] == ["0", "1.2e-07", "0.5", "9", "no"]


def make_bundle(raw: Path, folder: Path, recipe: Recipe) -> Tuple[Bundle, Encoded]:
    """Make a bundle of an untrained network, and the reviews encoded for it."""
    vocabulary, encoded = index_reviews(read_reviews(raw / "aclImdb", recipe.read), recipe.index)
    seed_mxnet(3)
    network = build_network(recipe, (len(vocabulary), 3))
    embedding = np.random.Generator(np.random.PCG64(3)).normal(size=(len(vocabulary), 3)).astype(np.float32)
    initialize(network, recipe, embedding, [mx.cpu()])
    for parameter in network.collect_params(".*bias").values():
        parameter.set_data(mx.nd.random.normal(shape=parameter.shape))
    save_bundle(folder / "bundle", network, vocabulary, recipe, [{"epoch": 1, "loss": 0.7, "accuracy": 0.5}])
    encoded.save(folder / "encoded.npz")
    return load_bundle(folder / "bundle", "cpu"), encoded


PADDED = ("network.bidirectional=false", "network.masked=false", "network.pooling=last", "train.bucket_by_length=false")
FRONT = ("network.padding_side=left", "network.recurrent_dropout=0.2", "index.bos=true", "index.truncation_side=left")
VARIANTS: Dict[str, Tuple[str, ...]] = {
    "bidirectional, masked": (),
    "one direction, padding behind": (*PADDED, "index.max_length=12"),
    "dropping units, padding in front": (*PADDED, *FRONT, "index.max_length=12"),
    "dropping units, the last four words": (*PADDED, *FRONT, "index.max_length=4"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_trace_gates_is_what_the_network_computes(raw: Path, tmp_path: Path, tiny: Recipe, variant: str) -> None:
    bundle, encoded = make_bundle(raw, tmp_path / "one", override(tiny, VARIANTS[variant]))
    options, limit = bundle.recipe.network, bundle.recipe.index.max_length
    trace = results.trace_gates(bundle, encoded[0])
    read = encoded[0][:limit] if bundle.recipe.index.truncation_side == "right" else encoded[0][-limit:]
    assert trace.words == bundle.vocabulary.decode(read)
    assert {values.shape for values in trace.gates.values()} == {(len(read), options.hidden_size)}
    zeros = [0] * (limit - len(read)) * (not options.masked)
    ids = [*zeros, *read] if options.padding_side == "left" else [*read, *zeros]
    padded, length = mx.nd.array([ids], dtype="int32"), mx.nd.array([len(read)])
    vectors = mx.nd.transpose(bundle.network.embedding(padded), (1, 0, 2))  # (T, 1, D)
    layer = bundle.network.layers[0]
    forward, *_ = layer(vectors, length) if options.bidirectional else layer(vectors)
    hidden = forward.asnumpy()[:, 0]  # (T, U)
    hidden = hidden[len(zeros) :] if options.padding_side == "left" else hidden[: len(read)]
    assert np.allclose(trace.gates["hidden"], hidden, atol=1e-6)
    negative, positive = bundle.network(*([padded, length] if options.masked else [padded])).asnumpy()[0]
    assert len(trace.positive) == len(read)
    assert trace.positive[-1] == pytest.approx(1 / (1 + np.exp(negative - positive)), abs=1e-6)


def test_measure_words_asks_about_each_word_alone(raw: Path, tmp_path: Path, tiny: Recipe) -> None:
    from pipeline import SentimentClassifier

    bundle, _ = make_bundle(raw, tmp_path / "one", tiny)
    polarity = results.measure_words(bundle, count=4)
    alone = SentimentClassifier.from_bundle(bundle).infer(polarity.words)
    words = [i for i, answer in enumerate(alone) if answer.label != "unsure"]  # punctuation alone is no review
    assert len(words) == 2
    assert polarity.positive[words] == pytest.approx([alone[i].positive for i in words], abs=1e-6)
    assert len(polarity.words) == len(polarity.vectors) == 4
    assert not set(polarity.words) & {"<pad>", "<unk>"}
    ids = [bundle.vocabulary.id(word) for word in polarity.words]
    assert (polarity.vectors == bundle.network.embedding.weight.data().asnumpy()[ids]).all()


def test_choose_review_takes_a_review_that_was_not_trained_on(raw: Path, tmp_path: Path, tiny: Recipe) -> None:
    bundle, encoded = make_bundle(raw, tmp_path / "one", tiny)
    held_out = [encoded[row].tolist() for row in encoded.rows("held_out")]
    assert results.choose_review(bundle, encoded).tolist() in held_out
    assert any(ids[:3] == results.choose_review(bundle, encoded, words=3).tolist()[:3] for ids in held_out)
    with pytest.raises(PipelineError, match="no held-out or test review of two words or more"):
        results.choose_review(
            bundle, Encoded(encoded.ids, encoded.offsets, encoded.labels, 0 * encoded.splits, encoded.positions)
        )


def test_figures_of_a_whole_data_folder(raw: Path, tmp_path: Path, tiny: Recipe) -> None:
    data = tmp_path / "results"
    make_bundle(raw, data / "tiny", tiny)
    values = {"accuracy": 0.75, "reviews": 4, "confusion": [[2, 0], [1, 1]]}
    write_metrics(data / "tiny/bundle", {"train": values, "held_out": values})
    write_json(data / "tiny/coverage.json", {"vocabulary_coverage": 0.4, "token_coverage": 0.7, "missing": ["<a>"]})
    rows = "train,0,1,0.9\nheld_out,1,0,0.2\nheld_out,2,1,0.9\nheld_out,3,1,0.1\nheld_out,4,0,0.4\n"
    (data / "tiny/predictions.csv").write_text("split,review,label,positive\n" + rows)
    drawn = draw_figures(data, ["tiny", "absent"], device="cpu")
    assert [figure.title for figure in drawn if figure.figure] == [
        "Training",
        "Confusion matrices",
        "ROC curve",
        "Lengths of the reviews",
        "Coverage of GloVe",
        "The most polar words",
        "The gates along one review",
    ]
    assert all(figure.alt for figure in drawn)
    assert "tiny: 75.00 % of 4 correct" in drawn[1].alt
    assert "tiny: 0.5000" in drawn[2].alt  # of the held-out reviews alone
    assert drawn[0].caption.endswith("Left out, since not in the data folder: absent.")
    write_report(COMPARISONS, drawn, tmp_path / "report.html", tmp_path / "report.md", ABOUT)
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert len([tag for tag, _ in page.tags if tag == "svg"]) == 7
    assert max(Counter(page.values("id")).values()) == 1
    assert (tmp_path / "report.html").stat().st_size < 1_000_000
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# The lectures' values reproduced\n")


def test_figures_of_an_empty_data_folder_are_left_out_with_a_sentence(tmp_path: Path) -> None:
    drawn = draw_figures(tmp_path, ["quick", "lecture8"])
    assert len(drawn) == 7
    assert all(figure.figure is None for figure in drawn)
    assert drawn[0].caption == "Left out: there is no bundle/history.json of quick or lecture8 in the data folder."
    assert {figure.title for figure in drawn} >= {lecture_figures.WORDS, lecture_figures.GATES}
    captions = {figure.caption for figure in draw_figures(tmp_path, [])}
    assert "Left out: there is no bundle of any network in the data folder." in captions


def test_networks_that_were_measured_on_no_unseen_reviews_are_left_out(tmp_path: Path, tiny: Recipe) -> None:
    write_metrics(tmp_path / "one/bundle", {"train": {"accuracy": 1.0, "reviews": 1, "confusion": [[1]]}})
    write_json(tmp_path / "one/bundle/recipe.json", to_dict(tiny))
    (tmp_path / "one/predictions.csv").write_text("split,review,label,positive\ntrain,0,1,0.9\n")
    assert results.read_metrics(tmp_path, ["one"]) == {}
    assert results.read_predictions(tmp_path, ["one"]) == {}
    assert all(figure.figure is None for figure in draw_figures(tmp_path, ["one"]))


def test_predictions_are_read_of_networks_with_a_bundle(tmp_path: Path, tiny: Recipe) -> None:
    for name in ("one", "alone"):
        (tmp_path / name).mkdir()
        rows = "train,0,1,0.9\ntest,1,0,0.2\ntest,2,1,0.4\n"
        (tmp_path / name / "predictions.csv").write_text("split,review,label,positive\n" + rows)
    write_json(tmp_path / "one/bundle/recipe.json", to_dict(tiny))
    found = results.read_predictions(tmp_path, ["one", "alone", "absent"])
    assert list(found) == ["one"]
    assert (found["one"].labels.tolist(), found["one"].positive.tolist()) == ([0, 1], [0.2, 0.4])
    (tmp_path / "one/predictions.csv").write_text("split,review,label,positive\nheld_out,0,1,often\n")
    with pytest.raises(PipelineError, match=r"predictions\.csv, line 2: not split, .*run again: sentiment evaluate"):
        results.read_predictions(tmp_path, ["one"])


def test_gates_without_an_unseen_review_are_left_out(raw: Path, tmp_path: Path, tiny: Recipe) -> None:
    bundle, _ = make_bundle(raw, tmp_path / "one", override(tiny, ["read.held_out=0"]))
    figure = lecture_figures.draw_gates(bundle, tmp_path / "one", "one")
    assert (figure.figure, figure.caption[:10]) == (None, "Left out: ")
