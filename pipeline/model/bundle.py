"""The bundle: one folder that holds a trained network and all that its inference needs."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from pipeline.corpus.classes import SENTIMENT, Classes, class_values, find_class_error
from pipeline.errors import PipelineError
from pipeline.io.arrays import save_array
from pipeline.io.forks import one_thread
from pipeline.io.output import check_empty, list_names, new_file, new_folder, read_json, sha256, write_json
from pipeline.model.batches import truncate
from pipeline.model.card import TrainingData, render_card
from pipeline.model.parameters import check_parameters, get_parameters, load_arrays, save_arrays, set_parameters
from pipeline.model.protocols import GluonNetwork
from pipeline.mx.types import Device
from pipeline.recipe import Recipe, from_dict, to_dict
from pipeline.text.ngrams import NGrams
from pipeline.text.vocabulary import Vocabulary

FORMAT = 3
PARAMETERS, ONNX = "network.safetensors", "network.onnx"  # parameters of the Gluon network; the network in ONNX
VOCABULARY, RECIPE, HISTORY = "vocabulary.json", "recipe.json", "history.json"
NGRAMS = "ngrams.npy"  # of a network with an n-gram model
MANIFEST = "bundle.json"
METRICS = "metrics.json"  # written by the stage evaluate; inference does not need it
CARD = "MODEL_CARD.md"  # for people; not in the manifest, since the stage evaluate writes it again
SHIPPED = Path(__file__).with_name("bundles") / "small"  # comes with the package


class Bundle(NamedTuple):
    """A trained network, with what turns texts into its inputs."""

    network: Any  # a Network; a GluonNetwork unless it is one in ONNX
    vocabulary: Vocabulary
    recipe: Recipe
    device: Device  # None for an OnnxNetwork
    classes: Classes = SENTIMENT  # in the order of the probabilities

    @property
    def values(self) -> Optional[List[float]]:
        """The numbers that ordered classes are; None if the classes are not in an order."""
        return class_values(self.classes) if self.recipe.is_ordered else None

    def knows_any(self, ids: np.ndarray) -> bool:
        """Tell whether any word of an encoded text, after truncation, is in the vocabulary."""
        all_read = self.recipe.ngram_model.max_n > 0  # n-grams are counted before truncation
        return self.vocabulary.knows_any(ids if all_read else truncate(ids, self.recipe.index))


def find_bundle(model: Union[str, Path, None] = None) -> Path:
    """Return the folder of a bundle.

    Parameters
    ----------
    model : str or Path, optional
        A bundle's folder, or the name of a recipe trained below ``data/``; the folder is taken if both exist. Without
        it the bundle that comes with the package, whatever was trained.

    Raises
    ------
    PipelineError
        If there is no such bundle; names those below ``data/``.
    """
    if model is None:
        return SHIPPED
    if not isinstance(model, (str, os.PathLike)):
        raise PipelineError(f"model: expected the folder of a bundle or a name, found {type(model).__name__}")
    path, trained = Path(model), Path("data", model, "bundle")
    if (path / MANIFEST).is_file():
        return path
    if len(path.parts) == 1 and (trained / MANIFEST).is_file():
        return trained
    found = ", ".join(sorted(manifest.parts[1] for manifest in Path("data").glob(f"*/bundle/{MANIFEST}"))) or "nothing"
    shipped = f"; without a model, {SHIPPED.name} of the package is used" * (str(model) == SHIPPED.name)
    raise PipelineError(
        f"{model}: no bundle there (it would hold {MANIFEST}); expected a bundle's folder, or the name of a recipe "
        f"trained below data/ (found: {found}){shipped}"
    )


def load_recipe(path: Path) -> Recipe:
    """Return the recipe of a bundle, without loading the rest of it."""
    return from_dict(read_json(path / RECIPE))


def load_classes(path: Path) -> Classes:
    """Return the classes of a bundle, after a comparison of its files with its manifest, as `load_bundle` does it."""
    return _check(path)[2]


def describe_bundle(path: Path, recipe: Recipe) -> str:
    """Return the recipe's name and where the bundle is, in one line: ``small (comes with the package)``."""
    return f"{recipe.name} ({'comes with the package' if path.resolve() == SHIPPED.resolve() else path})"


