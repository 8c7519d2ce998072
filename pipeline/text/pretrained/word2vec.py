"""Word vectors in the binary format of word2vec (Mikolov et al., 2013)."""

from __future__ import annotations

from typing import BinaryIO, Dict

import numpy as np

from pipeline.text.pretrained.binary import BinaryReader
from pipeline.text.pretrained.lines import is_vector, parse_header
from pipeline.text.pretrained.vectors import MAX_DIM, Vectors

_TEXT = bytes([*b"\t\n\r", *range(0x20, 0x7F)])  # all bytes of numbers that are text, and more


def is_word2vec(head: bytes) -> bool:
    """Tell whether a file that begins so is one: word2vec's header, and a first vector that is not text."""
    line, _, rest = head.partition(b"\n")
    header = parse_header(line)
    if not header or not 1 <= header[1] <= MAX_DIM or is_vector(rest.partition(b"\n")[0], header[1]):
        return False
    start = rest.find(b" ") + 1
    return bool(rest[start : start + 4 * header[1]].translate(None, _TEXT))


def read_word2vec(name: str, file: BinaryIO, row_of: Dict[bytes, int], num_rows: int) -> Vectors:
    """Read the vectors of some words: a header "count dim", and for each word its bytes, a blank, and float32 numbers.

    Parameters
    ----------
    name, file, row_of, num_rows
        As for `pipeline.text.pretrained.formats.read_vectors`; a file that `is_word2vec` accepts.

    Raises
    ------
    PipelineError
        If the file is cut, or its header disagrees with what follows.
    """
    line = file.readline(MAX_DIM)
    header = parse_header(line)
    assert header, "see is_word2vec"
    count, dim = header
    reader = BinaryReader(name, file, len(line))
    vectors = Vectors.zeros("word2vec binary", num_rows, dim)
    for number, (word, content) in enumerate(reader.take_records(b" ", 4 * dim, count, "vector"), 1):
        row = row_of.get(word.lstrip(b"\n"))  # word2vec ends each vector with a new line, gensim does not
        if row is not None:
            vectors.add(row, np.frombuffer(content, "<f4"), number)
    vectors.lines = count
    if reader.rest().strip():
        raise reader.error(f"more follows than the {count:,} vectors of {dim} numbers that the header says")
    return vectors
