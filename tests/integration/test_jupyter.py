"""A Jupyter kernel: training, answers, the interrupt button, and an explanation shown inline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
_PATIENCE = 60  # seconds for a cell
BEGIN = """
from dataclasses import replace
from pipeline import SentimentClassifier, explain, infer_sentiment
from pipeline.recipe import Embed
from tests.conftest import REVIEWS, TINY

def fit(epochs, **callables):
    recipe = replace(TINY, embed=Embed(vectors="", dim=4), train=replace(TINY.train, epochs=epochs))
    return SentimentClassifier(recipe, device="cpu").fit(list(REVIEWS.values()), [1, 1, 1, 0, 0, 0], **callables)
"""


class Kernel:
    """A kernel and its notebook."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client

    def run(self, source: str, interrupt_after: int = 0) -> List[Dict[str, Any]]:
        """Return the outputs of a cell, which is interrupted after some seconds if there are any."""
        self.client.timeout = interrupt_after or _PATIENCE
        self.client.interrupt_on_timeout = bool(interrupt_after)
        self.client.nb.cells.append(new_code_cell(source))
        cells = self.client.nb.cells
        outputs: List[Dict[str, Any]] = self.client.execute_cell(cells[-1], len(cells) - 1).outputs
        return outputs


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """Start a kernel in an empty folder."""
    folder = tmp_path_factory.mktemp("notebook")
    client = NotebookClient(new_notebook(), resources={"metadata": {"path": str(folder)}}, kernel_name="python3")
    with client.setup_kernel(env={**os.environ, "PYTHONPATH": str(ROOT)}):
        found = Kernel(client)
        assert found.run(BEGIN) == []
        yield found


def text(outputs: List[Dict[str, Any]]) -> str:
    return "".join(output["text"] for output in outputs if output.get("name") == "stdout")


def result(outputs: List[Dict[str, Any]], kind: str = "text/plain") -> str:
    (found,) = [str(output["data"][kind]) for output in outputs if output["output_type"] == "execute_result"]
    return found


def test_fit_trains_and_answers(kernel: Kernel) -> None:
    outputs = kernel.run("classifier = fit(30)\nclassifier.predict(list(REVIEWS.values())).tolist()")
    assert result(outputs) == "[1, 1, 1, 0, 0, 0]"
    assert "epoch 30  loss 0." in text(outputs)


def test_infer_sentiment_answers(kernel: Kernel) -> None:
    outputs = kernel.run('print(infer_sentiment("This movie is Great."))\ninfer_sentiment("A bad film.").label')
    assert text(outputs) == "Glad you liked it!\n"
    assert result(outputs) == "'negative'"


def test_an_explanation_is_shown_inline(kernel: Kernel) -> None:
    shown = result(kernel.run('explain("A great film.")'), "text/html")
    assert "great" in shown
    assert "<span" in shown


def kinds(outputs: List[Dict[str, Any]]) -> Dict[str, int]:
    """Count the outputs of each kind that a cell displays."""
    shown = [kind for output in outputs if output["output_type"] == "display_data" for kind in output["data"]]
    return {kind: shown.count(kind) for kind in shown if kind != "text/plain"}


def test_the_progress_bar_is_a_widget_and_the_loss_is_one_picture(kernel: Kernel) -> None:
    code = """
from pipeline.plots.live import LossPlot
plot = LossPlot(interval=0)
fit(2, on_step=plot.on_step, on_epoch=plot.on_epoch)
print(len(plot.steps), len(plot.epochs))
"""
    outputs = kernel.run(code)
    assert text(outputs).endswith("\n2 2\n")
    assert kinds(outputs) == {"application/vnd.jupyter.widget-view+json": 3, "image/png": 1}  # indexing, two epochs
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_without_ipywidgets_the_progress_bar_is_text(kernel: Kernel) -> None:
    code = """
import importlib, sys, tqdm.autonotebook, pipeline.io.progress
hidden = {name: module for name, module in sys.modules.items() if name.startswith("ipywidgets")}
sys.modules.update(dict.fromkeys(hidden), ipywidgets=None)
for name in ("tqdm.notebook", "tqdm.autonotebook", "pipeline.io.progress"):
    del sys.modules[name]
import pipeline.io.progress
print([kind.__module__ for kind in pipeline.io.progress.tqdm.__mro__[:2]])
sys.modules.update(hidden)
"""
    outputs = kernel.run(code)
    assert text(outputs) == "['pipeline.io.progress', 'tqdm.std']\n"
    assert len(outputs) == 1  # no warning


def test_an_interrupt_ends_the_cell_and_not_the_kernel(kernel: Kernel) -> None:
    for _ in range(3):
        with pytest.raises(CellExecutionError) as caught:
            kernel.run("fit(1_000_000)", interrupt_after=1)
        assert caught.value.ename == "KeyboardInterrupt"
    outputs = kernel.run("fit(30).predict(list(REVIEWS.values())).tolist()")
    assert result(outputs) == "[1, 1, 1, 0, 0, 0]"
    process = kernel.run("import subprocess\nsubprocess.run(['echo'], preexec_fn=lambda: None, timeout=20).returncode")
    assert result(process) == "0"  # a fork waits for nothing that was interrupted
