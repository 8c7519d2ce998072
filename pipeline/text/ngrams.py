"""N-grams of token ids and their log-count ratios: the inputs of the n-gram model."""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import TRAINING_SPLITS
from pipeline.errors import PipelineError
from pipeline.recipe import NgramModel

SHORT = 50  # tokens; of a text of this length, half of the second weight of each model of an ensemble counts
INITIAL_WEIGHT, SCALE = 0.1, 0.4  # of each n-gram; SCALE sets how far a training step moves the logit


class NGrams:
    """The n-grams of an n-gram model.

    Parameters
    ----------
    keys : ndarray of int64, shape (G,)
        Each n-gram encoded as one integer, ascending; see `ngram_keys`.
    vocab_size : int
    max_n : int
        Tokens in the longest n-gram.
    """

    def __init__(self, keys: np.ndarray, vocab_size: int, max_n: int) -> None:
        self.keys, self.vocab_size, self.max_n = keys, vocab_size, max_n

    def __len__(self) -> int:
        """Return the number of ids: one for each n-gram, and 0 for the padding."""
        return len(self.keys) + 1

    def find(self, sequence: np.ndarray) -> np.ndarray:
        """Return the ids of the distinct n-grams of one review, ascending.

        Parameters
        ----------
        sequence : ndarray of int32, shape (tokens,)

        Returns
        -------
        ndarray of int32, shape (found,)
        """
        ids = self._ids(np.unique(ngram_keys(sequence, self.vocab_size, self.max_n)))
        return ids[ids > 0]

    def ids_at(self, sequence: np.ndarray) -> List[np.ndarray]:
        """Return the id of the n-gram that starts at each token of a review; 0 for an unknown one.

        Returns
        -------
        list of ndarray of int32
            Of shape (tokens,) for unigrams, (tokens - 1,) for bigrams, and so on.
        """
        ids = self._ids(ngram_keys(sequence, self.vocab_size, self.max_n))
        lengths = range(len(sequence), max(0, len(sequence) - self.max_n), -1)
        return np.split(ids, np.cumsum(lengths)[:-1])

    def tokens_of(self, ngram: int) -> List[int]:
        """Return the token ids of the n-gram of an id, from 1 on."""
        key, tokens = int(self.keys[ngram - 1]), []  # type: int, List[int]
        while key:
            key, digit = divmod(key, self.vocab_size)
            tokens.append(digit)
        return tokens[::-1]

    def _ids(self, keys: np.ndarray) -> np.ndarray:
        indices = np.searchsorted(self.keys, keys)
        known = self.keys[np.minimum(indices, len(self.keys) - 1)] == keys
        return np.where(known, indices + 1, 0).astype(np.int32)

    def pad(self, sequences: Sequence[np.ndarray]) -> np.ndarray:
        """Return the ids of the n-grams of one review or more, int32, shape (N, L), padded with 0 on the right."""
        ids = [self.find(sequence) for sequence in sequences]
        padded = np.zeros((len(ids), max(1, max(map(len, ids)))), np.int32)  # (N, L)
        for row, found in zip(padded, ids):
            row[: len(found)] = found
        return padded


def ngram_keys(sequence: np.ndarray, vocab_size: int, max_n: int) -> np.ndarray:
    """Return every n-gram of a review, for n from 1 to `max_n`, encoded as one integer each.

    The ids of an n-gram are the digits of a number to the base `vocab_size`. No id is 0, so the numbers are distinct.
    """
    digits = sequence.astype(np.int64)
    keys, parts = digits, [digits]
    for n in range(1, min(max_n, len(digits))):
        keys = keys[:-1] * vocab_size + digits[n:]
        parts.append(keys)
    return np.concatenate(parts)


def count_ngrams(
    encoded: Encoded, vocab_size: int, options: NgramModel, num_outputs: int = 1
) -> Tuple[NGrams, np.ndarray]:
    """Find the n-grams of the texts that the model is trained on, and their log-count ratios (Wang and Manning, 2012).

    Parameters
    ----------
    encoded : Encoded
    vocab_size : int
    options : NgramModel
    num_outputs : int
        As in the recipe: K, or 1 for the ratios of "positive" only.

    Returns
    -------
    NGrams
    ndarray of float32, shape (G + 1, num_outputs)
        For each id and class ``ln((1 + p) / |1 + p|) - ln((1 + q) / |1 + q|)``, where p and q are the numbers of
        reviews of the class and of the other classes that contain the n-gram; 0 for the padding.

    Raises
    ------
    PipelineError
        If the vocabulary is too large for n-grams of that length, or no n-gram is frequent enough.
    """
    if vocab_size**options.max_n > np.iinfo(np.int64).max:
        raise PipelineError(
            f"ngram_model.max_n={options.max_n}: too long for a vocabulary of {vocab_size:,} ids; try index.vocab_size"
        )
    rows = encoded.rows(*(TRAINING_SPLITS if options.generated else ["train"]))
    each = [np.unique(ngram_keys(encoded[row], vocab_size, options.max_n)) for row in rows]
    labels = np.repeat(encoded.labels[rows], [len(keys) for keys in each])
    keys, which, counts = np.unique(np.concatenate(each), return_inverse=True, return_counts=True)
    kept = counts >= options.min_df
    if not kept.any():
        raise PipelineError(f"ngram_model.min_df={options.min_df}: no n-gram is in so many reviews")
    number, frequent = np.cumsum(kept) - 1, kept[which]  # of each key that is kept; of each occurrence, if it is
    ratios = np.zeros((kept.sum() + 1, num_outputs), np.float32)
    for column, label in enumerate(range(num_outputs) if num_outputs > 1 else [1]):
        inside = np.bincount(number[which[frequent & (labels == label)]], minlength=len(ratios) - 1)
        p, q = 1 + inside, 1 + counts[kept] - inside
        ratios[1:, column] = np.log(p / p.sum()) - np.log(q / q.sum())
    return NGrams(keys[kept], vocab_size, options.max_n), ratios
