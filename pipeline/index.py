"""Stage 2, index: reviews become a vocabulary and ids."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple, Sequence, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.files import new_file, read_json, write_json
from pipeline.read import SPLITS, Review
from pipeline.recipe import Index
from pipeline.text import SPLITTERS

PADDING = "<pad>"
START = "<start>"
UNKNOWN = "<unk>"


class Vocabulary:
    """Words and their ids. Training and inference encode through this one class.

    Parameters
    ----------
    words : sequence of str
        Distinct words, the most frequent first.
    counts : sequence of int
        How often each occurred. ``running_words`` is the sum over all words counted, those left out too.
    options : Index
        ``rows`` limits the ids. Rarer words become ``<unk>`` and so do words never seen; with
        ``rare="last row"`` they share the last id, and words never seen are dropped, as in lecture 8.
    rare_count : int
        How often words occurred that are not among `words`.

    Notes
    -----
    gluonnlp's ``Vocab`` orders ties by alphabet only and drops the counts of what it leaves out; and text is
    prepared here without MXNet. With ``ties="alphabet"`` both give the same order (a test compares them).
    """

    def __init__(self, words: Sequence[str], counts: Sequence[int], options: Index, rare_count: int = 0) -> None:
        self.options = options
        self.special = [PADDING] + [START] * options.start + [UNKNOWN] * (options.rare == "unknown")
        if options.rows and options.rows <= len(self.special):
            raise PipelineError(f"index.rows: expected more than {len(self.special)}, found {options.rows}")
        room = options.rows - len(self.special) if options.rows else len(words)
        kept = len(words) if options.rare == "last row" else min(room, len(words))
        self.words, self.counts = list(words[:kept]), [int(count) for count in counts[:kept]]
        self.running_words = sum(map(int, counts)) + rare_count
        self._last = min(room, len(words)) - 1 + len(self.special)
        first = len(self.special)
        self._ids = {word: min(rank, self._last) for rank, word in enumerate(self.words, first)}
        self._unseen = self.special.index(UNKNOWN) if UNKNOWN in self.special else -1

    def __len__(self) -> int:
        """Return the number of ids, which is the number of rows of the embedding."""
        return self._last + 1

    def id(self, word: str) -> int:
        """Return a word's id; -1 for a word that is dropped."""
        return self._ids.get(word, self._unseen)

    def split(self, text: str) -> List[str]:
        """Split a text into words as the recipe says."""
        return SPLITTERS[self.options.words](text)

    def knows(self, word: str) -> bool:
        """Tell whether a word has an id of its own."""
        shared = len(self.special) + len(self.words) > len(self)  # the last id
        return word in self._ids and not (shared and self._ids[word] == self._last)

    def encode(self, words: Iterable[str]) -> np.ndarray:
        """Look up the ids of words.

        Returns
        -------
        ndarray of int32, shape (ids,)
            ``<start>`` in front if the recipe has it; without the words that are dropped.
        """
        ids = [self.special.index(START)] if self.options.start else []
        ids += [i for i in map(self.id, words) if i >= 0]
        return np.array(ids, dtype=np.int32)

    def decode(self, ids: Iterable[int]) -> List[str]:
        """Return the words of ids. An id that several words share gives the most frequent of them."""
        names = self.special + self.words
        return [names[i] for i in ids]

    def row_words(self) -> List[Tuple[int, str]]:
        """Return (id, word) for every row that stands for a word of its own: what GloVe can fill."""
        return list(enumerate(self.words[: len(self) - len(self.special)], len(self.special)))

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON."""
        rare_count = self.running_words - sum(self.counts)
        write_json(path, {"words": self.words, "counts": self.counts, "rare_count": rare_count})

    @classmethod
    def load(cls, path: Path, options: Index) -> Vocabulary:
        """Read what `save` wrote.

        Raises
        ------
        PipelineError
            If the file is missing or is not a vocabulary.
        """
        value = read_json(path)
        words, counts = (value.get(key) for key in ("words", "counts")) if isinstance(value, dict) else (None, None)
        if not isinstance(words, list) or not isinstance(counts, list) or len(words) != len(counts):
            raise PipelineError(f"{path}: not a vocabulary (expected as many words as counts)")
        if not all(isinstance(word, str) for word in words) or not all(isinstance(count, int) for count in counts):
            raise PipelineError(f"{path}: not a vocabulary (a word is not text, or a count is not a whole number)")
        if not isinstance(value.get("rare_count"), int):
            raise PipelineError(f"{path}: not a vocabulary (expected rare_count, a whole number)")
        return cls(words, counts, options, value["rare_count"])


@dataclass(frozen=True)
class Encoded:
    """Encoded reviews, one behind the other, uncut: review i is ``ids[offsets[i]:offsets[i + 1]]``.

    Attributes
    ----------
    ids : ndarray of int32, shape (all words,)
    offsets : ndarray of int64, shape (reviews + 1,)
    labels : ndarray of int8, shape (reviews,)
    splits : ndarray of int8, shape (reviews,)
        Positions in `pipeline.read.SPLITS`.
    places : ndarray of int64, shape (reviews,)
        Where each stands in its split.
    """

    ids: np.ndarray
    offsets: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    places: np.ndarray

    def __len__(self) -> int:
        """Return the number of reviews."""
        return len(self.labels)

    def __getitem__(self, i: int) -> np.ndarray:
        """Return the ids of review i."""
        return self.ids[self.offsets[i] : self.offsets[i + 1]]

    @property
    def lengths(self) -> np.ndarray:
        """Numbers of words, shape (reviews,)."""
        return np.diff(self.offsets)

    def rows(self, split: str) -> np.ndarray:
        """Return the positions of one split's reviews, in the split's order."""
        found = np.flatnonzero(self.splits == SPLITS.index(split))
        return found[np.argsort(self.places[found])]

    def save(self, path: Path) -> None:
        """Write as .npz."""
        with new_file(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **vars(self))

    @classmethod
    def load(cls, path: Path) -> Encoded:
        """Read what `save` wrote.

        Raises
        ------
        PipelineError
            If the file is missing or damaged.
        """
        if not path.is_file():
            raise PipelineError(f"{path}: no such file; the stage index makes it")
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(**arrays)
        except Exception as error:  # numpy and zipfile raise a dozen kinds for damaged files
            raise PipelineError(f"{path}: damaged ({error}); run the stage index again") from None


class _Counted(NamedTuple):
    words: List[str]  # distinct, as first seen
    counted_first: List[int]  # positions in words of those of the review that is counted before all others
    numbers: np.ndarray  # (all words,) positions in words
    lengths: np.ndarray  # (reviews,)
    labels: np.ndarray  # (reviews,)
    splits: np.ndarray  # (reviews,)
    places: np.ndarray  # (reviews,)


def index_reviews(reviews: Iterable[Review], options: Index) -> Tuple[Vocabulary, Encoded]:
    """Count words, order them, and encode every review, in one pass over the texts.

    Parameters
    ----------
    reviews : iterable of Review
        Read once; no text is kept.
    options : Index

    Returns
    -------
    Vocabulary
        Made from the split ``train`` alone unless ``options.counted`` is "all".
    Encoded

    Raises
    ------
    PipelineError
        If there is no word at all.
    """
    counted = _number_words(reviews, options)
    vocabulary = _order(counted, options)
    ids = np.array([vocabulary.id(word) for word in counted.words], dtype=np.int32)[counted.numbers]
    review_of = np.repeat(np.arange(len(counted.lengths)), counted.lengths)
    kept = ids >= 0
    lengths = np.bincount(review_of[kept], minlength=len(counted.lengths))
    ids = ids[kept]
    if options.start:
        ids = np.insert(ids, np.cumsum(lengths) - lengths, vocabulary.special.index(START))
        lengths += 1
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return vocabulary, Encoded(ids.astype(np.int32), offsets, counted.labels, counted.splits, counted.places)


def _number_words(reviews: Iterable[Review], options: Index) -> _Counted:
    """Give every distinct word a number as it is first seen."""
    split_words = SPLITTERS[options.words]
    numbers: Dict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__  # type: ignore[attr-defined]
    flat, lengths, labels, splits, places = (array(code) for code in "iqbbq")
    counted_first: List[int] = []
    for review in reviews:
        words = [numbers[word] for word in split_words(review.text)]
        flat.extend(words)
        lengths.append(len(words))
        labels.append(review.label)
        splits.append(SPLITS.index(review.split))
        places.append(review.place)
        if options.counted_first and not counted_first and review.text.startswith(options.counted_first):
            counted_first = list(dict.fromkeys(words))
    if not flat:
        raise PipelineError(f"{len(lengths)} reviews without a single word; expected text in at least one")
    arrays = (np.frombuffer(values, dtype=values.typecode) for values in (flat, lengths, labels, splits, places))
    return _Counted(list(numbers), counted_first, *arrays)


def _order(counted: _Counted, options: Index) -> Vocabulary:
    """Sort the words by descending count; ties as the recipe says."""
    numbers = counted.numbers
    if options.counted == "train":
        numbers = numbers[np.repeat(counted.splits == SPLITS.index("train"), counted.lengths)]
    counts = np.bincount(numbers, minlength=len(counted.words))
    if options.ties == "alphabet":
        tie = np.empty(len(counted.words), np.int64)  # not of an array of texts: each would take the longest one's room
        tie[sorted(range(len(tie)), key=counted.words.__getitem__)] = np.arange(len(tie))
    else:
        tie = np.arange(len(counted.words))
        tie[counted.counted_first] = np.arange(len(counted.counted_first)) - len(counted.words)
    order = np.lexsort((tie, -counts))
    order = order[counts[order] >= options.least_count]
    if not len(order):
        raise PipelineError(f"index.least_count={options.least_count}: no word of the counted reviews is that frequent")
    kept = counts[order].tolist()
    return Vocabulary([counted.words[i] for i in order], kept, options, len(numbers) - sum(kept))
