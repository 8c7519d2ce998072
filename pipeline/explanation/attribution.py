"""Integrated gradients: the attribution of each input vector, and of each word of a text."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pipeline.corpus.classes import choose_classes, class_names, label_ids, normalize_label
from pipeline.errors import PipelineError
from pipeline.explanation.explanation import Explanation
from pipeline.model.batches import pad
from pipeline.model.bundle import Bundle
from pipeline.model.network import to_device
from pipeline.model.predict import MAX_TOKENS, predict
from pipeline.mx.engine import mx
from pipeline.text.offsets import find_words
from pipeline.text.vocabulary import PADDING, START

_TOLERANCE = 0.01  # largest residual, relative to the difference
_MIN_POINTS, _MAX_POINTS = 32, 512  # of the numerical integration
CUT = "<cut>"  # n-grams beyond the words that the LSTM reads


class Attribution(NamedTuple):
    """The attributions of a function's input vectors."""

    attributions: List[np.ndarray]  # (T,) of float64 for each input
    output: float
    baseline_output: float  # of zero vectors
    residual: float  # output - baseline_output - the sum of all attributions


def integrate_gradients(function: Callable[..., Any], inputs: Sequence[Any]) -> Attribution:
    """Attribute the difference between a function's output and its output for zero vectors to the input vectors.

    The gradient is integrated along the straight line from the zero vectors to those of `inputs` by Gauss-Legendre
    quadrature. The number of points is doubled until the attributions sum to the difference, up to 1 % of it or 0.001.

    Parameters
    ----------
    function : callable
        From vectors (M, T, C), one argument for each input, to outputs (M,), each row on its own; of MXNet's arrays,
        differentiable.
    inputs : sequence of mxnet.nd.NDArray, shape (1, T, C)
        T and C may differ.

    Returns
    -------
    Attribution
        Its residual is larger only if 512 points were not enough.

    Notes
    -----
    Sundararajan, Taly and Yan (2017), Axiomatic Attribution for Deep Networks, who also use zero vectors as the
    baseline for text.
    """
    both = [mx.nd.concat(mx.nd.zeros_like(vectors), vectors, dim=0) for vectors in inputs]  # (2, T, C) each
    baseline_output, output = function(*both).asnumpy().astype(float).tolist()
    difference, points = output - baseline_output, _MIN_POINTS
    while True:
        gradients = _mean_gradients(function, inputs, points)
        attributions = [(mean * vectors[0].asnumpy()).sum(axis=1) for mean, vectors in zip(gradients, inputs)]  # (T,)
        residual = difference - sum(part.sum() for part in attributions)
        if abs(residual) <= max(_TOLERANCE * abs(difference), 1e-3) or points == _MAX_POINTS:
            return Attribution(attributions, output, baseline_output, float(residual))
        points *= 2


