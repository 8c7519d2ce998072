"""Texts from files or standard input, one row after the other: .txt, .csv, .tsv, .jsonl and .parquet."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from itertools import chain
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, TextIO, Union

from pipeline.errors import PipelineError
from pipeline.io.encoding import UNDECODABLE, decode_stream
from pipeline.io.input import PACKED, list_reviews, open_input, open_standard_input, read_text, warn_once

LIMIT = 10_000_000  # characters of a line or text: a quotation mark that nobody closes would take in the whole file
KINDS = ("txt", "csv", "tsv", "jsonl", "parquet", "fasttext")
ENDINGS = f"{', '.join(f'.{kind}' for kind in KINDS[:-1])}, also packed ({', '.join(PACKED)})"
STANDARD_INPUT = Path("-")

NOT_UTF8 = "not UTF-8 text"

_DELIMITERS = {"csv": ",", "tsv": "\t"}
_ADVICE = "; if it is several columns: --delimiter"
_LABEL = "__label__"  # fastText's, before each label at the beginning of a line


class Format(NamedTuple):
    """What a table's name and beginning do not say about it."""

    kind: str = ""  # one of `KINDS`; by default as the file's name ends, and "txt" for standard input
    encoding: str = ""  # by default as `pipeline.io.encoding.find_encoding` finds
    delimiter: str = ""  # of CSV; by default the one that gives the columns that are asked for
    header: bool = True  # False: the first line of a CSV is a row, and its columns are "1", "2", ...


PLAIN = Format()


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
    file: str = ""  # the name of the text's own file, of a folder


def read_rows(path: Path, column: str, form: Format = PLAIN) -> Iterator[Row]:
    """Read texts one at a time, under a progress bar where standard error is a terminal.

    Parameters
    ----------
    path : Path
        As for `read_records`; or a folder of ``.txt`` files, a text in each.
    column : str
        Name of the column, or of the field of each object; not used for ``.txt`` and folders.
    form : Format

    Yields
    ------
    Row
        Every row, the bad ones too.

    Raises
    ------
    PipelineError
        As from `read_records`.
    """
    if path != STANDARD_INPUT and path.is_dir():
        return _read_folder(path, form)
    return map(text_of, read_records(path, [column], form))


def _read_folder(folder: Path, form: Format) -> Iterator[Row]:
    from pipeline.io.progress import tqdm

    if form != Format(encoding=form.encoding):
        raise PipelineError(f"{folder}: a folder, of which no format, delimiter or header can be said; leave them out")
    for number, name in enumerate(tqdm(list_reviews(folder), folder.name, leave=False, disable=None), 1):
        try:
            row = text_of(Record(number, [read_text(f"{folder}/{name}", form.encoding)]))
        except PipelineError as error:
            row = Row(number, "", str(error).partition(": ")[2])  # the file is named beside it
        yield row._replace(file=name)


def read_records(path: Path, columns: Sequence[str], form: Format = PLAIN) -> Iterator[Record]:
    """Read some columns of a table one row at a time, under a progress bar where standard error is a terminal.

    Parameters
    ----------
    path : Path
        ``.txt``, a text on each line; ``.csv`` and ``.tsv`` with a header; ``.jsonl``, an object on each line;
        ``.parquet``; all but the last also packed by gzip, bzip2, xz or zip. A ``.txt`` that begins with
        ``__label__`` is taken for fastText's: lines of labels and a text. Lines with nothing on them are passed over.
        `STANDARD_INPUT`, ``-``, is standard input.
    columns : sequence of str
        Names of columns, or of fields of each object: of the text, then of the label if it is asked for. Not used for
        ``.txt``, whose lines are its one column, and fastText's lines, which have both.
    form : Format

    Yields
    ------
    Record
        Every row, the bad ones too.

    Raises
    ------
    PipelineError
        If the file is missing, damaged or of another kind, or has no such column; names the columns there are.
    """
    if path != STANDARD_INPUT and (path.is_dir() or not path.exists()):
        link = ": a link to a file that is not there" if path.is_symlink() else ": no such file"
        raise PipelineError(f"{path}{': a folder, where a file was expected' if path.is_dir() else link}")
    kind = form.kind or ("txt" if path == STANDARD_INPUT else _kind_of(path))
    if kind not in KINDS:
        raise PipelineError(f"{path}: expected a name that ends in {ENDINGS}, or --input-format")
    if kind not in _DELIMITERS and (form.delimiter or not form.header):
        raise PipelineError(f"{name_of(path)}: --delimiter and --no-header are for csv and tsv, not {kind}")
    if kind == "parquet" and form.encoding:
        raise PipelineError(f"{name_of(path)}: --encoding: parquet is UTF-8 always")
    if path != STANDARD_INPUT:
        return _read_parquet(path, columns) if kind == "parquet" else _read_file(path, kind, columns, form)
    if kind == "parquet":
        raise PipelineError("standard input: parquet is read from a file only: --input FILE")
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None:
        print("Reading what is typed: a text a line, Ctrl-D to end. (--help says what else.)", file=sys.stderr)
    return _read_standard_input(kind, columns, form)


def _kind_of(path: Path) -> str:
    """Return a name's ending, without that of a packed file."""
    return (Path(path.stem) if path.suffix.lower() in PACKED else path).suffix[1:].lower()


def is_table(name: str) -> bool:
    """Tell whether there is a file of this name that can be read, for people who forget ``--input``."""
    return _kind_of(Path(name)) in KINDS and os.path.isfile(name)


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
        problem = "not text in the file's encoding" if value[error.start] == UNDECODABLE else NOT_UTF8
        return Row(record.number, "", f"{problem} (at character {error.start + 1:,})")
    return Row(record.number, value)


def _read_file(path: Path, kind: str, columns: Sequence[str], form: Format) -> Iterator[Record]:
    from pipeline.io.progress import tqdm

    bar = {"desc": path.name, "unit": "B", "unit_scale": True, "leave": False, "disable": None}
    with tqdm(total=path.stat().st_size or None, **bar) as counted, open_input(path, counted.update) as opened:
        yield from _read_stream(opened.stream, opened.name, kind, columns, form)


def _read_standard_input(kind: str, columns: Sequence[str], form: Format) -> Iterator[Record]:
    with open_standard_input() as stream:
        yield from _read_stream(stream, name_of(STANDARD_INPUT), kind, columns, form)


def _read_stream(stream: Any, name: str, kind: str, columns: Sequence[str], form: Format) -> Iterator[Record]:
    with decode_stream(stream, form.encoding, newline="" if kind in _DELIMITERS else None) as file:
        if kind in _DELIMITERS:
            yield from _read_csv(name, file, columns, kind, form)
        elif kind == "jsonl":
            yield from _read_jsonl(name, file, columns)
        else:
            yield from _read_lines(name, file, columns, form.kind)


def _read_lines(name: str, file: TextIO, columns: Sequence[str], kind: str) -> Iterator[Record]:
    for number, line in enumerate(_lines(file), 1):
        if line.isspace():
            continue
        if not kind:
            kind = "fasttext" if line.startswith(_LABEL) else "txt"
            if kind == "fasttext":
                warn_once(f"{name}: begins with {_LABEL}, so it is read as fasttext (as it is: --input-format txt)")
        if kind == "fasttext":
            yield Record(number, _split_labels(line))
        elif len(columns) > 1:
            raise PipelineError(f"{name}: lines of text have no labels; expected a table (or --input-format)")
        else:
            yield Record(number, [line.rstrip("\n")])


def _split_labels(line: str) -> List[Any]:
    """Return the text of a line of fastText's, and the labels before it; None if there are none."""
    labels, text = [], line.strip()
    while text.startswith(_LABEL):
        label, text = [*text.split(None, 1), ""][:2]
        labels.append(label[len(_LABEL) :])
    return [text, " ".join(labels) or None]


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines; of one beyond the limit only its beginning."""
    line = file.readline(LIMIT)
    while line:
        rest = line
        while len(rest) == LIMIT and rest[-1] not in "\r\n":
            rest = file.readline(LIMIT)
        yield line
        line = file.readline(LIMIT)


def _read_csv(name: str, file: TextIO, columns: Sequence[str], kind: str, form: Format) -> Iterator[Record]:
    csv.field_size_limit(LIMIT)
    lines = (line.replace("\0", " ") for line in _lines(file))
    first = next((line for line in lines if line.strip()), "")
    usual = _DELIMITERS[kind]
    delimiter = form.delimiter or (_find_delimiter(first, columns, usual) if form.header else usual)
    # strict: a quotation mark out of place is an error, and does not join rows without a word
    reader = csv.reader(_unescape(chain([first], lines), delimiter), delimiter=delimiter, strict=True)
    records = _records(reader)
    header = next(records, [])
    if isinstance(header, str):
        raise PipelineError(f"{name}, {'header' if form.header else 'row 1'}: {header}")
    if not form.header:
        records = chain([header] if header else [], records)
        header = [str(number) for number in range(1, len(header) + 1)]
    advice = "; if that is a row: --no-header" * form.header + _ADVICE * (len(header) == 1)
    places = _find_columns(name, columns, header, advice)
    for number, record in enumerate(records, 1):
        if isinstance(record, str):
            yield Record(number, [], record)
        elif len(record) != len(header):
            expected = "header" if form.header else "first row"
            yield Record(number, [], f"expected {len(header)} fields, as in the {expected}, found {len(record)}")
        else:
            yield Record(number, [record[place] for place in places])


def _find_delimiter(header: str, columns: Sequence[str], usual: str) -> str:
    """Return what separates a header's columns: the usual, or else what separates the most of them."""

    def fields(delimiter: str) -> List[str]:
        try:
            return next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            return []

    return usual if set(columns) <= set(fields(usual)) else max(usual + ",;\t|", key=lambda one: len(fields(one)))


def _unescape(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    r"""Double the quotation marks that have a backslash before them, as in Kaggle's and Spark's files.

    In other files a backslash can stand before a quotation mark that ends a field, or before a doubled one; so this
    begins with the first line that has ``\"`` before something else.
    """
    proof = re.compile(rf'\\"[^"\r\n{re.escape(delimiter)}]')
    escaped = False
    for line in lines:
        if '\\"' in line:
            escaped = escaped or proof.search(line) is not None
            if escaped:
                line = line.replace('\\"', '""')
        yield line


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


def _find_columns(name: str, columns: Sequence[str], found: Sequence[str], advice: str = "") -> List[int]:
    """Return the places of columns: of the texts, and of the labels if they are asked for."""
    for column, option in zip(columns, ("--column", "--label-column")):
        if list(found).count(column) != 1:
            problem = "several columns" if column in found else "no column"
            there = ", ".join(map(repr, found)) or "none"
            raise PipelineError(f"{name}: {problem} {column!r}; there are {there} ({option}){advice}")
    return [found.index(column) for column in columns]
