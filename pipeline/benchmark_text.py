"""What is timed of the text stages: each function prepares one comparison on the data in ``data/raw``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Tuple

import numpy as np

from pipeline import peers
from pipeline.batches import pad
from pipeline.errors import PipelineError
from pipeline.index import index_reviews
from pipeline.read import read_reviews
from pipeline.recipes import LECTURE8
from pipeline.timing import Comparison, timed

_AS_LISTED = replace(LECTURE8.index, counted_first="")  # both count the reviews in the order of their names


def text(raw: Path) -> Comparison:
    """From the reviews' files to padded blocks of ids, as lecture 8 has them."""
    folder = raw / "aclImdb"
    if not (folder / "train").is_dir():
        raise PipelineError(f"{folder}: no reviews; fetch them with scripts/fetch_data.py reviews")
    return Comparison(timed(_encode_folder, folder), timed(peers.encode_folder, folder), _difference)


def _encode_folder(folder: Path) -> Tuple[np.ndarray, np.ndarray]:
    _, encoded = index_reviews(read_reviews(folder, LECTURE8.read), _AS_LISTED)
    rows = np.concatenate([encoded.rows("train"), encoded.rows("held_out")])
    block, _ = pad([encoded[row] for row in rows], LECTURE8.index, LECTURE8.network)
    return block, encoded.labels[rows]


def _difference(ours: Tuple[Any, ...], peer: Tuple[Any, ...]) -> str:
    """Compare two results array by array, to the last bit."""
    differing = [i for i, (one, other) in enumerate(zip(ours, peer)) if not np.array_equal(one, other)]
    return f"arrays {differing} of {len(ours)}" if differing else ""
