"""The command line as a whole."""

from __future__ import annotations

import argparse
import configparser
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import List

import pytest

from pipeline.cli.main import main


def test_console_script_calls_main() -> None:
    config = configparser.ConfigParser()
    config.read(Path(__file__).parents[2] / "setup.cfg", encoding="utf-8")
    name, _, value = config["options.entry_points"]["console_scripts"].strip().partition(" = ")
    assert name == "sentiment"
    assert EntryPoint(name, value, "console_scripts").load() is main


def test_help_needs_python_alone() -> None:
    names = "('mxnet', 'numpy', 'sklearn', 'joblib', 'tqdm')"
    code = f"import sys, pipeline.cli.main; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_command_without_numpy_says_whom_to_ask() -> None:
    code = 'import sys; sys.modules["numpy"] = None; from pipeline.cli import main; sys.exit(main.main(["infer", "a"]))'
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "error: numpy is not installed; the command doctor says what to do\n")


def test_beginning_of_an_options_name_is_not_taken_for_the_option(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (
        ["tune", "table.csv", "--output", "best.toml", "--validation", "file.csv"],
        ["infer", "a film", "--mod", "quick"],
    ):
        with pytest.raises(SystemExit) as error:
            main(command)
        assert error.value.code == 2
        assert f"unrecognized arguments: {' '.join(command[-2:])}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "tiny"], "; the same command goes on from here"),
        (["fit", "a.csv", "--output", "model"], "; the same command goes on from here"),
        (["train", "tiny"], "; the same command and --resume go on after the last whole epoch"),
        (["infer", "good"], ""),
        (["index", "tiny"], ""),
        (["explain", "good"], ""),
    ],
)
def test_ctrl_c_says_how_to_go_on_where_a_command_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: List[str], told: str
) -> None:
    def stop(options: argparse.Namespace) -> None:
        raise KeyboardInterrupt

    parse = argparse.ArgumentParser.parse_args
    monkeypatch.setattr(
        argparse.ArgumentParser,
        "parse_args",
        lambda self, given: argparse.Namespace(**{**vars(parse(self, given)), "run": stop}),
    )
    assert main(arguments) == 130
    assert capsys.readouterr().err == f"\nstopped{told}\n"
