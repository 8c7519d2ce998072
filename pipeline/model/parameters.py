"""Parameters on disk, in MXNet's own format, which MXNet's reader is not asked to judge.

A damaged or hostile file can hang MXNet's loader or end the process, and on a full disk its writer leaves half a
file without a word. So the format, a list of arrays and their names, is read and written here.
"""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any, Dict, Mapping, Tuple

import numpy as np

from pipeline.errors import PipelineError

_LIST, _ARRAY = 0x112, 0xF993FAC9  # what every file and every array in it begins with (MXNet's ndarray.cc)
_DENSE, _CPU = 0, (1, 0)
_TYPES = {0: np.float32, 2: np.float16}  # MXNet's numbers of them
_DIMENSIONS = 8


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays, the bytes that ``mxnet.nd.save`` would write.

    Parameters
    ----------
    path : Path
    arrays : mapping of str to ndarray of float32 or float16, of one dimension or more
    """
    numbers = {np.dtype(kind): number for number, kind in _TYPES.items()}
    with open(path, "wb") as file:
        file.write(struct.pack("<QQQ", _LIST, 0, len(arrays)))
        for array in arrays.values():
            file.write(struct.pack(f"<IiI{array.ndim}q", _ARRAY, _DENSE, array.ndim, *array.shape))
            file.write(struct.pack("<iii", *_CPU, numbers[array.dtype]))
            file.write(np.ascontiguousarray(array).data)
        file.write(struct.pack("<Q", len(arrays)))
        for name in map(str.encode, arrays):
            file.write(struct.pack("<Q", len(name)) + name)


def read_arrays(path: Path) -> Dict[str, np.ndarray]:
    """Read what `write_arrays` or ``mxnet.nd.save`` wrote.

    Returns
    -------
    dict of str to ndarray of float32 or float16
        Views of the file's bytes.

    Raises
    ------
    PipelineError
        If the file is anything else. Nothing larger than the file is ever asked of memory.
    """
    file = _Reader(path.read_bytes())
    try:
        if file.take("<QQ") != (_LIST, 0):
            raise ValueError("it does not begin as one")
        arrays = [_read_array(file) for _ in range(file.count(28))]
        names = [str(file.bytes(file.count(1)), "utf-8") for _ in range(file.count(8))]
        if len({*names}) != len(arrays) or len(names) != len(arrays) or file.left:
            raise ValueError(f"{len(arrays)} arrays and {len(names)} names, {file.left} bytes too many")
    except (ValueError, struct.error) as error:
        raise PipelineError(f"{path}: not a file of parameters, or damaged ({error})") from None
    return dict(zip(names, arrays))


def _read_array(file: _Reader) -> np.ndarray:
    magic, storage, dimensions = file.take("<IiI")
    if (magic, storage) != (_ARRAY, _DENSE) or not 1 <= dimensions <= _DIMENSIONS:
        raise ValueError(f"expected a dense array of 1 to {_DIMENSIONS} dimensions")
    shape = file.take(f"<{dimensions}q")
    *device, number = file.take("<iii")
    if tuple(device) != _CPU or number not in _TYPES or min(shape) < 0:
        raise ValueError(f"expected float32 or float16 on the CPU, found type {number}, shape {shape}")
    kind = np.dtype(_TYPES[number])
    return np.frombuffer(file.bytes(math.prod(shape) * kind.itemsize), kind).reshape(shape)


class _Reader:
    """Bytes that are taken from the front."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = memoryview(data), 0

    @property
    def left(self) -> int:
        """How many there are left."""
        return len(self._data) - self._place

    def bytes(self, size: int) -> memoryview:
        """Take some."""
        if size > self.left:
            raise ValueError(f"it ends {size - self.left} bytes too soon")
        self._place += size
        return self._data[self._place - size : self._place]

    def take(self, form: str) -> Tuple[Any, ...]:
        """Take numbers, as `struct` writes them."""
        return struct.unpack(form, self.bytes(struct.calcsize(form)))

    def count(self, least: int) -> int:
        """Take a number of things of at least so many bytes each."""
        (found,) = self.take("<Q")
        if found * least > self.left:
            raise ValueError(f"it ends before {found} things that it promises")
        return found


def get_parameters(network: Any) -> Dict[str, np.ndarray]:
    """Return the parameters of a Gluon network, by the names that Gluon saves them under."""
    return {name: parameter.data(parameter.list_ctx()[0]).asnumpy() for name, parameter in _named(network).items()}


def check_parameters(network: Any, arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Compare names and shapes with those that a Gluon network has, before it has values.

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


def set_parameters(network: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Set the parameters of a Gluon network that has values already, on all of its devices."""
    for name, parameter in _named(network).items():
        parameter.set_data(arrays[name].astype(np.float32))


def _named(network: Any) -> Dict[str, Any]:
    parameters: Dict[str, Any] = network._collect_params_with_prefix()
    return parameters
