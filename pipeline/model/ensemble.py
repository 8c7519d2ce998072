"""The ensemble: LSTMs and logistic regression on n-grams, whose logits are added."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence, Tuple, Union

import numpy as np

from pipeline.io.input import warn_once
from pipeline.model.network import F, SentimentNetwork, Tensor, forward_async
from pipeline.mx.engine import STREAMS, mx
from pipeline.mx.types import Array, Device
from pipeline.recipe import Recipe
from pipeline.text.ngrams import INITIAL_WEIGHT, SCALE, SHORT, NGrams

_PENALTY = 1e-6  # of half the square of the weights, which are finite then if all texts are classified correctly
_ENOUGH_OF_EACH = 50  # short texts, and long ones, from which weights that depend on the length are fitted


class NgramClassifier(mx.gluon.HybridBlock):
    """Logistic regression on n-grams, initialised with NB log-count ratios.

    The logit of a class is the sum of the n-grams' log-count ratios of that class against the others, each times a
    learned weight. After NB-SVM (Wang and Manning, 2012), with the logistic loss instead of the hinge loss.

    Parameters
    ----------
    input_dim : int
        Number of n-grams plus 1: id 0 is the padding.
    num_outputs : int
        As in the recipe, K; a single output is the logit of "positive".
    dropout : float
        Of n-grams: one is dropped for all classes.
    **kwargs
        As for `mxnet.gluon.HybridBlock`.
    """

    def __init__(self, input_dim: int, num_outputs: int, dropout: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.ratio = mx.gluon.nn.Embedding(input_dim, num_outputs, prefix="ratio_")
            self.weight = mx.gluon.nn.Embedding(input_dim, num_outputs, prefix="weight_", weight_initializer="zeros")
            self.dropout = mx.gluon.nn.Dropout(dropout, axes=(2,))
            self.bias = self.params.get("bias", shape=(num_outputs,), init="zeros")
        self.ratio.weight.grad_req = "null"

    def hybrid_forward(self, F: F, ngrams: Tensor, bias: Tensor) -> Tensor:
        """Return logits (N, K) of padded ids of n-grams (N, L)."""
        terms = self.ratio(ngrams) * (self.weight(ngrams) + INITIAL_WEIGHT)  # (N, L, K)
        return F.broadcast_add(F.sum(self.dropout(terms), axis=1) * SCALE, bias)  # (N, K)

    def terms(self, ids: np.ndarray) -> np.ndarray:
        """Return what n-grams, by their ids (L,), add to the logits, float64, (L, K)."""
        found = mx.nd.array(ids, self.bias.list_ctx()[0], "int32")
        return SCALE * (self.ratio(found) * (self.weight(found) + INITIAL_WEIGHT)).asnumpy().astype(float)


class Ensemble(mx.gluon.HybridBlock):
    """Several models of the same review. Each has its own loss; the prediction is of the weighted sum of logits.

    The weight of a model is a + b * 50 / (50 + tokens): the n-gram model and the LSTM differ in how much they know of
    short and of long texts.

    Parameters
    ----------
    recipe : Recipe
    vocab_size, dim : int
        Shape of the embedding matrix. Every LSTM has its own.
    ngrams : NGrams, optional
        The n-grams of the n-gram model; without them there is none.
    **kwargs
        As for `mxnet.gluon.HybridBlock`.
    """

    single_example: Optional[Callable[..., Array]] = (
        None  # computes single reviews, if there is one; see `compile_single_example`
    )
    streams = STREAMS  # number of batches computed at the same time

    def __init__(
        self, recipe: Recipe, vocab_size: int, dim: int, ngrams: Optional[NGrams] = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.ngrams, self.recipe = ngrams, recipe
        with self.name_scope():
            self.lstms = mx.gluon.nn.HybridSequential(prefix="lstms_")
            with self.lstms.name_scope():
                for _ in range(recipe.network.ensemble_size):
                    self.lstms.add(SentimentNetwork(recipe, vocab_size, dim))
            self.ngram_model: Any = None  # an NgramClassifier, if there are n-grams
            if ngrams:
                self.ngram_model = NgramClassifier(
                    len(ngrams), recipe.network.num_outputs, recipe.ngram_model.dropout, prefix="ngram_model_"
                )
            models = recipe.network.ensemble_size + bool(ngrams)
            self.weights = self.params.get("weights", shape=(models,), init="ones", grad_req="null")
            self.length_weights = self.params.get("length_weights", shape=(models,), init="zeros", grad_req="null")

    @property
    def embedding(self) -> Any:
        """The embedding of the first LSTM."""
        return self.lstms[0].embedding

    def hybrid_forward(
        self, F: F, inputs: Tensor, lengths: Tensor, ngrams: Optional[Tensor] = None, **weights: Tensor
    ) -> Tensor:
        """Return the weighted logits of all M models, (N, M * K), model after model.

        Parameters
        ----------
        F : module
            `mxnet.nd`, or `mxnet.sym` while the network is compiled.
        inputs : (N, T) of int32
            Token ids.
        lengths : (N,) of float32
        ngrams : (N, L) of int32
            Ids of n-grams; not given without an n-gram model.
        **weights
            The parameters.
        """
        logits = [lstm(inputs, lengths) for lstm in self.lstms]  # (N, K) each
        if self.ngram_model is not None:
            logits.append(self.ngram_model(ngrams))
        return F.reshape(_weigh(F, logits, _weights_at(F, lengths, **weights)), (0, -1))  # (N, M * K)

    def _weights_at(self, lengths: Array) -> Array:
        parameters = {"weights": self.weights, "length_weights": self.length_weights}
        return _weights_at(mx.nd, lengths, **{name: p.data(lengths.context) for name, p in parameters.items()})

    def embed(self, ids: Array) -> Array:
        """Return the embeddings of all LSTMs side by side, (N, T, C), of ids (N, T)."""
        return mx.nd.concat(*(lstm.embed(ids) for lstm in self.lstms), dim=2)

    def forward_from_embeddings(self, embeddings: Array, lengths: Array) -> Array:
        """Return the sum of the LSTMs' logits, (N, K), of `embed`'s result, for gradients with respect to it."""
        each = embeddings.reshape((0, 0, len(self.lstms), -1))  # (N, T, M, C / M)
        logits = [lstm.forward_from_embeddings(each[:, :, i], lengths) for i, lstm in enumerate(self.lstms)]
        return _weigh(mx.nd, logits, self._weights_at(lengths)[:, : len(logits)]).sum(axis=1)  # (N, K)

    def attribute_ngrams(self, sequence: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Attribute the n-gram model's logits of one review to its tokens.

        Parameters
        ----------
        sequence : ndarray of int32, shape (tokens,)

        Returns
        -------
        ndarray of float64, shape (tokens, K)
            An n-gram's term is divided evenly among its occurrences, and in each among its tokens.
        ndarray of float64, shape (K,)
            The logits of a review without n-grams, not included in the above.
        """
        assert self.ngrams is not None
        found = self.ngrams.ids_at(sequence)
        ids = np.concatenate(found)
        length = mx.nd.array([min(len(sequence), self.recipe.index.max_length)], self.weights.list_ctx()[0])
        weight = float(self._weights_at(length).asnumpy()[0, -1])
        known, counts = (ids > 0)[:, np.newaxis], np.bincount(ids)[ids][:, np.newaxis]  # (L, 1)
        terms = weight * self.ngram_model.terms(ids) * known / counts  # (L, K)
        attributions, first = np.zeros((len(sequence), terms.shape[1])), 0
        for n, starts in enumerate(found, 1):
            for token in range(n):
                attributions[token : token + len(starts)] += terms[first : first + len(starts)] / n
            first += len(starts)
        return attributions, weight * self.ngram_model.bias.data().asnumpy().astype(float)

    def start(self, batch: Sequence[np.ndarray], device: Device, stream: int) -> Callable[[], np.ndarray]:
        """Begin to compute the logits of all models, (N, M * K), on a device; see `forward_async`."""
        return forward_async(self, batch, device, stream)


