"""Bundles, evaluation and inference, on a network trained on the six reviews."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipeline import clear_cache, explain, infer_sentiment
from pipeline.cli.main import main
from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.evaluate import evaluate_bundle
from pipeline.io.output import sha256
from pipeline.model.bundle import SHIPPED, describe_bundle, find_bundle, load_bundle
from pipeline.model.predictor import Predictor, Sentiment
from pipeline.recipe import Recipe
from pipeline.recipes import RECIPES

TEXTS = [
    "I loved this great film, what fun! Great, great, great.",
    "bad",
    "A film.<br /><br />A bad one: I hated it, and I hated the plot as well!",
    "unheard-of words alone",
    "Ünïcode 好电影 🎬🎬 film",
    "film " * 100_000,
    "great\x00film\ufeff",
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which the tiny recipe and a tiny lecture8 have been run."""
    from tests.conftest import GLOVE, REVIEWS, TINY

    data = tmp_path_factory.mktemp("trained")
    for name, text in REVIEWS.items():
        path = data / "raw/aclImdb" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (data / "raw/glove.txt").write_text(GLOVE)
    options = ["--data", str(data), "--vectors", str(data / "raw/glove.txt"), "--device", "cpu"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECIPES, "tiny", TINY)
        assert main(["run", "tiny", *options]) == 0
    few = ["train.batch_size=2", "train.epochs=1", "index.vocab_size=10", "index.max_length=20"]
    assert main(["run", "lecture8", *options, *(word for setting in few for word in ("--set", setting))]) == 0
    return data


@pytest.fixture
def bundle(trained: Path, tmp_path: Path) -> Path:
    """Return a copy of the tiny bundle that a test may spoil."""
    shutil.copytree(trained / "tiny/bundle", tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.mark.parametrize("name", ["tiny", "lecture8"])
def test_infer_answers_each_text_as_if_it_were_alone(trained: Path, name: str) -> None:
    model = trained / name / "bundle"
    together = infer_sentiment(TEXTS, model=model)
    for text, answer in zip(TEXTS, together):
        alone = infer_sentiment(text, model=model)
        assert alone.positive == pytest.approx(answer.positive, abs=1e-6)
        assert (alone.label, alone.words, alone.unknown, alone.cut) == (
            answer.label,
            answer.words,
            answer.unknown,
            answer.cut,
        )


def test_infer_reports_what_it_read(trained: Path) -> None:
    answer = infer_sentiment("A great film, unheard of!", model=trained / "tiny/bundle")
    assert answer.words == 7
    assert answer.unknown == 2 / 7  # "unheard" and "of"
    assert not answer.cut
    assert answer.probability == max(answer.positive, 1 - answer.positive)
    long = infer_sentiment("film " * 9, model=trained / "tiny/bundle")
    assert (long.words, long.cut) == (9, True)


def test_infer_lecture8_shares_the_last_row_and_drops_unseen_words(trained: Path) -> None:
    model = trained / "lecture8/bundle"
    with_unseen = infer_sentiment("I loved zebras, the plot and the film!", model=model)
    without = infer_sentiment("I loved the plot the film", model=model)
    assert with_unseen.positive == without.positive
    assert with_unseen.unknown > without.unknown


def test_sentiment_speaks_as_the_lecture_does() -> None:
    assert str(Sentiment("positive", 0.9, {"negative": 0.1, "positive": 0.9}, 3, 0.0, False)) == "Glad you liked it!"
    assert (
        str(Sentiment("negative", 0.9, {"negative": 0.9, "positive": 0.1}, 3, 0.0, False)) == "Sorry you didn't like it"
    )


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u00a0"])
def test_infer_refuses_a_text_without_words(trained: Path, text: str) -> None:
    with pytest.raises(ValueError, match="text 1: no words in it"):
        infer_sentiment(["film", text], model=trained / "tiny/bundle")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, "None, a missing value: drop or fill it"),
        (float("nan"), "nan, a missing value: drop or fill it"),
        (3, r"3 \(int\)"),
        (b"film", 'bytes: decode them first, b"...".decode'),
    ],
)
def test_infer_refuses_what_is_no_text(trained: Path, value: Any, found: str) -> None:
    model = trained / "tiny/bundle"
    with pytest.raises(ValueError, match=f"expected texts, found {found}"):
        infer_sentiment(value, model=model)
    with pytest.raises(ValueError, match=f"text 1: expected a string, found {found}"):
        infer_sentiment(["film", value], model=model)
    with pytest.raises(ValueError, match=f"text: expected a string, found {found}"):
        explain(value, model=model)


