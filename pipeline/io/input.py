"""Opens what people hand in: the reviews of a folder, files that are packed, standard input."""

from __future__ import annotations

import bz2
import contextlib
import functools
import gzip
import io
import logging
import lzma
import os
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, Callable, Iterator, List, NamedTuple

from pipeline.errors import PipelineError
from pipeline.io.encoding import decode

PACKED = (".gz", ".bz2", ".xz", ".zip")

_BUFFER = 1 << 16  # bytes
_HIDDEN = (".", "~$")  # ._1_9.txt is what macOS keeps beside 1_9.txt, .#1_9.txt is Emacs's, ~$1_9.txt Word's
_MAGIC = {b"\x1f\x8b\x08": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz", b"PK\3\4": ".zip", b"PK\5\6": ".zip"}
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(OSError, OverflowError, UnicodeDecodeError),  # gzip and bzip2; places that no file has; names
    RuntimeError,  # encrypted, or packed in a way that Python cannot unpack
)


class Entries(NamedTuple):
    """The names in a folder of reviews, each list sorted."""

    reviews: List[str]
    others: List[str]  # files that are none: hidden ones, editors' backups, Thumbs.db, ...
    broken: List[str]  # named like a review, but a folder, a pipe or a link to nothing


class Opened(NamedTuple):
    """A file that is open."""

    name: str  # with the name inside, if it is a zip
    stream: Any  # of bytes, unpacked; has `peek`


def scan_reviews(folder: Path) -> Entries:
    """Tell reviews from what else lies in a folder.

    A review is a file, or a link to one, whose name ends in ``.txt``, in capitals or not, and is not hidden.

    Raises
    ------
    OSError
        If the folder is missing or cannot be read.
    """
    entries = Entries([], [], [])
    with os.scandir(folder) as found:
        for entry in found:
            if not entry.name.lower().endswith(".txt") or entry.name.startswith(_HIDDEN):
                if not os.path.isdir(entry):
                    entries.others.append(entry.name)
            # The first question needs no look at the disk.
            elif entry.is_file(follow_symlinks=False) or os.path.isfile(entry):
                entries.reviews.append(entry.name)
            else:
                entries.broken.append(entry.name)
    return Entries(*map(sorted, entries))


def list_reviews(folder: Path) -> List[str]:
    """Return the names of a folder's reviews, sorted, and say once what was left out.

    Raises
    ------
    PipelineError
        If the folder is missing, or holds no review.
    """
    if not folder.is_dir():
        raise PipelineError(f"{folder}: no such folder; expected reviews as .txt files in pos/ and neg/")
    reviews, others, broken = scan_reviews(folder)
    if others:
        warn_once(f"{folder}: {len(others):,} files are no reviews and are left out: {_name_some(others)}")
    if broken:
        warn_once(f"{folder}: left out, each a folder, a pipe or a link to nothing: {_name_some(broken)}")
    if not reviews:
        raise PipelineError(f"{folder}: holds no .txt file; expected one for each review")
    return reviews


def _name_some(names: List[str]) -> str:
    return ", ".join(names[:5]) + ", ..." * (len(names) > 5)


@functools.lru_cache(maxsize=None)
def warn_once(message: str) -> None:
    """Log a warning, which Python prints on standard error, the first time that it is given."""
    logging.getLogger(__name__).warning(message)


class _Counted(io.FileIO):
    """A file that tells how many bytes were read."""

    def __init__(self, path: Path, count: Callable[[int], Any]) -> None:
        super().__init__(str(path))
        self._count = count

    def readinto(self, buffer: Any) -> Any:
        size = super().readinto(buffer)
        self._count(size or 0)
        return size


def only_member(path: Path, names: List[str]) -> str:
    """Return the name of the one file in a zip.

    Raises
    ------
    PipelineError
        If there are several, or none.
    """
    if len(names) != 1:
        raise PipelineError(f"{path}: expected one file in the zip, found {_name_some(names) or 'none'}; unpack it")
    return names[0]


@contextlib.contextmanager
def open_input(
    path: Path, count: Callable[[int], Any] = bool, choose: Callable[[Path, List[str]], str] = only_member
) -> Iterator[Opened]:
    """Open a file as it is, or unpacked if it is packed by gzip, bzip2, xz or zip, in constant memory.

    Parameters
    ----------
    path : Path
    count : callable
        Called with the number of bytes whenever some are read; packed ones are counted as they are on the disk.
    choose : callable
        Called with the path and the names of the files in a zip; returns one of them.

    Raises
    ------
    PipelineError
        If the file is damaged, while it is opened or read.
    """
    with io.BufferedReader(_Counted(path, count), _BUFFER) as file:
        kind = _packed_by(file.peek(10), path.suffix.lower())
        if not kind:
            yield Opened(str(path), file)
            return
        try:
            if kind != ".zip":
                with _unpack(file, kind) as stream:
                    yield Opened(str(path), stream)
                return
            with zipfile.ZipFile(file) as archive:
                name = choose(path, [name for name in archive.namelist() if _is_file_name(name)])
                member: Any = archive.open(name)
                with io.BufferedReader(member, _BUFFER) as stream:  # whose lines are read in half the time
                    yield Opened(f"{path}:{name}", stream)
        except _DAMAGED as error:
            raise PipelineError(f"{path}: a damaged {kind[1:]} file ({error}); fetch it again") from None


def _packed_by(head: bytes, ending: str = "") -> str:
    """Return the ending that fits a file's first bytes, or that its name has."""
    found = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    if found == ".bz2" and head[4:10] != b"1AY&SY":  # "BZh" alone could begin a text
        found = ""
    return found or (ending if ending in PACKED else "")


def _unpack(file: Any, kind: str) -> Any:
    if kind == ".gz":
        return gzip.GzipFile(fileobj=file)
    return (bz2.BZ2File if kind == ".bz2" else lzma.LZMAFile)(file)


def _is_file_name(name: str) -> bool:
    """Tell whether a zip's member is a file that somebody meant to be in it."""
    return not name.endswith("/") and not name.startswith("__MACOSX/") and not Path(name).name.startswith(_HIDDEN)


@contextlib.contextmanager
def open_standard_input() -> Iterator[Any]:
    """Open the bytes of standard input, unpacked if they are packed by gzip, bzip2 or xz.

    Raises
    ------
    PipelineError
        If it is closed, a zip, or damaged.
    """
    if sys.stdin is None:
        raise PipelineError("standard input: closed")
    stream: Any = sys.stdin.buffer
    stream = stream if hasattr(stream, "peek") else io.BufferedReader(stream)
    head = stream.peek(10)
    kind = _packed_by(head)
    if kind == ".zip":
        raise PipelineError("standard input: a zip is read from a file only: --input FILE")
    try:
        # Whoever types ends what there is only once: a terminal would be asked again.
        yield io.BufferedReader(io.BytesIO()) if not head else _unpack(stream, kind) if kind else stream
    except _DAMAGED as error:
        if not kind:
            raise
        raise PipelineError(f"standard input: damaged {kind[1:]} data ({error})") from None


def read_text(path: str, encoding: str = "") -> str:
    """Read a whole text file.

    Raises
    ------
    PipelineError
        If it cannot be read or decoded; names the first byte that is no text.
    """
    try:
        return decode(_read_file(path), path, encoding)
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error.strerror})") from None


def _read_file(path: str) -> bytes:
    """Do what `Path.read_bytes` does in half of its time, which is that of the whole stage read."""
    file = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(lambda: os.read(file, 1 << 16), b""))
    finally:
        os.close(file)
