"""Names for MXNet's classes in annotations. MXNet has no types, and naming them must not import it."""

from __future__ import annotations

from typing import Any

Array = Any  # mxnet.nd.NDArray
Device = Any  # mxnet.Context; None for a network in ONNX
Parameter = Any  # mxnet.gluon.Parameter
Trainer = Any  # mxnet.gluon.Trainer
