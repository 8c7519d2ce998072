"""Export of a trained bundle as one in ONNX, which runs without MXNet."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Iterator, NamedTuple, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import choose_classes
from pipeline.errors import PipelineError
from pipeline.export.graph import build_model, quantize_model
from pipeline.io.output import new_folder
from pipeline.io.progress import tqdm
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
from pipeline.model.predictor import Predictor

TOLERANCE = 1e-4  # of a probability
MAX_LOSS = 0.002  # of accuracy, by int8 weights
_COMPARED = 64  # random reviews
_CHUNK = 1000  # texts that are predicted in one call


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
    with _new_bundle(source, target, [*[PARAMETERS] * both, METRICS, CARD]) as (bundle, folder):
        (folder / ONNX).write_bytes(build_model(bundle.recipe, get_parameters(bundle.network)).SerializeToString())
        difference = compare(bundle, OnnxNetwork(folder / ONNX, bundle.recipe, bundle.network.ngrams))
        if not difference <= TOLERANCE:
            raise PipelineError(f"{source}: in ONNX its probabilities are {difference:.2g} off, so it was not kept")
    return difference


class Quantized(NamedTuple):
    """Accuracy of a network on labelled texts, before and after its weights were quantised."""

    before: float
    after: float


def export_quantized(source: Path, target: Path, texts: Sequence[str], labels: Sequence[int]) -> Quantized:
    """Write a trained bundle as one whose network is in ONNX with int8 weights, unless that costs accuracy.

    Its model card says what was measured. The metrics of the bundle are not copied, since they are of other weights.

    Parameters
    ----------
    source, target : Path
        As for `export_bundle`.
    texts : sequence of str
        Texts that the network was not trained on.
    labels : sequence of int
        The ids of their classes.

    Returns
    -------
    Quantized

    Raises
    ------
    PipelineError
        If the accuracy falls by more than 0.2 percentage points, or there are no texts; as from `export_bundle`.
    """
    if not texts:
        raise PipelineError("no labelled texts: expected some, to compare the accuracy with int8 weights on them")
    with _new_bundle(source, target, [CARD]) as (bundle, folder):
        model = build_model(bundle.recipe, get_parameters(bundle.network), half=False)
        quantize_model(model, folder / ONNX)
        quantized = bundle._replace(
            network=OnnxNetwork(folder / ONNX, bundle.recipe, bundle.network.ngrams), device=None
        )
        accuracy = Quantized(*(_accuracy(one, texts, labels) for one in (bundle, quantized)))
        told = f"accuracy {accuracy.before:.4f} before and {accuracy.after:.4f} after, on {len(texts):,} texts"
        if accuracy.before - accuracy.after > MAX_LOSS:
            raise PipelineError(
                f"{source}: int8 weights cost more than {100 * MAX_LOSS:g} percentage points ({told}), so the "
                "network was not kept; export it without --quantize"
            )
        if (source / CARD).exists():
            with open(folder / CARD, "a", encoding="utf-8") as card:
                card.write(
                    f"\n## Quantisation\n\nThe weights here are int8 ({told}). The metrics above are before it.\n"
                )
    return accuracy


def _accuracy(bundle: Bundle, texts: Sequence[str], labels: Sequence[int]) -> float:
    predictor, correct = Predictor(bundle), 0
    with tqdm(total=len(texts), unit="text", leave=False) as bar:
        for start in range(0, len(texts), _CHUNK):
            probabilities = predictor.predict_proba(texts[start : start + _CHUNK])
            found = choose_classes(probabilities, bundle.recipe.is_ordered)
            correct += int((found == labels[start : start + _CHUNK]).sum())
            bar.update(len(found))
    return correct / len(texts)


@contextlib.contextmanager
def _new_bundle(source: Path, target: Path, extra: Sequence[str]) -> Iterator[Tuple[Bundle, Path]]:
    """Load a trained bundle and yield it with a folder, which gets its files, the `extra` ones too, and a manifest."""
    if (source / ONNX).exists() and not (source / PARAMETERS).exists():
        raise PipelineError(f"{source}: exported already; name the bundle that was trained")
    if target.resolve() == source.resolve():
        raise PipelineError(f"{target}: the trained bundle itself; name another folder")
    check_target(target)  # before the slow part
    bundle = load_bundle(source, "cpu")
    with new_folder(target, check_target) as folder:
        for name in (VOCABULARY, RECIPE, HISTORY, NGRAMS, *extra):
            if (source / name).exists():  # not every network has n-grams, and METRICS comes with the evaluation
                shutil.copy(source / name, folder / name)
        yield bundle, folder
        write_manifest(folder, bundle.network.embedding.weight.shape, bundle.classes)


def compare(bundle: Bundle, network: OnnxNetwork) -> float:
    """Return the largest difference in probability between two networks, on random reviews of every length."""
    generator = np.random.Generator(np.random.PCG64(0))
    steps = bundle.recipe.index.max_length
    lengths = [1, steps, steps + 1, *generator.integers(1, steps + 1, _COMPARED)]
    sequences = [generator.integers(1, len(bundle.vocabulary), length).astype(np.int32) for length in lengths]
    expected = predict(bundle.network, bundle.recipe, sequences, bundle.device)
    return float(np.abs(predict(network, bundle.recipe, sequences, None) - expected).max())
