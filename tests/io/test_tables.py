"""Reading texts from files, malformed ones included."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
import tracemalloc
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Tuple

import pyarrow as pa
import pytest
from pyarrow import parquet
from tqdm import tqdm

from pipeline.errors import PipelineError
from pipeline.io import tables
from pipeline.io.tables import STANDARD_INPUT, Format, Row, is_table, read_rows


def read(path: Path, content: bytes, column: str = "text") -> List[Tuple[int, str, str]]:
    path.write_bytes(content)
    return triples(read_rows(path, column))


def triples(rows: Iterable[Row]) -> List[Tuple[int, str, str]]:
    """Return the number, text and error of each row."""
    return [(row.number, row.text, row.error) for row in rows]


def test_txt_has_one_text_per_line(tmp_path: Path) -> None:
    content = "\ufeffgreat film\n\n  \nbad\r\nÜber\rlast".encode()
    assert read(tmp_path / "a.TXT", content) == [
        (1, "great film", ""),
        (4, "bad", ""),
        (5, "Über", ""),
        (6, "last", ""),
    ]
    assert read(tmp_path / "a.txt", b"") == []


def test_txt_reports_a_line_that_is_not_utf8(tmp_path: Path) -> None:
    assert read(tmp_path / "a.txt", b"good\nca\xe9\nbad") == [
        (1, "good", ""),
        (2, "", "not UTF-8 text (at character 3)"),
        (3, "bad", ""),
    ]


def test_csv_is_read_by_column_name(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbftext,stars\r\n"great, ""really""\r\nfilm",5\r\n\r\nbad,1\r\n,3\r\n'
    assert read(tmp_path / "a.csv", content) == [(1, 'great, "really"\r\nfilm', ""), (2, "bad", ""), (3, "", "")]
    assert read(tmp_path / "b.csv", content, "stars") == [(1, "5", ""), (2, "1", ""), (3, "3", "")]


def test_csv_reports_bad_rows_and_continues(tmp_path: Path) -> None:
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
        "not CSV (',' expected after '\"'): a misplaced quotation mark; if they do not quote: --no-quotes",
        "not UTF-8 text (at character 3)",
        "",
        "not CSV (unexpected end of data): a misplaced quotation mark; if they do not quote: --no-quotes",
    ]


KAGGLE = (
    'id\tsentiment\treview\n"5814_8"\t1\t"With all this stuff, I\'ve started"\n'
    '"2381_9"\t1\t"\\"The Classic War\\" by \\"Timothy Hines\\""\n"7759_3"\t0\t"\\"\\" said, \\"No\\", twice"\n'
)


def test_tsv_reads_kaggles_escaped_quotes(tmp_path: Path) -> None:
    """``labeledTrainData.tsv`` has a backslash before quotation marks inside texts."""
    assert read(tmp_path / "a.tsv", KAGGLE.encode(), "review") == [
        (1, "With all this stuff, I've started", ""),
        (2, '"The Classic War" by "Timothy Hines"', ""),
        (3, '"" said, "No", twice', ""),
    ]


def test_csv_keeps_backslashes_with_doubled_quotes(tmp_path: Path) -> None:
    content = 'text,n\n"C:\\ is ""it"" \\""really\\""",1\n"at the end \\",2\nAC\\DC,3\n'
    texts = ['C:\\ is "it" \\"really\\"', "at the end \\", "AC\\DC"]
    assert read(tmp_path / "a.csv", content.encode()) == [(i, text, "") for i, text in enumerate(texts, 1)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_delimiter_is_detected_from_the_header(tmp_path: Path, delimiter: str, ending: str) -> None:
    content = f'id{delimiter}text\n1{delimiter}"a, b; c\td|e"\n'.encode()
    assert read(tmp_path / f"a.{ending}", content) == [(1, "a, b; c\td|e", "")]
    with pytest.raises(PipelineError, match=r"no column 'review'; found 'id', 'text' \(--column\)"):
        read(tmp_path / f"a.{ending}", content, "review")


def test_delimiter_option_is_used(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id:text\n1:a, b\n")
    with pytest.raises(PipelineError, match=r"found 'id:text' .* to split it into columns: --delimiter$"):
        triples(read_rows(tmp_path / "a.csv", "text"))
    assert triples(read_rows(tmp_path / "a.csv", "text", Format(delimiter=":"))) == [(1, "a, b", "")]


def test_columns_without_a_header_are_numbered(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"4","Great, fun"\n"0","A bore"\nfew\n')
    options = Format(header=False)
    assert triples(read_rows(tmp_path / "a.csv", "2", options)) == [
        (1, "Great, fun", ""),
        (2, "A bore", ""),
        (3, "", "expected 2 fields, as in the first row, found 1"),
    ]
    assert [row.text for row in read_rows(tmp_path / "a.csv", "1", options)][:2] == ["4", "0"]
    with pytest.raises(PipelineError, match=r"no column 'text'; found '1', '2'"):
        triples(read_rows(tmp_path / "a.csv", "text", options))
    (tmp_path / "b.csv").write_text("")
    with pytest.raises(PipelineError, match=r"no column '1'; found none"):
        triples(read_rows(tmp_path / "b.csv", "1", options))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "a.txt",
            Format(delimiter=";"),
            r"a\.txt: --delimiter, .* are for csv and tsv, not txt",
        ),
        (
            "a.jsonl",
            Format(header=False),
            r"a\.jsonl: --delimiter, .* are for csv and tsv, not jsonl",
        ),
        (
            "a.parquet",
            Format(encoding="latin-1"),
            r"a\.parquet: --encoding does not apply to parquet, which is always UTF-8",
        ),
        ("a.csv", Format(encoding="latin-99"), r"^encoding 'latin-99': unknown"),
    ],
)
def test_options_that_do_not_apply_are_refused(tmp_path: Path, name: str, options: Format, message: str) -> None:
    (tmp_path / name).write_text("text\n")
    with pytest.raises(PipelineError, match=message):
        triples(read_rows(tmp_path / name, "text", options))


