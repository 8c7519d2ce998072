"""The lectures' commands refuse what is wrong before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from pipeline.cli.main import main

LAYER = ["weights", "simple", "--input-kernel", "1", "--recurrent-kernel", "0", "--inputs", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder: whatever is trained would fail for want of data."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*LAYER, "--plot", "gates.foo"], "--plot gates.foo: expected a name that ends in .png, .svg or .pdf"),
        (["reproduce"], "which lecture? Name one (lecture8, crash_course, stacked, weights, mnist_rows), or say --all"),
        (["reproduce", "crash_course", "lectur8"], "lectur8: no such lecture; there are lecture8, crash_course"),
        (["reproduce", "crash_course", "--report", "file"], "--report file: is a file; expected a folder"),
    ],
)
def test_what_is_wrong_is_told_first(arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").touch()
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")


def test_report_needs_matplotlib(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    assert main(["reproduce", "crash_course", "--report", "report"]) == 2
    assert capsys.readouterr().err.startswith("error: plots need matplotlib")
