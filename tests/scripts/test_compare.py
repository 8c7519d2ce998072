from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from pipeline.corpus.reviews import Review, save_reviews
from pipeline.recipe import Recipe, override
from scripts.compare import (
    Lexicon,
    LogCountRatios,
    Row,
    linear_models,
    main,
    measure_regression,
    read_behaviour,
    read_collections,
    split_logits,
    summarise,
)
from tests.conftest import save_random_bundle

TEXTS = [("a great film, it was fun", 1), ("a bad plot, bad bad film", 0), ("great fun", 1), ("bad it was", 0)]


@pytest.fixture
def data(tmp_path: Path, tiny: Recipe) -> Path:
    reviews = [
        Review(f"train/{i}.txt", label, split, i, f"{text} {i % 2}")
        for split in ("train", "validation", "held_out")
        for i, (text, label) in enumerate(TEXTS)
    ]
    (tmp_path / "net").mkdir()
    save_reviews(tmp_path / "net" / "reviews.jsonl", reviews)
    save_random_bundle(tmp_path / "net" / "bundle", tiny)
    for kind, text in (("pos", "great"), ("neg", "bad")):
        folder = tmp_path / "raw" / "rotten_tomatoes" / "test" / kind
        folder.mkdir(parents=True)
        (folder / "1.txt").write_text(text)
    return tmp_path


def test_read_collections_separates_the_splits(data: Path) -> None:
    found = read_collections(data, "net")
    assert {kind: len(texts.texts) for kind, texts in found.items()} == {
        "train": 8,
        "held_out": 4,
        "rotten_tomatoes": 2,
    }
    assert found["rotten_tomatoes"].texts == ["great", "bad"]
    np.testing.assert_array_equal(found["rotten_tomatoes"].labels, [1, 0])


def test_generated_sentences_can_be_left_out(data: Path) -> None:
    path = data / "net" / "reviews.jsonl"
    save_reviews(
        path, [Review("train/1.txt", 1, "train", 0, "good"), Review("generated/plain", 0, "generated", 0, "bad")]
    )
    assert read_collections(data, "net")["train"].texts == ["good", "bad"]
    assert read_collections(data, "net", generated=False)["train"].texts == ["good"]


def test_compare_evaluates_every_model_on_both_domains(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["net", "--data", str(data), "--json", str(data / "found.json")]) == 0
    rows = json.loads((data / "found.json").read_text())["rows"]
    assert [(row["model"][:6], row["texts"]) for row in rows] == [
        (model, texts) for model in ("net", "TF-IDF", "TF-IDF", "NB-SVM") for texts in ("held_out", "rotten_tomatoes")
    ]
    assert all(row["metrics"]["accuracy"] == 1 for row in rows if row["model"].startswith("NB-SVM"))
    assert len(capsys.readouterr().out.splitlines()) == 9


def test_compare_without_reviews_names_the_missing_file(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["other", "--data", str(data)]) == 2
    assert "other/reviews.jsonl: no such file" in capsys.readouterr().err


def test_summarise_returns_mean_and_standard_deviation() -> None:
    metrics = [{"reviews": 10, "accuracy": a, "roc_auc": auc} for a, auc in ((0.9, 0.95), (0.92, None), (0.91, 0.97))]
    mean, spread = summarise([Row(f"net{i}", "held_out", found) for i, found in enumerate(metrics)])
    assert (mean.model, mean.texts) == ("mean of 3", "held_out")
    assert mean.metrics == {"accuracy": pytest.approx(0.91)}
    assert spread == ("standard deviation", "held_out", {"accuracy": pytest.approx(0.01)})


