from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from scripts import large_corpus

ROOT = Path(__file__).parents[2]


def check(folder: Path) -> None:
    (row,) = json.loads((folder / "f.json").read_text())["sizes"]
    assert row["reviews"] == 40
    for step in ("read", "index", "batches"):
        assert row[step]["seconds"] > 0
        assert row[step]["processor_seconds"] > 0
        assert row[step]["MB"] > 10
    assert row["text_bytes"] > 40 * 90
    assert row["encoded_bytes"] > 40 * 30
    assert [path.name for path in folder.iterdir()] == ["f.json"]


def test_command_writes_seconds_and_memory_of_each_step(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # as a user runs it
    environment["TMPDIR"] = str(tmp_path)
    command = [sys.executable, str(ROOT / "scripts" / "large_corpus.py"), "--sizes", "40", "--json"]
    run = subprocess.run([*command, str(tmp_path / "f.json")], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    check(tmp_path)


def test_steps_of_a_table_are_measured_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    large_corpus.main(["--table", "--sizes", "40", "--json", str(tmp_path / "f.json")])
    check(tmp_path)
