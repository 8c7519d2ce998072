"""Benchmarks of the networks on random data: each function prepares one comparison.

Our network and the baseline's start with the same weights and use the same data. Keras has one bias per gate, Gluon and
PyTorch have two, of which the recurrent one is not trained.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.recipe import Index, Network, Recipe, Train
from scripts.benchmark.timing import Comparison, Timed, run_script

KERAS = ("tensorflow-cpu>=2.16", "keras>=3")
_WARM_UP, _REPEATS, _RATE = 2, 8, 0.001
_TOLERANCE = 1e-3  # of losses after the same steps, and of logits


class Case(NamedTuple):
    """Sizes of a network and its batch."""

    input_size: int
    hidden_size: int
    batch_size: int
    length: int
    optimizer: str = "sgd"
    bidirectional: bool = False

    @property
    def words(self) -> int:
        """Number of tokens in the batch."""
        return self.batch_size * self.length

    def operations(self, training: bool) -> int:
        """Return the number of floating-point operations of the LSTM's matrix products for one batch."""
        forward = self.input_size + self.hidden_size
        backward = forward + self.hidden_size  # gradients of weights and hidden states, not of the inputs
        directions = 2 if self.bidirectional else 1
        return 2 * self.words * directions * 4 * self.hidden_size * (forward + training * backward)


CASES = {
    "50_64": Case(50, 64, 32, 500),
    "300_64": Case(300, 64, 128, 500),
    "50_128": Case(50, 128, 32, 250, "adam", bidirectional=True),
}


def train(case: str, baseline: str, raw: Path) -> Comparison:
    """Time training steps: forward, loss, backward, update."""
    return _compare(CASES[case], baseline, "train", _train)


def infer(case: str, baseline: str, raw: Path) -> Comparison:
    """Time repeated forward passes of one batch."""
    return _compare(CASES[case], baseline, "infer", _infer)


def _compare(case: Case, baseline: str, task: str, ours: Callable[[Case, Dict[str, Any]], Timed]) -> Comparison:
    python = {"torch": find_torch, "keras": find_keras}[baseline]()
    arrays = {"task": task, **_data(case), **parameters_of(make_network(case))}
    operations = case.operations(training=task == "train") * _REPEATS

    def run_ours() -> Timed:
        seconds, values = ours(case, arrays)
        return Timed(seconds, {"values": values, "share_of_peak": round(operations / seconds / peak(), 3)})

    def run_baseline() -> Timed:
        seconds, found = run_script(python, f"{baseline}_baseline.py", arrays)
        return Timed(seconds, found["losses" if task == "train" else "scores"])

    return Comparison(run_ours, run_baseline, _difference, case.words * _REPEATS, _details)


def _difference(ours: Dict[str, Any], baseline: np.ndarray) -> str:
    apart = np.abs(ours["values"] - baseline).max()
    return "" if apart <= _TOLERANCE else f"losses or logits differ by {apart:.2g}"


def _details(ours: Dict[str, Any], baseline: np.ndarray) -> Dict[str, Any]:
    apart = float(np.abs(ours["values"] - baseline).max())
    return {"difference": apart, "share_of_peak": ours["share_of_peak"], "peak_GFLOP/s": round(peak() / 1e9, 1)}


def _data(case: Case) -> Dict[str, Any]:
    random = np.random.Generator(np.random.PCG64(0))
    return {
        "inputs": random.standard_normal((case.batch_size, case.length, case.input_size), np.float32),
        "labels": random.integers(0, 2, case.batch_size),
        "optimizer": case.optimizer,
        "learning_rate": _RATE,
        "warm_up": _WARM_UP,
        "repeats": _REPEATS,
    }


def make_network(case: Case) -> Any:
    """Return our network, always with the same weights."""
    from pipeline.model.ensemble import build_network
    from pipeline.model.network import initialize
    from pipeline.mx.engine import mx, seed_mxnet

    recipe = Recipe(
        name="benchmark",
        index=Index(max_length=case.length),
        network=Network(
            hidden_size=case.hidden_size,
            bidirectional=case.bidirectional,
            masked=case.bidirectional,
            pooling="max" if case.bidirectional else "last",
        ),
        train=Train(bucket_by_length=False),
    )
    seed_mxnet(0)
    network = build_network(recipe, (0, case.input_size))
    initialize(network, recipe, np.empty((0, case.input_size)), [mx.cpu()])
    return network


