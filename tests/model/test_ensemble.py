from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Tuple

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.model.batches import batchify
from pipeline.model.bundle import load_bundle, save_bundle
from pipeline.model.ensemble import Ensemble, NgramClassifier, build_network, calibrate
from pipeline.model.network import SentimentNetwork, initialize
from pipeline.model.predict import compute_logits, predict
from pipeline.mx.engine import mx, seed_mxnet
from pipeline.recipe import Network, NgramModel, Recipe
from pipeline.text.ngrams import NGrams
from pipeline.text.vocabulary import Vocabulary
from pipeline.train import train_network

EMBEDDING = np.random.RandomState(0).normal(size=(12, 4)).astype(np.float32)
NGRAMS = NGrams(np.array([1, 2, 3, 14, 27]), 12, 2)  # 14 is 1 2, 27 is 2 3
RATIOS = np.array([0, 2, -1, 0.5, 3, -4], np.float32)
REVIEWS = [np.array(ids, np.int32) for ids in ([1, 2, 3], [2, 3], [5], [3, 1, 2, 2, 7, 8])]


@pytest.fixture
def recipe(tiny: Recipe) -> Recipe:
    network = Network(num_outputs=1, hidden_size=5, bidirectional=True, pooling="max_mean", ensemble_size=2)
    return replace(tiny, network=network, ngram_model=NgramModel(max_n=2), index=replace(tiny.index, vocab_size=12))


@pytest.fixture
def network(recipe: Recipe) -> Ensemble:
    seed_mxnet(1)
    network = build_network(recipe, (12, 4), NGRAMS)
    initialize(network, recipe, EMBEDDING, [mx.cpu()])
    network.ngram_model.ratio.weight.set_data(mx.nd.array(RATIOS).expand_dims(1))
    return network


@pytest.fixture
def three(recipe: Recipe) -> Ensemble:
    """Return an ensemble of three classes: two LSTMs and an n-gram model."""
    seed_mxnet(1)
    network = build_network(replace(recipe, network=replace(recipe.network, num_outputs=3)), (12, 4), NGRAMS)
    initialize(network, network.recipe, EMBEDDING, [mx.cpu()])
    network.ngram_model.ratio.weight.set_data(mx.nd.array(np.outer(RATIOS, [1, -2, 0.5])))
    network.ngram_model.bias.set_data(mx.nd.array([0.7, 0, -0.1]))
    network.weights.set_data(mx.nd.array([2, 0.5, 0.7]))
    network.length_weights.set_data(mx.nd.array([1, -0.5, 3]))
    return network


def make_reviews(count: int = 24) -> Encoded:
    """Reviews of 1 to 9 ids; those with more ids below 6 than others are positive."""
    random = np.random.RandomState(1)
    reviews = [random.randint(1, 12, size=1 + i % 9) for i in range(count)]
    labels = np.array([np.mean(ids < 6) > 0.5 for ids in reviews], np.int8)
    offsets = np.cumsum([0] + [len(ids) for ids in reviews])
    splits = np.array([1 if i % 3 == 2 else 0 for i in range(count)], np.int8)  # some for validation
    return Encoded(np.concatenate(reviews).astype(np.int32), offsets, labels, splits, np.arange(count))


def test_network_of_one_part_is_a_plain_one(tiny: Recipe) -> None:
    assert isinstance(build_network(tiny, (12, 4)), SentimentNetwork)


def test_wide_part_begins_with_a_tenth_of_the_ratios(network: Ensemble, recipe: Recipe) -> None:
    logits = compute_logits(network, recipe, REVIEWS, mx.cpu())
    assert logits.shape == (4, 3)
    sums = [2 - 1 + 0.5 + 3 - 4, -1 + 0.5 - 4, 0, 2 - 1 + 0.5 + 3]  # each n-gram once
    np.testing.assert_allclose(logits[:, 2], 0.04 * np.array(sums), atol=1e-6)


def test_parts_do_not_share_their_embeddings(network: Ensemble, recipe: Recipe) -> None:
    first, second = (lstm.embedding.weight for lstm in network.lstms)
    np.testing.assert_array_equal(first.data().asnumpy(), EMBEDDING)
    np.testing.assert_array_equal(second.data().asnumpy(), EMBEDDING)
    assert first is not second
    logits = compute_logits(network, recipe, REVIEWS, mx.cpu())
    assert np.abs(logits[:, 0] - logits[:, 1]).min() > 1e-4  # drawn anew for each


