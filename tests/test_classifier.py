"""The classifier: what it takes, what it answers, and how scikit-learn gets on with it."""

from __future__ import annotations

import copy
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Callable, Iterable

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_validate
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from pipeline import SentimentClassifier, infer_sentiment
from pipeline.errors import PipelineError
from pipeline.model.predictor import Prediction, Rating
from pipeline.recipe import Embed, Recipe, override
from tests.conftest import REVIEWS, TINY

TEXTS = list(REVIEWS.values())
LABELS = [1, 1, 1, 0, 0, 0]
THOROUGH = override(TINY, ["train.epochs=10", "train.learning_rate=0.05"])  # learns the six reviews by heart


def quiet(recipe: Recipe = TINY) -> SentimentClassifier:
    """Return an unfitted classifier that needs no GloVe."""
    return SentimentClassifier(replace(recipe, embed=Embed(vectors="", dim=4)), device="cpu")


@pytest.fixture(scope="module")
def fitted() -> SentimentClassifier:
    """Return a classifier that has learned the six reviews by heart."""
    return quiet(THOROUGH).fit(TEXTS, LABELS)


def test_fit_learns_the_reviews_and_keeps_the_labels(fitted: SentimentClassifier) -> None:
    assert fitted.classes_.tolist() == [0, 1]
    assert fitted.predict(TEXTS).tolist() == LABELS
    assert fitted.score(TEXTS, LABELS) == 1.0
    assert fitted.score(TEXTS, [0, *LABELS[1:]], sample_weight=[5, 1, 1, 1, 1, 1]) == 0.5
    assert [answer.label for answer in fitted.infer(TEXTS)] == ["positive"] * 3 + ["negative"] * 3


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["positive"] * 3 + ["negative"] * 3, ["negative", "positive"]),
        ([True] * 3 + [False] * 3, [False, True]),
        (np.array(["spam"] * 3 + ["ham"] * 3, object), ["ham", "spam"]),
        (pd.Series([7.0] * 3 + [-1.0] * 3, index=range(6, 0, -1)), [-1.0, 7.0]),
    ],
)
def test_fit_takes_any_two_labels(labels: Iterable[Any], classes: list[Any]) -> None:
    classifier = quiet(THOROUGH).fit(TEXTS, labels)
    assert classifier.classes_.tolist() == classes
    assert classifier.predict(TEXTS).tolist() == list(labels)


def test_fit_of_three_classes_predicts_them_and_saves_them(tmp_path: Path) -> None:
    labels = ["warm", "mild", "warm", "cold", "mild", "cold"]
    classifier = quiet(override(THOROUGH, ["train.epochs=30"])).fit(TEXTS, labels)
    assert classifier.predict(TEXTS).tolist() == labels
    assert classifier.predict_proba(TEXTS).shape == (6, 3)
    classifier.save(tmp_path / "model")
    loaded = SentimentClassifier.load(tmp_path / "model")
    assert loaded.classes_.tolist() == ["cold", "mild", "warm"]
    assert np.array_equal(loaded.predict_proba(TEXTS), classifier.predict_proba(TEXTS))
    assert np.array_equal(pickle.loads(pickle.dumps(loaded)).predict_proba(TEXTS), loaded.predict_proba(TEXTS))
    found = infer_sentiment(TEXTS[0], tmp_path / "model")
    assert isinstance(found, Prediction)
    assert (str(found), found.label, list(found.probabilities)) == ("warm", "warm", ["cold", "mild", "warm"])
    assert sum(found.probabilities.values()) == pytest.approx(1)
    assert found.top(1) == [("warm", found.probability)]
    assert found.at_threshold(1.0).label == "unsure"
    with pytest.raises(AttributeError, match="the classes are cold, mild, warm"):
        print(found.positive)
    unknown = infer_sentiment("zzz", tmp_path / "model")
    assert (unknown.label, list(unknown.probabilities.values())) == ("unsure", [1 / 3] * 3)
    assert str(unknown) == "Not sure: no word that the network knows"
    assert str(found.at_threshold(1.0)) == "Not sure"


def test_numbers_stay_numbers_in_a_bundle(tmp_path: Path) -> None:
    quiet().fit(TEXTS, [1, 2, 3] * 2).save(tmp_path / "model")
    assert SentimentClassifier.load(tmp_path / "model").classes_.tolist() == [1, 2, 3]