def parameters_of(network: Any) -> Dict[str, np.ndarray]:
    """Return the parameters of a one-layer network by the names that the baselines use."""
    layer, parameters = network.layers[0], {}
    for direction in ("forward", "backward"):
        for kind in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias"):
            if hasattr(layer, f"{direction}_lstm"):
                parameter = getattr(getattr(layer, f"{direction}_lstm"), f"l0_{kind}")
                parameters[f"{direction}_{kind}"] = parameter.data().asnumpy()
    dense = network.dense
    return {**parameters, "dense_weight": dense.weight.data().asnumpy(), "dense_bias": dense.bias.data().asnumpy()}


def _split(case: Case, arrays: Dict[str, Any]) -> Iterator[Tuple[Any, List[Any]]]:
    """Yield labels and inputs of the part of the batch for each stream."""
    from pipeline.mx.engine import STREAMS, mx

    for inputs, labels in zip(*(np.array_split(arrays[name], STREAMS) for name in ("inputs", "labels"))):
        lengths = [mx.nd.full(len(inputs), case.length)] if case.bidirectional else []
        yield mx.nd.array(labels), [mx.nd.array(inputs), *lengths]


def _train(case: Case, arrays: Dict[str, Any]) -> Timed:
    """Train repeatedly on one batch; the result is the loss of each step."""
    from pipeline.mx.engine import mx, run_in_stream

    network, parts, losses = make_network(case), list(_split(case, arrays)), []
    parameters = network.collect_params()
    parameters.setattr("grad_req", "add")
    network.collect_params(".*h2h_bias").setattr("grad_req", "null")
    trainer = mx.gluon.Trainer(parameters, case.optimizer, {"learning_rate": _RATE}, None)
    loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()

    def find_gradients(labels: Any, inputs: List[Any]) -> Any:
        with mx.autograd.record():
            loss = loss_of(network(*inputs), labels)
        loss.backward()
        return loss.sum()

    for step in range(_WARM_UP + _REPEATS):
        if step == _WARM_UP:
            mx.nd.waitall()
            start = time.perf_counter()
        parameters.zero_grad()
        sums = [run_in_stream(stream, find_gradients, *part) for stream, part in enumerate(parts)]
        trainer.step(case.batch_size)
        losses.append(sum(sums) / case.batch_size)
    mx.nd.waitall()
    return Timed(time.perf_counter() - start, mx.nd.concat(*losses, dim=0).asnumpy())


def _infer(case: Case, arrays: Dict[str, Any]) -> Timed:
    """Run repeated forward passes of one batch; the result is the logits."""
    from pipeline.mx.engine import run_in_stream

    network, parts = make_network(case), list(_split(case, arrays))
    for step in range(_WARM_UP + _REPEATS):
        if step == _WARM_UP:
            start = time.perf_counter()
        scores = [run_in_stream(stream, network, *inputs) for stream, (_, inputs) in enumerate(parts)]
        found = np.concatenate([values.asnumpy() for values in scores])
    return Timed(time.perf_counter() - start, found)


@functools.lru_cache(maxsize=None)
def peak(size: int = 1024) -> float:
    """Return the peak operations per second of a matrix product in numpy or MXNet on this machine."""
    from pipeline.mx.engine import mx

    one = np.ones((size, size), np.float32)
    other = mx.nd.array(one)
    seconds = []
    for _ in range(10):
        for multiply in (lambda: one @ one, lambda: mx.nd.dot(other, other).wait_to_read()):
            start = time.perf_counter()
            multiply()
            seconds.append(time.perf_counter() - start)
    return 2 * size**3 / min(seconds)


def find_torch() -> str:
    """Return the interpreter with PyTorch, which is the current one.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        raise ImportError("no torch", name="torch")
    return sys.executable


def keras_folder() -> Path:
    """Return the folder of the environment for Keras."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches, "sentiment-pipeline", "keras")


def find_keras() -> str:
    """Return the interpreter of the virtual environment with Keras; create the environment if it is missing.

    It is separate because TensorFlow and MXNet require different versions of numpy.

    Raises
    ------
    PipelineError
        If pip fails.
    """
    folder = keras_folder()
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        print(f"Creating an environment with Keras in {folder} …", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        if subprocess.run([str(python), "-m", "pip", "install", "--quiet", *KERAS]).returncode:
            raise PipelineError(f"{folder}: pip could not install {' '.join(KERAS)}")
        complete.touch()
    return str(python)
