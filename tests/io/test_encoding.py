"""Detection of encodings and errors on undecodable bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.io.encoding import decode, find_encoding
from pipeline.io.input import read_text

TEXTS = ["a great film\n", "Ça, c’est “déjà vu” – bof\r\n", "Отличный фильм!", "Πολύ καλή ταινία", "a", "no", "1\t2\n"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_find_encoding_detects_utf16_and_utf32_with_and_without_mark(text: str, encoding: str) -> None:
    """PowerShell's ``>`` and ``iconv`` write these: https://github.com/win-acme/win-acme/issues/1220."""
    assert decode(text.encode(encoding), "any") == text
    assert decode(("\ufeff" + text).encode(encoding[:6]), "any").lstrip("\ufeff") == text


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"a", b"\0", b"a film", bytes(40), b"a\0bad\0film", b"nul\0l,5\n", "naïve 日本語 \U0001f600".encode()),
        *(b"text\ngood film\n\xff\xfe\n\0\n", b"\0\1\2" * 100, "日本語の映画".encode("utf-16-le")),
    ],
)
def test_find_encoding_defaults_to_utf8(content: bytes) -> None:
    assert find_encoding(content) == "utf-8-sig"


def test_find_encoding_prefers_byte_order_mark_to_given_encoding() -> None:
    assert find_encoding(b"caf\xe9", "latin-1") == "iso8859-1"
    assert find_encoding("café".encode("utf-8-sig"), "latin-1") == "utf-8-sig"
    assert find_encoding("café".encode("utf-16"), "utf-8") == "utf-16"
    assert find_encoding(b"c\0a\0f\0", "utf-8") == "utf-8-sig"
    assert find_encoding(b"c\0a\0f\0", "UTF_16") == "utf-16-le"
    assert find_encoding(b"\0c\0a\0f", "utf16") == "utf-16-be"
    assert find_encoding("日本".encode("utf-16-le"), "utf-16") == "utf-16-le"
    assert find_encoding("日本".encode("utf-32-le"), "utf-32") == "utf-32-le"


@pytest.mark.parametrize("name", ["latin-99", "hex", "rot13", "idna", "undefined", "base64", "x\0y", "\udcff", " "])
def test_find_encoding_refuses_unknown_encodings(name: str) -> None:
    with pytest.raises(PipelineError, match=r"^encoding '.*': unknown; expected a name such as utf-8, "):
        find_encoding(b"", name)


def test_read_text_names_the_undecodable_byte(tmp_path: Path) -> None:
    path = str(tmp_path / "a.txt")
    for content, encoding, message in (
        (b"\xef\xbb\xbfcaf\xe9", "", "not UTF-8 text (byte 6 is 0xe9); convert it, for example with: iconv -f "),
        (b"\xff\xfea\0b", "", "not UTF-16 text (byte 4 is 0x62); "),
        (b"caf\xe9", "ascii", "not ASCII text (byte 3 is 0xe9); "),
    ):
        Path(path).write_bytes(content)
        with pytest.raises(PipelineError) as caught:
            read_text(path, encoding)
        assert str(caught.value).startswith(f"{path}: {message}")
