from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.recipe import NgramModel
from pipeline.text.ngrams import NGrams, count_ngrams, ngram_keys

REVIEWS = [[1, 2, 3], [1, 2], [3, 3, 3, 3], [2], [4, 1, 2], []]
LABELS = [1, 1, 0, 0, 1, 0]


def encode(splits: list[int]) -> Encoded:
    offsets = np.cumsum([0] + [len(ids) for ids in REVIEWS])
    labels, numbers = np.array(LABELS, np.int8), np.arange(len(REVIEWS))
    return Encoded(np.concatenate(REVIEWS).astype(np.int32), offsets, labels, np.array(splits, np.int8), numbers)


def test_keys_read_ngrams_as_digits() -> None:
    assert ngram_keys(np.array([1, 2, 3], np.int32), 10, 3).tolist() == [1, 2, 3, 12, 23, 123]
    assert ngram_keys(np.array([1, 2, 3], np.int32), 10, 1).tolist() == [1, 2, 3]
    assert ngram_keys(np.array([7], np.int32), 10, 3).tolist() == [7]
    assert ngram_keys(np.array([], np.int32), 10, 3).tolist() == []


def test_keys_of_a_large_vocabulary_do_not_overflow() -> None:
    assert ngram_keys(np.array([59_999, 59_998], np.int32), 60_000, 2).tolist() == [59_999, 59_998, 3_599_999_998]


@given(st.lists(st.integers(1, 6), max_size=12))
def test_keys_of_different_ngrams_differ(ids: list[int]) -> None:
    every = {tuple(ids[i : i + n]) for n in (1, 2, 3) for i in range(len(ids) - n + 1)}
    assert len(np.unique(ngram_keys(np.array(ids, np.int32), 7, 3))) == len(every)


def test_counts_and_ratios_are_those_of_scikit_learn() -> None:
    ngrams, ratios = count_ngrams(encode([0] * 6), 5, NgramModel(max_n=3, min_df=2))
    texts = [" ".join(map(str, ids)) for ids in REVIEWS]
    counter = CountVectorizer(ngram_range=(1, 3), token_pattern=r"\d", binary=True, min_df=2)
    counts = counter.fit_transform(texts).toarray()
    p, q = (1 + counts[np.array(LABELS) == label].sum(axis=0) for label in (1, 0))
    expected = np.log(p / p.sum()) - np.log(q / q.sum())
    named = dict(zip(counter.get_feature_names_out(), expected))
    assert set(named) == {"1", "2", "3", "1 2"}
    assert ngrams.keys.tolist() == [1, 2, 3, 7]  # 1 2 to the base 5
    np.testing.assert_allclose(ratios[:, 0], [0, named["1"], named["2"], named["3"], named["1 2"]], rtol=1e-6)
    assert ratios.dtype == np.float32
    assert ngrams.find(np.array([1, 2, 3], np.int32)).tolist() == [1, 2, 3, 4]


def test_ratios_of_each_class_are_against_all_others() -> None:
    labels = np.array([2, 1, 0, 0, 2, 1])
    encoded = replace(encode([0] * 6), labels=labels)
    ngrams, ratios = count_ngrams(encoded, 5, NgramModel(max_n=3, min_df=2), num_outputs=4)
    assert (ratios.shape, ratios.dtype, ngrams.keys.tolist()) == ((5, 4), np.float32, [1, 2, 3, 7])
    counter = CountVectorizer(ngram_range=(1, 3), token_pattern=r"\d", binary=True, min_df=2)
    counts = counter.fit_transform([" ".join(map(str, ids)) for ids in REVIEWS]).toarray()
    columns = [counter.vocabulary_[name] for name in ("1", "2", "3", "1 2")]
    for label in range(4):  # no review is of class 3
        p, q = (1 + counts[part].sum(axis=0) for part in (labels == label, labels != label))
        expected = np.log(p / p.sum()) - np.log(q / q.sum())
        np.testing.assert_allclose(ratios[:, label], [0, *expected[columns]], rtol=1e-6)


