"""A table to train on, or a folder with a folder for each class: its texts, and the classes that its labels name."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Dict, Iterable, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import (
    MOST_CLASSES,
    SENTIMENT,
    SENTIMENT_LABELS,
    UNSURE,
    Classes,
    label_ids,
    normalize_label,
)
from pipeline.corpus.labelled import Labelled, Place, Table, read_labelled, read_labelled_rows
from pipeline.corpus.splits import hold_out
from pipeline.errors import PipelineError
from pipeline.io.tables import PLAIN, Format, column_names, name_of

TEXT_COLUMNS = ("text", "review", "sentence", "comment", "content", "body", "tweet", "message", "title")
LABEL_COLUMNS = ("label", "labels", "sentiment", "class", "category", "target", "polarity", "stars", "rating", "score")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")  # of a column's name: review_text, reviewText
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?$")


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
    places: List[Place]


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


def read_labels(table: Table) -> Labels:
    """Read the labels and the groups of a table; no text is kept.

    Raises
    ------
    PipelineError
        As from `read_labelled_rows` and `find_classes`.
    """
    id_of: Dict[str, int] = {}  # of each label, in order of first appearance
    spelled: List[str] = []
    found, groups = array("h"), array("i")
    group_of: Dict[str, int] = defaultdict(count().__next__)
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
        As from `read_labelled_rows`, and `find_classes` or `read_labelled`.
    """
    table = Table(path, column, label_column, form, label_map, group_column)
    if classes is None:
        found = list(read_labelled_rows(table))
        classes = find_classes([row.label for row in found], name_of(path))
        ids = label_ids(classes)
        rows = [Labelled(row.text, ids[normalize_label(row.label)], (), row.place, row.group) for row in found]
    else:
        rows = list(read_labelled(table, classes))
    groups = [row.group for row in rows] if group_column else []
    labels, places = [row.label for row in rows], [row.place for row in rows]
    return LabelledTexts([row.text for row in rows], labels, classes, groups, places)


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
        raise PipelineError(
            f"{option} {held_out}: too few texts to split ({error}); add some, or try another fraction"
        ) from None
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
    labels, places = [texts.labels[row] for row in rows], [texts.places[row] for row in rows]
    return LabelledTexts([texts.texts[row] for row in rows], labels, texts.classes, groups, places)


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
    if UNSURE in spelled:
        raise PipelineError(f"{name}: a class is called {UNSURE}, as predictions below a threshold are: --label-map")
    if all(_NUMBER.match(label) for label in spelled):
        return tuple(sorted(spelled, key=float))
    return tuple(sorted(spelled.values(), key=str.lower))
