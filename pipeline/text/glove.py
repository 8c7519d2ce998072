"""GloVe files: their lines, and some words' vectors among them.

Helping processes import this module: it imports little.
"""

from __future__ import annotations

import codecs
import io
from functools import partial
from pathlib import Path
from typing import BinaryIO, Callable, Dict, Iterable, Iterator, List, NamedTuple, Set, Tuple

import numpy as np

from pipeline.errors import PipelineError

_BLOCK = 1 << 18  # bytes of lines that are looked at together: few enough for the processor's cache
_PIECE = 1 << 22  # bytes of lines that one process takes at a time
_EACH = np.uint64(0x0101010101010101)  # 1 in each byte
_LONGEST = 1 << 20  # bytes of a line
_WIDEST = 1 << 16  # numbers of a line
Lines = Callable[[], Iterator[bytes]]  # whole lines, some at a time, read where it is called


class Found(NamedTuple):
    """The lines of wanted words in a piece of a GloVe file, and those with a wrong number of blanks.

    A word may come again in another piece: whoever puts them together knows which came first.
    """

    size: int  # of the piece, in bytes
    lines: int  # all of them
    positions: List[int]  # of the lines found, among all
    rows: List[int]  # their words' rows, -1 for a word that is not wanted
    problems: List[str]  # what is wrong with each; empty if nothing is
    vectors: np.ndarray  # float32, (wanted lines with nothing wrong, D)
    endless: bool  # the last line has no end within `_LONGEST` bytes


class VectorFinder:
    """Finds the lines of some words in pieces of a GloVe file.

    Parameters
    ----------
    rows : dict of bytes to int
        The words and their rows.
    dimension : int
        D, of each vector.

    Notes
    -----
    Only lines that begin as one of the words, and those without the right number of blanks, are taken apart, and
    nothing else is kept.
    """

    def __init__(self, rows: Dict[bytes, int], dimension: int) -> None:
        self._rows, self._dimension = rows, dimension
        self._wanted = _Wanted(rows)

    def __reduce__(self) -> Tuple[type, Tuple[Dict[bytes, int], int]]:
        """Have another process make its own table."""
        return VectorFinder, (self._rows, self._dimension)

    def __call__(self, piece: Lines) -> Found:
        """Find the words' lines in a piece."""
        size, before, endless = 0, 0, False
        positions: List[int] = []
        rows: List[int] = []
        problems: List[str] = []
        vectors: List[List[float]] = []
        sound: List[int] = []  # which of the lines found the vectors are
        for block in piece():
            block = block.replace(b"\t", b" ")  # some files have tabs in place of blanks
            lines = io.BytesIO(block).readlines()
            if len(lines[-1]) >= _LONGEST and not block.endswith(b"\n"):
                endless, before = True, before + len(lines)
                break
            lengths = np.fromiter(map(len, lines), np.int64, len(lines))
            begins = np.cumsum(lengths) - lengths
            odd = _find_odd(block, begins, self._dimension)
            for i in sorted({*self._wanted.find(block, begins), *odd}):
                row = self._rows.get(lines[i].partition(b" ")[0], -1)
                if row >= 0 or i in odd:
                    vector, problem = _parse(lines[i], self._dimension)
                    positions.append(before + i)
                    rows.append(row)
                    problems.append(problem)
                    if row >= 0 and not problem:
                        sound.append(len(rows) - 1)
                        vectors.append(vector)
            size += len(block)
            before += len(lines)
        with np.errstate(over="ignore"):  # too large: inf
            matrix = np.array(vectors, np.float32).reshape(-1, self._dimension)
        finite = np.isfinite(matrix).all(axis=1)
        for i in np.flatnonzero(~finite):
            problems[sound[i]] = "a number that is not finite"
        return Found(size, before, positions, rows, problems, matrix[finite], endless)


def _find_odd(block: bytes, begins: np.ndarray, dimension: int) -> Set[int]:
    """Return the positions of the lines whose blanks are more or fewer than `dimension`, which hardly any are."""
    blanks = np.frombuffer(block, np.uint8) == ord(" ")
    # Small numbers are counted several times as fast. They overflow, but if all are right and so is the sum, none did.
    counts = np.add.reduceat(blanks.view(np.uint8), begins, dtype=np.min_scalar_type(dimension))
    if (counts == dimension).all() and np.count_nonzero(blanks) == dimension * len(begins):
        return set()
    counts = np.add.reduceat(blanks.view(np.uint8), begins, dtype=np.int64)
    return set(np.flatnonzero(counts != dimension).tolist())