def test_answer_does_not_depend_on_neighbours(network: Ensemble, recipe: Recipe) -> None:
    together = predict(network, recipe, REVIEWS, mx.cpu())
    alone = np.concatenate([predict(network, recipe, [review], mx.cpu()) for review in REVIEWS])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_weights_scale_the_logits_of_the_models(network: Ensemble, recipe: Recipe) -> None:
    before = compute_logits(network, recipe, REVIEWS, mx.cpu())
    network.weights.set_data(mx.nd.array([2, 0.5, 0]))
    np.testing.assert_allclose(compute_logits(network, recipe, REVIEWS, mx.cpu()), before * [2, 0.5, 0], atol=1e-6)


def test_weights_depend_on_the_length(network: Ensemble, recipe: Recipe) -> None:
    before = compute_logits(network, recipe, REVIEWS, mx.cpu())
    network.length_weights.set_data(mx.nd.array([0, 2, -1]))
    lengths = np.array([min(len(review), recipe.index.max_length) for review in REVIEWS])
    expected = before * (1 + np.outer(50 / (50 + lengths), [0, 2, -1]))
    np.testing.assert_allclose(compute_logits(network, recipe, REVIEWS, mx.cpu()), expected, atol=1e-6)


def test_calibrate_turns_sure_answers_down_to_how_often_they_are_right(network: Ensemble) -> None:
    random = np.random.RandomState(0)
    true = random.normal(size=(20_000, 3))
    labels = random.uniform(size=20_000) < 1 / (1 + np.exp(-true.sum(axis=1)))
    calibrate(network, true * [4, 2, 1], np.full(20_000, 200), labels)
    np.testing.assert_allclose(network.weights.data().asnumpy(), [0.25, 0.5, 1], rtol=0.06)
    assert not network.length_weights.data().asnumpy().any()


def test_calibrate_fits_short_and_long_texts(network: Ensemble) -> None:
    random = np.random.RandomState(0)
    true = random.normal(size=(40_000, 3))
    labels = random.uniform(size=40_000) < 1 / (1 + np.exp(-true.sum(axis=1)))
    lengths = np.where(np.arange(40_000) % 4, 450, 0)  # 50 / (50 + length) is 0.1 or 1
    logits = true / np.where(lengths[:, np.newaxis], [1, 1, 1], [1, 0.5, 4])
    calibrate(network, logits, lengths, labels)
    weights, length_weights = (p.data().asnumpy() for p in (network.weights, network.length_weights))
    np.testing.assert_allclose(weights + 0.1 * length_weights, [1, 1, 1], rtol=0.08)
    np.testing.assert_allclose(weights + length_weights, [1, 0.5, 4], rtol=0.08)


def test_calibrate_never_turns_a_model_around(network: Ensemble, three: Ensemble) -> None:
    labels = np.array([0, 1, 1, 0] * 50)
    logits = np.column_stack([1.0 - 2 * labels, 2 * labels - 1.0, np.where(np.arange(200) % 5, 2 * labels - 1.0, 0)])
    for lengths in (np.full(200, 10), np.where(np.arange(200) % 2, 10, 300)):
        calibrate(network, logits, lengths, labels)
        at_long = network.weights.data().asnumpy()
        at_short = at_long + network.length_weights.data().asnumpy()
        assert (at_long >= 0).all()
        assert (at_short >= 0).all()
        assert at_long[0] == 0  # it is wrong everywhere
        assert at_long[1] > 1
    wrong = np.tile(-np.eye(3)[labels], (1, 3))
    calibrate(three, wrong, np.full(200, 10), labels)
    assert three.weights.data().asnumpy().tolist() == pytest.approx(
        [2, 0.5, 0.7]
    )  # as before: all at 0 would answer nothing


@pytest.mark.parametrize(("short", "by_length"), [(0, False), (49, False), (50, True), (150, True), (151, False)])
def test_weights_depend_on_the_length_if_short_and_long_texts_are_enough(
    network: Ensemble, short: int, by_length: bool
) -> None:
    random = np.random.Generator(np.random.PCG64(0))
    labels = random.integers(0, 2, 200)
    logits = random.normal(size=(200, 3)) + labels[:, np.newaxis]
    calibrate(network, logits, np.where(np.arange(200) < short, 10, 300), labels)
    assert network.length_weights.data().asnumpy().any() == by_length
    assert network.weights.data().asnumpy().any()


