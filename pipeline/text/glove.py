"""GloVe files: the vectors of some words, read in one pass."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import BinaryIO, Dict, Iterator, Tuple

import numpy as np

from pipeline.errors import PipelineError

_LONGEST = 1 << 20  # bytes of a line
_WIDEST = 1 << 16  # numbers of a line


@dataclass
class Vectors:
    """The vectors of the wanted words, and what was wrong with the file.

    Attributes
    ----------
    matrix : ndarray of float32, shape (rows, D)
        Zeros where nothing was found.
    found : ndarray of bool, shape (rows,)
    lines : int
        All lines of the file.
    skipped : dict
        For each kind of line that was left out: how many, and the number of the first.
    """

    matrix: np.ndarray
    found: np.ndarray
    lines: int = 0
    skipped: Dict[str, Dict[str, int]] = field(default_factory=dict)


def read_vectors(name: str, file: BinaryIO, row_of: Dict[bytes, int], num_rows: int) -> Vectors:
    """Read the vectors of some words; the first line that holds a word counts.

    Parameters
    ----------
    name : str
        Of the file, for errors.
    file : binary file
        Lines "word number number ...", with blanks or tabs between them.
    row_of : dict of bytes to int
        The wanted words, in UTF-8, and their rows in the matrix.
    num_rows : int

    Returns
    -------
    Vectors
        Bad lines are left out and counted. Of the lines of other words only the number of blanks is checked.

    Raises
    ------
    PipelineError
        If the first line is not GloVe's format, or a line has no end.
    """
    first, dim, has_header = _read_first_line(name, file)
    vectors = Vectors(np.zeros((num_rows, dim), np.float32), np.zeros(num_rows, bool))
    for number, line in enumerate(chain([first], _read_lines(name, file)), 1):
        vectors.lines = number
        line = line.replace(b"\t", b" ")
        word, _, numbers = line.partition(b" ")
        row = row_of.get(word)
        if row is None and line.count(b" ") == dim:
            continue
        vector, problem = _parse(numbers, dim)
        if number == 1 and has_header:
            problem = "a header"
        elif row is not None and vectors.found[row]:
            problem = "a word that came before"
        elif row is not None and not problem:
            vectors.matrix[row], vectors.found[row] = vector, True
        if problem:
            entry = vectors.skipped.setdefault(problem, {"lines": 0, "first": number})
            entry["lines"] += 1
    return vectors


def _read_first_line(name: str, file: BinaryIO) -> Tuple[bytes, int, bool]:
    """Return the first line, the dimension, and whether it is a header ("400000 50", as word2vec writes)."""
    line = file.readline(_WIDEST)
    if line.startswith(codecs.BOM_UTF8):
        line = line[len(codecs.BOM_UTF8) :]
    fields = line.split()
    if len(fields) == 2 and all(part.isdigit() for part in fields):
        if not 1 <= int(fields[1][:20]) <= _WIDEST:
            raise PipelineError(f"{name}, line 1: expected a header of 1 to {_WIDEST} numbers, found {line[:60]!r}")
        return line, int(fields[1]), True
    if len(fields) < 2 or not line.endswith(b"\n") or not _is_number(fields[-1]):
        raise PipelineError(f"{name}, line 1: expected a word and its numbers, found {line[:60]!r}")
    return line, len(fields) - 1, False


def _read_lines(name: str, file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines from the second on."""
    for number, line in enumerate(iter(partial(file.readline, _LONGEST), b""), 2):
        if len(line) >= _LONGEST and not line.endswith(b"\n"):
            raise PipelineError(f"{name}, line {number}: a line without an end; not a GloVe file")
        yield line


def _parse(numbers: bytes, dim: int) -> Tuple[np.ndarray, str]:
    """Return a line's vector and "", or what is wrong with it."""
    fields = numbers.split()
    nothing = np.zeros(0, np.float32)
    if len(fields) > dim:
        return nothing, "more numbers than the first line" if _is_number(fields[0]) else "a word with blanks in it"
    if len(fields) < dim:
        return nothing, "fewer numbers than the first line"
    if b"_" in numbers:  # Python takes 1_0 for 10
        return nothing, "something else than a number"
    try:
        with np.errstate(over="ignore"):  # too large: inf
            vector = np.array(list(map(float, fields)), np.float32)
    except ValueError:
        return nothing, "something else than a number"
    return vector, "" if np.isfinite(vector).all() else "a number that is not finite"


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text
