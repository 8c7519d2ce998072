"""Several LSTMs and a wide part side by side: each gives a score of "positive", and the scores are added."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence, Tuple

import numpy as np

from pipeline.model.network import SentimentNetwork, start_answer
from pipeline.mx.engine import STREAMS, mx
from pipeline.recipe import Recipe
from pipeline.text.ngrams import BEGIN, SCALE, NGrams

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

    alone: Any = None  # asked in its place about one review at a time
    streams = STREAMS  # of batches that it reads at the same time

    def __init__(
        self, recipe: Recipe, rows: int, dimension: int, ngrams: Optional[NGrams] = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.ngrams, self.recipe = ngrams, recipe
        with self.name_scope():
            self.members = mx.gluon.nn.HybridSequential(prefix="members_")
            with self.members.name_scope():
                for _ in range(recipe.network.members):
                    self.members.add(SentimentNetwork(recipe, rows, dimension))
            self.wide: Any = WidePart(len(ngrams), recipe.wide.dropout, prefix="wide_") if ngrams else None
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

    def to_vectors(self, ids: Any) -> Any:
        """Return the embedded words of all LSTMs, each one's beside the other's: (N, T, C), of ids (N, T)."""
        return mx.nd.concat(*(member.to_vectors(ids) for member in self.members), dim=2)

    def from_vectors(self, vectors: Any, lengths: Any) -> Any:
        """Return the sum of the LSTMs' scores, (N, 1), for `to_vectors`'s result, for gradients by the vectors."""
        each = vectors.reshape((0, 0, len(self.members), -1))  # (N, T, M, C / M)
        scores = [member.from_vectors(each[:, :, i], lengths) for i, member in enumerate(self.members)]
        shares = self.shares.data(vectors.context)[: len(scores)]
        return mx.nd.dot(mx.nd.concat(*scores, dim=1), shares).expand_dims(1)

    def divide_wide(self, sequence: np.ndarray) -> Tuple[np.ndarray, float]:
        """Divide the wide part's score of one review among its words.

        Parameters
        ----------
        sequence : ndarray of int32, shape (words,)

        Returns
        -------
        ndarray of float64, shape (words,)
            An n-gram's part is divided evenly among the places where it stands, and there among its words.
        float
            The score of a review without n-grams, which is not in the above.
        """
        found = self.ngrams.rows_at(sequence)  # type: ignore[union-attr]
        rows = np.concatenate(found)
        ids = mx.nd.array(rows, self.shares.list_ctx()[0], "int32")
        share = float(self.shares.data().asnumpy()[-1])
        worth = SCALE * share * (self.wide.ratio(ids) * (self.wide.weight(ids) + BEGIN)).asnumpy()[:, 0].astype(float)
        worth *= (rows > 0) / np.bincount(rows)[rows]
        parts, first = np.zeros(len(sequence)), 0
        for n, begins in enumerate(found, 1):
            for word in range(n):
                parts[word : word + len(begins)] += worth[first : first + len(begins)] / n
            first += len(begins)
        return parts, share * float(self.wide.bias.data().asnumpy()[0])

    def start(self, block: Sequence[np.ndarray], device: Any, stream: int) -> Callable[[], np.ndarray]:
        """Begin to work out the scores of all parts, (N, P), on a device; see `start_answer`."""
        return start_answer(self, block, self.recipe, device, stream)


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
