from __future__ import annotations

import os
import resource
from pathlib import Path

import numpy as np
import pytest

from pipeline.io.arrays import save_array


@pytest.mark.parametrize("array", [np.arange(5), np.zeros((0, 3), np.float32), np.ones((3, 4), np.float32).T[1:]])
def test_save_array_writes_the_same_bytes_as_numpy(tmp_path: Path, array: np.ndarray) -> None:
    save_array(tmp_path / "a.npy", array)
    with open(tmp_path / "b.npy", "wb") as file:
        np.save(file, np.ascontiguousarray(array))
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_save_array_raises_on_incomplete_write(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):  # numpy.save raises nothing
            save_array(tmp_path / "a.npy", np.arange(500))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.path.getsize(tmp_path / "a.npy") == 4096