@pytest.mark.parametrize("name", ["a.csv.gz", "a.CSV.GZ", "a.csv.bz2", "a.csv.xz", "a.csv.zip", "a.csv"])
def test_compressed_table_is_read(tmp_path: Path, name: str) -> None:
    content = b"id,text\n" + b"".join(b"%d,film %d\n" % (i, i) for i in range(5000))
    compress: Dict[str, Callable[[bytes], bytes]] = {"bz2": bz2.compress, "xz": lzma.compress}
    if name.endswith("zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("anything", content)
        content = (tmp_path / name).read_bytes()
    else:
        content = compress.get(name[6:], gzip.compress)(content)
    rows = read(tmp_path / name, content)
    assert (len(rows), rows[-1]) == (5000, (5000, "film 4999", ""))
    with pytest.raises(PipelineError, match=r"a damaged \w+ file"):
        read(tmp_path / name, content[: len(content) // 2])


def test_compressed_table_is_read_in_constant_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(b"text\n" + b"a film\n" * 200_000)
    tracemalloc.start()
    try:
        assert sum(1 for _ in islice(read_rows(tmp_path / "a.csv.gz", "text"), 10_000)) == 10_000
        assert tracemalloc.get_traced_memory()[1] < 2e6
    finally:
        tracemalloc.stop()


def test_progress_bar_counts_compressed_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bars: List[Any] = []

    class Bar(tqdm):
        def __init__(self, *given: Any, **options: Any) -> None:
            super().__init__(*given, **{**options, "disable": False, "file": io.StringIO()})
            bars.append(self)

    monkeypatch.setattr("pipeline.io.progress.tqdm", Bar)
    content = gzip.compress(b"".join(b"film %d\n" % i for i in range(20_000)))
    assert len(read(tmp_path / "a.txt.gz", content)) == 20_000
    assert (bars[0].n, bars[0].total) == (len(content), len(content))


TEXT = 'id,text\n1,"Un café, „groß“"\n2,fin\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_encoding_is_detected(tmp_path: Path, encoding: str) -> None:
    """See https://github.com/win-acme/win-acme/issues/1220: PowerShell's ``>`` writes UTF-16."""
    rows = [(1, "Un café, „groß“", ""), (2, "fin", "")]
    assert read(tmp_path / "a.csv", TEXT.encode(encoding)) == rows
    assert read(tmp_path / "a.tsv", TEXT.encode(encoding)) == rows
    assert read(tmp_path / "a.txt", "good\nbad\r\n".encode(encoding)) == [(1, "good", ""), (2, "bad", "")]
    assert read(tmp_path / "a.jsonl", '{"text": "é"}\n'.encode(encoding)) == [(1, "é", "")]
    assert read(tmp_path / "a.csv.gz", gzip.compress(TEXT.encode(encoding))) == rows


def test_encoding_option_is_used(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT.encode("cp1252"))
    found = triples(read_rows(tmp_path / "a.csv", "text", Format(encoding="cp1252")))
    assert found == [(1, "Un café, „groß“", ""), (2, "fin", "")]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [(b"good\nca\x81\nbad", "cp1252"), (b"good\nca\xe9\nbad", "ascii"), (b"good\nca\x81\x0a\nbad", "gb18030")],
)
def test_undecodable_bytes_are_a_bad_row(tmp_path: Path, content: bytes, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    good, found, *_, bad = read_rows(tmp_path / "a.txt", "", Format(encoding=encoding))
    assert (good.text, found.error) == ("good", "not text in the file's encoding (at character 3)")
    assert bad.text == "bad"


def test_undecodable_utf16_is_a_bad_row(tmp_path: Path) -> None:
    content = "good\nca".encode("utf-16-le") + b"\0\xd8" + "\nbad\nend".encode("utf-16-le") + b"!"
    found = read(tmp_path / "a.txt", content)
    assert [text for _, text, _ in found] == ["good", "", "bad", ""]
    assert [error[:16] for _, _, error in found] == ["", "not text in the ", "", "not text in the "]


def test_fasttext_is_detected_and_labels_are_removed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = b"__label__pos Great fun.\n\n__label__a __label__b\tA bore.\nno label\n__label__neg\n"
    rows = [(1, "Great fun.", ""), (3, "A bore.", ""), (4, "no label", ""), (5, "", "")]
    assert read(tmp_path / "a.txt", content) == rows
    assert caplog.messages == [
        f"{tmp_path / 'a.txt'}: begins with __label__: read as fasttext (to read plain text: --input-format txt)"
    ]
    assert triples(read_rows(tmp_path / "a.txt", "", Format("fasttext"))) == rows
    assert next(read_rows(tmp_path / "a.txt", "", Format("txt"))).text == "__label__pos Great fun."
    assert read(tmp_path / "b.txt", b"fine\n__label__pos\n") == [(1, "fine", ""), (2, "__label__pos", "")]


def test_fasttext_line_with_several_labels_is_a_bad_row_where_labels_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"__label__a one\n__label__a __label__b two\n__label__ three\nfour\n")
    found = list(tables.read_records(tmp_path / "a.txt", ["", ""]))
    assert [(record.number, record.values, record.error) for record in found] == [
        (1, ["one", "a"], ""),
        (2, [], "2 labels (a, b); expected one"),
        (3, ["three", None], ""),
        (4, ["four", None], ""),
    ]


@pytest.mark.parametrize("content", ["__label__a one\n", "__label__a\tone"])
def test_fasttext_has_no_further_columns(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.txt").write_text(content)
    with pytest.raises(PipelineError, match="a text and a label only, and no column 'author'"):
        list(tables.read_records(tmp_path / "a.txt", ["", "", "author"]))


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("text,label\na,b\n", ["text", "label"]),
        ("\n\nreview;stars\n1;2\n", ["review", "stars"]),
        ('"a\nb",c\n1,2\n', ["a\nb", "c"]),
        ("te\0xt,label\n", ["te xt", "label"]),
        ("x" * 200_000 + ",label\n", ["x" * 200_000, "label"]),
        ('"open,label\n', []),
        ("", []),
    ],
)
def test_column_names_are_read_as_the_rows_are(tmp_path: Path, content: str, names: List[str]) -> None:
    (tmp_path / "a.csv").write_bytes(content.encode())
    assert tables.column_names(tmp_path / "a.csv") == names


def test_quotation_marks_can_be_characters_like_others(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text('text\tlabel\n"Quoted" title was great\tpos\n"Open\tneg\nend"\tpos\nfine\tpos\n')
    rows = list(read_rows(path, "text", Format(quotes=False)))
    assert [row.text for row in rows] == ['"Quoted" title was great', '"Open', 'end"', "fine"]
    first, *_ = read_rows(path, "text")
    assert first.error.endswith("a misplaced quotation mark; if they do not quote: --no-quotes")
    with pytest.raises(PipelineError, match="--no-quotes are for csv and tsv, not txt"):
        list(read_rows(path.rename(tmp_path / "a.txt"), "", Format(quotes=False)))


def test_lines_with_tabs_in_one_text_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "swallowed.tsv"
    path.write_text("text\tlabel\n" + 2 * '"Great start\tpos\nbad\tneg\nend"\tpos\n')
    assert [row.text for row in read_rows(path, "text")] == 2 * ["Great start\tpos\nbad\tneg\nend"]
    assert caplog.messages == [
        f"{path}, row 1: lines with tabs between two quotation marks are read as one text; if they do not quote: "
        "--no-quotes"
    ]


def test_column_names_of_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"none\.csv: no such file"):
        tables.column_names(tmp_path / "none.csv")


def test_is_table_separates_file_names_from_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    existing = ["a.txt", "a.csv", "a.TSV", "a.jsonl", "a.parquet", "a.csv.gz", "a.txt.ZIP"]
    for name in [*existing, "great", "a.xlsx"]:
        (tmp_path / name).touch()
    (tmp_path / "folder.txt").mkdir()
    texts = [*existing, "great", "a.xlsx", "b.csv", "folder.txt", "", "a\0.txt", "long " * 9999 + ".txt", "\udcff.txt"]
    assert [text for text in texts if is_table(text)] == existing


def test_csv_goes_on_with_the_line_behind_a_quote_that_the_limit_does_not_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LIMIT", 100)
    found = read(tmp_path / "a.csv", b'text\ngood\n"open\n' + b"film\n" * 50 + b"bad\n")
    message = "not CSV: a quotation mark that 100 characters do not close; if they do not quote: --no-quotes"
    assert found[:3] == [(1, "good", ""), (2, "", message), (3, "film", "")]
    assert found[-1] == (53, "bad", "")


@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_table_goes_on_with_the_line_behind_an_unclosed_quote(tmp_path: Path, kind: str) -> None:
    tab = b"," if kind == "csv" else b"\t"
    lines = [
        b"text,label",
        b"great film,pos",
        b'"open,neg',
        b"bad film,neg",
        b'"great, yes",pos',
        b'"open,neg',
        b"ok,pos",
    ]
    found = read(tmp_path / f"a.{kind}", b"\n".join(line.replace(b",", tab) for line in lines))
    great = "great, yes" if kind == "csv" else "great\t yes"
    assert [text for _, text, _ in found] == ["great film", "", "bad film", great, "", "ok"]
    assert [bool(error) for *_, error in found] == [False, True, False, False, True, False]
    assert [number for number, *_ in found] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "long",
    [
        b'1,"' + b"x" * 200 + b'"',
        b"1," + b"x" * 200,
        b"x" * 200 + b",1",
        b'1,"' + b"x" * 99 + b'","' + b"y" * 99 + b'"',
    ],
)
@pytest.mark.parametrize("quotes", [True, False])
def test_csv_line_over_the_limit_is_one_bad_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: bytes, quotes: bool
) -> None:
    monkeypatch.setattr(tables, "LIMIT", 100)
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\n0,good\n" + long + b"\n2,great\n3,fine")
    found = triples(read_rows(path, "text", Format(quotes=quotes)))
    message = "a line of more than 100 characters"
    assert found == [(1, "good", ""), (2, "", message), (3, "great", ""), (4, "fine", "")]


