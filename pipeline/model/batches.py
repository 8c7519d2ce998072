"""Padded batches of ragged ids, and the order in which reviews are batched."""

from __future__ import annotations

from typing import Iterator, List, Optional, Sequence, Tuple

import numpy as np

from pipeline.recipe import Index, Network, Recipe
from pipeline.text.ngrams import NGrams


def pad(sequences: Sequence[np.ndarray], index: Index, network: Network) -> Tuple[np.ndarray, np.ndarray]:
    """Truncate and pad sequences of ids to one array.

    It is as long as its longest sequence; for a network of fixed length, or one that reads the padding,
    it is always ``index.max_length`` long, so that no prediction depends on its neighbours.

    Parameters
    ----------
    sequences : sequence of ndarray
        One or more: token ids, each of shape (tokens,); or features, each of shape (steps, C).
    index : Index
        ``max_length`` and ``truncation_side``.
    network : Network
        ``padding_side``, and whether its length is fixed.

    Returns
    -------
    padded : ndarray, shape (N, T) or (N, T, C)
        Of the sequences' dtype, padded with 0.
    lengths : ndarray of int32, shape (N,)
        After truncation.
    """
    lengths = np.array([min(len(sequence), index.max_length) for sequence in sequences], dtype=np.int32)
    length = index.max_length if network.fixed_length else int(lengths.max(initial=1))
    padded = np.zeros((len(sequences), length, *sequences[0].shape[1:]), sequences[0].dtype)  # (N, T) or (N, T, C)
    for row, sequence, kept in zip(padded, sequences, lengths):
        tokens = truncate(sequence, index)
        if network.padding_side == "right":
            row[:kept] = tokens
        else:
            row[len(row) - kept :] = tokens
    return padded, lengths


def truncate(sequence: np.ndarray, index: Index) -> np.ndarray:
    """Truncate a sequence to ``index.max_length``, on its ``truncation_side``."""
    return sequence[: index.max_length] if index.truncation_side == "right" else sequence[-index.max_length :]


def batchify(
    sequences: Sequence[np.ndarray], recipe: Recipe, ngrams: Optional[NGrams] = None
) -> Tuple[np.ndarray, ...]:
    """Return a network's inputs for some reviews, one or more.

    Parameters
    ----------
    sequences : sequence of ndarray
        As for `pad`.
    recipe : Recipe
    ngrams : NGrams, optional
        Of an n-gram model.

    Returns
    -------
    ids : ndarray of int32, shape (N, T)
        Or features, (N, T, C).
    lengths : ndarray of int32, shape (N,)
    ngrams : ndarray of int32, shape (N, L)
        With an n-gram model only; padded with 0.
    """
    batch = pad(sequences, recipe.index, recipe.network)
    return batch if ngrams is None else (*batch, ngrams.pad(sequences))


def input_names(recipe: Recipe) -> List[str]:
    """Return the names of the inputs: ids (N, T), lengths (N,) if masked, n-grams (N, L) for an n-gram model."""
    return ["ids"] + ["lengths"] * recipe.network.masked + ["ngrams"] * (recipe.ngram_model.max_n > 0)


def in_order(count: int, batch_size: int, drop_last: bool = False) -> Iterator[np.ndarray]:
    """Yield positions 0, 1, 2, ... in batches.

    Parameters
    ----------
    count, batch_size : int
    drop_last : bool
        Leave out the last batch if it is not full.

    Yields
    ------
    ndarray of int64, shape (batch_size,), the last one maybe shorter
    """
    end = count - count % batch_size if drop_last else count
    for start in range(0, end, batch_size):
        yield np.arange(start, min(start + batch_size, end))


def by_length(lengths: Sequence[int], max_tokens: int) -> Iterator[List[int]]:
    """Yield positions in batches of similar length, each of one sequence or at most `max_tokens` ids.

    The padding counts. Every position is yielded once; the longest sequences come first, so that memory runs out at
    once or never.
    """
    batch: List[int] = []
    for position in np.argsort(-np.asarray(lengths), kind="stable").tolist():
        if batch and (len(batch) + 1) * max(lengths[batch[0]], 1) > max_tokens:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
