"""Stage 1, read: a folder laid out as aclImdb becomes reviews with labels and splits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Iterator, List, Sequence, Tuple

import numpy as np

from pipeline.corpus.reviews import CLASSES, Piece, Review, Reviews
from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text
from pipeline.recipe import Read

_FILES = 200  # of a piece


def read_reviews(folder: Path, options: Read) -> Reviews:
    """Return every review below `folder`; the files are read piece by piece.

    Parameters
    ----------
    folder : Path
        Holds ``train/pos/*.txt`` and ``train/neg/*.txt``, and ``test/`` laid out likewise if there is one.
        Other folders (``train/unsup``, say) are left alone. Files that are no reviews (hidden ones, editors' backups)
        are counted in a warning. Texts are in UTF-8, or in UTF-16 or UTF-32 as `find_encoding` recognises them.
    options : Read
        What share of ``train/`` is held out, and what share of the rest is for validation.

    Returns
    -------
    Reviews
        Positive reviews first, each folder sorted by name, unless the order is random; ``train/`` before ``test/``.

    Raises
    ------
    PipelineError
        When they are read, if a folder is missing or empty, or a file is no text or cannot be read.
    """
    return Reviews(partial(_list_pieces, folder, options))


def _list_pieces(folder: Path, options: Read) -> Iterator[Piece]:
    files, labels = _list_reviews(folder, "train")
    if options.order == "random":
        order = np.random.RandomState(options.seed).permutation(len(files))
        files, labels = [files[i] for i in order], [labels[i] for i in order]
    splits, positions = choose_splits(labels, options)
    yield from _cut(folder, files, labels, splits, positions)
    if (folder / "test").is_dir():
        files, labels = _list_reviews(folder, "test")
        yield from _cut(folder, files, labels, ["test"] * len(files), range(len(files)))


def _cut(folder: Path, *columns: Sequence[Any]) -> Iterator[Piece]:
    """Cut columns of files, labels, splits and places into pieces."""
    for first in range(0, len(columns[0]), _FILES):
        yield partial(_read_files, folder, *(column[first : first + _FILES] for column in columns))


def _read_files(folder: Path, *columns: Sequence[Any]) -> Iterator[Review]:
    for name, label, split, position in zip(*columns):
        yield Review(name, label, split, position, read_text(f"{folder}/{name}"))


def _list_reviews(folder: Path, part: str) -> Tuple[List[str], List[int]]:
    """Return the reviews' paths below `folder`, as texts: paths of pathlib would take ten times the room."""
    files: List[str] = []
    labels: List[int] = []
    for kind, label in CLASSES.items():
        found = list_reviews(folder / part / kind)
        files += [f"{part}/{kind}/{name}" for name in found]
        labels += [label] * len(found)
    return files, labels


def choose_splits(labels: Sequence[int], options: Read) -> Tuple[List[str], List[int]]:
    """Choose at random what is held out and what is for validation.

    Returns
    -------
    splits : list of str
        Of each review.
    positions : list of int
        Where it stands in its split.

    Raises
    ------
    PipelineError
        If there are too few reviews.
    """
    from sklearn.model_selection import train_test_split  # late: it takes a second to load

    parts = {"train": np.arange(len(labels))}
    for name, share in (("held_out", options.held_out), ("validation", options.validation)):
        if share:
            try:
                split = train_test_split(parts["train"], test_size=share, random_state=options.seed)
            except ValueError as error:
                raise PipelineError(f"read.{name}={share}: too few reviews to split ({error})") from None
            parts["train"], parts[name] = split
    splits, positions = np.empty(len(labels), object), np.empty(len(labels), np.int64)
    for name, part in parts.items():
        splits[part], positions[part] = name, np.arange(len(part))
    return splits.tolist(), positions.tolist()
