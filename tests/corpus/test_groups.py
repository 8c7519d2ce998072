from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.corpus.groups import find_groups, find_stars, group_files
from pipeline.errors import PipelineError

FILES = ["train/pos/0_9.txt", "train/pos/1_7.txt", "train/neg/0_2.txt"]


def test_find_groups_reads_a_table(tmp_path: Path) -> None:
    table = "\ufefffile,group,rating\ntrain/pos/0_9.txt,12,9\ntrain/neg/0_2.txt,12,2\n"
    (tmp_path / "groups.csv").write_text(table, encoding="utf-8")
    first, alone, last = find_groups(tmp_path, FILES) or []
    assert first == last != alone
    assert group_files(tmp_path) == [tmp_path / "groups.csv"]


def test_review_without_a_group_is_never_in_one_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_text("file,group\ntrain/pos/0_9.txt,train/pos/1_7.txt\n")
    assert len(set(find_groups(tmp_path, FILES) or [])) == 3


def test_find_groups_reads_the_urls_of_the_original_archive(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    url = "http://www.imdb.com/title/tt{}/usercomments"
    (tmp_path / "train/urls_pos.txt").write_text(f"{url.format(1)}\n{url.format(2)}\n")
    (tmp_path / "train/urls_neg.txt").write_text(f"{url.format(1)}\n")
    first, second, third, fourth = find_groups(tmp_path, [*FILES, "train/neg/mine.txt"]) or []
    assert first == third != second
    assert fourth not in (first, second)


def test_folder_that_names_no_groups_has_none(tmp_path: Path) -> None:
    assert find_groups(tmp_path, FILES) is None
    assert group_files(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: expected the columns file and group, found nothing"),
        (b"file,film\na,1\n", "line 1: expected the columns file and group, found file, film"),
        (b"file,group\na,1\nb\n", "line 3: expected a file and its group"),
        (b"file,group\na,\n", "line 2: expected a file and its group"),
        (b"file,group\n\xff,1\n", "not a table of files and groups"),
        (b'file,group\n"a,1\n', "not a table of files and groups"),
    ],
)
def test_damaged_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "groups.csv").write_bytes(content)
    with pytest.raises(PipelineError, match=message):
        find_groups(tmp_path, FILES)


def test_urls_of_another_archive_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    for kind in ("pos", "neg"):
        (tmp_path / f"train/urls_{kind}.txt").write_text("http://example.org/1\n")
    with pytest.raises(PipelineError, match=r"urls_pos.txt: expected a line for each review, found 1"):
        find_groups(tmp_path, FILES)


def test_stars_are_those_of_the_table_or_else_of_the_name(tmp_path: Path) -> None:
    files = ["train/pos/00012.txt", "train/pos/0_9.txt", "train/neg/1_2.txt", "train/neg/2_4.txt", "train/pos/5.txt"]
    assert find_stars(tmp_path, files) == [None, 9, 2, 4, None]
    table = "file,group,rating\ntrain/pos/00012.txt,1,10\ntrain/pos/0_9.txt,1,7\ntrain/neg/1_2.txt,2,\n"
    (tmp_path / "groups.csv").write_text(table)
    assert find_stars(tmp_path, files) == [10, 7, 2, 4, None]
    (tmp_path / "groups.csv").write_text("file,group\ntrain/pos/0_9.txt,1\n")  # without ratings
    assert find_stars(tmp_path, files) == [None, 9, 2, 4, None]


@pytest.mark.parametrize("name", ["1_5.txt", "1_6.txt", "1_0.txt", "1_11.txt", "7.txt", "a_7.txt", "1_7_8.txt"])
def test_name_without_stars_has_none(tmp_path: Path, name: str) -> None:
    assert find_stars(tmp_path, [f"train/pos/{name}"]) == [None]


@pytest.mark.parametrize("rating", ["5", "0", "7.0", "good"])
def test_rating_that_is_none_of_the_eight_is_refused(tmp_path: Path, rating: str) -> None:
    (tmp_path / "groups.csv").write_text(f"file,group,rating\na,1,7\nb,1,{rating}\n")
    expected = rf"groups.csv, line 3: expected a rating among 1, 2, 3, 4, 7, 8, 9, 10, or none; found '{rating}'"
    with pytest.raises(PipelineError, match=expected):
        find_stars(tmp_path, ["a"])