def test_fit_of_three_classes_takes_a_network_of_one_output() -> None:
    model = quiet(override(TINY, ["network.num_outputs=1"])).fit(TEXTS, [0, 1, 2] * 2)
    assert model.bundle.recipe.network.num_outputs == 3
    assert model.predict_proba(TEXTS).shape == (6, 3)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["Yes", "no", "yes "] * 2, "labels: two classes have the same name: 'Yes' and 'yes '"),
        ([Fraction(1, 2), Fraction(1, 3)] * 3, "labels: the classes are not a list of strings and numbers"),
        ([1] * 6, "labels: expected two classes or more, found one class: 1"),
        ([0.0, 1.0, np.nan, 0.0, 1.0, 1.0], "label 2: expected a string or a number, found nan, a missing value: drop"),
        (["a", "b", "a", None, "b", "b"], "label 3: expected a string or a number, found None, a missing value"),
        (pd.Series([1, pd.NA] * 3, dtype="Int64"), "label 1: expected a string or a number, found <NA>, a missing"),
        ([1.0, float("inf")] * 3, r"label 1: expected a string or a number, found inf \(float\)"),
        ([Decimal("0.5"), Decimal(1)] * 3, r"label 0: expected a string or a number, found 0\.5 \(Decimal\)"),
        ([1, "a"] * 3, "labels: expected all strings or all numbers, found 1 and 'a'"),
        ([1, 0], "expected a label for each text, found 6 texts and 2 labels"),
        ([[1, 0]] * 6, "label 0: expected a string or a number, found list"),
        ([b"good", b"bad"] * 3, "label 0: expected a string or a number, found bytes: decode them first"),
        (np.zeros((6, 1)), r"expected one column of labels, found a table of shape \(6, 1\): take the column"),
        (pd.DataFrame({"label": LABELS}), r"expected one column of labels, found a table of shape \(6, 1\)"),
        (np.array(1), r"expected one column of labels, found an array of shape \(\)"),
        ("101010", r"expected several labels, found one: put it in a list, \['101010'\]"),
        ({0, 1}, "expected labels in an order, found a set: put them in a list"),
        (dict.fromkeys(range(6)), "expected labels, found a dict: put its values in a list"),
        (None, "requires y to be passed, but the target y is None: expected labels"),
        (1, r"expected labels, found 1 \(int\)"),
    ],
)
def test_fit_and_score_refuse_other_labels(fitted: SentimentClassifier, labels: Any, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        quiet().fit(TEXTS, labels)
    if "labels: " not in message:
        with pytest.raises(PipelineError, match=message):
            fitted.score(TEXTS, labels)


def test_score_refuses_labels_of_other_classes(fitted: SentimentClassifier) -> None:
    with pytest.raises(PipelineError, match="label 0: expected 0 or 1, found 'positive'"):
        fitted.score(TEXTS, ["positive"] * 3 + ["negative"] * 3)
    with pytest.raises(PipelineError, match="label 2: expected 0 or 1, found 2"):
        fitted.score(TEXTS, [1, 1, 2, 0, 0, 0])


@pytest.mark.parametrize("labels", [[0.5, 3.5], [1, 2**63], [2**70, 5], [-1.5, 0]])
def test_score_takes_any_numbers(labels: list[Any]) -> None:
    classifier = quiet(TINY)
    given = [labels[label] for label in LABELS]
    assert classifier.fit(TEXTS, given).score(TEXTS, given) == np.mean(classifier.predict(TEXTS) == np.array(given))


def test_fit_and_score_take_generators() -> None:
    classifier = quiet(THOROUGH).fit((text for text in TEXTS), (label for label in LABELS))
    assert classifier.predict(TEXTS).tolist() == LABELS
    assert classifier.score((text for text in TEXTS), (label for label in LABELS)) == 1.0


def test_fit_reads_glove_where_it_is_told_to(raw: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(raw.parent.parent)
    here = SentimentClassifier(tiny, device="cpu").fit(TEXTS, LABELS)  # in data/raw
    assert here.bundle.network.embedding.weight.shape[1] == 3
    elsewhere = SentimentClassifier(tiny, raw / "glove.6B.50d.txt", "cpu").fit(TEXTS, LABELS)
    assert np.array_equal(elsewhere.predict_proba(TEXTS), here.predict_proba(TEXTS))
    moved = (raw / "glove.6B.50d.txt").rename(raw.parent.parent / "elsewhere.txt")
    classifier = SentimentClassifier(tiny, "elsewhere.txt", "cpu").fit(TEXTS, LABELS)
    assert here.bundle.recipe.embed.vectors == "glove.6B.50d.txt"
    assert classifier.bundle.recipe.embed.vectors == str(moved)
    classifier.save("mine")
    again = SentimentClassifier.load("mine", "cpu").fit(TEXTS, LABELS)
    assert np.array_equal(again.predict_proba(TEXTS), here.predict_proba(TEXTS))
    with pytest.raises(PipelineError, match=r"nowhere.txt: no such file"):
        SentimentClassifier(tiny, vectors="nowhere.txt").fit(TEXTS, LABELS)
    with pytest.raises(PipelineError, match=r"quikc: no such recipe .* did you mean quick"):
        SentimentClassifier("quikc").fit(TEXTS, LABELS)


def test_fit_takes_an_embedding_of_gluonnlp() -> None:
    from pipeline.mx.engine import import_gluonnlp, mx

    vectors = mx.nd.array([[0.5, 0, 0], [1, 2, 3], [-1, -2, -3]])
    embedding = import_gluonnlp().embedding.TokenEmbedding(idx_to_token=["<unk>", "great", "bad"], idx_to_vec=vectors)
    recipe = override(TINY, ["embed.trainable=false", "train.epochs=1"])  # reads no file of its own
    model = SentimentClassifier(recipe, device="cpu").fit(TEXTS, LABELS, embedding=embedding)
    vocabulary, matrix = model.bundle.vocabulary, model.bundle.network.embedding.weight.data().asnumpy()
    assert matrix[[vocabulary.id("great"), vocabulary.id("bad")]].tolist() == [[1, 2, 3], [-1, -2, -3]]
    unknown = [row for row, word in vocabulary.row_words() if word not in ("great", "bad")]
    assert matrix[[1, *unknown]].tolist() == [[0.5, 0, 0]] * (1 + len(unknown))
    assert matrix[0].tolist() == [0, 0, 0]
    with pytest.raises(PipelineError, match="expected a Path, or a TokenEmbedding or Vocab of gluonnlp, found a str"):
        SentimentClassifier(recipe).fit(TEXTS, LABELS, embedding="glove.txt")


def test_fit_sets_aside_what_a_recipe_stops_early_by() -> None:
    model = quiet(override(TINY, ["train.early_stopping=1", "read.validation=0.3"])).fit(TEXTS * 4, LABELS * 4)
    assert all(0 < epoch["validation_loss"] < 5 for epoch in model.history_)
    assert sum("kept" in epoch for epoch in model.history_) == 1


def test_fit_sets_aside_what_a_recipe_calibrates_with() -> None:
    settings = ["network.num_outputs=1", "ngram_model.max_n=2", "train.calibrate=true", "read.validation=0.3"]
    model = quiet(override(TINY, settings)).fit(TEXTS * 4, LABELS * 4)
    assert (model.bundle.network.weights.data().asnumpy() != 1).all()
    assert 0 < model.history_[0]["validation_loss"] < 5
    with pytest.raises(
        PipelineError, match=r"^read\.validation=0\.1: too few reviews to split \(\d+ of 2 classes\); add some, or"
    ):
        quiet(override(TINY, [*settings, "read.validation=0.1"])).fit(TEXTS, LABELS)


@pytest.mark.parametrize(
    "given",
    [
        tuple,
        iter,
        np.array,
        lambda texts: np.array(texts, object),
        pd.Series,
        lambda texts: pd.Series(texts, dtype="string"),
        lambda texts: dict.fromkeys(texts).keys(),
        lambda texts: list(map(np.str_, texts)),
        lambda texts: list(map(type("Text", (str,), {}), texts)),
    ],
)
def test_predict_takes_any_column_of_texts(fitted: SentimentClassifier, given: Callable[[list[str]], Any]) -> None:
    assert fitted.predict(given(TEXTS)).tolist() == LABELS
    assert np.array_equal(fitted.predict_proba(given(TEXTS)), fitted.predict_proba(TEXTS))


def test_predict_proba_is_two_columns_that_sum_to_one(fitted: SentimentClassifier) -> None:
    answers = fitted.predict_proba(TEXTS)
    assert (answers.shape, answers.dtype) == ((6, 2), np.float64)
    assert answers.sum(axis=1) == pytest.approx(np.ones(6))
    assert answers[:, 1].tolist() == [answer.positive for answer in fitted.infer(TEXTS)]
    assert fitted.predict_proba([]).shape == (0, 2)
    assert fitted.predict([]).tolist() == []


@pytest.mark.parametrize("recipe", [TINY, override(TINY, ["index.oov=last_id", "train.epochs=1"])])
def test_predict_answers_a_text_without_words_by_one_half(recipe: Recipe) -> None:
    classifier = quiet(recipe).fit(TEXTS, LABELS)
    answers = classifier.predict_proba(["", TEXTS[0], " \n"])
    assert answers[[0, 2]].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert answers[1].tolist() == pytest.approx(classifier.predict_proba(TEXTS[:1])[0].tolist(), abs=1e-6)
    assert classifier.predict(["", ""]).tolist() == [0, 0]


def test_predict_answers_unseen_words_that_a_recipe_drops_by_one_half() -> None:
    classifier = quiet(override(TINY, ["index.oov=last_id", "train.epochs=1"])).fit(TEXTS, LABELS)
    assert classifier.predict_proba(["zebra"]).tolist() == [[0.5, 0.5]]
    answer = classifier.infer(["zebra"])[0]
    assert (answer.label, answer.probability, answer.unknown) == ("unsure", 0.5, 1)


@pytest.mark.parametrize("text", ["zebra", "\u597d\u7535\u5f71", "\U0001f3ac", "...", "!!! :-)", "<unk>", "<pad>"])
def test_predict_answers_texts_without_a_known_word_by_one_half(fitted: SentimentClassifier, text: str) -> None:
    assert fitted.predict_proba([text, TEXTS[0]])[0].tolist() == [0.5, 0.5]
    assert fitted.predict([text]).tolist() == [0]  # the first class, as in any tie: "unsure" is none
    answer, known = fitted.infer([text, "great"])
    assert (answer.label, answer.probability, answer.positive) == ("unsure", 0.5, 0.5)
    assert known.label == "positive"


def test_emoji_that_was_learnt_is_a_word() -> None:
    texts = ["\U0001f60d !", "\U0001f60d", "\U0001f60d ?", "\U0001f4a9 !", "\U0001f4a9", "\U0001f4a9 ?"]
    classifier = quiet(override(THOROUGH, ["train.epochs=15"])).fit(texts, LABELS)
    labels = [answer.label for answer in classifier.infer(["\U0001f60d", "\U0001f4a9", "\U0001f3ac", "!"])]
    assert labels == ["positive", "negative", "unsure", "unsure"]


@pytest.mark.parametrize(("side", "labels"), [("right", ["unsure", "positive"]), ("left", ["positive", "unsure"])])
def test_words_that_are_truncated_are_not_known(side: str, labels: list[str]) -> None:
    settings = ["train.epochs=30", f"index.truncation_side={side}", "index.max_length=8"]
    classifier = quiet(override(TINY, settings)).fit(TEXTS, LABELS)
    texts = ["zebra " * 8 + "great great great", "great great great " + "zebra " * 8]
    answers = classifier.infer(texts)
    assert [answer.label == "unsure" for answer in answers] == [label == "unsure" for label in labels]
    assert all(answer.cut for answer in answers)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("A great film.", r"expected several texts, found one: put it in a list, \['A great film.'\]"),
        (b"A great film.", r'expected texts, found bytes: decode them first, b"\.\.\."\.decode\("utf-8"\)'),
        ({"A great film.": 1}, "expected texts, found a dict: put its values in a list"),
        ({"A great film."}, "expected texts in an order, found a set: put them in a list"),
        (None, "expected texts, found None, a missing value: drop or fill it"),
        (np.nan, "expected texts, found nan, a missing value: drop or fill it"),
        (np.float32("nan"), "expected texts, found nan, a missing value"),
        (pd.NA, "expected texts, found <NA>, a missing value"),
        (pd.NaT, "expected texts, found NaT, a missing value"),
        (5, r"expected texts, found 5 \(int\)"),
        (object(), "expected texts, found object"),
        (
            pd.DataFrame({"text": TEXTS}),
            r"expected one column of texts, found a table of shape \(6, 1\): take the column",
        ),
        (np.array([TEXTS]), r"found a table of shape \(1, 6\)"),
        (np.array("film"), r"found an array of shape \(\): take its item\(\)"),
        (["film", None], "text 1: expected a string, found None, a missing value: drop or fill it"),
        (pd.Series(["film", np.nan]), "text 1: expected a string, found nan, a missing value"),
        (pd.Series(["film", None], dtype="string"), "text 1: expected a string, found <NA>, a missing value"),
        ([b"film"], "text 0: expected a string, found bytes: decode them first"),
        ([["film"]], "text 0: expected a string, found list"),
        ([True], r"text 0: expected a string, found True \(bool\)"),
        (["film", "caf\udce9 film"], r"text 1: not UTF-8 text \('\\udce9' at character 4\)"),
    ],
)
def test_methods_refuse_what_is_no_column_of_texts(fitted: SentimentClassifier, texts: Any, message: str) -> None:
    for method in (fitted.predict, fitted.predict_proba, fitted.infer, fitted.try_infer):
        with pytest.raises(PipelineError, match=message):
            method(texts)
    for learn in (fitted.score, quiet().fit):
        with pytest.raises(PipelineError, match=message):
            learn(texts, LABELS)


