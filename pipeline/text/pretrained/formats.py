"""Files of pretrained word vectors: the format is found from the content, and the wanted vectors are read."""

from __future__ import annotations

from typing import BinaryIO, Dict

from pipeline.errors import PipelineError
from pipeline.io.encoding import HEAD_SIZE, find_encoding
from pipeline.text.pretrained.fasttext import is_fasttext, read_fasttext
from pipeline.text.pretrained.lines import read_lines
from pipeline.text.pretrained.npz import is_zip, read_npz
from pipeline.text.pretrained.vectors import Vectors
from pipeline.text.pretrained.word2vec import is_word2vec, read_word2vec

_HEAD = 1 << 16  # bytes by which the format is found


def read_vectors(name: str, file: BinaryIO, row_of: Dict[bytes, int], num_rows: int) -> Vectors:
    """Read the vectors of some words, in one pass and in little memory; the first vector of a word counts.

    Parameters
    ----------
    name : str
        Of the file, for errors.
    file : binary file
        At its beginning, and seekable. Text of GloVe, or of word2vec or fastText, which begins with a header; binary
        files of word2vec or fastText; gluonnlp's ``.npz``.
    row_of : dict of bytes to int
        The wanted words, in UTF-8, and their rows in the matrix.
    num_rows : int

    Raises
    ------
    PipelineError
        If the file is of another format, is cut or contradicts itself; gives the line, or the byte of a binary file.
    """
    head = file.read(_HEAD)
    file.seek(0)
    if is_zip(head):
        return read_npz(name, file, row_of, num_rows)
    if is_fasttext(head):
        return read_fasttext(name, file, row_of, num_rows)
    if is_word2vec(head):
        return read_word2vec(name, file, row_of, num_rows)
    encoding = find_encoding(head[:HEAD_SIZE])
    if encoding != "utf-8-sig":
        raise PipelineError(f"{name}: {encoding.upper()}; convert it: iconv -f {encoding} -t utf-8 OLD > NEW")
    return read_lines(name, file, row_of, num_rows)
