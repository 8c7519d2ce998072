"""Parquet and CSV files in parts: row groups of a Parquet file, chunks of lines of a CSV file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, Iterator, List, NamedTuple, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.output import new_file
from pipeline.io.tables import LIMIT
from pipeline.scoring.partitions import check_columns, score_partitions

_BATCH_ROWS = 8192  # rows of a Parquet file in memory at a time
_BUFFER = 1 << 20  # bytes of a column that are read at a time; without it pyarrow reads a row group as a whole
_CHUNK = 1 << 24  # bytes of a CSV file in memory at a time; its records are shorter
_QUOTE, _NEWLINE = ord('"'), ord("\n")
_AROUND = np.isin(np.arange(256), list(b'",\n\r'))  # bytes that may come before an opening quote or after a closing one


class Part(NamedTuple):
    """A partition of an input file, and where its predictions go."""

    source: Path
    name: str  # of the output file
    rows: int
    position: Tuple[int, int]  # from where to where: row groups of a Parquet file, bytes of a CSV file


class Scored(NamedTuple):
    """How many rows of a part were scored."""

    rows: int
    errors: int


def list_files(source: Path) -> List[Path]:
    """Return the Parquet and CSV files of a folder, sorted; or a file itself.

    Hidden files, and those that begin with an underscore as Spark's ``_SUCCESS`` does, are left out.

    Raises
    ------
    PipelineError
        If there is none, or something else is among them: no text is left out silently.
    """
    if not source.exists():
        raise PipelineError(f"{source}: no such file or folder")
    files = sorted(source.iterdir()) if source.is_dir() else [source]
    files = [path for path in files if path == source or not path.name.startswith((".", "_"))]
    for path in files:
        if not path.is_file() or path.suffix.lower() not in (".parquet", ".csv"):
            found = "a folder" if path.is_dir() else "another file"
            raise PipelineError(f"{path}: expected .parquet and .csv files, found {found}; move it away")
    if not files:
        raise PipelineError(f"{source}: no .parquet or .csv file in it")
    return files


def split_file(path: Path, rows: int, column: str, added: List[str]) -> List[Part]:
    """Return the parts of a file: at least one, which may be empty.

    Parameters
    ----------
    path : Path
    rows : int
        Rows of a CSV file in one part. A part of a Parquet file is a row group.
    column : str
        Column of the texts.
    added : list of str
        Columns that will be added.

    Raises
    ------
    PipelineError
        If the file is damaged, has no such column, or one of those to be added.
    """
    is_csv = path.suffix.lower() == ".csv"
    names, cuts = _split_csv(path, rows) if is_csv else _split_parquet(path)
    try:
        check_columns(names, column, added)
    except PipelineError as error:
        raise PipelineError(f"{path}: {error}") from None
    return [
        Part(path, f"{path.stem}-{number:05}{path.suffix}", count, position)
        for number, (count, position) in enumerate(cuts)
    ]


def score_part(part: Part, output: Path, model: Path, column: str, prefix: str) -> Scored:
    """Score one part and write it, whole or not at all, in the format of its file."""
    counted = Scored(0, 0)
    arrow = import_pyarrow()
    schema, batches = _open_csv(part) if part.source.suffix.lower() == ".csv" else _open_parquet(part)
    empty = arrow.RecordBatch.from_arrays([arrow.array([], field.type) for field in schema], schema=schema)
    (scored,) = score_partitions([empty], model, column, prefix)
    with new_file(output / part.name) as temporary, _open_writer(temporary, part, scored.schema) as writer:
        for scored in score_partitions(batches, model, column, prefix):
            errors = scored.num_rows - scored.column(scored.schema.names.index(f"{prefix}error")).null_count
            counted = Scored(counted.rows + scored.num_rows, counted.errors + errors)
            writer.write_batch(scored)
    return counted


def import_pyarrow() -> ModuleType:
    """Return pyarrow, with its submodules for CSV and Parquet.

    Raises
    ------
    PipelineError
        If it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.csv
        import pyarrow.parquet
    except ImportError:
        raise PipelineError('scoring tables needs pyarrow: pip install "pyarrow<19"') from None
    return pyarrow


def _open_writer(path: Path, part: Part, schema: Any) -> Any:
    arrow = import_pyarrow()
    if part.source.suffix.lower() == ".csv":
        return arrow.csv.CSVWriter(str(path), schema)
    return arrow.parquet.ParquetWriter(str(path), schema)


def _split_parquet(path: Path) -> Tuple[List[str], List[Tuple[int, Tuple[int, int]]]]:
    arrow = import_pyarrow()
    try:
        with arrow.parquet.ParquetFile(path) as file:
            groups = file.metadata.num_row_groups
            counts = [file.metadata.row_group(group).num_rows for group in range(groups)]
            return file.schema_arrow.names, [(n, (i, i + 1)) for i, n in enumerate(counts)] or [(0, (0, 0))]
    except (arrow.ArrowException, OSError) as error:
        raise PipelineError(f"{path}: damaged, or not parquet ({error})") from None


def _open_parquet(part: Part) -> Tuple[Any, Iterator[Any]]:
    arrow = import_pyarrow()
    try:
        file = arrow.parquet.ParquetFile(part.source, buffer_size=_BUFFER)
    except (arrow.ArrowException, OSError) as error:
        raise PipelineError(f"{part.source}: damaged, or not parquet ({error})") from None
    return file.schema_arrow, _read_parquet(file, part)


def _read_parquet(file: Any, part: Part) -> Iterator[Any]:
    arrow = import_pyarrow()
    with file:
        try:
            if part.rows:
                yield from file.iter_batches(_BATCH_ROWS, row_groups=list(range(*part.position)))
        except (arrow.ArrowException, OSError) as error:
            raise PipelineError(f"{part.source}, row group {part.position[0]}: damaged ({error})") from None


