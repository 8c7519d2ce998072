from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", [[], ["--table"]])
def test_command_writes_seconds_and_memory_of_each_step(tmp_path: Path, kind: List[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # as a user runs it
    environment["TMPDIR"] = str(tmp_path)
    command = [sys.executable, str(ROOT / "scripts" / "large_corpus.py"), *kind, "--sizes", "40", "--json"]
    run = subprocess.run([*command, str(tmp_path / "f.json")], env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    (row,) = json.loads((tmp_path / "f.json").read_text())["sizes"]
    assert row["reviews"] == 40
    for step in ("read", "index", "batches"):
        assert row[step]["seconds"] > 0
        assert row[step]["processor_seconds"] > 0
        assert row[step]["MB"] > 10
    assert row["text_bytes"] > 40 * 90
    assert row["encoded_bytes"] > 40 * 30
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]
