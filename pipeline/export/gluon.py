"""Export of the parameters for MXNet's own users: a file that ``gluon.Block.load_parameters`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.output import check_file, new_file
from pipeline.model.bundle import check_trained, load_bundle
from pipeline.model.parameters import get_parameters


def export_parameters(source: Path, target: Path) -> int:
    """Write the parameters of a bundle's network as a Gluon ``.params`` file.

    Parameters
    ----------
    source : Path
        A bundle's folder.
    target : Path
        The file to write, atomically.

    Returns
    -------
    int
        Number of parameters, counting every element.

    Raises
    ------
    PipelineError
        If the bundle holds a network in ONNX only, or the file cannot be written.

    Notes
    -----
    The file is loaded into the network of the same recipe::

        network = build_network(recipe, embedding_shape, ngrams)  # pipeline.model.ensemble
        network.load_parameters("network.params")
    """
    check_trained(source)
    check_file(target)
    network = load_bundle(source, "cpu").network
    parameters = get_parameters(network)
    with new_file(target) as temporary:
        network.save_parameters(str(temporary))
        if temporary.stat().st_size != _file_size(parameters):  # on a full disk MXNet raises no error
            raise PipelineError(f"{target}: MXNet did not write the whole file; is the disk full?")
    return sum(int(array.size) for array in parameters.values())


def _file_size(parameters: Dict[str, np.ndarray]) -> int:
    """Return the size in bytes of a file of float32 arrays in MXNet's format."""
    header, array_header, name_header = 24 + 8, 24, 8  # of the file, of each array besides its shape, of each name
    return header + sum(
        array_header + 8 * array.ndim + 4 * array.size + name_header + len(name) for name, array in parameters.items()
    )