def _split_csv(path: Path, rows: int) -> Tuple[List[str], List[Tuple[int, Tuple[int, int]]]]:
    """Return the header of a CSV file, and the number of records and the bytes of each part."""
    with open(path, "rb") as file:
        header = _read_header(path, file)
        names = _parse_header(path, header)
        begin = last = len(header)
        count, cuts = 0, []
        for ends in _find_records(path, file, header):
            done = 0
            while count + len(ends) - done >= rows:
                done += rows - count
                cuts.append((rows, (begin, int(ends[done - 1]))))
                count, begin = 0, int(ends[done - 1])
            count += len(ends) - done
            last = int(ends[-1]) if len(ends) else last
        size = file.tell()
    count += last < size  # without a newline at its end
    if count or not cuts:
        cuts.append((count, (begin, size)))
    return names, cuts


def _read_header(path: Path, file: BinaryIO) -> bytes:
    header = b""
    while not header or header.count(b'"') % 2:
        line = file.readline(LIMIT)
        if not line or len(header) > LIMIT:
            problem = "a quotation mark is never closed" if header else "it is empty"
            raise PipelineError(f"{path}: expected a line with the names of the columns; {problem}")
        header += line
    return header


def _parse_header(path: Path, header: bytes) -> List[str]:
    try:
        names, *more = csv.reader(io.StringIO(header.decode("utf-8-sig"), newline=""), strict=True)
    except UnicodeDecodeError:
        raise PipelineError(f"{path}, line 1: not UTF-8 text; convert the file first") from None
    except csv.Error as error:
        raise PipelineError(f"{path}, line 1: not CSV ({error})") from None
    if more:
        raise PipelineError(f"{path}: the lines end with a carriage return alone; convert the file first")
    return names


def _find_records(path: Path, file: BinaryIO, header: bytes) -> Iterator[np.ndarray]:
    """Yield the positions after the newlines that end records: those that are not between quotation marks.

    Raises
    ------
    PipelineError
        If a quotation mark is at the beginning or end of something else than a field, so that other readers would
        divide the file differently, one is never closed, or a record is longer than `LIMIT`.
    """
    position = last = len(header)
    line = last_line = header.count(b"\n") + 1
    inside, closed, before = 0, False, _NEWLINE  # between quotation marks; after the second one; the byte before
    while True:
        chunk = np.frombuffer(file.read(_CHUNK), np.uint8)
        if not len(chunk):
            if inside:
                raise PipelineError(
                    f"{path}, line {last_line} or later: a quotation mark is never closed, so that the last record has "
                    "all lines behind it: correct the file, or convert it to parquet"
                )
            return
        quotes, newlines = np.flatnonzero(chunk == _QUOTE), np.flatnonzero(chunk == _NEWLINE)
        opening, closing = quotes[inside::2], quotes[1 - inside :: 2]
        after = np.concatenate([[0] * closed, closing + 1]).astype(int)
        after = after[after < len(chunk)]
        previous = np.where(opening > 0, chunk[opening - 1], before)
        wrong = np.concatenate([opening[~_AROUND[previous]], after[~_AROUND[chunk[after]]]])
        if len(wrong):
            number = line + int(np.searchsorted(newlines, wrong.min()))
            raise PipelineError(
                f"{path}, line {number}: a quotation mark in the middle of a field; expected it doubled, in a field "
                "between quotation marks: correct the file, or convert it to parquet"
            )
        ends = position + 1 + newlines[(np.searchsorted(quotes, newlines) + inside) % 2 == 0]
        if np.diff(np.concatenate([[last], ends, [position + len(chunk)]])).max() > LIMIT:
            raise PipelineError(
                f"{path}, line {line} or later: a record of more than {LIMIT:,} bytes; is a quotation mark open?"
            )
        yield ends
        if len(ends):
            last = int(ends[-1])
            last_line = line + int(np.searchsorted(newlines, last - position))
        position, line, before = position + len(chunk), line + len(newlines), int(chunk[-1])
        inside = (inside + len(quotes)) % 2
        closed = before == _QUOTE and not inside


def _open_csv(part: Part) -> Tuple[Any, Iterator[Any]]:
    arrow = import_pyarrow()
    begin, end = part.position
    with open(part.source, "rb") as file:
        header = _read_header(part.source, file)
        names = _parse_header(part.source, header)
        file.seek(begin)
        data = file.read(end - begin)
    schema = arrow.schema([(name, arrow.string()) for name in names])
    if not data.strip(b"\r\n" if len(names) > 1 else b""):
        return schema, iter(())
    try:
        reader = arrow.csv.open_csv(
            arrow.BufferReader(data),
            arrow.csv.ReadOptions(use_threads=False, block_size=_CHUNK, column_names=names),
            # An empty line is a row without a text if there is one column.
            arrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=len(names) > 1),
            arrow.csv.ConvertOptions(column_types=dict.fromkeys(names, arrow.string())),
        )
    except arrow.ArrowException as error:
        raise _not_csv(part, error) from None
    return schema, _read_csv(reader, part)


def _read_csv(reader: Any, part: Part) -> Iterator[Any]:
    arrow = import_pyarrow()
    try:
        yield from reader
    except arrow.ArrowException as error:
        raise _not_csv(part, error) from None


def _not_csv(part: Part, error: Exception) -> PipelineError:
    where = f"{part.source}, in the {part.rows:,} rows from byte {part.position[0]:,} on"
    return PipelineError(f"{where}: not CSV in UTF-8 ({error}); correct it, or use infer, which leaves out such rows")