def test_training_leaves_ratios_alone_and_fits_the_weights(recipe: Recipe) -> None:
    recipe = replace(
        recipe, train=replace(recipe.train, epochs=2, calibrate=True), read=replace(recipe.read, validation=0.3)
    )
    trained, _ = train_network(make_reviews(), EMBEDDING, recipe, [mx.cpu()])
    weights = trained.ngram_model.weight.weight.data().asnumpy()
    assert weights[0] == 0
    assert (weights[1:] != 0).mean() > 0.8  # those that lean to neither side stay
    assert (trained.weights.data().asnumpy() != 1).all()
    again, _ = train_network(make_reviews(), EMBEDDING, recipe, [mx.cpu()])
    for name, parameter in trained.collect_params().items():
        np.testing.assert_array_equal(parameter.data().asnumpy(), again.collect_params()[name].data().asnumpy())


def test_bundle_keeps_the_ngrams(network: Ensemble, recipe: Recipe, tmp_path: Path) -> None:
    words = [f"word{i}" for i in range(10)]
    save_bundle(tmp_path / "bundle", network, Vocabulary(words, [1] * 10, recipe.index), recipe, [])
    bundle = load_bundle(tmp_path / "bundle", "cpu")
    np.testing.assert_array_equal(
        predict(bundle.network, recipe, REVIEWS, mx.cpu()), predict(network, recipe, REVIEWS, mx.cpu())
    )
    (tmp_path / "bundle" / "ngrams.npy").unlink()
    with pytest.raises(PipelineError, match=r"ngrams.npy is missing"):
        load_bundle(tmp_path / "bundle", "cpu")


