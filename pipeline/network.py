"""The network: embedding, LSTM, pooling over the steps, dense layer."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np

from pipeline.engine import mx
from pipeline.recipe import Recipe

F = Any  # mx.nd or mx.sym, as Gluon hands it in


class LSTMLayer(mx.gluon.HybridBlock):
    """One LSTM layer, in one direction or both, over sequences of different lengths.

    The backward direction is an LSTM of its own over sequences reversed by their true length: on the CPU,
    Gluon's bidirectional layer ignores the lengths and would begin in the padding. The padding behind a
    sequence cannot reach its words in either direction.

    Parameters
    ----------
    units, inputs : int
    bidirectional : bool
    """

    def __init__(self, units: int, inputs: int, bidirectional: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.forward_lstm = mx.gluon.rnn.LSTM(units, input_size=inputs, prefix="forward_")
            if bidirectional:
                self.backward_lstm = mx.gluon.rnn.LSTM(units, input_size=inputs, prefix="backward_")
        self._bidirectional = bidirectional

    def hybrid_forward(self, F: F, steps: Any, lengths: Any) -> Any:
        """Return the hidden states, (T, N, U), or (T, N, 2U) for both directions, of steps (T, N, C)."""
        forward = self.forward_lstm(steps)  # (T, N, U)
        if not self._bidirectional:
            return forward
        reverse = F.SequenceReverse(steps, lengths, use_sequence_length=True)
        backward = F.SequenceReverse(self.backward_lstm(reverse), lengths, use_sequence_length=True)
        return F.concat(forward, backward, dim=2)  # (T, N, 2U)


class SentimentNetwork(mx.gluon.HybridBlock):
    """Ids of words to the scores of the two classes.

    Parameters
    ----------
    recipe : Recipe
    rows, dimension : int
        Shape of the embedding matrix.

    Notes
    -----
    Layers are stacked here, and not inside one Gluon layer, because MXNet's ONNX exporter gets a stack wrong.
    """

    def __init__(self, recipe: Recipe, rows: int, dimension: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        options = recipe.network
        width = options.units * (2 if options.bidirectional else 1)
        with self.name_scope():
            self.embedding = mx.gluon.nn.Embedding(rows, dimension)
            self.embedding_dropout = mx.gluon.nn.Dropout(options.embedding_dropout)
            self.layers = mx.gluon.nn.HybridSequential()
            for layer in range(options.layers):
                inputs = width if layer else dimension
                self.layers.add(LSTMLayer(options.units, inputs, options.bidirectional))
            self.dropout = mx.gluon.nn.Dropout(options.dropout)
            features = width * {"every step": recipe.index.steps, "max and mean": 2}.get(options.pooling, 1)
            self.dense = mx.gluon.nn.Dense(2, in_units=features)
        self._masked, self._pooling = options.masked, options.pooling

    def hybrid_forward(self, F: F, ids: Any, lengths: Any) -> Any:
        """Return scores.

        Parameters
        ----------
        ids : (N, T) of int32
        lengths : (N,) of int32
            At least 1 each; a network that reads the padding pays no heed to them.

        Returns
        -------
        (N, 2) of float32
            Of a negative and of a positive review, before the softmax.
        """
        lengths = F.cast(lengths, "float32")
        steps = self.embedding_dropout(self.embedding(ids))  # (N, T, D)
        steps = F.transpose(steps, (1, 0, 2))  # (T, N, D)
        for layer in self.layers:
            steps = layer(steps, lengths)  # (T, N, C)
        return self.dense(self.dropout(self._pool(F, steps, lengths)))

    def _pool(self, F: F, steps: Any, lengths: Any) -> Any:
        """Return one vector a review, (N, C) and the like, of the hidden states (T, N, C)."""
        masked = self._masked
        if self._pooling == "every step":
            return F.transpose(steps, (1, 0, 2))  # (N, T, C), which the dense layer flattens
        if self._pooling == "last":
            return F.SequenceLast(steps, lengths, use_sequence_length=masked)  # (N, C)
        parts = []
        if self._pooling in ("max", "max and mean"):  # -1 lies below every hidden state
            parts.append(F.max(F.SequenceMask(steps, lengths, use_sequence_length=masked, value=-1), axis=0))  # (N, C)
        if self._pooling in ("sum", "mean", "max and mean"):
            parts.append(F.sum(F.SequenceMask(steps, lengths, use_sequence_length=masked), axis=0))  # (N, C)
        if self._pooling in ("mean", "max and mean"):
            parts[-1] = F.broadcast_div(parts[-1], F.expand_dims(lengths, 1))
        return parts[0] if len(parts) == 1 else F.concat(*parts, dim=1)


def build_network(recipe: Recipe, shape: Tuple[int, int]) -> SentimentNetwork:
    """Return the recipe's network for an embedding matrix of the given shape, without values yet."""
    network = SentimentNetwork(recipe, *shape, prefix="sentiment_")
    network.hybridize(static_alloc=False)
    return network


def initialize(network: SentimentNetwork, recipe: Recipe, embedding: np.ndarray, devices: list) -> None:
    """Fill in the embedding matrix and draw all other parameters as the recipe says."""
    network.initialize(mx.init.Xavier(), ctx=devices)
    network.embedding.weight.set_data(mx.nd.array(embedding))
    if not recipe.embed.trained:
        network.embedding.weight.grad_req = "null"


def positive_probability(scores: Any) -> np.ndarray:
    """Return the probability of "positive", (N,) of float64, for scores (N, 2)."""
    values = scores.asnumpy().astype(np.float64)
    return 1 / (1 + np.exp(np.clip(values[:, 0] - values[:, 1], -700, 700)))
