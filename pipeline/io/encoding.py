"""Encodings of what people hand in: which one it is, and what cannot be decoded."""

from __future__ import annotations

import codecs
import contextlib
import io
from typing import Any, Iterator, TextIO, Tuple

from pipeline.errors import PipelineError

HEAD = 4096  # bytes that an encoding is recognised by
UNDECODABLE = "\udfff"  # in place of bytes that are no text in an encoding other than UTF-8

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r"})  # control characters that no text has, NUL first


def _mark_undecodable(error: Any) -> Tuple[str, int]:
    return UNDECODABLE * (error.end - error.start), error.end


codecs.register_error("pipeline.undecodable", _mark_undecodable)


def find_encoding(head: bytes, given: str = "") -> str:
    """Return the encoding of a text.

    Parameters
    ----------
    head : bytes
        How it begins. UTF-8, UTF-16 and UTF-32 are recognised by a byte order mark, the latter two also by the NULs
        (or other control characters, for Greek, say) that are the upper bytes of letters.
    given : str
        What somebody says it is. A byte order mark knows better.

    Returns
    -------
    str
        As for `codecs.lookup`; ``utf-8-sig`` is UTF-8 with or without a mark.

    Raises
    ------
    PipelineError
        If Python knows no encoding by the name that is given.
    """
    if given:
        given = _check_encoding(given)
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    unmarked = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}  # Python wants a mark, or the order of bytes
    if given and given not in unmarked:
        return given
    return _recognise(head) or unmarked.get(given, "utf-8-sig")


def _recognise(head: bytes) -> str:
    """Return which of UTF-16 and UTF-32 without a mark a text is in, if it is."""
    if b"\0" not in head:
        return ""
    units = head[: len(head) // 4 * 4]
    for encoding, upper, next_upper in (("utf-32-le", 3, 2), ("utf-32-be", 0, 1)):
        if any(units) and not any(units[upper::4]) and max(units[next_upper::4]) <= 3:  # planes with letters
            return encoding
    units = head[: len(head) // 2 * 2]
    for encoding, uppers, lowers in (("utf-16-le", units[1::2], units[::2]), ("utf-16-be", units[::2], units[1::2])):
        if 0 in uppers and _share_of_controls(uppers) >= 0.75 and _share_of_controls(lowers) <= 0.5:
            return encoding
    return ""


def _share_of_controls(units: bytes) -> float:
    return 1 - len(units.translate(None, _CONTROLS)) / len(units)


def _check_encoding(name: str) -> str:
    try:
        "".encode(name)  # LookupError, too, for what decodes no text
        codecs.getincrementaldecoder(name)("pipeline.undecodable").decode(b"\xff", True)
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        raise PipelineError(f"encoding {name!r}: unknown; expected a name such as utf-8, latin-1 or cp1252") from None
    return {"utf-8": "utf-8-sig", "utf_16": "utf-16", "utf_32": "utf-32"}.get(found, found)


@contextlib.contextmanager
def decode_stream(stream: Any, encoding: str = "", newline: Any = None) -> Iterator[TextIO]:
    """Yield the text of a stream of bytes, which stays open.

    Bytes that cannot be decoded become lone surrogates: from UTF-8 U+DC80 to U+DCFF, from others `UNDECODABLE`.

    Parameters
    ----------
    stream : stream of bytes
        Has `peek`.
    encoding : str
        By default as `find_encoding` finds.
    newline : str or None
        As for `open`.
    """
    found = find_encoding(stream.peek(HEAD)[:HEAD], encoding)
    errors = "surrogateescape" if found == "utf-8-sig" else "pipeline.undecodable"
    file = io.TextIOWrapper(stream, found, errors, newline=newline)
    try:
        yield file
    finally:
        file.detach()


def decode(content: bytes, name: str, encoding: str = "") -> str:
    """Decode a whole text.

    Raises
    ------
    PipelineError
        At the first byte that is no text.
    """
    encoding = find_encoding(content[:HEAD], encoding)
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding  # a mark counts as bytes, too
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise PipelineError(
            f"{name}: not {encoding.upper()} text (byte {error.start} is 0x{content[error.start]:02x}); "
            f"convert it, for instance with: iconv -f windows-1252 -t utf-8"
        ) from None
    return text[1:] if text.startswith("\ufeff") else text
