"""The network: embedding, LSTM, pooling over time, dense layer."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence

import numpy as np

from pipeline.model.batches import input_names
from pipeline.model.protocols import GluonNetwork
from pipeline.model.single_example import pack_single_example
from pipeline.mx.engine import STREAMS, mx, run_in_stream
from pipeline.mx.types import Array, Device
from pipeline.recipe import Recipe

F = Any  # mx.nd or mx.sym, as Gluon passes it; what a layer takes and returns are arrays or symbols
Tensor = Any  # mxnet.nd.NDArray or mxnet.sym.Symbol


class LSTMLayer(mx.gluon.HybridBlock):
    """One LSTM layer, in one direction or both, over sequences of different lengths.

    The backward direction is a separate LSTM over sequences reversed by their true lengths: on the CPU, Gluon's
    bidirectional layer ignores the lengths and would start in the padding. Padding on the right never reaches the
    tokens in either direction.

    Parameters
    ----------
    hidden_size, input_size : int
    bidirectional : bool
    in_order : bool
        Whether the backward direction's hidden states are returned in the order of the tokens. Pooling over all tokens
        does not need that.
    **kwargs
        As for `mxnet.gluon.HybridBlock`.
    """

    def __init__(
        self, hidden_size: int, input_size: int, bidirectional: bool, in_order: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.forward_lstm = mx.gluon.rnn.LSTM(hidden_size, input_size=input_size, prefix="forward_")
            if bidirectional:
                self.backward_lstm = mx.gluon.rnn.LSTM(hidden_size, input_size=input_size, prefix="backward_")
        self._bidirectional, self._in_order = bidirectional, in_order

    def hybrid_forward(self, F: F, inputs: Tensor, lengths: Optional[Tensor] = None) -> List[Tensor]:
        """Return the hidden states of each direction, (T, N, U), of inputs (T, N, C).

        Only the backward direction needs the lengths (N,).
        """
        forward = self.forward_lstm(inputs)  # (T, N, U)
        if not self._bidirectional:
            return [forward]
        positions = _reversed_positions(F, inputs, lengths)
        backward = self.backward_lstm(_take_positions(F, inputs, positions))  # (T, N, U)
        return [forward, _take_positions(F, backward, positions) if self._in_order else backward]


def _reversed_positions(F: F, inputs: Tensor, lengths: Tensor) -> Tensor:
    """Return indices, (T * N,) of float32, that reverse sequences (T, N, C) by their lengths (N,).

    Taking steps by these indices is several times as fast as `SequenceReverse`, above all in its gradient.
    """
    positions = F.contrib.arange_like(F.slice_axis(inputs, axis=2, begin=0, end=1))  # (T, N, 1)
    return F.reshape(F.SequenceReverse(positions, lengths, use_sequence_length=True), (-1,))


def _take_positions(F: F, inputs: Tensor, positions: Tensor) -> Tensor:
    """Return inputs (T, N, C) in the order of positions (T * N,)."""
    return F.reshape_like(F.take(F.reshape(inputs, (-3, 0)), positions), inputs)


class VariationalLSTMLayer(mx.gluon.HybridBlock):
    """One LSTM layer with variational dropout: one mask for all steps, on the inputs and on the hidden state.

    After Gal and Ghahramani (2016), as Keras's ``dropout`` and ``recurrent_dropout``. Gluon's fused layer has no
    dropout on its hidden state, so this layer is unrolled over a fixed number of steps.

    Parameters
    ----------
    hidden_size, input_size, sequence_length : int
    input_dropout, recurrent_dropout : float
    **kwargs
        As for `mxnet.gluon.HybridBlock`.
    """

    def __init__(
        self,
        hidden_size: int,
        input_size: int,
        sequence_length: int,
        input_dropout: float,
        recurrent_dropout: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.cell = mx.gluon.contrib.rnn.VariationalDropoutCell(
                mx.gluon.rnn.LSTMCell(hidden_size, input_size=input_size), input_dropout, recurrent_dropout
            )
        self._sequence_length = sequence_length

    def hybrid_forward(self, F: F, inputs: Tensor) -> List[Tensor]:
        """Return the hidden states of its single direction, (T, N, U), of inputs (T, N, C)."""
        return [self.cell.unroll(self._sequence_length, inputs, layout="TNC", merge_outputs=True)[0]]


class SentimentNetwork(mx.gluon.HybridBlock):
    """Maps token ids, or features, to the logits of the classes.

    Parameters
    ----------
    recipe : Recipe
    vocab_size, dim : int
        Shape of the embedding matrix; with a `vocab_size` of 0 there is none, and the inputs are features of that
        dimension.
    **kwargs
        As for `mxnet.gluon.HybridBlock`.

    Notes
    -----
    We stack layers ourselves because Gluon's fused layer ignores the lengths on the CPU.
    """

    ngrams = None  # it has no n-gram model
    streams = STREAMS  # number of batches computed at the same time
    single_example: Optional[Callable[..., Array]] = (
        None  # computes single reviews, if there is one; see `compile_single_example`
    )

    def __init__(self, recipe: Recipe, vocab_size: int, dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        options = recipe.network
        width = options.hidden_size * (2 if options.bidirectional else 1)
        with self.name_scope():
            if vocab_size:
                self.embedding = mx.gluon.nn.Embedding(vocab_size, dim)
            self.embedding_dropout = mx.gluon.nn.Dropout(options.embedding_dropout)
            self.layers = mx.gluon.nn.HybridSequential()
            for layer in range(options.num_layers):
                self.layers.add(_make_layer(recipe, width if layer else dim, layer == options.num_layers - 1))
            self.dropout = mx.gluon.nn.Dropout(options.dropout)
            features = width * {"flatten": recipe.index.max_length, "max_mean": 2}.get(options.pooling, 1)
            self.dense = mx.gluon.nn.Dense(options.num_outputs, in_units=features)
        self.recipe = recipe
        self._pooling, self._bidirectional, self._embeds = options.pooling, options.bidirectional, vocab_size > 0

    def hybrid_forward(self, F: F, inputs: Tensor, lengths: Optional[Tensor] = None) -> Tensor:
        """Return logits.

        Parameters
        ----------
        F : module
            `mxnet.nd`, or `mxnet.sym` while the network is compiled.
        inputs : (N, T) of int32, or (N, T, C) of float32
            Token ids, or features.
        lengths : (N,) of float32
            At least 1 each; not given to a network that is not masked.

        Returns
        -------
        (N, num_outputs) of float32
            Logits: of each class, or of "positive" alone.
        """
        return self._forward(F, self.embedding(inputs) if self._embeds else inputs, lengths)

    def embed(self, ids: Array) -> Array:
        """Return the embeddings, (N, T, C), of ids (N, T)."""
        return self.embedding(ids)

    def forward_from_embeddings(self, embeddings: Array, lengths: Optional[Array] = None, exact: bool = True) -> Array:
        """Return the logits (N, num_outputs) of `embed`'s result, for gradients with respect to it; see `_max`."""
        return self._forward(mx.nd, embeddings, lengths, exact)

    def _forward(self, F: F, embeddings: Tensor, lengths: Optional[Tensor], exact: bool = False) -> Tensor:
        """Return the logits (N, num_outputs) of embeddings (N, T, C); see `_max` on exact gradients."""
        directions = [F.transpose(self.embedding_dropout(embeddings), (1, 0, 2))]  # (T, N, C)
        for layer in self.layers:
            joined = _join(F, directions)  # (T, N, C)
            directions = layer(joined, lengths) if self._bidirectional else layer(joined)  # (T, N, U) each
        return self.dense(self.dropout(self._pool(F, directions, lengths, exact)))

    def start(self, batch: Sequence[np.ndarray], device: Device, stream: int) -> Callable[[], np.ndarray]:
        """Begin to compute the logits of a batch on a device; see `forward_async`."""
        return forward_async(self, batch, device, stream)

    def _pool(self, F: F, directions: List[Tensor], lengths: Optional[Tensor], exact: bool) -> Tensor:
        """Pool the hidden states of each direction, (T, N, U), to one vector for each review, such as (N, C)."""
        mask = {} if lengths is None else {"sequence_length": lengths, "use_sequence_length": True}
        if self._pooling == "flatten":
            states = F.SequenceMask(_join(F, directions), **mask)  # (T, N, C)
            return F.transpose(states, (1, 0, 2))  # (N, T, C), which the dense layer flattens
        if self._pooling == "last" and lengths is None:  # the gradient of SequenceLast crashes without lengths
            last = F.slice_axis(_join(F, directions), axis=0, begin=-1, end=None)  # (1, N, C)
            return F.squeeze(last, axis=0)  # (N, C)
        if self._pooling == "last":
            return F.SequenceLast(_join(F, directions), **mask)  # (N, C)
        parts = []  # of each direction, (N, U): concatenating vectors is cheaper than concatenating steps
        if self._pooling in ("max", "max_mean"):  # -1 lies below every hidden state
            masked = [F.SequenceMask(states, value=-1, **mask) for states in directions]  # (T, N, U) each
            parts += [_max(F, states, exact) for states in masked]
        if self._pooling in ("sum", "mean", "max_mean"):
            sums = [_sum(F, F.SequenceMask(states, **mask)) for states in directions]
            mean = self._pooling != "sum"
            parts += [F.broadcast_div(total, F.expand_dims(lengths, 1)) for total in sums] if mean else sums
        return parts[0] if len(parts) == 1 else F.concat(*parts, dim=1)


