"""Stage 2, index: reviews become a vocabulary and ids."""

from __future__ import annotations

import tempfile
from array import array
from pathlib import Path
from typing import BinaryIO, Iterable, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np

from pipeline.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.numbering import Numbering
from pipeline.parallel import map_pieces
from pipeline.read import SPLITS, Review
from pipeline.recipe import Index
from pipeline.text import space_words
from pipeline.vocabulary import START, Vocabulary

_PIECE = 1 << 18  # characters of text that are taken at a time: their words fit the processor's cache


class _Counted(NamedTuple):
    """The words of all reviews as numbers, given from 0 on as words are first seen; the numbers are in a file."""

    words: List[str]  # distinct
    counts: np.ndarray  # (words,), in the counted reviews
    counted_first: List[int]  # positions in words of those of the review that is counted before all others
    lengths: List[np.ndarray]  # int64, (reviews,), of each piece of the corpus


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
    numbering = Numbering()
    counts, lengths = array("q"), []
    map_all = map if options.words == "letters" else map_pieces  # letters are sooner spaced than sent
    for spaced, text_lengths, counted in map_all(_space_piece, _pieces(reviews, options, seen)):
        begins, numbers = numbering.number(spaced)
        words_each = np.diff(np.searchsorted(begins, np.cumsum(np.add(text_lengths, 1))), prepend=0)
        counts.frombytes(bytes(8 * (len(numbering) - len(counts))))  # zeros for the new words
        np.add.at(np.frombuffer(counts, np.int64), numbers[np.repeat(counted, words_each)], 1)
        file.write(numbers.data)
        lengths.append(words_each)
    if not numbering:
        raise PipelineError(f"{len(seen.labels)} reviews without a single word; expected text in at least one")
    _, first = numbering.number(space_words(options.words, [seen.first])[0])
    return _Counted(numbering.words(), np.array(counts), list(dict.fromkeys(first.tolist())), lengths)


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


def _space_piece(piece: _Piece) -> Tuple[bytes, List[int], List[bool]]:
    splitter, texts, counted = piece
    return (*space_words(splitter, texts), counted)


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
