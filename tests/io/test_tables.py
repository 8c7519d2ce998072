"""Texts from files, the ugly ones too."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import List

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.errors import PipelineError
from pipeline.io import tables
from pipeline.io.tables import STANDARD_INPUT, Row, read_rows


def read(path: Path, content: bytes, column: str = "text") -> List[Row]:
    path.write_bytes(content)
    return list(read_rows(path, column))


def test_txt_is_a_text_on_each_line(tmp_path: Path) -> None:
    content = "\ufeffgreat film\n\n  \nbad\r\nÜber\rlast".encode()
    assert read(tmp_path / "a.TXT", content) == [
        (1, "great film", ""),
        (4, "bad", ""),
        (5, "Über", ""),
        (6, "last", ""),
    ]
    assert read(tmp_path / "a.txt", b"") == []


def test_txt_marks_a_line_that_is_not_utf8(tmp_path: Path) -> None:
    assert read(tmp_path / "a.txt", b"good\nca\xe9\nbad") == [
        (1, "good", ""),
        (2, "", "not UTF-8 text (at character 3)"),
        (3, "bad", ""),
    ]


def test_csv_is_read_by_column_name(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbftext,stars\r\n"great, ""really""\r\nfilm",5\r\n\r\nbad,1\r\n,3\r\n'
    assert read(tmp_path / "a.csv", content) == [(1, 'great, "really"\r\nfilm', ""), (2, "bad", ""), (3, "", "")]
    assert read(tmp_path / "b.csv", content, "stars") == [(1, "5", ""), (2, "1", ""), (3, "3", "")]


def test_csv_marks_bad_rows_and_goes_on(tmp_path: Path) -> None:
    content = b'text,stars\ngood,5\ntoo, many,5\nfew\n"a"b,5\nca\xe9,5\nnul\0l,5\n"last'
    found = read(tmp_path / "a.csv", content)
    assert [(number, text) for number, text, _ in found] == [
        (1, "good"),
        (2, ""),
        (3, ""),
        (4, ""),
        (5, ""),
        (6, "nul l"),
        (7, ""),
    ]
    assert [error for _, _, error in found] == [
        "",
        "expected 2 fields, as in the header, found 3",
        "expected 2 fields, as in the header, found 1",
        "not CSV (',' expected after '\"')",
        "not UTF-8 text (at character 3)",
        "",
        "not CSV (unexpected end of data)",
    ]


def test_csv_with_an_open_quotation_mark_does_not_take_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LIMIT", 100)
    found = read(tmp_path / "a.csv", b'text\ngood\n"open\n' + b"film\n" * 50 + b"bad\n")
    assert found[0] == (1, "good", "")
    assert found[1] == (2, "", "not CSV (field larger than field limit (100))")
    assert found[-1][1] == "bad"


def test_long_csv_field_is_read_whole(tmp_path: Path) -> None:
    text = "film " * 100_000
    assert read(tmp_path / "a.csv", f"text\n{text}\n".encode()) == [(1, text, "")]


@pytest.mark.parametrize(("name", "end"), [("a.txt", b"\n"), ("a.jsonl", b'"}\n')])
def test_line_beyond_the_limit_is_one_bad_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, end: bytes
) -> None:
    monkeypatch.setattr(tables, "LIMIT", 50)
    start = b'{"text": "' if end != b"\n" else b""
    found = read(tmp_path / name, start + b"x" * 170 + end + start + b"good" + end)
    assert [(number, text) for number, text, _ in found] == [(1, ""), (2, "good")]
    assert found[0][2].startswith(("a text of 50 characters or more", "not JSON"))


def test_jsonl_is_read_by_field_name(tmp_path: Path) -> None:
    lines = ['{"text": "great\\nfilm", "id": 1}', "", '{"id": 2, "text": "\\ud83c\\udfac"}']
    assert read(tmp_path / "a.jsonl", "\n".join(lines).encode("utf-8-sig")) == [(1, "great\nfilm", ""), (3, "🎬", "")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": null}', "expected a text, found none"),
        ('{"text": 3}', "expected a text, found 3"),
        ('{"text": ["a"]}', "expected a text, found ['a']"),
        ('{"id": 3}', "no field 'text' in it"),
        ('["a film"]', "expected an object with a field 'text', found [\"a film\"]"),
        ('{"text": "cut off', "not JSON (Unterminated string starting at)"),
        ('{"text": "a\0b"}', "not JSON (Invalid control character at)"),
        ('{"text": "\\ud800"}', "not UTF-8 text (at character 1)"),
        ("[" * 100_000, "not JSON ("),
    ],
)
def test_jsonl_marks_bad_rows_and_goes_on(tmp_path: Path, line: str, message: str) -> None:
    content = '{"text": "good"}\n' + line + '\n{"text": "bad"}\n'
    good, found, bad = read(tmp_path / "a.jsonl", content.encode())
    assert (good, bad) == ((1, "good", ""), (3, "bad", ""))
    assert found[:2] == (2, "")
    assert found[2].startswith(message)


def test_parquet_is_read_by_column_name(tmp_path: Path) -> None:
    texts = ["great film", None, "", *map(str, range(3000))]
    table = pa.table({"id": range(len(texts)), "review": pa.array(texts).dictionary_encode()})
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=1000)
    found = list(read_rows(tmp_path / "a.parquet", "review"))
    assert [row.number for row in found] == list(range(1, 3004))
    assert [row.text for row in found] == [text or "" for text in texts]
    assert [row.error for row in found if row.error] == ["expected a text, found none"]
    assert next(read_rows(tmp_path / "a.parquet", "id")).error == "expected a text, found 0"


def test_parquet_marks_a_text_that_is_not_utf8(tmp_path: Path) -> None:
    texts = pa.array([b"good", b"ca\xe9"]).view(pa.string())
    parquet.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    assert [row.error for row in read_rows(tmp_path / "a.parquet", "text")] == ["", "expected a text, found b'ca\\xe9'"]


def test_parquet_that_is_damaged_is_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"text": ["a film"] * 1000}), tmp_path / "a.parquet")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    content[4:40] = bytes(36)
    for damaged in (b"", b"junk", bytes(content[:-8]), bytes(content)):
        with pytest.raises(PipelineError, match=r"a\.parquet: damaged, or not parquet \("):
            read(tmp_path / "a.parquet", damaged)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(PipelineError, match=r'needs pyarrow: pip install "pyarrow<19"'):
        read(tmp_path / "a.parquet", b"")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"id,review\n1,good\n", r"a\.csv: no column 'text'; there are 'id', 'review' \(--column\)"),
        ("a.csv", b"text,text\na,b\n", r"several columns 'text'; there are 'text', 'text'"),
        ("a.csv", b"", "no column 'text'; there are none"),
        ("a.csv", b'"a"b\n', r"a\.csv, header: not CSV"),
        ("a.csv", "id\n".encode("utf-16"), "no column 'text'; there are 'id'"),
        ("a.jsonl", json.dumps({"id": 1, "review": "good"}).encode(), "no column 'text'; there are 'id', 'review'"),
        ("a.xlsx", b"", r"expected a name that ends in \.txt, \.csv, \.tsv, \.jsonl, \.parquet, also packed"),
        ("reviews", b"", r"expected a name that ends in \.txt"),
    ],
)
def test_file_without_the_column_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        read(tmp_path / name, content)


def test_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to("nowhere.csv")
    problems = {
        "nowhere.csv": "no such file",
        "folder.csv": "a folder, where a file was expected",
        "link.csv": "a link to a file that is not there",
    }
    for name, problem in problems.items():
        with pytest.raises(PipelineError, match=f"{name}: {problem}$"):
            read_rows(tmp_path / name, "text")


@pytest.mark.parametrize("terminal", [True, False])
def test_somebody_who_types_is_told_how_to_end(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = io.TextIOWrapper(io.BytesIO(b"a film\n"))
    monkeypatch.setattr(given, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdin", given)
    assert [row.text for row in read_rows(STANDARD_INPUT, "text")] == ["a film"]
    assert ("Ctrl-D" in capsys.readouterr().err) == terminal
