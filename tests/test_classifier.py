"""The classifier: what it takes, what it answers, and how scikit-learn gets on with it."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Iterable

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from pipeline import SentimentClassifier
from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Recipe, override
from tests.conftest import REVIEWS, TINY

TEXTS = list(REVIEWS.values())
LABELS = [1, 1, 1, 0, 0, 0]


def quiet(recipe: Recipe = TINY) -> SentimentClassifier:
    """Return an unfitted classifier that needs no GloVe."""
    return SentimentClassifier(replace(recipe, embed=Embed(glove="", dimension=4)), device="cpu")


@pytest.fixture(scope="module")
def fitted() -> SentimentClassifier:
    """Return a classifier that has learnt the six reviews by heart."""
    return quiet(override(TINY, ["train.epochs=30"])).fit(TEXTS, LABELS)


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
    classifier = quiet(override(TINY, ["train.epochs=30"])).fit(TEXTS, labels)
    assert classifier.classes_.tolist() == classes
    assert classifier.predict(TEXTS).tolist() == list(labels)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1] * 6, "labels: expected two classes, found 1: 1"),
        ([0, 1, 2, 0, 1, 2], "labels: expected two classes, found 3: 0, 1, 2"),
        ([0.0, 1.0, np.nan, 0.0, 1.0, 1.0], "labels: expected two classes, found 3: 0.0, 1.0, nan"),
        ([1, 0], "inconsistent numbers of samples"),
        ([[1, 0]] * 6, "1d array"),
    ],
)
def test_fit_refuses_other_labels(labels: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quiet().fit(TEXTS, labels)


def test_fit_reads_glove_where_it_is_told_to(raw: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(raw.parent.parent)
    here = SentimentClassifier(tiny, device="cpu").fit(TEXTS, LABELS)  # in data/raw
    assert here.bundle.network.embedding.weight.shape[1] == 3
    assert (SentimentClassifier(tiny, raw / "glove.6B.50d.txt").fit(TEXTS, LABELS).predict(TEXTS) == LABELS).mean() > 0
    with pytest.raises(PipelineError, match=r"nowhere.txt: no such file"):
        SentimentClassifier(tiny, glove="nowhere.txt").fit(TEXTS, LABELS)
    with pytest.raises(PipelineError, match=r"quikc: no such recipe .* did you mean quick"):
        SentimentClassifier("quikc").fit(TEXTS, LABELS)


def test_fit_sets_aside_what_a_recipe_calibrates_with() -> None:
    settings = ["network.outputs=1", "wide.ngrams=2", "train.calibrated=true", "read.validation=0.3"]
    model = quiet(override(TINY, settings)).fit(TEXTS * 4, LABELS * 4)
    assert (model.bundle.network.shares.data().asnumpy() != 1).all()
    assert model.history_[0]["validation_accuracy"] >= 0
    with pytest.raises(
        PipelineError, match=r"expected validation reviews of both kinds; try a larger read\.validation"
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


@pytest.mark.parametrize("recipe", [TINY, override(TINY, ["index.rare=last row", "train.epochs=1"])])
def test_predict_answers_a_text_without_words_by_one_half(recipe: Recipe) -> None:
    classifier = quiet(recipe).fit(TEXTS, LABELS)
    answers = classifier.predict_proba(["", TEXTS[0], " \n"])
    assert answers[[0, 2]].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert answers[1].tolist() == pytest.approx(classifier.predict_proba(TEXTS[:1])[0].tolist(), abs=1e-6)
    assert classifier.predict(["", ""]).tolist() == [0, 0]


def test_predict_answers_unseen_words_that_a_recipe_drops_by_one_half() -> None:
    classifier = quiet(override(TINY, ["index.rare=last row", "train.epochs=1"])).fit(TEXTS, LABELS)
    assert classifier.predict_proba(["zebra"]).tolist() == [[0.5, 0.5]]
    assert classifier.infer(["zebra"])[0].unknown == 1


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("A great film.", r"expected several texts, found one: put it in a list, \['A great film.'\]"),
        (b"A great film.", "expected several texts, found one"),
        (pd.DataFrame({"text": TEXTS}), r"expected one column of texts, found a table of shape \(6, 1\)"),
        (np.array([TEXTS]), r"found a table of shape \(1, 6\)"),
        (np.array("film"), r"found a table of shape \(\)"),
        (["film", None], "text 1: expected a string, found NoneType"),
        (pd.Series(["film", np.nan]), "text 1: expected a string, found float"),
        ([b"film"], "text 0: expected a string, found bytes"),
    ],
)
def test_predict_refuses_what_is_no_column_of_texts(fitted: SentimentClassifier, texts: Any, message: str) -> None:
    for method in (fitted.predict, fitted.predict_proba, fitted.infer):
        with pytest.raises(PipelineError, match=message):
            method(texts)


def test_unfitted_classifier_says_what_to_do() -> None:
    with pytest.raises(NotFittedError, match=r"load\(path\) a bundle, or fit it"):
        SentimentClassifier().predict(TEXTS)


def test_save_and_load_answer_alike(fitted: SentimentClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "mine")
    loaded = SentimentClassifier.load(tmp_path / "mine", "cpu")
    assert loaded.classes_.tolist() == ["negative", "positive"]
    assert np.array_equal(loaded.predict_proba(TEXTS), fitted.predict_proba(TEXTS))
    assert loaded.predict(TEXTS).tolist() == ["positive"] * 3 + ["negative"] * 3


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
    assert repr(fitted) == "SentimentClassifier('tiny', fitted)"
    assert repr(twin) == "SentimentClassifier('tiny')"


def test_set_params_refuses_an_unknown_name() -> None:
    assert SentimentClassifier().set_params(device="cpu").device == "cpu"
    with pytest.raises(ValueError, match=r"devise: no such parameter \(there are recipe, glove, device\)"):
        SentimentClassifier().set_params(devise="cpu")


def test_scikit_learn_scores_searches_and_chains_it() -> None:
    texts, labels = TEXTS * 2, np.array(["good", "good", "good", "bad", "bad", "bad"] * 2)
    scores = cross_val_score(quiet(), texts, labels, cv=2)
    assert scores.shape == (2,)
    assert np.isfinite(cross_val_score(quiet(), texts, labels, cv=2, scoring="roc_auc")).all()
    answers = cross_val_predict(quiet(), pd.Series(texts), labels, cv=2, method="predict_proba")
    assert answers.shape == (12, 2)
    recipes = [quiet(override(TINY, [f"train.epochs={epochs}"])).recipe for epochs in (1, 30)]
    chain = Pipeline([("same", FunctionTransformer()), ("sentiment", quiet())])
    search = GridSearchCV(chain, {"sentiment__recipe": recipes}, cv=2).fit(texts, labels)
    assert search.best_params_["sentiment__recipe"].train.epochs == 30
    assert search.predict(TEXTS).tolist() == labels[:6].tolist()
    assert search.classes_.tolist() == ["bad", "good"]


def test_scikit_learn_calibrates_it(fitted: SentimentClassifier) -> None:
    calibrated = CalibratedClassifierCV(quiet(), cv=2, ensemble=False).fit(np.array(TEXTS * 2), LABELS * 2)
    assert calibrated.predict_proba(TEXTS).sum(axis=1) == pytest.approx(np.ones(6))


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


def test_scikit_learn_is_imported_after_the_answer_alone(fitted: SentimentClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path / "mine")
    code = "import sys, pipeline; print(pipeline.SentimentClassifier.load(sys.argv[1]).predict(['fun']).tolist())"
    code += "; print([name for name in ('sklearn', 'scipy', 'gluonnlp') if name in sys.modules])"
    code += "; import scipy.stats, sklearn.base; print('still there')"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "mine")], capture_output=True, text=True)
    assert done.stdout == "['positive']\n[]\nstill there\n", done.stderr
