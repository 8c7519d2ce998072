"""Predictions for many reviews, in batches of similar length."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Callable, Deque, List, Sequence, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded, EncodedRows
from pipeline.io.forks import one_thread
from pipeline.io.progress import tqdm
from pipeline.model.batches import batchify, by_length
from pipeline.model.protocols import Network
from pipeline.mx.interrupts import kept_interrupts
from pipeline.mx.types import Device
from pipeline.recipe import Recipe

MAX_TOKENS = 16_000  # in one batch, padding included: about 16 MB of hidden states at a hidden size of 128


def predict(
    network: Network, recipe: Recipe, sequences: Sequence[np.ndarray], device: Device, bar: str = ""
) -> np.ndarray:
    """Return each review's probabilities of the classes.

    Parameters
    ----------
    network : Network
    recipe : Recipe
    sequences : sequence of ndarray
        Encoded reviews, with at least one id each if the network is masked; or features, (steps, C).
    device : mxnet.Context, or None for an OnnxNetwork
    bar : str
        Title of the progress bar; "" shows none.

    Returns
    -------
    ndarray of float64, shape (N, K)
        K is ``recipe.num_classes``: 2, negative and positive, unless it was trained on other classes.
    """
    if not sequences:
        return np.empty((0, recipe.num_classes))
    return probabilities_of(compute_logits(network, recipe, sequences, device, bar), recipe.network.num_outputs)


def predict_encoded(
    network: Network, recipe: Recipe, encoded: Encoded, rows: np.ndarray, device: Device, bar: str = ""
) -> np.ndarray:
    """Return the probabilities of some reviews of a corpus, float64, shape (rows, K).

    A masked network has nothing to read in a review without tokens: its probabilities are all the same.
    """
    readable = encoded.lengths[rows] > 0 if recipe.network.masked else np.ones(len(rows), bool)
    probabilities = np.full((len(rows), recipe.num_classes), 1 / recipe.num_classes)
    probabilities[readable] = predict(network, recipe, EncodedRows(encoded, rows[readable]), device, bar)
    return probabilities


def compute_logits(
    network: Network, recipe: Recipe, sequences: Sequence[np.ndarray], device: Device, bar: str = ""
) -> np.ndarray:
    """Return each review's logits, float32, shape (N, ``recipe.num_logits``)."""
    order: List[np.ndarray] = []
    logits: List[np.ndarray] = []  # of each batch
    started: Deque[Tuple[List[int], Callable[[], np.ndarray]]] = deque()
    max_length, fixed = recipe.index.max_length, recipe.network.fixed_length
    lengths: List[int] = [max_length if fixed else min(len(sequence), max_length) for sequence in sequences]
    progress = tqdm(total=len(sequences), desc=bar, unit="review", leave=False, **({} if bar else {"disable": True}))
    gluon = one_thread() if device else contextlib.nullcontext()  # Gluon blocks are not thread-safe, ONNX sessions are
    with progress, kept_interrupts(), gluon:

        def finish() -> None:
            rows, wait = started.popleft()
            order.append(np.array(rows))
            logits.append(wait())
            progress.update(len(rows))

        for number, rows in enumerate(by_length(lengths, MAX_TOKENS)):
            batch = batchify([sequences[row] for row in rows], recipe, network.ngrams)
            started.append((rows, network.start(batch, device, number % network.streams)))
            if len(started) > network.streams:  # prepare the next batch while the others are computed
                finish()
        while started:
            finish()
    return np.concatenate(logits)[np.argsort(np.concatenate(order))]


def probabilities_of(logits: np.ndarray, num_outputs: int) -> np.ndarray:
    """Return the classes' probabilities for the logits of a network.

    Parameters
    ----------
    logits : ndarray of float, shape (N, M * num_outputs)
        Of M models, model after model.
    num_outputs : int
        As in the recipe: K, or 1 for the logit of "positive".

    Returns
    -------
    ndarray of float64, shape (N, K)
        By the softmax of the models' sum; for a single output by the sigmoid of that sum z, which is the softmax of
        (0, z).
    """
    values = logits.astype(np.float64).reshape(len(logits), -1, num_outputs).sum(axis=1)  # (N, num_outputs)
    if num_outputs == 1:
        values = np.hstack([np.zeros_like(values), values])  # (N, 2)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
