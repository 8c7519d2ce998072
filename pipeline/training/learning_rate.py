"""A learning rate finder: the loss while the learning rate rises."""

from __future__ import annotations

import contextlib
import itertools
import math
from typing import Sequence, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.io.forks import one_thread
from pipeline.io.progress import tqdm
from pipeline.metrics import smooth
from pipeline.mx.engine import make_generator, memory_advice, seed_mxnet
from pipeline.mx.mixed_precision import mixed_precision
from pipeline.mx.types import Device
from pipeline.recipe import Recipe
from pipeline.training.loop import TrainingLoop, count_streams
from pipeline.training.sampling import epoch_batches


def find_learning_rate(
    encoded: Encoded,
    embedding: np.ndarray,
    recipe: Recipe,
    devices: Sequence[Device],
    lowest: float = 1e-5,
    highest: float = 1.0,
    steps: int = 100,
) -> Tuple[np.ndarray, np.ndarray]:
    """Train a new network for some steps, with a learning rate that rises exponentially (Smith, 2017).

    A good learning rate is one at which the loss falls steeply, well below that at which it begins to rise.
    `pipeline.plots.figures.learning_rate_curve` draws the result.

    Parameters
    ----------
    encoded, embedding, recipe, devices
        As for `pipeline.train.train_network`, whose results do not change: it seeds all generators. The recipe's own
        learning rate and schedule are not used.
    lowest, highest : float
        Learning rates of the first and of the last step.
    steps : int

    Returns
    -------
    rates : ndarray of float64, shape (N,)
        The learning rate of each step. N is less than `steps` if training diverged: the moving average of the loss
        exceeded 4 times its minimum, or the loss was not finite.
    losses : ndarray of float64, shape (N,)
        The mean loss of each step's batch before the step.

    Raises
    ------
    PipelineError
        If an argument is out of its range; as from `pipeline.train.train_network`.
    """
    if not (0 < lowest < highest < math.inf and steps > 1):
        raise PipelineError(
            "find_learning_rate: expected 0 < lowest < highest, and 2 or more steps; "
            f"found lowest={lowest}, highest={highest}, steps={steps}"
        )
    seed, rates, losses = recipe.train.seed, np.geomspace(lowest, highest, steps), []
    with mixed_precision(devices) if recipe.train.mixed_precision else contextlib.nullcontext():
        loop = TrainingLoop(encoded, embedding, recipe, devices)
        with one_thread():
            seed_mxnet(seed, 0, 0, streams=count_streams(recipe))  # as in the first epoch, and so are the crops
        crops, lengths = make_generator(seed, 0, 1), encoded.lengths[loop.rows]
        epochs = (epoch_batches(lengths, recipe, make_generator(seed, epoch)) for epoch in itertools.count())
        batches = itertools.chain.from_iterable(epochs)
        for rate in tqdm(rates, desc="learning rates", unit="batch", leave=False):
            with memory_advice("a smaller train.batch_size"), one_thread():
                positions = next(batches)
                loop.trainer.set_learning_rate(rate)
                sums, _ = loop.step(loop.rows[positions], crops)
                loss = sum(float(values.asnumpy()[0]) for values in sums) / len(positions)
            if not math.isfinite(loss):
                break
            losses.append(loss)
            averages = smooth(losses)
            if averages[-1] > 4 * averages.min():
                break
    if not losses:
        raise PipelineError("the loss is not finite before the first step; expected finite word vectors")
    return rates[: len(losses)], np.array(losses)
