"""Scores of many reviews at once, in batches that suit the network."""

from __future__ import annotations

import contextlib
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Sequence, Tuple

import numpy as np

from pipeline.io.forks import one_thread
from pipeline.io.progress import tqdm
from pipeline.model.batches import by_length, make_block
from pipeline.mx.interrupts import kept_interrupts
from pipeline.recipe import Recipe

WORDS = 16_000  # ids in one batch, padding included: some 16 MB of hidden states for 128 units


def predict(network: Any, recipe: Recipe, sequences: Sequence[np.ndarray], device: Any, bar: str = "") -> np.ndarray:
    """Return each review's probabilities of being negative and positive.

    Parameters
    ----------
    network : SentimentNetwork, CombinedNetwork or OnnxNetwork
        Its ``start(block, device, stream)`` begins to turn a padded batch into scores.
    recipe : Recipe
    sequences : sequence of ndarray
        Encoded reviews, of at least one id each if the network is masked; or features, (steps, C).
    device : mxnet.Context, or None for an OnnxNetwork
    bar : str
        Title of a progress bar; no bar without one.

    Returns
    -------
    ndarray of float64, shape (N, K)
        K is 2 for reviews.
    """
    if not sequences:
        return np.empty((0, max(recipe.network.outputs, 2)))
    return probabilities_of(score(network, recipe, sequences, device, bar), recipe.network.outputs)


def score(network: Any, recipe: Recipe, sequences: Sequence[np.ndarray], device: Any, bar: str = "") -> np.ndarray:
    """Return each review's scores, float32, shape (N, outputs), or (N, parts) of a `CombinedNetwork`."""
    scores: Dict[int, np.ndarray] = {}
    started: Deque[Tuple[List[int], Callable[[], np.ndarray]]] = deque()
    steps, fixed = recipe.index.steps, recipe.network.fixed_length
    lengths: List[int] = [steps if fixed else min(len(sequence), steps) for sequence in sequences]
    progress = tqdm(total=len(sequences), desc=bar, unit="review", leave=False, disable=not bar)
    gluon = one_thread() if device else contextlib.nullcontext()  # its blocks stand one thread at a time
    with progress, kept_interrupts(), gluon:

        def finish() -> None:
            rows, wait = started.popleft()
            scores.update(zip(rows, wait()))
            progress.update(len(rows))

        for number, rows in enumerate(by_length(lengths, WORDS)):
            block = make_block([sequences[row] for row in rows], recipe, network.ngrams)
            started.append((rows, network.start(block, device, number % network.streams)))
            if len(started) > network.streams:  # while one is made, the others are read
                finish()
        while started:
            finish()
    return np.array([scores[row] for row in range(len(sequences))])


def probabilities_of(scores: np.ndarray, outputs: int) -> np.ndarray:
    """Return the classes' probabilities for the scores of a network.

    Parameters
    ----------
    scores : ndarray of float, shape (N, outputs), or (N, P) for the scores of "positive" of P parts
    outputs : int
        As in the recipe.

    Returns
    -------
    ndarray of float64, shape (N, K)
        By softmax; of a single output by sigmoid of the parts' sum z, which is the softmax of 0 and z.
    """
    values = scores.astype(np.float64)
    if outputs == 1:
        values = np.stack([np.zeros(len(values)), values.sum(axis=1)], axis=1)  # (N, 2)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
