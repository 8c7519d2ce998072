"""Write arrays to disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def save_array(path: Path, array: np.ndarray) -> None:
    """Write an array in the .npy format and raise an error if the disk is full.

    `numpy.save` writes through a C buffer and does not check the final flush, so on a full disk it can leave a
    truncated file without raising an error.
    """
    array = np.ascontiguousarray(array)
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data)
