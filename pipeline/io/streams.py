"""Standard streams that a process was started without, or that cannot be written to."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any


def keep_standard_descriptors() -> None:
    """Open /dev/null in place of descriptors 0 to 2 that are closed, or the next files opened would be taken for them.

    As in coreutils, reading the first and writing to the second go on failing; what is written to the third is lost.
    """
    for number, mode in enumerate((os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest number that is free


def keep_standard_streams() -> None:
    """Give this process a standard output, whose errors are told, and a standard error, whose errors are not."""
    keep_standard_descriptors()
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        descriptor = os.open(os.devnull, os.O_WRONLY) if sys.stderr is None else 2
        buffer = io.BufferedWriter(_Lossy(descriptor, "w", closefd=False))
        encoding = getattr(sys.stderr, "encoding", "utf-8")
        sys.stderr = io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=True)


class _Lossy(io.FileIO):
    """A file that messages go to: one that cannot be written is lost, and stops nobody's work."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            return super().write(data)
        return len(data)


def flush_standard_output() -> None:
    """Write what standard output still holds; if that fails, drop it, or Python would complain when it ends.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        error.filename = "standard output"
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
