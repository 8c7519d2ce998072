"""What is known of reviews besides their texts: which belong together, such as those of one film, and their stars."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from pipeline.corpus.classes import STAR_CLASSES
from pipeline.corpus.reviews import CLASSES
from pipeline.errors import PipelineError

GROUPS = "groups.csv"  # beside train/
_NAME = re.compile(r"([0-9]+)_([0-9]+)\.txt")  # the original archive's 123_7.txt: review 123, 7 stars


def find_groups(folder: Path, files: Sequence[str]) -> Optional[List[str]]:
    """Return the group of each review of ``train/``, if the folder says.

    Parameters
    ----------
    folder : Path
        Holds ``groups.csv``, with the columns ``file`` (such as ``train/pos/00012.txt``) and ``group``; or
        ``train/urls_pos.txt`` and ``train/urls_neg.txt`` of the original aclImdb, which name the film of review N in
        line N + 1.
    files : sequence of str
        Paths of the reviews below `folder`.

    Returns
    -------
    list of str, or None
        A review without a group is a group of its own. None if the folder has neither file.

    Raises
    ------
    PipelineError
        If a file is not as described; names the line.
    """
    if (folder / GROUPS).is_file():
        groups = _read_groups(folder / GROUPS)
    elif has_groups(folder):
        groups = _read_urls(folder, files)
    else:
        return None
    return [groups.get(file, file) for file in files]


def has_groups(folder: Path) -> bool:
    """Return whether a folder says which reviews of ``train/`` belong together, as `find_groups` reads it."""
    return (folder / GROUPS).is_file() or all(_urls(folder, kind).is_file() for kind in CLASSES)


def find_stars(folder: Path, files: Sequence[str]) -> List[Optional[int]]:
    """Return the stars of each review: 1 to 4, or 7 to 10.

    Parameters
    ----------
    folder : Path
        May hold ``groups.csv``, with the columns ``file``, ``group`` and ``rating``.
    files : sequence of str
        Paths of the reviews below `folder`.

    Returns
    -------
    list of int or None
        From the table, or else from a name as in the original aclImdb: ``123_7.txt`` has 7 stars. None if neither
        has the stars of a review.

    Raises
    ------
    PipelineError
        If the table is not as described, or has another rating than those; names the line.
    """
    rated = _read_ratings(folder / GROUPS) if (folder / GROUPS).is_file() else {}
    return [rated.get(file) or _stars_of_name(file) for file in files]


def group_files(folder: Path) -> List[Path]:
    """Return the files that `find_groups` and `find_stars` read in a folder."""
    paths = [folder / GROUPS] if (folder / GROUPS).is_file() else [_urls(folder, kind) for kind in CLASSES]
    return [path for path in paths if path.is_file()]


def _read_groups(path: Path) -> Dict[str, str]:
    return {row["file"]: f"group {row['group']}" for _, row in _read_rows(path)}


def _read_ratings(path: Path) -> Dict[str, int]:
    ratings, known = {}, {str(stars): stars for stars in STAR_CLASSES}
    for line, row in _read_rows(path):
        rating = row.get("rating")
        if rating and rating not in known:
            expected = ", ".join(known)
            raise PipelineError(f"{path}, line {line}: expected a rating among {expected}, or none; found {rating!r}")
        if rating:
            ratings[row["file"]] = known[rating]
    return ratings


def _stars_of_name(file: str) -> Optional[int]:
    match = _NAME.fullmatch(file.rpartition("/")[2])
    return int(match[2]) if match and int(match[2]) in STAR_CLASSES else None


def _read_rows(path: Path) -> Iterator[Tuple[int, Dict[str, str]]]:
    """Yield the rows of the table, with the number of their line."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not {"file", "group"} <= set(reader.fieldnames or ()):
                found = ", ".join(reader.fieldnames or ()) or "nothing"
                raise PipelineError(f"{path}, line 1: expected the columns file and group, found {found}")
            for row in reader:
                if not row["file"] or not row["group"]:
                    raise PipelineError(f"{path}, line {reader.line_num}: expected a file and its group")
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PipelineError(f"{path}: not a table of files and groups ({error})") from None


def _urls(folder: Path, kind: str) -> Path:
    return folder / "train" / f"urls_{kind}.txt"


def _read_urls(folder: Path, files: Sequence[str]) -> Dict[str, str]:
    urls = {kind: _urls(folder, kind).read_text(encoding="utf-8").split() for kind in CLASSES}
    groups = {}
    for file in files:
        _, kind, name = file.split("/", 2)
        match = _NAME.fullmatch(name)
        if not match:
            continue
        if int(match[1]) >= len(urls[kind]):
            raise PipelineError(
                f"{_urls(folder, kind)}: expected a line for each review, found {len(urls[kind])} and a file {file}"
            )
        groups[file] = f"group {urls[kind][int(match[1])]}"
    return groups
