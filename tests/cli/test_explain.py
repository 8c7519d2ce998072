"""The command explain as a user calls it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from pipeline.cli.main import main
from tests.conftest import TINY, save_random_bundle


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain") / "bundle"
    save_random_bundle(folder, TINY)
    return folder


def test_explain_prints_for_people(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "a great film", "--model", str(model)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split(",")[0] in ("positive", "negative")
    assert lines[-1].startswith("word by word  ")
    assert "\033[" not in "".join(lines)


def test_explain_takes_the_class(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "a great film", "--model", str(model), "--target", "negative", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["target"] == "negative"
    assert main(["explain", "a great film", "--model", str(model), "--target", "bad"]) == 2
    assert capsys.readouterr().err.endswith("error: target: expected one of negative, positive, found 'bad'\n")


@pytest.mark.parametrize(("name", "beginning"), [("x.html", "<!doctype"), ("x.JSON", '{"text": "a'), ("x.txt", "")])
def test_explain_writes_as_the_file_ends(
    model: Path, tmp_path: Path, name: str, beginning: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)  # a file is none
    assert main(["explain", "a great film", "--model", str(model), "--output", str(tmp_path / name)]) == 0
    content = (tmp_path / name).read_text(encoding="utf-8")
    assert content.startswith(beginning)
    assert content.endswith("\n")
    assert "\033[" not in content


def test_explain_reads_standard_input_and_writes_where_letters_are_few(model: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "explain", "--model", str(model)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    found = subprocess.run(command, input=b"a great\nfilm", capture_output=True, env=environment, check=True)
    assert b"\nword by word  ???  " in found.stdout  # three words, and no bars in ASCII


def test_explain_reads_standard_input_or_says_what_is_wrong_with_it(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a great\nfilm")))
    assert main(["explain", "--model", str(model), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["words"] == ["a", "great", "film"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a great film \xff")))
    assert main(["explain", "--model", str(model)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: standard input: not UTF-8 text (byte 13 is 0xff); convert it")


def test_explain_without_standard_input_says_so(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["explain", "--model", str(model)]) == 2
    assert capsys.readouterr().err == "error: standard input: closed\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x", "--output", "x.png"], "--output x.png: expected a name in .txt, .html, .json, or --format"),
        (["x", "--output", ".", "--format", "json"], ".: is a folder; expected a file name"),
        ([""], "no words in it"),
        (["\u597d\u7535\u5f71"], "text: no words in it that the network knows (found "),
        (["x", "--model", "nowhere"], "nowhere: no bundle there"),
    ],
)
def test_explain_refuses_in_a_sentence(
    arguments: List[str], message: str, capsys: pytest.CaptureFixture[str], model: Path
) -> None:
    named = [] if "--model" in arguments else ["--model", str(model)]
    assert main(["explain", *arguments, *named]) == 2
    assert message in capsys.readouterr().err
