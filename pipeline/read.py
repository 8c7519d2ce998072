"""Stage 1, read: a folder laid out as aclImdb becomes reviews with labels and splits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Iterator, List, Optional, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import STARS
from pipeline.corpus.groups import GROUPS, find_groups, find_stars
from pipeline.corpus.labelled import read_labelled
from pipeline.corpus.reviews import CLASSES, Piece, Review, Reviews
from pipeline.corpus.sentences.generator import generate_sentences
from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text, warn_once
from pipeline.recipe import Read

_FILES = 800  # of a piece: a megabyte of reviews as long as those of aclImdb


def read_reviews(folder: Path, options: Read, sentences: Optional[Path] = None) -> Reviews:
    """Return every review below `folder`; the files are read piece by piece.

    Parameters
    ----------
    folder : Path
        Holds ``train/pos/*.txt`` and ``train/neg/*.txt``, and ``test/`` laid out likewise if there is one.
        Other folders (``train/unsup``, say) are left alone. Files that are no reviews (hidden ones, editors' backups)
        are counted in a warning. Texts are in UTF-8, or in UTF-16 or UTF-32 as `find_encoding` recognises them.
    options : Read
        What fraction of ``train/`` is held out, and what fraction of the rest is for validation; what the labels are.
    sentences : Path, optional
        Labelled short texts. A folder with ``train/`` and ``validation/``, laid out likewise, whose sentences are in
        the splits ``train`` and ``sentences``; or a folder with ``pos/`` and ``neg/``, or a table with the columns
        ``text`` and ``label``, all of it in the split ``train``.

    Returns
    -------
    Reviews
        Positive reviews first, each folder sorted by name, unless the order is random; ``train/`` before ``test/``
        before generated sentences and those of `sentences`. With ``options.labels="stars"`` the labels are indices into
        `pipeline.corpus.classes.STARS`; reviews whose stars are not known are left out, and counted in a warning. The
        others are in the same splits as without it.

    Raises
    ------
    PipelineError
        When they are read, if a folder is missing or empty, or a file is no text or cannot be read, or no
        review has stars.
    """
    return Reviews(partial(_list_pieces, folder, options, sentences))


def _list_pieces(folder: Path, options: Read, sentences: Optional[Path]) -> Iterator[Piece]:
    files, labels = _list_reviews(folder, "train")
    if options.order == "random":
        order = np.random.Generator(np.random.PCG64(options.seed)).permutation(len(files))
        files, labels = [files[i] for i in order], [labels[i] for i in order]
    groups = find_groups(folder, files) if options.split == "film" else None
    splits, positions = choose_splits(labels, options, groups)
    yield from _cut(folder, options, files, labels, splits, positions)
    if (folder / "test").is_dir():
        files, labels = _list_reviews(folder, "test")
        yield from _cut(folder, options, files, labels, ["test"] * len(files), range(len(files)))
    first = splits.count("train")
    if options.generated:
        yield partial(_generate_sentences, options.generated, options.seed, first)
    if sentences:
        yield from _list_sentences(sentences, first + options.generated)


def _generate_sentences(count: int, seed: int, first: int) -> Iterator[Review]:
    sentences = generate_sentences(count, np.random.Generator(np.random.PCG64(seed)))
    for position, sentence in enumerate(sentences, first):
        yield Review(f"generated/{sentence.kind}", sentence.label, "train", position, sentence.text)


def _list_sentences(path: Path, first: int) -> Iterator[Piece]:
    """Yield the sentences of each split; those to train on have positions from `first` on."""
    if not path.exists():
        raise PipelineError(
            f"{path}: no such folder or table; scripts/fetch_data.py fetches rotten_tomatoes, "
            "and --set read.sentences= trains without sentences"
        )
    parts = {"train": path}
    if (path / "train").is_dir():
        parts = {"train": path / "train", "sentences": path / "validation"}
    for split, part in parts.items():
        if part.is_dir() or split == "train":
            rows = read_labelled(part, "text", "label")
            start = first if split == "train" else 0
            reviews = [Review(path.name, row.label, split, i, row.text) for i, row in enumerate(rows, start)]
            yield partial(iter, reviews)


def _cut(folder: Path, options: Read, *columns: Sequence[Any]) -> Iterator[Piece]:
    """Split columns of files, labels, splits and positions into pieces."""
    if options.labels == "stars":
        files, _, *others = columns
        columns = _label_stars(folder, files, *others)
    for first in range(0, len(columns[0]), _FILES):
        yield partial(_read_files, folder, *(column[first : first + _FILES] for column in columns))


def _label_stars(folder: Path, files: Sequence[str], *others: Sequence[Any]) -> Tuple[Sequence[Any], ...]:
    """Return the columns of the reviews whose stars are known, with those as labels."""
    stars, part = find_stars(folder, files), folder / files[0].partition("/")[0]
    rated = [row for row, found in enumerate(stars) if found]
    if not rated:
        raise PipelineError(
            f"{part}: no review has stars; expected names such as 123_7.txt, or a column rating in {folder / GROUPS}"
        )
    if len(rated) < len(files):
        warn_once(f"{part}: left out {len(files) - len(rated):,} of {len(files):,} reviews: their stars are not known")
    labels = [STARS.index(found) for found in stars if found]
    return ([files[row] for row in rated], labels, *([column[row] for row in rated] for column in others))


def _read_files(folder: Path, *columns: Sequence[Any]) -> Iterator[Review]:
    for name, label, split, position in zip(*columns):
        yield Review(name, label, split, position, read_text(f"{folder}/{name}"))


def _list_reviews(folder: Path, part: str) -> Tuple[List[str], List[int]]:
    """Return the reviews' paths below `folder` as strings, which take a tenth of the memory of Path objects."""
    files: List[str] = []
    labels: List[int] = []
    for kind, label in CLASSES.items():
        found = list_reviews(folder / part / kind)
        files += [f"{part}/{kind}/{name}" for name in found]
        labels += [label] * len(found)
    return files, labels


def choose_splits(
    labels: Sequence[int], options: Read, groups: Optional[Sequence[str]] = None
) -> Tuple[List[str], List[int]]:
    """Split reviews at random into train, validation and held_out.

    Parameters
    ----------
    labels : sequence of int
        Of each review.
    options : Read
    groups : sequence of str, optional
        Of each review. A group is never in two splits; the fractions are of the groups, not of the reviews.

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
    from sklearn.model_selection import GroupShuffleSplit, train_test_split  # takes a second to import

    parts = {"train": np.arange(len(labels))}
    for name, fraction in (("held_out", options.held_out), ("validation", options.validation)):
        if fraction:
            try:
                if groups is None:
                    split = train_test_split(parts["train"], test_size=fraction, random_state=options.seed)
                else:
                    splitter = GroupShuffleSplit(n_splits=1, test_size=fraction, random_state=options.seed)
                    rest = np.asarray(groups)[parts["train"]]
                    split = [parts["train"][chosen] for chosen in next(splitter.split(rest, groups=rest))]
            except ValueError as error:
                raise PipelineError(f"read.{name}={fraction}: too few reviews to split ({error})") from None
            parts["train"], parts[name] = split
    splits, positions = np.empty(len(labels), object), np.empty(len(labels), np.int64)
    for name, part in parts.items():
        splits[part], positions[part] = name, np.arange(len(part))
    return splits.tolist(), positions.tolist()
