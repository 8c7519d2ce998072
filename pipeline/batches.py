"""Ragged ids to padded batches, and the order in which reviews are taken."""

from __future__ import annotations

from typing import Iterator, List, Sequence, Tuple

import numpy as np

from pipeline.recipe import Index, Network


def pad(sequences: Sequence[np.ndarray], index: Index, network: Network) -> Tuple[np.ndarray, np.ndarray]:
    """Cut and pad sequences of ids to one block.

    A masked network's block is as long as its longest sequence; one that reads the padding always gets
    ``index.steps``, so that no prediction depends on its neighbours.

    Parameters
    ----------
    sequences : sequence of ndarray of int
        Each of shape (words,).
    index : Index
        How many words are kept, and whether the first or the last.
    network : Network
        Whether the padding is masked, and on which side it stands.

    Returns
    -------
    ids : ndarray of int32, shape (N, T)
        0 where there is no word.
    lengths : ndarray of int32, shape (N,)
        Numbers of words after the cut.
    """
    lengths = np.array([min(len(sequence), index.steps) for sequence in sequences], dtype=np.int32)
    steps = int(lengths.max(initial=1)) if network.masked else index.steps
    ids = np.zeros((len(sequences), max(steps, 1)), dtype=np.int32)  # (N, T)
    for row, sequence, length in zip(ids, sequences, lengths):
        words = sequence[:length] if index.keep == "first" else sequence[len(sequence) - length :]
        if network.padding == "behind":
            row[:length] = words
        else:
            row[len(row) - length :] = words
    return ids, lengths


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