def save_bundle(
    path: Path,
    network: GluonNetwork,
    vocabulary: Vocabulary,
    recipe: Recipe,
    history: List[Dict[str, float]],
    half: bool = False,
    classes: Classes = SENTIMENT,
    data: Optional[TrainingData] = None,
) -> None:
    """Write a bundle atomically; an existing bundle is replaced, anything else is left alone.

    With `half` the parameters that have a row for each word or n-gram, nearly all of a bundle, are written in half
    precision. They are converted to single precision when they are loaded. `data` is for the model card.

    Raises
    ------
    PipelineError
        If the network is one in ONNX; as from `check_target`.
    """
    if not hasattr(network, "save_parameters"):
        raise PipelineError("a network in ONNX cannot be saved: copy the folder that it came from")
    with new_folder(path, check_target) as folder:
        with one_thread():
            parameters = get_parameters(network)
        save_arrays(folder / PARAMETERS, _halve(parameters) if half else parameters)
        vocabulary.save(folder / VOCABULARY)
        write_json(folder / RECIPE, to_dict(recipe))
        write_json(folder / HISTORY, history)
        if recipe.ngram_model.max_n:
            assert network.ngrams is not None
            save_array(folder / NGRAMS, network.ngrams.keys)
        write_manifest(folder, network.embedding.weight.shape, classes)
        write_card(folder, data)


def write_metrics(path: Path, metrics: Mapping[str, Mapping[str, Any]], split: str = "") -> None:
    """Write the metrics of each split into a bundle.

    Parameters
    ----------
    path : Path
        Folder of the bundle.
    metrics : dict of dict
        As from `pipeline.metrics.measure`, for each split.
    split : str
        How the texts were split, as in `TrainingData`; "" if that is not known.
    """
    write_json(path / METRICS, {"split": split, "metrics": metrics})


def check_trained(path: Path) -> None:
    """Raise an error if a bundle holds a network in ONNX only."""
    if not (path / PARAMETERS).exists():
        raise PipelineError(f"{path}: holds a network in ONNX only; name the bundle that was trained")


def load_metrics(path: Path) -> Dict[str, Dict[str, Any]]:
    """Return the metrics of each split that `write_metrics` wrote; empty for a bundle that was not evaluated.

    Raises
    ------
    PipelineError
        If the file is damaged.
    """
    metrics = _read_metrics(path).get("metrics")
    if not isinstance(metrics, dict):
        raise PipelineError(f"{path / METRICS}: damaged (expected metrics); evaluate the bundle again")
    return metrics


def load_split(path: Path) -> str:
    """Return how the texts were split, as `write_metrics` wrote it; "" for a bundle that was not evaluated."""
    return str(_read_metrics(path).get("split", ""))


def _read_metrics(path: Path) -> Dict[str, Any]:
    values = read_json(path / METRICS) if (path / METRICS).exists() else {"metrics": {}}
    return values if isinstance(values, dict) else {}


def write_card(
    path: Path, data: Optional[TrainingData] = None, license: str = "unknown", limits: Sequence[str] = ()
) -> None:
    """Write the model card of a bundle, with its metrics once there are some; see `render_card`."""
    classes = tuple(read_json(path / MANIFEST)["classes"])
    card = render_card(load_recipe(path), read_json(path / HISTORY), load_metrics(path), data, license, limits, classes)
    with new_file(path / CARD) as temporary:
        temporary.write_text(card, encoding="utf-8")


def check_target(path: Path) -> None:
    """Check that a bundle may be written to a folder: it is empty or missing, or holds a bundle and nothing else.

    Raises
    ------
    PipelineError
        If a file is there, or the folder holds something that is not part of a bundle; names it.
    """
    if not (path / MANIFEST).is_file():
        return check_empty(path)
    advice = "move it away, or name another folder"
    try:
        manifest = read_json(path / MANIFEST)
        parts = {MANIFEST, METRICS, CARD, *manifest["sha256"]}
    except (PipelineError, KeyError, TypeError):
        raise PipelineError(f"{path}: its {MANIFEST} is not a bundle's, or damaged; {advice}") from None
    for name in list_names(path):
        if name not in parts or not (path / name).is_file():
            raise PipelineError(f"{path}: {name} is not part of the bundle there and would be lost; {advice}")


def copy_bundle(source: Path, path: Path) -> None:
    """Copy a bundle with its metrics and its card; an existing bundle is replaced, anything else is left alone.

    Raises
    ------
    PipelineError
        As from `check_target`.
    """
    with new_folder(path, check_target) as folder:
        for name in list_names(source):
            shutil.copyfile(source / name, folder / name)


def write_manifest(folder: Path, shape: Tuple[int, int], classes: Classes = SENTIMENT) -> None:
    """Write the manifest: the checksums of a bundle's files but its card, its embedding's shape, and its classes."""
    files = {path.name: sha256(path) for path in folder.iterdir() if path.name != CARD}
    manifest = {"format": FORMAT, "embedding": list(shape), "classes": list(classes), "sha256": files}
    write_json(folder / MANIFEST, manifest)


