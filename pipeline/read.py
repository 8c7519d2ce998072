"""Stage 1, read: a folder laid out as aclImdb, or a table of labelled texts, becomes reviews with labels and splits."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import SENTIMENT, STAR_CLASSES, Classes
from pipeline.corpus.groups import GROUPS, find_groups, find_stars
from pipeline.corpus.labelled import Table, list_sentiment_folders, read_labelled
from pipeline.corpus.reviews import CLASSES, SPLITS, Piece, Review, Reviews, in_pieces
from pipeline.corpus.sentences.generator import generate_sentences
from pipeline.corpus.splits import hold_out
from pipeline.corpus.training_table import Labels, read_labels
from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text, warn_once
from pipeline.recipe import Read

_FILES = 800  # of a piece: a megabyte of reviews as long as those of aclImdb
_FAR = 1.5  # how many times a split's share of the groups its share of the texts may be, or the other way round


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
        `pipeline.corpus.classes.STAR_CLASSES`; reviews whose stars are not known are left out, and counted in a
        warning. The others are in the same splits as without it.

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
    yield from _list_more(options, sentences, splits.count("train"))


def _list_more(options: Read, sentences: Optional[Path], first: int) -> Iterator[Piece]:
    """Yield the generated sentences, and those of `sentences`, whose positions in the split train begin at `first`."""
    if options.generated:
        yield from in_pieces(_generate_sentences(options.generated, options.seed))
    if sentences:
        yield from _list_sentences(sentences, first)


def _generate_sentences(count: int, seed: int) -> Iterator[Review]:
    sentences = generate_sentences(count, np.random.Generator(np.random.PCG64(seed)))
    for position, sentence in enumerate(sentences):
        yield Review(f"generated/{sentence.kind}", sentence.label, "generated", position, sentence.text)


def _list_sentences(path: Path, first: int) -> Iterator[Piece]:
    """Yield the sentences of each split; those to train on have positions from `first` on."""
    if not path.exists():
        raise PipelineError(
            f"{path}: no such folder or table; sentiment fetch_data fetches rotten_tomatoes, "
            "and --set read.sentences= trains without sentences"
        )
    parts = {"train": path}
    if (path / "train").is_dir():
        parts = {"train": path / "train", "sentences": path / "validation"}
    for split, part in parts.items():
        if part.is_dir() or split == "train":
            folders = list_sentiment_folders(part) if part.is_dir() else []
            rows = read_labelled(Table(part), SENTIMENT, folders=folders)
            start = first if split == "train" else 0
            yield from in_pieces(Review(path.name, row.label, split, i, row.text) for i, row in enumerate(rows, start))


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
    labels = [STAR_CLASSES.index(found) for found in stars if found]
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
    labels: Sequence[int], options: Read, groups: Optional[Sequence[str]] = None, stratify: bool = False
) -> Tuple[List[str], List[int]]:
    """Split reviews at random into train, validation and held_out.

    Parameters
    ----------
    labels : sequence of int
        Of each review.
    options : Read
    groups : sequence of str, optional
        Of each review. A group is never in two splits; the fractions are of the groups, not of the reviews.
    stratify : bool
        Whether all splits have the same fractions of the labels; not with groups.

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
    parts = _split_rows(np.asarray(labels), options, None if groups is None else np.asarray(groups), stratify)
    splits, positions = _assign(parts, len(labels))
    return [SPLITS[split] for split in splits], positions.tolist()


def _split_rows(
    labels: np.ndarray, options: Read, groups: Optional[np.ndarray], stratify: bool = False
) -> Dict[str, np.ndarray]:
    """Return the rows of each split, in its order."""
    parts = {"train": np.arange(len(labels))}
    for name, fraction in (("held_out", options.held_out), ("validation", options.validation)):
        if fraction:
            rest = parts["train"]
            left = None if groups is None else groups[rest]
            try:
                train, chosen = hold_out(labels[rest], fraction, options.seed, left, stratify)
            except ValueError as error:
                raise PipelineError(
                    f"read.{name}={fraction}: too few reviews to split ({error}); add some, or change it"
                ) from None
            parts["train"], parts[name] = rest[train], rest[chosen]
            if left is not None:
                _warn_of_sizes(f"read.{name}={fraction}", left, chosen)
    return parts


def _assign(parts: Dict[str, np.ndarray], number: int) -> Tuple[np.ndarray, np.ndarray]:
    """Return the split of each row, int8 indices into SPLITS, and its position there, int32."""
    splits, positions = np.empty(number, np.int8), np.empty(number, np.int32)
    for name, part in parts.items():
        splits[part], positions[part] = SPLITS.index(name), np.arange(len(part))
    return splits, positions


