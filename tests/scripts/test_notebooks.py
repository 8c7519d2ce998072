from __future__ import annotations

import itertools
import os
import re
import shutil
from pathlib import Path
from typing import Any, List

import jupytext
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from pipeline.io.input import list_reviews
from scripts import notebooks
from scripts.notebooks import execute, list_sources, main, read_notebook, set_parameters, write_copies

ROOT = Path(__file__).parents[2]
RAW = Path(os.environ.get("SENTIMENT_RAW") or ROOT / "data" / "raw")
NEEDED = {"inference": [], "weights": [], "mnist_rows": ["mnist.npz"]}  # of RAW
NAMES = [path.stem for path in list_sources()]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder that several notebooks share: few reviews, yet over 5,000 words; few vectors and digits."""
    folder = tmp_path_factory.mktemp("notebooks") / "data"
    for kind in ("pos", "neg"):
        reviews, few = RAW / "aclImdb" / "train" / kind, folder / "raw" / "aclImdb" / "train" / kind
        few.mkdir(parents=True)
        if reviews.is_dir():
            names = sorted(list_reviews(reviews)[:1000], key=lambda name: (reviews / name).stat().st_size)
            first = [path.name for path in reviews.glob("15755.txt")]  # with which the lecture begins
            for name in {*names[:10], *names[-25:], *first}:
                shutil.copy(reviews / name, few)
    if (RAW / "glove.6B.50d.txt").is_file():
        with open(RAW / "glove.6B.50d.txt", "rb") as vectors:
            (folder / "raw" / "glove.6B.50d.txt").write_bytes(b"".join(itertools.islice(vectors, 10_000)))
    if (RAW / "mnist.npz").is_file():
        (folder / "raw" / "mnist.npz").symlink_to(RAW / "mnist.npz")
    return folder


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of two notebooks, one of which fails at its third cell."""
    folder = tmp_path / "sources"
    folder.mkdir()
    cells = "# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n# %%\nassert x == 2, 'not 2'\n\n# %%\nprint('never')\n"
    (folder / "bad.py").write_text(cells)
    (folder / "good.py").write_text('# %% tags=["parameters"]\nFAST = False\n\n# %%\nprint("fast", FAST)\n')
    monkeypatch.setattr(notebooks, "SOURCES", folder)
    return folder


def solutions_of(notebook: Any) -> List[str]:
    """Return the code of the solutions in a notebook's last cell."""
    _, _, solutions = notebook.cells[-1].source.partition("<details>")
    return re.findall(r"^```python\n(.*?)^```$", solutions, re.M | re.S)


