"""Standard streams that are closed or cannot be written to, and texts that must not control a terminal."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from typing import Any


def keep_standard_descriptors() -> None:
    """Open /dev/null for each of the descriptors 0 to 2 that is closed, so that no other file gets its number.

    As in coreutils, reading from descriptor 0 and writing to 1 still fail; what is written to 2 is discarded.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest free descriptor


def keep_standard_streams() -> None:
    """Make sure that standard output and standard error exist; write errors on standard error are ignored."""
    keep_standard_descriptors()
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        descriptor = os.open(os.devnull, os.O_WRONLY) if sys.stderr is None else 2
        buffer = io.BufferedWriter(_IgnoreErrors(descriptor, "w", closefd=False))
        encoding = getattr(sys.stderr, "encoding", "utf-8")
        sys.stderr = io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=True)


class _IgnoreErrors(io.FileIO):
    """A file that ignores write errors: a lost message must not stop the program."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            return super().write(data)
        return len(data)


_NOT_PRINTED = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]")


def printable(text: str) -> str:
    """Return a text without control characters, which could control the terminal: each becomes U+FFFD."""
    return _NOT_PRINTED.sub("\ufffd", text)


def flush_standard_output() -> None:
    """Flush standard output; if that fails, discard its buffer, which Python would flush again at exit.

    Raises
    ------
    OSError
        If standard output cannot be written to.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        error.filename = "standard output"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
