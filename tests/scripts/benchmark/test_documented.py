"""The commands of docs/benchmark.md, on tiny data. ``.ci/run`` runs all of them in an empty environment."""

from __future__ import annotations

import ast
import configparser
import re
import shlex
import sys
from pathlib import Path
from typing import Iterator, List

import pytest

from scripts.benchmark import reviews
from scripts.benchmark.__main__ import main
from tests.docs.pages import ROOT, find_blocks, read_page
from tests.scripts.benchmark.test_engines import read_few, write_reviews

# Distributions whose modules have other names.
MODULES = {"scikit-learn": "sklearn"}


def commands() -> List[List[str]]:
    """Return the words of each command in the page's first shell block."""
    block = next(block for block in find_blocks(read_page(ROOT / "docs/benchmark.md")) if block.kind == "bash")
    return [shlex.split(line, comments=True) for line in block.code.splitlines()]


def imported(file: Path) -> Iterator[str]:
    """Yield the names of the packages that a module imports anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.skipif(sys.version_info < (3, 10), reason="this Python does not list the modules that come with it")
def test_install_line_gives_what_the_benchmarks_import() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = config["options.extras_require"]
    (install,) = [command for command in commands() if command[0] == "pip"]
    (named,) = re.findall(r"^\.\[(.+)\]$", install[-1])
    assert "benchmark" in named.split(",")
    lines = [config["options"]["install_requires"], *(extras[name] for name in named.split(","))]
    installed = {re.split(r"[\[<>=;~! ]", line)[0] for line in "\n".join(lines).splitlines()}
    needed = {"onnx", "onnxruntime", "mxnet"}  # which the package imports for some rows
    for file in (ROOT / "scripts/benchmark").glob("*.py"):
        if file.name != "keras_baseline.py":  # has an environment of its own
            needed |= set(imported(file))
    others = {*sys.stdlib_module_names, "pipeline", "scripts"}
    assert needed - others - {MODULES.get(name, name) for name in installed} == set()


def test_command_runs_on_tiny_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_reviews(tmp_path / "raw")
    monkeypatch.setattr(reviews, "read_reviews", read_few)
    documented = [command for command in commands() if command[:3] == ["python", "-m", "scripts.benchmark"]]
    chosen = next(command for command in documented if "--only" in command)
    options = [*chosen[3:], "--repeats", "1", "--data", str(tmp_path), "--json", str(tmp_path / "found.json")]
    assert main(options) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["answers", "sentence"]