def test_csv_text_of_many_lines_over_the_limit_loses_no_other_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LIMIT", 100)
    content = b'id,text\n0,good\n1,"' + b"dull and long\n" * 10 + b'"\n2,great\n3,fine\n'
    texts = [text for _, text, error in read(tmp_path / "a.csv", content) if not error]
    assert texts == ["good", "great", "fine"]


def test_csv_reads_a_long_field(tmp_path: Path) -> None:
    text = "film " * 100_000
    assert read(tmp_path / "a.csv", f"text\n{text}\n".encode()) == [(1, text, "")]


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [("a.txt", b"", b"\n"), ("a.txt", b"__label__pos ", b"\n"), ("a.jsonl", b'{"text": "', b'"}\n')],
)
def test_line_over_the_limit_is_one_bad_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, start: bytes, end: bytes
) -> None:
    monkeypatch.setattr(tables, "LIMIT", 50)
    found = read(tmp_path / name, start + b"x" * 170 + end + start + b"good" + end)
    assert [(number, text) for number, text, _ in found] == [(1, ""), (2, "good")]
    assert found[0][2] == "a line of more than 50 characters"


def test_jsonl_is_read_by_field_name(tmp_path: Path) -> None:
    lines = ['{"text": "great\\nfilm", "id": 1}', "", '{"id": 2, "text": "\\ud83c\\udfac"}']
    assert read(tmp_path / "a.jsonl", "\n".join(lines).encode("utf-8-sig")) == [(1, "great\nfilm", ""), (3, "🎬", "")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": null}', "expected a text, found none"),
        ('{"text": 3}', "expected a text, found 3"),
        ('{"text": ["a"]}', "expected a text, found ['a']"),
        ('{"id": 3}', "no field 'text'"),
        ('["a film"]', "expected an object with a field 'text', found [\"a film\"]"),
        ('{"text": "cut off', "not JSON (Unterminated string starting at)"),
        ('{"text": "a\0b"}', "not JSON (Invalid control character at)"),
        ('{"text": "a\\ud800"}', "U+D800, half of a surrogate pair (at character 2)"),
        ("[" * 100_000, "not JSON ("),
    ],
)
def test_jsonl_reports_bad_rows_and_continues(tmp_path: Path, line: str, message: str) -> None:
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


