from __future__ import annotations

import functools
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any, List

import numpy as np
import pytest

import pipeline.train
from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.model.network import SentimentNetwork
from pipeline.mx.engine import mx, seed_mxnet
from pipeline.recipe import Index, Network, Recipe, Train, override
from pipeline.recipes import RECIPES
from pipeline.train import train_network
from pipeline.training.loop import TrainingLoop
from tests.conftest import TINY

EMBEDDING = np.random.RandomState(0).normal(size=(12, 4)).astype(np.float32)


ONE_BATCH = {"optimizer": "sgd", "batch_size": 32, "epochs": 1, "bucket_by_length": False}


def make_reviews(count: int = 23) -> Encoded:
    """Return reviews of 1 to 9 ids; those with a majority of ids below 6 are positive."""
    random = np.random.RandomState(1)
    reviews = [random.randint(1, 12, size=1 + i % 9) for i in range(count)]
    labels = np.array([np.mean(ids < 6) > 0.5 for ids in reviews], np.int8)
    offsets = np.cumsum([0] + [len(ids) for ids in reviews])
    splits = np.array([1 if i % 6 == 5 else 0 for i in range(count)], np.int8)  # some for validation
    return Encoded(np.concatenate(reviews).astype(np.int32), offsets, labels, splits, np.arange(count))


def parameters(network: SentimentNetwork) -> dict[str, np.ndarray]:
    return {name: p.data(p.list_ctx()[0]).asnumpy() for name, p in network.collect_params().items()}


def assert_equal(a: SentimentNetwork, b: SentimentNetwork) -> None:
    theirs = parameters(b)
    for name, value in parameters(a).items():
        np.testing.assert_array_equal(value, theirs[name], err_msg=name)


@pytest.mark.parametrize("clip_norm", [0.0, 0.02])
def test_training_reports_its_steps_and_epochs(tiny: Recipe, clip_norm: float) -> None:
    train = replace(tiny.train, batch_size=1, lr_schedule="cosine", clip_norm=clip_norm, epochs=2)
    recipe, encoded = replace(tiny, train=train), make_reviews(60)  # 50 to train on
    steps: list[dict[str, float]] = []
    epochs: list[dict[str, float]] = []
    watched, history = train_network(
        encoded, EMBEDDING, recipe, [mx.cpu()], on_step=steps.append, on_epoch=epochs.append
    )
    assert epochs == history
    assert [entry["step"] for entry in steps] == [20, 40, 50, 70, 90, 100]
    assert [entry["epoch"] for entry in steps] == [1, 1, 1, 2, 2, 2]
    for number, entry in enumerate(history):
        for name in ("loss", "accuracy"):
            mean = np.average([step[name] for step in steps[3 * number :][:3]], weights=[20, 20, 10])
            assert mean == pytest.approx(entry[name])
    rates = [train.learning_rate * (1 + math.cos(math.pi * (step["step"] - 1) / 100)) / 2 for step in steps]
    assert [step["learning_rate"] for step in steps] == pytest.approx(rates)
    assert all(0.02 < step["gradient_norm"] < 50 for step in steps[:3])  # before clipping
    assert all(1 < step["examples_per_second"] < 1e6 for step in steps)
    alone, unwatched = train_network(encoded, EMBEDDING, recipe, [mx.cpu()])
    assert unwatched == history
    assert_equal(alone, watched)


def test_training_learns_a_rule(tiny: Recipe) -> None:
    train = replace(tiny.train, epochs=12, batch_size=4, learning_rate=0.05)
    recipe = replace(tiny, train=train, network=Network(hidden_size=6, pooling="mean"))
    _, history = train_network(make_reviews(60), EMBEDDING, recipe, [mx.cpu()])
    assert len(history) == 12
    assert history[-1]["accuracy"] > 0.95
    assert history[-1]["loss"] < history[0]["loss"] / 2
    assert history[-1]["validation_accuracy"] > 0.7