def _join(F: F, directions: List[Tensor]) -> Tensor:
    """Concatenate the hidden states of all directions, (T, N, C)."""
    return directions[0] if len(directions) == 1 else F.concat(*directions, dim=2)


def _max(F: F, states: Tensor, exact: bool) -> Tensor:
    """Return the maximum over time, (N, U), of hidden states (T, N, U).

    Where steps tie, the gradient goes to the first of them. With `exact` it is divided evenly among them, so that an
    attribution treats repeated words alike; that makes a training step a third slower, and there ties do not matter.
    `F.max` would give the whole gradient to each of them, and is slower than `F.pick`.
    """
    if not exact:
        return F.pick(states, F.argmax(states, axis=0), axis=0)
    ties = F.broadcast_equal(states, F.max(states, axis=0, keepdims=True))  # (T, N, U)
    return F.sum(states * ties, axis=0) / F.sum(ties, axis=0)


def _sum(F: F, states: Tensor) -> Tensor:
    """Return the sum over time, (N, U), of hidden states (T, N, U): a matrix product is faster than `F.sum`."""
    ones = F.ones_like(F.slice(states, begin=(None, 0, 0), end=(None, 1, 1)))  # (T, 1, 1)
    total = F.dot(F.reshape(ones, (1, -1)), F.reshape(states, (0, -1)))  # (1, N * U)
    return F.reshape_like(total, F.squeeze(F.slice_axis(states, axis=0, begin=0, end=1), axis=0))  # (N, U)


