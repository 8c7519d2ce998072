from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.model.ensemble import build_network
from pipeline.model.network import SentimentNetwork, compile_single_example, forward_async, initialize
from pipeline.mx.engine import mx, seed_mxnet
from pipeline.recipe import Network, Recipe, Train

ROWS, DIMENSION, UNITS = 12, 4, 5


def make(tiny: Recipe, **options: object) -> SentimentNetwork:
    network_options = {"hidden_size": UNITS, "bidirectional": True, **options}
    train = replace(tiny.train, bucket_by_length=not Network(**network_options).fixed_length)  # type: ignore[arg-type]
    recipe = replace(tiny, network=Network(**network_options), train=train)  # type: ignore[arg-type]
    seed_mxnet(7)
    network = build_network(recipe, (ROWS, DIMENSION))
    embedding = np.random.RandomState(0).normal(size=(ROWS, DIMENSION)).astype(np.float32)
    initialize(network, recipe, embedding, [mx.cpu()])
    return network


def logits(network: SentimentNetwork, ids: list[list[int]], lengths: list[int]) -> np.ndarray:
    inputs = [mx.nd.array(ids, dtype="int32"), mx.nd.array(lengths, dtype="float32")]
    return network(*inputs[: 2 if lengths else 1]).asnumpy()


@pytest.mark.parametrize("pooling", ["last", "sum", "mean", "max", "max_mean"])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_masked_network_ignores_padding_and_neighbours(
    tiny: Recipe, pooling: str, bidirectional: bool, num_layers: int
) -> None:
    network = make(tiny, pooling=pooling, bidirectional=bidirectional, num_layers=num_layers)
    alone = logits(network, [[3, 1, 4]], [3])
    padded = logits(network, [[3, 1, 4, 0, 0, 0], [9, 2, 6, 5, 3, 5]], [3, 6])
    garbage = logits(network, [[3, 1, 4, 7, 8, 9], [9, 2, 6, 5, 3, 5]], [3, 6])
    np.testing.assert_allclose(padded[0], alone[0], atol=1e-6)
    np.testing.assert_allclose(garbage[0], alone[0], atol=1e-6)
    assert np.abs(padded[1] - alone[0]).max() > 1e-4  # the neighbour is another review


@pytest.mark.parametrize(("masked", "bidirectional"), [(True, True), (True, False), (False, False)])
def test_no_lstm_relies_on_what_mxnet_ignores_on_cpus(tiny: Recipe, masked: bool, bidirectional: bool) -> None:
    """Dropout between the layers of one RNN operator, and its sequence lengths, have no effect on a CPU."""
    options = {"masked": masked, "bidirectional": bidirectional, "pooling": "max" if masked else "last"}
    network = make(tiny, num_layers=2, embedding_dropout=0.2, dropout=0.3, **options)
    inputs = [mx.sym.var("ids"), mx.sym.var("lengths")]
    nodes = json.loads(network(*inputs[: 1 + masked]).tojson())["nodes"]
    lstms = [node["attrs"] for node in nodes if node["op"] == "RNN"]
    assert len(lstms) == 2 * (1 + bidirectional)
    for attributes in lstms:
        assert attributes["num_layers"] == "1"
        assert float(attributes.get("p", 0)) == 0
        assert attributes.get("use_sequence_length", "False") == "False"


def test_bidirectional_network_equals_torch_on_packed_sequences(tiny: Recipe) -> None:
    network = make(tiny, pooling="max_mean", num_layers=2)
    ids, lengths = [[3, 1, 4, 0, 0], [9, 2, 6, 5, 3]], [3, 5]
    peer = torch.nn.LSTM(DIMENSION, UNITS, num_layers=2, bidirectional=True, batch_first=True)
    state = {}
    for layer, block in enumerate(network.layers):
        for suffix, lstm in (("", block.forward_lstm), ("_reverse", block.backward_lstm)):
            for ours, theirs in (("i2h", "ih"), ("h2h", "hh")):
                for kind in ("weight", "bias"):
                    value = getattr(lstm, f"l0_{ours}_{kind}").data().asnumpy()
                    state[f"{kind}_{theirs}_l{layer}{suffix}"] = torch.from_numpy(value)
    peer.load_state_dict(state)
    embedded = torch.from_numpy(network.embedding.weight.data().asnumpy())[torch.tensor(ids)]  # (N, T, D)
    packed = torch.nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
    hidden, _ = torch.nn.utils.rnn.pad_packed_sequence(peer(packed)[0], batch_first=True)  # (N, T, 2U)
    true = [h[:n] for h, n in zip(hidden.detach().numpy(), lengths)]
    pooled = np.stack([np.r_[h.max(axis=0), h.mean(axis=0)] for h in true])  # (N, 4U)
    weight, bias = network.dense.weight.data().asnumpy(), network.dense.bias.data().asnumpy()
    np.testing.assert_allclose(logits(network, ids, lengths), pooled @ weight.T + bias, atol=1e-5)


