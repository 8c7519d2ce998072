"""Word vectors as gluonnlp's `TokenEmbedding.serialize` writes them: an ``.npz`` of tokens and vectors."""

from __future__ import annotations

import io
import pickletools
import zipfile
import zlib
from typing import Any, BinaryIO, Dict, Iterator, Optional, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.text.pretrained.binary import BinaryReader
from pipeline.text.pretrained.vectors import MAX_DIM, Vectors

MEMBERS = ("idx_to_token.npy", "idx_to_vec.npy")
_LONGEST = 1 << 16  # bytes of a token
_STRINGS, _REPEATED = {"BINUNICODE", "SHORT_BINUNICODE"}, {"BINGET", "LONG_BINGET"}  # operations of pickle
_MEMO, _IGNORED = {"MEMOIZE", "BINPUT", "LONG_BINPUT"}, {"MARK", "APPEND", "APPENDS", "FRAME"}


def is_zip(head: bytes) -> bool:
    """Tell whether a file that begins so is a zip, as an ``.npz`` is."""
    return head.startswith((b"PK\3\4", b"PK\5\6"))


def read_npz(name: str, file: BinaryIO, row_of: Dict[bytes, int], num_rows: int) -> Vectors:
    """Read the vectors of some words.

    Parameters
    ----------
    name, file, row_of, num_rows
        As for `pipeline.text.pretrained.formats.read_vectors`.

    Raises
    ------
    PipelineError
        If the file is damaged, or its arrays are not those of `TokenEmbedding.serialize`.

    Notes
    -----
    numpy writes the tokens as a pickle. It is not unpickled, which could run code: the strings are read from it.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            missing = [member for member in MEMBERS if member not in archive.namelist()]
            if missing:
                found = ", ".join(sorted(archive.namelist())[:5]) or "nothing"
                raise PipelineError(
                    f"{name}: expected the arrays of gluonnlp's TokenEmbedding.serialize, {' and '.join(MEMBERS)}, "
                    f"found {found}"
                )
            tokens, matrix = (f"{name}:{member}" for member in MEMBERS)
            with io.BufferedReader(archive.open(MEMBERS[0])) as stream:  # type: ignore[type-var]
                rows, count = _find_tokens(tokens, stream, row_of)
            with io.BufferedReader(archive.open(MEMBERS[1])) as stream:  # type: ignore[type-var]
                return _read_matrix(matrix, stream, rows, count, num_rows)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise PipelineError(f"{name}: a damaged npz file ({error}); fetch it again") from None


def _find_tokens(name: str, file: BinaryIO, row_of: Dict[bytes, int]) -> Tuple[Dict[int, int], int]:
    """Return the rows of the wanted tokens by their numbers in the file, and the number of all tokens."""
    shape, dtype = _read_header(name, file)
    if dtype != np.dtype(object) or len(shape) != 1:
        raise PipelineError(f"{name}: expected a list of strings, found an array of {dtype}, shape {shape}")
    rows, count = {}, 0
    for count, row in enumerate(_read_tokens(name, file, row_of), 1):
        if row is not None:
            rows[count - 1] = row
    if count != shape[0]:
        raise PipelineError(f"{name}: expected {shape[0]:,} tokens, found {count:,}; the file is damaged")
    while file.read(_LONGEST):  # to the end, where the checksum is compared
        pass
    return rows, count


def _read_tokens(name: str, file: BinaryIO, row_of: Dict[bytes, int]) -> Iterator[Optional[int]]:
    """Yield the row of each string of the first list in a pickle, None for an unwanted one, without unpickling it."""
    memo: Dict[int, Optional[int]] = {}  # the rows of the wanted strings: pickle writes an object once
    row, memoized, in_list = None, 0, False
    stream: Any = _Limited(file)
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            value: Any = argument
            if opcode.name in _STRINGS:
                row = row_of.get(value.encode("utf-8", "surrogatepass"))
                if in_list:
                    yield row
            elif opcode.name in _MEMO:
                if row is not None:
                    memo[memoized if value is None else value] = row
                row, memoized = None, memoized + 1
            elif in_list and opcode.name in _REPEATED:
                yield memo.get(value)
            elif in_list and opcode.name == "TUPLE":  # after the list
                return
            elif in_list and opcode.name not in _IGNORED:
                raise ValueError(f"{opcode.name} among them")
            elif opcode.name == "EMPTY_LIST":
                in_list = True
    except ValueError as error:
        raise PipelineError(f"{name}, byte {file.tell():,}: expected a pickled list of strings ({error})") from None


class _Limited:
    """A file for `pickletools.genops` that refuses to read very long strings."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        if size > _LONGEST:
            raise ValueError(f"a string of {size:,} bytes")
        return self._file.read(size)

    def readline(self) -> bytes:
        return self._file.readline(_LONGEST)


def _read_matrix(name: str, file: BinaryIO, row_of: Dict[int, int], count: int, num_rows: int) -> Vectors:
    """Return the vectors of the wanted tokens, whose rows are given by their numbers in the file."""
    shape, dtype = _read_header(name, file)
    if dtype.kind != "f" or len(shape) != 2 or shape[0] != count or not 1 <= shape[1] <= MAX_DIM:
        raise PipelineError(
            f"{name}: expected {count:,} vectors of 1 to {MAX_DIM} numbers, found an array of {dtype}, shape {shape}"
        )
    vectors = Vectors.zeros("gluonnlp npz", num_rows, shape[1])
    vectors.lines = count
    numbers = np.array(sorted(row_of), np.int64)
    reader = BinaryReader(name, file, file.tell())
    for first, piece in reader.take_rows(count, shape[1], dtype, "its matrix"):
        start, stop = np.searchsorted(numbers, [first, first + len(piece)])
        for number in numbers[start:stop].tolist():
            vectors.add(row_of[number], piece[number - first], number + 1)
    if reader.rest():
        raise reader.error(f"more follows than {count:,} vectors of {shape[1]} numbers; the file is damaged")
    return vectors


def _read_header(name: str, file: BinaryIO) -> Tuple[Tuple[int, ...], Any]:
    """Return the shape and dtype of a ``.npy`` file."""
    try:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"version {version} of numpy's format")
        shape, in_columns, dtype = np.lib.format.read_array_header_1_0(file)
    except ValueError as error:
        raise PipelineError(f"{name}: not an array as numpy writes it ({error})") from None
    if in_columns and len(shape) > 1:
        raise PipelineError(f"{name}: an array in Fortran order; save numpy.ascontiguousarray of it")
    return shape, dtype
