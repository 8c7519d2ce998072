"""Encoded reviews, in memory and in a file from which they are mapped."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Sequence

import numpy as np

from pipeline.corpus.reviews import SPLITS
from pipeline.errors import PipelineError
from pipeline.io.output import new_file


@dataclass(frozen=True)
class Encoded:
    """Encoded reviews, one behind the other, uncut: review i is ``ids[offsets[i]:offsets[i + 1]]``.

    Attributes
    ----------
    ids : ndarray of int32, shape (all tokens,)
    offsets : ndarray of int64, shape (reviews + 1,)
    labels : ndarray of int16, shape (reviews,)
    splits : ndarray of int8, shape (reviews,)
        Indices into `pipeline.corpus.reviews.SPLITS`.
    positions : ndarray of int64, shape (reviews,)
        Position of each in its split.
    """

    ids: np.ndarray
    offsets: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    positions: np.ndarray

    def __len__(self) -> int:
        """Return the number of reviews."""
        return len(self.labels)

    def __getitem__(self, i: int) -> np.ndarray:
        """Return the ids of review i."""
        return self.ids[self.offsets[i] : self.offsets[i + 1]]

    @property
    def lengths(self) -> np.ndarray:
        """Numbers of tokens, shape (reviews,)."""
        return np.diff(self.offsets)

    def rows(self, *splits: str) -> np.ndarray:
        """Return the positions of the reviews of some splits, one split after the other, each in its order."""
        found = [np.flatnonzero(self.splits == SPLITS.index(split)) for split in splits]
        return np.concatenate([rows[np.argsort(self.positions[rows])] for rows in found])

    def save(self, path: Path) -> None:
        """Write as .npz."""
        with new_file(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **vars(self))

    @classmethod
    def load(cls, path: Path) -> Encoded:
        """Read what `save` wrote; the ids stay in the file, and are read from there as they are needed.

        Raises
        ------
        PipelineError
            If the file is missing or damaged.
        """
        if not path.is_file():
            raise PipelineError(f"{path}: no such file; the stage index makes it")
        try:
            with zipfile.ZipFile(path) as archive:
                damaged = archive.testzip()
                if damaged:
                    raise ValueError(f"{damaged} is not as it was written")
                ids = _map(path, archive.getinfo("ids.npy"))
            with np.load(path, allow_pickle=False) as arrays:
                return cls(ids, **{name: arrays[name] for name in arrays if name != "ids"})
        except Exception as error:  # numpy and zipfile raise a dozen kinds for damaged files
            raise PipelineError(f"{path}: damaged ({error}); run the stage index again") from None


class EncodedRows(Sequence[np.ndarray]):
    """The ids of some reviews, each taken from `Encoded` when it is asked for: a list of them takes more memory.

    Parameters
    ----------
    encoded : Encoded
    rows : ndarray of int, shape (N,)
    """

    def __init__(self, encoded: Encoded, rows: np.ndarray) -> None:
        self._encoded, self._rows = encoded, rows

    def __len__(self) -> int:
        """Return the number of reviews."""
        return len(self._rows)

    def __getitem__(self, i: Any) -> Any:
        """Return the ids of review i of the rows."""
        return self._encoded[self._rows[i]]


def _map(path: Path, member: zipfile.ZipInfo) -> np.ndarray:
    """Map an array of an .npz, where `numpy.savez` puts it uncompressed, so that it takes no memory."""
    with open(path, "rb") as file:
        file.seek(member.header_offset + 26)
        file.seek(sum(struct.unpack("<HH", file.read(4))), io.SEEK_CUR)  # the member's name and its extra field
        np.lib.format.read_magic(file)
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.hasobject or member.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f"{member.filename}: expected numbers, uncompressed")
        return np.asarray(np.memmap(file, dtype, "r", file.tell(), shape))
