"""Which reviews belong together, so that no group is in two splits: reviews of the same film, for example."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Dict, List, Optional, Sequence

from pipeline.corpus.reviews import CLASSES
from pipeline.errors import PipelineError

GROUPS = "groups.csv"  # beside train/
_NUMBER = re.compile(r"([0-9]+)_[0-9]+\.txt")  # the original archive's 123_7.txt: review 123, rating 7


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
    elif all(_urls(folder, kind).is_file() for kind in CLASSES):
        groups = _read_urls(folder, files)
    else:
        return None
    return [groups.get(file, file) for file in files]


def group_files(folder: Path) -> List[Path]:
    """Return the files that `find_groups` reads in a folder."""
    paths = [folder / GROUPS] if (folder / GROUPS).is_file() else [_urls(folder, kind) for kind in CLASSES]
    return [path for path in paths if path.is_file()]


def _read_groups(path: Path) -> Dict[str, str]:
    groups: Dict[str, str] = {}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not {"file", "group"} <= set(reader.fieldnames or ()):
                found = ", ".join(reader.fieldnames or ()) or "nothing"
                raise PipelineError(f"{path}, line 1: expected the columns file and group, found {found}")
            for row in reader:
                if not row["file"] or not row["group"]:
                    raise PipelineError(f"{path}, line {reader.line_num}: expected a file and its group")
                groups[row["file"]] = f"group {row['group']}"
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PipelineError(f"{path}: not a table of files and groups ({error})") from None
    return groups


def _urls(folder: Path, kind: str) -> Path:
    return folder / "train" / f"urls_{kind}.txt"


def _read_urls(folder: Path, files: Sequence[str]) -> Dict[str, str]:
    urls = {kind: _urls(folder, kind).read_text(encoding="utf-8").split() for kind in CLASSES}
    groups = {}
    for file in files:
        _, kind, name = file.split("/", 2)
        match = _NUMBER.fullmatch(name)
        if not match:
            continue
        if int(match[1]) >= len(urls[kind]):
            raise PipelineError(
                f"{_urls(folder, kind)}: expected a line for each review, found {len(urls[kind])} and a file {file}"
            )
        groups[file] = f"group {urls[kind][int(match[1])]}"
    return groups
