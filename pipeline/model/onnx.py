"""A network without MXNet: what `pipeline.export.onnx` wrote, run by onnxruntime."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Optional, Sequence

import numpy as np

from pipeline.errors import PipelineError
from pipeline.recipe import Recipe
from pipeline.text.ngrams import NGrams


class OnnxNetwork:
    """A network in ONNX. Threads may share one.

    Parameters
    ----------
    path : Path
        An ONNX file that `pipeline.export.graph.build_model` made.
    recipe : Recipe
        What it was made by.
    ngrams : NGrams, optional
        What its wide part reads, if it has one.

    Raises
    ------
    PipelineError
        If onnxruntime is missing, or the file is not this recipe's network.

    Notes
    -----
    As many threads as ``OMP_NUM_THREADS`` says, by default all that this process may use.
    """

    streams = 1  # of batches that it reads at the same time: each on all threads

    def __init__(self, path: Path, recipe: Recipe, ngrams: Optional[NGrams] = None) -> None:
        self.ngrams = ngrams
        onnxruntime = _import_onnxruntime()
        options = onnxruntime.SessionOptions()
        threads = os.environ.get("OMP_NUM_THREADS", "")
        options.intra_op_num_threads = int(threads) if threads.isdigit() else len(os.sched_getaffinity(0))
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises a dozen kinds
            raise PipelineError(f"{path}: not a network that onnxruntime can read ({error})") from None
        inputs = [value.name for value in self._session.get_inputs()]
        shape = self._session.get_outputs()[0].shape
        if inputs != input_names(recipe) or shape[1:] != [recipe.scores]:
            raise PipelineError(f"{path}: not this recipe's network (it takes {inputs} and gives {shape})")

    def score(self, block: Sequence[np.ndarray]) -> np.ndarray:
        """Return scores (N, outputs), float32, for what `pipeline.model.batches.make_block` made."""
        names = [value.name for value in self._session.get_inputs()]
        return self._session.run(None, dict(zip(names, block)))[0]

    def start(self, block: Sequence[np.ndarray], device: Any, stream: int) -> Callable[[], np.ndarray]:
        """Return a function that returns the scores, as the other networks do; always on the CPU."""
        return functools.partial(self.score, block)


def input_names(recipe: Recipe) -> list[str]:
    """Return the names of the network's inputs: ids (N, T); lengths (N,) if it passes over the padding; n-grams."""
    return ["ids"] + ["lengths"] * recipe.network.masked + ["ngrams"] * (recipe.wide.ngrams > 0)


def _import_onnxruntime() -> ModuleType:
    try:
        import onnxruntime
    except ImportError as error:
        raise PipelineError(f'onnxruntime does not load ({error}): pip install ".[onnx]"') from None
    return onnxruntime
