"""scikit-learn's own checks of estimators, its searches on several processes, joblib and polars."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from pipeline import SentimentClassifier
from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Recipe, override
from tests.conftest import REVIEWS, TINY

TEXTS = list(REVIEWS.values())
LABELS = ["good"] * 3 + ["bad"] * 3


def small(**settings: Any) -> Recipe:
    """Return a recipe that needs no GloVe."""
    changes = [f"{name.replace('__', '.')}={value}" for name, value in settings.items()]
    return override(replace(TINY, embed=Embed(vectors="", dim=4)), changes)


BRIEF = small(train__epochs=1, train__batch_size=32)


class OnNumbers(SentimentClassifier):
    """The classifier with a word for each number of a table, since scikit-learn's checks have tables of numbers."""

    def __init__(self, recipe: Recipe = BRIEF, vectors: Any = None, device: str = "cpu") -> None:
        super().__init__(recipe, vectors, device)

    def fit(self, X: Any, y: Any = None) -> OnNumbers:  # type: ignore[override]
        return super().fit(self._to_texts(X, reset=True), y)

    def predict_proba(self, X: Any) -> np.ndarray:
        self._fitted()
        return super().predict_proba(self._to_texts(X, reset=False))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        return float(np.average(self.predict(X) == np.asarray(y), weights=sample_weight))

    def _to_texts(self, X: Any, reset: bool) -> List[str]:
        from sklearn.utils.validation import validate_data

        table = np.round(validate_data(self, X, reset=reset)).astype(int)
        return [" ".join(f"{chr(97 + j)}{'mp'[v >= 0]}{abs(v)}" for j, v in enumerate(row)) for row in table.tolist()]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array, tags.input_tags.string = False, True, False
        tags.classifier_tags.poor_score = True  # one epoch, of a text of a few rounded numbers
        return tags


EXPECTED_FAILED_CHECKS: Dict[str, str] = {
    "check_classifier_data_not_an_array": "labels are iterable: a list, an array, a column",
    "check_classifiers_regression_target": "numbers such as 4.5 stars are classes",
    "check_supervised_y_2d": "a table of labels is an error, which scikit-learn warns about",
    "check_parameters_default_constructible": "the default of OnNumbers is a Recipe; SentimentClassifier passes",
}


def test_check_estimator_passes_but_for_what_is_named() -> None:
    if not hasattr(estimator_checks, "estimator_checks_generator"):
        pytest.skip("scikit-learn before 1.6")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = estimator_checks.check_estimator(
            OnNumbers(), expected_failed_checks=EXPECTED_FAILED_CHECKS, on_fail=None, on_skip=None
        )
    found: Dict[str, List[str]] = {}
    for result in results:
        found.setdefault(result["status"], []).append(result["check_name"])
    assert "failed" not in found, found["failed"]
    assert set(found["xfail"]) == set(EXPECTED_FAILED_CHECKS)
    assert found.get("skipped", []) in ([], ["check_array_api_input"])  # needs SCIPY_ARRAY_API
    assert len(found["passed"]) > 45


def test_search_on_two_processes_finds_what_one_finds() -> None:
    recipes = [small(train__epochs=epochs, train__learning_rate=0.05) for epochs in (1, 10)]
    chain = Pipeline([("same", FunctionTransformer()), ("text", SentimentClassifier(recipes[0], device="cpu"))])
    search = GridSearchCV(chain, {"text__recipe": recipes}, cv=2, n_jobs=2).fit(TEXTS * 2, LABELS * 2)
    assert search.best_params_["text__recipe"].train.epochs == 10
    assert search.predict(TEXTS).tolist() == LABELS
    alone = cross_val_score(search.best_estimator_, TEXTS * 2, LABELS * 2, cv=2)
    assert alone.mean() == search.best_score_ == 1.0


def test_joblib_keeps_the_answers(tmp_path: Path) -> None:
    classifier = SentimentClassifier(small(), device="cpu").fit(TEXTS, LABELS)
    joblib.dump(classifier, tmp_path / "classifier.joblib", compress=3)
    loaded = joblib.load(tmp_path / "classifier.joblib")
    assert np.array_equal(loaded.predict_proba(TEXTS), classifier.predict_proba(TEXTS))
    assert loaded.classes_.tolist() == ["bad", "good"]


def test_column_of_polars_is_taken_and_its_missing_values_are_told() -> None:
    polars = pytest.importorskip("polars")
    classifier = SentimentClassifier(small(), device="cpu").fit(polars.Series(TEXTS), polars.Series(LABELS))
    assert classifier.predict_proba(polars.Series(TEXTS)).tolist() == classifier.predict_proba(TEXTS).tolist()
    with pytest.raises(PipelineError, match="text 1: expected a string, found None, a missing value: drop or fill it"):
        classifier.predict(polars.Series(["film", None]))
    with pytest.raises(PipelineError, match="label 2: expected a string or a number, found None, a missing value"):
        classifier.fit(polars.Series(TEXTS), polars.Series(["a", "b", None, "a", "b", "b"]))
