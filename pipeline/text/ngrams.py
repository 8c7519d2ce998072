"""N-grams of ids, and how much each leans to "positive": what a network's wide part reads."""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.recipe import Wide

BEGIN, SCALE = 0.1, 0.4  # what every weight begins with, and how far a step of training moves the score


class NGrams:
    """The n-grams that a wide part knows.

    Parameters
    ----------
    keys : ndarray of int64, shape (G,)
        Each n-gram as one number, ascending; see `ngram_keys`.
    ids : int
        Number of ids in the vocabulary.
    longest : int
        Words in the longest of them.
    """

    def __init__(self, keys: np.ndarray, ids: int, longest: int) -> None:
        self.keys, self.ids, self.longest = keys, ids, longest

    def __len__(self) -> int:
        """Return the number of rows that a wide part has: one for each n-gram, and row 0 for the padding."""
        return len(self.keys) + 1

    def find(self, sequence: np.ndarray) -> np.ndarray:
        """Return the rows of the n-grams in one review, each once, ascending.

        Parameters
        ----------
        sequence : ndarray of int32, shape (words,)

        Returns
        -------
        ndarray of int32, shape (found,)
        """
        rows = self._rows(np.unique(ngram_keys(sequence, self.ids, self.longest)))
        return rows[rows > 0]

    def rows_at(self, sequence: np.ndarray) -> List[np.ndarray]:
        """Return the rows of the n-grams that begin at each word of a review; 0 for one that is not known.

        Returns
        -------
        list of ndarray of int32
            Of shape (words,) for single words, (words - 1,) for pairs, and so on.
        """
        rows = self._rows(ngram_keys(sequence, self.ids, self.longest))
        lengths = range(len(sequence), max(0, len(sequence) - self.longest), -1)
        return np.split(rows, np.cumsum(lengths)[:-1])

    def _rows(self, keys: np.ndarray) -> np.ndarray:
        places = np.searchsorted(self.keys, keys)
        known = self.keys[np.minimum(places, len(self.keys) - 1)] == keys
        return np.where(known, places + 1, 0).astype(np.int32)

    def block(self, sequences: Sequence[np.ndarray]) -> np.ndarray:
        """Return the rows of several reviews, shape (N, L), int32; 0 behind the shorter ones."""
        rows = [self.find(sequence) for sequence in sequences]
        block = np.zeros((len(rows), max(1, max(map(len, rows)))), np.int32)  # (N, L)
        for line, found in zip(block, rows):
            line[: len(found)] = found
        return block


def ngram_keys(sequence: np.ndarray, ids: int, longest: int) -> np.ndarray:
    """Return every n-gram of a review, from single ids to the longest ones, as one number each.

    An n-gram is read as the digits of a number to the base `ids`. No id is 0, so different ones never meet.
    """
    digits = sequence.astype(np.int64)
    keys, parts = digits, [digits]
    for n in range(1, min(longest, len(digits))):
        keys = keys[:-1] * ids + digits[n:]
        parts.append(keys)
    return np.concatenate(parts)


def count_ngrams(encoded: Encoded, ids: int, options: Wide) -> Tuple[NGrams, np.ndarray]:
    """Find the n-grams of the split ``train`` and their log-count ratios (Wang and Manning, 2012).

    Parameters
    ----------
    encoded : Encoded
    ids : int
        Number of ids in the vocabulary.
    options : Wide

    Returns
    -------
    NGrams
    ndarray of float32, shape (G + 1,)
        For each row ln((1 + p) / |1 + p|) - ln((1 + q) / |1 + q|), with p and q the numbers of positive and of
        negative reviews that hold the n-gram; 0 for row 0.

    Raises
    ------
    PipelineError
        If there are too many ids for n-grams of that length, or no n-gram is frequent enough.
    """
    if ids**options.ngrams > np.iinfo(np.int64).max:
        raise PipelineError(f"wide.ngrams={options.ngrams}: too long for a vocabulary of {ids:,} ids; try index.rows")
    rows = encoded.rows("train")
    each = [np.unique(ngram_keys(encoded[row], ids, options.ngrams)) for row in rows]
    labels = np.repeat(encoded.labels[rows], [len(keys) for keys in each])
    keys, which, counts = np.unique(np.concatenate(each), return_inverse=True, return_counts=True)
    positive = np.bincount(which, weights=labels, minlength=len(keys))
    kept = counts >= options.least_count
    if not kept.any():
        raise PipelineError(f"wide.least_count={options.least_count}: no n-gram is in so many reviews")
    p, q = 1 + positive[kept], 1 + (counts - positive)[kept]
    ratios = np.log(p / p.sum()) - np.log(q / q.sum())
    return NGrams(keys[kept], ids, options.ngrams), np.concatenate([[0], ratios]).astype(np.float32)