@pytest.mark.parametrize("name", NAMES)
def test_notebook_and_its_solutions_run_on_little_data(
    name: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for needed in NEEDED.get(name, ["aclImdb/train", "glove.6B.50d.txt"]):
        if not (RAW / needed).exists():
            pytest.skip(f"{RAW / needed} is not there: python scripts/fetch_data.py reviews glove mnist")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = read_notebook(*list_sources([name]))
    notebook.cells += map(new_code_cell, solutions_of(notebook))
    set_parameters(notebook, {"FAST": True, "DATA": str(data)})
    assert execute(notebook, tmp_path) is None


@pytest.mark.parametrize("name", NAMES)
def test_notebook_is_valid_and_ends_with_three_exercises_and_their_solutions(name: str) -> None:
    notebook = read_notebook(*list_sources([name]))
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# ")
    exercises, details, solutions = notebook.cells[-1].source.partition("<details><summary>Solutions</summary>\n")
    assert exercises.startswith("## Exercises\n")
    assert re.findall(r"^\d\.", exercises, re.M) == ["1.", "2.", "3."]
    assert re.findall(r"^\d\\\.", solutions, re.M) == ["1\\.", "2\\.", "3\\."]
    assert details
    assert solutions.endswith("</details>")


@pytest.mark.parametrize("name", NAMES)
def test_notebook_stays_the_same_when_jupytext_writes_it(name: str) -> None:
    (source,) = list_sources([name])
    cells = jupytext.reads(source.read_text(encoding="utf-8"), "py:percent")
    cells.metadata["jupytext"] = {"notebook_metadata_filter": "-all", "cell_metadata_filter": "tags,-all"}
    assert jupytext.writes(cells, "py:percent") == source.read_text(encoding="utf-8")


def test_run_names_notebook_and_cell_that_fails_and_goes_on(
    sources: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--fast", "--html", "out"]) == 1
    printed = capfd.readouterr()
    assert "error: bad.py, cell 3 (assert x == 2, 'not 2'): AssertionError: not 2; out/bad.html shows it" in printed.err
    assert re.search(r"^good: 3 cells in \d+ s, out/good.html$", printed.out, re.M)
    bad, good = (nbformat.read(tmp_path / "out" / f"{name}.ipynb", 4) for name in ("bad", "good"))
    assert bad.cells[2].outputs[0].ename == "AssertionError"
    assert bad.cells[3].outputs == []
    assert good.cells[2].outputs[0].text == "fast True\n"
    assert "AssertionError" in (tmp_path / "out" / "bad.html").read_text(encoding="utf-8")


def test_run_reports_a_kernel_that_died(tmp_path: Path) -> None:
    notebook = new_notebook(cells=[new_code_cell("x = 1"), new_code_cell("import os\nos._exit(1)")])
    failure = execute(notebook, tmp_path)
    assert failure is not None
    assert failure == (2, "import os", "the kernel died")


def test_unknown_notebook_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "lecture9"]) == 2
    assert f"lecture9: no such notebook; there are {', '.join(NAMES)}" in capsys.readouterr().err


def test_open_keeps_copies_that_exist(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: List[List[str]] = []

    monkeypatch.setattr(notebooks.os, "execv", lambda program, command: started.append(command[1:]))
    monkeypatch.setattr(notebooks, "find_spec", lambda name: name)  # JupyterLab is not needed for the tests
    copies = tmp_path / "data" / "notebooks"
    copies.mkdir(parents=True)
    (copies / "bad.ipynb").write_text("a reader's work")
    os.utime(copies / "bad.ipynb", (0, 0))
    assert main(["open", "--no-browser"]) == 0
    assert started == [["-m", "jupyterlab", "data/notebooks", "--no-browser"]]
    assert (copies / "bad.ipynb").read_text() == "a reader's work"
    assert [cell.source for cell in nbformat.read(copies / "good.ipynb", 4).cells] == [
        "FAST = False",
        'print("fast", FAST)',
    ]
    assert capsys.readouterr().out.splitlines() == [
        "data/notebooks/bad.ipynb: kept; its source is newer: rename it for a new copy",
        "data/notebooks/good.ipynb: new",
    ]
    write_copies(copies, {})
    assert "good.ipynb: kept\n" in capsys.readouterr().out


def test_open_tells_the_notebooks_another_data_folder(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: List[List[str]] = []
    monkeypatch.setattr(notebooks.os, "execv", lambda program, command: started.append(command[1:]))
    monkeypatch.setattr(notebooks, "find_spec", lambda name: name)
    assert main(["open", "--data", "elsewhere"]) == 0
    assert started == [["-m", "jupyterlab", "elsewhere/notebooks"]]
    assert [cell.source for cell in nbformat.read(tmp_path / "elsewhere" / "notebooks" / "good.ipynb", 4).cells] == [
        "FAST = False",
        f"DATA = {str(tmp_path / 'elsewhere')!r}",
        'print("fast", FAST)',
    ]


def test_progress_bars_leave_nothing_in_the_output() -> None:
    stream = [("stderr", "\r 10%"), ("stderr", "\r100%"), ("stderr", "\r    \r"), ("stdout", "a\n"), ("stdout", "b\n")]
    cell = new_code_cell("1", outputs=[new_output("stream", name=name, text=text) for name, text in stream])
    notebooks._tidy(cell)
    assert [(output.name, output.text) for output in cell.outputs] == [("stdout", "a\nb\n")]