def test_ratios_of_two_classes_are_those_of_one_output_and_their_negatives() -> None:
    _, both = count_ngrams(encode([0] * 6), 5, NgramModel(max_n=2), num_outputs=2)
    _, positive = count_ngrams(encode([0] * 6), 5, NgramModel(max_n=2))
    np.testing.assert_array_equal(both, np.hstack([-positive, positive]))


def test_counts_are_of_the_reviews_to_train_on_alone() -> None:
    ngrams, _ = count_ngrams(encode([0, 0, 2, 2, 2, 2]), 5, NgramModel(max_n=1))
    assert ngrams.keys.tolist() == [1, 2]


def test_find_gives_each_known_ngram_once() -> None:
    ngrams = NGrams(np.array([1, 2, 12]), 10, 2)
    found = ngrams.find(np.array([1, 2, 1, 2, 9], np.int32))
    assert (found.tolist(), found.dtype) == ([1, 2, 3], np.int32)
    assert ngrams.find(np.array([9, 8], np.int32)).tolist() == []
    assert ngrams.find(np.array([], np.int32)).tolist() == []
    assert len(ngrams) == 4


@pytest.mark.parametrize(
    ("max_n", "sequence", "ids"),
    [
        (2, [1, 2, 1, 9], [[1, 2, 1, 0], [3, 0, 0]]),
        (3, [1, 2, 1, 9], [[1, 2, 1, 0], [3, 0, 0], [4, 0]]),
        (3, [1, 2], [[1, 2], [3]]),
        (3, [2], [[2]]),
    ],
)
def test_ids_at_has_an_id_for_each_position_and_length(max_n: int, sequence: list[int], ids: list[list[int]]) -> None:
    found = NGrams(np.array([1, 2, 12, 121]), 10, max_n).ids_at(np.array(sequence, np.int32))
    assert [array.tolist() for array in found] == ids


def test_padded_ngrams_have_zeros_behind() -> None:
    ngrams = NGrams(np.array([1, 2, 12]), 10, 2)
    padded = ngrams.pad([np.array([2], np.int32), np.array([1, 2], np.int32), np.array([9], np.int32)])
    assert padded.tolist() == [[2, 0, 0], [1, 2, 3], [0, 0, 0]]
    assert padded.dtype == np.int32
    assert ngrams.pad([np.array([9], np.int32)]).tolist() == [[0]]


def test_too_many_ids_for_long_ngrams_are_refused() -> None:
    with pytest.raises(PipelineError, match=r"^ngram_model.max_n=4: too long for a vocabulary of 100,000 ids"):
        count_ngrams(encode([0] * 6), 100_000, NgramModel(max_n=4))


def test_ids_are_too_many_only_where_64_bits_do_not_hold_the_keys() -> None:
    ngrams, _ = count_ngrams(encode([0] * 6), 3_000_000_000, NgramModel(max_n=2, min_df=3))
    assert ngrams.keys.tolist() == [1, 2, 3_000_000_002]
    with pytest.raises(PipelineError, match="too long for a vocabulary of 3,100,000,000 ids"):
        count_ngrams(encode([0] * 6), 3_100_000_000, NgramModel(max_n=2, min_df=3))


def test_no_frequent_ngram_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"^ngram_model.min_df=9: no n-gram is in so many reviews"):
        count_ngrams(encode([0] * 6), 5, NgramModel(max_n=2, min_df=9))


def test_tokens_of_an_id_are_those_of_its_ngram() -> None:
    ngrams = NGrams(np.sort(ngram_keys(np.array([3, 1, 9], np.int32), 10, 3)), 10, 3)
    assert [ngrams.tokens_of(number) for number in range(1, len(ngrams))] == [[1], [3], [9], [1, 9], [3, 1], [3, 1, 9]]