class _Wanted:
    """Tells which lines may begin with one of some words: all that do, and a few that do not.

    Of a word the first 8 bytes count, the blank behind it included. What they are is marked in a table, at the place
    that multiplicative hashing gives (Knuth, The Art of Computer Programming, 6.4).
    """

    def __init__(self, words: Iterable[bytes]) -> None:
        starts = b"".join([(word + b" ")[:8].ljust(8) for word in words])
        self._bits = min((len(starts) // 8).bit_length() + 6, 23)  # 64 places for each word, or more, but 8 MB at most
        self._marked = np.zeros(1 << self._bits, bool)
        self._marked[self._places(np.frombuffer(starts, "<u8"))] = True

    def find(self, block: bytes, begins: np.ndarray) -> List[int]:
        """Return the positions of these lines."""
        # (bytes,): the 8 bytes from each on
        windows: np.ndarray = np.ndarray(len(block), "<u8", block + bytes(8), strides=(1,))
        return np.flatnonzero(self._marked[self._places(windows[begins])]).tolist()

    def _places(self, starts: np.ndarray) -> np.ndarray:
        no_blank = starts ^ _EACH * np.uint64(ord(" "))
        blank = (no_blank - _EACH) & ~no_blank & (_EACH << np.uint64(7))  # its lowest bit is in the first blank
        kept = starts & ~blank & (blank - np.uint64(1))
        return (kept * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - self._bits)).view(np.int64)


def read_pieces(path: Path, begin: int, end: int) -> Iterator[Lines]:
    """Yield the lines between two places of a file in pieces."""
    for first in range(begin, end, _PIECE):
        yield partial(_read_range, path, first, min(first + _PIECE, end), first == begin)


def read_blocks(file: BinaryIO, end: int) -> Iterator[bytes]:
    """Yield whole lines, some at a time, from where a file stands to the line that holds the byte before `end`."""
    while file.tell() < end:
        block = file.read(min(_BLOCK, end - file.tell()))
        if not block:  # shorter than it was, or packed, and its size unknown
            return
        yield block if block.endswith(b"\n") else block + file.readline(_LONGEST)


def _read_range(path: Path, begin: int, end: int, at_start: bool) -> Iterator[bytes]:
    """Yield the lines that begin in a range of a file."""
    with open(path, "rb", buffering=_BLOCK >> 2) as file:
        if not at_start:
            file.seek(begin - 1)
            file.readline(_LONGEST + 1)  # the end of a line that began before
        else:
            file.seek(begin)
        yield from read_blocks(file, end)


def _parse(line: bytes, dimension: int) -> Tuple[List[float], str]:
    """Return a line's numbers, or what is wrong with it."""
    fields = line.split()
    if len(fields) > dimension + 1:
        return [], "a word with blanks in it" if not _is_number(fields[1]) else "more numbers than the first line"
    if len(fields) < dimension + 1:
        return [], "fewer numbers than the first line"
    try:
        if b"_" not in line[line.index(fields[0]) + len(fields[0]) :]:  # Python takes 1_0 for 10
            return list(map(float, fields[1:])), ""
    except ValueError:
        pass
    return [], "something else than a number"


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text


def read_shape(name: str, file: BinaryIO) -> Tuple[bool, int]:
    """Return whether the first line is a header ("400000 50", as word2vec writes), and the dimension."""
    line = file.readline(_WIDEST)
    mark = len(codecs.BOM_UTF8) if line.startswith(codecs.BOM_UTF8) else 0
    fields = line[mark:].split()
    file.seek(mark)
    if len(fields) == 2 and all(part.isdigit() for part in fields):
        if not 1 <= int(fields[1][:20]) <= _WIDEST:
            raise PipelineError(f"{name}, line 1: expected a header of 1 to {_WIDEST} numbers, found {line[:60]!r}")
        return True, int(fields[1])
    if len(fields) < 2 or not line.endswith(b"\n") or not _is_number(fields[-1]):
        raise PipelineError(f"{name}, line 1: expected a word and its numbers, found {line[:60]!r}")
    return False, len(fields) - 1
