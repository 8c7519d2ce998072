"""All labelled texts of a table, or of a folder with a folder for each class, and the classes that they have."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from pipeline.corpus.classes import SENTIMENT, SENTIMENT_LABELS, Classes, label_ids, normalize_label
from pipeline.corpus.labelled import list_class_folders, parse_names
from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text
from pipeline.io.tables import PLAIN, Format, Record, column_names, name_of, read_records, text_of

TEXT_COLUMNS = ("text", "review", "sentence", "comment", "content", "body", "tweet", "message", "title")
LABEL_COLUMNS = ("label", "labels", "sentiment", "class", "category", "target", "polarity", "stars", "rating", "score")
_LOG = logging.getLogger(__name__)
_BLANK = ("", "nan")  # what pandas and Excel leave in an empty cell; "none" may be a class
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?$")
_MOST_CLASSES = 1000
_NAMED = 5  # rows in a warning


class LabelledTexts(NamedTuple):
    """N labelled texts."""

    texts: List[str]
    labels: List[int]  # indices into `classes`
    classes: Classes  # sorted; negative and positive if that is what the labels mean
    groups: List[str]  # of each text, such as its author; empty if there is no such column


def guess_columns(path: Path, form: Format = PLAIN) -> Tuple[Optional[str], Optional[str]]:
    """Return the columns of texts and labels that a table's column names suggest; None where nothing does.

    Of two columns, the one that is not the other's is taken.
    """
    names = column_names(path, form)
    found = {name.strip().lower(): name for name in names}
    text = next((found[name] for name in TEXT_COLUMNS if name in found), None)
    label = next((found[name] for name in LABEL_COLUMNS if name in found and found[name] != text), None)
    if len(names) == 2 and (text is None) != (label is None):
        (other,) = [name for name in names if name not in (text, label)]
        text, label = text or other, label or other
    return text, label


def read_labelled_texts(
    path: Path,
    column: str,
    label_column: str,
    form: Format = PLAIN,
    label_map: Optional[str] = None,
    group_column: Optional[str] = None,
    classes: Optional[Classes] = None,
) -> LabelledTexts:
    """Read all labelled texts of a table or a folder. Rows without a text or a label are left out with a warning.

    Parameters
    ----------
    path : Path
        A table, as for `pipeline.io.tables.read_records`, or a folder that holds a folder of ``.txt`` files for each
        class.
    column, label_column : str
        Not used for a folder and for fastText's lines.
    form : Format
    label_map : str, optional
        Names of the labels' classes, such as ``4=pos,0=neg`` or ``1=World,2=Sports``.
    group_column : str, optional
        Texts of one group are to stay in one split.
    classes : tuple, optional
        Of the texts that are trained on, for texts to evaluate on; by default those that are found.

    Raises
    ------
    PipelineError
        If a column is missing, a row cannot be read, or there are not two classes or more, or more than 1,000; names
        the file, and the row.
    """
    if path.is_dir():
        rows: Iterator[Record] = _read_folders(path, form.encoding)
    else:
        columns = [column, label_column, *([group_column] if group_column else [])]
        rows = read_records(path, columns, form)
    name, meanings = name_of(path), parse_names(label_map) if label_map is not None else {}
    texts: List[str] = []
    labels: List[str] = []
    groups: List[str] = []
    left_out: List[int] = []
    for record in rows:
        where = f"{name}, row {record.number}"
        if not record.error and (_is_blank(record.values[0]) or _is_blank(record.values[1])):
            left_out.append(record.number)
            continue
        row = text_of(record)
        if row.error:
            raise PipelineError(f"{where}: {row.error}")
        label = str(record.values[1]).strip()
        if meanings:
            if normalize_label(label) not in meanings:
                raise PipelineError(f"{where}: label: expected one of {', '.join(meanings)}, found {label[:40]!r}")
            label = meanings[normalize_label(label)]
        texts.append(row.text)
        labels.append(label)
        groups += [str(value) for value in record.values[2:3]]
    if left_out:
        numbers = ", ".join(map(str, left_out[:_NAMED])) + ", ..." * (len(left_out) > _NAMED)
        _LOG.warning(f"{name}: left out {len(left_out):,} rows without a text or a label: {numbers}")
    if classes is None:
        classes = find_classes(labels, name)
    ids = label_ids(classes)
    for label in sorted(set(map(normalize_label, labels)) - set(ids)):
        raise PipelineError(f"{name}: label: expected one of {', '.join(map(str, classes))}, found {label[:40]!r}")
    return LabelledTexts(texts, [ids[normalize_label(label)] for label in labels], classes, groups)


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
    from sklearn.model_selection import GroupShuffleSplit, train_test_split  # takes a second to import

    if not 0 <= held_out < 1:
        raise PipelineError(f"{option} {held_out}: expected a fraction from 0 to less than 1")
    if not held_out:
        return {"train": texts}
    rows = range(len(texts.texts))
    try:
        if texts.groups:
            splitter = GroupShuffleSplit(n_splits=1, test_size=held_out, random_state=seed)
            both = next(splitter.split(rows, groups=texts.groups))
        else:
            both = train_test_split(rows, test_size=held_out, random_state=seed, stratify=texts.labels)
    except ValueError as error:
        raise PipelineError(f"{option} {held_out}: too few texts to split ({error})") from None
    parts = {name: take_texts(texts, chosen) for name, chosen in zip(("train", "held_out"), both)}
    for missing in sorted(set(range(len(texts.classes))) - set(parts["train"].labels)):
        raise PipelineError(
            f"{option} {held_out}: the groups that are held out have all texts of {texts.classes[missing]!r}; "
            "try a smaller fraction"
        )
    return parts


def take_texts(texts: LabelledTexts, rows: Sequence[int]) -> LabelledTexts:
    """Return some of the texts, with their labels and groups."""
    groups = [texts.groups[row] for row in rows] if texts.groups else []
    labels = [texts.labels[row] for row in rows]
    return LabelledTexts([texts.texts[row] for row in rows], labels, texts.classes, groups)


def find_classes(labels: Sequence[str], name: str) -> Classes:
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
    if not 2 <= len(spelled) <= _MOST_CLASSES:
        few = ", ".join(map(repr, list(spelled.values())[:3])) or "none"
        raise PipelineError(
            f"{name}: expected labels of two to {_MOST_CLASSES:,} classes, found {len(spelled):,}: {few}; "
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
