"""Reviews in pieces, and the file of JSON lines that the stage read keeps them in."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple

from pipeline.corpus.classes import MOST_CLASSES
from pipeline.errors import PipelineError
from pipeline.io.output import new_file
from pipeline.io.processes import map_pieces

CLASSES = {"pos": 1, "neg": 0}  # folder and label, in the order in which they are read
SPLITS = ("train", "validation", "held_out", "test", "sentences", "generated")  # sentences: short texts to choose by
TRAINING_SPLITS = ("train", "generated")  # generated: sentences that nobody wrote, to train on

_PIECE = 1 << 20  # characters of text, or bytes of JSON lines, in a piece


def unseen(splits: Iterable[str]) -> str:
    """Return the split to report on: held_out, else test, else an empty string."""
    known = set(splits)
    return next((split for split in ("held_out", "test") if split in known), "")


class Review(NamedTuple):
    """One review."""

    file: str  # its path below the folder that was read
    label: int  # 1 positive, 0 negative; or an index into STAR_CLASSES or the classes of a table
    split: str  # one of SPLITS
    position: int  # its place within the split
    text: str


Piece = Callable[[], Iterable[Review]]  # some reviews, read where it is called: in any process it is sent to


class Reviews(Iterable[Review]):
    """Reviews that are read piece by piece: memory never holds them all, and every core can read.

    Parameters
    ----------
    pieces : callable
        Returns the pieces, in order, whenever it is called.
    """

    def __init__(self, pieces: Callable[[], Iterator[Piece]]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[Review]:
        """Read the reviews in this process, one at a time."""
        for piece in self.pieces():
            yield from piece()


def in_pieces(reviews: Iterable[Review]) -> Iterator[Piece]:
    """Return the pieces of `Reviews`, or make pieces of other reviews, which are read no sooner than needed."""
    if isinstance(reviews, Reviews):
        return reviews.pieces()
    ours = map(Review._make, reviews)  # of this class, which other processes know
    return (partial(iter, some) for some in gather(ours, _PIECE))


def gather(reviews: Iterable[Review], size: int) -> Iterator[List[Review]]:
    """Yield some reviews at a time, of about so many characters."""
    some: List[Review] = []
    characters = 0
    for review in reviews:
        some.append(review)
        characters += len(review.text) + 100  # with what there is besides the text
        if characters >= size:
            yield some
            some, characters = [], 0
    if some:
        yield some


def save_reviews(path: Path, reviews: Iterable[Review]) -> Dict[str, Dict[int, int]]:
    """Write reviews as JSON lines, under a progress bar, on all cores.

    Returns
    -------
    dict
        For each split that exists the number of reviews with each label, by label.
    """
    from pipeline.io.progress import tqdm  # late: helping processes, which show no bar, import this module

    counts: Counter[Tuple[str, int]] = Counter()
    with new_file(path) as temporary, open(temporary, "wb") as file, tqdm(
        desc="read", unit="review", leave=False
    ) as bar:
        for lines, counts_here in map_pieces(_to_lines, in_pieces(reviews)):
            file.write(lines)
            counts += counts_here
            bar.update(sum(counts_here.values()))
    by_split: Dict[str, Dict[int, int]] = {split: {} for split in SPLITS}
    for (split, label), count in sorted(counts.items()):
        by_split[split][label] = count
    return {split: found for split, found in by_split.items() if found}


def _to_lines(piece: Piece) -> Tuple[bytes, Counter[Tuple[str, int]]]:
    encode = json.JSONEncoder(ensure_ascii=False).encode
    lines: List[str] = []
    counts: Counter[Tuple[str, int]] = Counter()
    for review in piece():
        lines.append(encode(review._asdict()) + "\n")
        counts[review.split, review.label] += 1
    return "".join(lines).encode("utf-8", "backslashreplace"), counts  # a file's name need not be UTF-8


def load_reviews(path: Path) -> Reviews:
    """Return the reviews that `save_reviews` wrote.

    Raises
    ------
    PipelineError
        When they are read, if the file is missing, or a line is not a review; names the line.
    """
    return Reviews(partial(_load_pieces, path))


def _load_pieces(path: Path) -> Iterator[Piece]:
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; the stage read makes it")
    first = 1
    with open(path, "rb") as file:
        for lines in iter(lambda: file.readlines(_PIECE), []):
            yield partial(_parse_lines, path, first, lines)
            first += len(lines)


def _parse_lines(path: Path, first: int, lines: Sequence[bytes]) -> Iterator[Review]:
    for number, line in enumerate(lines, first):
        try:
            review = _parse_line(line)
        except (ValueError, TypeError) as error:
            raise PipelineError(f"{path}, line {number}: not a review ({error}); run: sentiment read") from None
        yield review


def _parse_line(line: bytes) -> Review:
    review = Review(**json.loads(line))
    kinds = all(map(isinstance, review, (str, int, str, int, str)))
    if not kinds or not 0 <= review.label < MOST_CLASSES or review.split not in SPLITS:
        raise ValueError("a value that no review has")
    return review
