from __future__ import annotations

import json
from pathlib import Path
from typing import ContextManager

import pytest

from pipeline.errors import PipelineError
from pipeline.io.output import new_file, new_folder, read_json, remove_folder, sha256, write_json


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fill_half(made: ContextManager[Path], name: str, error: BaseException) -> None:
    with made as temporary:
        (temporary / name).write_text("half")
        raise error


def test_new_file_appears_only_when_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "reviews.jsonl"
    with new_file(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(path.parent) == ["reviews.jsonl"]


def test_new_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with new_file(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_new_file_leaves_the_old_one_when_the_block_fails(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(error):
        fill_half(new_file(path), "", error())
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.json"]


def test_new_file_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old")
    with pytest.raises(FileNotFoundError), new_file(tmp_path / "a.json"):
        pass
    assert (tmp_path / "a.json").read_text() == "old"


def test_new_file_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with new_file(path) as temporary:
        temporary.write_text("first")
    temporary.write_text("half")  # as if killed before the rename
    with new_file(path) as again:
        assert again == temporary
        assert not again.exists()
        again.write_text("second")
    assert path.read_text() == "second"
    assert names(tmp_path) == ["a.json"]


def test_new_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "bundle"
    for name in ("old", "new"):
        with new_folder(path) as temporary:
            (temporary / name).write_text(name)
    assert names(path) == ["new"]
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_new_folder_leaves_the_old_one_when_the_block_fails(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "bundle"
    path.mkdir()
    (path / "old").write_text("old")
    with pytest.raises(error):
        fill_half(new_folder(path), "half", error())
    assert names(path) == ["old"]
    assert names(tmp_path) == ["bundle"]


def test_new_folder_that_fails_leaves_nothing_where_nothing_was(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        fill_half(new_folder(tmp_path / "bundle"), "half", RuntimeError())
    assert names(tmp_path) == []


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_new_folder_removes_what_a_killed_run_left(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bundle"
    with new_folder(path) as temporary:
        (temporary / "first").write_text("")
    if kind == "folder":
        temporary.mkdir()
        (temporary / "half").write_text("half")
    else:
        temporary.write_text("half")
    with new_folder(path) as again:
        assert again == temporary
        (again / "second").write_text("")
    assert names(path) == ["second"]
    assert names(tmp_path) == ["bundle"]


def test_json_is_sorted_indented_and_readable_in_any_script(tmp_path: Path) -> None:
    value = {"words": ["naïve", "日本", "\u2028", "\U0001f600"], "count": 2, "share": 0.1, "none": None}
    write_json(tmp_path / "a.json", value)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text.startswith('{\n "count": 2,\n "none": null,\n "share": 0.1,\n "words": [\n  "naïve",\n  "日本",')
    assert text.endswith("]\n}\n")
    assert read_json(tmp_path / "a.json") == value


def test_write_json_of_what_is_not_json_leaves_the_old_file(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", [1])
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", [2, object()])
    assert json.loads((tmp_path / "a.json").read_text()) == [1]
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a": 1,\n "b": ]', r"a\.json, line 2: not JSON \(Expecting value\)"),
        (b"", r"a\.json, line 1: not JSON"),
        (b'{"a": 1', r"a\.json, line 1: not JSON"),
        (b'{"a": 1}{', r"a\.json, line 1: not JSON \(Extra data\)"),
        (b'"caf\xe9"', r"a\.json: not UTF-8 text \(invalid continuation byte at byte 4\)"),
        (b"\x80\x02PK", r"a\.json: not UTF-8 text \(invalid start byte at byte 0\)"),
    ],
)
def test_read_json_says_what_is_wrong_and_where(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(PipelineError, match=message):
        read_json(tmp_path / "a.json")


def test_read_json_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"missing\.json: no such file"):
        read_json(tmp_path / "missing.json")


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),  # FIPS 180-2, example B.1
        (b"a" * 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),  # B.3
        (b"a" * (1 << 21), "5256ec18f11624025905d057d6befb03d77b243511ac5f77ed5e0221ce6d84b5"),
    ],
)
def test_sha256_is_the_standards(tmp_path: Path, content: bytes, digest: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == digest


def test_remove_folder_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "state.json").write_text("{}")

    def killed(path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_folder(tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()
    remove_folder(tmp_path / "checkpoints")  # nothing there: nothing to do
    (tmp_path / "checkpoints").mkdir()
    remove_folder(tmp_path / "checkpoints")  # what was left is removed too
    assert list(tmp_path.iterdir()) == []