def test_unmasked_network_reads_the_padding(tiny: Recipe) -> None:
    network = make(tiny, bidirectional=False, masked=False, pooling="last")
    assert np.abs(logits(network, [[3, 1, 4]], []) - logits(network, [[3, 1, 4, 0]], [])).max() > 1e-5


def test_every_step_network_has_a_weight_for_every_step(tiny: Recipe) -> None:
    network = make(tiny, bidirectional=False, masked=False, pooling="flatten")
    assert network.dense.weight.shape == (2, tiny.index.max_length * UNITS)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        # embedding 12·4, LSTM 4(5·4 + 5² + 2·5) a direction, dense
        ({"bidirectional": False}, 48 + 220 + 2 * (5 + 1)),
        ({"bidirectional": True}, 48 + 2 * 220 + 2 * (10 + 1)),
        ({"bidirectional": True, "pooling": "max_mean"}, 48 + 2 * 220 + 2 * (20 + 1)),
        ({"bidirectional": False, "num_layers": 2}, 48 + 220 + 4 * (25 + 25 + 10) + 2 * (5 + 1)),
    ],
)
def test_network_parameters_are_counted(tiny: Recipe, options: dict[str, object], count: int) -> None:
    network = make(tiny, **options)
    logits(network, [[1]], [1])
    assert sum(int(np.prod(p.shape)) for p in network.collect_params().values()) == count


def test_keras_initializer_is_orthogonal_with_forget_bias(tiny: Recipe) -> None:
    recipe = replace(tiny, train=replace(tiny.train, initializer="keras"), network=Network(hidden_size=UNITS))
    network = build_network(recipe, (ROWS, DIMENSION))
    initialize(network, recipe, np.zeros((ROWS, DIMENSION), np.float32), [mx.cpu()])
    lstm = network.layers[0].forward_lstm
    recurrent = lstm.l0_h2h_weight.data().asnumpy()  # (4U, U)
    np.testing.assert_allclose(recurrent.T @ recurrent, np.eye(UNITS), atol=1e-5)
    bias = lstm.l0_i2h_bias.data().asnumpy() + lstm.l0_h2h_bias.data().asnumpy()
    assert bias.tolist() == [0] * UNITS + [1] * UNITS + [0] * UNITS * 2  # gates i, f, c, o


def test_frozen_embedding_has_no_gradient(tiny: Recipe) -> None:
    recipe = replace(tiny, embed=replace(tiny.embed, trainable=False))
    network = build_network(recipe, (ROWS, DIMENSION))
    initialize(network, recipe, np.ones((ROWS, DIMENSION), np.float32), [mx.cpu()])
    assert network.embedding.weight.grad_req == "null"


def test_masked_every_step_network_ignores_what_stands_in_the_padding(tiny: Recipe) -> None:
    network = make(tiny, bidirectional=False, pooling="flatten")
    first = logits(network, [[3, 1, 4, 0, 0, 0, 0, 0]], [3])
    np.testing.assert_allclose(logits(network, [[3, 1, 4, 9, 9, 9, 9, 9]], [3]), first, atol=1e-6)


@pytest.mark.parametrize("prepared", [False, True])
def test_review_alone_is_answered_as_in_a_batch(tiny: Recipe, prepared: bool) -> None:
    network = make(tiny, pooling="max_mean")
    reviews = [[[3, 1, 4]], [[5, 9]], [[2, 6, 5, 3, 5] * 7], [[3, 1, 4]]]
    expected = [logits(network, ids, [len(ids[0])]) for ids in reviews]
    if prepared:
        compile_single_example(network)
    for ids, one in zip(reviews, expected):
        batch = [np.array(ids, np.int32), np.array([len(ids[0])])]
        np.testing.assert_allclose(forward_async(network, batch, mx.cpu(), 0)(), one, atol=1e-6)


def test_review_alone_is_padded_to_one_of_few_lengths(tiny: Recipe) -> None:
    asked: list[np.ndarray] = []

    class Network:
        def single_example(self, *inputs: mx.nd.NDArray) -> mx.nd.NDArray:
            asked.extend(array.asnumpy() for array in inputs)
            return inputs[0]

    ngrams = np.array([[7, 8, *[9] * 31]], np.int32)  # (1, 33)
    network: Any = Network()
    network.recipe = tiny
    forward_async(network, [np.array([[3, 1, 4]], np.int32), np.array([3]), ngrams], mx.cpu(), 0)()
    ids, lengths, wide = asked
    assert ids.tolist() == [[3, 1, 4] + [0] * 29]
    assert lengths.tolist() == [3]
    assert wide.tolist() == [[7, 8] + [9] * 31 + [0] * 31]


