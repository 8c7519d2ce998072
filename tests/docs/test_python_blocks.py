"""Every Python block of the documentation is run, and what it prints is compared with what the page shows."""

from __future__ import annotations

import contextlib
import doctest
import io
import shutil
from pathlib import Path

import pytest
from sybil import Document
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.docs.pages import PAGES, find_blocks, find_output, name_of, read_page

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
# A new one needs a reason that holds here.
NOT_RUN = {"docs/scale.md": 4, "docs/serve.md": 1, "docs/stages.md": 1, "docs/weights.md": 1}


@pytest.mark.parametrize("page", [page for page in PAGES if "```python" in read_page(page)], ids=name_of)
def test_python_blocks_run_and_print_what_is_shown(page: Path, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)  # the test runs there
    document = Document.parse(str(page), PythonCodeBlockParser(doctest_optionflags=FLAGS))
    blocks = list(find_blocks(document.text))
    for example in document.examples():
        block = next(block for block in blocks if block.start <= example.region.start < block.end)
        if block.not_run:
            continue
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            example.evaluate()
        shown = "" if ">>>" in block.code else find_output(document.text, block)
        assert doctest.OutputChecker().check_output(shown, printed.getvalue(), FLAGS), (
            f"{page}, line {example.line}: shows {shown!r}, prints {printed.getvalue()!r}"
        )


def test_python_blocks_that_are_not_run_are_few_and_say_why() -> None:
    found = {
        name_of(page): sum(block.kind == "python" and bool(block.not_run) for block in find_blocks(read_page(page)))
        for page in PAGES
    }
    assert {name: count for name, count in found.items() if count} == NOT_RUN


def test_excerpt_of_lstm_step_is_the_code_that_runs() -> None:
    import inspect

    from pipeline.lectures.rnn_cells import lstm_step

    page = next(page for page in PAGES if page.name == "weights.md")
    (excerpt,) = (block.code for block in find_blocks(read_page(page)) if block.not_run)
    source = [line.partition("#")[0].strip() for line in inspect.getsource(lstm_step).splitlines()]
    lines = excerpt.splitlines()
    assert source[source.index(lines[0]) :][: len(lines)] == lines
