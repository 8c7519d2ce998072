"""The command line as a whole."""

from __future__ import annotations

import configparser
from importlib.metadata import EntryPoint
from pathlib import Path

from pipeline.cli.main import main


def test_console_script_calls_main() -> None:
    config = configparser.ConfigParser()
    config.read(Path(__file__).parents[2] / "setup.cfg", encoding="utf-8")
    name, _, value = config["options.entry_points"]["console_scripts"].strip().partition(" = ")
    assert name == "sentiment"
    assert EntryPoint(name, value, "console_scripts").load() is main