def test_infer_applied_to_a_column_says_which_value_is_missing(trained: Path) -> None:
    column = pd.Series(["a great film", float("nan")])
    with pytest.raises(ValueError, match="found nan, a missing value: drop or fill it"):
        column.apply(infer_sentiment, model=trained / "tiny/bundle")


@pytest.mark.parametrize("name", ["tiny", "lecture8"])
@pytest.mark.parametrize("text", ["zebra", "8/9 zebras", "zebra, zebra!"])
def test_infer_is_unsure_where_it_knows_no_word(trained: Path, name: str, text: str) -> None:
    answer = infer_sentiment(text, model=trained / name / "bundle")
    assert (answer.label, answer.probability, answer.positive) == ("unsure", 0.5, 0.5)
    assert str(answer) == "Not sure: no word that the network knows"
    with pytest.raises(PipelineError, match="text: no words in it that the network knows"):
        explain(text, model=trained / name / "bundle")


@pytest.mark.parametrize("text", ["\u7535\u5f71\u5f88\u597d", "\U0001f3ac", "\u2603\ufe0f", "...", "?!"])
def test_shipped_bundle_is_unsure_where_it_knows_no_word(text: str) -> None:
    assert infer_sentiment(text).label == "unsure"
    assert infer_sentiment(f"great film {text}").label == "positive"


def test_infer_of_no_texts_is_no_answers(trained: Path) -> None:
    assert infer_sentiment([], model=trained / "tiny/bundle") == []


def test_infer_takes_the_shipped_bundle_whatever_was_trained(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained / "tiny/bundle", tmp_path / "data/tiny/bundle")
    monkeypatch.chdir(tmp_path)
    assert find_bundle() == SHIPPED
    assert infer_sentiment("a great film") == infer_sentiment("a great film", model=SHIPPED)


def test_model_is_a_folder_or_the_name_of_a_trained_recipe(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained / "tiny/bundle", tmp_path / "data/tiny/bundle")
    monkeypatch.chdir(tmp_path)
    assert find_bundle("tiny") == find_bundle("data/tiny/bundle") == Path("data/tiny/bundle")
    assert infer_sentiment("a great film", model="tiny") == infer_sentiment("a great film", model="data/tiny/bundle")
    shutil.copytree(trained / "lecture8/bundle", tmp_path / "tiny")
    assert find_bundle("tiny") == Path("tiny")  # a folder goes before a name
    for wrong in ("lecture8", "data/tiny", "../data/tiny", "data/tiny/bundle/bundle.json", ""):
        with pytest.raises(PipelineError, match=r"no bundle there .* trained below data/ \(found: tiny\)"):
            find_bundle(wrong)


def test_loaded_bundle_is_read_again_when_it_has_changed(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained / "tiny/bundle", tmp_path / "bundle")
    before = infer_sentiment("a great film", model=tmp_path / "bundle")
    shutil.rmtree(tmp_path / "bundle")
    shutil.copytree(trained / "lecture8/bundle", tmp_path / "bundle")
    (tmp_path / "bundle/bundle.json").touch()
    after = infer_sentiment("a great film", model=tmp_path / "bundle")
    assert after == infer_sentiment("a great film", model=trained / "lecture8/bundle") != before