def test_training_evaluates_the_eval_split(tiny: Recipe) -> None:
    encoded = replace(make_reviews(), splits=np.array([2 if i % 6 == 5 else 0 for i in range(23)], np.int8))
    recipe = replace(tiny, train=replace(tiny.train, eval_split="held_out"))
    _, history = train_network(encoded, EMBEDDING, recipe, [mx.cpu()])
    assert set(history[0]) == {"epoch", "loss", "accuracy", "held_out_loss", "held_out_accuracy"}


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_resumed_training_equals_uninterrupted_training(
    tiny: Recipe, tmp_path: Path, optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = replace(tiny.train, optimizer=optimizer, lr_schedule="cosine", clip_norm=1.0, random_crop_prob=0.5)
    recipe = replace(tiny, train=options)
    encoded = make_reviews()
    uninterrupted, expected = train_network(encoded, EMBEDDING, recipe, [mx.cpu()])

    def stop(*arguments: Any) -> None:
        save(*arguments)
        if len(arguments[4]) == 2:  # the history
            raise KeyboardInterrupt

    save = pipeline.train.save_checkpoint
    monkeypatch.setattr(pipeline.train, "save_checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        train_network(encoded, EMBEDDING, recipe, [mx.cpu()], tmp_path, {"a": 1})
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["epoch-002"]
    seed_mxnet(99)  # the earlier random state must not matter
    resumed, history = train_network(encoded, EMBEDDING, recipe, [mx.cpu()], tmp_path, {"a": 1})
    assert history == expected
    assert_equal(resumed, uninterrupted)


def early(tiny: Recipe, patience: int, **options: Any) -> Recipe:
    """Return a recipe whose validation loss on `make_reviews` falls in epochs 2 and 4, and in no other up to 9."""
    train = replace(tiny.train, early_stopping=patience, epochs=9, batch_size=4, learning_rate=0.1, **options)
    return replace(tiny, read=replace(tiny.read, validation=0.1), train=train)


@functools.lru_cache(maxsize=None)
def train_uninterrupted() -> tuple[SentimentNetwork, list[dict[str, float]]]:
    """Train with early stopping, once for all tests."""
    return train_network(make_reviews(), EMBEDDING, early(TINY, 2), [mx.cpu()])


@pytest.mark.parametrize("settings", [[], ["network.pooling=max_mean"], ["train.calibrate=true"]])
def test_validation_review_without_a_token_is_as_likely_of_either_class(tiny: Recipe, settings: List[str]) -> None:
    encoded = make_reviews()
    row = encoded.rows("validation")[0]
    first, end = encoded.offsets[row : row + 2]
    ids = np.delete(encoded.ids, np.arange(first, end))
    offsets = np.where(np.arange(len(encoded.offsets)) > row, encoded.offsets - (end - first), encoded.offsets)
    _, history = train_network(
        replace(encoded, ids=ids, offsets=offsets), EMBEDDING, override(early(tiny, 2), settings), [mx.cpu()]
    )
    assert all(np.isfinite(entry["validation_loss"]) for entry in history)


@pytest.mark.parametrize(("patience", "epochs", "kept"), [(1, 3, 2), (2, 6, 4), (9, 9, 4)])
def test_early_stopping_keeps_the_best_epoch(
    tiny: Recipe, capsys: pytest.CaptureFixture[str], patience: int, epochs: int, kept: int
) -> None:
    recipe = early(tiny, patience)
    network, history = train_network(make_reviews(), EMBEDDING, recipe, [mx.cpu()])
    out = capsys.readouterr().out
    losses = [entry["validation_loss"] for entry in history]
    assert len(history) == epochs
    assert losses.index(min(losses)) == kept - 1
    assert [entry["epoch"] for entry in history if entry.get("kept")] == [kept]
    assert (f"stopped early: no lower validation loss since epoch {kept}\n" in out) is (epochs < 9)
    assert out.endswith(f"kept the parameters of epoch {kept}: validation loss {min(losses):.4f}\n")
    shorter = replace(recipe, train=replace(recipe.train, early_stopping=0, epochs=kept))
    assert_equal(network, train_network(make_reviews(), EMBEDDING, shorter, [mx.cpu()])[0])


@pytest.mark.parametrize("last", [1, 3, 5, 6])
def test_resumed_early_stopping_equals_uninterrupted_training(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    def stop(*arguments: Any) -> None:
        save(*arguments)
        if len(arguments[4]) == last:  # the history
            raise KeyboardInterrupt

    recipe, encoded, save = early(tiny, 2), make_reviews(), pipeline.train.save_checkpoint
    uninterrupted, expected = train_uninterrupted()
    assert len(expected) == 6
    monkeypatch.setattr(pipeline.train, "save_checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        train_network(encoded, EMBEDDING, recipe, [mx.cpu()], tmp_path)
    monkeypatch.undo()
    resumed, history = train_network(encoded, EMBEDDING, recipe, [mx.cpu()], tmp_path)
    assert history == expected
    assert_equal(resumed, uninterrupted)


def test_an_ensemble_is_calibrated_at_the_best_epoch(tiny: Recipe) -> None:
    recipe = early(replace(tiny, network=replace(tiny.network, num_outputs=1, ensemble_size=2)), 2, calibrate=True)
    encoded = make_reviews(60)
    network, history = train_network(encoded, EMBEDDING, recipe, [mx.cpu()])
    (kept,) = (int(entry["epoch"]) for entry in history if entry.get("kept"))
    assert kept < len(history)
    assert (network.weights.data().asnumpy() != 1).all()
    shorter = replace(recipe, train=replace(recipe.train, early_stopping=0, epochs=kept))
    assert_equal(network, train_network(encoded, EMBEDDING, shorter, [mx.cpu()])[0])


def test_early_stopping_without_validation_reviews_is_refused(tiny: Recipe) -> None:
    encoded = replace(make_reviews(), splits=np.zeros(23, np.int8))
    with pytest.raises(PipelineError, match=r"train\.early_stopping: found no validation reviews; try a larger read\."):
        train_network(encoded, EMBEDDING, early(tiny, 2), [mx.cpu()])


def test_training_ignores_a_checkpoint_of_other_settings(tiny: Recipe, tmp_path: Path) -> None:
    encoded = make_reviews()
    short = replace(tiny, train=replace(tiny.train, epochs=1))
    train_network(encoded, EMBEDDING, short, [mx.cpu()], tmp_path, {"epochs": 1})
    network, history = train_network(encoded, EMBEDDING, tiny, [mx.cpu()], tmp_path, {"epochs": 3})
    assert_equal(network, train_network(encoded, EMBEDDING, tiny, [mx.cpu()])[0])
    assert [entry["epoch"] for entry in history] == [1, 2, 3]


def test_training_is_deterministic(tiny: Recipe) -> None:
    encoded = make_reviews()
    first = train_network(encoded, EMBEDDING, tiny, [mx.cpu()])[0]
    assert_equal(first, train_network(encoded, EMBEDDING, tiny, [mx.cpu()])[0])
    other = replace(tiny, train=replace(tiny.train, seed=1))
    with pytest.raises(AssertionError):
        assert_equal(first, train_network(encoded, EMBEDDING, other, [mx.cpu()])[0])


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_every_recipe_is_deterministic(recipe: Recipe) -> None:
    small = replace(
        recipe,
        index=replace(recipe.index, max_length=9),
        network=replace(recipe.network, hidden_size=4),
        train=replace(recipe.train, epochs=1, batch_size=8),
    )
    (one, history), (two, again) = (train_network(make_reviews(), EMBEDDING, small, [mx.cpu()]) for _ in range(2))
    assert_equal(one, two)
    assert history == again


def without_dropout(recipe: Recipe, **options: Any) -> Recipe:
    """Disable dropout, which differs between devices and workers."""
    return replace(recipe, network=replace(recipe.network, dropout=0.0), train=replace(recipe.train, **options))


def check_equal_on_all(recipe: Recipe, ways: list[tuple[int, int]]) -> None:
    """Compare training on one device in one stream with training in other ways: (devices, streams)."""
    encoded = make_reviews(21)
    one, expected = train_network(encoded, EMBEDDING, recipe, [mx.cpu(0)])
    for devices, streams in ways:
        other = replace(recipe, train=replace(recipe.train, num_streams=streams))
        several, history = train_network(encoded, EMBEDDING, other, [mx.cpu(i) for i in range(devices)])
        for name, value in parameters(one).items():
            message = f"{name} on {devices} devices in {streams} streams"
            np.testing.assert_allclose(parameters(several)[name], value, atol=2e-5, err_msg=message)
        assert len(history) == len(expected) == 2
        for entry, wanted in zip(history, expected):
            assert entry == pytest.approx(wanted, abs=1e-4), (devices, streams)


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 4},
        {"batch_size": 5},  # does not divide
        {"batch_size": 1},  # the second device has no review in any step
        {"batch_size": 8, "bucket_by_length": False},  # 18 reviews: the last batch has 2
        {"batch_size": 17, "bucket_by_length": False},  # and of 1
        {"batch_size": 8, "bucket_by_length": False, "drop_last": True},
        {"batch_size": 7, "optimizer": "sgd"},
    ],
)
def test_training_on_several_devices_equals_training_on_one(tiny: Recipe, options: dict[str, Any]) -> None:
    check_equal_on_all(without_dropout(tiny, epochs=2, clip_norm=0.5, **options), [(2, 1), (3, 1)])


@pytest.mark.parametrize("options", [{"batch_size": 5}, {"batch_size": 1}, {"batch_size": 7, "optimizer": "sgd"}])
def test_training_in_several_streams_equals_training_in_one(tiny: Recipe, options: dict[str, Any]) -> None:
    recipe = without_dropout(tiny, epochs=2, clip_norm=0.5, **options)
    check_equal_on_all(recipe, [(1, 2), (1, 3), (2, 2), (2, 3)])


def test_training_in_streams_is_deterministic_and_resumable(tiny: Recipe, tmp_path: Path) -> None:
    recipe = replace(tiny, train=replace(tiny.train, num_streams=2, epochs=2))
    network = replace(tiny.network, dropout=0.5, embedding_dropout=0.5)
    recipe, encoded = replace(recipe, network=network), make_reviews()
    first, history = train_network(encoded, EMBEDDING, recipe, [mx.cpu()])
    short = replace(recipe, train=replace(recipe.train, epochs=1))
    train_network(encoded, EMBEDDING, short, [mx.cpu()], tmp_path)
    again, resumed = train_network(encoded, EMBEDDING, recipe, [mx.cpu()], tmp_path)
    assert_equal(first, again)
    assert history == resumed


def test_resumed_training_on_two_devices_equals_one_device(tiny: Recipe, tmp_path: Path) -> None:
    encoded, devices = make_reviews(21), [mx.cpu(0), mx.cpu(1)]
    train_network(encoded, EMBEDDING, without_dropout(tiny, epochs=2), devices, tmp_path)
    recipe = without_dropout(tiny, epochs=3)
    resumed, _ = train_network(encoded, EMBEDDING, recipe, devices, tmp_path)
    uninterrupted, _ = train_network(encoded, EMBEDDING, recipe, [mx.cpu(0)])
    for name, value in parameters(uninterrupted).items():
        np.testing.assert_allclose(parameters(resumed)[name], value, atol=2e-5, err_msg=name)


def test_training_out_of_memory_suggests_a_smaller_batch(tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise mx.base.MXNetError("Check failed: e == cudaSuccess || e == cudaErrorCudartUnloading: out of memory")

    monkeypatch.setattr(TrainingLoop, "step", fail)
    with pytest.raises(PipelineError, match=r"memory ran out: try a smaller train\.batch_size"):
        train_network(make_reviews(), EMBEDDING, tiny, [mx.cpu()])


def test_training_equals_the_lecture_loop_in_plain_gluon(tiny: Recipe) -> None:
    """The lecture's training loop on plain Gluon layers gives the same parameters up to rounding."""
    recipe = replace(
        tiny,
        index=Index(max_length=6),
        network=Network(hidden_size=3, masked=False, pooling="flatten"),
        train=Train(2, 4, "sgd", 0.1, shuffle=False, bucket_by_length=False, drop_last=True),
    )
    encoded = make_reviews(22)
    rows = encoded.rows("train")
    padded = np.zeros((len(rows), 6), np.float32)
    for line, row in zip(padded, rows):
        line[: min(len(encoded[row]), 6)] = encoded[row][:6]

    seed_mxnet(0)
    net = mx.gluon.nn.Sequential()
    with net.name_scope():
        net.add(mx.gluon.nn.Embedding(12, 4), mx.gluon.rnn.LSTM(3, layout="NTC"), mx.gluon.nn.Dense(2))
    net.initialize(mx.init.Xavier())
    untrained = replace(recipe, train=replace(recipe.train, learning_rate=1e-12))
    ours, _ = train_network(encoded, EMBEDDING, untrained, [mx.cpu()])
    net(mx.nd.array(padded[:1]))  # shapes
    for theirs, start in zip(net.collect_params().values(), ours.collect_params().values()):
        theirs.set_data(start.data())
    net[0].weight.set_data(mx.nd.array(EMBEDDING))
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    for _ in range(2):
        for b in range(len(rows) // 4):
            part = slice(4 * b, 4 * b + 4)
            with mx.autograd.record():
                loss = loss_of(net(mx.nd.array(padded[part])), mx.nd.array(encoded.labels[rows[part]]))
            loss.backward()
            trainer.step(4)
    trained, _ = train_network(encoded, EMBEDDING, recipe, [mx.cpu()])
    for theirs, mine in zip(net.collect_params().values(), trained.collect_params().values()):
        np.testing.assert_allclose(mine.data().asnumpy(), theirs.data().asnumpy(), atol=1e-6)


def test_training_stops_when_the_loss_is_not_finite(tiny: Recipe) -> None:
    embedding = EMBEDDING.copy()
    embedding[3, 2] = np.nan
    with pytest.raises(PipelineError, match=r"epoch 1, batch \d+: the loss is not finite; try a smaller train"):
        train_network(make_reviews(), embedding, tiny, [mx.cpu()])


def test_training_keeps_a_frozen_embedding(tiny: Recipe) -> None:
    recipe = replace(tiny, embed=replace(tiny.embed, trainable=False))
    network, _ = train_network(make_reviews(), EMBEDDING, recipe, [mx.cpu()])
    np.testing.assert_array_equal(network.embedding.weight.data().asnumpy(), EMBEDDING)


def test_training_without_reviews_is_refused(tiny: Recipe) -> None:
    encoded = make_reviews()
    empty = replace(encoded, splits=np.full(len(encoded), 2, np.int8))
    with pytest.raises(PipelineError, match="0 reviews to train on"):
        train_network(empty, EMBEDDING, tiny, [mx.cpu()])


def test_training_skips_empty_reviews(tiny: Recipe) -> None:
    encoded = make_reviews(12)
    offsets = np.insert(encoded.offsets, 1, encoded.offsets[1])  # an empty review after the first
    with_empty = Encoded(
        encoded.ids, offsets, np.insert(encoded.labels, 1, 0), np.insert(encoded.splits, 1, 0), np.arange(13)
    )
    first, second = (train_network(e, EMBEDDING, tiny, [mx.cpu()])[0] for e in (encoded, with_empty))
    assert_equal(first, second)


def test_training_leaves_the_global_generators_alone(tiny: Recipe) -> None:
    np.random.seed(0)
    random.seed(0)
    state = repr(np.random.get_state()), random.getstate()
    train_network(make_reviews(), EMBEDDING, tiny, [mx.cpu()])
    assert tiny.train.bucket_by_length  # by gluonnlp's sampler
    assert (repr(np.random.get_state()), random.getstate()) == state
