"""Labelled texts, one after the other, out of a table or a folder with a folder for each class."""

from __future__ import annotations

import contextlib
import csv
import io
import shlex
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from pipeline.corpus.classes import SENTIMENT_LABELS, Classes, is_sentiment, label_ids, normalize_label
from pipeline.corpus.reviews import CLASSES
from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text, warn_once
from pipeline.io.tables import NOT_UTF8, PLAIN, Format, Record, name_of, read_records, text_of

Place = Union[int, str]  # of a text: the number of its row, as in errors, or the file below a folder

_BLANK = ("", "nan")  # what pandas and Excel leave in an empty cell; "none" may be a class
_NAMED = 5  # rows in a warning
_MORE_ROWS = 1000  # in which an error looks for more labels


class Table(NamedTuple):
    """A table of labelled texts, or a folder that holds a folder of ``.txt`` files for each class."""

    path: Path
    column: str = "text"  # this and the next are not used for a folder and for fastText's lines
    label_column: str = "label"
    form: Format = PLAIN
    label_map: Optional[str] = None  # names of the labels' classes, such as 4=pos,0=neg or 1=World,2=Sports
    group_column: Optional[str] = None  # texts of one group are to stay in one split
    validation: Optional[Path] = None  # texts of their own to choose by, read like the table
    test: Optional[Path] = None  # and to evaluate on


class LabelledRow(NamedTuple):
    """One labelled text of a table."""

    place: Place
    text: str
    label: str  # a class as the table, or the map of the labels, spells it
    group: str = ""  # a row without one has a group of its own
    extra: Tuple[str, ...] = ()  # values of further columns


class Labelled(NamedTuple):
    """One text and its class."""

    text: str
    label: int  # id of its class: 1 positive, 0 negative
    extra: Tuple[str, ...] = ()  # values of further columns
    place: Place = 0
    group: str = ""


def read_labelled_rows(
    table: Table, extra_columns: Sequence[str] = (), folders: Sequence[str] = ()
) -> Iterator[LabelledRow]:
    """Yield the labelled texts of a table one at a time. Rows without a text or a label are left out with a warning.

    Parameters
    ----------
    table : Table
        Its own files for validation and test are not read.
    extra_columns : sequence of str
        Names of further columns, for `LabelledRow.extra`.
    folders : sequence of str
        Those of a folder to read, in this order; by default all, sorted by name.

    Raises
    ------
    PipelineError
        If a column is missing, a row cannot be read, or a label is not in the map; names the file, and the row.
    """
    path, group_column = table.path, table.group_column
    if path.is_dir():
        if group_column or extra_columns or table.form != Format(encoding=table.form.encoding):
            raise PipelineError(f"{path}: a folder of texts takes no option of a table but --encoding and --label-map")
        files = [f"{kind}/{file}" for kind in folders or list_class_folders(path) for file in list_reviews(path / kind)]
        rows: Iterator[Record] = _read_files(path, files, table.form.encoding)
    else:
        files = []
        columns = [table.column, table.label_column, *([group_column] if group_column else []), *extra_columns]
        rows = read_records(path, columns, table.form)
    name, meanings = name_of(path), parse_names(table.label_map) if table.label_map is not None else {}
    left_out, first = 0, []
    for record in rows:
        place = files[record.number - 1] if files else record.number
        if not record.error and (_is_blank(record.values[0]) or _is_blank(record.values[1])):
            left_out += 1
            first += [place] if left_out <= _NAMED else []
            continue
        row, values = text_of(record), record.values
        label, error = _find_label(record, row.error, meanings)
        if error:
            raise PipelineError(f"{tell_place(path, place)}: {error}")
        group = str(values[2]) if group_column and not _is_blank(values[2]) else f"\0{place}"
        extra = tuple("" if value is None else str(value) for value in values[len(values) - len(extra_columns) :])
        yield LabelledRow(place, row.text, label, group, extra)
    if left_out:
        what, where = "files" if files else "rows", ", ".join(map(str, first)) + ", ..." * (left_out > _NAMED)
        warn_once(f"{name}: left out {what} without a text or a label: {left_out:,} ({what} {where})")


def read_labelled(
    table: Table, classes: Classes, extra_columns: Sequence[str] = (), folders: Sequence[str] = ()
) -> Iterator[Labelled]:
    """Yield the labelled texts of a table, each with the id of its class.

    Parameters
    ----------
    table : Table
    classes : tuple
        The ids are those of `pipeline.corpus.classes.label_ids`.
    extra_columns, folders
        As for `read_labelled_rows`.

    Raises
    ------
    PipelineError
        At the first label that is none of the classes, and says which there are; as from `read_labelled_rows`, too.
    """
    ids, normalize = label_ids(classes), lru_cache(1024)(normalize_label)
    rows, found = read_labelled_rows(table, extra_columns, folders), set()
    for row in rows:
        label = ids.get(normalize(row.label))
        found.add(row.label)
        if label is None:
            with contextlib.suppress(PipelineError):
                found.update(other.label for other in islice(rows, _MORE_ROWS))
            problem = _tell_label(row.label, classes, sorted(found), table.label_map is not None)
            raise PipelineError(f"{tell_place(table.path, row.place)}: {problem}")
        yield Labelled(row.text, label, row.extra, row.place, row.group)


