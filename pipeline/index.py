"""Stage 2, index: reviews become a vocabulary and ids."""

from __future__ import annotations

import tempfile
from array import array
from pathlib import Path
from typing import BinaryIO, Dict, Iterable, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from pipeline.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.parallel import map_pieces
from pipeline.read import SPLITS, Review
from pipeline.recipe import Index
from pipeline.text import SPLITTERS
from pipeline.vocabulary import START, Vocabulary

_PIECE = 1 << 20  # characters of text that one process takes at a time: their words fit its cache


class _Numbered(NamedTuple):
    """The words of some reviews as numbers, given from 0 on as words are first seen."""

    words: List[str]  # distinct
    counts: np.ndarray  # (words,), in the counted reviews
    numbers: np.ndarray  # int32, (all words,), positions in words
    lengths: np.ndarray  # int64, (reviews,)


class _Counted(NamedTuple):
    """The same of all reviews; their numbers are in a file."""

    words: List[str]
    counts: np.ndarray  # (words,)
    counted_first: List[int]  # positions in words of those of the review that is counted before all others
    lengths: List[np.ndarray]  # of each piece of the corpus


class _Numbers(Dict[str, int]):
    """Gives each word that it does not hold the next number."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


class _Seen:
    """What is kept of every review besides its words."""

    def __init__(self, begin: str) -> None:
        self.labels, self.splits, self.places = array("b"), array("b"), array("q")
        self.begin = begin
        self.first = ""  # the text of the first review that begins so

    def add(self, review: Review) -> None:
        """Note one review."""
        self.labels.append(review.label)
        self.splits.append(SPLITS.index(review.split))
        self.places.append(review.place)
        if self.begin and not self.first and review.text.startswith(self.begin):
            self.first = review.text

    def arrays(self) -> List[np.ndarray]:
        """Return labels, splits and places."""
        return [np.frombuffer(values, values.typecode) for values in (self.labels, self.splits, self.places)]


def index_reviews(
    reviews: Iterable[Review], options: Index, scratch: Optional[Path] = None
) -> Tuple[Vocabulary, Encoded]:
    """Count words, order them, and encode every review, in one pass over the texts, on all cores.

    Parameters
    ----------
    reviews : iterable of Review
        Read once; no text is kept.
    options : Index
    scratch : Path, optional
        A folder with room for 8 bytes a word (default: the system's for temporary files).

    Returns
    -------
    Vocabulary
        Made from the split ``train`` alone unless ``options.counted`` is "all".
    Encoded
        The ids are mapped from a file without a name, which goes with them.

    Raises
    ------
    PipelineError
        If there is no word at all.

    Notes
    -----
    Memory is taken by the distinct words and by some 30 bytes for each review.
    """
    seen = _Seen(options.counted_first)
    with tempfile.TemporaryFile(dir=scratch) as file:
        counted = _number_words(reviews, options, seen, file)
        vocabulary = _order(counted, options)
        file.seek(0)
        ids, lengths = _encode(counted, vocabulary, file, scratch)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return vocabulary, Encoded(ids, offsets, *seen.arrays())


def _number_words(reviews: Iterable[Review], options: Index, seen: _Seen, file: BinaryIO) -> _Counted:
    """Give every distinct word a number as it is first seen; the numbers of all words go to the file."""
    numbers = _Numbers()
    counts, lengths = array("q"), []
    for piece in map_pieces(_number_piece, _pieces(reviews, options, seen)):
        places = np.fromiter(map(numbers.__getitem__, piece.words), np.int32, len(piece.words))
        counts.frombytes(bytes(8 * (len(numbers) - len(counts))))  # zeros for the new words
        np.frombuffer(counts, np.int64)[places] += piece.counts
        file.write(places[piece.numbers].data)
        lengths.append(piece.lengths)
    if not numbers:
        raise PipelineError(f"{len(seen.labels)} reviews without a single word; expected text in at least one")
    counted_first = [numbers[word] for word in dict.fromkeys(SPLITTERS[options.words](seen.first))]
    return _Counted(list(numbers), np.array(counts), counted_first, lengths)


_Piece = Tuple[str, List[str], List[bool]]  # the splitter's name; texts; which of them are counted


def _pieces(reviews: Iterable[Review], options: Index, seen: _Seen) -> Iterator[_Piece]:
    """Yield some reviews at a time, of about `_PIECE` characters."""
    texts: List[str] = []
    counted: List[bool] = []
    characters = 0
    for review in reviews:
        seen.add(review)
        texts.append(review.text)
        counted.append(options.counted == "all" or review.split == "train")
        characters += len(review.text)
        if characters >= _PIECE or len(texts) >= _PIECE // 100:
            yield options.words, texts, counted
            texts, counted, characters = [], [], 0
    if texts:
        yield options.words, texts, counted


def _number_piece(piece: _Piece) -> _Numbered:
    splitter, texts, counted = piece
    numbers = _Numbers()
    parts = []  # (words,) of each text
    for words in map(SPLITTERS[splitter], texts):
        parts.append(np.fromiter(map(numbers.__getitem__, words), np.int32, len(words)))
    flat, lengths = np.concatenate(parts), np.array([len(part) for part in parts])
    counts = np.bincount(flat[np.repeat(counted, lengths)], minlength=len(numbers))
    return _Numbered(list(numbers), counts, flat, lengths)


def _order(counted: _Counted, options: Index) -> Vocabulary:
    """Sort the words by descending count; ties as the recipe says."""
    counts = counted.counts
    if options.ties == "alphabet":
        tie = np.empty(len(counts), np.int64)  # not of an array of texts: each would take the longest one's room
        tie[sorted(range(len(tie)), key=counted.words.__getitem__)] = np.arange(len(tie))
    else:
        tie = np.arange(len(counts))
        tie[counted.counted_first] = np.arange(len(counted.counted_first)) - len(counts)
    order = np.lexsort((tie, -counts))
    order = order[counts[order] >= options.least_count]
    if not len(order):
        raise PipelineError(f"index.least_count={options.least_count}: no word of the counted reviews is that frequent")
    kept = counts[order].tolist()
    return Vocabulary([counted.words[i] for i in order], kept, options, int(counts.sum()) - sum(kept))


def _encode(
    counted: _Counted, vocabulary: Vocabulary, file: BinaryIO, scratch: Optional[Path]
) -> Tuple[np.ndarray, np.ndarray]:
    """Turn the file's numbers into ids, piece by piece; return the ids, mapped, and each review's number of them."""
    id_of = np.array([vocabulary.id(word) for word in counted.words], np.int32)
    start = np.array([vocabulary.special.index(START)] if vocabulary.options.start else [], np.int32)
    all_lengths = []
    with tempfile.TemporaryFile(dir=scratch) as encoded:
        for lengths in counted.lengths:
            ids = id_of[np.fromfile(file, np.int32, lengths.sum())]
            kept = ids >= 0
            lengths = np.bincount(np.repeat(np.arange(len(lengths)), lengths)[kept], minlength=len(lengths))
            ids = np.insert(ids[kept], np.repeat(np.cumsum(lengths) - lengths, len(start)), start)
            encoded.write(ids.data)
            all_lengths.append(lengths + len(start))
        encoded.flush()
        return np.asarray(np.memmap(encoded, np.int32, "r")), np.concatenate(all_lengths)
