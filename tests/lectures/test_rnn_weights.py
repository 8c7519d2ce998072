from __future__ import annotations

import json
from pathlib import Path
from typing import Callable

import numpy as np
import pytest
import torch

from pipeline.errors import PipelineError
from pipeline.lectures.rnn_weights import (
    GluonWeights,
    KerasWeights,
    count_parameters,
    gluon_to_keras,
    keras_to_gluon,
    lstm,
    simple_rnn,
)
from pipeline.mx.engine import mx

COUNTS = json.loads((Path(__file__).with_name("keras_reference.json")).read_text(encoding="utf-8"))["counts"]


def keras_weights(inputs: int, units: int, gates: int) -> KerasWeights:
    random = np.random.RandomState(0)
    shapes = [(inputs, gates * units), (units, gates * units), (gates * units,)]
    return KerasWeights(*(random.normal(size=shape).astype(np.float32) for shape in shapes))


@pytest.mark.parametrize("gates", [1, 4])
@pytest.mark.parametrize(("inputs", "units"), [(1, 1), (3, 2), (2, 5)])
def test_keras_to_gluon_and_back_changes_nothing(inputs: int, units: int, gates: int) -> None:
    weights = keras_weights(inputs, units, gates)
    gluon = keras_to_gluon(weights)
    rows = gates * units
    assert [array.shape for array in gluon] == [(rows, inputs), (rows, units), (rows,), (rows,)]
    for before, after in zip(weights, gluon_to_keras(gluon)):
        assert before is not None
        assert after is not None
        assert after.dtype == np.float32
        np.testing.assert_array_equal(before, after)


def test_converted_lstm_weights_keep_the_gates_apart() -> None:
    kernel, recurrent_kernel = np.array([[1, 2, 3, 4]]), np.array([[5, 6, 7, 8]])
    gluon = keras_to_gluon(KerasWeights(kernel, recurrent_kernel))
    assert gluon.i2h_weight.tolist() == [[1], [2], [3], [4]]
    assert gluon.i2h_bias.tolist() == gluon.h2h_bias.tolist() == [0, 0, 0, 0]
    cell = lstm(KerasWeights(kernel, recurrent_kernel))
    assert cell.input_kernel._asdict() == {"input": 1, "forget": 2, "cell": 3, "output": 4}
    assert cell.recurrent_kernel._asdict() == {"input": 5, "forget": 6, "cell": 7, "output": 8}


@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
def test_keras_weights_in_a_gluon_layer_give_what_the_cell_gives(kind: str) -> None:
    weights = keras_weights(3, 5, gates=4 if kind == "LSTM" else 1)
    options = {} if kind == "LSTM" else {"activation": "tanh"}
    layer = getattr(mx.gluon.rnn, kind)(5, input_size=3, layout="NTC", **options)
    layer.initialize()
    for name, array in keras_to_gluon(weights)._asdict().items():
        getattr(layer, f"l0_{name}").set_data(mx.nd.array(array))
    x = np.random.RandomState(1).normal(size=(1, 7, 3)).astype(np.float32)
    cell = (lstm if kind == "LSTM" else simple_rnn)(weights)
    np.testing.assert_allclose(cell.run(x[0]).outputs, layer(mx.nd.array(x)).asnumpy()[0], atol=1e-5, rtol=0)


def test_gluons_two_biases_become_their_sum() -> None:
    weights = GluonWeights(np.ones((1, 1)), np.ones((1, 1)), np.array([0.25]), np.array([0.5]))
    assert gluon_to_keras(weights).bias == 0.75


@pytest.mark.parametrize(
    ("convert", "message"),
    [
        (lambda: keras_to_gluon(KerasWeights(np.ones(4), np.ones((1, 4)))), r"found \(4,\) and \(1, 4\)"),
        (lambda: keras_to_gluon(KerasWeights(np.ones((4, 1)), np.ones((1, 4)))), r"found \(4, 1\) and \(1, 4\)"),
        (
            lambda: keras_to_gluon(KerasWeights(np.ones((1, 6)), np.ones((2, 6)))),
            r"expected 2 \(SimpleRNN\) or 8 \(LSTM\) columns for 2 unit\(s\), found 6",
        ),
        (lambda: lstm(KerasWeights(np.ones((1, 2)), np.ones((2, 2)))), "expected 8 columns .* found 2"),
        (lambda: simple_rnn(KerasWeights(np.ones((1, 8)), np.ones((2, 8)))), "expected 2 columns .* found 8"),
        (
            lambda: lstm(KerasWeights(np.ones((1, 4)), np.ones((1, 4)), np.ones(1))),
            r"expected a bias of shape \(4,\), found \(1,\)",
        ),
        (
            lambda: gluon_to_keras(GluonWeights(np.ones((4, 1)), np.ones((4, 1)), np.ones(4), np.ones(1))),
            r"expected two of one shape, found \(4,\) and \(1,\)",
        ),
    ],
)
def test_weights_of_wrong_shapes_are_refused(convert: Callable, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        convert()


def test_count_parameters_gives_the_lectures_counts() -> None:
    assert count_parameters(1, 10) == 480
    assert count_parameters(28, 50) == 15_800
    assert count_parameters(128, 128) == 131_584
    assert count_parameters(1, 10, biases=2) == 520
    assert count_parameters(28, 50, biases=2) == 16_000
    assert count_parameters(1, 2, gates=1, biases=0) == 6


@pytest.mark.parametrize("case", COUNTS)
def test_count_parameters_equals_keras(case: dict) -> None:
    gates = {"SimpleRNN": 1, "LSTM": 4}[case["layer"]]
    biases = int(case["use_bias"])
    assert count_parameters(case["inputs"], case["units"], gates, biases) == case["count"]


@pytest.mark.parametrize("inputs", [1, 2, 7, 28, 300])
@pytest.mark.parametrize("units", [1, 3, 10, 50, 64])
@pytest.mark.parametrize(("kind", "gates"), [("LSTM", 4), ("RNN", 1)])
def test_count_parameters_equals_gluon_and_torch(inputs: int, units: int, kind: str, gates: int) -> None:
    layer = getattr(mx.gluon.rnn, kind)(units, input_size=inputs)
    gluon = sum(np.prod(parameter.shape) for parameter in layer.collect_params().values())
    pytorch = sum(parameter.numel() for parameter in getattr(torch.nn, kind)(inputs, units).parameters())
    assert gluon == pytorch == count_parameters(inputs, units, gates, biases=2)
