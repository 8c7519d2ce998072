"""Labelled texts, one after the other: a table with a column of labels, or a folder with pos/ and neg/."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator, NamedTuple

from pipeline.corpus.reviews import CLASSES
from pipeline.errors import PipelineError
from pipeline.io.tables import STANDARD_INPUT, Record, name_of, read_records, text_of

# As they are written, in capitals or not; "1.0" is what pandas makes of 1 in a column with gaps.
LABELS = {"positive": 1, "pos": 1, "1": 1, "1.0": 1, "true": 1, "negative": 0, "neg": 0, "0": 0, "0.0": 0, "false": 0}


class Labelled(NamedTuple):
    """One text, and what it should be answered by."""

    text: str
    label: int  # 1 positive, 0 negative


def read_labelled(path: Path, column: str, label_column: str, kind: str = "") -> Iterator[Labelled]:
    """Read labelled texts one at a time.

    Parameters
    ----------
    path : Path
        A table, as for `pipeline.io.tables.read_records`, or a folder that holds ``pos/*.txt`` and ``neg/*.txt``.
    column, label_column : str
        Names of the columns of texts and labels; not used for a folder. Labels are `LABELS`, or the same as numbers.
    kind : str
        As for `read_records`.

    Yields
    ------
    Labelled

    Raises
    ------
    PipelineError
        At the first row or file that is no text, or has no label; names it. As from `read_records`, too.
    """
    if path.is_dir():
        return _read_folder(path)
    if (kind or path.suffix[1:].lower() or "txt" * (path == STANDARD_INPUT)) == "txt":
        raise PipelineError(f"{name_of(path)}: lines of text have no labels; expected a table (or --input-format)")
    records = read_records(path, [column, label_column], kind)
    return (_parse(record, f"{name_of(path)}, row {record.number}") for record in records)


def _read_folder(path: Path) -> Iterator[Labelled]:
    for folder, label in CLASSES.items():
        files = sorted((path / folder).glob("*.txt"))
        if not files:
            raise PipelineError(f"{path / folder}: no .txt files there; expected reviews in {path}/pos and {path}/neg")
        for file in files:
            text = file.read_bytes().decode("utf-8-sig", "surrogateescape")
            yield _parse(Record(1, [text, label]), str(file))


def _parse(record: Record, where: str) -> Labelled:
    row = text_of(record)
    if row.error:
        raise PipelineError(f"{where}: {row.error}")
    return Labelled(row.text, _parse_label(record.values[1], where))


def _parse_label(value: Any, where: str) -> int:
    label = LABELS.get(str(value).strip().lower())
    if label is None:
        found = "none" if value is None or value == "" else repr(value)[:40]
        raise PipelineError(f"{where}: label: expected positive or negative, pos or neg, 1 or 0, found {found}")
    return label
