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

def fit(epochs):
    recipe = replace(TINY, embed=Embed(glove="", dim=4), train=replace(TINY.train, epochs=epochs))
    return SentimentClassifier(recipe, device="cpu").fit(list(REVIEWS.values()), [1, 1, 1, 0, 0, 0])
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


def test_an_interrupt_ends_the_cell_and_not_the_kernel(kernel: Kernel) -> None:
    for _ in range(3):
        with pytest.raises(CellExecutionError) as caught:
            kernel.run("fit(1_000_000)", interrupt_after=1)
        assert caught.value.ename == "KeyboardInterrupt"
    outputs = kernel.run("fit(30).predict(list(REVIEWS.values())).tolist()")
    assert result(outputs) == "[1, 1, 1, 0, 0, 0]"
    process = kernel.run("import subprocess\nsubprocess.run(['echo'], preexec_fn=lambda: None, timeout=20).returncode")
    assert result(process) == "0"  # a fork waits for nothing that was interrupted
