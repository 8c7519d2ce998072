"""Arrays on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def save_array(path: Path, array: np.ndarray) -> None:
    """Write an array as .npy, as `numpy.save` does, which leaves half a file on a full disk without a word.

    numpy writes through a buffer of C's, and does not look at what becomes of the last 4096 bytes.
    """
    array = np.ascontiguousarray(array)
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data)