def test_unfitted_classifier_says_what_to_do() -> None:
    with pytest.raises(NotFittedError, match=r"load\(path\) a bundle, or fit it"):
        SentimentClassifier().predict(TEXTS)
    with pytest.raises(NotFittedError, match=r"load\(path\) a bundle, or fit it"):
        SentimentClassifier().score(TEXTS, LABELS)


def test_save_and_load_answer_alike(fitted: SentimentClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "mine")
    loaded = SentimentClassifier.load(tmp_path / "mine", "cpu")
    assert loaded.classes_.tolist() == [0, 1]
    assert np.array_equal(loaded.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert loaded.predict(TEXTS).tolist() == LABELS


@pytest.mark.parametrize("copy_of", [copy.deepcopy, lambda classifier: pickle.loads(pickle.dumps(classifier))])
def test_copies_answer_alike(
    fitted: SentimentClassifier, copy_of: Callable[[SentimentClassifier], SentimentClassifier]
) -> None:
    twin = copy_of(fitted)
    assert np.array_equal(twin.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert (twin.classes_.tolist(), twin.history_) == ([0, 1], fitted.history_)
    assert twin.bundle.network is not fitted.bundle.network
    assert copy_of(quiet()).get_params() == quiet().get_params()


def test_threads_share_one_classifier(fitted: SentimentClassifier) -> None:
    batches = [[TEXTS[(start + step) % 6] + " film" * start for step in range(5)] for start in range(40)]
    alone = [fitted.predict_proba(batch) for batch in batches]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fitted.predict_proba, batches))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together))


