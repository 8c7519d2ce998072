"""What is timed of the networks on random data: each function prepares one comparison.

Ours and the peer's networks begin with the same weights and see the same data. Keras has one bias for each gate,
Gluon and PyTorch have two: theirs for the recurrent part is left as it is.
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
_NEAR = 1e-3  # of losses after the same steps, and of scores


class Case(NamedTuple):
    """A network and the batch that it is timed on."""

    inputs: int
    units: int
    batch: int
    steps: int
    optimizer: str = "sgd"
    bidirectional: bool = False

    @property
    def words(self) -> int:
        """How many steps of reviews there are in the batch."""
        return self.batch * self.steps

    def operations(self, training: bool) -> int:
        """Return the additions and multiplications in the LSTM's matrix products for one batch."""
        forward = self.inputs + self.units
        backward = forward + self.units  # to the weights, and to the hidden states; the inputs need none
        directions = 2 if self.bidirectional else 1
        return 2 * self.words * directions * 4 * self.units * (forward + training * backward)


CASES = {
    "50_64": Case(50, 64, 32, 500),
    "300_64": Case(300, 64, 128, 500),
    "50_128": Case(50, 128, 32, 250, "adam", bidirectional=True),
}


def train(case: str, peer: str, raw: Path) -> Comparison:
    """Take steps of training: forward, loss, backward, update."""
    return _compare(CASES[case], peer, "train", _train)


def infer(case: str, peer: str, raw: Path) -> Comparison:
    """Score a batch again and again."""
    return _compare(CASES[case], peer, "infer", _infer)


def _compare(case: Case, peer: str, task: str, ours: Callable[[Case, Dict[str, Any]], Timed]) -> Comparison:
    python = {"torch": find_torch, "keras": find_keras}[peer]()
    given = {"task": task, **_data(case), **parameters_of(make_network(case))}
    operations = case.operations(training=task == "train") * _REPEATS

    def run_ours() -> Timed:
        seconds, values = ours(case, given)
        return Timed(seconds, {"values": values, "share_of_peak": round(operations / seconds / peak(), 3)})

    def run_peer() -> Timed:
        seconds, found = run_script(python, f"{peer}_baseline.py", given)
        return Timed(seconds, found["losses" if task == "train" else "scores"])

    return Comparison(run_ours, run_peer, _difference, case.words * _REPEATS, _details)


def _difference(ours: Dict[str, Any], peer: np.ndarray) -> str:
    apart = np.abs(ours["values"] - peer).max()
    return "" if apart <= _NEAR else f"losses or scores are {apart:.2g} apart"


def _details(ours: Dict[str, Any], peer: np.ndarray) -> Dict[str, Any]:
    apart = float(np.abs(ours["values"] - peer).max())
    return {"difference": apart, "share_of_peak": ours["share_of_peak"], "peak_GFLOP/s": round(peak() / 1e9, 1)}


def _data(case: Case) -> Dict[str, Any]:
    random = np.random.Generator(np.random.PCG64(0))
    return {
        "inputs": random.standard_normal((case.batch, case.steps, case.inputs), np.float32),
        "labels": random.integers(0, 2, case.batch),
        "optimizer": case.optimizer,
        "learning_rate": _RATE,
        "warm_up": _WARM_UP,
        "repeats": _REPEATS,
    }


def make_network(case: Case) -> Any:
    """Return our network with the same weights every time."""
    from pipeline.model.ensemble import build_network
    from pipeline.model.network import initialize
    from pipeline.mx.engine import mx, seed_mxnet

    recipe = Recipe(
        name="benchmark",
        index=Index(max_length=case.steps),
        network=Network(
            hidden_size=case.units,
            bidirectional=case.bidirectional,
            masked=case.bidirectional,
            pooling="max" if case.bidirectional else "last",
        ),
        train=Train(bucket_by_length=False),
    )
    seed_mxnet(0)
    network = build_network(recipe, (0, case.inputs))
    initialize(network, recipe, np.empty((0, case.inputs)), [mx.cpu()])
    return network


def parameters_of(network: Any) -> Dict[str, np.ndarray]:
    """Return the parameters of a network of one layer by the names that the peers read them by."""
    layer, parameters = network.layers[0], {}
    for direction in ("forward", "backward"):
        for kind in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias"):
            if hasattr(layer, f"{direction}_lstm"):
                parameter = getattr(getattr(layer, f"{direction}_lstm"), f"l0_{kind}")
                parameters[f"{direction}_{kind}"] = parameter.data().asnumpy()
    dense = network.dense
    return {**parameters, "dense_weight": dense.weight.data().asnumpy(), "dense_bias": dense.bias.data().asnumpy()}


def _split(case: Case, given: Dict[str, Any]) -> Iterator[Tuple[Any, List[Any]]]:
    """Yield the labels and the inputs of the batch's part for each stream."""
    from pipeline.mx.engine import STREAMS, mx

    for inputs, labels in zip(*(np.array_split(given[name], STREAMS) for name in ("inputs", "labels"))):
        lengths = [mx.nd.full(len(inputs), case.steps)] if case.bidirectional else []
        yield mx.nd.array(labels), [mx.nd.array(inputs), *lengths]


def _train(case: Case, given: Dict[str, Any]) -> Timed:
    """Train on one and the same batch; the result is the loss at each step."""
    from pipeline.mx.engine import mx, run_in_stream

    network, parts, losses = make_network(case), list(_split(case, given)), []
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
        trainer.step(case.batch)
        losses.append(sum(sums) / case.batch)
    mx.nd.waitall()
    return Timed(time.perf_counter() - start, mx.nd.concat(*losses, dim=0).asnumpy())


def _infer(case: Case, given: Dict[str, Any]) -> Timed:
    """Score one and the same batch; the result is the scores."""
    from pipeline.mx.engine import run_in_stream

    network, parts = make_network(case), list(_split(case, given))
    for step in range(_WARM_UP + _REPEATS):
        if step == _WARM_UP:
            start = time.perf_counter()
        scores = [run_in_stream(stream, network, *inputs) for stream, (_, inputs) in enumerate(parts)]
        found = np.concatenate([values.asnumpy() for values in scores])
    return Timed(time.perf_counter() - start, found)


@functools.lru_cache(maxsize=None)
def peak(size: int = 1024) -> float:
    """Return the most operations per second of this machine in a matrix product, by numpy or MXNet."""
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
    """Return the interpreter that has PyTorch: this one.

    Raises
    ------
    ImportError
        If it has none.
    """
    if importlib.util.find_spec("torch") is None:
        raise ImportError("no torch", name="torch")
    return sys.executable


def keras_folder() -> Path:
    """Return the folder of the environment for Keras."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches, "sentiment-pipeline", "keras")


def find_keras() -> str:
    """Return the interpreter that has Keras, in an environment of its own; make that first, if it is not there.

    TensorFlow and MXNet ask for different versions of numpy.

    Raises
    ------
    PipelineError
        If pip fails.
    """
    folder = keras_folder()
    python, whole = folder / "bin" / "python", folder / "whole"
    if not whole.exists():
        print(f"Making an environment with Keras in {folder} …", file=sys.stderr)
        venv.create(folder, clear=True, with_pip=True)
        if subprocess.run([str(python), "-m", "pip", "install", "--quiet", *KERAS]).returncode:
            raise PipelineError(f"{folder}: pip could not install {' '.join(KERAS)}")
        whole.touch()
    return str(python)
