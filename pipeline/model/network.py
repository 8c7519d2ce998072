"""The network: embedding, LSTM, pooling over the steps, dense layer."""

from __future__ import annotations

from typing import Any, Callable, List, Sequence

import numpy as np

from pipeline.model.onnx import input_names
from pipeline.model.packing import pack_for_one
from pipeline.mx.engine import STREAMS, hand_over, mx
from pipeline.recipe import Recipe

F = Any  # mx.nd or mx.sym, as Gluon hands it in
_FEW = 32  # words, of which a review that comes alone has a multiple


class LSTMLayer(mx.gluon.HybridBlock):
    """One LSTM layer, in one direction or both, over sequences of different lengths.

    The backward direction is an LSTM of its own over sequences reversed by their true length: on the CPU,
    Gluon's bidirectional layer ignores the lengths and would begin in the padding. The padding behind a
    sequence cannot reach its words in either direction.

    Parameters
    ----------
    units, inputs : int
    bidirectional : bool
    in_order : bool
        Whether the backward direction's hidden states are put in the order of the words again. What pools them
        over all words can do without.
    """

    def __init__(self, units: int, inputs: int, bidirectional: bool, in_order: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.forward_lstm = mx.gluon.rnn.LSTM(units, input_size=inputs, prefix="forward_")
            if bidirectional:
                self.backward_lstm = mx.gluon.rnn.LSTM(units, input_size=inputs, prefix="backward_")
        self._bidirectional, self._in_order = bidirectional, in_order

    def hybrid_forward(self, F: F, steps: Any, lengths: Any = None) -> List[Any]:
        """Return the hidden states of each direction, (T, N, U), of steps (T, N, C).

        The lengths (N,) are for the backward direction alone.
        """
        forward = self.forward_lstm(steps)  # (T, N, U)
        if not self._bidirectional:
            return [forward]
        places = _reversed_places(F, steps, lengths)
        backward = self.backward_lstm(_take_places(F, steps, places))  # (T, N, U)
        return [forward, _take_places(F, backward, places) if self._in_order else backward]


def _reversed_places(F: F, steps: Any, lengths: Any) -> Any:
    """Return where each step stands, (T * N,) of float32, once sequences (T, N, C) are reversed by their lengths (N,).

    To take steps by these places is several times as fast as `SequenceReverse`, above all in its gradient.
    """
    places = F.contrib.arange_like(F.slice_axis(steps, axis=2, begin=0, end=1))  # (T, N, 1)
    return F.reshape(F.SequenceReverse(places, lengths, use_sequence_length=True), (-1,))


def _take_places(F: F, steps: Any, places: Any) -> Any:
    """Return steps (T, N, C) in the order of places (T * N,)."""
    return F.reshape_like(F.take(F.reshape(steps, (-3, 0)), places), steps)


class DroppingLSTMLayer(mx.gluon.HybridBlock):
    """One LSTM layer with dropout on its inputs and on its hidden state, the same units at every step.

    After Gal and Ghahramani (2016), as Keras's ``dropout`` and ``recurrent_dropout``. Gluon's fused layer cannot
    drop its hidden state, so this one is unrolled step by step, and needs a fixed number of them.

    Parameters
    ----------
    units, inputs, steps : int
    input_dropout, recurrent_dropout : float
    """

    def __init__(
        self, units: int, inputs: int, steps: int, input_dropout: float, recurrent_dropout: float, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.cell = mx.gluon.contrib.rnn.VariationalDropoutCell(
                mx.gluon.rnn.LSTMCell(units, input_size=inputs), input_dropout, recurrent_dropout
            )
        self._steps = steps

    def hybrid_forward(self, F: F, steps: Any) -> List[Any]:
        """Return the hidden states of the one direction, (T, N, U), of steps (T, N, C)."""
        return [self.cell.unroll(self._steps, steps, layout="TNC", merge_outputs=True)[0]]


class SentimentNetwork(mx.gluon.HybridBlock):
    """Ids of words, or features, to the scores of the classes.

    Parameters
    ----------
    recipe : Recipe
    rows, dimension : int
        Shape of the embedding matrix; 0 rows: there is none, and the inputs are features of that dimension.

    Notes
    -----
    Layers are stacked here, and not inside one Gluon layer: each has to turn round at the reviews' true ends.
    """

    ngrams = None  # it reads none
    streams = STREAMS  # of batches that it reads at the same time
    alone: Any = None  # asked in its place about one review at a time

    def __init__(self, recipe: Recipe, rows: int, dimension: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        options = recipe.network
        width = options.units * (2 if options.bidirectional else 1)
        with self.name_scope():
            if rows:
                self.embedding = mx.gluon.nn.Embedding(rows, dimension)
            self.embedding_dropout = mx.gluon.nn.Dropout(options.embedding_dropout)
            self.layers = mx.gluon.nn.HybridSequential()
            for layer in range(options.layers):
                self.layers.add(_make_layer(recipe, width if layer else dimension, layer == options.layers - 1))
            self.dropout = mx.gluon.nn.Dropout(options.dropout)
            features = width * {"every step": recipe.index.steps, "max and mean": 2}.get(options.pooling, 1)
            self.dense = mx.gluon.nn.Dense(options.outputs, in_units=features)
        self.recipe = recipe
        self._pooling, self._bidirectional, self._embeds = options.pooling, options.bidirectional, rows > 0

    def hybrid_forward(self, F: F, inputs: Any, lengths: Any = None) -> Any:
        """Return scores.

        Parameters
        ----------
        inputs : (N, T) of int32, or (N, T, C) of float32
            Ids, or features.
        lengths : (N,) of float32
            At least 1 each; not given to a network that reads the padding.

        Returns
        -------
        (N, outputs) of float32
            Before the softmax or sigmoid. Of reviews: negative, positive.
        """
        return self._read(F, self.embedding(inputs) if self._embeds else inputs, lengths)

    def to_vectors(self, ids: Any) -> Any:
        """Return the embedded words, (N, T, C), of ids (N, T)."""
        return self.embedding(ids)

    def from_vectors(self, vectors: Any, lengths: Any = None) -> Any:
        """Return the scores (N, outputs) of words that are embedded already, for gradients by their vectors."""
        return self._read(mx.nd, vectors, lengths, exact=True)

    def _read(self, F: F, vectors: Any, lengths: Any, exact: bool = False) -> Any:
        """Return the scores (N, outputs) of vectors (N, T, C); see `_largest` on exact gradients."""
        directions = [F.transpose(self.embedding_dropout(vectors), (1, 0, 2))]  # (T, N, C)
        for layer in self.layers:
            steps = _join(F, directions)  # (T, N, C)
            directions = layer(steps, lengths) if self._bidirectional else layer(steps)  # (T, N, U) each
        return self.dense(self.dropout(self._pool(F, directions, lengths, exact)))

    def start(self, block: Sequence[np.ndarray], device: Any, stream: int) -> Callable[[], np.ndarray]:
        """Begin to work out the scores of reviews on a device; see `start_answer`."""
        return start_answer(self, block, self.recipe, device, stream)

    def _pool(self, F: F, directions: List[Any], lengths: Any, exact: bool) -> Any:
        """Return one vector a review, (N, C) and the like, of the hidden states of each direction, (T, N, U)."""
        over = {} if lengths is None else {"sequence_length": lengths, "use_sequence_length": True}
        if self._pooling == "every step":
            steps = F.SequenceMask(_join(F, directions), **over)  # (T, N, C)
            return F.transpose(steps, (1, 0, 2))  # (N, T, C), which the dense layer flattens
        if self._pooling == "last" and lengths is None:  # the gradient of SequenceLast crashes without lengths
            last = F.slice_axis(_join(F, directions), axis=0, begin=-1, end=None)  # (1, N, C)
            return F.squeeze(last, axis=0)  # (N, C)
        if self._pooling == "last":
            return F.SequenceLast(_join(F, directions), **over)  # (N, C)
        parts = []  # of each direction, (N, U): to put vectors side by side is cheaper than steps
        if self._pooling in ("max", "max and mean"):  # -1 lies below every hidden state
            masked = [F.SequenceMask(steps, value=-1, **over) for steps in directions]  # (T, N, U) each
            parts += [_largest(F, steps, exact) for steps in masked]
        if self._pooling in ("sum", "mean", "max and mean"):
            sums = [_sum(F, F.SequenceMask(steps, **over)) for steps in directions]
            mean = self._pooling != "sum"
            parts += [F.broadcast_div(total, F.expand_dims(lengths, 1)) for total in sums] if mean else sums
        return parts[0] if len(parts) == 1 else F.concat(*parts, dim=1)


def _join(F: F, directions: List[Any]) -> Any:
    """Return the hidden states of all directions side by side, (T, N, C)."""
    return directions[0] if len(directions) == 1 else F.concat(*directions, dim=2)


def _largest(F: F, steps: Any, exact: bool) -> Any:
    """Return the maximum over the steps, (N, U), of (T, N, U).

    Its gradient goes to the first of several steps that tie, or to all in equal shares if it has to be exact: of a
    word that is said over and over, each counts. That takes a third more time of a whole training step, where ties
    do not matter. `F.max` would give each of them all of it, and is slower than to pick one.
    """
    if not exact:
        return F.pick(steps, F.argmax(steps, axis=0), axis=0)
    ties = F.broadcast_equal(steps, F.max(steps, axis=0, keepdims=True))  # (T, N, U)
    return F.sum(steps * ties, axis=0) / F.sum(ties, axis=0)


def _sum(F: F, steps: Any) -> Any:
    """Return the sum over the steps, (N, U), of (T, N, U): as a matrix product, which is faster than `F.sum`."""
    ones = F.ones_like(F.slice(steps, begin=(None, 0, 0), end=(None, 1, 1)))  # (T, 1, 1)
    total = F.dot(F.reshape(ones, (1, -1)), F.reshape(steps, (0, -1)))  # (1, N * U)
    return F.reshape_like(total, F.squeeze(F.slice_axis(steps, axis=0, begin=0, end=1), axis=0))  # (N, U)


def _make_layer(recipe: Recipe, inputs: int, last: bool) -> mx.gluon.HybridBlock:
    options = recipe.network
    if not (options.input_dropout or options.recurrent_dropout):
        in_order = not last or options.pooling in ("last", "every step")
        return LSTMLayer(options.units, inputs, options.bidirectional, in_order)
    return DroppingLSTMLayer(
        options.units, inputs, recipe.index.steps, options.input_dropout, options.recurrent_dropout
    )


def initialize(network: Any, recipe: Recipe, embedding: np.ndarray, devices: List[Any]) -> None:
    """Fill in every embedding matrix and draw all other parameters as the recipe says.

    Xavier's uniform numbers are Glorot's, which Keras draws too. Keras begins with orthogonal recurrent weights
    and a forget gate that is biased by 1, besides.
    """
    if recipe.train.initializer == "keras":
        for parameter in network.collect_params(".*h2h_weight").values():
            parameter.init = mx.init.Orthogonal(scale=1.0, rand_type="normal")
        for parameter in network.collect_params(".*i2h_bias").values():
            parameter.init = mx.init.LSTMBias(forget_bias=1.0)
    network.initialize(mx.init.Xavier(), ctx=devices)
    if len(embedding):
        for weight in network.collect_params(".*embedding[0-9]+_weight").values():
            weight.set_data(mx.nd.array(embedding))
            weight.grad_req = "write" if recipe.embed.trained else "null"


def prepare_for_answers(network: Any) -> None:
    """Have MXNet keep memory and plan from one review that comes alone to the next, for the parameters as they are.

    Batches go without: each has another shape, for which all that would be made anew.
    """
    alone = pack_for_one(network, input_names(network.recipe))
    alone.hybridize(static_alloc=True, static_shape=True)
    network.alone = alone.__call__  # not a part of itself


def start_answer(
    network: Any, block: Sequence[np.ndarray], recipe: Recipe, device: Any, stream: int
) -> Callable[[], np.ndarray]:
    """Have a network begin to work out scores on a device.

    Parameters
    ----------
    network : SentimentNetwork or CombinedNetwork
    block : sequence of ndarray
        What `pipeline.model.batches.make_block` made.
    recipe : Recipe
    device : mxnet.Context
    stream : int
        As for `pipeline.mx.engine.hand_over`.

    Returns
    -------
    callable
        Waits for the scores and returns them: float32, shape (N, outputs).

    Notes
    -----
    A review that comes alone is padded to one of few lengths: to prepare for a new one takes MXNet longer than to
    read it. N-grams always are: it keeps room for every shape that it has met.
    """
    values, lengths, *ngrams = block
    alone = len(values) == 1 and not recipe.network.fixed_length
    inputs = [_round_up(values) if alone else values, lengths, *map(_round_up, ngrams)]
    ask = network.alone if alone and network.alone else network
    own = stream if device.device_type == "cpu" else 0
    return hand_over(own, lambda: ask(*to_device(inputs, recipe, device)).asnumpy)


def _round_up(ids: np.ndarray) -> np.ndarray:
    """Pad ids (N, L) to a multiple of `_FEW` columns, with 0: no word, and no n-gram."""
    reviews, columns = ids.shape
    padded = np.zeros((reviews, columns + -columns % _FEW), ids.dtype)  # np.pad takes twenty times as long
    padded[:, :columns] = ids
    return padded


def to_device(block: Sequence[np.ndarray], recipe: Recipe, device: Any) -> List[Any]:
    """Return the network's inputs for what `pipeline.model.batches.make_block` made, on a device."""
    values, lengths, *ngrams = block
    inputs = [values, *([lengths.astype(np.float32)] if recipe.network.masked else []), *ngrams]
    return [_to_device(array, device) for array in inputs]


def _to_device(values: np.ndarray, device: Any) -> Any:
    """Do what `mx.nd.array` does, without the assignment by index on which it spends most of its time."""
    array = mx.nd.empty(values.shape, device, values.dtype)
    array._sync_copyfrom(values)
    return array
