"""The bundle: one folder that holds a trained network and all that its inference needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

from pipeline.engine import find_devices, mx
from pipeline.errors import PipelineError
from pipeline.files import new_folder, read_json, sha256, write_json
from pipeline.index import Vocabulary
from pipeline.network import SentimentNetwork, build_network
from pipeline.recipe import Recipe, from_dict, to_dict

FORMAT = 1
PARAMETERS, VOCABULARY, RECIPE, HISTORY = "network.params", "vocabulary.json", "recipe.json", "history.json"
MANIFEST = "bundle.json"
METRICS = "metrics.json"  # comes with the evaluation, and inference does without it


class Bundle(NamedTuple):
    """A trained network, ready for use."""

    network: SentimentNetwork
    vocabulary: Vocabulary
    recipe: Recipe
    device: Any  # mxnet.Context


def save_bundle(
    path: Path,
    network: SentimentNetwork,
    vocabulary: Vocabulary,
    recipe: Recipe,
    history: List[Dict[str, float]],
    half: bool = False,
) -> None:
    """Write a bundle, whole or not at all; one that is there already is replaced.

    With `half` the embedding, nearly all of a bundle, is written in half precision. It is computed with in single
    precision all the same.
    """
    with new_folder(path) as folder:
        network.save_parameters(str(folder / PARAMETERS))
        if half:
            _halve(folder / PARAMETERS)
        vocabulary.save(folder / VOCABULARY)
        write_json(folder / RECIPE, to_dict(recipe))
        write_json(folder / HISTORY, history)
        files = {name: sha256(folder / name) for name in (PARAMETERS, VOCABULARY, RECIPE, HISTORY)}
        shape = list(network.embedding.weight.shape)
        write_json(folder / MANIFEST, {"format": FORMAT, "embedding": shape, "sha256": files})


def _halve(parameters: Path) -> None:
    arrays = mx.nd.load(str(parameters))
    arrays["embedding.weight"] = arrays["embedding.weight"].astype("float16")
    mx.nd.save(str(parameters), arrays)


def load_bundle(path: Path, device: str = "auto") -> Bundle:
    """Load a bundle.

    Parameters
    ----------
    path : Path
    device : str
        As for `pipeline.engine.find_devices`; the first one is used.

    Raises
    ------
    PipelineError
        If the folder is no bundle, is of another format, or a file in it is missing or damaged.
    """
    shape = _check(path)
    recipe = from_dict(read_json(path / RECIPE))
    vocabulary = Vocabulary.load(path / VOCABULARY, recipe.index)
    if len(vocabulary) != shape[0]:
        raise PipelineError(f"{path}: the embedding has {shape[0]} rows, the vocabulary {len(vocabulary)} ids")
    context = find_devices(device)[0]
    network = build_network(recipe, shape)
    try:
        network.load_parameters(str(path / PARAMETERS), ctx=context, cast_dtype=True)
    except Exception as error:  # MXNet raises its own kinds for names, shapes and formats
        raise PipelineError(f"{path / PARAMETERS}: not this network's parameters ({error})") from None
    return Bundle(network, vocabulary, recipe, context)


def _check(path: Path) -> Tuple[int, int]:
    """Compare a bundle with its manifest and return the shape of its embedding matrix."""
    if not (path / MANIFEST).is_file():
        raise PipelineError(f"{path}: no bundle there (it would hold {MANIFEST}); the stage train makes one")
    manifest = read_json(path / MANIFEST)
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise PipelineError(f"{path}: a bundle of format {found}; this version reads format {FORMAT}: train it anew")
    shape, files = manifest.get("embedding"), manifest.get("sha256")
    if not (isinstance(shape, list) and [type(size) for size in shape] == [int, int] and isinstance(files, dict)):
        raise PipelineError(f"{path / MANIFEST}: damaged (expected the embedding's shape and the files' checksums)")
    for name in (PARAMETERS, VOCABULARY, RECIPE, HISTORY):
        if not (path / name).is_file():
            raise PipelineError(f"{path}: {name} is missing; copy the bundle again as a whole, or train it anew")
        if sha256(path / name) != files.get(name):
            raise PipelineError(f"{path / name}: damaged (its checksum is not the one in {MANIFEST})")
    return shape[0], shape[1]