def test_cache_holds_one_bundle_and_is_cleared(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []

    def load(path: Path, *arguments: Any) -> Any:
        loads.append(path.parent.name)
        return load_bundle(path, *arguments)

    monkeypatch.setattr("pipeline.model.predictor.load_bundle", load)
    clear_cache()
    for name in ("tiny", "tiny", "lecture8", "tiny"):
        infer_sentiment("film", model=trained / name / "bundle")
    assert loads == ["tiny", "lecture8", "tiny"]
    clear_cache()
    infer_sentiment("film", model=trained / "tiny/bundle")
    assert loads == ["tiny", "lecture8", "tiny", "tiny"]


def test_inference_imports_neither_scikit_learn_nor_gluonnlp(trained: Path) -> None:
    code = "import sys, pipeline; print(pipeline.infer_sentiment('fun', model=sys.argv[1]).words)"
    code += "; print([name for name in ('sklearn', 'scipy', 'gluonnlp') if name in sys.modules])"
    code += "; import scipy.stats, sklearn.base; print('still there')"
    done = subprocess.run([sys.executable, "-c", code, str(trained / "tiny/bundle")], capture_output=True, text=True)
    assert done.stdout == "1\n[]\nstill there\n", done.stderr


def test_describe_bundle_names_the_recipe_and_the_folder(trained: Path) -> None:
    assert describe_bundle(SHIPPED, load_bundle(SHIPPED, "cpu").recipe) == "small (comes with the package)"
    path = trained / "tiny/bundle"
    assert describe_bundle(path, load_bundle(path, "cpu").recipe) == f"tiny ({path})"


def test_bundle_moved_away_gives_the_same_bits(trained: Path, bundle: Path) -> None:
    texts = ["great fun", "bad plot"]
    here = [answer.positive for answer in Predictor.load(trained / "tiny/bundle").infer(texts)]
    assert [answer.positive for answer in Predictor.load(bundle).infer(texts)] == here


def test_bundle_keeps_the_evaluations_metrics(trained: Path) -> None:
    metrics = json.loads((trained / "tiny/bundle/metrics.json").read_text())
    encoded = Encoded.load(trained / "tiny/encoded.npz")
    again, answers = evaluate_bundle(load_bundle(trained / "tiny/bundle", "cpu"), encoded)
    assert (again, "random") == (metrics["metrics"], metrics["split"])
    assert sorted(metrics["metrics"]) == ["held_out", "train"]
    assert (again["train"]["reviews"], again["held_out"]["reviews"]) == (3, 3)
    assert len(answers["held_out"]) == 3


def test_evaluate_answers_an_empty_review_by_one_half(trained: Path) -> None:
    encoded = Encoded.load(trained / "tiny/encoded.npz")
    row = encoded.rows("held_out")[1]
    kept = np.ones(len(encoded.ids), bool)
    kept[encoded.offsets[row] : encoded.offsets[row + 1]] = False
    offsets = encoded.offsets - np.where(np.arange(7) > row, len(encoded[row]), 0)
    emptied = replace(encoded, ids=encoded.ids[kept], offsets=offsets)
    _, answers = evaluate_bundle(load_bundle(trained / "tiny/bundle", "cpu"), emptied)
    assert answers["held_out"][1].tolist() == [0.5, 0.5]
    assert (answers["held_out"][[0, 2]] != 0.5).all()


def test_evaluate_leaves_out_the_last_part_batch_only_if_told(trained: Path) -> None:
    metrics = json.loads((trained / "lecture8/bundle/metrics.json").read_text())
    assert metrics["split"] == "random"
    assert {split: values["reviews"] for split, values in metrics["metrics"].items()} == {"train": 4, "held_out": 2}


@pytest.mark.parametrize("name", ["network.safetensors", "vocabulary.json", "recipe.json", "history.json"])
def test_bundle_with_a_damaged_or_missing_file_is_refused(bundle: Path, name: str) -> None:
    content = bytearray((bundle / name).read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / name).write_bytes(content)
    with pytest.raises(PipelineError, match=f"{name}: damaged"):
        load_bundle(bundle, "cpu")
    (bundle / name).write_bytes(b"")
    with pytest.raises(PipelineError, match=f"{name}: damaged"):
        load_bundle(bundle, "cpu")
    (bundle / name).unlink()
    with pytest.raises(PipelineError, match=f"{name} is missing"):
        load_bundle(bundle, "cpu")


def rewrite(bundle: Path, name: str, content: bytes) -> None:
    """Put other content into a bundle, with a manifest that vouches for it."""
    (bundle / name).write_bytes(content)
    manifest = json.loads((bundle / "bundle.json").read_text())
    manifest["sha256"][name] = sha256(bundle / name)
    (bundle / "bundle.json").write_text(json.dumps(manifest))


def test_bundle_with_other_parameters_is_refused(trained: Path, bundle: Path) -> None:
    rewrite(bundle, "network.safetensors", (trained / "lecture8/bundle/network.safetensors").read_bytes())
    with pytest.raises(PipelineError, match=r"network.safetensors: not this network's parameters"):
        load_bundle(bundle, "cpu")
    rewrite(bundle, "network.safetensors", b"junk")
    with pytest.raises(PipelineError, match=r"network.safetensors: not a safetensors file, or damaged"):
        load_bundle(bundle, "cpu")


def test_bundle_with_another_vocabulary_is_refused(bundle: Path) -> None:
    rewrite(bundle, "vocabulary.json", b'{"words": ["film"], "counts": [3], "oov_count": 0}')
    with pytest.raises(PipelineError, match=r"the embedding has \d+ rows, the vocabulary 3 ids"):
        load_bundle(bundle, "cpu")


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ('{"format": 1}', "a bundle of format 1; this version reads format 3"),
        ("[]", "a bundle of format None"),
        ('{"format": 3}', "bundle.json: damaged"),
        ('{"format": 3, "embedding": [1, "2"], "sha256": {}}', "bundle.json: damaged"),
        ("{", "bundle.json, line 1: not JSON"),
    ],
)
def test_bundle_with_another_manifest_is_refused(bundle: Path, manifest: str, message: str) -> None:
    (bundle / "bundle.json").write_text(manifest)
    with pytest.raises(PipelineError, match=message):
        load_bundle(bundle, "cpu")