def test_clone_is_unfitted_with_the_same_parameters(fitted: SentimentClassifier) -> None:
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    assert not hasattr(twin, "predictor_")
    assert repr(SentimentClassifier("small", device="cpu")) == "SentimentClassifier(device='cpu', recipe='small')"


def test_set_params_refuses_an_unknown_name() -> None:
    assert SentimentClassifier().set_params(device="cpu").device == "cpu"
    with pytest.raises(ValueError, match=r"Invalid parameter 'devise' for estimator SentimentClassifier"):
        SentimentClassifier().set_params(devise="cpu")


def test_scikit_learn_scores_searches_and_chains_it() -> None:
    texts, labels = TEXTS * 2, np.array(["good", "good", "good", "bad", "bad", "bad"] * 2)
    learned = quiet(THOROUGH)  # both halves hold the six reviews
    scores = cross_validate(learned, texts, labels, cv=2, scoring=["accuracy", "roc_auc"])
    assert (scores["test_accuracy"].tolist(), scores["test_roc_auc"].tolist()) == ([1, 1], [1, 1])
    answers = cross_val_predict(learned, pd.Series(texts), labels, cv=2, method="predict_proba")
    assert answers.argmax(axis=1).tolist() == (labels == "good").tolist()
    recipes = [quiet(override(THOROUGH, [f"train.epochs={epochs}"])).recipe for epochs in (1, 10)]
    chain = Pipeline([("same", FunctionTransformer()), ("sentiment", quiet())])
    search = GridSearchCV(chain, {"sentiment__recipe": recipes}, cv=2).fit(texts, labels)
    assert search.best_params_["sentiment__recipe"].train.epochs == 10
    assert search.predict(TEXTS).tolist() == labels[:6].tolist()
    assert search.classes_.tolist() == ["bad", "good"]


