from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, List

import numpy as np
import pytest

from pipeline.model.batches import input_names
from pipeline.model.ensemble import build_network
from pipeline.model.single_example import pack_single_example
from pipeline.mx.engine import mx
from pipeline.recipe import Network, Recipe
from tests.conftest import TINY

PLAIN = replace(TINY, train=replace(TINY.train, bucket_by_length=False))
TWO = Network(hidden_size=3, num_outputs=1, ensemble_size=2, bidirectional=True, pooling="mean")
RECIPES = {
    "one direction": replace(TINY, network=Network(hidden_size=3, pooling="last")),
    "two layers": replace(TINY, network=Network(hidden_size=3, num_layers=2, bidirectional=True, pooling="max_mean")),
    "two LSTMs": replace(TINY, network=TWO),
    "unmasked": replace(PLAIN, network=Network(hidden_size=3, masked=False, pooling="flatten")),
    "dropping": replace(PLAIN, network=Network(hidden_size=3, recurrent_dropout=0.5)),
}


def make(recipe: Recipe) -> Any:
    network = build_network(recipe, (12, 4))
    network.initialize(mx.init.Normal(0.7))
    return network


def inputs(recipe: Recipe, ids: List[int]) -> List[Any]:
    steps = ids + [0] * (recipe.index.max_length - len(ids))
    return [mx.nd.array([steps], dtype="int32"), mx.nd.array([len(ids)])][: len(input_names(recipe))]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
@pytest.mark.parametrize("static", [False, True])
def test_packed_network_gives_the_scores_of_the_network(recipe: Recipe, static: bool) -> None:
    network = make(recipe)
    packed = pack_single_example(network, input_names(recipe))
    packed.hybridize(static_alloc=static, static_shape=static)
    for ids in ([3, 1, 4, 1, 5], [9], [2, 6]):
        given = inputs(recipe, ids)
        np.testing.assert_allclose(packed(*given).asnumpy(), network(*given).asnumpy(), atol=1e-6)


def test_packed_network_makes_nothing_of_its_parameters_anew() -> None:
    packed = pack_single_example(make(RECIPES["two layers"]), ["ids", "lengths"])
    operators = [node["op"] for node in json.loads(packed(mx.sym.var("a"), mx.sym.var("b")).tojson())["nodes"]]
    assert operators.count("RNN") == 4
    assert "_rnn_param_concat" not in operators
    assert "_zeros" not in operators


def test_packed_network_shares_the_embedding() -> None:
    network = make(RECIPES["one direction"])
    packed = pack_single_example(network, ["ids", "lengths"])
    name = network.embedding.weight.name
    assert packed.collect_params()[name] is network.embedding.weight


def test_networks_that_are_packed_keep_apart() -> None:
    first, second = make(TINY), make(TINY)
    packed = [pack_single_example(network, input_names(TINY)) for network in (first, second)]
    given = inputs(TINY, [3, 1, 4])
    for network, block in zip((first, second), packed):
        np.testing.assert_allclose(block(*given).asnumpy(), network(*given).asnumpy(), atol=1e-6)
    assert first(*given).asnumpy().tolist() != second(*given).asnumpy().tolist()


def test_single_example_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    pack_single_example(make(TINY), input_names(TINY))
    assert capfd.readouterr() == ("", "")
