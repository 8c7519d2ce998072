"""Stage 1, read: a folder laid out as aclImdb becomes reviews with labels and splits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.files import new_file
from pipeline.recipe import Read

CLASSES = {"pos": 1, "neg": 0}  # folder and label, in the order in which they are read
SPLITS = ("train", "validation", "held_out", "test")


class Review(NamedTuple):
    """One review."""

    file: str  # its path below the folder that was read
    label: int  # 1 positive, 0 negative
    split: str  # one of SPLITS
    place: int  # where in its split, in the order that scikit-learn's split gives
    text: str


def read_reviews(folder: Path, options: Read) -> Iterator[Review]:
    """Read every review below `folder`, one at a time.

    Parameters
    ----------
    folder : Path
        Holds ``train/pos/*.txt`` and ``train/neg/*.txt``, and ``test/`` laid out likewise if there is one.
        Other files and folders (``train/unsup``, say) are left alone.
    options : Read
        What share of ``train/`` is held out, and what share of the rest is for validation.

    Yields
    ------
    Review
        Positive reviews first, each folder sorted by name, unless the order is random; ``train/`` before ``test/``.

    Raises
    ------
    PipelineError
        If a folder is missing or empty, or a file is not UTF-8 text or cannot be read.
    """
    files, labels = _list_reviews(folder, "train")
    if options.order == "random":
        order = np.random.RandomState(options.seed).permutation(len(files))
        files, labels = [files[i] for i in order], [labels[i] for i in order]
    splits, places = choose_splits(labels, options)
    for name, label, split, place in zip(files, labels, splits, places):
        yield Review(name, label, split, place, _read_text(folder, name))
    if (folder / "test").is_dir():
        for place, (name, label) in enumerate(zip(*_list_reviews(folder, "test"))):
            yield Review(name, label, "test", place, _read_text(folder, name))


def _list_reviews(folder: Path, part: str) -> Tuple[List[str], List[int]]:
    """Return the reviews' paths below `folder`, as texts: paths of pathlib would take ten times the room."""
    files: List[str] = []
    labels: List[int] = []
    for kind, label in CLASSES.items():
        where = folder / part / kind
        if not where.is_dir():
            raise PipelineError(f"{where}: no such folder; expected reviews as .txt files in pos/ and neg/")
        with os.scandir(where) as entries:
            found = sorted(entry.name for entry in entries if entry.name.endswith(".txt") and _is_file(entry))
        if not found:
            raise PipelineError(f"{where}: holds no .txt file; expected one for each review")
        files += [f"{part}/{kind}/{name}" for name in found]
        labels += [label] * len(found)
    return files, labels


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) or os.path.isfile(entry)  # the former without asking the disk


def choose_splits(labels: Sequence[int], options: Read) -> Tuple[List[str], List[int]]:
    """Choose at random what is held out and what is for validation.

    Returns
    -------
    splits : list of str
        Of each review.
    places : list of int
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
    splits, places = np.empty(len(labels), object), np.empty(len(labels), np.int64)
    for name, part in parts.items():
        splits[part], places[part] = name, np.arange(len(part))
    return splits.tolist(), places.tolist()


def _read_text(folder: Path, name: str) -> str:
    path = f"{folder}/{name}"
    try:
        text = _read_file(path).decode("utf-8")
        return text[1:] if text.startswith("\ufeff") else text  # without the mark that some editors put in front
    except UnicodeDecodeError as error:
        raise PipelineError(
            f"{path}: not UTF-8 text (byte {error.start} is 0x{error.object[error.start]:02x}); "
            f"convert it, for instance with: iconv -f windows-1252 -t utf-8"
        ) from None
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error.strerror})") from None


def _read_file(path: str) -> bytes:
    """Do what `Path.read_bytes` does in half of its time, which is that of the whole stage."""
    file = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(lambda: os.read(file, 1 << 16), b""))
    finally:
        os.close(file)


def save_reviews(path: Path, reviews: Iterable[Review]) -> Dict[str, Tuple[int, int]]:
    """Write reviews as JSON lines, one at a time.

    Returns
    -------
    dict
        For each split that exists its number of positive and of negative reviews.
    """
    counts = {split: [0, 0] for split in SPLITS}
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with new_file(path) as temporary, open(temporary, "wb") as file:
        for review in reviews:
            line = encode(dict(zip(review._fields, review))) + "\n"
            file.write(line.encode("utf-8", "backslashreplace"))  # a file's name need not be UTF-8
            counts[review.split][1 - review.label] += 1
    return {split: (positive, negative) for split, (positive, negative) in counts.items() if positive + negative}


def load_reviews(path: Path) -> Iterator[Review]:
    """Yield the reviews that `save_reviews` wrote, one at a time.

    Raises
    ------
    PipelineError
        If the file is missing, or a line is not a review; names the line.
    """
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; the stage read makes it")
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            try:
                review = _parse_line(line)
            except (ValueError, TypeError) as error:
                raise PipelineError(f"{path}, line {number}: not a review ({error}); run scripts/read.py") from None
            yield review


def _parse_line(line: bytes) -> Review:
    review = Review(**json.loads(line))
    kinds = all(map(isinstance, review, (str, int, str, int, str)))
    if not kinds or review.label not in CLASSES.values() or review.split not in SPLITS:
        raise ValueError("a value that no review has")
    return review