def _warn_of_sizes(field: str, groups: np.ndarray, chosen: np.ndarray) -> None:
    """Warn if the chosen rows are a far larger or smaller part of the texts than their groups are of the groups."""
    of_groups = len(np.unique(groups[chosen])) / len(np.unique(groups))
    of_texts = len(chosen) / len(groups)
    if not of_groups / _FAR < of_texts < of_groups * _FAR:
        warn_once(f"{field}: groups differ in size: {of_groups:.0%} of the groups have {of_texts:.0%} of the texts")


def read_table(table: Table, options: Read, sentences: Optional[Path] = None) -> Tuple[Reviews, Classes]:
    """Return the labelled texts of a table as reviews, and their classes; memory never holds the texts.

    Parameters
    ----------
    table : Table
        Read here for its labels, and once more whenever the reviews are read.
    options : Read
        What fraction is held out, and what fraction of the rest is for validation unless the table names a file for
        it: with the same fractions of all classes, or of the groups if there is a column of groups.
    sentences : Path, optional
        As for `read_reviews`, with the classes negative and positive.

    Returns
    -------
    reviews : Reviews
        The rows of the table in their order, those of its files for validation and test, and sentences.
    classes : tuple
        The labels of the reviews are indices into it.

    Raises
    ------
    PipelineError
        If there are no two classes, a class has no text to train on, or there are too few texts to split; when they
        are read, if a row has no text or an unknown label: names the file and the row.
    """
    if options.split == "film":
        raise PipelineError(
            "read.split=film: is for a folder laid out as aclImdb; of a table, --group names the column"
        )
    found = read_labels(table)
    if table.validation:
        options = replace(options, validation=0.0)
    if found.classes != SENTIMENT and (options.generated or sentences):
        raise PipelineError(
            f"{table.path}: the classes are {', '.join(map(str, found.classes[:5]))}, but other sentences are negative "
            "or positive: set read.generated to 0 and read.sentences to nothing"
        )
    counts = np.bincount(found.ids, minlength=len(found.classes))
    if found.groups is None and counts.min() < 2 and (options.held_out or options.validation):
        raise PipelineError(
            f"{table.path}: the class {str(found.classes[counts.argmin()])!r} has {counts.min()} text; expected 2 or "
            "more to split: add texts, or join classes with --label-map"
        )
    parts = _split_rows(found.ids, options, found.groups, stratify=found.groups is None)
    missing = np.setdiff1d(np.arange(len(found.classes)), found.ids[parts["train"]])
    if len(missing):
        raise PipelineError(
            f"{table.path}: all texts of {str(found.classes[missing[0]])!r} are in groups that are not trained on; try "
            "a smaller fraction (--held-out, or read.held_out), or another column of groups"
        )
    splits, positions = _assign(parts, len(found.ids))
    pieces = partial(_list_table, table, options, sentences, found, splits, positions)
    return Reviews(pieces), found.classes


def _list_table(
    table: Table,
    options: Read,
    sentences: Optional[Path],
    found: Labels,
    splits: np.ndarray,
    positions: np.ndarray,
) -> Iterator[Piece]:
    yield from in_pieces(_read_rows(table, found, splits, positions))
    for split, path in (("validation", table.validation), ("test", table.test)):
        if path:
            other = table._replace(path=path, group_column=None)
            yield from in_pieces(_read_split(other, found.classes, split))
    yield from _list_more(options, sentences, int((splits == SPLITS.index("train")).sum()))


def _read_split(table: Table, classes: Classes, split: str) -> Iterator[Review]:
    """Yield the texts of a file that is a split of its own."""
    name, count = table.path.name, 0
    for row in read_labelled(table, classes):
        yield Review(f"{name}:{row.place}", row.label, split, count, row.text)
        count += 1
    if not count:
        raise PipelineError(f"{table.path}: no labelled text in it; expected one or more, or no --{split}")


def _read_rows(table: Table, found: Labels, splits: np.ndarray, positions: np.ndarray) -> Iterator[Review]:
    name = table.path.name
    for i, (row, label) in enumerate(zip_longest(read_labelled(table, found.classes), found.ids)):
        if row is None or label is None or row.label != label:
            raise PipelineError(f"{table.path}: it changed while it was read; run the command again")
        yield Review(f"{name}:{row.place}", int(label), SPLITS[splits[i]], int(positions[i]), row.text)