def _make_layer(recipe: Recipe, inputs: int, last: bool) -> mx.gluon.HybridBlock:
    options = recipe.network
    if not options.variational_dropout:
        in_order = not last or options.pooling in ("last", "flatten")
        return LSTMLayer(options.hidden_size, inputs, options.bidirectional, in_order)
    return VariationalLSTMLayer(
        options.hidden_size, inputs, recipe.index.max_length, options.input_dropout, options.recurrent_dropout
    )


def initialize(network: GluonNetwork, recipe: Recipe, embedding: np.ndarray, devices: List[Device]) -> None:
    """Initialise a network: its embeddings from the matrix, all other parameters as the recipe says.

    Xavier's uniform initialiser is Glorot's, which Keras uses too. Keras also has orthogonal recurrent weights and a
    bias of 1 on the forget gate.
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
            weight.grad_req = "write" if recipe.embed.trainable else "null"


def compile_single_example(network: GluonNetwork) -> None:
    """Make a copy of the network for single reviews, with static memory and its present parameters.

    Batches do not use it: each has another shape, for which MXNet would allocate and plan again.
    """
    block = pack_single_example(network, input_names(network.recipe))
    block.hybridize(static_alloc=True, static_shape=True)
    network.single_example = block.__call__  # a function, so that Gluon does not register it as a child


def forward_async(
    network: GluonNetwork, batch: Sequence[np.ndarray], device: Device, stream: int
) -> Callable[[], np.ndarray]:
    """Begin to compute the logits of a batch on a device.

    Parameters
    ----------
    network : SentimentNetwork or Ensemble
    batch : sequence of ndarray
        As from `pipeline.model.batches.batchify`.
    device : mxnet.Context
    stream : int
        As for `pipeline.mx.engine.run_in_stream`.

    Returns
    -------
    callable
        Waits for the logits and returns them: float32, shape (N, ``num_logits``) of the recipe.
    """
    recipe = network.recipe
    inputs = pad_to_few_lengths(batch, recipe)
    single = len(batch[0]) == 1 and not recipe.network.fixed_length
    forward = network.single_example if single and network.single_example else network
    own = stream if device.device_type == "cpu" else 0
    return run_in_stream(own, lambda: forward(*to_device(inputs, recipe, device)).asnumpy)


def pad_to_few_lengths(batch: Sequence[np.ndarray], recipe: Recipe) -> List[np.ndarray]:
    """Pad the reviews and n-grams of a batch to one of few lengths, since MXNet keeps memory for every shape it met.

    Parameters
    ----------
    batch : sequence of ndarray
        As from `pipeline.model.batches.batchify`.
    recipe : Recipe

    Returns
    -------
    list of ndarray
        The same with more padding. A single review is padded to still fewer lengths, since preparing for a new shape
        takes longer than computing it. Nothing is added for a network of fixed length, but to its n-grams.
    """
    values, lengths, *ngrams = batch
    if not recipe.network.fixed_length:
        multiple = 32 if len(values) == 1 else 8 if values.shape[1] < 64 else 16
        values = _pad_columns(values, values.shape[1] + -values.shape[1] % multiple)
    powers = [1 << max(ids.shape[1] - 1, 31).bit_length() for ids in ngrams]  # of two, 32 or more
    return [values, lengths, *map(_pad_columns, ngrams, powers)]


def _pad_columns(values: np.ndarray, columns: int) -> np.ndarray:
    """Pad ids (N, L), or features (N, L, C), with 0 to (N, columns) or (N, columns, C)."""
    padded = np.zeros((len(values), columns, *values.shape[2:]), values.dtype)  # np.pad takes twenty times as long
    padded[:, : values.shape[1]] = values
    return padded


def to_device(batch: Sequence[np.ndarray], recipe: Recipe, device: Device) -> List[Array]:
    """Return the network's inputs for a batch of `pipeline.model.batches.batchify`, on a device.

    Parameters
    ----------
    batch : sequence of ndarray
    recipe : Recipe
    device : mxnet.Context

    Returns
    -------
    list of arrays
        Ids (N, T) of int32, or features (N, T, C) of float32; lengths (N,) of float32 if the network is masked; n-grams
        (N, L) of int32 for an n-gram model.
    """
    values, lengths, *ngrams = batch
    inputs = [values, *([lengths.astype(np.float32)] if recipe.network.masked else []), *ngrams]
    return [_to_device(array, device) for array in inputs]


def _to_device(values: np.ndarray, device: Device) -> Array:
    """Copy an array to a device; faster than `mx.nd.array`, which assigns by index."""
    array = mx.nd.empty(values.shape, device, values.dtype)
    array._sync_copyfrom(values)
    return array
