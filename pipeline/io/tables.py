"""Texts from files or standard input, one row after the other: .txt, .csv, .jsonl and .parquet."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import IO, Any, Dict, Iterator, List, NamedTuple, Sequence, TextIO, Union

from pipeline.errors import PipelineError

LIMIT = 10_000_000  # characters of a line or text: a quotation mark that nobody closes would take in the whole file
KINDS = ("txt", "csv", "jsonl", "parquet")
ENDINGS = ", ".join(f".{kind}" for kind in KINDS)
STANDARD_INPUT = Path("-")


class Record(NamedTuple):
    """One row of a table as it stands: its values, or what is wrong with it."""

    number: int  # from 1: of the line, or of the row in its table, the header not counted
    values: Sequence[Any]  # of the columns that were asked for, in that order; none if there is an error
    error: str = ""


class Row(NamedTuple):
    """One row: its text, or what is wrong with it."""

    number: int  # as of a Record
    text: str
    error: str = ""


def read_rows(path: Path, column: str, kind: str = "") -> Iterator[Row]:
    """Read texts one at a time, under a progress bar where standard error is a terminal.

    Parameters
    ----------
    path : Path
        As for `read_records`.
    column : str
        Name of the column, or of the field of each object; not used for ``.txt``.
    kind : str
        As for `read_records`.

    Yields
    ------
    Row
        Every row, the bad ones too.

    Raises
    ------
    PipelineError
        As from `read_records`.
    """
    return map(text_of, read_records(path, [column], kind))


def read_records(path: Path, columns: Sequence[str], kind: str = "") -> Iterator[Record]:
    """Read some columns of a table one row at a time, under a progress bar where standard error is a terminal.

    Parameters
    ----------
    path : Path
        ``.txt``, a text on each line; ``.csv`` with a header; ``.jsonl``, an object on each line; ``.parquet``.
        Text is UTF-8, with or without a byte order mark. Lines with nothing on them are passed over.
        `STANDARD_INPUT`, ``-``, is standard input.
    columns : sequence of str
        Names of columns, or of fields of each object; not used for ``.txt``, whose lines are its one column.
    kind : str
        One of `KINDS`; by default as the file's name ends, and ``txt`` for standard input.

    Yields
    ------
    Record
        Every row, the bad ones too.

    Raises
    ------
    PipelineError
        If the file is missing or of another kind, or has no such column; names the columns there are.
    """
    if path != STANDARD_INPUT and (path.is_dir() or not path.exists()):
        raise PipelineError(f"{path}: no such file")
    kind = kind or ("txt" if path == STANDARD_INPUT else path.suffix[1:].lower())
    if kind not in KINDS:
        raise PipelineError(f"{path}: expected a name that ends in {ENDINGS}, or --input-format")
    if path == STANDARD_INPUT:
        if kind == "parquet":
            raise PipelineError("standard input: parquet is read from a file only: --input FILE")
        if sys.stdin is None:
            raise PipelineError("standard input: closed")
        if sys.stdin.isatty():
            print("Reading what is typed: a text a line, Ctrl-D to end. (--help says what else.)", file=sys.stderr)
        return _read_text(_decode(sys.stdin.buffer, kind), name_of(path), kind, columns)
    return _read_parquet(path, columns) if kind == "parquet" else _read_file(path, kind, columns)


def name_of(path: Path) -> str:
    """Return how a file, or standard input, is called in what people are told."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def text_of(record: Record) -> Row:
    """Return a row of a record's first value, which should be a text."""
    if record.error:
        return Row(record.number, "", record.error)
    (value, *_) = record.values
    if not isinstance(value, str):
        return Row(record.number, "", f"expected a text, found {'none' if value is None else repr(value)[:40]}")
    if len(value) >= LIMIT:
        return Row(record.number, "", f"a text of {LIMIT:,} characters or more")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:  # bytes that could not be decoded were put aside as lone surrogates
        return Row(record.number, "", f"not UTF-8 text (at character {error.start + 1:,})")
    return Row(record.number, value)


def _read_file(path: Path, kind: str, columns: Sequence[str]) -> Iterator[Record]:
    from pipeline.io.progress import tqdm

    bar = {"total": path.stat().st_size or None, "desc": path.name, "leave": False, "disable": None}
    with open(path, "rb", buffering=0) as binary, tqdm.wrapattr(binary, "read", **bar) as counted:
        file = _decode(counted, kind)
        yield from _read_text(file, str(path), kind, columns)


