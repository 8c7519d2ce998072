"""Scores of many reviews at once, in batches that suit the network."""

from __future__ import annotations

from typing import Any, List, Sequence

import numpy as np
from tqdm import tqdm

from pipeline.batches import by_length, pad
from pipeline.recipe import Recipe

_WORDS = 16_000  # ids in one batch, padding included: some 16 MB of hidden states for 128 units


def predict(network: Any, recipe: Recipe, sequences: Sequence[np.ndarray], device: Any, bar: str = "") -> np.ndarray:
    """Return each review's probabilities of being negative and positive.

    Parameters
    ----------
    network : SentimentNetwork or OnnxNetwork
        Its ``score(block, device)`` turns a padded batch into scores.
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
    probabilities = np.empty((len(sequences), max(recipe.network.outputs, 2)))
    steps, fixed = recipe.index.steps, recipe.network.fixed_length
    lengths: List[int] = [steps if fixed else min(len(sequence), steps) for sequence in sequences]
    with tqdm(total=len(sequences), desc=bar, unit="review", leave=False, disable=not bar) as progress:
        for rows in by_length(lengths, _WORDS):
            block = pad([sequences[row] for row in rows], recipe.index, recipe.network)
            probabilities[rows] = probabilities_of(network.score(block, device))
            progress.update(len(rows))
    return probabilities


def probabilities_of(scores: np.ndarray) -> np.ndarray:
    """Return the classes' probabilities, float64, for scores (N, outputs).

    Returns
    -------
    ndarray of float64, shape (N, K)
        By softmax; of a single score z by sigmoid, which is the softmax of 0 and z.
    """
    values = scores.astype(np.float64)
    if values.shape[1] == 1:
        values = np.concatenate([np.zeros_like(values), values], axis=1)  # (N, 2)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
