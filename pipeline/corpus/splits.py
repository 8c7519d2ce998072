"""Random splits of texts, by scikit-learn's splitters, and texts that stand in two of them."""

from __future__ import annotations

import hashlib
from array import array
from typing import Any, Dict, Iterable, Optional, Sequence, Tuple

import numpy as np

from pipeline.corpus.reviews import SPLITS, TRAINING_SPLITS, Review


def hold_out(
    labels: Sequence[Any], fraction: float, seed: int, groups: Optional[Sequence[Any]] = None, stratify: bool = False
) -> Tuple[np.ndarray, np.ndarray]:
    """Split texts into two parts at random.

    Parameters
    ----------
    labels : sequence, length N
    fraction : float
        Of the texts, or of the groups if there are any, for the second part: more than 0 and less than 1.
    seed : int
    groups : sequence, length N, optional
        All texts of a group are in one part.
    stratify : bool
        Whether both parts have the same fractions of the labels; groups come before it.

    Returns
    -------
    ndarray of int, shape (M,)
        Positions of the texts of the first part, in random order unless there are groups.
    ndarray of int, shape (N - M,)

    Raises
    ------
    ValueError
        If there are too few texts; says how many there are.
    """
    from sklearn.model_selection import GroupShuffleSplit, train_test_split  # takes a second to import

    rows = np.arange(len(labels))
    try:
        if groups is not None:
            splitter = GroupShuffleSplit(n_splits=1, test_size=fraction, random_state=seed)
            first, second = next(splitter.split(rows, groups=groups))
        else:
            like = labels if stratify else None
            first, second = train_test_split(rows, test_size=fraction, random_state=seed, stratify=like)
    except ValueError:
        kinds, of = (labels, "of {} classes") if groups is None else (groups, "in {} groups")
        raise ValueError(f"{len(rows):,} {of.format(len(set(kinds)))}") from None
    return first, second


def fingerprint(text: str) -> int:
    """Return 64 bits that are the same for texts that differ in case and repeated blanks only."""
    plain = " ".join(text.lower().split()).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(plain, digest_size=8).digest(), "little")


def count_trained_on(reviews: Iterable[Review]) -> Dict[str, int]:
    """Return for each split to choose or to evaluate by how many of its texts are trained on too, if any are.

    Memory is needed for some fifty bytes a text.
    """
    keys, splits = array("Q"), array("b")
    for review in reviews:
        keys.append(fingerprint(review.text))
        splits.append(SPLITS.index(review.split))
    all_keys, all_splits = np.array(keys, np.uint64), np.array(splits, np.int8)
    trained = np.isin(all_splits, [SPLITS.index(split) for split in TRAINING_SPLITS])
    shared = ~trained & np.isin(all_keys, all_keys[trained])
    counts = np.bincount(all_splits[shared], minlength=len(SPLITS)).tolist()
    return {split: count for split, count in zip(SPLITS, counts) if count}