def _decode(binary: IO[bytes], kind: str) -> TextIO:
    return io.TextIOWrapper(binary, "utf-8-sig", "surrogateescape", newline="" if kind == "csv" else None)


def _read_text(file: TextIO, name: str, kind: str, columns: Sequence[str]) -> Iterator[Record]:
    if kind == "txt":
        return _read_lines(file)
    return (_read_csv if kind == "csv" else _read_jsonl)(name, file, columns)


def _read_lines(file: TextIO) -> Iterator[Record]:
    for number, line in enumerate(_lines(file), 1):
        if not line.isspace():
            yield Record(number, [line.rstrip("\n")])


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines; of one beyond the limit only its beginning."""
    line = file.readline(LIMIT)
    while line:
        rest = line
        while len(rest) == LIMIT and rest[-1] not in "\r\n":
            rest = file.readline(LIMIT)
        yield line
        line = file.readline(LIMIT)


def _read_csv(name: str, file: TextIO, columns: Sequence[str]) -> Iterator[Record]:
    csv.field_size_limit(LIMIT)
    # strict: a quotation mark out of place is an error, and does not join rows without a word
    records = _records(csv.reader((line.replace("\0", " ") for line in _lines(file)), strict=True))
    header = next(records, [])
    if isinstance(header, str):
        raise PipelineError(f"{name}, header: {header}")
    places = _find_columns(name, columns, header)
    for number, record in enumerate(records, 1):
        if isinstance(record, str):
            yield Record(number, [], record)
        elif len(record) != len(header):
            yield Record(number, [], f"expected {len(header)} fields, as in the header, found {len(record)}")
        else:
            yield Record(number, [record[place] for place in places])


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


def _read_jsonl(name: str, file: TextIO, columns: Sequence[str]) -> Iterator[Record]:
    seen = False
    for number, line in enumerate(_lines(file), 1):
        if line.isspace():
            continue
        value = _parse_object(line, columns)
        if isinstance(value, str):
            yield Record(number, [], value)
            continue
        if not seen:
            _find_columns(name, columns, list(value))
        seen = True
        missing = [column for column in columns if column not in value]
        if missing:
            yield Record(number, [], f"no field {missing[0]!r} in it")
        else:
            yield Record(number, [value[column] for column in columns])


def _parse_object(line: str, columns: Sequence[str]) -> Union[Dict[str, Any], str]:
    """Return the object on a line, or in words what is wrong with it."""
    try:
        value = json.loads(line.strip())
    except (ValueError, RecursionError) as error:
        return f"not JSON ({getattr(error, 'msg', error)})"
    if not isinstance(value, dict):
        return f"expected an object with a field {columns[0]!r}, found {line[:40].strip()}"
    return value


def _read_parquet(path: Path, columns: Sequence[str]) -> Iterator[Record]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise PipelineError(f'{path}: reading parquet needs pyarrow: pip install "pyarrow<19"') from None
    from pipeline.io.progress import tqdm

    try:
        with parquet.ParquetFile(path) as file:
            _find_columns(str(path), columns, file.schema_arrow.names)
            batches = file.iter_batches(1024, columns=list(columns))
            records = (record for batch in batches for record in zip(*map(batch.column, columns)))
            bar = tqdm(records, path.name, file.metadata.num_rows, leave=False, unit="row", disable=None)
            for number, record in enumerate(bar, 1):
                yield Record(number, [_python(value) for value in record])
    except (pyarrow.ArrowException, OSError) as error:
        raise PipelineError(f"{path}: damaged, or not parquet ({error})") from None


def _python(value: Any) -> Any:
    """Return a value of Arrow's as Python's, bytes if it is a text that is not UTF-8."""
    try:
        return value.as_py()
    except UnicodeDecodeError as error:
        return error.object


def _find_columns(name: str, columns: Sequence[str], found: Sequence[str]) -> List[int]:
    """Return the places of columns: of the texts, and of the labels if they are asked for."""
    for column, option in zip(columns, ("--column", "--label-column")):
        if list(found).count(column) != 1:
            problem = "several columns" if column in found else "no column"
            there = ", ".join(map(repr, found)) or "none"
            raise PipelineError(f"{name}: {problem} {column!r}; there are {there} ({option})")
    return [found.index(column) for column in columns]
