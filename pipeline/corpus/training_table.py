"""A table to train on, or a folder with a folder for each class: its texts, and the classes that its labels name."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import MOST_CLASSES, SENTIMENT, SENTIMENT_LABELS, Classes, label_ids, normalize_label
from pipeline.corpus.labelled import Table, list_class_folders, parse_names
from pipeline.corpus.splits import hold_out
from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text, warn_once
from pipeline.io.tables import NOT_UTF8, PLAIN, Format, Record, column_names, name_of, read_records, text_of

TEXT_COLUMNS = ("text", "review", "sentence", "comment", "content", "body", "tweet", "message", "title")
LABEL_COLUMNS = ("label", "labels", "sentiment", "class", "category", "target", "polarity", "stars", "rating", "score")
_BLANK = ("", "nan")  # what pandas and Excel leave in an empty cell; "none" may be a class
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")  # of a column's name: review_text, reviewText
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?$")
_NAMED = 5  # rows in a warning


class LabelledRow(NamedTuple):
    """One labelled text of a table."""

    number: int  # of the row, as in an error
    text: str
    label: str  # a class as the table, or the map of the labels, spells it
    group: str = ""  # a row without one has a group of its own


class Labels(NamedTuple):
    """What is known of a table of N labelled texts once its labels were read."""

    ids: np.ndarray  # int16, (N,), indices into `classes`
    classes: Classes
    groups: Optional[np.ndarray]  # int32, (N,), ranks of the groups' names; None without a column of groups


class LabelledTexts(NamedTuple):
    """N labelled texts."""

    texts: List[str]
    labels: List[int]  # indices into `classes`
    classes: Classes  # sorted; negative and positive if that is what the labels mean
    groups: List[str]  # of each text, such as its author; empty if there is no such column
    numbers: List[int]  # of their rows, as in an error


def guess_columns(path: Path, form: Format = PLAIN) -> Tuple[Optional[str], Optional[str]]:
    """Return the columns of texts and labels that a table's column names suggest; None where nothing does.

    A name is one of `TEXT_COLUMNS` or `LABEL_COLUMNS`, or the only one that ends in such a word: "Review Text",
    "star_rating". Of two columns, the one that is not the other's is taken.
    """
    names = column_names(path, form)
    text = _guess(names, TEXT_COLUMNS)
    label = _guess([name for name in names if name != text], LABEL_COLUMNS)
    if len(set(names)) == 2 and (text is None) != (label is None):
        (other,) = {*names} - {text, label}
        text, label = text or other, label or other
    return text, label


def _guess(names: Sequence[str], expected: Sequence[str]) -> Optional[str]:
    found = {name.strip().lower(): name for name in names}
    for name in expected:
        if name in found:
            return found[name]
    last_words = {name: (_WORD.findall(name) or [""])[-1].lower() for name in names}
    ending = [name for name, word in last_words.items() if word in expected]
    return ending[0] if len(ending) == 1 else None


def read_labelled_rows(table: Table) -> Iterator[LabelledRow]:
    """Yield the labelled texts of a table one at a time. Rows without a text or a label are left out with a warning.

    Parameters
    ----------
    table : Table
        Its own files for validation and test are not read.

    Raises
    ------
    PipelineError
        If a column is missing, a row cannot be read, or a label is not in the map; names the file, and the row.
    """
    path, group_column = table.path, table.group_column
    if path.is_dir():
        if group_column or table.form != Format(encoding=table.form.encoding):
            raise PipelineError(f"{path}: a folder of texts takes no option of a table but --encoding and --label-map")
        rows: Iterator[Record] = _read_folders(path, table.form.encoding)
    else:
        columns = [table.column, table.label_column, *([group_column] if group_column else [])]
        rows = read_records(path, columns, table.form)
    name, meanings = name_of(path), parse_names(table.label_map) if table.label_map is not None else {}
    left_out, first = 0, []
    for record in rows:
        if not record.error and (_is_blank(record.values[0]) or _is_blank(record.values[1])):
            left_out += 1
            first += [record.number] if left_out <= _NAMED else []
            continue
        row = text_of(record)
        label = "" if row.error else str(record.values[1]).strip()
        error = row.error if label.isascii() else text_of(Record(record.number, [label])).error
        if not error and isinstance(record.values[1], (list, dict)):
            error = f"label: expected one, found {label[:40]}"
        if error:
            advice = "; name the encoding, such as --encoding latin-1" if NOT_UTF8 in error else ""
            raise PipelineError(f"{name}, row {record.number}: {error}{advice}")
        if meanings:
            if normalize_label(label) not in meanings:
                expected = ", ".join(meanings)
                raise PipelineError(
                    f"{name}, row {record.number}: label: expected one of {expected}, found {label[:40]!r}; "
                    "name its class with --label-map too"
                )
            label = meanings[normalize_label(label)]
        group = str(record.values[2]) if group_column and not _is_blank(record.values[2]) else f"\0{record.number}"
        yield LabelledRow(record.number, row.text, label, group)
    if left_out:
        numbers = ", ".join(map(str, first)) + ", ..." * (left_out > _NAMED)
        warn_once(f"{name}: left out rows without a text or a label: {left_out:,} (rows {numbers})")


def read_labels(table: Table) -> Labels:
    """Read the labels and the groups of a table; no text is kept.

    Raises
    ------
    PipelineError
        As from `read_labelled_rows` and `find_classes`.
    """
    id_of: Dict[str, int] = {}  # of each label, in order of first appearance
    spelled: List[str] = []
    found, groups, group_of = array("h"), array("i"), defaultdict(count().__next__)  # type: Any, Any, Dict[str, int]
    normalize = lru_cache(1024)(normalize_label)
    for row in read_labelled_rows(table):
        label = normalize(row.label)
        if label not in id_of:
            id_of[label] = len(spelled)
            spelled.append(row.label)
            if len(spelled) > MOST_CLASSES:
                break  # which `find_classes` refuses
        found.append(id_of[label])
        if table.group_column:
            groups.append(group_of[row.group])
    classes = find_classes(spelled, name_of(table.path))
    ids = label_ids(classes)
    ids_in_order = np.array([ids[label] for label in id_of], np.int16)
    # Groups are numbered in their sorted order, so that they are split as by their names: see `split_texts`.
    ranks = np.empty(len(group_of), np.int32)
    for rank, name in enumerate(sorted(group_of)):
        ranks[group_of[name]] = rank
    return Labels(ids_in_order[np.array(found)], classes, ranks[np.array(groups)] if table.group_column else None)


def read_known_rows(table: Table, classes: Classes) -> Iterator[Tuple[LabelledRow, int]]:
    """Yield the labelled texts of a table, each with its index into `classes`.

    Raises
    ------
    PipelineError
        At the first label that is none of the classes; as from `read_labelled_rows`, too.
    """
    ids, normalize = label_ids(classes), lru_cache(1024)(normalize_label)
    for row in read_labelled_rows(table):
        found = ids.get(normalize(row.label))
        if found is None:
            raise PipelineError(
                f"{name_of(table.path)}, row {row.number}: label: expected one of {', '.join(map(str, classes))}, "
                f"found {row.label[:40]!r}"
            )
        yield row, found


def read_labelled_texts(
    path: Path,
    column: str,
    label_column: str,
    form: Format = PLAIN,
    label_map: Optional[str] = None,
    group_column: Optional[str] = None,
    classes: Optional[Classes] = None,
) -> LabelledTexts:
    """Read all labelled texts of a table or a folder into memory.

    Parameters
    ----------
    path, column, label_column, form, label_map, group_column
        As in `Table`.
    classes : tuple, optional
        Of the texts that are trained on, for texts to evaluate on; by default those that are found.

    Raises
    ------
    PipelineError
        As from `read_labelled_rows`, and `find_classes` or `read_known_rows`.
    """
    table = Table(path, column, label_column, form, label_map, group_column)
    rows = list(read_labelled_rows(table)) if classes is None else []
    if classes is None:
        classes = find_classes([row.label for row in rows], name_of(path))
        ids = label_ids(classes)
        known = [(row, ids[normalize_label(row.label)]) for row in rows]
    else:
        known = list(read_known_rows(table, classes))
    groups = [row.group for row, _ in known] if group_column else []
    labels, numbers = [label for _, label in known], [row.number for row, _ in known]
    return LabelledTexts([row.text for row, _ in known], labels, classes, groups, numbers)


def split_texts(
    texts: LabelledTexts, held_out: float, seed: int, option: str = "--held-out"
) -> Dict[str, LabelledTexts]:
    """Split texts at random: into ``train`` and ``held_out``, with all of a group in one of them.

    Parameters
    ----------
    texts : LabelledTexts
    held_out : float
        Fraction of the texts, or of the groups if there are any; 0 holds none out. Without groups both parts have the
        same fractions of the classes.
    seed : int
    option : str
        What the fraction is called in errors.

    Raises
    ------
    PipelineError
        If it is no such fraction, there are too few texts, or a class has no text to train on.
    """
    if not 0 <= held_out < 1:
        raise PipelineError(f"{option} {held_out}: expected a fraction from 0 to less than 1")
    if not held_out:
        return {"train": texts}
    try:
        both = hold_out(texts.labels, held_out, seed, texts.groups or None, stratify=True)
    except ValueError as error:
        raise PipelineError(f"{option} {held_out}: too few texts to split ({error})") from None
    parts = {name: take_texts(texts, chosen.tolist()) for name, chosen in zip(("train", "held_out"), both)}
    for missing in sorted(set(range(len(texts.classes))) - set(parts["train"].labels)):
        raise PipelineError(
            f"{option} {held_out}: the groups that are held out have all texts of {texts.classes[missing]!r}; "
            "try a smaller fraction"
        )
    return parts


def take_texts(texts: LabelledTexts, rows: Sequence[int]) -> LabelledTexts:
    """Return some of the texts, with their labels and groups."""
    groups = [texts.groups[row] for row in rows] if texts.groups else []
    labels, numbers = [texts.labels[row] for row in rows], [texts.numbers[row] for row in rows]
    return LabelledTexts([texts.texts[row] for row in rows], labels, texts.classes, groups, numbers)


def find_classes(labels: Iterable[str], name: str) -> Classes:
    """Return the classes that labels name: negative and positive, or the different labels, sorted.

    Numbers are sorted by size. Labels that differ in capitals only are one class, spelled as it is first.

    Raises
    ------
    PipelineError
        If there are fewer than two or more than 1,000; `name` is where they are from.
    """
    spelled: Dict[str, str] = {}
    for label in labels:
        spelled.setdefault(normalize_label(label), label)
    if {SENTIMENT_LABELS.get(label) for label in spelled} == {0, 1}:
        return SENTIMENT
    if not 2 <= len(spelled) <= MOST_CLASSES:
        few = ", ".join(repr(label[:40]) for label in list(spelled.values())[:3]) or "none"
        number = f"more than {MOST_CLASSES:,}" if len(spelled) > MOST_CLASSES else len(spelled)
        raise PipelineError(
            f"{name}: expected labels of two to {MOST_CLASSES:,} classes, found {number}: {few}; "
            "--label-column names the column of the labels"
        )
    if all(_NUMBER.match(label) for label in spelled):
        return tuple(sorted(spelled, key=float))
    return tuple(sorted(spelled.values(), key=str.lower))


def _is_blank(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and value.strip().lower() in _BLANK)


def _read_folders(folder: Path, encoding: str) -> Iterator[Record]:
    files = ((kind, name) for kind in list_class_folders(folder) for name in list_reviews(folder / kind))
    for number, (kind, name) in enumerate(files, 1):
        yield Record(number, [read_text(str(folder / kind / name), encoding), kind])
