from __future__ import annotations

import numpy as np

from pipeline.predict import probabilities_of


def test_probabilities_of_two_scores_are_the_softmax() -> None:
    found = probabilities_of(np.array([[0, 0], [1, 3], [-900, 900], [900, -900]]), 2)
    np.testing.assert_allclose(found[:, 1], [0.5, 0.8807970779778823, 1, 0], atol=1e-15)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_probabilities_of_one_score_are_the_sigmoid() -> None:
    found = probabilities_of(np.array([[0], [2], [-900]]), 1)
    np.testing.assert_allclose(found[:, 1], [0.5, 0.8807970779778823, 0], atol=1e-15)


def test_probabilities_of_several_parts_are_the_sigmoid_of_their_sum() -> None:
    found = probabilities_of(np.array([[1.5, 0.5], [-3, 3]]), 1)
    np.testing.assert_allclose(found[:, 1], [0.8807970779778823, 0.5], atol=1e-15)
