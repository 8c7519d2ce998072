"""What the documentation says can be copied and pasted is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = f'sentiment() {{ "{sys.executable}" -m pipeline "$@"; }}\n'


def sections(*titles: str) -> str:
    """Return sections of the README; the others train, or fetch data."""
    text = (ROOT / "README.md").read_text()
    return "".join(text.partition(f"\n## {title}\n")[2].partition("\n## ")[0] + "\n" for title in titles)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ((ROOT / "docs/inference.md").read_text(), "Glad you liked it!"),
        ((ROOT / "docs/explain.md").read_text(), "for positive  wonderful "),
        (sections("In Python", "In the shell"), "Glad you liked it!"),
    ],
    ids=["inference", "explain", "README"],
)
def test_examples_of_a_page_run(page: str, said: str, tmp_path: Path) -> None:
    blocks = re.findall(r"^```(python|bash)\n(.*?)^```", page, re.M | re.S)
    python = "".join(code for language, code in blocks if language == "python")
    bash = "".join(code for language, code in blocks if language == "bash")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for command in ([sys.executable, "-c", python], ["bash", "-ec", COMMAND + bash]):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
