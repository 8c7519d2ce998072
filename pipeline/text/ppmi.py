"""Word vectors of the reviews' own: which words stand near which others, in few numbers."""

from __future__ import annotations

from typing import Any, Iterator

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.io.progress import tqdm

WINDOW = 5  # words to either side; the nearer one counts more
_SMOOTHING = 0.75  # of the neighbours' frequencies, so that rare ones do not look surprising
_WORDS = 2_000_000  # counted at once


def learn_vectors(encoded: Encoded, rows: int, dimension: int) -> np.ndarray:
    """Learn word vectors from the split ``train``: a truncated singular value decomposition of positive PMI.

    Words are near each other that stand in like company, after Levy, Goldberg and Dagan (2015), "Improving
    Distributional Similarity with Lessons Learned from Word Embeddings". GloVe's "good" is near "always"; that of
    film reviews is near "decent".

    Parameters
    ----------
    encoded : Encoded
    rows : int
        Number of ids in the vocabulary.
    dimension : int

    Returns
    -------
    ndarray of float32, shape (rows, dimension)
        Of length 1 each; zeros for the padding, and for ids in no company that says more than chance.
    """
    from sklearn.utils.extmath import randomized_svd

    information = _information(_count_pairs(encoded, rows))
    left, values, _ = randomized_svd(information, dimension, n_iter=3, random_state=0)
    vectors = np.zeros((rows, dimension))
    vectors[:, : len(values)] = left * np.sqrt(values)  # fewer, where there are fewer ids than numbers asked for
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    vectors[np.diff(information.indptr) == 0] = 0  # there it is rounding errors that were stretched to length 1
    return vectors.astype(np.float32)


def _count_pairs(encoded: Encoded, rows: int) -> Any:
    """Return how often two ids stand near each other, a symmetric sparse matrix (rows, rows)."""
    from scipy.sparse import coo_matrix

    counts = coo_matrix((rows, rows), dtype=np.float32).tocsr()
    for ids in tqdm(_stretches(encoded), desc="pairs of words", leave=False):
        for distance in range(1, WINDOW + 1):
            one, other = ids[:-distance], ids[distance:]
            both = (one > 0) & (other > 0)  # not across the end of a review
            weights = np.full(both.sum(), 1 / distance, np.float32)
            counts = counts + coo_matrix((weights, (one[both], other[both])), (rows, rows)).tocsr()
    return counts + counts.T


def _stretches(encoded: Encoded) -> Iterator[np.ndarray]:
    """Yield the ids of some training reviews at a time, each followed by as many zeros as no pair bridges."""
    gap, stretch, size = np.zeros(WINDOW, np.int32), [], 0
    for row in encoded.rows("train"):
        stretch += [encoded[row], gap]
        size += len(encoded[row])
        if size >= _WORDS:
            yield np.concatenate(stretch)
            stretch, size = [], 0
    if stretch:
        yield np.concatenate(stretch)


def _information(counts: Any) -> Any:
    """Return the positive pointwise mutual information of a sparse matrix of counts of pairs, (V, V)."""
    pairs = counts.tocoo()
    words = np.asarray(counts.sum(axis=1), np.float64)[:, 0]
    neighbours = words**_SMOOTHING / max((words**_SMOOTHING).sum(), 1)  # no pairs: no division by 0 either
    pairs.data = np.log(pairs.data / (words[pairs.row] * neighbours[pairs.col])).clip(min=0).astype(np.float32)
    pairs.eliminate_zeros()
    return pairs.tocsr()
