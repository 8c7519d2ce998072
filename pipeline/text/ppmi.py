"""Word vectors from the reviews: truncated SVD of positive pointwise mutual information (PPMI)."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.io.progress import tqdm

WINDOW = 5  # context words on each side, weighted by 1 / distance
_SMOOTHING = 0.75  # exponent of the context distribution, which reduces the PMI of rare context words
_CHUNK_TOKENS = 2_000_000  # tokens counted at a time


def learn_vectors(encoded: Encoded, vocab_size: int, dim: int) -> np.ndarray:
    """Learn word vectors from the split ``train`` by truncated SVD of the PPMI matrix.

    Words that occur in similar contexts get similar vectors (Levy, Goldberg and Dagan, 2015, "Improving
    Distributional Similarity with Lessons Learned from Word Embeddings"). In GloVe "good" is close to "always", in
    vectors from film reviews to "decent".

    Parameters
    ----------
    encoded : Encoded
    vocab_size : int
    dim : int

    Returns
    -------
    ndarray of float32, shape (vocab_size, dim)
        Unit vectors; zeros for the padding and for ids without a positive PMI.
    """
    from sklearn.utils.extmath import randomized_svd

    matrix = _ppmi(_count_pairs(encoded, vocab_size))
    left, values, _ = randomized_svd(matrix, dim, n_iter=3, random_state=0)
    vectors = np.zeros((vocab_size, dim))
    vectors[:, : len(values)] = left * np.sqrt(values)  # fewer values than dim if vocab_size < dim
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    vectors[np.diff(matrix.indptr) == 0] = 0  # otherwise rounding errors scaled to unit length
    return vectors.astype(np.float32)


def _count_pairs(encoded: Encoded, vocab_size: int) -> Any:
    """Count weighted co-occurrences of ids; return a symmetric sparse matrix (vocab_size, vocab_size)."""
    from scipy.sparse import coo_matrix

    shape = (vocab_size, vocab_size)
    counts = coo_matrix(shape, dtype=np.float32).tocsr()
    for ids in tqdm(_chunks(encoded), desc="co-occurrences", leave=False):
        for distance in range(1, WINDOW + 1):
            one, other = ids[:-distance], ids[distance:]
            both = (one > 0) & (other > 0)  # not across the padding between reviews
            weights = np.full(both.sum(), 1 / distance, np.float32)
            counts = counts + coo_matrix((weights, (one[both], other[both])), shape).tocsr()
    return counts + counts.T


def _chunks(encoded: Encoded) -> Iterator[np.ndarray]:
    """Yield the concatenated ids of several training reviews, each followed by `WINDOW` zeros."""
    gap, chunk, size = np.zeros(WINDOW, np.int32), [], 0
    for row in encoded.rows("train"):
        chunk += [encoded[row], gap]
        size += len(encoded[row])
        if size >= _CHUNK_TOKENS:
            yield np.concatenate(chunk)
            chunk, size = [], 0
    if chunk:
        yield np.concatenate(chunk)


def _ppmi(counts: Any) -> Any:
    """Return the PPMI of a sparse matrix of co-occurrence counts, (V, V)."""
    pairs = counts.tocoo()
    words = np.asarray(counts.sum(axis=1), np.float64)[:, 0]
    contexts = words**_SMOOTHING / max((words**_SMOOTHING).sum(), 1)  # avoids division by 0 without pairs
    pairs.data = np.log(pairs.data / (words[pairs.row] * contexts[pairs.col])).clip(min=0).astype(np.float32)
    pairs.eliminate_zeros()
    return pairs.tocsr()
