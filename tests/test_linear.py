from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from pipeline.linear import LogCountRatios, linear_models

TEXTS = ["good good film", "a good film!", "bad film", "a bad bad plot!"]
LABELS = np.array([1, 1, 0, 0])


def test_log_count_ratios_are_those_of_the_paper() -> None:
    counts = sparse.csr_matrix([[1, 0, 1], [1, 1, 0], [0, 1, 1], [0, 1, 0]])
    p, q = np.array([3, 2, 2]) / 7, np.array([1, 3, 2]) / 6
    found = LogCountRatios().fit(counts, LABELS).transform(counts).toarray()
    np.testing.assert_allclose(found, counts.toarray() * np.log(p / q))


@pytest.mark.parametrize("name", list(linear_models()))
def test_models_learn_four_texts(name: str) -> None:
    model = linear_models()[name].fit(TEXTS, LABELS)
    assert model.predict(TEXTS).tolist() == [1, 1, 0, 0]
    assert model.predict_proba(["plot"]).shape == (1, 2)
