"""Stages that are killed or stopped, and disks that are full or read only: what was there before stays whole."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Dict, Iterator

import pytest

from pipeline import SentimentClassifier
from pipeline.cli.main import main
from pipeline.recipe import Recipe
from pipeline.recipes import RECIPES
from tests.conftest import GLOVE, REVIEWS

ROOT = Path(__file__).parents[2]
STAGES = ["read", "index", "embed", "train", "evaluate"]


@pytest.fixture(autouse=True)
def larger_recipe(tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every artefact fill more than a page of memory."""
    monkeypatch.setitem(RECIPES, "tiny", replace(tiny, network=replace(tiny.network, hidden_size=40)))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of one megabyte, where that is allowed."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def run(folder: Path) -> list[str]:
    """Run all stages on long reviews; return the arguments of every command."""
    for name, text in REVIEWS.items():
        path = folder.parent / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} " * 200)
    (folder.parent / "glove.txt").write_text(GLOVE)
    places = {"data": folder, "reviews": folder.parent / "raw", "vectors": folder.parent / "glove.txt", "device": "cpu"}
    arguments = ["tiny", *(f"--{key}={value}" for key, value in places.items())]
    assert main(["run", *arguments]) == 0
    return arguments


def artefacts(folder: Path) -> Dict[str, bytes]:
    paths = [path for path in (folder / "tiny").rglob("*") if path.is_file() and path.parent.name != ".stages"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == 2
    return capsys.readouterr().err.rpartition("error: ")[2]


def fill(ballast: Path) -> None:
    with open(ballast, "wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
        while True:
            file.write(bytes(1024))


def test_full_disk_leaves_what_was_there(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = run(disk / "data")
    before = artefacts(disk / "data")
    for stage in ("read", "train"):
        fill(disk / "ballast")
        told = refused(capsys, stage, *arguments)
        assert told.startswith(str(disk / "data/tiny"))
        assert told.endswith(": No space left on device; what was there before is untouched\n")
        assert artefacts(disk / "data") == before
        (disk / "ballast").unlink()
        assert main(["run", *arguments]) == 0
        after = artefacts(disk / "data")
        assert {name for name in before if before[name] != after[name]} <= {"tiny/encoded.npz"}  # holds the time
        before = after


def test_full_disk_leaves_bundles_and_answers_that_were_there(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(disk / "data")
    bundle, reviews = disk / "data/tiny/bundle", disk.parent / "reviews.txt"
    reviews.write_text("great fun\n" * 2000)
    (disk / "answers.csv").write_text("of yesterday")
    writers = {
        disk / "answers.csv": ["infer", f"--input={reviews}", f"--model={bundle}", f"--output={disk / 'answers.csv'}"],
        disk / "onnx": ["export", f"--model={bundle}", f"--output={disk / 'onnx'}"],
        disk / "a.json": ["explain", "great " * 2000, f"--model={bundle}", f"--output={disk / 'a.json'}"],
        disk / "a.png": [
            *"weights simple --input-kernel 1 --recurrent-kernel 1 --inputs 1 --plot".split(),
            f"{disk}/a.png",
        ],
    }
    assert main(writers[disk / "onnx"]) == 0
    fill(disk / "ballast")
    before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
    for path, arguments in writers.items():
        told = refused(capsys, *arguments)
        assert told == f"{path}: No space left on device; what was there before is untouched\n"
    with pytest.raises(OSError, match="No space left"):
        SentimentClassifier.load(bundle, "cpu").save(bundle)
    assert {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()} == before


def test_files_that_may_not_grow_leave_what_was_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = run(tmp_path / "data")
    before = artefacts(tmp_path / "data")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for stage in STAGES:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
        try:
            told = refused(capsys, stage, *arguments)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert told.startswith(str(tmp_path / "data/tiny"))
        assert told.endswith(": File too large; what was there before is untouched\n")
        assert artefacts(tmp_path / "data") == before
        assert main(["run", *arguments]) == 0
        before = artefacts(tmp_path / "data")


def test_read_only_disk_leaves_what_was_there(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = run(disk / "data")
    before = artefacts(disk / "data")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    for stage in STAGES:
        assert "Read-only file system; what was there before is untouched" in refused(capsys, stage, *arguments)
    assert artefacts(disk / "data") == before
    assert main(["infer", "a great film", "--model", str(disk / "data/tiny/bundle")]) == 0


def test_stages_that_are_killed_and_run_again_end_as_if_undisturbed() -> None:
    command = [sys.executable, str(ROOT / "scripts/kill.py"), "--times", "2", "--reviews", "100"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    assert "0 of 10 runs after a kill differ from an uninterrupted run" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_interrupt_ends_with_a_sentence_that_says_how_to_resume(tmp_path: Path) -> None:
    arguments = run(tmp_path / "data")
    endless = ["quick", *arguments[1:], "--name=tiny", "--set=train.epochs=100000", "--set=network.hidden_size=4"]
    few = ["read.sentences=", "read.generated=0", "read.held_out=0", "index.vocab_size=30", "index.max_length=8"]
    arguments = [*endless, *(f"--set={setting}" for setting in few)]
    for stage in STAGES[:3]:
        assert main([stage, *arguments]) == 0
    command = [sys.executable, "-u", "-m", "pipeline", "train", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
    ) as process:
        assert process.stdout
        while not process.stdout.readline().startswith("epoch 2 "):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        try:
            _, told = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert told.endswith("\nstopped; the same command and --resume go on after the last whole epoch\n")
    assert "Traceback" not in told
    assert list((tmp_path / "data/tiny/checkpoints").glob("epoch-*"))