def test_export_to_onnx_gives_the_same_answers(network: Ensemble, recipe: Recipe, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from pipeline.export.onnx import export_bundle

    network.weights.set_data(mx.nd.array([2, 0.5, 0.7]))
    network.length_weights.set_data(mx.nd.array([1, -0.5, 3]))
    words = [f"word{i}" for i in range(10)]
    save_bundle(tmp_path / "bundle", network, Vocabulary(words, [1] * 10, recipe.index), recipe, [])
    assert export_bundle(tmp_path / "bundle", tmp_path / "onnx") < 1e-6
    exported = load_bundle(tmp_path / "onnx")
    expected = predict(network, recipe, REVIEWS, mx.cpu())
    np.testing.assert_allclose(predict(exported.network, recipe, REVIEWS, None), expected, atol=1e-6)
    assert np.abs(expected[:, 1] - 0.5).min() > 1e-4


def test_block_is_ids_lengths_and_ngrams(recipe: Recipe) -> None:
    ids, lengths, ngrams = (values.tolist() for values in batchify(REVIEWS[:2], recipe, NGRAMS))
    assert ids == [[1, 2, 3], [2, 3, 0]]
    assert lengths == [3, 2]
    assert ngrams == [[1, 2, 3, 4, 5], [2, 3, 5, 0, 0]]


def test_wide_part_is_divided_among_the_places_and_words_of_ngrams(network: Ensemble, recipe: Recipe) -> None:
    network.ngram_model.bias.set_data(mx.nd.array([0.7]))
    network.weights.set_data(mx.nd.array([1, 1, 0.5]))
    parts, bias = network.attribute_ngrams(REVIEWS[3])  # 3 1 2 2 7 8
    np.testing.assert_allclose(parts[:, 0], 0.02 * np.array([0.5, 2 + 1.5, -0.5 + 1.5, -0.5, 0, 0]), atol=1e-7)
    assert bias == pytest.approx([0.35])
    for review in REVIEWS:
        parts, bias = network.attribute_ngrams(review)
        assert parts.sum() + bias == pytest.approx(compute_logits(network, recipe, [review], mx.cpu())[0, 2], abs=1e-6)


def test_network_from_vectors_is_the_sum_of_its_lstms(network: Ensemble) -> None:
    network.weights.set_data(mx.nd.array([0.5, 2, 1]))
    ids, lengths, none = mx.nd.array([[1, 2, 3], [4, 4, 0]], dtype="int32"), mx.nd.array([3, 2]), mx.nd.zeros((2, 1))
    found = network.forward_from_embeddings(network.embed(ids), lengths).asnumpy()
    each = network(ids, lengths, none).asnumpy()
    np.testing.assert_allclose(found, each[:, :2].sum(axis=1, keepdims=True), atol=1e-6)
    assert np.abs(found).max() > 1e-3


def test_logits_of_three_classes_are_model_after_model(three: Ensemble) -> None:
    found = compute_logits(three, three.recipe, REVIEWS, mx.cpu())
    assert found.shape == (4, 9)
    assert three.recipe.num_logits == 9
    sums = np.array([2 - 1 + 0.5 + 3 - 4, -1 + 0.5 - 4, 0, 2 - 1 + 0.5 + 3])  # each n-gram once
    logits = 0.04 * np.outer(sums, [1, -2, 0.5]) + [0.7, 0, -0.1]
    lengths = np.array([[len(review)] for review in REVIEWS])
    lengths = np.minimum(lengths, three.recipe.index.max_length)
    np.testing.assert_allclose(found[:, 6:], logits * (0.7 + 3 * 50 / (50 + lengths)), atol=1e-6)
    for number, (weight, by_length) in enumerate(((2, 1), (0.5, -0.5))):
        for row, review in enumerate(REVIEWS):
            ids, length = mx.nd.array([review], dtype="int32"), mx.nd.array(lengths[row])
            if len(review) <= three.recipe.index.max_length:
                alone = three.lstms[number](ids, length).asnumpy()[0]
                expected = alone * (weight + by_length * 50 / (50 + lengths[row]))
                np.testing.assert_allclose(found[row, 3 * number : 3 * number + 3], expected, atol=1e-6)


def test_probabilities_of_three_classes_are_the_softmax_of_the_sum(three: Ensemble) -> None:
    sums = compute_logits(three, three.recipe, REVIEWS, mx.cpu()).reshape(4, 3, 3).sum(axis=1)
    np.testing.assert_allclose(predict(three, three.recipe, REVIEWS, mx.cpu()), softmax(sums, axis=1), atol=1e-6)


def test_ngrams_are_attributed_for_each_class(three: Ensemble) -> None:
    for review in REVIEWS:
        parts, bias = three.attribute_ngrams(review)
        logits = compute_logits(three, three.recipe, [review], mx.cpu())[0, 6:]
        assert parts.shape == (len(review), 3)
        np.testing.assert_allclose(parts.sum(axis=0) + bias, logits, atol=1e-6)


def test_an_ngram_is_dropped_for_all_classes() -> None:
    model = NgramClassifier(40, 3, 0.5)
    model.initialize()
    model.ratio.weight.set_data(mx.nd.array(np.outer(np.arange(40), [1, 2, -1])))
    ids = mx.nd.arange(1, 40).expand_dims(0)
    with mx.autograd.train_mode():
        first, second, third = model(ids).asnumpy()[0]
    assert (second, third) == (pytest.approx(2 * first), pytest.approx(-first))
    assert first != pytest.approx(0.04 * np.arange(40).sum())


def make_logits(lengths: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Return logits (N, 3 * 3) of three models, each of another scale, and labels drawn from the true ones."""
    random = np.random.RandomState(0)
    true = random.normal(0, 0.7, size=(len(lengths), 3, 3))
    labels = (softmax(true.sum(axis=1), axis=1).cumsum(axis=1) < random.uniform(size=(len(lengths), 1))).sum(axis=1)
    return (true * np.array([4, 2, 1])[:, np.newaxis]).reshape(-1, 9), labels


def test_calibrate_of_three_classes_finds_the_scales(three: Ensemble) -> None:
    logits, labels = make_logits(np.full(20_000, 200))
    three.length_weights.set_data(mx.nd.zeros(3))
    calibrate(three, logits, np.full(20_000, 200), labels)
    np.testing.assert_allclose(three.weights.data().asnumpy(), [0.25, 0.5, 1], rtol=0.06)
    assert not three.length_weights.data().asnumpy().any()


def test_calibrate_of_three_classes_minimises_the_cross_entropy(three: Ensemble) -> None:
    lengths = np.arange(300) % 4 * 100 + 10  # a quarter of them short
    logits, labels = make_logits(lengths)
    calibrate(three, logits, lengths, labels)

    is_short = lengths <= 50
    importance = np.where(is_short, 0.5 / is_short.mean(), 0.5 / (1 - is_short.mean()))

    def cross_entropy(weights: np.ndarray) -> float:
        at_length = weights[:3] + np.outer(50 / (50 + lengths), weights[3:])  # (300, 3)
        sums = (at_length[:, :, np.newaxis] * logits.reshape(300, 3, 3)).sum(axis=1)  # (300, classes)
        return float(-importance @ log_softmax(sums, axis=1)[range(300), labels])

    found = np.concatenate([p.data().asnumpy() for p in (three.weights, three.length_weights)])
    expected = minimize(cross_entropy, np.full(6, 0.5), method="Powell", options={"xtol": 1e-7, "ftol": 1e-12})
    np.testing.assert_allclose(found, expected.x, atol=2e-3)
    assert cross_entropy(found) <= expected.fun + 1e-5


def test_calibrate_of_two_classes_is_that_of_one_output(network: Ensemble, recipe: Recipe) -> None:
    random = np.random.RandomState(0)
    lengths = np.where(np.arange(2000) % 4, 450, 10)
    logits = random.normal(size=(2000, 3, 2))
    difference = logits[:, :, 1] - logits[:, :, 0]
    labels = (random.uniform(size=2000) < 1 / (1 + np.exp(-difference @ [0.3, 1, 0.5]))).astype(int)
    calibrate(network, difference, lengths, labels)
    two = build_network(replace(recipe, network=replace(recipe.network, num_outputs=2)), (12, 4), NGRAMS)
    initialize(two, two.recipe, EMBEDDING, [mx.cpu()])
    calibrate(two, logits.reshape(2000, 6), lengths, labels)
    for name in ("weights", "length_weights"):
        found, expected = (getattr(one, name).data().asnumpy() for one in (two, network))
        np.testing.assert_allclose(found, expected, atol=2e-3)


def test_calibrate_of_separable_texts_is_finite(three: Ensemble) -> None:
    labels = np.array([0, 1, 2] * 2)
    calibrate(three, np.tile(np.eye(3)[labels], (1, 3)), np.arange(6) * 20, labels)
    assert np.isfinite(three.weights.data().asnumpy()).all()
    assert (predict(three, three.recipe, REVIEWS, mx.cpu()) >= 0).all()


@pytest.mark.parametrize("half", [False, True])
def test_bundle_of_three_classes_answers_as_before_and_in_onnx(three: Ensemble, tmp_path: Path, half: bool) -> None:
    words, recipe = [f"word{i}" for i in range(10)], three.recipe
    vocabulary = Vocabulary(words, [1] * 10, recipe.index)
    save_bundle(tmp_path / "bundle", three, vocabulary, recipe, [], half, classes=("a", "b", "c"))
    bundle = load_bundle(tmp_path / "bundle", "cpu")
    expected = predict(three, recipe, REVIEWS, mx.cpu())
    np.testing.assert_allclose(
        predict(bundle.network, recipe, REVIEWS, mx.cpu()), expected, atol=2e-3 if half else 1e-7
    )
    assert np.ptp(expected, axis=0).min() > 0.05
    pytest.importorskip("onnx")
    from pipeline.export.onnx import export_bundle

    assert export_bundle(tmp_path / "bundle", tmp_path / "onnx") < 1e-6


def test_parameters_of_another_number_of_classes_are_refused(three: Ensemble, tmp_path: Path) -> None:
    two = replace(three.recipe, network=replace(three.recipe.network, num_outputs=2))
    vocabulary = Vocabulary([f"word{i}" for i in range(10)], [1] * 10, two.index)
    save_bundle(tmp_path / "bundle", three, vocabulary, two, [])
    with pytest.raises(PipelineError, match=r"not this network's parameters \(.*: expected \(2,\), found \(3,\)\)"):
        load_bundle(tmp_path / "bundle", "cpu")


def test_training_of_three_classes_fits_them_all(recipe: Recipe) -> None:
    encoded = make_reviews(60)
    labels = np.array([0 if encoded[i].mean() < 5 else 1 if encoded[i].mean() < 7 else 2 for i in range(60)], np.int8)
    options = replace(recipe.train, epochs=8, calibrate=True, adversarial_norm=1.0, class_weight="balanced")
    recipe = replace(recipe, train=options, read=replace(recipe.read, validation=0.3))
    recipe = replace(recipe, network=replace(recipe.network, num_outputs=3))
    trained, history = train_network(replace(encoded, labels=labels), EMBEDDING, recipe, [mx.cpu()])
    assert history[-1]["accuracy"] > 0.8
    assert history[-1]["loss"] < history[0]["loss"] / 2
    assert trained.ngram_model.weight.weight.shape[1] == 3
    assert (trained.weights.data().asnumpy() != 1).all()