def test_scikit_learn_calibrates_it(fitted: SentimentClassifier) -> None:
    calibrated = CalibratedClassifierCV(quiet(THOROUGH), cv=2, ensemble=False).fit(np.array(TEXTS * 2), LABELS * 2)
    assert calibrated.predict(TEXTS).tolist() == LABELS


CHECKS = """
check_estimator_cloneable check_estimator_tags_renamed check_valid_tag_types check_estimator_repr
check_no_attributes_set_in_init check_do_not_raise_errors_in_init_or_set_params check_mixin_order
check_parameters_default_constructible check_get_params_invariance check_set_params
""".split()


@pytest.mark.parametrize("check", [name for name in CHECKS if hasattr(estimator_checks, name)])
def test_scikit_learns_own_checks_pass(check: str) -> None:
    """Those that need no table of numbers to fit; `check_estimator` runs no others on an estimator of texts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        getattr(estimator_checks, check)("SentimentClassifier", SentimentClassifier())


def test_fit_of_stars_answers_in_words_by_the_median(tmp_path: Path) -> None:
    labels = [4, 3, 4, 1, 3, 1]
    stars = override(THOROUGH, ["train.epochs=30", "read.labels=stars"])
    classifier = quiet(stars).fit(TEXTS, labels)
    assert classifier.predict(TEXTS).tolist() == labels
    classifier.save(tmp_path / "model")
    found = infer_sentiment(TEXTS[0], tmp_path / "model")
    assert isinstance(found, Rating)
    assert (str(found), found.label, list(found.probabilities)) == ("4 of 4", "4", ["1", "3", "4"])
    assert str(found.at_threshold(1.0)) == "Not sure"
    assert str(infer_sentiment("zzz", tmp_path / "model")) == "Not sure: no word that the network knows"
    assert classifier.explain(TEXTS[0]).label == "4"


def test_rating_says_of_how_many() -> None:
    found = Rating("4", 0.25, {"1": 0.4, "4": 0.25, "7": 0.25, "10": 0.1}, 5, 0.0, False)
    assert str(found) == "4 of 10"
    assert found.top(2) == [("1", 0.4), ("4", 0.25)]
    assert str(found.at_threshold(0.5)) == "Not sure"
    assert str(found.at_threshold(0.2)) == "4 of 10"


def test_labels_that_are_no_numbers_are_no_stars() -> None:
    stars = override(TINY, ["read.labels=stars"])
    with pytest.raises(PipelineError, match=r"^labels: expected numbers, in whose order the classes are, found 'bad'$"):
        quiet(stars).fit(TEXTS, ["bad", "good", "fine"] * 2)


def test_class_with_a_single_text_is_trained_on_or_refused() -> None:
    texts, labels = [f"a great film {i}" for i in range(20)], ["a"] * 10 + ["b"] * 9 + ["c"]
    outcomes: set[object] = set()
    for seed in range(12):
        settings = ["train.calibrate=true", "train.epochs=1", "read.validation=0.3", f"read.seed={seed}"]
        try:
            outcomes.add(len(quiet(override(TINY, settings)).fit(texts, labels).classes_))
        except PipelineError as error:
            outcomes.add(str(error))
    assert outcomes == {3, "read.validation=0.3: no text of 'c' is left to train on; add some"}


def test_validation_texts_have_the_fractions_of_the_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def record(encoded: Any, *rest: Any, **options: Any) -> None:
        found.append(np.bincount(encoded.labels[encoded.rows("validation")]).tolist())
        raise PipelineError("seen")

    monkeypatch.setattr("pipeline.workflow.fit.train_network", record)
    for seed in range(5):
        recipe = override(TINY, ["train.calibrate=true", "read.validation=0.2", f"read.seed={seed}"])
        with pytest.raises(PipelineError, match="seen"):
            quiet(recipe).fit([f"a great film {i}" for i in range(40)], ["a"] * 30 + ["b"] * 10)
    assert found == [[6, 2]] * 5


def test_infer_takes_a_threshold() -> None:
    classifier = quiet(TINY).fit(["a great film", "a bad film"] * 4, ["pos", "neg"] * 4)
    assert [found.label for found in classifier.infer(["a great film"], threshold=1.0)] == ["unsure"]
    with pytest.raises(PipelineError, match=r"threshold: expected a probability from 0 to 1, found True"):
        classifier.infer(["a great film"], threshold=True)


def test_fit_refuses_what_is_no_recipe() -> None:
    with pytest.raises(PipelineError, match="recipe: expected the name of one, or a Recipe, found None"):
        SentimentClassifier(None).fit(TEXTS, LABELS)  # type: ignore[arg-type]
