"""Opening folders of reviews, compressed files and standard input."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import zipfile
from pathlib import Path
from typing import Callable, Dict, List

import pytest

from pipeline.errors import PipelineError
from pipeline.io.input import (
    list_reviews,
    open_input,
    open_standard_input,
    scan_reviews,
)
from pipeline.workflow.runner import _digest_folder

JUNK = [
    *("._1_9.txt", ".hidden.txt", ".DS_Store", "Thumbs.db", "desktop.ini", "notes.md"),
    *("1_9.txt~", ".1_9.txt.swp", "#1_9.txt#", ".#1_9.txt", "~$1_9.txt", "1_9.txt.bak"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with four reviews and other files."""
    for name in ("2_8.txt", "1_9.txt", "3_7.TXT", *JUNK):
        (tmp_path / name).write_text("text")
    (tmp_path / "0_link.txt").symlink_to("1_9.txt")
    (tmp_path / "folder").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "to_folder.txt").symlink_to("folder")
    (tmp_path / "gone.txt").symlink_to("nowhere")
    (tmp_path / "itself.txt").symlink_to("itself.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    return tmp_path


def test_scan_reviews_separates_reviews_from_other_files(folder: Path) -> None:
    """Regression of https://github.com/run-llama/llama_index/issues/88: ``.DS_Store`` was read."""
    reviews, others, broken = scan_reviews(folder)
    assert reviews == ["0_link.txt", "1_9.txt", "2_8.txt", "3_7.TXT"]
    assert others == sorted(JUNK)
    assert broken == ["folder.txt", "gone.txt", "itself.txt", "pipe.txt", "to_folder.txt"]


def test_list_reviews_warns_once_about_skipped_files(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert list_reviews(folder) == list_reviews(folder) == ["0_link.txt", "1_9.txt", "2_8.txt", "3_7.TXT"]
    some = "#1_9.txt#, .#1_9.txt, .1_9.txt.swp, .DS_Store, ._1_9.txt, ..."
    assert caplog.messages == [
        f"{folder}: skipped 12 files that are not reviews: {some}",
        f"{folder}: skipped folders, pipes and broken links: folder.txt, gone.txt, itself.txt, pipe.txt, to_folder.txt",
    ]


def test_folder_digest_ignores_files_that_are_not_reviews(folder: Path) -> None:
    before = _digest_folder(folder)
    (folder / "._2_8.txt").write_text("new")
    (folder / "Thumbs.db").write_text("changed")
    assert _digest_folder(folder) == before
    (folder / "3_7.TXT").write_text("changed")
    assert _digest_folder(folder) != before


def test_list_reviews_refuses_folder_without_reviews(tmp_path: Path) -> None:
    (tmp_path / "._1_9.txt").touch()
    with pytest.raises(PipelineError, match=r": no \.txt files; expected one file per review$"):
        list_reviews(tmp_path)
    with pytest.raises(PipelineError, match=r"nowhere: no such folder; expected reviews as \.txt files"):
        list_reviews(tmp_path / "nowhere")


COMPRESS: Dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


def zip_of(members: Dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize("kind", [*COMPRESS, ".zip"])
@pytest.mark.parametrize("named", [True, False])
def test_open_input_decompresses_regardless_of_file_name(tmp_path: Path, kind: str, named: bool) -> None:
    text = "".join(f"{i} " for i in range(50_000))
    content = COMPRESS[kind](text.encode()) if kind in COMPRESS else zip_of({"a.txt": text})
    path = tmp_path / ("a" + kind.upper() * named)
    path.write_bytes(content)
    read: List[int] = []
    with open_input(path, read.append) as opened:
        assert opened.stream.read().decode() == text
        assert opened.name == str(path) + ":a.txt" * (kind == ".zip")
    assert len(content) <= sum(read) <= 2 * len(content)  # the zip's directory is read more than once


def test_open_input_reads_all_gzip_members(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"one ") + gzip.compress(b"two"))
    with open_input(tmp_path / "a.gz") as opened:
        assert opened.stream.read() == b"one two"


def test_open_input_does_not_take_text_for_bzip2(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"BZh9 is a strange film")
    with open_input(tmp_path / "a.txt") as opened:
        assert opened.stream.read() == b"BZh9 is a strange film"


@pytest.mark.parametrize("kind", [*COMPRESS, ".zip"])
@pytest.mark.parametrize("damage", ["cut", "flipped", "text"])
def test_open_input_refuses_damaged_compressed_files(tmp_path: Path, kind: str, damage: str) -> None:
    text = "".join(f"{i * i} " for i in range(20_000))
    content = bytearray(COMPRESS[kind](text.encode()) if kind in COMPRESS else zip_of({"a.txt": text}))
    half = len(content) // 2
    content[half] ^= 0x55
    damaged = {"cut": content[:half], "flipped": content, "text": b"a film\n"}[damage]
    path = tmp_path / f"a{kind}"
    path.write_bytes(bytes(damaged))
    message = rf"a\{kind}: a damaged {kind[1:]} file \(.+\); fetch it again$"
    with pytest.raises(PipelineError, match=message), open_input(path) as opened:
        opened.stream.read()


def test_open_input_ignores_metadata_in_a_zip(tmp_path: Path) -> None:
    """macOS adds metadata files: https://github.com/troeger/opensubmit/issues/89."""
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({"in/": "", "in/a.csv": "text", "__MACOSX/in/._a.csv": "x", "in/.DS_Store": ""}))
    with open_input(path) as opened:
        assert opened.stream.read() == b"text"
    path.write_bytes(zip_of({"a.csv": "text", "b.csv": "text"}))
    message = r"a\.zip: expected one file in the zip, found a\.csv, b\.csv; unpack it$"
    with pytest.raises(PipelineError, match=message), open_input(path):
        pass


def test_open_standard_input_decompresses(monkeypatch: pytest.MonkeyPatch) -> None:
    for content, found in ((b"a film", b"a film"), (gzip.compress(b"a film"), b"a film"), (b"", b"")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        with open_standard_input() as stream:
            assert stream.read() == found
    cut = gzip.compress(b"a film")[:-4]
    for content, message in (
        (cut, "damaged gz data"),
        (zip_of({"a.txt": ""}), "zip is not supported; use --input FILE"),
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        with pytest.raises(PipelineError, match=f"^standard input: {message}"), open_standard_input() as stream:
            stream.read()
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(PipelineError, match=r"^standard input: closed$"), open_standard_input():
        pass
