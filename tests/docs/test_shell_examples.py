"""The shell blocks of pages that need nothing but a bundle are run; what they print is compared where it is shown."""

from __future__ import annotations

import contextlib
import doctest
import functools
import io
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List, NamedTuple, Tuple

import pytest

from pipeline.cli import doctor
from pipeline.cli.main import main
from tests.docs.pages import ROOT, find_blocks, find_output, read_page, tokens_of

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# Two pages run doctor, on the same bundles. It begins a process for each of them, and for MXNet.
TRY_ONCE = functools.lru_cache(maxsize=None)(doctor._run)
SECTION = re.compile(r"^## In the shell\n.*?(?=^## )", re.M | re.S)


class Done(NamedTuple):
    code: int
    output: bytes


def run_line(line: str, monkeypatch: pytest.MonkeyPatch) -> Done:
    """Run a pipeline of commands, each to its end before the next one; ``sentiment`` in this process."""
    done = Done(0, b"")
    for command in split_pipeline(line):
        words, source, target = parse_redirections(command)
        given = Path(source).read_bytes() if source else done.output
        if words[0] == "sentiment":
            done = run_sentiment(words[1:], given, monkeypatch)
        else:
            ended = subprocess.run(["bash", "-c", shlex.join(words)], input=given, stdout=subprocess.PIPE)
            done = Done(ended.returncode, ended.stdout)
        assert done.code == 0, command
        if target:
            Path(target).write_bytes(done.output)
            done = Done(0, b"")
    return done


def split_pipeline(line: str) -> List[List[str]]:
    commands: List[List[str]] = [[]]
    for token in tokens_of(line):
        if token == "|":
            commands.append([])
        else:
            commands[-1].append(token)
    return commands


def parse_redirections(command: List[str]) -> Tuple[List[str], str, str]:
    words, files, tokens = [], {"<": "", ">": ""}, iter(command)
    for token in tokens:
        if token in files:
            files[token] = next(tokens)
        else:
            words.append(token)
    return words, files["<"], files[">"]


def run_sentiment(arguments: List[str], given: bytes, monkeypatch: pytest.MonkeyPatch) -> Done:
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    with contextlib.redirect_stdout(output):
        code = main(arguments)
    output.flush()
    return Done(code, output.buffer.getvalue())


@pytest.mark.parametrize("name", ["README.md", "docs/inference.md", "docs/explain.md"])
def test_shell_blocks_run_and_print_what_is_shown(
    name: str, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)  # the test runs there
    monkeypatch.setattr(doctor, "_run", TRY_ONCE)
    text = read_page(ROOT / name)
    if name == "README.md":  # the other sections install, download or train
        (text,) = SECTION.findall(text)
    blocks = [block for block in find_blocks(text) if block.kind == "bash" and not block.not_run]
    assert blocks
    for block in blocks:
        lines = [line for line in block.code.splitlines() if tokens_of(line)]
        printed = "".join(run_line(line, monkeypatch).output.decode() for line in lines)
        shown = find_output(text, block)
        assert not shown or doctest.OutputChecker().check_output(shown, printed, FLAGS), printed


def test_a_failing_command_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for line in ("sentiment infer --model nowhere text", "printf 'x' | false"):
        with pytest.raises(AssertionError):
            run_line(line, monkeypatch)
