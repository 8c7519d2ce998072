"""Results in a data folder, read for the report; a network's predictions for single words, and its gates."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple

import numpy as np

from pipeline.corpus.classes import SENTIMENT
from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, unseen
from pipeline.errors import PipelineError
from pipeline.io.output import read_json
from pipeline.lectures.rnn_weights import GluonWeights, gluon_to_keras, lstm
from pipeline.model.batches import pad, truncate
from pipeline.model.bundle import HISTORY, RECIPE, Bundle, load_metrics, load_recipe
from pipeline.model.predict import predict
from pipeline.report.interpretation import predict_words
from pipeline.report.results import SplitPredictions, load_predictions
from pipeline.workflow.stages import PREDICTIONS

_CONSIDERED = 20  # reviews to follow a network along


class Polarity(NamedTuple):
    """A network's predictions for single words."""

    words: List[str]  # of length N
    vectors: np.ndarray  # (N, D)
    positive: np.ndarray  # (N,)


class GateTrace(NamedTuple):
    """The gates of a network's first layer along one review."""

    words: List[str]  # of length T, as the network reads them
    gates: Dict[str, np.ndarray]  # input, forget, output, cell and hidden, each (T, U)
    positive: np.ndarray  # (T,), probability of "positive" after each word


def read_histories(data: Path, names: Iterable[str]) -> Dict[str, List[Dict[str, float]]]:
    """Return the ``history.json`` of each network, from ``<name>/bundle/`` of the data folder, where it exists."""
    return _read_each(data, names, f"bundle/{HISTORY}")


def read_metrics(data: Path, names: Iterable[str]) -> Dict[str, Dict[str, Any]]:
    """Return the metrics on held-out or test reviews of each network whose ``metrics.json`` exists."""
    found = {name: load_metrics(data / name / "bundle") for name in names}
    return {name: splits[unseen(splits)] for name, splits in found.items() if unseen(splits)}


def read_coverages(data: Path, names: Iterable[str]) -> Dict[str, Dict[str, Any]]:
    """Return the ``coverage.json`` of each network with GloVe vectors."""
    return {name: coverage for name, coverage in _read_each(data, names, "coverage.json").items() if coverage}


def read_predictions(data: Path, names: Iterable[str]) -> Dict[str, SplitPredictions]:
    """Return the predictions on held-out or test reviews of each network with a bundle and ``predictions.csv``."""
    found = {}
    for name in names:
        folder = data / name
        if (folder / PREDICTIONS).is_file() and (folder / "bundle" / RECIPE).is_file():
            by_split = load_predictions(folder, SENTIMENT, load_recipe(folder / "bundle"))
            if unseen(by_split):
                found[name] = by_split[unseen(by_split)]
    return found


def _read_each(data: Path, names: Iterable[str], file: str) -> Dict[str, Any]:
    return {name: read_json(data / name / file) for name in names if (data / name / file).is_file()}


def measure_words(bundle: Bundle, count: int = 3000) -> Polarity:
    """Predict each of a network's most frequent words as a whole review.

    Parameters
    ----------
    bundle : Bundle
    count : int
        Maximum number of words.
    """
    ids, words = zip(*bundle.vocabulary.row_words()[:count])
    vectors = bundle.network.embedding.weight.data().asnumpy()[list(ids)]
    return Polarity(list(words), vectors, predict_words(bundle, words)[:, 1])


def choose_review(bundle: Bundle, encoded: Encoded, words: int = 40) -> np.ndarray:
    """Choose the short review along which a network's probability changes most, of the twenty longest short ones.

    Parameters
    ----------
    bundle : Bundle
    encoded : Encoded
        With the bundle's vocabulary.
    words : int
        Longer reviews are considered only if there are no shorter ones.

    Returns
    -------
    ndarray of int32, shape (T,)
        The review's ids.

    Raises
    ------
    PipelineError
        If there are no such reviews.
    """
    split = unseen(SPLITS[number] for number in np.unique(encoded.splits))
    rows = encoded.rows(split) if split else np.array([], np.int64)
    rows = rows[encoded.lengths[rows] > 1]
    if not len(rows):
        raise PipelineError("no held-out or test review of two words or more to follow a network along")
    lengths = encoded.lengths[rows]
    short = rows[lengths <= max(words, lengths.min())]
    reviews = [encoded[row][:words] for row in short[np.argsort(-encoded.lengths[short], kind="stable")][:_CONSIDERED]]
    changes = [float(np.abs(np.diff(_prefix_probabilities(bundle, ids))).sum()) for ids in reviews]
    return reviews[int(np.argmax(changes))]


def trace_gates(bundle: Bundle, ids: np.ndarray) -> GateTrace:
    """Compute the first layer's forward LSTM along one review, by the equations in numpy.

    Parameters
    ----------
    bundle : Bundle
    ids : ndarray of int32, shape (T,)
        One review, encoded with the bundle's vocabulary; it is truncated as for the network.
    """
    recipe, network = bundle.recipe, bundle.network
    ids = truncate(ids, recipe.index)
    length = len(ids)
    (row,), _ = pad([ids], recipe.index, recipe.network)  # with its padding, which an unmasked network reads too
    vectors = network.embedding.weight.data().asnumpy()[row]  # (steps, D)
    trace = lstm(gluon_to_keras(forward_weights(network.layers[0]))).run(vectors)
    start = 0 if recipe.network.padding_side == "right" else len(row) - length
    names = {"input": "input_gate", "forget": "forget_gate", "output": "output_gate"}
    names.update(cell="cell_state", hidden="hidden_state")
    gates = {name: trace[key][start : start + length] for name, key in names.items()}
    return GateTrace(bundle.vocabulary.decode(ids), gates, _prefix_probabilities(bundle, ids))


def _prefix_probabilities(bundle: Bundle, ids: np.ndarray) -> np.ndarray:
    """Return the probability of "positive" of the first 1 to T words, (T,)."""
    prefixes = [ids[:end] for end in range(1, len(ids) + 1)]
    return predict(bundle.network, bundle.recipe, prefixes, bundle.device)[:, 1]


def forward_weights(layer: Any) -> GluonWeights:
    """Return the weights of a layer's forward LSTM: the fused layer's, or the cell's under recurrent dropout."""
    forward = getattr(layer, "forward_lstm", None)
    block, prefix = (forward, "l0_") if forward is not None else (layer.cell.base_cell, "")
    return GluonWeights(*(getattr(block, prefix + name).data().asnumpy() for name in GluonWeights._fields))
