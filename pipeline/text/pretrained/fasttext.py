"""Word vectors in fastText's binary models (Bojanowski et al., 2017)."""

from __future__ import annotations

from array import array
from typing import BinaryIO, Dict, Iterator, List, Tuple

import numpy as np

from pipeline.text.pretrained.binary import BinaryReader
from pipeline.text.pretrained.vectors import MAX_DIM, Vectors

_MAGIC = 793712314
_VERSIONS = (11, 12)
_SUPERVISED = 3  # a model that classifies texts
_END_OF_SENTENCE = b"</s>"  # has no n-grams
_QUANTIZED = "a quantized model (.ftz); take the .bin or .vec file of the model before quantization"


def is_fasttext(head: bytes) -> bool:
    """Tell whether a file that begins so is a binary model of fastText."""
    return head[:4] == np.array(_MAGIC, "<i4").tobytes()


def read_fasttext(name: str, file: BinaryIO, row_of: Dict[bytes, int], num_rows: int) -> Vectors:
    """Read the vectors of some words.

    The vector of a word is the mean of its own row and of the rows of its character n-grams, as fastText computes it
    and writes it to its text file. Words that are not in the model's dictionary have n-grams only and are left out.

    Parameters
    ----------
    name, file, row_of, num_rows
        As for `pipeline.text.pretrained.formats.read_vectors`.

    Raises
    ------
    PipelineError
        If the file is cut or contradicts itself, is of another version, or is quantized.
    """
    reader = BinaryReader(name, file)
    _, version = reader.take_numbers("<i4,<i4", "its header")
    if version not in _VERSIONS:
        raise reader.error(f"version {version} of fastText's format; the versions that are read are 11 and 12")
    dim, *_, model, buckets, shortest, longest, _, _ = reader.take_numbers("<i4," * 12 + "<f8", "its header")
    if not 1 <= dim <= MAX_DIM or buckets < 0:
        raise reader.error(f"expected 1 to {MAX_DIM} numbers, found {dim}, and {buckets} n-grams; the file is damaged")
    if version == 11 and model == _SUPERVISED:  # such a model has no character n-grams, whatever is written
        longest = 0
    words, count = _read_dictionary(reader, row_of)
    quantized, rows, columns = reader.take_numbers("?,<i8,<i8", "the size of its matrix")
    if quantized:
        raise reader.error(_QUANTIZED)
    if (rows, columns) != (count + buckets, dim):
        found = f"found one of {rows:,} x {columns:,}; the file is damaged"
        raise reader.error(f"expected a matrix of {count + buckets:,} x {dim} for its words and n-grams, {found}")

    vectors = Vectors.zeros("fastText binary", num_rows, dim)
    vectors.lines = count
    parts = [[number, *_hash_ngrams(word, shortest, longest, buckets, count)] for number, word in words.items()]
    sums = _sum_rows(reader, rows, dim, parts)
    for (number, word), part, total in zip(words.items(), parts, sums):
        vectors.add(row_of[word], total / np.float32(len(part)), number + 1)
    return vectors


def _read_dictionary(reader: BinaryReader, row_of: Dict[bytes, int]) -> Tuple[Dict[int, bytes], int]:
    """Return the wanted words by their numbers in the file, and the number of all words."""
    what = "the size of its dictionary"
    size, num_words, num_labels, _, pruned = reader.take_numbers("<i4,<i4,<i4,<i8,<i8", what)
    if min(num_words, num_labels) < 0 or num_words + num_labels != size:
        raise reader.error(f"{num_words:,} words and {num_labels:,} labels are not {size:,}; the file is damaged")
    if pruned >= 0:
        raise reader.error(_QUANTIZED)
    words, count = {}, 0
    for word, content in reader.take_records(b"\0", 9, size, "word"):  # each with a count and a kind
        if content[8]:  # a label
            continue
        if word in row_of:
            words[count] = word
        count += 1
    if count != num_words:
        raise reader.error(f"expected {num_words:,} words in its dictionary, found {count:,}; the file is damaged")
    return words, count


def _hash_ngrams(word: bytes, shortest: int, longest: int, buckets: int, first: int) -> Iterator[int]:
    """Yield the rows of a word's character n-grams, the first of which is `first`: FNV-1a, of signed bytes."""
    if not buckets or word == _END_OF_SENTENCE:
        return
    text = b"<" + word + b">"
    starts = [i for i, byte in enumerate(text) if byte & 0xC0 != 0x80]  # of UTF-8 characters
    ends = [*starts[1:], len(text)]
    for i in range(len(starts)):
        value = 2166136261
        for n, (start, end) in enumerate(zip(starts[i:], ends[i : i + longest]), 1):
            for byte in text[start:end]:
                value = (value ^ (byte if byte < 0x80 else byte | 0xFFFFFF00)) * 16777619 & 0xFFFFFFFF
            if n >= shortest and not (n == 1 and (start == 0 or end == len(text))):
                yield first + value % buckets


def _sum_rows(reader: BinaryReader, rows: int, dim: int, parts: List[List[int]]) -> np.ndarray:
    """Return the sum of some rows of the next matrix for each list of row numbers, shape (lists, dim)."""
    sums = np.zeros((len(parts), dim), np.float32)
    needed = np.array(array("q", (row for part in parts for row in part)), np.int64)
    target = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = np.argsort(needed, kind="stable")
    needed, target = needed[order], target[order]
    for first, piece in reader.take_rows(rows, dim, "<f4", "its matrix"):
        start, stop = np.searchsorted(needed, [first, first + len(piece)])
        for row, into in zip((needed[start:stop] - first).tolist(), target[start:stop].tolist()):
            sums[into] += piece[row]
    return sums