def _mean_gradients(function: Callable[..., Any], inputs: Sequence[Any], num_points: int) -> List[np.ndarray]:
    """Return the mean of the gradients over the path, (T, C) of float64 for each input."""
    points, weights = np.polynomial.legendre.leggauss(num_points)  # on [-1, 1]
    totals = [np.zeros(vectors.shape[1:]) for vectors in inputs]
    batch_size = max(1, MAX_TOKENS // max(vectors.shape[1] for vectors in inputs))
    for first in range(0, num_points, batch_size):
        batch = slice(first, first + batch_size)
        scales = mx.nd.array((points[batch] + 1) / 2, inputs[0].context).reshape((-1, 1, 1))  # on [0, 1]
        path = [scales * vectors for vectors in inputs]  # (M, T, C) each
        for vectors in path:
            vectors.attach_grad()
        with mx.autograd.record(train_mode=False):
            outputs = function(*path)
        for total, gradients in zip(totals, mx.autograd.grad(outputs, path, train_mode=False)):  # (M, T, C)
            total += np.tensordot(weights[batch] / 2, gradients.asnumpy(), axes=1)
    return totals


def log_odds(logits: Any, target: int) -> Any:
    """Return the log-odds of a class against all others, (M,), from the logits (M, K) of a softmax.

    With two classes it is the difference of their logits.
    """
    others = [logits[:, k : k + 1] for k in range(logits.shape[1]) if k != target]  # (M, 1) each
    rest = mx.nd.concat(*others, dim=1)  # (M, K - 1)
    largest = mx.nd.stop_gradient(rest.max(axis=1))  # (M,)
    spread = mx.nd.exp(mx.nd.broadcast_sub(rest, largest.expand_dims(1))).sum(axis=1)  # (M,)
    return logits[:, target] - largest - mx.nd.log(spread)


def explain_text(bundle: Bundle, text: str, target: Optional[str] = None) -> Explanation:
    """Attribute the probability of a class to the words of a text.

    Parameters
    ----------
    bundle : Bundle
    text : str
    target : str, optional
        As for `pipeline.explanation.explain.explain_prediction`.

    Raises
    ------
    PipelineError
        A ValueError: if the text has no word that the network knows, so that there is no prediction, or there is no
        such class.
    """
    names = class_names(bundle.classes)
    explained = None if target is None else _find_class(bundle, target)
    vocabulary, recipe, bos = bundle.vocabulary, bundle.recipe, bundle.recipe.index.bos
    found = find_words(text, recipe.index.tokenizer)
    encoded = [word for word in found if vocabulary.id(word.word) >= 0]
    limit = recipe.index.max_length
    kept = slice(limit - bos) if recipe.index.truncation_side == "right" else slice(-limit, None)
    read = encoded[kept]
    ids, words = vocabulary.encode(word.word for word in encoded), tuple(word.word for word in read)
    if not bundle.knows_any(ids):
        raise PipelineError(f"text: no words in it that the network knows (found {text[:40]!r})")
    read_ids = vocabulary.encode(words)
    prefixes = [read_ids[: bos + count] for count in range(1, len(words) + 1)]
    probabilities = predict(bundle.network, recipe, [*prefixes, ids], bundle.device)  # (prefixes + 1, K)
    chosen, count = int(choose_classes(probabilities[-1:], recipe.is_ordered)[0]), len(bundle.classes)
    if explained is None:
        explained = chosen if count > 2 else 1
    *by_prefix, of_target = probabilities[:, explained].tolist()
    by_prefix = [p if bundle.knows_any(prefix) else 1 / count for p, prefix in zip(by_prefix, prefixes)]
    attribution, padding = _attribute(bundle, ids, explained)
    (of_ids,) = attribution.attributions
    of_words = of_ids[int(bos) :]
    others = {START: float(of_ids[0])} if bos else {}
    if not recipe.network.masked:
        others[PADDING] = padding
    if recipe.ngram_model.max_n and len(read) < len(encoded):
        others[CUT] = float(of_words.sum() - of_words[kept].sum())
    return Explanation(
        text=text,
        label=names[chosen],
        probability=float(probabilities[-1, chosen]),
        target_probability=of_target,
        words=words,
        offsets=tuple((word.start, word.end) for word in read),
        known=tuple(map(vocabulary.knows, words)),
        attributions=of_words[kept],
        prefix_probabilities=np.array(by_prefix),
        other_attributions=others,
        logit=attribution.output,
        baseline_logit=attribution.baseline_output,
        residual=attribution.residual,
        num_unread=len(found) - len(read),
        target=names[explained],
        other=names[1 - explained] if count == 2 else f"not {names[explained]}",
    )


def _find_class(bundle: Bundle, name: str) -> int:
    """Return the index of a class that is named as in a label."""
    found = label_ids(bundle.classes).get(normalize_label(name))
    if found is None:
        raise PipelineError(f"target: expected one of {', '.join(class_names(bundle.classes))}, found {name[:40]!r}")
    return found


def _attribute(bundle: Bundle, ids: np.ndarray, target: int) -> Tuple[Attribution, float]:
    """Return the attributions of a review's ids to the log-odds of a class, and the sum of those of the padding."""
    network, recipe = bundle.network, bundle.recipe
    batch, lengths = pad([ids], recipe.index, recipe.network)
    inputs, *masks = to_device((batch, lengths), recipe, bundle.device)
    ngrams, bias = np.zeros((len(ids), recipe.network.num_outputs)), np.zeros(recipe.network.num_outputs)
    if recipe.ngram_model.max_n:
        ngrams, bias = network.attribute_ngrams(ids)  # (ids, num_outputs), (num_outputs,)

    def compute_logits(vectors: Any) -> Any:
        return network.forward_from_embeddings(vectors, *(mx.nd.repeat(mask, len(vectors)) for mask in masks))

    def compute_log_odds(vectors: Any, ngram_logits: Any) -> Any:
        others = ngram_logits.sum(axis=1) + mx.nd.array(bias, bundle.device).expand_dims(0)  # (M, num_outputs)
        return log_odds(compute_logits(vectors) + others, target)  # (M,)

    embeddings = network.embed(inputs)
    if recipe.network.num_outputs > 1:
        found = integrate_gradients(compute_log_odds, [embeddings, mx.nd.array(ngrams[np.newaxis], bundle.device)])
        steps, of_ngrams = found.attributions
    else:  # the log-odds are the sum of the models' logits, and each n-gram's term is its attribution
        sign = 1 if target else -1  # the single output is the logit of "positive"
        found = integrate_gradients(lambda vectors: sign * compute_logits(vectors)[:, 0], [embeddings])
        (steps,), of_ngrams, constant = found.attributions, sign * ngrams[:, 0], sign * bias[0]
        output, baseline_output = found.output + constant + of_ngrams.sum(), found.baseline_output + constant
        found = found._replace(output=float(output), baseline_output=float(baseline_output))
    count = int(lengths[0])
    read = steps[:count] if recipe.network.padding_side == "right" else steps[len(steps) - count :]
    attributions = of_ngrams.copy()
    attributions[slice(count) if recipe.index.truncation_side == "right" else slice(len(ids) - count, None)] += read
    return found._replace(attributions=[attributions]), float(steps.sum() - read.sum())
