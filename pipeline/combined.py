"""Several LSTMs and a wide part side by side: each gives a score of "positive", and the scores are added."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

import numpy as np

from pipeline.engine import mx
from pipeline.network import SentimentNetwork, to_device
from pipeline.ngrams import BEGIN, SCALE, NGrams
from pipeline.recipe import Recipe

F = Any  # mx.nd or mx.sym, as Gluon hands it in


class WidePart(mx.gluon.HybridBlock):
    """A score out of n-grams: the sum of their log-count ratios, each by a weight that is learnt.

    After NB-SVM (Wang and Manning, 2012), with the logistic loss in place of the hinge.

    Parameters
    ----------
    rows : int
        Of the n-grams, row 0 of the padding included.
    dropout : float
    """

    def __init__(self, rows: int, dropout: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.ratio = mx.gluon.nn.Embedding(rows, 1, prefix="ratio_")
            self.weight = mx.gluon.nn.Embedding(rows, 1, prefix="weight_", weight_initializer="zeros")
            self.dropout = mx.gluon.nn.Dropout(dropout)
            self.bias = self.params.get("bias", shape=(1,), init="zeros")
        self.ratio.weight.grad_req = "null"

    def hybrid_forward(self, F: F, ngrams: Any, bias: Any) -> Any:
        """Return scores (N, 1) for rows of n-grams (N, L)."""
        parts = self.ratio(ngrams) * (self.weight(ngrams) + BEGIN)  # (N, L, 1)
        return F.broadcast_add(F.sum(self.dropout(parts), axis=1) * SCALE, bias)  # (N, 1)


class CombinedNetwork(mx.gluon.HybridBlock):
    """Several scores of "positive" side by side. Each learns on its own; their sum is the answer.

    Parameters
    ----------
    recipe : Recipe
    rows, dimension : int
        Shape of the embedding matrix. Every LSTM has one of its own.
    ngrams : NGrams, optional
        What the wide part reads; none: there is no wide part.
    """

    def __init__(
        self, recipe: Recipe, rows: int, dimension: int, ngrams: Optional[NGrams] = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.ngrams, self._recipe = ngrams, recipe
        with self.name_scope():
            self.members = mx.gluon.nn.HybridSequential(prefix="members_")
            with self.members.name_scope():
                for _ in range(recipe.network.members):
                    self.members.add(SentimentNetwork(recipe, rows, dimension))
            self.wide = WidePart(len(ngrams), recipe.wide.dropout, prefix="wide_") if ngrams else None
            self.shares = self.params.get(
                "shares", shape=(recipe.network.members + bool(ngrams),), init="ones", grad_req="null"
            )

    @property
    def embedding(self) -> Any:
        """The first LSTM's."""
        return self.members[0].embedding

    def hybrid_forward(self, F: F, inputs: Any, lengths: Any, ngrams: Any = None, shares: Any = None) -> Any:
        """Return the scores of all parts, (N, P), for ids (N, T), lengths (N,) and rows of n-grams (N, L)."""
        scores = [member(inputs, lengths) for member in self.members]  # (N, 1) each
        if self.wide is not None:
            scores.append(self.wide(ngrams))
        return F.broadcast_mul(F.concat(*scores, dim=1), F.expand_dims(shares, 0))  # (N, P)

    def score(self, block: Sequence[np.ndarray], device: Any) -> np.ndarray:
        """Return the scores of all parts, (N, P), float32, for what `pipeline.batches.make_block` made."""
        return self(*to_device(block, self._recipe, device)).asnumpy()


def calibrate(network: CombinedNetwork, scores: np.ndarray, labels: np.ndarray) -> None:
    """Set the shares by which the scores count, so that their sum gives probabilities that can be believed.

    For one part alone this is the temperature of Guo et al. (2017), turned over.

    Parameters
    ----------
    network : CombinedNetwork
        With shares of 1, as trained.
    scores : ndarray of float, shape (N, P)
        Of reviews that it was not trained on.
    labels : ndarray of int, shape (N,)
    """
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6, fit_intercept=False).fit(scores, labels)
    network.shares.set_data(mx.nd.array(fitted.coef_[0]))


def build_network(recipe: Recipe, shape: Tuple[int, int], ngrams: Optional[NGrams] = None) -> Any:
    """Return the recipe's network for an embedding matrix of the given shape, without values yet.

    A shape of (0, C) is for inputs of C features. Of a recipe with one part alone it is a `SentimentNetwork`.
    """
    if recipe.combined:
        network: Any = CombinedNetwork(recipe, *shape, ngrams, prefix="combined_")
    else:
        network = SentimentNetwork(recipe, *shape, prefix="sentiment_")
    network.hybridize()
    return network
