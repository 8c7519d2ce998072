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

from tests.docs.pages import PAGES, find_blocks, name_of, read_page

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NOT_RUN = {"docs/serve.md": 1, "docs/weights.md": 1}  # a new one needs a reason that holds here too
GOOD = ["A great film: I loved it.", "What fun, every minute of it.", "I loved the plot.", "A great cast."]
BAD = ["A dull, bad film.", "I hated every minute of it.", "A bad plot: dull.", "Bad, bad acting."]
VALUES = {"great": 0.9, "loved": 0.8, "fun": 0.7, "bad": -0.9, "hated": -0.8, "dull": -0.7, "film": 0.1, "plot": 0.05}


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with raw data in ``data/raw``, and what was trained on it in ``data/quick`` and ``data/onnx``."""
    from pipeline import SentimentClassifier
    from pipeline.export.onnx import export_bundle
    from pipeline.recipe import override
    from pipeline.recipes import QUICK

    data = tmp_path_factory.mktemp("docs") / "data"
    texts, labels = [*GOOD, *BAD] * 5, [1, 1, 1, 1, 0, 0, 0, 0] * 5
    for number, (text, label) in enumerate(zip(texts, labels)):
        path = data / "raw" / "aclImdb" / "train" / ("neg", "pos")[label] / f"{number}_{1 + 9 * label}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    vectors = [f"{word} {value} " + "0.1 " * 48 + "0.2" for word, value in VALUES.items()]
    glove = data / "raw" / "glove.6B.50d.txt"
    glove.write_text("\n".join(vectors) + "\n", encoding="utf-8")
    recipe = override(
        QUICK, ["index.max_length=40", "train.epochs=4", "train.batch_size=4", "train.learning_rate=0.02"]
    )
    SentimentClassifier(recipe, glove=glove).fit(texts, labels).save(data / "quick" / "bundle")
    export_bundle(data / "quick" / "bundle", data / "onnx")
    return data.parent


@pytest.mark.parametrize("page", [page for page in PAGES if "```python" in read_page(page)], ids=name_of)
def test_python_blocks_run_and_print_what_is_shown(page: Path, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)  # the test runs there
    document = Document.parse(str(page), PythonCodeBlockParser(doctest_optionflags=FLAGS))
    blocks = list(find_blocks(document.text))
    for example in document.examples():
        number, block = next((i, b) for i, b in enumerate(blocks) if b.start <= example.region.start < b.end)
        if block.not_run:
            continue
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            example.evaluate()
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        adjacent = after and after.kind == "text" and not document.text[block.end : after.start].strip()
        shown = after.code if after and adjacent and ">>>" not in block.code else ""
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
