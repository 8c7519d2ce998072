"""Inference with ONNX where MXNet is not, without what only Linux offers, as on Windows and macOS."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

TAKE_AWAY = """
import ctypes, os, sys
names = "sched_getaffinity register_at_fork getloadavg fork chown geteuid getuid O_NONBLOCK O_NOFOLLOW sched_yield"
for name in names.split():
    if hasattr(os, name):
        delattr(os, name)
sys.modules.update(dict.fromkeys(("mxnet", "gluonnlp", "fcntl", "resource", "pwd", "grp", "termios")))


def no_library(*arguments, **options):
    raise OSError("no C library by this name")


ctypes.CDLL = no_library
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a fresh interpreter from which the names are taken."""
    return subprocess.run(
        [sys.executable, "-c", TAKE_AWAY + code, *arguments], capture_output=True, text=True, encoding="utf-8"
    )


def test_package_answers_and_explains_why_it_cannot_explain() -> None:
    done = run(
        """
import pipeline
print(pipeline.infer_sentiment("A great film, I loved it."))
found = pipeline.SentimentClassifier.load().predict(["Dull and far too long."])
print(found.tolist())
try:
    pipeline.explain("A great film.")
except pipeline.errors.PipelineError as error:
    print(str(error)[:25])
"""
    )
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        ["Glad you liked it!", "['negative']", "explain needs MXNet and a"],
    ), done.stderr


def test_command_reads_and_writes_tables(tmp_path: Path) -> None:
    table = b'text,label\r\n"A great film,\r\nI loved it.",pos\r\nDull and far too long.,neg\r\n'
    Path("reviews.csv").write_bytes(table)
    main = "\nfrom pipeline.cli.main import main\nsys.exit(main(sys.argv[1:]))\n"
    Path("answers.jsonl").write_text("old\n")
    done = run(main, "infer", "--input", "reviews.csv", "--output", "answers.jsonl")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    rows = [json.loads(line) for line in Path("answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["label"] for row in rows] == ["positive", "negative"]
    done = run(main, "evaluate", "--input", "reviews.csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].split()[:3] == ["test", "2", "1.0000"]
    assert sorted(path.name for path in Path().iterdir()) == ["answers.jsonl", "reviews.csv"]


def test_doctor_and_server_start() -> None:
    done = run(
        """
import pipeline.cli.serve, pipeline.server.app, pipeline.server.serve
from pipeline.cli import doctor, main
doctor.CHECKS = [check for check in doctor.CHECKS if check is not doctor.check_mxnet]  # in processes with all names
sys.exit(main.main(["doctor"]))
"""
    )
    assert "model: small (comes with the package)" in done.stdout, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("engine", ["local"])
def test_partitions_are_scored(engine: str) -> None:
    Path("reviews.csv").write_text("text\nA great film.\nDull and far too long.\n")
    main = "\nfrom pipeline.cli.main import main\nif __name__ == '__main__':\n    sys.exit(main(sys.argv[1:]))\n"
    done = run(main, "score", "reviews.csv", "--output", "scored", "--engine", engine, "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert len(list(Path("scored").iterdir())) >= 2
