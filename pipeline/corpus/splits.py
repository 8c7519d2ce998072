"""Random splits of texts, by scikit-learn's splitters: the same for a corpus on disk and for texts in memory."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

import numpy as np


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
