"""A network in ONNX, as `pipeline.export.onnx` writes it, run by onnxruntime without MXNet."""

from __future__ import annotations

import ctypes
import functools
import os
import weakref
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Dict, Optional, Sequence

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.forks import at_fork, forks_wait, one_thread
from pipeline.io.processes import count_cores
from pipeline.model.batches import input_names
from pipeline.mx.types import Device
from pipeline.recipe import Recipe
from pipeline.text.ngrams import NGrams


class OnnxNetwork:
    """A network in ONNX. Threads may share one, and their predictions run in parallel.

    Parameters
    ----------
    path : Path
        An ONNX file made by `pipeline.export.graph.build_model`.
    recipe : Recipe
        The recipe of the network.
    ngrams : NGrams, optional
        The n-grams of its n-gram model, if it has one.

    Raises
    ------
    PipelineError
        If onnxruntime is missing, or the file is not this recipe's network.

    Notes
    -----
    The session uses as many threads as ``OMP_NUM_THREADS`` says, by default all cores of this process.

    The threads of a session do not survive a fork, and the child must not end the session
    (microsoft/onnxruntime#31961). So the child creates a session of its own for its first prediction, from the file's
    bytes, which are kept in memory because the file may be gone.
    """

    streams = 1  # number of batches computed at the same time; each uses all threads

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

    def compute_logits(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Return the logits, float32 of shape (N, ``recipe.num_logits``), of a batch of `batchify`."""
        session = self._session or self._open()
        names = [value.name for value in session.get_inputs()]
        with forks_wait():  # any number of threads may be in here; only a fork waits for them
            return session.run(None, dict(zip(names, batch)))[0]

    def start(self, batch: Sequence[np.ndarray], device: Device, stream: int) -> Callable[[], np.ndarray]:
        """Return a function that computes the logits of a batch, always on the CPU; see `Network.start`."""
        return functools.partial(self.compute_logits, batch)

    def _open(self) -> Any:
        """Return this process's session; create it if there is none yet."""
        with one_thread():
            if self._session is None:
                onnxruntime = _import_onnxruntime()
                options = onnxruntime.SessionOptions()
                threads = os.environ.get("OMP_NUM_THREADS", "")
                options.intra_op_num_threads = int(threads) if threads.isdecimal() else count_cores()
                self._session = onnxruntime.InferenceSession(self._model, options, providers=["CPUExecutionProvider"])
                _networks.add(self)
            return self._session

    def __getstate__(self) -> Dict[str, Any]:
        """Return what pickle and deepcopy take: all but the session. The copy creates one for its first prediction."""
        return {**self.__dict__, "_session": None}

    def abandon_session(self) -> None:
        """In a child: never free the parent's session, by keeping a reference to it for ever."""
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
        self._session = None


_networks: weakref.WeakSet[OnnxNetwork] = weakref.WeakSet()  # those with a session, for forks


def _after_fork_in_child() -> None:
    for network in list(_networks):
        network.abandon_session()
    _networks.clear()


at_fork(after_in_child=_after_fork_in_child)


def _import_onnxruntime() -> ModuleType:
    try:
        import onnxruntime
    except ImportError as error:
        raise PipelineError(f'onnxruntime does not load ({error}): pip install ".[onnx]"') from None
    return onnxruntime
