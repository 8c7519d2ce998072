"""Word vectors as text, read in one pass: GloVe, word2vec and fastText (``.vec``)."""

from __future__ import annotations

import codecs
from functools import partial
from itertools import chain
from typing import BinaryIO, Dict, Iterator, Optional, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.text.pretrained.vectors import MAX_DIM, Vectors

_LONGEST = 1 << 20  # bytes of a line


def read_lines(name: str, file: BinaryIO, row_of: Dict[bytes, int], num_rows: int) -> Vectors:
    """Read the vectors of some words; the first line that holds a word counts.

    Parameters
    ----------
    name : str
        Of the file, for errors.
    file : binary file
        Lines "word number number ...", with blanks or tabs between them. word2vec and fastText write a header in
        front of them, "count dim"; GloVe does not.
    row_of, num_rows
        As for `pipeline.text.pretrained.formats.read_vectors`.

    Returns
    -------
    Vectors
        Bad lines are left out and counted. Of the lines of other words only the number of blanks is checked.

    Raises
    ------
    PipelineError
        If the first line is not of this format, a line has no end, or there are fewer lines than the header says.
    """
    first, dim, count = _read_first_line(name, file)
    vectors = Vectors.zeros("text", num_rows, dim)
    for number, line in enumerate(chain([first], _read_other_lines(name, file)), 1):
        vectors.lines = number
        line = line.replace(b"\t", b" ")
        word, _, numbers = line.partition(b" ")
        row = row_of.get(word)
        if row is None and (line.count(b" ") == dim or _ends_in_blank(line, dim)):
            continue
        vector, problem = _parse(numbers, dim)
        if number == 1 and count is not None:
            problem = "a header"
        elif row is not None and vectors.found[row]:
            problem = "a word that came before"
        elif row is not None and not problem:
            vectors.matrix[row], vectors.found[row] = vector, True
        if problem:
            vectors.skip(problem, number)
    if vectors.lines - 1 < (count or 0):
        raise PipelineError(
            f"{name}, line {vectors.lines}: the file ends after {vectors.lines - 1:,} vectors, its header says "
            f"{count:,}; fetch it again"
        )
    return vectors


def parse_header(line: bytes) -> Optional[Tuple[int, int]]:
    """Return the number of words and the dimension of word2vec's header, "400000 50"; None for another line."""
    fields = line.split()
    if len(fields) == 2 and all(part.isdigit() for part in fields):
        return int(fields[0][:20]), int(fields[1][:20])
    return None


def is_vector(line: bytes, dim: int) -> bool:
    """Tell whether a line is a word and that many numbers; the word may hold blanks."""
    fields = line.split()
    return len(fields) > dim and all(map(_is_number, fields[-dim:]))


def _read_first_line(name: str, file: BinaryIO) -> Tuple[bytes, int, Optional[int]]:
    """Return the first line, the dimension, and the number of words if the line is a header."""
    line = file.readline(_LONGEST)
    if line.startswith(codecs.BOM_UTF8):
        line = line[len(codecs.BOM_UTF8) :]
    header = parse_header(line)
    if header:
        if not 1 <= header[1] <= MAX_DIM:
            raise PipelineError(f"{name}, line 1: expected a header of 1 to {MAX_DIM} numbers, found {line[:60]!r}")
        return line, header[1], header[0]
    fields = line.split()
    if len(fields) < 2 or not line.endswith(b"\n") or not _is_number(fields[-1]):
        raise PipelineError(
            f"{name}, line 1: expected a word and its numbers, found {line[:60]!r}; the formats that are read are "
            "text of GloVe, word2vec or fastText, binary files of word2vec or fastText, and gluonnlp's .npz"
        )
    return line, len(fields) - 1, None


def _read_other_lines(name: str, file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines from the second on."""
    for number, line in enumerate(iter(partial(file.readline, _LONGEST), b""), 2):
        if len(line) >= _LONGEST and not line.endswith(b"\n"):
            raise PipelineError(f"{name}, line {number}: a line without an end; not a file of word vectors")
        yield line


def _ends_in_blank(line: bytes, dim: int) -> bool:
    """Tell whether a line has the right number of blanks and one more at its end, as fastText's lines have."""
    return line.endswith(b" \n") and line.count(b" ") == dim + 1


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
