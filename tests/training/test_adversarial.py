from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from pipeline.mx.engine import mx
from pipeline.recipe import NgramModel, Recipe
from pipeline.train import train_network
from pipeline.training.adversarial import perturb
from tests.test_train import EMBEDDING, ONE_BATCH, assert_equal, check_equal_on_all, make_reviews, without_dropout


def test_perturb_follows_the_gradient_with_a_norm_that_grows_with_the_length() -> None:
    gradients = mx.nd.array([[[3, 0], [0, 4]], [[0, 0], [0, -2]]])  # (2, 2, 2)
    found = perturb(gradients, mx.nd.array([200, 50]), 5).asnumpy()
    np.testing.assert_allclose(found, np.array([[[3, 0], [0, 4]], [[0, 0], [0, -2.5]]]), rtol=1e-5)


@pytest.mark.parametrize("ensemble_size", [1, 2])
@pytest.mark.parametrize("num_outputs", [1, 3])
def test_adversarial_step_adds_the_gradients_of_the_perturbed_reviews(
    tiny: Recipe, ensemble_size: int, num_outputs: int
) -> None:
    network = replace(tiny.network, num_outputs=num_outputs, ensemble_size=ensemble_size)
    recipe = without_dropout(replace(tiny, network=network), **ONE_BATCH)
    parameters = {}
    for norm in (0.0, 1e-9, 2.0):
        options = replace(recipe, train=replace(recipe.train, adversarial_norm=norm))
        trained, history = train_network(make_reviews(), EMBEDDING, options, [mx.cpu()])
        parameters[norm] = [p.data().asnumpy() for p in trained.collect_params().values() if p.grad_req != "null"]
        assert math.isfinite(history[0]["loss"])
    start = train_network(
        make_reviews(), EMBEDDING, replace(recipe, train=replace(recipe.train, learning_rate=1e-12)), [mx.cpu()]
    )
    begun = [p.data().asnumpy() for p in start[0].collect_params().values() if p.grad_req != "null"]
    for first, plain, doubled, moved in zip(begun, parameters[0.0], parameters[1e-9], parameters[2.0]):
        np.testing.assert_allclose(doubled - first, 2 * (plain - first), atol=1e-5)  # twice the same gradient
        assert np.abs(moved - doubled).max() > 1e-7


def test_two_lstms_have_the_same_gradients_on_all_devices_and_in_all_streams(tiny: Recipe) -> None:
    recipe = without_dropout(tiny, **{**ONE_BATCH, "epochs": 2}, adversarial_norm=2.0)
    recipe = replace(
        recipe, network=replace(recipe.network, ensemble_size=2), ngram_model=NgramModel(max_n=2, min_df=1)
    )
    check_equal_on_all(recipe, [(1, 2), (2, 1), (2, 3)])


def test_two_lstms_with_dropout_are_trained_alike_every_time(tiny: Recipe) -> None:
    network = replace(tiny.network, ensemble_size=2, dropout=0.5, embedding_dropout=0.3)
    recipe = replace(tiny, network=network, train=replace(tiny.train, adversarial_norm=2.0))
    once, twice = (train_network(make_reviews(), EMBEDDING, recipe, [mx.cpu()])[0] for _ in range(2))
    assert_equal(once, twice)
    first, second = (lstm.dense.weight.data().asnumpy() for lstm in once.lstms)
    assert np.abs(first - second).max() > 0.01
