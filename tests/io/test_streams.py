"""Processes with closed or unwritable standard streams behave as coreutils."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import List, Tuple

import pytest

ROOT = Path(__file__).parents[2]
ROWS = 'text\n"A great film, I loved it."\n""\n'
WITHOUT_STREAMS = """
import sys
sys.stdin = sys.stdout = sys.stderr = None
from pipeline import SentimentClassifier, infer_sentiment
from pipeline.recipe import override
from pipeline.recipes import QUICK
settings = ["embed.vectors=", "embed.dim=4", "network.hidden_size=4", "train.epochs=1"]
SentimentClassifier(override(QUICK, settings)).fit(["great film", "bad film"] * 8, [1, 0] * 8)
with open("answer", "w") as file:
    file.write(str(infer_sentiment("A great film!")))
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with two reviews, one of them empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    (tmp_path / "reviews.csv").write_text(ROWS)
    return tmp_path


def run(redirection: str, *arguments: str) -> Tuple[int, str, str]:
    """Run Python in a shell that closes or redirects some of its streams."""
    command = ["bash", "-c", f'exec "$@" {redirection}', "bash", sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", [["--help"], ["--version"], ["weights", "simple", *"--input-kernel 1".split()]])
@pytest.mark.parametrize(("redirection", "why"), [(">&-", "Bad file descriptor"), (">/dev/full", "No space left")])
def test_unwritable_standard_output_is_an_error(command: List[str], redirection: str, why: str) -> None:
    if command[0] == "weights":
        command = [*command, *"--recurrent-kernel 1 --inputs 1 2".split()]
    code, _, err = run(redirection, "-m", "pipeline", *command)
    assert code == 2
    assert err.startswith(f"error: standard output: {why}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_unwritable_standard_error_only_loses_messages(folder: Path, redirection: str) -> None:
    answer = ["-m", "pipeline", "infer", "--input", "reviews.csv", "--output"]
    assert run(redirection, *answer, "answers.csv") == (0, "", "")
    labels = [line.split(",")[:2] for line in (folder / "answers.csv").read_text().splitlines()]
    assert labels == [["row", "label"], ["1", "positive"], ["2", ""]]
    assert run(redirection, "-m", "pipeline", "infer", "--input", "nowhere.csv") == (2, "", "")


def test_infer_works_with_all_streams_closed(folder: Path) -> None:
    answer = ["-m", "pipeline", "infer", "--input", "reviews.csv", "--output", "answers.csv"]
    assert run("<&- >&- 2>&-", *answer) == (0, "", "")
    assert (folder / "answers.csv").read_text().count("\n") == 3


def test_closed_descriptors_are_not_reused() -> None:
    code = """
import os
from pipeline.io.streams import keep_standard_descriptors
keep_standard_descriptors()
file = open("answers.csv", "w")
for descriptor, call in (0, lambda: os.read(0, 1)), (1, lambda: os.write(1, b"1")), (2, lambda: os.write(2, b"2")):
    try:
        call()
        file.write(f"{descriptor} ")
    except OSError:
        file.write(f"{descriptor}: error ")
file.write(str(file.fileno() > 2))
"""
    assert run("<&- >&- 2>&-", "-c", code) == (0, "", "")
    assert Path("answers.csv").read_text() == "0: error 1: error 2 True"


def test_worker_processes_run_without_standard_error() -> None:
    code = """
from pipeline.io.processes import map_pieces
import os
os.sched_getaffinity = lambda process: {0, 1}
print(sum(map_pieces(abs, range(-100, 0))))
"""
    assert run("2>&-", "-c", code) == (0, "5050\n", "")


def test_fit_and_infer_work_without_streams(folder: Path) -> None:
    assert run("<&- >&- 2>&-", "-c", WITHOUT_STREAMS) == (0, "", "")
    assert (folder / "answer").read_text() == "Glad you liked it!"


def test_package_does_not_import_tqdm_directly() -> None:
    found = [path for path in (ROOT / "pipeline").rglob("*.py") if "from tqdm" in path.read_text(encoding="utf-8")]
    assert [path.name for path in found] == ["progress.py"]  # which takes the bar that fits


def test_explanation_is_formatted_without_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline import explain

    explanation = explain("A great film.")
    monkeypatch.setattr(sys, "stdout", None)
    assert explanation.to_terminal().startswith("positive")