@pytest.mark.parametrize(
    ("words", "padded"),
    [((2, 5), (2, 8)), ((2, 8), (2, 8)), ((3, 63), (3, 64)), ((2, 65), (2, 80)), ((2, 3, 7), (2, 8, 7))],
)
def test_batch_is_padded_to_one_of_few_lengths(words: tuple[int, ...], padded: tuple[int, ...], tiny: Recipe) -> None:
    asked: list[tuple[int, ...]] = []

    def forward(*inputs: mx.nd.NDArray) -> mx.nd.NDArray:
        asked.extend(array.shape for array in inputs)
        return inputs[0]

    network: Any = forward
    network.recipe = tiny
    lengths, ngrams = np.full(words[0], words[1]), np.ones((words[0], 65), np.int32)
    forward_async(network, [np.ones(words, np.int32), lengths, ngrams], mx.cpu(), 0)()
    assert asked == [padded, (words[0],), (words[0], 128)]
    asked.clear()
    network.recipe = replace(
        tiny, network=replace(tiny.network, pooling="flatten"), train=replace(tiny.train, bucket_by_length=False)
    )
    forward_async(network, [np.ones(words, np.int32), lengths], mx.cpu(), 0)()
    assert asked == [words, (words[0],)]


def test_dropping_layer_equals_the_fused_one_without_dropout(tiny: Recipe) -> None:
    fused = make(tiny, bidirectional=False, masked=False)
    dropping = make(tiny, bidirectional=False, masked=False, input_dropout=0.5, recurrent_dropout=0.5)
    lstm, cell = fused.layers[0].forward_lstm, dropping.layers[0].cell.base_cell
    for kind in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias"):
        getattr(cell, kind).set_data(getattr(lstm, f"l0_{kind}").data())
    dropping.dense.weight.set_data(fused.dense.weight.data())
    ids = [[3, 1, 4, 1, 5, 9, 2, 6], [0, 0, 0, 0, 5, 3, 5, 8]]
    np.testing.assert_allclose(logits(dropping, ids, []), logits(fused, ids, []), atol=1e-6)


def test_dropping_layer_drops_the_same_units_at_every_step(tiny: Recipe) -> None:
    layer = make(tiny, bidirectional=False, masked=False, input_dropout=0.5, recurrent_dropout=0.5).layers[0]
    steps = mx.nd.ones((tiny.index.max_length, 1, DIMENSION))
    layer.cell.base_cell.h2h_weight.set_data(mx.nd.zeros((4 * UNITS, UNITS)))
    with mx.autograd.train_mode():
        hidden = layer(steps)[0].asnumpy()  # (T, 1, U)
    with mx.autograd.predict_mode():
        undropped = layer(steps)[0].asnumpy()
    assert np.abs(hidden - undropped).max() > 1e-3
    cell = [hidden[t] for t in range(tiny.index.max_length)]
    assert len({tuple(np.sign(h).ravel()) for h in cell}) == 1  # the same inputs at every step: no new signs


def test_network_of_features_has_no_embedding(tiny: Recipe) -> None:
    recipe = replace(
        tiny, network=Network(num_outputs=10, hidden_size=UNITS, masked=False), train=Train(bucket_by_length=False)
    )
    network = build_network(recipe, (0, 28))
    initialize(network, recipe, np.zeros((0, 28), np.float32), [mx.cpu()])
    assert network(mx.nd.ones((3, 8, 28))).shape == (3, 10)
    assert sum(int(np.prod(p.shape)) for p in network.collect_params().values()) == 4 * (28 * 5 + 25 + 10) + 10 * 6


@pytest.mark.parametrize(
    ("pooling", "masked"),
    [
        *((pooling, True) for pooling in ("last", "sum", "max", "mean", "max_mean", "flatten")),
        *((pooling, False) for pooling in ("last", "sum", "max", "flatten")),  # a mean needs the mask
    ],
)
def test_network_gradient_equals_finite_differences(tiny: Recipe, pooling: str, masked: bool) -> None:
    network = make(tiny, bidirectional=masked and pooling != "flatten", pooling=pooling, masked=masked)
    ids, lengths = [[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 0, 0]], [8, 6] if masked else []
    weight = network.layers[0].forward_lstm.l0_i2h_weight
    inputs = [mx.nd.array(ids, dtype="int32"), mx.nd.array(lengths)][: 2 if masked else 1]
    with mx.autograd.record():
        network(*inputs).sum().backward()
    found = weight.grad().asnumpy()[2, 1]
    nudged = []
    for nudge in (-0.02, 0.02):
        value = weight.data().asnumpy()
        value[2, 1] += nudge
        weight.set_data(mx.nd.array(value))
        nudged.append(float(network(*inputs).sum().asscalar()))
        value[2, 1] -= nudge
        weight.set_data(mx.nd.array(value))
    assert found == pytest.approx((nudged[1] - nudged[0]) / 0.04, rel=0.05, abs=2e-3)
