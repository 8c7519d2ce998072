"""Files in parts: no record is lost or divided, whatever is in it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, List

import pandas
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from pipeline.errors import PipelineError
from pipeline.model.bundle import SHIPPED
from pipeline.scoring import files
from pipeline.scoring.files import Part, list_files, score_part, split_file

ADDED = ["label", "error"]


def read(part: Part) -> List[Any]:
    _, batches = files._open_csv(part)
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def score(path: Path, rows: int = 2, column: str = "text", prefix: str = "") -> List[Path]:
    Path("out").mkdir(exist_ok=True)
    parts = split_file(path, rows, column, [])
    for part in parts:
        assert score_part(part, Path("out"), SHIPPED, column, prefix).rows == part.rows
    return [Path("out", part.name) for part in parts]


FIELD = st.text(st.sampled_from('ab",\n\r é😀'), max_size=8)


@given(
    st.lists(st.tuples(FIELD, FIELD), max_size=12), st.integers(1, 5), st.sampled_from(["\n", "\r\n"]), st.booleans()
)
def test_parts_of_a_csv_hold_what_the_csv_module_reads(rows: Any, count: int, end: str, last: bool) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("id", "text"), *rows])
    text = file.getvalue() if last else file.getvalue()[: -len(end)]
    Path("reviews.csv").write_bytes(text.encode())
    for chunk in (1, 7, 1 << 24):  # bytes read at a time
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "_CHUNK", chunk)
            parts = split_file(Path("reviews.csv"), count, "text", ADDED)
        assert [part.rows for part in parts] == (
            [count] * (len(rows) // count) + [len(rows) % count] * (len(rows) % count > 0 or not rows)
        )
        assert [part.name for part in parts] == [f"reviews-{number:05}.csv" for number in range(len(parts))]
        assert [row for part in parts for row in read(part)] == rows


def test_csv_with_byte_order_mark_empty_lines_and_values_that_look_missing() -> None:
    Path("reviews.CSV").write_bytes('\ufefftext,id\r\nNA,01\r\n\r\n"a ""great""\nfilm",2.50\r\nnull,\r\n'.encode())
    parts = split_file(Path("reviews.CSV"), 3, "text", ADDED)
    assert [row for part in parts for row in read(part)] == [("NA", "01"), ('a "great"\nfilm', "2.50"), ("null", "")]
    assert [part.name for part in parts] == ["reviews-00000.CSV", "reviews-00001.CSV"]


def test_csv_of_one_column_keeps_its_empty_rows() -> None:
    Path("reviews.csv").write_text("text\ngreat\n\ndull\n")
    (path,) = score(Path("reviews.csv"), 10)
    scored = pandas.read_csv(path, skip_blank_lines=False)
    assert scored["label"].fillna("").tolist() == ["positive", "", "negative"]
    assert scored["error"].fillna("").tolist() == ["", "no words in it", ""]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected a line with the names of the columns; it is empty"),
        (b'text,"id\nx,1\n', "expected a line with the names of the columns; a quotation mark is never closed"),
        (b"text\rgreat\rdull\r", "reviews.csv: the lines end with a carriage return alone; convert the file first"),
        (b"\xff\xfet\0e\0x\0t\0\n\0", ", line 1: not UTF-8 text; convert the file first"),
        (b"review,id\ngreat,1\n", "no column 'text'; found 'review', 'id'"),
        (b"text,label\ngreat,1\n", "there is a column 'label' already; rename it, or choose a prefix"),
        (b'text,id\ngreat,1\na 5" film,2\n', ", line 3: a quotation mark in the middle of a field"),
        (b'text,id\n"a\ngreat" film,2\n', ", line 3: a quotation mark in the middle of a field"),
        (b'text,id\n"a \\"great\\" film",2\n', ", line 2: a quotation mark in the middle of a field"),
        (b'text,id\ngreat,1\n"never closed,2\nfine,3\ngood,4\n', ", line 3 or later: a quotation mark is never closed"),
        (b'text,id\n"a\nb",1\n"', ", line 4 or later: a quotation mark is never closed"),
    ],
)
def test_csv_that_would_be_read_in_two_ways_is_refused(content: bytes, message: str) -> None:
    Path("reviews.csv").write_bytes(content)
    for chunk in (1, 1 << 24):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(PipelineError) as error:
            patch.setattr(files, "_CHUNK", chunk)
            split_file(Path("reviews.csv"), 2, "text", ADDED)
        assert str(error.value).startswith("reviews.csv")
        assert message in str(error.value)


def test_an_open_quotation_mark_does_not_read_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LIMIT", 100)
    Path("reviews.csv").write_text('text\ngreat\n"dull\n' + "bad\n" * 100)
    with pytest.raises(PipelineError, match=r"^reviews\.csv, line 2 or later: a record of more than 100 b"):
        split_file(Path("reviews.csv"), 2, "text", ADDED)


@pytest.mark.parametrize("content", [b"text,id\ngreat,1,2\n", b"text,id\ngreat\n", b"text,id\n\xe9,1\n"])
def test_csv_with_a_bad_record_is_named_and_nothing_is_written(content: bytes) -> None:
    Path("reviews.csv").write_bytes(content)
    with pytest.raises(PipelineError, match=r"^reviews\.csv, in the"):
        score(Path("reviews.csv"))
    assert list(Path("out").iterdir()) == []


def test_parquet_has_a_part_for_each_row_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_BATCH_ROWS", 2)
    table = pyarrow.table(
        {
            "id": pyarrow.array([1, 2, 3, 4, 5], "int8"),
            "text": pyarrow.array(["great", None, "dull", "", "😀 好"]).dictionary_encode(),
            "more": [[1.5], [], None, [2.5], [1.0]],
        }
    )
    parquet.write_table(table, "reviews.parquet", row_group_size=3)
    paths = score(Path("reviews.parquet"))
    assert [path.name for path in paths] == ["reviews-00000.parquet", "reviews-00001.parquet"]
    scored = [parquet.read_table(path) for path in paths]
    assert [part.num_rows for part in scored] == [3, 2]
    whole = pyarrow.concat_tables(scored)
    assert whole.select(["id", "text", "more"]).to_pylist() == table.to_pylist()
    assert whole["label"].to_pylist()[:4] == ["positive", None, "negative", None]
    assert whole["error"].to_pylist()[:4] == [None, "expected a text, found none", None, "no words in it"]


def test_files_without_rows_give_a_part_without_rows() -> None:
    Path("reviews.csv").write_text("id,text")
    (path,) = score(Path("reviews.csv"))
    assert path.read_text() == '"id","text","label","probability","positive","words","unknown","cut","error"\n'
    schema = pyarrow.schema([("text", pyarrow.string())])
    parquet.ParquetWriter("reviews.parquet", schema).close()
    (path,) = score(Path("reviews.parquet"))
    found = parquet.read_table(path)
    assert (found.num_rows, found.schema.names[:2]) == (0, ["text", "label"])


def test_damaged_parquet_is_named() -> None:
    Path("reviews.parquet").write_bytes(b"PAR1 is how it begins, and nothing follows")
    with pytest.raises(PipelineError, match=r"^reviews\.parquet: damaged, or not parquet"):
        split_file(Path("reviews.parquet"), 2, "text", ADDED)


def test_list_files_leaves_nothing_out_silently() -> None:
    Path("in").mkdir()
    with pytest.raises(PipelineError, match=r"^in: no \.parquet or \.csv file in it$"):
        list_files(Path("in"))
    for name in ("b.parquet", "a.csv", "_SUCCESS", ".a.csv.crc"):
        Path("in", name).touch()
    assert [path.name for path in list_files(Path("in"))] == ["a.csv", "b.parquet"]
    assert list_files(Path("in/a.csv")) == [Path("in/a.csv")]
    Path("in/c.csv.gz").touch()
    with pytest.raises(PipelineError, match=r"^in/c\.csv\.gz: expected \.parquet and \.csv files, found another file"):
        list_files(Path("in"))
    with pytest.raises(PipelineError, match=r"^nowhere: no such file or folder$"):
        list_files(Path("nowhere"))
