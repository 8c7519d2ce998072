"""Labelled texts of known classes, one after the other, such as those to evaluate on; where a table has them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from pipeline.corpus.classes import SENTIMENT_LABELS, normalize_label
from pipeline.corpus.reviews import CLASSES
from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text
from pipeline.io.tables import PLAIN, Format, Record, name_of, read_records, text_of

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


class Labelled(NamedTuple):
    """One text, and what it should be answered by."""

    text: str
    label: int  # id of its class: 1 positive, 0 negative
    extra: Tuple[str, ...] = ()  # values of further columns


def parse_label_map(text: str, ids: Mapping[str, int] = SENTIMENT_LABELS) -> Dict[str, int]:
    """Return what labels mean by ``--label-map``.

    Parameters
    ----------
    text : str
        Such as ``4=pos,0=neg``: a label, and a name in `ids`.
    ids : mapping of str to int
        Ids of the classes, as from `pipeline.corpus.classes.label_ids`.

    Raises
    ------
    PipelineError
        If it is anything else, or a label comes twice.
    """
    labels: Dict[str, int] = {}
    for label, name in parse_names(text).items():
        if normalize_label(name) not in ids:
            raise PipelineError(f"--label-map {text}: expected names among {', '.join(ids)}; found {name!r}")
        labels[label] = ids[normalize_label(name)]
    return labels


def parse_names(text: str) -> Dict[str, str]:
    """Return the class that ``--label-map`` names for each label.

    Parameters
    ----------
    text : str
        Such as ``4=pos,0=neg`` or ``1=World,2=Sports``.

    Raises
    ------
    PipelineError
        If it is anything else, or a label comes twice.
    """
    names: Dict[str, str] = {}
    for pair in text.split(","):
        label, _, name = pair.rpartition("=")
        if not label.strip() or not name.strip() or normalize_label(label) in names:
            raise PipelineError(f"--label-map {text}: expected each label once, such as 4=pos,0=neg; found {pair!r}")
        names[normalize_label(label)] = name.strip()
    return names


def read_labelled(
    path: Path,
    column: str,
    label_column: str,
    form: Format = PLAIN,
    labels: Optional[Dict[str, int]] = None,
    extra_columns: Sequence[str] = (),
) -> Iterator[Labelled]:
    """Read labelled texts one at a time.

    Parameters
    ----------
    path : Path
        A table, as for `pipeline.io.tables.read_records`, or a folder that holds ``pos/*.txt`` and ``neg/*.txt``;
        with `labels`, a folder for each of them.
    column, label_column : str
        Names of the columns of texts and labels; not used for a folder and for fastText's lines.
    form : Format
    labels : dict of str to int, optional
        Ids of labels, as from `parse_label_map` or `pipeline.corpus.classes.label_ids`; by default
        `SENTIMENT_LABELS`, in capitals or not, or the same as numbers.
    extra_columns : sequence of str
        Names of further columns, for `Labelled.extra`.

    Yields
    ------
    Labelled

    Raises
    ------
    PipelineError
        At the first row or file that is no text, or has no label; names it. As from `read_records`, too.
    """
    if path.is_dir():
        if form != Format(encoding=form.encoding) or extra_columns:
            raise PipelineError(f"{path}: a folder of reviews takes no option of a table but --encoding")
        return _read_folder(path, form.encoding, labels)
    return _label(read_records(path, [column, label_column, *extra_columns], form), name_of(path), labels)


def _read_folder(path: Path, encoding: str, labels: Optional[Dict[str, int]]) -> Iterator[Labelled]:
    folders = CLASSES
    if labels:
        folders = {}
        for folder in list_class_folders(path):
            if normalize_label(folder) not in labels:
                raise PipelineError(f"{path}: expected folders of the classes {', '.join(labels)}, found {folder!r}")
            folders[folder] = labels[normalize_label(folder)]
    for folder, label in folders.items():
        for name in list_reviews(path / folder):
            file = str(path / folder / name)
            yield Labelled(_check_text(Record(1, [read_text(file, encoding)]), file), label)


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


def _label(records: Iterator[Record], name: str, given: Optional[Dict[str, int]]) -> Iterator[Labelled]:
    labels, found = given or SENTIMENT_LABELS, set()
    for record in records:
        where = f"{name}, row {record.number}"
        text, value = _check_text(record, where), record.values[1]
        label = labels.get(normalize_label(value))
        found.add(str(value))
        if label is None:
            found |= {str(record.values[1]) for record in islice(records, _MORE_ROWS) if not record.error}
            raise PipelineError(f"{where}: {_tell_label(value, given, sorted(found))}")
        yield Labelled(text, label, tuple("" if value is None else str(value) for value in record.values[2:]))


def _check_text(record: Record, where: str) -> str:
    row = text_of(record)
    if row.error:
        raise PipelineError(f"{where}: {row.error}")
    return row.text


def _tell_label(value: Any, given: Optional[Dict[str, int]], found: Sequence[str]) -> str:
    """Say in words what is wrong with a label, and which ones were found."""
    expected = f"one of {', '.join(given)}" if given else "positive or negative, pos or neg, 1 or 0"
    if value is None or value == "":
        return f"label: expected {expected}, found none"
    names = ", ".join(repr(label)[:40] for label in found[:10]) + ", ..." * (len(found) > 10)
    found_here = f"label: expected {expected}, found {repr(value)[:40]}; there are {names}"
    others = "name the classes of the others with --label-map too, or take their rows out of the table"
    if given or any(label.isalpha() and normalize_label(label) in SENTIMENT_LABELS for label in found):
        return f"{found_here}: {others}"
    # With the last label first: what begins with a minus, as -1=neg would, looks like an option.
    example = f"{found[-1][:40]}=pos,{found[0][:40]}=neg" if len(found) > 1 else "4=pos,0=neg"
    return f'{found_here}: say what they mean, such as --label-map "{example}"'
