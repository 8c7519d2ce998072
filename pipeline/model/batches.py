"""Ragged ids to padded batches, and the order in which reviews are taken."""

from __future__ import annotations

from typing import Iterator, List, Optional, Sequence, Tuple

import numpy as np

from pipeline.recipe import Index, Network, Recipe
from pipeline.text.ngrams import NGrams


def pad(sequences: Sequence[np.ndarray], index: Index, network: Network) -> Tuple[np.ndarray, np.ndarray]:
    """Cut and pad sequences of ids to one block.

    The block is as long as its longest sequence; for a network of fixed length, or one that reads the padding,
    it is always of ``index.steps``, so that no prediction depends on its neighbours.

    Parameters
    ----------
    sequences : sequence of ndarray
        Each of shape (words,), ids; or of shape (steps, C), features.
    index : Index
        How many words are kept, and whether the first or the last.
    network : Network
        Whether the padding is masked, and on which side it stands.

    Returns
    -------
    block : ndarray, shape (N, T) or (N, T, C)
        Of the sequences' type; 0 where there is no word.
    lengths : ndarray of int32, shape (N,)
        Numbers of words after the cut.
    """
    lengths = np.array([min(len(sequence), index.steps) for sequence in sequences], dtype=np.int32)
    steps = index.steps if network.fixed_length else int(lengths.max(initial=1))
    block = np.zeros((len(sequences), steps, *sequences[0].shape[1:]), sequences[0].dtype)  # (N, T) or (N, T, C)
    for row, sequence, length in zip(block, sequences, lengths):
        words = truncate(sequence, index)
        if network.padding == "behind":
            row[:length] = words
        else:
            row[len(row) - length :] = words
    return block, lengths


def truncate(sequence: np.ndarray, index: Index) -> np.ndarray:
    """Return what a network reads of a sequence: at most ``index.steps``, of its beginning or its end."""
    return sequence[: index.steps] if index.keep == "first" else sequence[-index.steps :]


def make_block(
    sequences: Sequence[np.ndarray], recipe: Recipe, ngrams: Optional[NGrams] = None
) -> Tuple[np.ndarray, ...]:
    """Return what a network reads of several reviews: `pad`'s ids and lengths, and n-grams for a wide part."""
    block = pad(sequences, recipe.index, recipe.network)
    return block if ngrams is None else (*block, ngrams.block(sequences))


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


def by_length(lengths: Sequence[int], words: int) -> Iterator[List[int]]:
    """Yield positions in batches of like length, each of at most `words` ids with its padding.

    Every position comes once; the longest sequences come first, so that memory runs out at once or never.
    """
    batch: List[int] = []
    for position in np.argsort(-np.asarray(lengths), kind="stable").tolist():
        if batch and (len(batch) + 1) * max(lengths[batch[0]], 1) > words:
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch
