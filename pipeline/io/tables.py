"""Read rows of text from .txt, .csv, .tsv, .jsonl and .parquet files, folders and standard input."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections import deque
from itertools import chain
from pathlib import Path
from typing import (
    Any,
    Deque,
    Dict,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Protocol,
    Sequence,
    TextIO,
    Tuple,
    TypeVar,
    Union,
)

from pipeline.errors import PipelineError
from pipeline.io.encoding import UNDECODABLE, decode_stream
from pipeline.io.input import (
    COMPRESSED,
    STANDARD_INPUT,
    list_reviews,
    open_input,
    open_standard_input,
    read_text,
    warn_once,
)

LIMIT = 10_000_000  # maximum characters of a line, a record or a text
KINDS = ("txt", "csv", "tsv", "jsonl", "parquet", "fasttext")
ENDINGS = f"{', '.join(f'.{kind}' for kind in KINDS[:-1])}, also compressed ({', '.join(COMPRESSED)})"

NOT_UTF8 = "not UTF-8 text"

_ROWS, _CHARACTERS = 1024, 4_000_000  # maximum of a batch; the last row may exceed the second

_DELIMITERS = {"csv": ",", "tsv": "\t"}
_QUOTES = "; if they do not quote: --no-quotes"
_ADVICE = "; to split it into columns: --delimiter"
_LABEL = "__label__"  # prefix of the labels at the beginning of a line in fastText's format


class Format(NamedTuple):
    """Options for reading a table; an empty string means that the value is detected."""

    kind: str = ""  # one of `KINDS`; by default from the file's suffix, "txt" for standard input
    encoding: str = ""  # by default from `pipeline.io.encoding.find_encoding`
    delimiter: str = ""  # of CSV; by default the one for which the header has the requested columns
    header: bool = True  # if False, the first line of a CSV is a row and the columns are "1", "2", ...
    quotes: bool = True  # of CSV; if False, a quotation mark is a character like any other


PLAIN = Format()


class Record(NamedTuple):
    """The values of one row, or an error message."""

    number: int  # line number, or row number without the header; starts at 1
    values: Sequence[Any]  # of the requested columns in that order; empty if there is an error
    error: str = ""


class Row(NamedTuple):
    """The text of one row, or an error message."""

    number: int  # as in `Record`
    text: str
    error: str = ""
    file: str = ""  # file name, if the input is a folder


class _HasText(Protocol):
    @property
    def text(self) -> str: ...


TextRow = TypeVar("TextRow", bound=_HasText)


def read_rows(path: Path, column: str, options: Format = PLAIN) -> Iterator[Row]:
    """Yield texts one at a time, with a progress bar if standard error is a terminal.

    Parameters
    ----------
    path : Path
        As for `read_records`, or a folder of ``.txt`` files with one text each.
    column : str
        Name of the column, or of the field of each JSON object; ignored for ``.txt`` and folders.
    options : Format

    Yields
    ------
    Row
        Every row; `error` is set for rows that cannot be read.

    Raises
    ------
    PipelineError
        As `read_records`.
    """
    if path != STANDARD_INPUT and path.is_dir():
        return _read_folder(path, options)
    return map(text_of, read_records(path, [column], options))


def _read_folder(folder: Path, options: Format) -> Iterator[Row]:
    from pipeline.io.progress import tqdm

    if options != Format(encoding=options.encoding):
        raise PipelineError(f"{folder}: is a folder; format, delimiter and header options do not apply")
    for number, name in enumerate(tqdm(list_reviews(folder), folder.name, leave=False, disable=None), 1):
        try:
            row = text_of(Record(number, [read_text(f"{folder}/{name}", options.encoding)]))
        except PipelineError as error:
            row = Row(number, "", str(error).partition(": ")[2])  # without the path, which is in `file`
        yield row._replace(file=name)


def read_records(path: Path, columns: Sequence[str], options: Format = PLAIN) -> Iterator[Record]:
    """Yield some columns of a table one row at a time, with a progress bar if standard error is a terminal.

    Parameters
    ----------
    path : Path
        ``.txt`` (one text per line), ``.csv`` or ``.tsv`` with a header, ``.jsonl`` (one object per line) or
        ``.parquet``. All but the last can be compressed with gzip, bzip2, xz or zip. A ``.txt`` that begins with
        ``__label__`` is read in fastText's format: labels followed by a text on each line. Blank lines are skipped.
        `STANDARD_INPUT`, ``-``, is standard input.
    columns : sequence of str
        Names of columns, or of fields of each JSON object: the text's, optionally followed by the label's. Ignored
        for ``.txt``, which has one column, and fastText's format, which has both.
    options : Format

    Yields
    ------
    Record
        Every row; `error` is set for rows that cannot be read.

    Raises
    ------
    PipelineError
        If the file is missing, damaged or of an unknown kind, or a column is missing; lists the existing columns.
    """
    _check_exists(path)
    kind = options.kind or ("txt" if path == STANDARD_INPUT else _kind_of(path))
    if kind not in KINDS:
        raise PipelineError(f"{path}: expected a file name ending in {ENDINGS}, or --input-format")
    if kind not in _DELIMITERS and (options.delimiter or not (options.header and options.quotes)):
        raise PipelineError(
            f"{name_of(path)}: --delimiter, --no-header and --no-quotes are for csv and tsv, not {kind}"
        )
    if kind == "parquet" and options.encoding:
        raise PipelineError(f"{name_of(path)}: --encoding does not apply to parquet, which is always UTF-8")
    if path != STANDARD_INPUT:
        return _read_parquet(path, columns) if kind == "parquet" else _read_file(path, kind, columns, options)
    if kind == "parquet":
        raise PipelineError("standard input: parquet is not supported; use --input FILE")
    if sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None:
        print(
            "Reading from the terminal: one text per line, Ctrl-D to end (other inputs: see --help).", file=sys.stderr
        )
    return _read_standard_input(kind, columns, options)


def column_names(path: Path, options: Format = PLAIN) -> List[str]:
    """Return the names of a table's columns, or of the fields of its first JSON object; none for other formats.

    Raises
    ------
    PipelineError
        If the file is missing, or not in the encoding. What else is wrong with it is reported when it is read.
    """
    if path == STANDARD_INPUT or path.is_dir():
        return []
    _check_exists(path)
    kind = options.kind or _kind_of(path)
    if kind not in ("csv", "tsv", "jsonl", "parquet"):
        return []
    if kind == "parquet":
        try:
            from pyarrow import ArrowException, parquet

            return list(parquet.read_schema(path).names)
        except (ImportError, OSError, ArrowException):
            return []  # the same is reported when the file is read
    with open_input(path) as opened, decode_stream(opened.stream, options.encoding, newline="") as file:
        if kind == "jsonl":
            first = next((line for line in _lines(file) if line.strip()), "")
            value = _parse_object(first, [""])
            return list(value) if isinstance(value, dict) else []
        header, _ = _read_header(file, ["\0"], kind, options)
        return [] if isinstance(header, str) else header


def _check_exists(path: Path) -> None:
    if path != STANDARD_INPUT and (path.is_dir() or not path.exists()):
        missing = "broken link" if path.is_symlink() else "no such file"
        raise PipelineError(f"{path}: {'is a folder; expected a file' if path.is_dir() else missing}")


def _kind_of(path: Path) -> str:
    """Return a file name's suffix, ignoring the suffix of a compressed file."""
    return (Path(path.stem) if path.suffix.lower() in COMPRESSED else path).suffix[1:].lower()


def is_table(name: str) -> bool:
    """Return whether a file of this name exists and can be read as a table: to detect a missing ``--input``."""
    return _kind_of(Path(name)) in KINDS and os.path.isfile(name)


def name_of(path: Path) -> str:
    """Return the name of a file or of standard input for messages."""
    return "standard input" if path == STANDARD_INPUT else str(path)


def text_of(record: Record) -> Row:
    """Convert a record to a row; the first value must be a text."""
    if record.error:
        return Row(record.number, "", record.error)
    (value, *_) = record.values
    if not isinstance(value, str):
        return Row(record.number, "", f"expected a text, found {'none' if value is None else repr(value)[:40]}")
    if len(value) >= LIMIT:
        return Row(record.number, "", f"a text of {LIMIT:,} characters or more")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:  # undecodable bytes became lone surrogates
        found = value[error.start]
        problem = "not text in the file's encoding" if found == UNDECODABLE else NOT_UTF8
        if not "\udc80" <= found <= "\udcff" and found != UNDECODABLE:
            problem = f"U+{ord(found):04X}, half of a surrogate pair"  # in JSON
        return Row(record.number, "", f"{problem} (at character {error.start + 1:,})")
    return Row(record.number, value)


def batches(rows: Iterable[TextRow]) -> Iterator[List[TextRow]]:
    """Yield rows in batches, limited in their number and in their characters so that memory stays bounded."""
    batch: List[TextRow] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.text)
        if len(batch) == _ROWS or characters >= _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _read_file(path: Path, kind: str, columns: Sequence[str], options: Format) -> Iterator[Record]:
    from pipeline.io.progress import tqdm

    bar = {"desc": path.name, "unit": "B", "unit_scale": True, "leave": False, "disable": None}
    with tqdm(total=path.stat().st_size or None, **bar) as counted, open_input(path, counted.update) as opened:
        yield from _read_stream(opened.stream, opened.name, kind, columns, options)


def _read_standard_input(kind: str, columns: Sequence[str], options: Format) -> Iterator[Record]:
    with open_standard_input() as stream:
        yield from _read_stream(stream, name_of(STANDARD_INPUT), kind, columns, options)


def _read_stream(stream: Any, name: str, kind: str, columns: Sequence[str], options: Format) -> Iterator[Record]:
    with decode_stream(stream, options.encoding, newline="" if kind in _DELIMITERS else None) as file:
        if kind in _DELIMITERS:
            yield from _read_csv(name, file, columns, kind, options)
        elif kind == "jsonl":
            yield from _read_jsonl(name, file, columns)
        else:
            yield from _read_lines(name, file, columns, options.kind)


def _read_lines(name: str, file: TextIO, columns: Sequence[str], kind: str) -> Iterator[Record]:
    for number, line in enumerate(_lines(file), 1):
        if line.isspace():
            continue
        if len(line) > LIMIT:
            yield Record(number, [], _tell_long_line())
            continue
        if not kind:
            kind = "fasttext" if line.startswith(_LABEL) else "txt"
            if kind == "fasttext":
                warn_once(f"{name}: begins with {_LABEL}: read as fasttext (to read plain text: --input-format txt)")
        if kind == "fasttext":
            if len(columns) > 2:
                raise PipelineError(
                    f"{name}: a line in fastText's format has a text and a label only, and no column {columns[2]!r}"
                )
            labels, text = _split_labels(line)
            if len(columns) > 1 and len(labels) > 1:
                yield Record(number, [], f"{len(labels)} labels ({', '.join(labels[:5])}); expected one")
            else:
                yield Record(number, [text, labels[0] if labels else None])
        elif len(columns) > 1:
            raise PipelineError(
                f"{name}: plain text has no labels; expected a table: "
                "name its format, such as --input-format tsv or fasttext"
            )
        else:
            yield Record(number, [line.rstrip("\n")])


def _split_labels(line: str) -> Tuple[List[str], str]:
    """Split a line in fastText's format into its labels and its text."""
    labels, text = [], line.strip()
    while text.startswith(_LABEL):
        label, text = [*text.split(None, 1), ""][:2]
        labels.append(label[len(_LABEL) :])
    return [label for label in labels if label], text


def _lines(file: TextIO) -> Iterator[str]:
    """Yield lines; of one of more than `LIMIT` characters the first `LIMIT` + 1."""
    line = file.readline(LIMIT + 1)
    while line:
        rest = line
        while len(rest) > LIMIT and rest[-1] not in "\r\n":
            rest = file.readline(LIMIT + 1)
        yield line
        line = file.readline(LIMIT + 1)


def _tell_long_line() -> str:
    return f"a line of more than {LIMIT:,} characters"


def _read_csv(name: str, file: TextIO, columns: Sequence[str], kind: str, options: Format) -> Iterator[Record]:
    header, records = _read_header(file, columns, kind, options)
    if isinstance(header, str):
        raise PipelineError(f"{name}, {'header' if options.header else 'row 1'}: {header}")
    advice = "; if the first line is a row: --no-header" * options.header + _ADVICE * (len(header) == 1)
    positions = _find_columns(name, columns, header, advice)
    told = kind != "tsv"
    for number, record in enumerate(records, 1):
        if isinstance(record, str):
            yield Record(number, [], record)
            continue
        if not told and any("\t" in field and "\n" in field for field in record):
            told = True
            warn_once(
                f"{name}, row {number}: lines with tabs between two quotation marks are read as one text{_QUOTES}"
            )
        if len(record) != len(header):
            expected = "header" if options.header else "first row"
            yield Record(number, [], f"expected {len(header)} fields, as in the {expected}, found {len(record)}")
        else:
            yield Record(number, [record[position] for position in positions])


def _read_header(
    file: TextIO, columns: Sequence[str], kind: str, options: Format
) -> Tuple[Union[List[str], str], Iterator[Union[List[str], str]]]:
    """Return the names of the columns, or an error message for a malformed header, and the records of the rows."""
    csv.field_size_limit(LIMIT + 1)  # a record has no more
    lines = (line.replace("\0", " ") for line in _lines(file))
    first = next((line for line in lines if line.strip()), "")
    default = _DELIMITERS[kind]
    delimiter = options.delimiter or (_find_delimiter(first, columns, default) if options.header else default)
    all_lines = chain([first], lines)
    if options.quotes:  # strict: a misplaced quotation mark is an error instead of silently joining rows
        source = _CsvLines(_unescape(all_lines, delimiter))
        reader = csv.reader(source, delimiter=delimiter, strict=True)
    else:
        source = _CsvLines(all_lines)
        reader = csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    records = _records(reader, source)
    header = next(records, [])
    if not options.header and not isinstance(header, str):
        records = chain([header] if header else [], records)
        header = [str(number) for number in range(1, len(header) + 1)]
    return header, records


def _find_delimiter(header: str, columns: Sequence[str], default: str) -> str:
    """Return the default delimiter if the header has the columns, or else the one that gives the most columns."""

    def fields(delimiter: str) -> List[str]:
        try:
            return next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            return []

    return default if set(columns) <= set(fields(default)) else max(default + ",;\t|", key=lambda one: len(fields(one)))


def _unescape(lines: Iterator[str], delimiter: str) -> Iterator[str]:
    r"""Replace ``\"``, the escaped quotation mark of Kaggle's and Spark's files, by ``""``.

    In other files a backslash can precede a quotation mark that ends a field or a doubled one. So replacing starts at
    the first line with ``\"`` before another character.
    """
    escape = re.compile(rf'\\"[^"\r\n{re.escape(delimiter)}]')
    escaped = False
    for line in lines:
        if '\\"' in line:
            escaped = escaped or escape.search(line) is not None
            if escaped:
                line = line.replace('\\"', '""')
        yield line


class _TooLong(csv.Error):
    """A record has more than `LIMIT` characters."""


class _CsvLines(Iterator[str]):
    """The lines of a CSV file, for a reader of records that begins anew after a malformed one."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: Deque[str] = deque()
        self.record: List[str] = []  # lines of the present record
        self._size = 0  # characters of them

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.record.append(line)
        self._size += len(line)
        if self._size > LIMIT:
            raise _TooLong
        return line

    def begin_record(self) -> None:
        """Note that the next line begins a record."""
        self.record, self._size = [], 0

    def begin_with_second_line(self) -> None:
        """Yield the lines of the present record again, without the first one."""
        self._again.extendleft(reversed(self.record[1:]))


def _records(reader: Iterator[List[str]], lines: _CsvLines) -> Iterator[Union[List[str], str]]:
    """Yield the records of a CSV file, or an error message for a malformed one.

    A quotation mark that is never closed would make one record of all lines that follow. So after a malformed record
    the next one begins with its second line.
    """
    while True:
        lines.begin_record()
        try:
            record = next(reader)
        except StopIteration:
            return
        except _TooLong:
            is_line = len(lines.record) == 1
            lines.begin_with_second_line()
            open_mark = f"a quotation mark that {LIMIT:,} characters do not close{_QUOTES}"
            yield _tell_long_line() if is_line else f"not CSV: {open_mark}"
        except csv.Error as error:
            lines.begin_with_second_line()
            quotes = str(error) == "unexpected end of data" or " expected after " in str(error)
            yield f"not CSV ({error})" + f": a misplaced quotation mark{_QUOTES}" * quotes
        else:
            if record:
                yield record


def _read_jsonl(name: str, file: TextIO, columns: Sequence[str]) -> Iterator[Record]:
    seen = False
    for number, line in enumerate(_lines(file), 1):
        if line.isspace():
            continue
        value = _tell_long_line() if len(line) > LIMIT else _parse_object(line, columns)
        if isinstance(value, str):
            yield Record(number, [], value)
            continue
        if not seen:
            _find_columns(name, columns, list(value))
        seen = True
        missing = [column for column in columns if column not in value]
        if missing:
            yield Record(number, [], f"no field {missing[0]!r}")
        else:
            yield Record(number, [value[column] for column in columns])


def _parse_object(line: str, columns: Sequence[str]) -> Union[Dict[str, Any], str]:
    """Parse the JSON object on a line; return it or an error message."""
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
                yield Record(number, [to_python(value) for value in record])
    except (pyarrow.ArrowException, OSError) as error:
        raise PipelineError(f"{path}: damaged, or not parquet ({error})") from None


def to_python(value: Any) -> Any:
    """Convert an Arrow value to Python; a string that is not UTF-8 becomes bytes."""
    try:
        return value.as_py()
    except UnicodeDecodeError as error:
        return error.object


def _find_columns(name: str, columns: Sequence[str], found: Sequence[str], advice: str = "") -> List[int]:
    """Return the positions of columns, of which the first is the texts' and the second the labels'."""
    options = [" (--column)", " (--label-column)"] + [""] * len(columns)
    for column, option in zip(columns, options):
        if list(found).count(column) != 1:
            problem = "several columns" if column in found else "no column"
            existing = ", ".join(map(repr, found)) or "none"
            raise PipelineError(f"{name}: {problem} {column!r}; found {existing}{option}{advice}")
    return [found.index(column) for column in columns]
