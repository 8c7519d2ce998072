"""The words and n-grams that say most about the class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.model.bundle import load_bundle
from pipeline.model.predictor import Predictor
from pipeline.recipe import Index, override
from pipeline.report.interpretation import (
    WordWeights,
    frequent_words,
    select_extremes,
    select_likeliest,
    weigh_ngrams,
    weigh_words,
)
from pipeline.text.vocabulary import Vocabulary
from tests.conftest import TINY, save_random_bundle


def test_extremes_are_the_largest_and_the_smallest_and_none_twice() -> None:
    found = WordWeights(["a", "b", "c", "d", "e"], np.array([[0.5], [-2], [0], [3], [1]]))
    assert select_extremes(found, each=2) == {"d": 3, "e": 1, "b": -2}
    assert list(select_extremes(found, each=9)) == ["d", "e", "a", "b"]  # 0 speaks for neither


def test_likeliest_words_are_those_of_each_class() -> None:
    found = WordWeights(["a", "b", "c"], np.array([[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.6, 0.2, 0.2]]))
    assert select_likeliest(found, each=2) == [
        [("c", 0.6), ("a", 0.5)],
        [("b", 0.8), ("a", 0.3)],
        [("a", 0.2), ("c", 0.2)],
    ]


def test_frequent_words_are_no_punctuation() -> None:
    assert frequent_words(Vocabulary([".", "film", "!", "8"], [9, 8, 7, 6], Index())) == ["film", "8"]


def test_words_are_predicted_one_by_one(tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", TINY)
    predictor = Predictor(load_bundle(tmp_path / "bundle", "cpu"))
    found = weigh_words(predictor)
    assert found.words == "a bad film fun good great it plot the was".split()
    for word, (logit,) in zip(found.words, found.weights):
        (prediction,) = predictor.infer([word])
        assert 1 / (1 + np.exp(-logit)) == pytest.approx(prediction.positive, abs=1e-6)


def test_words_of_several_classes_have_a_probability_for_each(tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", override(TINY, ["network.num_outputs=3"]))
    found = weigh_words(Predictor(load_bundle(tmp_path / "bundle", "cpu")))
    assert found.weights.shape == (10, 3)
    assert found.weights.sum(axis=1) == pytest.approx(np.ones(10))


def test_ngrams_are_weighed_as_the_model_does(tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", override(TINY, ["network.num_outputs=1", "ngram_model.max_n=2"]))
    bundle = load_bundle(tmp_path / "bundle", "cpu")
    model, vocabulary = bundle.network.ngram_model, bundle.vocabulary
    ratio, weight = (part.weight.data().asnumpy()[:, 0].astype(float) for part in (model.ratio, model.weight))
    found = dict(zip(*weigh_ngrams(Predictor(bundle))))
    row = {word: bundle.network.ngrams.find(vocabulary.encode([word]))[0] for word in ("good", "bad")}
    every = 0.4 * ratio[1:] * (weight[1:] + 0.1)
    assert max(found.values()) == pytest.approx(every.max())
    assert min(found.values()) == pytest.approx(every.min())
    for word in row.keys() & found.keys():
        assert found[word] == pytest.approx(0.4 * ratio[row[word]] * (weight[row[word]] + 0.1))
    longest = [words for words in found if " " in words]
    assert longest
    for words in longest:  # an n-gram's words give its row again
        first, second = (vocabulary.special + vocabulary.words).index, words.split()
        ids = np.array([first(word) for word in second], np.int32)
        assert bundle.network.ngrams.ids_at(ids)[1][0] > 0


@pytest.mark.parametrize("outputs", [2, 3])
def test_ngrams_are_weighed_for_each_class(tmp_path: Path, outputs: int) -> None:
    save_random_bundle(tmp_path / "bundle", override(TINY, [f"network.num_outputs={outputs}", "ngram_model.max_n=2"]))
    bundle = load_bundle(tmp_path / "bundle", "cpu")
    model = bundle.network.ngram_model
    ratio, weight = (part.weight.data().asnumpy()[1:].astype(float) for part in (model.ratio, model.weight))
    every = 0.4 * ratio * (weight + 0.1)  # (G, outputs)
    if outputs == 2:
        every = every[:, 1:] - every[:, :1]
    found = weigh_ngrams(Predictor(bundle))
    assert found.weights.max(axis=0) == pytest.approx(every.max(axis=0))
    assert found.weights.min(axis=0) == pytest.approx(every.min(axis=0))
    assert len(found.words) == len(found.weights)
    row = bundle.network.ngrams.find(bundle.vocabulary.encode(["good"]))[0] - 1
    if "good" in found.words:
        assert found.weights[found.words.index("good")] == pytest.approx(every[row])
