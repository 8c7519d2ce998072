"""Of every command that the documentation shows, the program exists and its options are known to it."""

from __future__ import annotations

import argparse
import configparser
import re
import runpy
import shlex
import sys
import threading
import warnings
from pathlib import Path
from typing import Any, Iterator, List

import pytest

from pipeline.cli.main import main
from pipeline.recipe import override
from pipeline.recipes import find_recipe
from tests.docs.pages import PAGES, ROOT, find_blocks, name_of, read_page, tokens_of

OTHERS = {
    "cat",
    "curl",
    "cut",
    "echo",
    "export",
    "git",
    "head",
    "hostname",
    "kubectl",
    "printf",
    "python3",
    "salloc",
    "source",
}
PREFIXES = {"env", "sudo", "srun", "salloc", "wait"}  # followed by another command
PLACEHOLDER = re.compile(r"…|\b(RECIPE|STAGE|COMMAND|NAME|FILE|FOLDER)\b")


class Parsed(BaseException):
    """Raised in place of running a command whose options have been parsed."""


def commands_of(text: str) -> Iterator[str]:
    """Yield the commands of a page's shell blocks, and those in backticks that begin as ours do."""
    for block in find_blocks(text):
        if block.kind == "bash":
            code = re.sub(r"\\\n\s*", " ", block.code)
            yield from (command for line in code.splitlines() for command in split(line))
    for inline in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)):
        if re.match(r"sentiment |python scripts/|python -m scripts|bash scripts/", inline):
            yield from (command for command in split(inline) if not PLACEHOLDER.search(command))


def split(line: str) -> Iterator[str]:
    """Yield the simple commands of a line, without redirections."""
    words: List[str] = []
    tokens = iter([*tokens_of(line), ";"])
    for token in tokens:
        if token in ("|", "||", "&", "&&", ";", "(", ")"):
            if words:
                yield shlex.join(words)
            words = []
        elif token in (">", ">>", "<"):
            next(tokens)
        else:
            words.append(token)


def check(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail unless the command's program exists and takes its arguments."""
    words = shlex.split(command)
    while words and ("=" in words[0] or words[0] in PREFIXES or words[0].startswith("--")):
        words = words[1:]
    if not words:
        return
    program, arguments = words[0], words[1:]
    if "--" in arguments and program != "sentiment":
        check(shlex.join(arguments[arguments.index("--") + 1 :]), monkeypatch)
        if "scripts/dmlc_submit.py" not in arguments:  # whose own arguments end with the command
            arguments = arguments[: arguments.index("--")]
    name = program.rpartition("/")[2]
    if name == "sentiment":
        parse(lambda: main(arguments), command)
    elif name == "python" and arguments[0] == "-m" and arguments[1].startswith("scripts"):
        parse(lambda: run_module(arguments[1]), command, arguments[2:], monkeypatch)
    elif name == "python" and arguments[0].endswith(".py"):
        assert (ROOT / arguments[0]).is_file(), command
        imports = re.search(r"^(from|import) scripts\b", (ROOT / arguments[0]).read_text(), re.M)
        assert not imports, f"{command}: imports another script, so it runs as python -m only"
        if arguments[0] == "scripts/fuzz.py":  # needs atheris
            assert f'"{arguments[1]}"' in (ROOT / arguments[0]).read_text(), command
        else:
            parse(
                lambda: runpy.run_path(str(ROOT / arguments[0]), None, "__main__"), command, arguments[1:], monkeypatch
            )
    elif name == "python" and arguments[:2] == ["-m", "pytest"]:
        assert all((ROOT / path).exists() for path in arguments[2:] if path.startswith("tests")), command
    elif name == "bash":
        assert (ROOT / arguments[0]).is_file(), command
    elif name == "pip":
        check_extras(arguments, command)
    else:
        assert name in {*OTHERS, "python", "pip-audit"} or program.startswith("-"), command


def run_module(name: str) -> None:
    """Run a module as ``python -m`` does, also if a test has imported it already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        runpy.run_module(name, run_name="__main__")


def parse(run: Any, command: str, arguments: Any = None, monkeypatch: Any = None) -> None:
    """Call something that parses a command line and is stopped there; check the recipe and its settings too."""
    if monkeypatch:
        monkeypatch.setattr(sys, "argv", ["command", *arguments])
    try:
        run()
    except Parsed as parsed:
        (options,) = parsed.args
        if not (getattr(options, "recipe", None) or ".toml").endswith(".toml"):  # a file is the reader's
            override(find_recipe(options.recipe), getattr(options, "set", []))
        return
    except SystemExit as end:
        if end.code == 0:  # --help
            return
    pytest.fail(f"its options are not known: {command}")


def check_extras(arguments: List[str], command: str) -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    for extras in re.findall(r"^\.\[(.+)\]$", "\n".join(arguments), re.M):
        assert set(extras.split(",")) <= set(config["options.extras_require"]), command


@pytest.fixture
def parse_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop every command when its options have been parsed."""
    parse_known = argparse.ArgumentParser.parse_known_args
    depth = threading.local()

    def stop(self: argparse.ArgumentParser, *args: Any, **options: Any) -> Any:
        if getattr(depth, "inside", False):  # a subcommand's parser
            return parse_known(self, *args, **options)
        depth.inside = True
        try:
            found, unknown = parse_known(self, *args, **options)
        finally:
            depth.inside = False
        if unknown:
            self.error(f"unrecognized arguments: {unknown}")
        raise Parsed(found)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_known_args", stop)
    for name in ("excepthook", "Thread"):  # scripts/dmlc_submit.py changes them
        monkeypatch.setattr(threading, name, getattr(threading, name))


@pytest.mark.usefixtures("parse_only")
@pytest.mark.parametrize("page", [page for page in PAGES if list(commands_of(read_page(page)))], ids=name_of)
def test_shell_commands_exist_and_their_options_parse(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    for command in commands_of(read_page(page)):
        check(command, monkeypatch)


@pytest.mark.usefixtures("parse_only")
@pytest.mark.parametrize(
    "command",
    [
        "sentiment infer --no-such-option",
        "sentiment no-such-command",
        "python scripts/no_such_script.py quick",
        "python scripts/run.py quick --no-such-option",
        "python scripts/compare.py quick --no-such-option",
        "python -m scripts.benchmark --no-such-option",
        "bash scripts/no_such_script.sh",
        "no-such-program",
        'pip install ".[no_such_extra]"',
    ],
)
def test_a_wrong_command_is_found(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(command, monkeypatch)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_there_is_one_spelling_of_a_command(page: Path) -> None:
    assert "python -m pipeline" not in read_page(page)
