from __future__ import annotations

from typing import List

import numpy as np
import pytest

from pipeline.corpus.encoded import Encoded
from pipeline.text import ppmi
from pipeline.text.ppmi import _count_pairs, _ppmi, learn_vectors


def encode(reviews: List[List[int]], splits: List[int]) -> Encoded:
    ids = np.concatenate([np.array(review, np.int32) for review in reviews])
    offsets = np.cumsum([0, *map(len, reviews)])
    zeros = np.zeros(len(reviews), np.int8)
    return Encoded(ids, offsets, zeros, np.array(splits, np.int8), np.arange(len(reviews)))


def test_count_pairs_weights_by_distance_within_training_reviews() -> None:
    encoded = encode([[1, 2, 3], [2, 1], [3, 3, 3]], splits=[0, 0, 2])
    counts = _count_pairs(encoded, 5).toarray()
    assert counts.tolist() == [
        [0, 0, 0, 0, 0],
        [0, 0, 2, 0.5, 0],
        [0, 2, 0, 1, 0],
        [0, 0.5, 1, 0, 0],
        [0, 0, 0, 0, 0],
    ]


def test_count_pairs_equals_a_loop_for_any_chunk_size(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.RandomState(0)
    reviews = [random.randint(1, 9, random.randint(1, 20)).tolist() for _ in range(30)]
    expected = np.zeros((9, 9))
    for review in reviews:
        for i, one in enumerate(review):
            for j, other in enumerate(review):
                if 0 < abs(i - j) <= 5:
                    expected[one, other] += 1 / abs(i - j)
    for tokens in (2_000_000, 25):
        monkeypatch.setattr(ppmi, "_CHUNK_TOKENS", tokens)
        np.testing.assert_allclose(_count_pairs(encode(reviews, [0] * 30), 9).toarray(), expected, rtol=1e-5)


def test_ppmi_is_the_positive_log_ratio_to_chance() -> None:
    from scipy.sparse import csr_matrix

    counts = np.array([[0, 4, 0], [4, 0, 12], [0, 12, 2]], np.float32)
    words = counts.sum(axis=1)
    chance = np.outer(words, words**0.75 / (words**0.75).sum())
    with np.errstate(divide="ignore"):
        expected = np.maximum(np.log(counts / chance), 0)
    found = _ppmi(csr_matrix(counts))
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-6)
    assert found.nnz == 4  # values below 0 are not stored


def test_words_with_the_same_contexts_have_similar_vectors() -> None:
    contexts = {1: [3, 4, 5], 2: [3, 4, 5], 6: [7, 8, 9], 10: [7, 8, 9]}
    reviews = [[word, other] for word, others in contexts.items() for other in others for _ in range(3)]
    vectors = learn_vectors(encode(reviews, [0] * len(reviews)), vocab_size=12, dim=4)
    assert vectors.shape == (12, 4)
    assert vectors.dtype == np.float32
    assert vectors[1] @ vectors[2] == pytest.approx(1, abs=1e-5)
    assert vectors[1] @ vectors[6] == pytest.approx(0, abs=1e-5)
    assert not vectors[[0, 11]].any()  # padding and an id that does not occur


def test_learn_vectors_is_deterministic() -> None:
    random = np.random.RandomState(1)
    encoded = encode([random.randint(1, 50, 30).tolist() for _ in range(40)], [0] * 40)
    assert (learn_vectors(encoded, 50, 8) == learn_vectors(encoded, 50, 8)).all()