def test_parquet_reports_a_text_that_is_not_utf8(tmp_path: Path) -> None:
    texts = pa.array([b"good", b"ca\xe9"]).view(pa.string())
    parquet.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    assert [row.error for row in read_rows(tmp_path / "a.parquet", "text")] == ["", "expected a text, found b'ca\\xe9'"]


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"text": ["a film"] * 1000}), tmp_path / "a.parquet")
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    content[4:40] = bytes(36)
    for damaged in (b"", b"junk", bytes(content[:-8]), bytes(content)):
        with pytest.raises(PipelineError, match=r"a\.parquet: damaged, or not parquet \("):
            read(tmp_path / "a.parquet", damaged)


def test_parquet_without_pyarrow_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(PipelineError, match=r'needs pyarrow: pip install "pyarrow<19"'):
        read(tmp_path / "a.parquet", b"")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"id,review\n1,good\n", r"a\.csv: no column 'text'; found 'id', 'review' \(--column\)"),
        ("a.csv", b"text,text\na,b\n", r"several columns 'text'; found 'text', 'text'"),
        ("a.csv", b"", "no column 'text'; found none"),
        ("a.csv", b'"a"b\n', r"a\.csv, header: not CSV"),
        ("a.csv", "id\n".encode("utf-16"), "no column 'text'; found 'id'"),
        ("a.jsonl", json.dumps({"id": 1, "review": "good"}).encode(), "no column 'text'; found 'id', 'review'"),
        ("a.xlsx", b"", r"expected a file name ending in \.txt, \.csv, \.tsv, \.jsonl, \.parquet, also compressed"),
        ("reviews", b"", r"expected a file name ending in \.txt"),
    ],
)
def test_file_without_the_column_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        read(tmp_path / name, content)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to("nowhere.csv")
    problems = {
        "nowhere.csv": "no such file",
        "folder.csv": "no .txt files; expected one file per review",
        "link.csv": "broken link",
    }
    for name, problem in problems.items():
        with pytest.raises(PipelineError, match=f"{name}: {problem}$"):
            triples(read_rows(tmp_path / name, "text"))


@pytest.mark.parametrize("terminal", [True, False])
def test_terminal_input_prints_a_hint(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = io.TextIOWrapper(io.BytesIO(b"a film\n"))
    monkeypatch.setattr(given, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stdin", given)
    assert [row.text for row in read_rows(STANDARD_INPUT, "text")] == ["a film"]
    assert ("Ctrl-D" in capsys.readouterr().err) == terminal
