"""Binary files, read piece by piece."""

from __future__ import annotations

from typing import Any, BinaryIO, Iterator, Tuple

import numpy as np

from pipeline.errors import PipelineError

_PIECE = 1 << 18  # bytes that are read at once
_LONGEST = 1 << 16  # bytes of a word


class BinaryReader:
    """Reads a binary file from the front to the back; its errors give the byte.

    Parameters
    ----------
    name : str
        Of the file, for errors.
    file : binary file
    offset : int
        Number of bytes that were read already.
    """

    def __init__(self, name: str, file: BinaryIO, offset: int = 0) -> None:
        self.name, self._file = name, file
        self._piece, self._at, self._before = b"", 0, offset

    @property
    def offset(self) -> int:
        """Number of bytes that were taken."""
        return self._before + self._at

    def error(self, message: str) -> PipelineError:
        """Return an error at the present byte."""
        return PipelineError(f"{self.name}, byte {self.offset:,}: {message}")

    def take(self, size: int, what: str) -> bytes:
        """Return the next bytes.

        Raises
        ------
        PipelineError
            If the file has fewer; says within `what` it ends.
        """
        while len(self._piece) - self._at < size and self._read_on(size):
            pass
        if len(self._piece) - self._at < size:
            raise self._cut(what)
        self._at += size
        return self._piece[self._at - size : self._at]

    def take_numbers(self, kind: str, what: str) -> Tuple[Any, ...]:
        """Return the next numbers, of a numpy structure such as ``<i4,<i8``, as Python's."""
        dtype = np.dtype([("", part) for part in kind.split(",")])
        found: Tuple[Any, ...] = np.frombuffer(self.take(dtype.itemsize, what), dtype)[0].item()
        return found

    def take_records(self, end: bytes, size: int, count: int, what: str) -> Iterator[Tuple[bytes, bytes]]:
        """Yield words and the `size` bytes behind each word's end.

        Raises
        ------
        PipelineError
            If the file ends before, or a word does not.
        """
        for number in range(1, count + 1):
            stop = self._piece.find(end, self._at)
            while stop < 0 or stop + 1 + size > len(self._piece):
                if stop < 0 and len(self._piece) - self._at > _LONGEST:
                    raise self.error(f"{what} {number:,} of {count:,} does not end; the file is damaged")
                if not self._read_on(size):
                    raise self._cut(f"{what} {number:,} of {count:,}")
                stop = self._piece.find(end, self._at)
            word, self._at = self._piece[self._at : stop], stop + 1 + size
            yield word, self._piece[stop + 1 : self._at]

    def take_rows(self, rows: int, dim: int, dtype: Any, what: str) -> Iterator[Tuple[int, np.ndarray]]:
        """Yield a matrix in pieces: the number of the first row, and some rows, shape (n, dim)."""
        size = dim * np.dtype(dtype).itemsize
        step = max(1, _PIECE // size)
        for first in range(0, rows, step):
            n = min(step, rows - first)
            content = self.take(n * size, f"{what} (row {first + 1:,} of {rows:,} or later)")
            yield first, np.frombuffer(content, dtype).reshape(n, dim)

    def rest(self) -> bytes:
        """Return what follows, a thousand bytes at most."""
        while len(self._piece) - self._at < 1000 and self._read_on(1000):
            pass
        return self._piece[self._at : self._at + 1000]

    def _read_on(self, size: int) -> bool:
        """Read the next piece; return whether there is one."""
        new = self._file.read(max(size, _PIECE))
        self._before += self._at
        self._piece, self._at = self._piece[self._at :] + new, 0
        return bool(new)

    def _cut(self, what: str) -> PipelineError:
        """Return the error of a file that ends too early; the byte is its last one."""
        self._at = len(self._piece)
        return self.error(f"the file ends within {what}; fetch it again")
