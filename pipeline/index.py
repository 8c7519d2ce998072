"""Stage 2, index: reviews become a vocabulary and ids."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.files import new_file, read_json, write_json
from pipeline.parallel import map_pieces
from pipeline.read import SPLITS, Review
from pipeline.recipe import Index
from pipeline.text import SPLITTERS

PADDING = "<pad>"
START = "<start>"
UNKNOWN = "<unk>"

_PIECE = 1 << 20  # characters of text that one process takes at a time: their words fit its cache


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
        """Read what `save` wrote; the ids stay in the file, and are read from there as they are needed.

        Raises
        ------
        PipelineError
            If the file is missing or damaged.
        """
        if not path.is_file():
            raise PipelineError(f"{path}: no such file; the stage index makes it")
        try:
            with zipfile.ZipFile(path) as archive:
                damaged = archive.testzip()
                if damaged:
                    raise ValueError(f"{damaged} is not as it was written")
                ids = _map(path, archive.getinfo("ids.npy"))
            with np.load(path, allow_pickle=False) as arrays:
                return cls(ids, **{name: arrays[name] for name in arrays if name != "ids"})
        except Exception as error:  # numpy and zipfile raise a dozen kinds for damaged files
            raise PipelineError(f"{path}: damaged ({error}); run the stage index again") from None


def _map(path: Path, member: zipfile.ZipInfo) -> np.ndarray:
    """Map an array of an .npz, where `numpy.savez` puts it uncompressed, so that it takes no memory."""
    with open(path, "rb") as file:
        file.seek(member.header_offset + 26)
        file.seek(sum(struct.unpack("<HH", file.read(4))), io.SEEK_CUR)  # the member's name and its extra field
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.hasobject or member.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{member.filename}: expected numbers, uncompressed")
        return np.asarray(np.memmap(file, dtype, "r", file.tell(), shape))


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
