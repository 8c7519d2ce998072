"""Stage 2, index: reviews become a vocabulary and ids."""

from __future__ import annotations

import tempfile
from array import array
from collections import defaultdict
from pathlib import Path
from typing import BinaryIO, Dict, Iterable, List, NamedTuple, Optional, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, Review, in_pieces
from pipeline.errors import PipelineError
from pipeline.io.processes import map_pieces
from pipeline.io.progress import tqdm
from pipeline.recipe import Index
from pipeline.text.numbering import Numbers, WordNumberer
from pipeline.text.vocabulary import START, Vocabulary


class _Counted(NamedTuple):
    """The words of all reviews as numbers, given from 0 on as words are first seen; the numbers are in a file."""

    words: List[str]  # distinct
    counts: np.ndarray  # int64, (words,), in the counted reviews
    counted_first: List[int]  # positions in words of those of the review that is counted before all others
    lengths: List[np.ndarray]  # int64, (reviews,), of each piece of the corpus
    columns: List[np.ndarray]  # labels, splits and places, each (all reviews,)


def index_reviews(
    reviews: Iterable[Review], options: Index, scratch: Optional[Path] = None
) -> Tuple[Vocabulary, Encoded]:
    """Count words, order them, and encode every review, in one pass over the texts, on all cores.

    Parameters
    ----------
    reviews : iterable of Review
        Read once, on all cores if they are `Reviews`; no text is kept.
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
    Memory is taken by the distinct words, in each process by those that it has met, and by some 30 bytes for each
    review.
    """
    with tempfile.TemporaryFile(dir=scratch) as file:
        counted = _number_words(reviews, options, file)
        vocabulary = _order(counted, options)
        file.seek(0)
        ids, lengths = _encode(counted, vocabulary, file, scratch)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return vocabulary, Encoded(ids, offsets, *counted.columns)


def _number_words(reviews: Iterable[Review], options: Index, file: BinaryIO) -> _Counted:
    """Give every distinct word a number as it is first seen; the numbers of all words go to the file."""
    all_numbers, counts = Numbers(), array("q")
    by_process: Dict[int, array[int]] = defaultdict(lambda: array("i"))  # our numbers, by those of the process
    first: List[int] = []
    columns: List[List[np.ndarray]] = []  # of each piece
    with tqdm(desc="index", unit="review", leave=False) as bar:
        for piece in map_pieces(WordNumberer(options.tokenizer, options.count_first), in_pieces(reviews)):
            ours = by_process[piece.process]
            ours.extend(map(all_numbers.__getitem__, piece.words.split(b" ") if piece.words else ()))
            counts.frombytes(bytes(8 * (len(all_numbers) - len(counts))))  # zeros for the new words
            numbers = np.frombuffer(ours, np.int32)[piece.numbers]
            counted = (piece.splits == SPLITS.index("train")) | (options.vocab_from == "all")
            np.add.at(np.frombuffer(counts, np.int64), numbers[np.repeat(counted, piece.lengths)], 1)
            file.write(numbers.data)
            first = first or [ours[number] for number in piece.first]
            columns.append([piece.labels, piece.splits, piece.positions, piece.lengths])
            bar.update(len(piece.labels))
    if not all_numbers:
        number = sum(len(labels) for labels, *_ in columns)
        raise PipelineError(f"{number} reviews without a single word; expected text in at least one")
    *all_columns, lengths = map(list, zip(*columns))
    return _Counted(
        [word.decode("utf-8", "surrogatepass") for word in all_numbers],
        np.array(counts),
        list(dict.fromkeys(first)),
        lengths,
        [np.concatenate(column) for column in all_columns],
    )


def _order(counted: _Counted, options: Index) -> Vocabulary:
    """Sort the words by descending count; ties as the recipe says."""
    counts = counted.counts
    if options.tie_break == "alphabetical":
        tie = np.empty(len(counts), np.int64)  # not of an array of texts: each would take the longest one's room
        tie[sorted(range(len(tie)), key=counted.words.__getitem__)] = np.arange(len(tie))
    else:
        tie = np.arange(len(counts))
        tie[counted.counted_first] = np.arange(len(counted.counted_first)) - len(counts)
    order = np.lexsort((tie, -counts))
    order = order[counts[order] >= options.min_freq]
    if not len(order):
        raise PipelineError(f"index.min_freq={options.min_freq}: no word of the counted reviews is that frequent")
    kept = counts[order].tolist()
    return Vocabulary([counted.words[i] for i in order], kept, options, int(counts.sum()) - sum(kept))


def _encode(
    counted: _Counted, vocabulary: Vocabulary, file: BinaryIO, scratch: Optional[Path]
) -> Tuple[np.ndarray, np.ndarray]:
    """Turn the file's numbers into ids, piece by piece; return the ids, mapped, and each review's number of them."""
    id_of = vocabulary.ids_of(counted.words)
    start = np.array([vocabulary.special.index(START)] if vocabulary.options.bos else [], np.int32)
    all_lengths = []
    with tempfile.TemporaryFile(dir=scratch) as encoded:
        for lengths in counted.lengths:
            ids = id_of[np.fromfile(file, np.int32, lengths.sum())]
            kept = ids >= 0
            if not kept.all():
                lengths = np.bincount(np.repeat(np.arange(len(lengths)), lengths)[kept], minlength=len(lengths))
                ids = ids[kept]
            if len(start):
                ids = np.insert(ids, np.cumsum(lengths) - lengths, start)
            encoded.write(ids.data)
            all_lengths.append(lengths + len(start))
        encoded.flush()
        return np.asarray(np.memmap(encoded, np.int32, "r")), np.concatenate(all_lengths)
