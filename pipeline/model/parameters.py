"""The parameters of a Gluon network, as numpy arrays and on disk as safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Mapping

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from pipeline.errors import PipelineError
from pipeline.model.protocols import GluonNetwork
from pipeline.mx.types import Parameter


def save_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays as safetensors.

    Parameters
    ----------
    path : Path
    arrays : mapping of str to ndarray
    """
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    path.write_bytes(safetensors.save(contiguous))  # its own save_file leaves half a file on a full disk


def load_arrays(path: Path) -> Dict[str, np.ndarray]:
    """Read arrays of float32 and float16 that `save_arrays` wrote.

    Raises
    ------
    PipelineError
        If the file is damaged, or holds numbers of another type.
    """
    try:
        arrays: Dict[str, np.ndarray] = safetensors.load(path.read_bytes())
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise PipelineError(f"{path}: not a safetensors file, or damaged ({error})") from None
    for name, array in arrays.items():
        if array.dtype not in (np.float32, np.float16):
            raise PipelineError(f"{path}: {name}: expected float32 or float16, found {array.dtype}")
    return arrays


def get_parameters(network: GluonNetwork) -> Dict[str, np.ndarray]:
    """Return the parameters of a Gluon network, by the names that Gluon saves them under."""
    return {name: parameter.data(parameter.list_ctx()[0]).asnumpy() for name, parameter in _named(network).items()}


def check_parameters(network: GluonNetwork, arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Compare names and shapes with those of a Gluon network, which need not be initialised.

    Raises
    ------
    PipelineError
        If they differ, or a number is not finite; `path` is named.
    """
    expected = {name: parameter.shape for name, parameter in _named(network).items()}
    for name in sorted({*expected, *arrays}):
        found = arrays[name].shape if name in arrays else None
        if found != expected.get(name):
            wanted = expected.get(name, "no such parameter")
            raise PipelineError(f"{path}: not this network's parameters ({name}: expected {wanted}, found {found})")
        if not np.isfinite(arrays[name]).all():
            raise PipelineError(f"{path}: not a network's parameters ({name} holds a number that is not finite)")


def set_parameters(network: GluonNetwork, arrays: Mapping[str, np.ndarray]) -> None:
    """Set the parameters of an initialised Gluon network, on all of its devices."""
    for name, parameter in _named(network).items():
        parameter.set_data(arrays[name].astype(np.float32))


def _named(network: GluonNetwork) -> Dict[str, Parameter]:
    parameters: Dict[str, Parameter] = network._collect_params_with_prefix()  # type: ignore[attr-defined]
    return parameters
