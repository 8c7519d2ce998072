"""What of mixed precision can be tried without a GPU: its operators' types, the scaled losses, what is left behind."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Dict, List

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.model.ensemble import build_network
from pipeline.mx.engine import mx
from pipeline.mx.mixed_precision import amp, mixed_precision
from pipeline.recipe import Recipe
from pipeline.train import train_network
from tests.test_train import EMBEDDING, assert_equal, make_reviews, parameters

GPUS = [SimpleNamespace(device_type="gpu")]


@pytest.fixture
def mixed(tiny: Recipe) -> Recipe:
    return replace(tiny, train=replace(tiny.train, mixed_precision=True, clip_norm=0.5))


@pytest.fixture
def no_float16(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no operator for float16, and have CPUs pass for GPUs: all else is as there."""
    monkeypatch.setattr(amp.amp, "list_lp16_ops", lambda _: [])
    monkeypatch.setattr("pipeline.train.mixed_precision", lambda _: mixed_precision(GPUS))


def find_types(recipe: Recipe) -> Dict[str, Any]:
    """Return the types of everything that a network of the recipe holds and computes."""
    network = build_network(recipe, (12, 4))
    inner = network(mx.sym.var("ids"), mx.sym.var("lengths")).get_internals()
    arguments, outputs, _ = inner.infer_type(ids="int32", lengths="float32")
    return {**dict(zip(inner.list_outputs(), outputs)), **dict(zip(inner.list_arguments(), arguments))}


@pytest.mark.parametrize(
    "options",
    [
        *({"pooling": name} for name in ("last", "max", "sum", "mean", "max_mean")),
        {"ensemble_size": 2, "num_outputs": 1},
        {"ensemble_size": 2, "num_outputs": 3},
    ],
    ids=str,
)
def test_lstms_multiply_in_float16_and_parameters_stay_float32(tiny: Recipe, options: Dict[str, Any]) -> None:
    recipe = replace(tiny, network=replace(tiny.network, **options))
    with mixed_precision(GPUS):
        found = find_types(recipe)
    after = find_types(recipe)
    lstms = [name for name in after if name.endswith("rnn0_output")]
    assert len(lstms) == 2 * recipe.network.ensemble_size
    assert {found[name] for name in lstms} == {np.float16}
    assert {value for name, value in found.items() if name.endswith(("weight", "bias"))} == {np.float32}
    assert {after[name] for name in lstms} == {np.float32}  # MXNet's own operators are back


def test_training_with_scaled_losses_changes_nothing(mixed: Recipe, no_float16: None) -> None:
    expected, history = train_network(
        make_reviews(), EMBEDDING, replace(mixed, train=replace(mixed.train, mixed_precision=False)), [mx.cpu()]
    )
    found, again = train_network(make_reviews(), EMBEDDING, mixed, [mx.cpu()])
    assert history == again
    assert_equal(found, expected)


def test_step_whose_gradients_overflow_is_left_out(
    mixed: Recipe, no_float16: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: Dict[str, np.ndarray] = {}
    scalers = []

    def overflow(losses: List[Any], trainer: Any) -> None:
        before.update({parameter.name: parameter.data().asnumpy() for parameter in trainer._params})
        scalers.append(trainer._amp_loss_scaler)
        with mx.autograd.record():
            mx.autograd.backward([loss * 1e38 * 1e38 for loss in losses])

    monkeypatch.setattr("pipeline.training.loop.backward", overflow)
    one = replace(mixed, train=replace(mixed.train, epochs=1, batch_size=40, bucket_by_length=False))
    network, _ = train_network(make_reviews(), EMBEDDING, one, [mx.cpu()])
    assert len(scalers) == 1
    assert scalers[0]._next_loss_scale == 32768
    for name, value in parameters(network).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_mixed_precision_needs_a_gpu(mixed: Recipe) -> None:
    with pytest.raises(PipelineError, match=r"^train\.mixed_precision: MXNet multiplies .* GPUs only; set it to false"):
        train_network(make_reviews(), EMBEDDING, mixed, [mx.cpu()])
