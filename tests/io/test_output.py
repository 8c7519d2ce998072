from __future__ import annotations

import errno
import json
import os
import stat
from functools import partial
from pathlib import Path
from typing import Any, Callable, ContextManager, Iterator

import pytest

from pipeline.errors import PipelineError
from pipeline.io import output
from pipeline.io.output import check_file, new_file, new_folder, read_json, remove_folder, sha256, write_json


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_and_raise(output_path: ContextManager[Path], name: str, error: BaseException) -> None:
    with output_path as temporary:
        (temporary / name).write_text("half")
        raise error


def test_new_file_is_renamed_at_the_end_of_the_block(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "reviews.jsonl"
    with new_file(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(path.parent) == ["reviews.jsonl"]


def test_new_file_replaces_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with new_file(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_new_file_keeps_the_old_file_on_error(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(error):
        write_and_raise(new_file(path), "", error())
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.json"]


def test_new_file_keeps_permissions_and_links(tmp_path: Path) -> None:
    path, link = tmp_path / "deep" / "a.json", tmp_path / "link.json"
    path.parent.mkdir()
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to("deep/a.json")
    with new_file(link) as temporary:
        assert temporary.parent == path.parent
        temporary.write_text("new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o640)
    assert link.is_symlink()
    assert names(tmp_path) == ["deep", "link.json"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change owners")
def test_new_file_keeps_the_owner(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old")
    os.chown(tmp_path / "a.json", 1234, 4321)
    with new_file(tmp_path / "a.json") as temporary:
        temporary.write_text("new")
    found = (tmp_path / "a.json").stat()
    assert (found.st_uid, found.st_gid, found.st_size) == (1234, 4321, 3)


def test_new_file_honours_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with new_file(tmp_path / "a.json") as temporary:
            temporary.write_text("new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


def test_new_file_creates_the_target_of_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    with new_file(tmp_path / "link") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "new"


def test_new_file_refuses_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=f"^{tmp_path}: is a folder; expected a file name$"):
        write_and_raise(new_file(tmp_path), "", RuntimeError())


def test_check_file_refuses_the_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("text")
    (tmp_path / "link").symlink_to("a.csv")
    for path in (tmp_path / "a.csv", tmp_path / "link"):
        with pytest.raises(PipelineError, match=f"^{path}: is also an input; choose another name$"):
            check_file(path, tmp_path / "a.csv")
    with open(tmp_path / "a.csv") as standard_input:
        monkeypatch.setattr(os, "fstat", lambda descriptor, stat=os.fstat: stat(standard_input.fileno()))
        with pytest.raises(PipelineError, match="is also an input"):
            check_file(tmp_path / "a.csv", None, Path("-"))
        check_file(tmp_path / "b.csv", Path("-"))
    monkeypatch.undo()
    (tmp_path / "pos").mkdir()
    (tmp_path / "pos/1.txt").write_text("text")
    with pytest.raises(PipelineError, match="is also an input"):
        check_file(tmp_path / "pos/1.txt", tmp_path)
    (tmp_path / "results.csv").touch()  # of an earlier call
    check_file(tmp_path / "results.csv", tmp_path)
    check_file(None, tmp_path / "a.csv")
    check_file(tmp_path / "b.csv", tmp_path / "a.csv")
    check_file(Path("/dev/stdout"), Path("/dev/stdin"))  # can be the same terminal


def test_new_file_refuses_a_read_only_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("old")
    (tmp_path / "a.json").chmod(0o444)
    if os.access(tmp_path / "a.json", os.W_OK):
        pytest.skip("root can write to any file")
    with pytest.raises(PermissionError):
        write_and_raise(new_file(tmp_path / "a.json"), "", RuntimeError())
    assert names(tmp_path) == ["a.json"]


def test_new_file_writes_to_devices_and_pipes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    (tmp_path / "null").symlink_to(os.devnull)
    for name in ("pipe", "null"):
        with new_file(tmp_path / name) as path:
            path.write_text("new")
    assert os.read(reader, 100) == b"new"
    os.close(reader)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert stat.S_ISCHR((tmp_path / "null").stat().st_mode)
    assert names(tmp_path) == ["null", "pipe"]


def test_new_file_appends_to_standard_output(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    with new_file(Path("/dev/stdout")) as path:
        path.write_text("new\n")
    print("after")
    assert capfd.readouterr().out == "before\nnew\nafter\n"


def test_temporary_names_do_not_clash_with_other_files(tmp_path: Path) -> None:
    others = [".a.json.tmp", ".a.json.old", ".b.tmp", ".b.old", "a.json.tmp"]
    for name in others:
        (tmp_path / name).write_text("mine")
    with new_file(tmp_path / "a.json") as temporary:
        temporary.write_text("new")
    with new_folder(tmp_path / "b") as temporary:
        (temporary / "new").touch()
    remove_folder(tmp_path / "b")
    assert names(tmp_path) == sorted(["a.json", *others])
    assert {(tmp_path / name).read_text() for name in others} == {"mine"}


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_leftovers_of_a_killed_run_are_removed(tmp_path: Path, kind: str) -> None:
    with new_file(tmp_path / "a.json") as left:
        left.write_text("first")
    if kind == "file":  # as if killed before the rename
        left.write_text("half")
    else:
        left.mkdir()
        (left / "half").write_text("half")
    with new_file(tmp_path / "b.json") as temporary:
        assert names(tmp_path) == sorted([temporary.name, "a.json"])
        temporary.write_text("second")
    assert names(tmp_path) == ["a.json", "b.json"]


def test_concurrent_writers_do_not_interfere(tmp_path: Path) -> None:
    for new, name in ((new_file, "a.json"), (partial(new_folder, check=replaceable), "b")):
        with new(tmp_path / name) as one, new(tmp_path / name) as other:
            for number, path in enumerate([one, other]):
                (path / "inside" if path.is_dir() else path).write_text(str(number))
    assert (tmp_path / "a.json").read_text() == "0"  # the last to end
    assert (tmp_path / "b" / "inside").read_text() == "0"
    assert names(tmp_path) == ["a.json", "b"]


def replaceable(path: Path) -> None:
    """Let `new_folder` replace anything."""


def test_new_folder_refuses_files_and_nonempty_folders(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    messages = {
        "full": "already contains thesis.txt; choose a new or empty folder",
        "file": "is a file; expected a folder or an unused name",
        "full/..": "already contains file; choose a new or empty folder",
    }
    for name, message in messages.items():
        with pytest.raises(PipelineError, match=f": {message}$"):
            write_and_raise(new_folder(tmp_path / name), "half", RuntimeError())
    assert (tmp_path / "full" / "thesis.txt").read_text() == (tmp_path / "file").read_text() == "mine"
    assert names(tmp_path) == ["file", "full"]


def test_new_folder_refuses_files_created_during_the_block(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="already contains late"), new_folder(tmp_path / "a"):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "late").touch()
    assert names(tmp_path / "a") == ["late"]
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("atomic", [True, False])
def test_new_folder_replaces_the_old_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, atomic: bool) -> None:
    if not atomic:
        monkeypatch.setattr(output, "_exchange", lambda one, other: False)
    path = tmp_path / "bundle"
    for name in ("old", "new"):
        with new_folder(path, replaceable) as temporary:
            (temporary / name).write_text(name)
        path.chmod(0o750)
    assert names(path) == ["new"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert names(tmp_path) == ["bundle"]


def test_new_folder_keeps_links(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("bundle")
    for name in ("old", "new"):
        with new_folder(tmp_path / "link", replaceable) as temporary:
            (temporary / name).touch()
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path / "bundle") == ["new"]


def test_new_folder_fills_but_does_not_replace_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with new_folder(Path()) as temporary:
        (temporary / "new").write_text("new")
        (temporary / "deep").mkdir()
    assert names(Path()) == ["deep", "new"]
    message = r"^\.: already contains deep, and the current folder or a mount point cannot be replaced"
    with pytest.raises(PipelineError, match=message):
        write_and_raise(new_folder(Path(), replaceable), "half", RuntimeError())
    assert names(tmp_path) == ["deep", "new"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_new_folder_keeps_the_old_folder_on_error(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "bundle"
    path.mkdir()
    (path / "old").write_text("old")
    with pytest.raises(error):
        write_and_raise(new_folder(path, replaceable), "half", error())
    assert names(path) == ["old"]
    assert names(tmp_path) == ["bundle"]


def test_new_folder_leaves_nothing_on_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write_and_raise(new_folder(tmp_path / "bundle"), "half", RuntimeError())
    assert names(tmp_path) == []


def fail(*names: Path) -> None:
    raise OSError("in between")


@pytest.mark.parametrize("killed", [True, False])
def test_new_folder_interrupted_between_renames_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
) -> None:
    path = tmp_path / "bundle"
    path.mkdir()
    (path / "old").write_text("old")
    with monkeypatch.context() as patch:
        renames: Iterator[Callable[..., None]] = iter([os.rename, fail, os.rename])
        patch.setattr(output, "_exchange", lambda one, other: False)
        patch.setattr("os.rename", lambda *names: next(renames)(*names))
        if killed:
            patch.setattr(output, "_restore", lambda path: None)
        with pytest.raises(OSError, match="in between"), new_folder(path, replaceable) as temporary:
            (temporary / "new").touch()
    assert path.exists() != killed
    if killed:
        with pytest.raises(RuntimeError):  # the next run, even if it fails
            write_and_raise(new_folder(path, replaceable), "half", RuntimeError())
    assert names(path) == ["old"]
    assert names(tmp_path) == ["bundle"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_disk_full_error_names_the_target(tmp_path: Path, number: int) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(OSError, match=f": '{tmp_path / 'a'}'$"):
        write_and_raise(new_file(tmp_path / "a"), "", OSError(number, "full"))
    with pytest.raises(OSError, match=f": '{tmp_path / 'b'}'$"), new_folder(tmp_path / "b") as temporary:
        write_and_raise(new_file(temporary / "inside"), "", OSError(number, "full"))
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_write_json_is_sorted_indented_and_not_escaped(tmp_path: Path) -> None:
    value = {"words": ["naïve", "日本", "\u2028", "\U0001f600"], "count": 2, "share": 0.1, "none": None}
    write_json(tmp_path / "a.json", value)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert text.startswith('{\n "count": 2,\n "none": null,\n "share": 0.1,\n "words": [\n  "naïve",\n  "日本",')
    assert text.endswith("]\n}\n")
    assert read_json(tmp_path / "a.json") == value


def test_write_json_keeps_the_old_file_on_error(tmp_path: Path) -> None:
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
def test_read_json_reports_error_and_line(tmp_path: Path, content: bytes, message: str) -> None:
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
def test_sha256_matches_the_standard(tmp_path: Path, content: bytes, digest: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == digest


def test_remove_folder_leaves_no_partial_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "state.json").write_text("{}")

    def killed(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_folder(tmp_path / "checkpoints")
    assert not (tmp_path / "checkpoints").exists()
    remove_folder(tmp_path / "checkpoints")  # no error if missing
    (tmp_path / "checkpoints").mkdir()
    remove_folder(tmp_path / "checkpoints")  # also removes the leftover
    assert list(tmp_path.iterdir()) == []
