"""Texts from files, one row after the other: .txt, .csv, .jsonl and .parquet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Sequence, TextIO, Union

from tqdm import tqdm

from pipeline.errors import PipelineError

LIMIT = 10_000_000  # characters of a line or text: a quotation mark that nobody closes would take in the whole file
KINDS = (".txt", ".csv", ".jsonl", ".parquet")


class Row(NamedTuple):
    """One row: its text, or what is wrong with it."""

    number: int  # from 1: of the line, or of the row in its table, the header not counted
    text: str
    error: str = ""


def read_rows(path: Path, column: str) -> Iterator[Row]:
    """Read a file's texts one at a time, under a progress bar where standard error is a terminal.

    Parameters
    ----------
    path : Path
        ``.txt``, a text on each line; ``.csv`` with a header; ``.jsonl``, an object on each line; ``.parquet``.
        Text is UTF-8, with or without a byte order mark. Lines with nothing on them are passed over.
    column : str
        Name of the column, or of the field of each object; not used for ``.txt``.

    Yields
    ------
    Row
        Every row, the bad ones too.

    Raises
    ------
    PipelineError
        If the file is missing or of another kind, or has no such column; names the columns there are.
    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise PipelineError(f"{path}: expected a name that ends in {', '.join(KINDS)}")
    if not path.is_file():
        raise PipelineError(f"{path}: no such file")
    return _read_parquet(path, column) if kind == ".parquet" else _read_text(path, kind, column)


def read_lines(file: TextIO) -> Iterator[Row]:
    """Yield a text for each line that has something on it."""
    for number, line in enumerate(_lines(file), 1):
        if not line.isspace():
            yield _row(number, line.rstrip("\n"))


def _read_text(path: Path, kind: str, column: str) -> Iterator[Row]:
    bar = {"total": path.stat().st_size, "desc": path.name, "leave": False, "disable": None}
    newline = "" if kind == ".csv" else None
    with open(path, "rb", buffering=0) as binary, tqdm.wrapattr(binary, "read", **bar) as counted:
        file = io.TextIOWrapper(counted, "utf-8-sig", "surrogateescape", newline=newline)
        if kind == ".txt":
            yield from read_lines(file)
        else:
            yield from (_read_csv if kind == ".csv" else _read_jsonl)(path, file, column)


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines; of one beyond the limit only its beginning."""
    line = file.readline(LIMIT)
    while line:
        rest = line
        while len(rest) == LIMIT and rest[-1] not in "\r\n":
            rest = file.readline(LIMIT)
        yield line
        line = file.readline(LIMIT)


def _row(number: int, value: Any) -> Row:
    """Return a row of a value that should be a text."""
    if not isinstance(value, str):
        return Row(number, "", f"expected a text, found {'none' if value is None else repr(value)[:40]}")
    if len(value) >= LIMIT:
        return Row(number, "", f"a text of {LIMIT:,} characters or more")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:  # bytes that could not be decoded were put aside as lone surrogates
        return Row(number, "", f"not UTF-8 text (at character {error.start + 1:,})")
    return Row(number, value)


def _read_csv(path: Path, file: TextIO, column: str) -> Iterator[Row]:
    csv.field_size_limit(LIMIT)
    # strict: a quotation mark out of place is an error, and does not join rows without a word
    records = _records(csv.reader((line.replace("\0", " ") for line in _lines(file)), strict=True))
    header = next(records, [])
    if isinstance(header, str):
        raise PipelineError(f"{path}, header: {header}")
    place = _find_column(path, column, header)
    for number, record in enumerate(records, 1):
        if isinstance(record, str):
            yield Row(number, "", record)
        elif len(record) != len(header):
            yield Row(number, "", f"expected {len(header)} fields, as in the header, found {len(record)}")
        else:
            yield _row(number, record[place])


def _records(reader: Iterator[List[str]]) -> Iterator[Union[List[str], str]]:
    """Yield the records of a CSV file, or in words what is wrong with one."""
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"not CSV ({error})"
        else:
            if record:
                yield record


def _read_jsonl(path: Path, file: TextIO, column: str) -> Iterator[Row]:
    seen = False
    for number, line in enumerate(_lines(file), 1):
        if line.isspace():
            continue
        try:
            value = json.loads(line.strip())
        except (ValueError, RecursionError) as error:
            yield Row(number, "", f"not JSON ({getattr(error, 'msg', error)})")
            continue
        if not isinstance(value, dict):
            yield Row(number, "", f"expected an object with a field {column!r}, found {line[:40].strip()}")
        elif column in value:
            yield _row(number, value[column])
        elif seen:
            yield Row(number, "", f"no field {column!r} in it")
        else:
            _find_column(path, column, list(value))
        seen = True


def _read_parquet(path: Path, column: str) -> Iterator[Row]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise PipelineError(f'{path}: reading parquet needs pyarrow: pip install "pyarrow<19"') from None
    try:
        with parquet.ParquetFile(path) as file:
            _find_column(path, column, file.schema_arrow.names)
            batches = file.iter_batches(1024, columns=[column])
            values = (value for batch in batches for value in batch.column(0))
            bar = tqdm(values, path.name, file.metadata.num_rows, leave=False, unit="row", disable=None)
            for number, value in enumerate(bar, 1):
                yield _row(number, _python(value))
    except (pyarrow.ArrowException, OSError) as error:
        raise PipelineError(f"{path}: damaged, or not parquet ({error})") from None


def _python(value: Any) -> Any:
    """Return a value of Arrow's as Python's, bytes if it is a text that is not UTF-8."""
    try:
        return value.as_py()
    except UnicodeDecodeError as error:
        return error.object


def _find_column(path: Path, column: str, columns: Sequence[str]) -> int:
    """Return the place of a column."""
    if list(columns).count(column) == 1:
        return columns.index(column)
    problem = "several columns" if column in columns else "no column"
    raise PipelineError(f"{path}: {problem} {column!r}; there are {', '.join(map(repr, columns)) or 'none'} (--column)")
