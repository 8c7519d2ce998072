"""The predictor: texts in, probabilities out. What it takes and refuses is in tests/test_classifier.py."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any, Callable, Iterator, List

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.io.tables import Row
from pipeline.model.predictor import Predictor, predict_rows
from pipeline.recipe import Recipe
from tests.conftest import save_random_bundle

TEXTS = ["a great film", "it was bad", "zebra", ""]


@pytest.fixture
def predictor(tiny: Recipe, tmp_path: Path) -> Predictor:
    save_random_bundle(tmp_path / "bundle", tiny)
    return Predictor.load(tmp_path / "bundle", "cpu")


def test_infer_and_predict_proba_agree(predictor: Predictor) -> None:
    probabilities = predictor.predict_proba(TEXTS)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(4))
    assert probabilities[2:].tolist() == [[0.5, 0.5]] * 2
    known, bad, unknown, empty = predictor.try_infer(TEXTS)
    assert known
    assert bad
    assert unknown
    assert [known.positive, bad.positive, unknown.positive] == probabilities[:3, 1].tolist()
    assert (known.words, unknown.label, unknown.unknown, empty) == (3, "unsure", 1.0, None)
    assert predictor.infer(TEXTS[:3]) == [known, bad, unknown]
    with pytest.raises(PipelineError, match="text 3: no words in it"):
        predictor.infer(TEXTS)


@pytest.mark.parametrize("copy_of", [copy.deepcopy, lambda predictor: pickle.loads(pickle.dumps(predictor))])
def test_copies_predict_alike(predictor: Predictor, copy_of: Callable[[Predictor], Predictor]) -> None:
    twin = copy_of(predictor)
    assert twin.bundle.network is not predictor.bundle.network
    assert np.array_equal(twin.predict_proba(TEXTS), predictor.predict_proba(TEXTS))
    assert (twin.device, twin.has_gradients) == ("cpu", True)


def test_predict_rows_holds_one_batch_at_a_time() -> None:
    class Counting:
        def __init__(self) -> None:
            self.batches: List[int] = []

        def try_infer(self, texts: List[str]) -> List[str]:
            self.batches.append(len(texts))
            return texts

    taken = 0

    def rows() -> Iterator[Row]:
        nonlocal taken
        for taken in range(1, 3001):
            yield Row(taken, "film" if taken < 2500 else "x" * 1_000_000, "" if taken % 2 else "bad")

    classifier: Any = Counting()
    first, _ = next(predict_rows(classifier, rows()))
    assert (first.number, taken, classifier.batches) == (1, 1024, [512])
    found = list(predict_rows(classifier, rows()))
    assert [row.number for row, _ in found] == list(range(1, 3001))
    assert all((answer is None) == bool(row.error) for row, answer in found)
    assert max(classifier.batches) == 512
    assert classifier.batches[-1] < 5  # of the long ones