def parse_names(text: str) -> Dict[str, str]:
    """Return the class that ``--label-map`` names for each label.

    Parameters
    ----------
    text : str
        Such as ``4=pos,0=neg`` or ``1=World,2=Sports``, a line of CSV: pairs with a comma are quoted.

    Raises
    ------
    PipelineError
        If it is anything else, or a label comes twice.
    """
    names: Dict[str, str] = {}
    try:
        pairs = next(csv.reader([text]), []) or [""]
    except csv.Error as error:  # a line break, or too long
        raise PipelineError(f"--label-map {text[:40]!r}: expected one line, such as 4=pos,0=neg ({error})") from None
    for pair in pairs:
        label, _, name = pair.rpartition("=")
        if not label.strip() or not name.strip() or normalize_label(label) in names:
            raise PipelineError(f"--label-map {text}: expected each label once, such as 4=pos,0=neg; found {pair!r}")
        names[normalize_label(label)] = name.strip()
    return names


def check_label_map(text: str, classes: Classes) -> None:
    """Raise an error unless ``--label-map`` names none but some classes.

    Raises
    ------
    PipelineError
        Names the classes; as from `parse_names`, too.
    """
    ids = label_ids(classes)
    for name in parse_names(text).values():
        if normalize_label(name) not in ids:
            raise PipelineError(f"--label-map {text}: expected names among {', '.join(ids)}; found {name!r}")


def list_class_folders(path: Path) -> List[str]:
    """Return the sorted names of a folder's folders, one for each class.

    Raises
    ------
    PipelineError
        If there are none.
    """
    found = sorted(entry.name for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not found:
        raise PipelineError(f"{path}: no folders in it; expected one for each class, with a .txt file for each text")
    return found


def list_sentiment_folders(path: Path) -> List[str]:
    """Return a folder's folders of positive texts and of negative ones; others, such as ``unsup``, are left alone.

    They are called ``pos`` and ``neg`` if there are no others of such names.
    """
    labels = {name: SENTIMENT_LABELS.get(normalize_label(name)) for name in list_class_folders(path)}
    folders = sorted((name for name in labels if labels[name] is not None), key=lambda name: labels[name] == 0)
    return folders if {*labels.values()} >= {0, 1} else [*CLASSES]


def tell_place(path: Path, place: Place) -> str:
    """Return where a text is, for a message."""
    return f"{path}/{place}" if isinstance(place, str) else f"{name_of(path)}, row {place}"


def _read_files(path: Path, files: Sequence[str], encoding: str) -> Iterator[Record]:
    for number, file in enumerate(files, 1):
        yield Record(number, [read_text(f"{path}/{file}", encoding), file.partition("/")[0]])


def _find_label(record: Record, error: str, meanings: Dict[str, str]) -> Tuple[str, str]:
    """Return a record's label, as the map names it, and an error message if one of its values cannot be read."""
    for value in record.values[1:]:
        if not error and isinstance(value, str) and not value.isascii():
            error = text_of(Record(record.number, [value])).error
    if error:
        return "", error + "; name the encoding, such as --encoding latin-1" * (NOT_UTF8 in error)
    label = str(record.values[1]).strip()
    if isinstance(record.values[1], (list, dict)):
        return "", f"label: expected one, found {label[:40]}"
    if not meanings:
        return label, ""
    name = meanings.get(normalize_label(label))
    if name is None:
        found = f"expected one of {', '.join(meanings)}, found {label[:40]!r}"
        return "", f"label: {found}; name its class with --label-map too"
    return name, ""


def _is_blank(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and value.strip().lower() in _BLANK)


def _tell_label(label: str, classes: Classes, found: Sequence[str], has_map: bool) -> str:
    """Say in words what is wrong with a label, which ones there are, and what to do."""
    names = ", ".join(repr(name)[:40] for name in found[:10]) + ", ..." * (len(found) > 10)
    sentiment = is_sentiment(classes)
    expected = "positive or negative, pos or neg, 1 or 0" if sentiment else f"one of {', '.join(map(str, classes))}"
    told = f"label: expected {expected}, found {label[:40]!r}; there are {names}"
    if has_map or not sentiment or any(name.isalpha() and normalize_label(name) in SENTIMENT_LABELS for name in found):
        return f"{told}: name the classes of the others with --label-map, or take their rows out of the table"
    # With the last label first: what begins with a minus, as -1=neg would, looks like an option.
    last, first = (found[-1], found[0]) if len(found) > 1 else ("4", "0")
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([f"{last[:40]}=pos", f"{first[:40]}=neg"])
    return f"{told}: say what they mean, such as --label-map {shlex.quote(line.getvalue())}"
