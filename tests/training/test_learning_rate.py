from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.mx.engine import mx
from pipeline.recipe import Recipe
from pipeline.train import train_network
from pipeline.training.learning_rate import find_learning_rate
from tests.test_train import EMBEDDING, ONE_BATCH, assert_equal, make_reviews, parameters, without_dropout


def test_learning_rate_rises_geometrically_and_the_loss_falls(tiny: Recipe) -> None:
    rates, losses = find_learning_rate(make_reviews(60), EMBEDDING, tiny, [mx.cpu()], 1e-4, 0.1, 61)
    assert rates == pytest.approx(10 ** np.linspace(-4, -1, 61))
    assert losses.shape == (61,)
    assert np.isfinite(losses).all()
    assert losses[:20].mean() > losses[-20:].mean() + 0.1


def test_learning_rate_ends_where_training_diverges(tiny: Recipe) -> None:
    rates, losses = find_learning_rate(make_reviews(60), EMBEDDING, tiny, [mx.cpu()], 1e-4, 1e4)
    assert len(rates) == len(losses) < 100
    assert np.isfinite(losses).all()
    assert rates[-1] > 0.1
    assert losses[-1] > 4 * losses.min()


def test_learning_rate_of_the_first_step_has_the_loss_of_the_untrained_network(tiny: Recipe) -> None:
    recipe = without_dropout(tiny, **{**ONE_BATCH, "learning_rate": 1e-12})
    _, losses = find_learning_rate(make_reviews(), EMBEDDING, recipe, [mx.cpu()], steps=2)
    assert losses[0] == pytest.approx(train_network(make_reviews(), EMBEDDING, recipe, [mx.cpu()])[1][0]["loss"])


def test_finding_a_learning_rate_changes_nothing(tiny: Recipe) -> None:
    recipe = replace(tiny, train=replace(tiny.train, random_crop_prob=0.5))
    encoded, embedding = make_reviews(), EMBEDDING.copy()
    network, history = train_network(encoded, embedding, recipe, [mx.cpu()])
    before, state = parameters(network), (repr(np.random.get_state()), random.getstate())
    first = find_learning_rate(encoded, embedding, recipe, [mx.cpu()], steps=20)
    assert (repr(np.random.get_state()), random.getstate()) == state
    np.testing.assert_array_equal(embedding, EMBEDDING)
    for name, value in parameters(network).items():
        np.testing.assert_array_equal(value, before[name])
    again, same = train_network(encoded, embedding, recipe, [mx.cpu()])
    assert_equal(network, again)
    assert history == same
    for one, two in zip(first, find_learning_rate(encoded, embedding, recipe, [mx.cpu()], steps=20)):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    "options", [{"lowest": 0}, {"lowest": 2}, {"highest": math.inf}, {"steps": 1}, {"lowest": math.nan}]
)
def test_learning_rates_out_of_range_are_refused(tiny: Recipe, options: dict[str, Any]) -> None:
    with pytest.raises(PipelineError, match=r"^find_learning_rate: expected 0 < lowest < highest, and 2 or more steps"):
        find_learning_rate(make_reviews(), EMBEDDING, tiny, [mx.cpu()], **options)


def test_learning_rate_of_word_vectors_that_are_no_numbers_is_refused(tiny: Recipe) -> None:
    with pytest.raises(PipelineError, match=r"^the loss is not finite before the first step"):
        find_learning_rate(make_reviews(), EMBEDDING * np.nan, tiny, [mx.cpu()])