def _weights_at(F: F, lengths: Tensor, weights: Tensor, length_weights: Tensor) -> Tensor:
    """Return the weight of each model, (N, M), at lengths (N,)."""
    short = F.expand_dims(SHORT / (lengths + SHORT), axis=1)  # (N, 1)
    by_length = F.broadcast_mul(short, F.expand_dims(length_weights, axis=0))  # (N, M)
    return F.broadcast_add(by_length, F.expand_dims(weights, axis=0))


def _weigh(F: F, logits: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Return the logits of M models, (N, K) each, times their weights (N, M): (N, M, K)."""
    return F.broadcast_mul(F.stack(*logits, axis=1), F.expand_dims(weights, axis=2))


def calibrate(network: Ensemble, logits: np.ndarray, lengths: np.ndarray, labels: np.ndarray) -> None:
    """Set the weights of an ensemble's models so that the probabilities of their sum are calibrated.

    With a single model this is temperature scaling (Guo et al., 2017); the weight is 1/T. Short and long texts have
    the same total weight in the fit, however many there are of each; with fewer than `_ENOUGH_OF_EACH` of either, the
    weights do not depend on the length. No weight is negative, at no length.

    Parameters
    ----------
    network : Ensemble
        With all weights 1, as trained.
    logits : ndarray of float, shape (N, M * K)
        Of texts that it was not trained on.
    lengths : ndarray of int, shape (N,)
        Tokens that the LSTMs read of each.
    labels : ndarray of int, shape (N,)
    """
    is_short = lengths <= SHORT
    models = network.weights.shape[0]
    logits = logits.reshape(len(logits), models, -1)  # (N, M, K)
    if min(is_short.sum(), len(is_short) - is_short.sum()) < _ENOUGH_OF_EACH:
        _set_weights(network, _fit_weights(logits, labels, np.ones(len(logits))), np.zeros(models))
        return
    short = (SHORT / (lengths + SHORT))[:, np.newaxis, np.newaxis]  # (N, 1, 1): 1 without tokens, to 0
    features = np.concatenate([logits * (1 - short), logits * short], axis=1)  # (N, 2M, K)
    importance = np.where(is_short, 0.5 / is_short.mean(), 0.5 / (1 - is_short.mean()))
    at_long, at_short = np.split(_fit_weights(features, labels, importance), 2)
    _set_weights(network, at_long, at_short - at_long)


def _set_weights(network: Ensemble, weights: np.ndarray, length_weights: np.ndarray) -> None:
    """Set the weights of the models, unless they would make all predictions alike."""
    if not weights.any() and not length_weights.any():
        warn_once("train.calibrate: no model is better than chance on the validation texts, so all keep the weight 1")
        return
    network.weights.set_data(mx.nd.array(weights))
    network.length_weights.set_data(mx.nd.array(length_weights))


def _fit_weights(features: np.ndarray, labels: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Return the weights of logits, 0 or more, with the least cross-entropy, float64, shape (P,).

    Parameters
    ----------
    features : ndarray of float, shape (N, P, K)
        Their weighted sum over P is the logits (N, K): of a softmax, or of the sigmoid for a single one.
    labels : ndarray of int, shape (N,)
    importance : ndarray of float, shape (N,)
        Of each text in the loss.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    if features.shape[2] == 1:
        features = np.concatenate([np.zeros_like(features), features], axis=2)  # a sigmoid is a softmax of two
    count, size, _ = features.shape
    features, rows, labels = features.astype(np.float64), np.arange(count), labels.astype(np.int64)

    def compute_loss(weights: np.ndarray) -> Tuple[float, np.ndarray]:
        logarithms = log_softmax(np.einsum("npk,p->nk", features, weights), axis=1)  # (N, K)
        loss = -importance @ logarithms[rows, labels] + _PENALTY / 2 * weights @ weights
        errors = np.exp(logarithms)
        errors[rows, labels] -= 1
        gradient = np.einsum("nk,npk,n->p", errors, features, importance, optimize=True) + _PENALTY * weights
        return loss / count, gradient / count

    # Without the bound, few texts can turn a model around.
    options = {"ftol": 0, "gtol": 1e-7, "maxiter": 1000}
    found = minimize(
        compute_loss, np.zeros(size), method="L-BFGS-B", jac=True, bounds=[(0, None)] * size, options=options
    )
    return np.asarray(found.x)


def build_network(
    recipe: Recipe, shape: Tuple[int, int], ngrams: Optional[NGrams] = None
) -> Union[SentimentNetwork, Ensemble]:
    """Return the recipe's network for an embedding matrix of the given shape, not yet initialised.

    A shape of (0, C) is for inputs of C features. A recipe of a single model gives a `SentimentNetwork`.
    """
    if recipe.is_ensemble:
        network: Union[SentimentNetwork, Ensemble] = Ensemble(recipe, *shape, ngrams, prefix="ensemble_")
    else:
        network = SentimentNetwork(recipe, *shape, prefix="sentiment_")
    network.hybridize()
    return network
