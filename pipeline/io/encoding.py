"""Detect text encodings and decode input."""

from __future__ import annotations

import codecs
import contextlib
import io
from typing import Any, Iterator, TextIO, Tuple

from pipeline.errors import PipelineError

HEAD_SIZE = 4096  # bytes used to detect the encoding
UNDECODABLE = "\udfff"  # replaces undecodable bytes in encodings other than UTF-8

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is a prefix of it
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r"})  # control characters that do not occur in text


def _mark_undecodable(error: Any) -> Tuple[str, int]:
    return UNDECODABLE * (error.end - error.start), error.end


codecs.register_error("pipeline.undecodable", _mark_undecodable)


def find_encoding(head: bytes, given: str = "") -> str:
    """Detect the encoding of a text.

    Parameters
    ----------
    head : bytes
        First bytes of the text. UTF-8, UTF-16 and UTF-32 are detected by their byte order mark. UTF-16 and UTF-32
        without a mark are detected by their high bytes, which are NUL or other control characters (Greek: 0x03).
    given : str
        Encoding named by the user. A byte order mark takes precedence.

    Returns
    -------
    str
        Name for `codecs.lookup`; ``utf-8-sig`` decodes UTF-8 with or without a mark.

    Raises
    ------
    PipelineError
        If Python does not know the encoding `given`.
    """
    if given:
        given = _check_encoding(given)
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding
    unmarked = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}  # without a mark, Python needs the byte order
    if given and given not in unmarked:
        return given
    return _detect_without_mark(head) or unmarked.get(given, "utf-8-sig")


def _detect_without_mark(head: bytes) -> str:
    """Detect UTF-16 and UTF-32 without a byte order mark; return "" for anything else."""
    if b"\0" not in head:
        return ""
    units = head[: len(head) // 4 * 4]
    for encoding, high, next_high in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        if any(units) and not any(units[high::4]) and max(units[next_high::4]) <= 3:  # Unicode planes with letters
            return encoding
    units = head[: len(head) // 2 * 2]
    for encoding, high_bytes, low_bytes in (
        ("utf-16-le", units[1::2], units[::2]),
        ("utf-16-be", units[::2], units[1::2]),
    ):
        if 0 in high_bytes and _control_fraction(high_bytes) >= 0.75 and _control_fraction(low_bytes) <= 0.5:
            return encoding
    return ""


def _control_fraction(units: bytes) -> float:
    return 1 - len(units.translate(None, _CONTROLS)) / len(units)


def _check_encoding(name: str) -> str:
    try:
        "".encode(name)  # LookupError also for codecs that are not text encodings
        codecs.getincrementaldecoder(name)("pipeline.undecodable").decode(b"\xff", True)
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        raise PipelineError(f"encoding {name!r}: unknown; expected a name such as utf-8, latin-1 or cp1252") from None
    return {"utf-8": "utf-8-sig", "utf_16": "utf-16", "utf_32": "utf-32"}.get(found, found)


@contextlib.contextmanager
def decode_stream(stream: Any, encoding: str = "", newline: Any = None) -> Iterator[TextIO]:
    """Wrap a binary stream as a text stream; the binary stream stays open.

    Undecodable bytes become lone surrogates: U+DC80 to U+DCFF for UTF-8, `UNDECODABLE` for other encodings.

    Parameters
    ----------
    stream : binary stream
        Needs a ``peek`` method.
    encoding : str
        Detected by `find_encoding` if empty.
    newline : str or None
        As for `open`.
    """
    found = find_encoding(stream.peek(HEAD_SIZE)[:HEAD_SIZE], encoding)
    errors = "surrogateescape" if found == "utf-8-sig" else "pipeline.undecodable"
    file = io.TextIOWrapper(stream, found, errors, newline=newline)
    try:
        yield file
    finally:
        file.detach()


def decode(content: bytes, name: str, encoding: str = "") -> str:
    """Decode the content of a text file.

    Parameters
    ----------
    content : bytes
    name : str
        File name for error messages.
    encoding : str
        Detected by `find_encoding` if empty.

    Raises
    ------
    PipelineError
        If a byte cannot be decoded; gives the position of the first one.
    """
    encoding = find_encoding(content[:HEAD_SIZE], encoding)
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding  # keeps the mark, so that byte positions count it
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise PipelineError(
            f"{name}: not {encoding.upper()} text (byte {error.start} is 0x{content[error.start]:02x}); "
            f"convert it, for example with: iconv -f windows-1252 -t utf-8"
        ) from None
    return text[1:] if text.startswith("\ufeff") else text
