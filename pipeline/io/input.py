"""Open input: folders of reviews, compressed files, standard input."""

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

STANDARD_INPUT = Path("-")  # the input path that stands for standard input
COMPRESSED = (".gz", ".bz2", ".xz", ".zip")

_BUFFER = 1 << 16  # bytes
_HIDDEN = (".", "~$")  # macOS writes ._1_9.txt beside 1_9.txt, Emacs .#1_9.txt, Word ~$1_9.txt
_MAGIC = {b"\x1f\x8b\x08": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz", b"PK\3\4": ".zip", b"PK\5\6": ".zip"}
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(OSError, OverflowError, UnicodeDecodeError),  # gzip and bzip2; offsets out of range; file names
    RuntimeError,  # encrypted, or compressed by a method that Python does not support
)


class FolderEntries(NamedTuple):
    """File names in a folder of reviews, each list sorted."""

    reviews: List[str]
    others: List[str]  # files that are not reviews: hidden files, editor backups, Thumbs.db, ...
    broken: List[str]  # named like a review, but a folder, a pipe or a broken link


class InputFile(NamedTuple):
    """An open input file."""

    name: str  # path, followed by the member's name if the file is a zip
    stream: Any  # binary, decompressed; has `peek`


def scan_reviews(folder: Path) -> FolderEntries:
    """List a folder's reviews and its other files.

    A review is a file, or a link to one, whose name ends in ``.txt`` in any case and is not hidden.

    Raises
    ------
    OSError
        If the folder is missing or cannot be read.
    """
    entries = FolderEntries([], [], [])
    with os.scandir(folder) as found:
        for entry in found:
            if not entry.name.lower().endswith(".txt") or entry.name.startswith(_HIDDEN):
                if not os.path.isdir(entry):
                    entries.others.append(entry.name)
            # The first check needs no system call.
            elif entry.is_file(follow_symlinks=False) or os.path.isfile(entry):
                entries.reviews.append(entry.name)
            else:
                entries.broken.append(entry.name)
    return FolderEntries(*map(sorted, entries))


def list_reviews(folder: Path) -> List[str]:
    """Return the sorted names of a folder's reviews; warn once about other files.

    Raises
    ------
    PipelineError
        If the folder is missing or contains no reviews.
    """
    if not folder.is_dir():
        raise PipelineError(f"{folder}: no such folder; expected reviews as .txt files in pos/ and neg/")
    reviews, others, broken = scan_reviews(folder)
    if others:
        warn_once(f"{folder}: skipped {len(others):,} files that are not reviews: {_name_some(others)}")
    if broken:
        warn_once(f"{folder}: skipped folders, pipes and broken links: {_name_some(broken)}")
    if not reviews:
        raise PipelineError(f"{folder}: no .txt files; expected one file per review")
    return reviews


def _name_some(names: List[str]) -> str:
    return ", ".join(names[:5]) + ", ..." * (len(names) > 5)


@functools.lru_cache(maxsize=None)
def warn_once(message: str) -> None:
    """Log a warning unless the same one was logged before."""
    logging.getLogger(__name__).warning(message)


class _CountingFile(io.FileIO):
    """A file that reports how many bytes are read."""

    def __init__(self, path: Path, count: Callable[[int], Any]) -> None:
        super().__init__(str(path))
        self._count = count

    def readinto(self, buffer: Any) -> Any:
        size = super().readinto(buffer)
        self._count(size or 0)
        return size


def only_member(path: Path, names: List[str]) -> str:
    """Return the name of the only file in a zip.

    Raises
    ------
    PipelineError
        If the zip does not contain exactly one file.
    """
    if len(names) != 1:
        raise PipelineError(f"{path}: expected one file in the zip, found {_name_some(names) or 'none'}; unpack it")
    return names[0]


@contextlib.contextmanager
def open_input(
    path: Path, count: Callable[[int], Any] = bool, choose: Callable[[Path, List[str]], str] = only_member
) -> Iterator[InputFile]:
    """Open a file, decompressing gzip, bzip2, xz and zip in constant memory.

    Parameters
    ----------
    path : Path
    count : callable
        Called with the number of bytes after each read from disk (compressed bytes for a compressed file).
    choose : callable
        Called with the path and the names of the files in a zip; returns the name of the one to open, or "" to open
        the zip itself.

    Raises
    ------
    PipelineError
        If the file is damaged; raised on opening or on reading.
    """
    with io.BufferedReader(_CountingFile(path, count), _BUFFER) as file:
        kind = _find_compression(file.peek(10), path.suffix.lower())
        if not kind:
            yield InputFile(str(path), file)
            return
        try:
            if kind != ".zip":
                with _decompress(file, kind) as stream:
                    yield InputFile(str(path), stream)
                return
            with zipfile.ZipFile(file) as archive:
                name = choose(path, [name for name in archive.namelist() if _is_file_name(name)])
                if not name:
                    file.seek(0)
                    yield InputFile(str(path), file)
                    return
                member: Any = archive.open(name)
                with io.BufferedReader(member, _BUFFER) as stream:  # reads lines in half the time
                    yield InputFile(f"{path}:{name}", stream)
        except _DAMAGED as error:
            raise PipelineError(f"{path}: a damaged {kind[1:]} file ({error}); fetch it again") from None


def _find_compression(head: bytes, suffix: str = "") -> str:
    """Return the suffix of the compression format by a file's first bytes or its suffix; "" if not compressed."""
    found = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    if found == ".bz2" and head[4:10] != b"1AY&SY":  # text can also begin with "BZh"
        found = ""
    return found or (suffix if suffix in COMPRESSED else "")


def _decompress(file: Any, kind: str) -> Any:
    if kind == ".gz":
        return gzip.GzipFile(fileobj=file)
    return (bz2.BZ2File if kind == ".bz2" else lzma.LZMAFile)(file)


def _is_file_name(name: str) -> bool:
    """Return whether a zip member is a regular file, not a folder or operating system metadata."""
    return not name.endswith("/") and not name.startswith("__MACOSX/") and not Path(name).name.startswith(_HIDDEN)


@contextlib.contextmanager
def open_standard_input() -> Iterator[Any]:
    """Open standard input as a binary stream, decompressing gzip, bzip2 and xz.

    Raises
    ------
    PipelineError
        If standard input is closed, a zip, or damaged.
    """
    if sys.stdin is None:
        raise PipelineError("standard input: closed")
    stream: Any = sys.stdin.buffer
    stream = stream if hasattr(stream, "peek") else io.BufferedReader(stream)
    head = stream.peek(10)
    kind = _find_compression(head)
    if kind == ".zip":
        raise PipelineError("standard input: zip is not supported; use --input FILE")
    try:
        # At the end of a terminal's input, a second read would wait for more.
        yield io.BufferedReader(io.BytesIO()) if not head else _decompress(stream, kind) if kind else stream
    except _DAMAGED as error:
        if not kind:
            raise
        raise PipelineError(f"standard input: damaged {kind[1:]} data ({error})") from None


def read_text(path: str, encoding: str = "") -> str:
    """Read a text file.

    Raises
    ------
    PipelineError
        If the file cannot be read or decoded; gives the position of the first undecodable byte.
    """
    try:
        return decode(_read_file(path), path, encoding)
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error.strerror})") from None


def _read_file(path: str) -> bytes:
    """Read a file in half the time of `Path.read_bytes`, which dominated the read stage."""
    file = os.open(path, os.O_RDONLY)
    try:
        return b"".join(iter(lambda: os.read(file, 1 << 16), b""))
    finally:
        os.close(file)
