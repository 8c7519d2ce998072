"""Export of a trained bundle as one in ONNX, which runs without MXNet."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from pipeline.errors import PipelineError
from pipeline.export.graph import build_model
from pipeline.io.output import new_folder
from pipeline.model.bundle import (
    CARD,
    HISTORY,
    METRICS,
    NGRAMS,
    ONNX,
    PARAMETERS,
    RECIPE,
    VOCABULARY,
    Bundle,
    check_target,
    load_bundle,
    write_manifest,
)
from pipeline.model.onnx import OnnxNetwork
from pipeline.model.parameters import get_parameters
from pipeline.model.predict import predict

TOLERANCE = 1e-4  # of a probability


def export_bundle(source: Path, target: Path, both: bool = False) -> float:
    """Write a trained bundle as one whose network is in ONNX.

    Parameters
    ----------
    source : Path
        A trained bundle's folder.
    target : Path
        The folder to write, atomically; an existing bundle is replaced.
    both : bool
        Keep the Gluon parameters too: they are used where MXNet is installed, and ONNX elsewhere.

    Returns
    -------
    float
        The largest difference between the probabilities of the two networks.

    Raises
    ------
    PipelineError
        If onnx, onnxruntime or MXNet is missing, if there is no such bundle or it is one in ONNX, or if the two
        networks' probabilities differ by more than 1e-4; as from `pipeline.model.bundle.check_target`.
    """
    if (source / ONNX).exists() and not (source / PARAMETERS).exists():
        raise PipelineError(f"{source}: exported already; name the bundle that was trained")
    if target.resolve() == source.resolve():
        raise PipelineError(f"{target}: the trained bundle itself; name another folder")
    check_target(target)  # before the slow part
    bundle = load_bundle(source, "cpu")
    with new_folder(target, check_target) as folder:
        (folder / ONNX).write_bytes(build_model(bundle.recipe, get_parameters(bundle.network)).SerializeToString())
        difference = compare(bundle, OnnxNetwork(folder / ONNX, bundle.recipe, bundle.network.ngrams))
        if not difference <= TOLERANCE:
            raise PipelineError(f"{source}: in ONNX its probabilities are {difference:.2g} off, so it was not kept")
        for name in (*[PARAMETERS] * both, VOCABULARY, RECIPE, HISTORY, NGRAMS, METRICS, CARD):
            if (source / name).exists():  # not every network has n-grams, and METRICS comes with the evaluation
                shutil.copy(source / name, folder / name)
        write_manifest(folder, bundle.network.embedding.weight.shape, bundle.classes)
    return difference


def compare(bundle: Bundle, network: OnnxNetwork, reviews: int = 64) -> float:
    """Return the largest difference in probability between two networks, on random reviews of every length."""
    generator = np.random.Generator(np.random.PCG64(0))
    steps = bundle.recipe.index.max_length
    lengths = [1, steps, steps + 1, *generator.integers(1, steps + 1, reviews)]
    sequences = [generator.integers(1, len(bundle.vocabulary), length).astype(np.int32) for length in lengths]
    expected = predict(bundle.network, bundle.recipe, sequences, bundle.device)
    return float(np.abs(predict(network, bundle.recipe, sequences, None) - expected).max())
