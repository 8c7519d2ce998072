"""The reviews of each batch of an epoch, and random crops of them."""

from __future__ import annotations

from typing import Iterator

import numpy as np

from pipeline.model.batches import in_order
from pipeline.mx.engine import global_numpy_seed, import_gluonnlp
from pipeline.recipe import Recipe

_SHORTEST_CROP, _NOT_CROPPED = 5, 60  # tokens


def epoch_batches(lengths: np.ndarray, recipe: Recipe, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the positions of the reviews of each batch of one epoch.

    Parameters
    ----------
    lengths : ndarray of int, shape (N,)
        Tokens of each review.
    recipe : Recipe
        Its batch size, and whether reviews are shuffled, bucketed by length, and dropped from the last batch.
    generator : numpy.random.Generator

    Yields
    ------
    ndarray of int64, shape (batch_size,), some maybe shorter
    """
    options = recipe.train
    if options.bucket_by_length:
        cut = np.minimum(lengths, recipe.index.max_length)
        # 20 buckets with the same number of reviews
        longest = np.unique(np.quantile(cut, np.linspace(0, 1, 21)[1:], method="higher")).tolist()
        sampler = import_gluonnlp().data.FixedBucketSampler(
            cut.tolist(), options.batch_size, num_buckets=None, bucket_keys=longest, shuffle=True
        )
        with global_numpy_seed(int(generator.integers(2**32))):  # the sampler knows no other generator
            batches = [np.array(batch) for batch in sampler]
        yield from batches
        return
    order = generator.permutation(len(lengths)) if options.shuffle else np.arange(len(lengths))
    for batch in in_order(len(lengths), options.batch_size, options.drop_last):
        yield order[batch]


def crop(sequence: np.ndarray, probability: float, generator: np.random.Generator) -> np.ndarray:
    """Return a review, or with some probability a random crop of it, of a length that is log-uniform.

    A text of up to 60 tokens is never cropped: without the "not", "not bad" says the opposite.
    """
    if not probability or generator.uniform() >= probability or len(sequence) <= _NOT_CROPPED:
        return sequence
    length = int(np.exp(generator.uniform(np.log(_SHORTEST_CROP), np.log(len(sequence)))))
    start = generator.integers(len(sequence) - length + 1)
    return sequence[start : start + length]
