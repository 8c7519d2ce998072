from __future__ import annotations

from dataclasses import replace
from typing import Any, List, Tuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model.ensemble import build_network
from pipeline.model.predict import predict, probabilities_of
from pipeline.mx.engine import mx
from pipeline.recipe import Network, Recipe
from tests.conftest import TINY

PLAIN = replace(TINY, train=replace(TINY.train, bucket_by_length=False))
TWO = Network(hidden_size=3, num_outputs=1, ensemble_size=2, bidirectional=True, pooling="mean")
RECIPES = {
    "tiny": TINY,
    "last": replace(TINY, network=Network(hidden_size=3, pooling="last")),
    "two": replace(TINY, network=TWO),
    "three classes": replace(TINY, network=replace(TWO, num_outputs=3)),
    "unmasked": replace(PLAIN, network=Network(hidden_size=3, masked=False, padding_side="left")),
    "flatten": replace(PLAIN, network=Network(hidden_size=3, masked=False, pooling="flatten")),
}


@pytest.fixture(scope="module", params=list(RECIPES))
def network(request: pytest.FixtureRequest) -> Tuple[Any, Recipe]:
    """Return a network of random numbers for each kind of recipe."""
    recipe = RECIPES[request.param]
    network = build_network(recipe, (12, 4))
    network.initialize(mx.init.Normal(0.7))
    return network, recipe


REVIEWS = st.lists(st.lists(st.integers(1, 11), min_size=1, max_size=12), min_size=2, max_size=6)


@settings(deadline=None, max_examples=20)
@given(REVIEWS)
def test_neighbours_and_padding_never_change_a_prediction(
    network: Tuple[Any, Recipe], reviews: List[List[int]]
) -> None:
    sequences = [np.array(ids, np.int32) for ids in reviews]
    together = predict(*network, sequences, mx.cpu())
    alone = [predict(*network, [sequence], mx.cpu())[0] for sequence in sequences]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    turned = predict(*network, sequences[::-1], mx.cpu())[::-1]
    np.testing.assert_allclose(together, turned, atol=1e-6)


def test_streams_never_change_a_prediction(network: Tuple[Any, Recipe], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.model.predict.MAX_TOKENS", 24)  # batches of a few reviews
    sequences = [np.arange(1, 2 + i % 11, dtype=np.int32) for i in range(40)]
    found = []
    for streams in (1, 2, 5):
        monkeypatch.setattr(network[0], "streams", streams)
        found.append(predict(*network, sequences, mx.cpu()))
    assert found[0].shape == (40, network[1].num_classes)
    assert (found[0] == found[1]).all()
    assert (found[0] == found[2]).all()


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


def test_probabilities_of_several_models_are_the_softmax_of_their_sum() -> None:
    found = probabilities_of(np.array([[1, 0, 3, 0, 2, -1], [900, 0, 0, 0, 900, 0]]), 3)
    np.testing.assert_allclose(found[0], np.exp([1, 2, 2]) / np.exp([1, 2, 2]).sum(), atol=1e-15)
    np.testing.assert_allclose(found[1], [0.5, 0.5, 0], atol=1e-15)