def test_compare_summarises_several_networks(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(data / "net", data / "twin")
    assert main(["net", "twin", "--data", str(data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 2 * (2 + 2 + 3)
    assert lines[5].split()[:3] == ["mean", "of", "2"]
    assert lines[5].split()[-3:] == lines[1].split()[-3:]
    assert lines[6].split()[-3:] == ["0.0000"] * 3


FOUR_TEXTS = ["good good film", "a good film!", "bad film", "a bad bad plot!"]
LABELS = np.array([1, 1, 0, 0])


def test_log_count_ratios_match_the_paper() -> None:
    counts = sparse.csr_matrix([[1, 0, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0]])
    p, q = np.array([3, 2, 2]) / 7, np.array([1, 3, 2]) / 6
    found = LogCountRatios().fit(counts, LABELS).transform(counts).toarray()
    np.testing.assert_allclose(found, counts.toarray() * np.log(p / q))


def test_nb_svm_of_three_classes_is_one_against_the_rest() -> None:
    texts, labels = [*FOUR_TEXTS, "a long plot", "so long"], np.array([*LABELS, 2, 2])
    model = linear_models()["NB-SVM of 1 to 3 words"].fit(texts, labels)
    assert model.predict(texts).tolist() == labels.tolist()
    counts = model[0].transform(texts)
    for label, one in enumerate(model[1].estimators_):
        np.testing.assert_allclose(one[0].ratios_, LogCountRatios().fit(counts, labels == label).ratios_)


def test_compare_of_three_classes(data: Path, tiny: Recipe, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [*TEXTS[:2], ("the plot was the film", 2)] * 2
    reviews = [
        Review(f"{i}", label, split, i, text)
        for split in ("train", "held_out")
        for i, (text, label) in enumerate(texts)
    ]
    (data / "three").mkdir()
    save_reviews(data / "three" / "reviews.jsonl", reviews)
    save_random_bundle(data / "three" / "bundle", override(tiny, ["network.num_outputs=3", "ngram_model.max_n=2"]))
    assert main(["three", "--data", str(data)]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["model", "texts", "accuracy", "loss", "calibration_error"]
    assert [line.split()[0] for line in lines] == ["three", "three:", "three:", "TF-IDF", "TF-IDF", "NB-SVM"]
    assert lines[-1].split()[-3] == "1.0000"


def test_compare_evaluates_the_models_of_an_ensemble_alone(
    data: Path, tiny: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = override(tiny, ["network.ensemble_size=2", "ngram_model.max_n=2"])
    save_random_bundle(data / "both" / "bundle", recipe)
    shutil.copy(data / "net" / "reviews.jsonl", data / "both")
    assert main(["both", "--data", str(data), "--json", str(data / "found.json")]) == 0
    rows = json.loads((data / "found.json").read_text())["rows"]
    names = ["both", "both: LSTM 1", "both: LSTM 2", "both: LSTMs", "both: n-grams"]
    assert [row["model"] for row in rows if row["model"].startswith("both")] == names * 2


def test_split_logits_gives_each_model_its_columns(tiny: Recipe) -> None:
    logits = np.arange(12).reshape(2, 6)  # two texts, three models, two classes
    both = override(tiny, ["network.ensemble_size=2", "ngram_model.max_n=2"])
    assert {name: part.tolist() for name, part in split_logits(logits, both).items()} == {
        "LSTM 1": [[0, 1], [6, 7]],
        "LSTM 2": [[2, 3], [8, 9]],
        "LSTMs": [[0, 1, 2, 3], [6, 7, 8, 9]],
        "n-grams": [[4, 5], [10, 11]],
    }
    alone = override(tiny, ["train.calibrate=true", "read.validation=0.1"])
    assert {name: part.tolist() for name, part in split_logits(logits[:, :2], alone).items()} == {
        "LSTM": [[0, 1], [6, 7]]
    }


@pytest.mark.parametrize("name", list(linear_models()))
def test_linear_models_fit_four_texts(name: str) -> None:
    model = linear_models()[name].fit(FOUR_TEXTS, LABELS)
    assert model.predict(FOUR_TEXTS).tolist() == [1, 1, 0, 0]
    assert model.predict_proba(["plot"]).shape == (1, 2)


def test_read_behaviour_returns_all_texts_and_each_capability(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text('text,label,capability\n"Good, I say.",pos,plain\nNot good.,neg,negation\n')
    found = read_behaviour(tmp_path / "list.csv")
    assert {kind: (texts.texts, texts.labels.tolist()) for kind, texts in found.items()} == {
        "behaviour": (["Good, I say.", "Not good."], [1, 0]),
        "plain": (["Good, I say."], [1]),
        "negation": (["Not good."], [0]),
    }
    assert read_behaviour(None) == {}


def test_lexicon_turns_polarity_into_probabilities() -> None:
    lexicon = Lexicon({"good": 1.0, "bad": -0.5, "film": 0.0}.__getitem__)
    found = lexicon.fit([], np.array([])).predict_proba(["good", "bad", "film"])
    assert found.tolist() == [[0, 1], [0.75, 0.25], [0.5, 0.5]]


def test_compare_of_stars_is_with_logistic_and_ridge_regressions(
    data: Path, tiny: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    reviews = [
        Review(f"train/{i}.txt", i, split, i, f"{text} {i}")
        for split in ("train", "held_out")
        for i, (text, _) in enumerate(TEXTS * 2)
    ]
    (data / "stars").mkdir()
    save_reviews(data / "stars" / "reviews.jsonl", reviews)
    save_random_bundle(data / "stars" / "bundle", override(tiny, ["read.labels=stars", "network.num_outputs=8"]))
    assert main(["stars", "--data", str(data), "--json", str(data / "found.json")]) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == ["model", "texts", "accuracy", "within_one", "mean_absolute_error"]
    assert [line.split()[0] for line in lines] == ["stars", "TF-IDF", "TF-IDF", "NB-SVM", "TF-IDF", "TF-IDF"]
    _, logistic, _, _, ridge, _ = json.loads((data / "found.json").read_text())["rows"]
    assert (logistic["model"], logistic["texts"]) == ("TF-IDF of words, logistic regression", "held_out")
    assert {"loss", "within_one", "mean_absolute_error"} < set(logistic["metrics"])
    assert (ridge["model"], ridge["texts"]) == ("TF-IDF of words, ridge regression", "held_out")
    assert set(ridge["metrics"]) == {"reviews", "accuracy", "within_one", "mean_absolute_error"}
    assert main(["stars", "net", "--data", str(data)]) == 2
    assert main(["stars", "--lexicons", "--data", str(data)]) == 2
    told = capsys.readouterr().err
    assert "stars, net: expected networks of the same classes" in told
    assert "stars: its classes are 0, 1, 2, 3, 4; leave out --lexicons and --behaviour" in told


def test_predicted_numbers_count_as_the_nearest_stars() -> None:
    found = measure_regression(np.array([0, 3, 4, 7]), np.array([-3.0, 5.4, 5.6, 9.4]), [1, 2, 3, 4, 7, 8, 9, 10])
    assert found == {"reviews": 4, "accuracy": 0.75, "within_one": 1.0, "mean_absolute_error": 0.25}
