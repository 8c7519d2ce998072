"""Words as numbers, from 0 on as words are first seen.

Helping processes import this module: it imports little.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import Dict, List, NamedTuple, Tuple

import numpy as np

from pipeline.corpus.reviews import SPLITS, Piece, gather
from pipeline.text.tokenizers import space_words

_BLOCK = 1 << 18  # characters of text whose words are numbered together: they fit the processor's cache

_SHORT = 15  # bytes of the longest word in the table; with their number they are two integers of 64 bits
_TABLE_BITS = 18  # of the number of places in it
_MASKS = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)


class Numbers(Dict[bytes, int]):
    """Gives each word that it does not hold the next number."""

    def __missing__(self, word: bytes) -> int:
        number = self[word] = len(self)
        return number


class Numbering:
    """The numbers of all words so far.

    Notes
    -----
    Words of up to 15 bytes are looked up many at a time, in a table. A word's place in it is made of its bytes
    (multiplicative hashing; Knuth, The Art of Computer Programming, 6.4), and holds the last word that was put there.
    Words that are not found so, one in twenty, are looked up in a dictionary, which has them all.
    """

    def __init__(self) -> None:
        self._numbers = Numbers()
        self._keys = np.zeros((2, 1 << _TABLE_BITS), np.uint64)  # of the word at each place
        self._found = np.zeros(1 << _TABLE_BITS, np.int32)  # its number

    def __len__(self) -> int:
        """Return the number of distinct words."""
        return len(self._numbers)

    def words(self, first: int = 0) -> List[bytes]:
        """Return the distinct words from number `first` on, in the order of their numbers."""
        return list(islice(reversed(self._numbers), len(self) - first))[::-1]

    def number(self, spaced: bytes) -> Tuple[np.ndarray, np.ndarray]:
        """Give each word of a text its number.

        Parameters
        ----------
        spaced : bytes
            Words with one or more blanks between them.

        Returns
        -------
        begins : ndarray of int64, shape (words,)
            Where each word begins.
        numbers : ndarray of int32, shape (words,)

        Examples
        --------
        >>> Numbering().number(b"to be  or not to be")
        (array([ 0,  3,  7, 10, 14, 17]), array([0, 1, 2, 3, 0, 1], dtype=int32))
        """
        begins, ends = _find_words(spaced)
        lengths = np.minimum(ends - begins, _SHORT + 1)
        keys, places = _make_keys(spaced, begins, lengths)
        numbers = self._found[places]
        missed = np.flatnonzero((self._keys[0][places] != keys[0]) | (self._keys[1][places] != keys[1]))
        words = [spaced[begin:end] for begin, end in zip(begins[missed].tolist(), ends[missed].tolist())]
        numbers[missed] = np.fromiter(map(self._numbers.__getitem__, words), np.int32, len(words))
        new = missed[lengths[missed] <= _SHORT]
        self._keys[:, places[new]], self._found[places[new]] = keys[:, new], numbers[new]
        return begins, numbers


def _find_words(spaced: bytes) -> Tuple[np.ndarray, np.ndarray]:
    """Return where words begin and end."""
    blank = np.frombuffer(b" " + spaced + b" ", np.uint8) == ord(" ")
    edges = np.flatnonzero(blank[1:] != blank[:-1])
    return edges[::2], edges[1::2]


def _make_keys(spaced: bytes, begins: np.ndarray, lengths: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Return two integers that no other short word has, shape (2, words), and each word's place in the table."""
    padded = spaced + bytes(_SHORT + 1)
    low, high = (np.ndarray(len(spaced), "<u8", padded, offset, (1,))[begins] for offset in (0, 8))  # 8 bytes each
    low &= _MASKS[np.minimum(lengths, 8)]
    high &= _MASKS[np.clip(lengths - 8, 0, 7)]
    high |= lengths.astype(np.uint64) << np.uint64(56)
    mixed = low * np.uint64(0x9E3779B97F4A7C15) + high * np.uint64(0xC2B2AE3D27D4EB4F)
    return np.stack([low, high]), (mixed >> np.uint64(64 - _TABLE_BITS)).view(np.int64)


class NumberedPiece(NamedTuple):
    """Some reviews, their words as numbers that one process gave."""

    process: int
    words: bytes  # those that it gave a number now, with a blank between them
    numbers: np.ndarray  # int32, (words of the reviews,)
    lengths: np.ndarray  # int64, (reviews,), in words
    labels: np.ndarray  # int8, (reviews,)
    splits: np.ndarray  # int8, (reviews,), positions in SPLITS
    positions: np.ndarray  # int64, (reviews,)
    first: np.ndarray  # numbers of the words of the review that begins as asked for, if it is among them


class WordNumberer:
    """Numbers the words of pieces. Every process has its own, whose numbers differ from the others'.

    Parameters
    ----------
    tokenizer : str
        A name in `pipeline.text.tokenizers.TOKENIZERS`.
    begin : str
        How the review begins whose words are told apart, if not empty.
    """

    def __init__(self, tokenizer: str, begin: str = "") -> None:
        self._options = tokenizer, begin
        self._numbering = Numbering()

    def __reduce__(self) -> Tuple[type, Tuple[str, str]]:
        """Have another process begin anew."""
        return WordNumberer, self._options

    def __call__(self, piece: Piece) -> NumberedPiece:
        """Give each word of a piece its number."""
        tokenizer, begin = self._options
        known = len(self._numbering)
        lengths, numbers = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        reviews: List[Tuple[int, int, int]] = []  # label, split, place
        first = np.zeros(0, np.int32)
        for block in gather(piece(), _BLOCK):
            spaced, text_lengths = space_words(tokenizer, [review.text for review in block])
            begins, block_numbers = self._numbering.number(spaced)
            ends = np.searchsorted(begins, np.cumsum(np.add(text_lengths, 1)))  # of each review, in words
            words_each = np.diff(ends, prepend=0)
            for i, review in enumerate(block):
                reviews.append((review.label, SPLITS.index(review.split), review.position))
                if begin and not len(first) and review.text.startswith(begin):
                    first = block_numbers[ends[i] - words_each[i] : ends[i]]
            lengths.append(words_each)
            numbers.append(block_numbers)
        labels, splits, positions = np.array(reviews, np.int64).reshape(-1, 3).T
        return NumberedPiece(
            process=os.getpid(),
            words=b" ".join(self._numbering.words(known)),
            numbers=np.concatenate(numbers),
            lengths=np.concatenate(lengths),
            labels=labels.astype(np.int8),
            splits=splits.astype(np.int8),
            positions=positions,
            first=first,
        )
