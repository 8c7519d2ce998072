"""Mixed precision on GPUs, by MXNet's AMP: matrix products in float16, all other operators in float32."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Iterator, Sequence

from pipeline.errors import PipelineError
from pipeline.mx.engine import mx
from pipeline.mx.types import Array, Device, Trainer

amp = importlib.import_module("mxnet.contrib.amp")  # after the engine, whose workarounds the import needs
_CHANGED = ("mxnet.ndarray", "mxnet.symbol", "mxnet.contrib.amp")  # modules


@contextlib.contextmanager
def mixed_precision(devices: Sequence[Device]) -> Iterator[None]:
    """Use mixed precision in the networks that are first called in the block.

    AMP replaces operators in MXNet's modules permanently. They are restored at the end, so that later results do not
    depend on what the process did before.

    Parameters
    ----------
    devices : sequence of mxnet.Context

    Raises
    ------
    PipelineError
        If they are not GPUs.
    """
    if devices[0].device_type != "gpu":
        raise PipelineError("train.mixed_precision: MXNet multiplies float16 numbers on GPUs only; set it to false")
    before = [(module, dict(vars(module))) for name, module in sys.modules.items() if name.startswith(_CHANGED)]
    amp.init()
    try:
        yield
    finally:
        for module, names in before:
            vars(module).update(names)


def scale_losses(trainer: Trainer) -> None:
    """Set up dynamic loss scaling: a trainer scales losses up, so that float16 gradients do not underflow.

    A step whose gradients overflow is skipped, and the scale is halved.

    Parameters
    ----------
    trainer : mxnet.gluon.Trainer
    """
    amp.init_trainer(trainer)


def backward(loss: Array, trainer: Trainer) -> None:
    """Compute the gradients of a loss, with loss scaling if the trainer uses it."""
    if not hasattr(trainer, "_amp_loss_scaler"):
        loss.backward()
        return
    with mx.autograd.record(), amp.scale_loss(loss, trainer) as scaled:
        scaled.backward()
