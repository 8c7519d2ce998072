"""The ensemble: LSTMs and logistic regression on n-grams, whose logits are added."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence, Tuple, Union

import numpy as np

from pipeline.model.network import F, SentimentNetwork, Tensor, forward_async
from pipeline.mx.engine import STREAMS, mx
from pipeline.mx.types import Array, Device
from pipeline.recipe import Recipe
from pipeline.text.ngrams import INITIAL_WEIGHT, SCALE, SHORT, NGrams


class NgramClassifier(mx.gluon.HybridBlock):
    """Logistic regression on n-grams, initialised with NB log-count ratios.

    The logit is the sum of the n-grams' log-count ratios, each times a learned weight. After NB-SVM (Wang and Manning,
    2012), with the logistic loss instead of the hinge loss.

    Parameters
    ----------
    input_dim : int
        Number of n-grams plus 1: id 0 is the padding.
    dropout : float
    **kwargs
        As for `mxnet.gluon.HybridBlock`.
    """

    def __init__(self, input_dim: int, dropout: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.ratio = mx.gluon.nn.Embedding(input_dim, 1, prefix="ratio_")
            self.weight = mx.gluon.nn.Embedding(input_dim, 1, prefix="weight_", weight_initializer="zeros")
            self.dropout = mx.gluon.nn.Dropout(dropout)
            self.bias = self.params.get("bias", shape=(1,), init="zeros")
        self.ratio.weight.grad_req = "null"

    def hybrid_forward(self, F: F, ngrams: Tensor, bias: Tensor) -> Tensor:
        """Return logits (N, 1) of padded ids of n-grams (N, L)."""
        terms = self.ratio(ngrams) * (self.weight(ngrams) + INITIAL_WEIGHT)  # (N, L, 1)
        return F.broadcast_add(F.sum(self.dropout(terms), axis=1) * SCALE, bias)  # (N, 1)

    def terms(self, ids: np.ndarray) -> np.ndarray:
        """Return what n-grams, by their ids (L,), add to the logit, float64, (L,)."""
        found = mx.nd.array(ids, self.bias.list_ctx()[0], "int32")
        return SCALE * (self.ratio(found) * (self.weight(found) + INITIAL_WEIGHT)).asnumpy()[:, 0].astype(float)


class Ensemble(mx.gluon.HybridBlock):
    """Several models of the same review. Each is trained independently; the answer is the weighted sum of logits.

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
                self.ngram_model = NgramClassifier(len(ngrams), recipe.ngram_model.dropout, prefix="ngram_model_")
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
        """Return the weighted logits of all M models, (N, M), for ids (N, T), lengths (N,) and n-grams (N, L)."""
        logits = [lstm(inputs, lengths) for lstm in self.lstms]  # (N, 1) each
        if self.ngram_model is not None:
            logits.append(self.ngram_model(ngrams))
        return F.concat(*logits, dim=1) * _weights_at(F, lengths, **weights)  # (N, M)

    def _weights_at(self, lengths: Array) -> Array:
        parameters = {"weights": self.weights, "length_weights": self.length_weights}
        return _weights_at(mx.nd, lengths, **{name: p.data(lengths.context) for name, p in parameters.items()})

    def embed(self, ids: Array) -> Array:
        """Return the embeddings of all LSTMs side by side, (N, T, C), of ids (N, T)."""
        return mx.nd.concat(*(lstm.embed(ids) for lstm in self.lstms), dim=2)

    def forward_from_embeddings(self, embeddings: Array, lengths: Array) -> Array:
        """Return the sum of the LSTMs' logits, (N, 1), of `embed`'s result, for gradients with respect to it."""
        each = embeddings.reshape((0, 0, len(self.lstms), -1))  # (N, T, M, C / M)
        logits = [lstm.forward_from_embeddings(each[:, :, i], lengths) for i, lstm in enumerate(self.lstms)]
        weights = self._weights_at(lengths)[:, : len(logits)]
        return (mx.nd.concat(*logits, dim=1) * weights).sum(axis=1, keepdims=True)

    def attribute_ngrams(self, sequence: np.ndarray) -> Tuple[np.ndarray, float]:
        """Attribute the n-gram model's logit of one review to its tokens.

        Parameters
        ----------
        sequence : ndarray of int32, shape (tokens,)

        Returns
        -------
        ndarray of float64, shape (tokens,)
            An n-gram's term is divided evenly among its occurrences, and in each among its tokens.
        float
            The logit of a review without n-grams, not included in the above.
        """
        assert self.ngrams is not None
        found = self.ngrams.ids_at(sequence)
        ids = np.concatenate(found)
        length = mx.nd.array([min(len(sequence), self.recipe.index.max_length)], self.weights.list_ctx()[0])
        weight = float(self._weights_at(length).asnumpy()[0, -1])
        terms = weight * self.ngram_model.terms(ids) * (ids > 0) / np.bincount(ids)[ids]
        attributions, first = np.zeros(len(sequence)), 0
        for n, starts in enumerate(found, 1):
            for token in range(n):
                attributions[token : token + len(starts)] += terms[first : first + len(starts)] / n
            first += len(starts)
        return attributions, weight * float(self.ngram_model.bias.data().asnumpy()[0])

    def start(self, batch: Sequence[np.ndarray], device: Device, stream: int) -> Callable[[], np.ndarray]:
        """Begin to compute the logits of all models, (N, M), on a device; see `forward_async`."""
        return forward_async(self, batch, self.recipe, device, stream)


def _weights_at(F: F, lengths: Tensor, weights: Tensor, length_weights: Tensor) -> Tensor:
    """Return the weight of each model, (N, M), at lengths (N,)."""
    short = F.expand_dims(SHORT / (lengths + SHORT), axis=1)  # (N, 1)
    by_length = F.broadcast_mul(short, F.expand_dims(length_weights, axis=0))  # (N, M)
    return F.broadcast_add(by_length, F.expand_dims(weights, axis=0))


def calibrate(network: Ensemble, logits: np.ndarray, lengths: np.ndarray, labels: np.ndarray) -> None:
    """Set the weights of an ensemble's models so that the probabilities of their sum are calibrated.

    With a single model this is temperature scaling (Guo et al., 2017); the weight is 1/T. Short and long texts have
    the same total weight in the fit, however many there are of each; if there are only short or only long ones, the
    weights do not depend on the length.

    Parameters
    ----------
    network : Ensemble
        With all weights 1, as trained.
    logits : ndarray of float, shape (N, M)
        Of texts that it was not trained on.
    lengths : ndarray of int, shape (N,)
        Tokens that the LSTMs read of each.
    labels : ndarray of int, shape (N,)
    """
    from sklearn.linear_model import LogisticRegression

    is_short = lengths <= SHORT
    features, importance = logits, np.ones(len(logits))
    if 0 < is_short.sum() < len(is_short):
        features = np.hstack([logits, logits * (SHORT / (lengths + SHORT))[:, np.newaxis]])  # (N, 2M)
        importance = np.where(is_short, 0.5 / is_short.mean(), 0.5 / (1 - is_short.mean()))
    fitted = LogisticRegression(C=1e6, fit_intercept=False, max_iter=1000).fit(features, labels, importance)
    models = logits.shape[1]
    network.weights.set_data(mx.nd.array(fitted.coef_[0, :models]))
    if features.shape[1] > models:
        network.length_weights.set_data(mx.nd.array(fitted.coef_[0, models:]))


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