def _halve(parameters: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
    large = ("embedding.weight", "ngram_model.ratio.weight", "ngram_model.weight.weight")
    return {name: v.astype(np.float16) if name.endswith(large) else v for name, v in parameters.items()}


def load_bundle(path: Path, device: str = "auto", prefer_onnx: bool = False) -> Bundle:
    """Load a bundle.

    Parameters
    ----------
    path : Path
    device : str
        As for `pipeline.mx.engine.find_devices`; the first one is used. A network in ONNX runs on the CPU.
    prefer_onnx : bool
        Of a bundle that holds both a Gluon network and one in ONNX, load the one in ONNX if onnxruntime is installed,
        so that MXNet is not imported.

    Raises
    ------
    PipelineError
        If the folder is no bundle, is of another format, or a file in it is missing or damaged.

    Notes
    -----
    A network in ONNX needs onnxruntime, and a Gluon network MXNet. Of a bundle that holds both, the Gluon network is
    loaded if MXNet is installed, unless `prefer_onnx` says otherwise.
    """
    name, shape, classes = _check(path, prefer_onnx)
    recipe = load_recipe(path)
    vocabulary = Vocabulary.load(path / VOCABULARY, recipe.index)
    if len(vocabulary) != shape[0]:
        raise PipelineError(f"{path}: the embedding has {shape[0]} rows, the vocabulary {len(vocabulary)} ids")
    longest = recipe.ngram_model.max_n
    ngrams = _load_ngrams(path / NGRAMS, len(vocabulary), longest) if longest else None
    if name == PARAMETERS:
        network, context = _load_gluon(path / name, recipe, shape, ngrams, device)
        return Bundle(network, vocabulary, recipe, context, classes)
    if device not in ("auto", "cpu"):
        raise PipelineError(f"{path}: a network in ONNX runs on the CPU, not on {device}; leave the device out")
    from pipeline.model.onnx import OnnxNetwork

    return Bundle(OnnxNetwork(path / name, recipe, ngrams), vocabulary, recipe, None, classes)


def _load_gluon(
    path: Path, recipe: Recipe, shape: Tuple[int, int], ngrams: Optional[NGrams], device: str
) -> Tuple[GluonNetwork, Device]:
    arrays = load_arrays(path)
    with one_thread():  # the imports too: a fork during one leaves the child without the module
        from pipeline.model.ensemble import build_network
        from pipeline.model.network import compile_single_example
        from pipeline.mx.engine import find_devices, mx

        context = find_devices(device)[0]
        network = build_network(recipe, shape, ngrams)
        check_parameters(network, arrays, path)  # before memory is allocated for the sizes in the recipe
        network.initialize(mx.init.Zero(), ctx=context)
        set_parameters(network, arrays)
        compile_single_example(network)
    return network, context


def _load_ngrams(path: Path, ids: int, longest: int) -> NGrams:
    try:
        keys = np.load(path, allow_pickle=False)
    except Exception as error:  # numpy raises a dozen kinds for damaged files
        raise PipelineError(f"{path}: not the keys of an n-gram model ({error})") from None
    vector = isinstance(keys, np.ndarray) and keys.dtype == np.int64 and keys.ndim == 1 and len(keys)
    if not vector or (np.diff(keys) <= 0).any():
        raise PipelineError(f"{path}: not the keys of an n-gram model (expected ascending whole numbers)")
    return NGrams(keys, ids, longest)


def _check(path: Path, prefer_onnx: bool = False) -> Tuple[str, Tuple[int, int], Classes]:
    """Compare a bundle with its manifest; return its network's file, its embedding's shape and its classes."""
    if not (path / MANIFEST).is_file():
        raise PipelineError(f"{path}: no bundle there (it would hold {MANIFEST}); the stage train makes one")
    manifest = read_json(path / MANIFEST)
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise PipelineError(f"{path}: a bundle of format {found}; this version reads format {FORMAT}: train it anew")
    shape, files = manifest.get("embedding"), manifest.get("sha256")
    sizes = [size for size in shape if type(size) is int and size > 0] if isinstance(shape, list) else []
    if not (len(sizes) == 2 and sizes == shape and isinstance(files, dict)):
        raise PipelineError(f"{path / MANIFEST}: damaged (expected the embedding's shape and the files' checksums)")
    network = PARAMETERS
    if ONNX in files:
        onnx_only = PARAMETERS not in files or not find_spec("mxnet")
        network = ONNX if onnx_only or (prefer_onnx and find_spec("onnxruntime")) else PARAMETERS
    for name in dict.fromkeys([network, VOCABULARY, RECIPE, HISTORY, *files]):
        if Path(name).name != name:
            raise PipelineError(f"{path / MANIFEST}: damaged ({name!r} is not the name of a file in this folder)")
        if not (path / name).is_file():
            raise PipelineError(f"{path}: {name} is missing; copy the bundle again as a whole, or train it anew")
        if sha256(path / name) != files.get(name):
            raise PipelineError(f"{path / name}: damaged (its checksum is not the one in {MANIFEST})")
    classes = manifest.get("classes", list(SENTIMENT))
    error = find_class_error(classes, load_recipe(path).num_classes)
    if error:
        raise PipelineError(f"{path / MANIFEST}: damaged ({error})")
    return network, (shape[0], shape[1]), tuple(classes)
