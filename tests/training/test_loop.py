from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Sequence

import numpy as np
import pytest

from pipeline.corpus.reviews import SPLITS
from pipeline.model.network import to_device
from pipeline.mx.engine import mx
from pipeline.recipe import NgramModel, Recipe
from pipeline.train import train_network
from pipeline.training import loop
from pipeline.training.loop import TrainingLoop
from tests.test_train import EMBEDDING, ONE_BATCH, make_reviews, parameters, without_dropout


@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("clip_norm", [0.0, 0.1])
def test_gradient_norm_is_that_of_the_step(tiny: Recipe, devices: int, clip_norm: float) -> None:
    """A step of plain SGD with learning rate 1 moves the parameters by the gradient."""
    recipe = without_dropout(tiny, **{**ONE_BATCH, "learning_rate": 1.0, "clip_norm": clip_norm})
    contexts = [mx.cpu(number) for number in range(devices)]
    steps: list[dict[str, float]] = []
    after, _ = train_network(make_reviews(), EMBEDDING, recipe, contexts, on_step=steps.append)
    still = replace(recipe, train=replace(recipe.train, learning_rate=1e-12))
    before, _ = train_network(make_reviews(), EMBEDDING, still, contexts)
    pairs = zip(parameters(before).values(), parameters(after).values())
    moved = math.sqrt(sum(float(((a - b) ** 2).sum()) for a, b in pairs))
    (step,) = steps
    assert step["gradient_norm"] > 0.2
    assert moved == pytest.approx(clip_norm or step["gradient_norm"], rel=1e-4)


@pytest.mark.parametrize(("drop_last", "expected"), [(True, [8, 8]), (False, [8, 8, 4])])
def test_training_drops_the_last_incomplete_batch_with_drop_last(
    tiny: Recipe, monkeypatch: pytest.MonkeyPatch, drop_last: bool, expected: list[int]
) -> None:
    sizes: list[int] = []
    update = TrainingLoop._update

    def count(loop: Any, batch_size: int, measured: bool) -> float:
        sizes.append(batch_size)
        return update(loop, batch_size, measured)

    monkeypatch.setattr(TrainingLoop, "_update", count)
    options = replace(tiny.train, epochs=1, batch_size=8, bucket_by_length=False, drop_last=drop_last)
    train_network(make_reviews(23), EMBEDDING, replace(tiny, train=options), [mx.cpu()])
    assert sizes == expected


def test_training_pads_batches_to_few_lengths(tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """MXNet keeps memory for each shape of a batch."""
    found: set[tuple[int, ...]] = set()

    def note(batch: Sequence[np.ndarray], *others: Any) -> Any:
        found.add(batch[0].shape)
        return to_device(batch, *others)

    monkeypatch.setattr(loop, "to_device", note)
    encoded = make_reviews(24)
    lengths = {encoded[row][: tiny.index.max_length].size for row in range(24)}
    train_network(encoded, EMBEDDING, tiny, [mx.cpu()])
    assert len(lengths) > 3
    assert found == {(2, 8), (1, 32)}  # of 2 reviews, and the last ones alone


@pytest.mark.parametrize("adversarial_norm", [0.0, 2.0])
@pytest.mark.parametrize("on_generated", [True, False])
def test_ngram_model_is_trained_on_generated_sentences_if_the_recipe_says_so(
    tiny: Recipe, adversarial_norm: float, on_generated: bool
) -> None:
    encoded = make_reviews()
    generated = np.flatnonzero(encoded.splits == 0)[6:]
    splits = encoded.splits.copy()
    splits[generated] = SPLITS.index("generated")
    recipe = without_dropout(tiny, **ONE_BATCH, adversarial_norm=adversarial_norm)
    recipe = replace(recipe, ngram_model=NgramModel(max_n=2, min_df=1, generated=on_generated))
    changed = replace(encoded, splits=splits)
    loop = TrainingLoop(changed, EMBEDDING, recipe, [mx.cpu()])
    assert set(generated) < set(loop.rows)
    counted = [TrainingLoop(one, EMBEDDING, recipe, [mx.cpu()]).network.ngrams for one in (changed, encoded)]
    assert counted[0]
    assert counted[1]
    assert (len(counted[0]) == len(counted[1])) == on_generated
    for rows, learns in ((generated, on_generated), (loop.rows, True)):
        loop.step(rows, np.random.default_rng(0))
        for name, parameter in loop.network.collect_params().items():
            if parameter.grad_req != "null":
                assert parameter.grad().asnumpy().any() == (learns or "ngram_model" not in name), name
