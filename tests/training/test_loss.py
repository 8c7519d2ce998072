from __future__ import annotations

from dataclasses import replace
from typing import Sequence

import numpy as np
import pytest
from scipy.special import log_softmax

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.mx.engine import mx
from pipeline.recipe import Recipe, override
from pipeline.train import train_network
from pipeline.training.loss import make_loss
from tests.test_train import EMBEDDING, parameters


def test_loss_of_an_ensemble_is_that_of_each_model() -> None:
    random = np.random.RandomState(0)
    logits, labels = random.normal(size=(5, 2, 3)), np.array([0, 2, 1, 1, 0])
    each = -log_softmax(logits, axis=2)[np.arange(5), :, labels]  # (5, 2)
    found = make_loss(3)(mx.nd.array(logits.reshape(5, 6)), mx.nd.array(labels)).asnumpy()
    np.testing.assert_allclose(found, each, rtol=3e-5)
    alone = make_loss(3)(mx.nd.array(logits[:, 1]), mx.nd.array(labels)).asnumpy()
    np.testing.assert_allclose(alone, each[:, 1:], rtol=1e-5)
    binary = make_loss(1)(mx.nd.array(logits[:, 0]), mx.nd.array(labels > 0)).asnumpy()
    signs = np.where(labels > 0, -1, 1)[:, np.newaxis]
    np.testing.assert_allclose(binary, np.log1p(np.exp(signs * logits[:, 0])), rtol=1e-5)


def test_balanced_class_weights_equal_repeated_reviews(tiny: Recipe) -> None:
    """A step on 8 negative and 4 positive reviews equals one on the same reviews with each positive one twice."""
    reviews = [np.array(ids, np.int32) for ids in ([2, 3], [4], [5, 6, 7], [8, 9], [3, 4, 5], [6], [7, 8], [9, 2])]
    reviews += [np.array(ids, np.int32) for ids in ([10, 11], [11], [10, 10, 11], [11, 2])]

    def encode(rows: Sequence[int]) -> Encoded:
        chosen = [reviews[row] for row in rows]
        offsets = np.cumsum([0] + [len(ids) for ids in chosen])
        labels = np.array([row >= 8 for row in rows], np.int16)
        return Encoded(np.concatenate(chosen), offsets, labels, np.zeros(len(rows), np.int8), np.arange(len(rows)))

    network = replace(tiny.network, dropout=0.0)
    options = replace(tiny.train, optimizer="sgd", learning_rate=1.0, epochs=1, batch_size=16, bucket_by_length=False)
    recipe = replace(tiny, network=network, train=options)
    repeated, _ = train_network(encode([*range(12), *range(8, 12)]), EMBEDDING, recipe, [mx.cpu()])
    balanced = override(recipe, ["train.class_weight=balanced"])
    weighted, history = train_network(encode(range(12)), EMBEDDING, balanced, [mx.cpu()])
    for name, value in parameters(weighted).items():
        np.testing.assert_allclose(value, parameters(repeated)[name], atol=1e-6, err_msg=name)
    assert history[0]["accuracy"] * 12 == pytest.approx(round(history[0]["accuracy"] * 12))
    with pytest.raises(PipelineError, match="class_weight"):
        override(recipe, ["train.class_weight=even"])
