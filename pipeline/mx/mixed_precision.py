"""Mixed precision: matrix products in float16 on GPUs, all the rest in float32, by MXNet's own AMP."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Any, Iterator, Sequence

from pipeline.errors import PipelineError
from pipeline.mx.engine import mx

amp = importlib.import_module("mxnet.contrib.amp")  # after the engine has made MXNet fit to be imported
_CHANGED = ("mxnet.ndarray", "mxnet.symbol", "mxnet.contrib.amp")  # modules


@contextlib.contextmanager
def mixed_precision(devices: Sequence[Any]) -> Iterator[None]:
    """Have the networks that are first run in the block multiply in float16.

    AMP puts other operators in MXNet's modules, for good. Here they get their own back, or what is computed later
    would depend on what this process did before.

    Parameters
    ----------
    devices : sequence of mxnet.Context

    Raises
    ------
    PipelineError
        If they are not GPUs.
    """
    if devices[0].device_type != "gpu":
        raise PipelineError("train.mixed_precision: MXNet multiplies numbers of float16 on GPUs alone; set it to false")
    before = [(module, dict(vars(module))) for name, module in sys.modules.items() if name.startswith(_CHANGED)]
    amp.init()
    try:
        yield
    finally:
        for module, names in before:
            vars(module).update(names)


def scale_losses(trainer: Any) -> None:
    """Have a trainer scale losses up, by as much as lets no gradient vanish in float16, and gradients down again.

    A step whose gradients overflow is left out, and the scale is halved.

    Parameters
    ----------
    trainer : mxnet.gluon.Trainer
    """
    amp.init_trainer(trainer)


def backward(loss: Any, trainer: Any) -> None:
    """Work out the gradients of a loss, scaled up if the trainer does so."""
    if not hasattr(trainer, "_amp_loss_scaler"):
        loss.backward()
        return
    with mx.autograd.record(), amp.scale_loss(loss, trainer) as scaled:
        scaled.backward()
