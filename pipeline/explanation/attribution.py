"""Integrated gradients: how much of a score each step of the input is worth, and each word of a text."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.explanation.explanation import Explanation
from pipeline.model.batches import pad
from pipeline.model.bundle import Bundle
from pipeline.model.network import to_device
from pipeline.model.predict import predict
from pipeline.mx.engine import mx
from pipeline.text.offsets import find_words
from pipeline.text.vocabulary import PADDING, START

_WORDS = 16_000  # vectors in one batch, as in pipeline.model.predict
_FEWEST, _MOST = 32, 512  # points on the path
CUT = "<cut>"


class Attribution(NamedTuple):
    """What each step adds to a score."""

    parts: np.ndarray  # (T,) of float64
    score: float
    baseline: float  # score of the baseline
    error: float  # what the parts lack: score - baseline - parts.sum()


def integrate_gradients(score: Callable[[Any], Any], vectors: Any, tolerance: float = 0.01) -> Attribution:
    """Divide the difference between a score and the score of zero vectors among the steps.

    The gradient of the score is integrated along the straight line from the zero vectors to `vectors`, by
    Gauss and Legendre's rule, with twice as many points until the parts sum to the difference.

    Parameters
    ----------
    score : callable
        From vectors (M, T, C) to scores (M,), each row on its own; of MXNet's arrays, differentiable.
    vectors : mxnet.nd.NDArray, shape (1, T, C)
    tolerance : float
        Largest error as a share of the difference; one of 0.001 is always good enough.

    Returns
    -------
    Attribution
        Its error is above the tolerance only if 512 points were not enough.

    Notes
    -----
    After Sundararajan, Taly and Yan (2017), Axiomatic Attribution for Deep Networks. They too take zero vectors as
    the baseline for text: a word that says nothing. An LSTM's gates then follow their biases alone.
    """
    baseline, whole = score(mx.nd.concat(mx.nd.zeros_like(vectors), vectors, dim=0)).asnumpy().astype(float).tolist()
    points = _FEWEST
    while True:
        gradients = _mean_gradient(score, vectors, points)
        parts = (gradients * vectors[0].asnumpy()).sum(axis=1)  # (T,)
        error = whole - baseline - parts.sum()
        if abs(error) <= max(tolerance * abs(whole - baseline), 1e-3) or points == _MOST:
            return Attribution(parts, whole, baseline, float(error))
        points *= 2


def _mean_gradient(score: Callable[[Any], Any], vectors: Any, points: int) -> np.ndarray:
    """Return the gradient's mean over the path, (T, C) of float64."""
    places, weights = np.polynomial.legendre.leggauss(points)  # on -1 to 1
    total = np.zeros(vectors.shape[1:])
    at_once = max(1, _WORDS // vectors.shape[1])
    for first in range(0, points, at_once):
        rows = slice(first, first + at_once)
        shares = mx.nd.array((places[rows] + 1) / 2, vectors.context).reshape((-1, 1, 1))
        path = shares * vectors  # (M, T, C)
        path.attach_grad()
        with mx.autograd.record(train_mode=False):
            scores = score(path)
        (gradients,) = mx.autograd.grad(scores, [path], train_mode=False)  # (M, T, C)
        total += np.tensordot(weights[rows] / 2, gradients.asnumpy(), axes=1)
    return total


def explain_text(bundle: Bundle, text: str) -> Explanation:
    """Return what each word of a text adds to a network's answer.

    Raises
    ------
    PipelineError
        A ValueError: if the text has no word that the network reads and knows, so that there is no answer.
    """
    vocabulary, recipe, start = bundle.vocabulary, bundle.recipe, bundle.recipe.index.bos
    found = find_words(text, recipe.index.tokenizer)
    indexed = [word for word in found if vocabulary.id(word.word) >= 0]
    limit = recipe.index.max_length
    cut = slice(limit - start) if recipe.index.truncation_side == "right" else slice(-limit, None)
    read = indexed[cut]
    ids, words = vocabulary.encode(word.word for word in indexed), tuple(word.word for word in read)
    if not bundle.knows_any(ids):
        raise PipelineError(f"text: no words in it that the network knows (found {text[:40]!r})")
    prefixes = [vocabulary.encode(words)[: start + count] for count in range(1, len(words) + 1)]
    *grown, positive = predict(bundle.network, recipe, [*prefixes, ids], bundle.device)[:, 1].tolist()
    grown = [answer if bundle.knows_any(prefix) else 0.5 for answer, prefix in zip(grown, prefixes)]
    attribution, padding = _attribute(bundle, ids)
    added = attribution.parts[int(start) :][cut]
    rest = {START: float(attribution.parts[0])} if start else {}
    if not recipe.network.masked:
        rest[PADDING] = padding
    if recipe.ngram_model.max_n and len(read) < len(indexed):
        rest[CUT] = float(attribution.parts[int(start) :].sum() - added.sum())
    return Explanation(
        text=text,
        label="positive" if positive > 0.5 else "negative",
        probability=max(positive, 1 - positive),
        positive=positive,
        words=words,
        offsets=tuple((word.start, word.end) for word in read),
        known=tuple(map(vocabulary.knows, words)),
        added=added,
        grown=np.array(grown),
        rest=rest,
        score=attribution.score,
        baseline=attribution.baseline,
        error=attribution.error,
        unread=len(found) - len(read),
    )


def _attribute(bundle: Bundle, ids: np.ndarray) -> Tuple[Attribution, float]:
    """Attribute the score of one review to its ids; and to the padding, which is the second."""
    network, recipe = bundle.network, bundle.recipe
    block, lengths = pad([ids], recipe.index, recipe.network)
    inputs, *masks = to_device((block, lengths), recipe, bundle.device)

    def score(vectors: Any) -> Any:
        scores = network.forward_from_embeddings(vectors, *(mx.nd.repeat(mask, len(vectors)) for mask in masks))
        return scores[:, 1] - scores[:, 0] if recipe.network.num_outputs == 2 else scores[:, 0]  # (M,)

    found = integrate_gradients(score, network.embed(inputs))
    count, parts = int(lengths[0]), np.zeros(len(ids))
    kept = found.parts[:count] if recipe.network.padding_side == "right" else found.parts[len(found.parts) - count :]
    parts[slice(count) if recipe.index.truncation_side == "right" else slice(len(ids) - count, None)] = kept
    padding = float(found.parts.sum() - kept.sum())
    if not recipe.ngram_model.max_n:
        return found._replace(parts=parts), padding
    ngrams, bias = network.attribute_ngrams(ids)
    return Attribution(parts + ngrams, found.score + bias + ngrams.sum(), found.baseline + bias, found.error), padding