def test_bundle_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no bundle there"):
        load_bundle(tmp_path)


def test_bundle_loads_without_the_recipes_defaults(trained: Path) -> None:
    assert isinstance(load_bundle(trained / "tiny/bundle", "cpu").recipe, Recipe)


@pytest.mark.parametrize("text", ["A great film, I loved it.", "Awful, boring and dull."])
def test_threshold_makes_uncertain_predictions_unsure(text: str) -> None:
    plain = infer_sentiment(text)
    assert infer_sentiment(text, threshold=plain.probability) == plain
    unsure = infer_sentiment(text, threshold=1.0)
    assert (unsure.label, str(unsure)) == ("unsure", "Not sure")
    assert (unsure.positive, unsure.probability) == (plain.positive, plain.probability)
    assert infer_sentiment([text], threshold=1)[0] == unsure


def test_arrow_arrays_are_lists_of_texts() -> None:
    texts = ["A great film.", "Awful."]
    expected = infer_sentiment(texts)
    assert infer_sentiment(pa.array(texts)) == infer_sentiment(pa.chunked_array([texts])) == expected
    with pytest.raises(PipelineError, match="text 1: expected a string, found None, a missing value"):
        infer_sentiment(pa.array(["a", None]))
    with pytest.raises(PipelineError, match=r"text 0: expected a string, found int"):
        infer_sentiment([10**5000])  # type: ignore[list-item]


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, int])
def test_threshold_is_any_number(kind: Any) -> None:
    assert infer_sentiment("A great film.", threshold=kind(1)) == infer_sentiment("A great film.", threshold=1.0)
    assert infer_sentiment("A great film.", threshold=kind(0)) == infer_sentiment("A great film.")


@pytest.mark.parametrize("threshold", [-0.01, 1.01, -1, float("nan"), "0.8"])
def test_threshold_out_of_range_is_refused(threshold: Any) -> None:
    with pytest.raises(PipelineError, match=r"threshold: expected a probability from 0 to 1, found "):
        infer_sentiment("A great film.", threshold=threshold)
