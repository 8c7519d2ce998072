"""A network without MXNet: what `pipeline.export.onnx` wrote, run by onnxruntime."""

from __future__ import annotations

import ctypes
import functools
import os
import weakref
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Optional, Sequence

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.forks import at_fork, forks_wait, one_thread
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
        Of its n-gram model, if it has one.

    Raises
    ------
    PipelineError
        If onnxruntime is missing, or the file is not this recipe's network.

    Notes
    -----
    As many threads as ``OMP_NUM_THREADS`` says, by default all that this process may use.

    The threads of a session do not outlive a fork, nor may the child end the session (microsoft/onnxruntime#31961).
    So the child makes one of its own when it is first asked, out of the file's bytes: the file may be gone.
    """

    streams = 1  # of batches that it reads at the same time: each on all threads

    def __init__(self, path: Path, recipe: Recipe, ngrams: Optional[NGrams] = None) -> None:
        self.ngrams = ngrams
        self._session: Any = None
        _import_onnxruntime()
        try:
            self._model = path.read_bytes()
            session = self._open()
        except Exception as error:  # onnxruntime raises a dozen kinds
            raise PipelineError(f"{path}: not a network that onnxruntime can read ({error})") from None
        inputs = [value.name for value in session.get_inputs()]
        shape = session.get_outputs()[0].shape
        if inputs != input_names(recipe) or shape[1:] != [recipe.num_logits]:
            raise PipelineError(f"{path}: not this recipe's network (it takes {inputs} and gives {shape})")

    def score(self, block: Sequence[np.ndarray]) -> np.ndarray:
        """Return scores (N, outputs), float32, for what `pipeline.model.batches.batchify` made."""
        session = self._session or self._open()
        names = [value.name for value in session.get_inputs()]
        with forks_wait():
            return session.run(None, dict(zip(names, block)))[0]

    def start(self, block: Sequence[np.ndarray], device: Any, stream: int) -> Callable[[], np.ndarray]:
        """Return a function that returns the scores, as the other networks do; always on the CPU."""
        return functools.partial(self.score, block)

    def _open(self) -> Any:
        """Return this process's session; make it if there is none yet."""
        with one_thread():
            if self._session is None:
                onnxruntime = _import_onnxruntime()
                options = onnxruntime.SessionOptions()
                threads = os.environ.get("OMP_NUM_THREADS", "")
                options.intra_op_num_threads = int(threads) if threads.isdecimal() else len(os.sched_getaffinity(0))
                self._session = onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
                _networks.add(self)
            return self._session

    def abandon_session(self) -> None:
        """In a child: leave the parent's session alone for good, a reference to it is never given back."""
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
        self._session = None


_networks: weakref.WeakSet[OnnxNetwork] = weakref.WeakSet()  # those with a session


def _after_fork_in_child() -> None:
    for network in list(_networks):
        network.abandon_session()
    _networks.clear()


at_fork(after_in_child=_after_fork_in_child)


def input_names(recipe: Recipe) -> list[str]:
    """Return the names of the network's inputs: ids (N, T); lengths (N,) if it passes over the padding; n-grams."""
    return ["ids"] + ["lengths"] * recipe.network.masked + ["ngrams"] * (recipe.ngram_model.max_n > 0)


def _import_onnxruntime() -> ModuleType:
    try:
        import onnxruntime
    except ImportError as error:
        raise PipelineError(f'onnxruntime does not load ({error}): pip install ".[onnx]"') from None
    return onnxruntime
