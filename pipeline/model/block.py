"""A bundle's network as one Gluon block on token ids, which Gluon trains further and exports."""

from __future__ import annotations

from typing import Any

from pipeline.model.network import F, Tensor
from pipeline.mx.engine import mx
from pipeline.recipe import Recipe
from pipeline.text.ngrams import NGrams


class SentimentBlock(mx.gluon.HybridBlock):
    """Maps token ids, padded on the right, to the logits of negative and positive.

    Truncation, padding on the side that the network reads, and the n-grams are computed inside the block, so that it
    can be hybridized and exported as a whole. Softmax of its logits is what `infer_sentiment` computes.

    Parameters
    ----------
    network : SentimentNetwork or Ensemble
        Trained, on some device. The block shares its parameters.
    **kwargs
        As for `mxnet.gluon.HybridBlock`.
    """

    def __init__(self, network: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe: Recipe = network.recipe
        self.network = network
        self.ngram_rows: Any = None  # an NgramRows, if the network has an n-gram model
        if network.ngrams:
            with self.name_scope():
                self.ngram_rows = NgramRows(network.ngrams, prefix="ngram_rows_")
            self.ngram_rows.initialize(ctx=network.embedding.weight.list_ctx())

    def hybrid_forward(self, F: F, ids: Tensor, valid_length: Tensor) -> Tensor:
        """Return logits (N, K) of the bundle's classes: negative, positive.

        Parameters
        ----------
        F : module
            `mxnet.nd`, or `mxnet.sym` while the network is compiled.
        ids : (N, T) of any numbers
            Token ids of whole texts, padded with 0 on the right.
        valid_length : (N,) of any numbers
            Tokens of each text.
        """
        ids = F.cast(ids, "int32")
        lengths = F.maximum(F.cast(valid_length, "float32"), 1)
        read = F.minimum(lengths, self.recipe.index.max_length)
        inputs = [F.transpose(self._truncate(F, F.transpose(ids), lengths, read))]  # (N, steps)
        inputs += [read] if self.recipe.network.masked else []
        inputs += [self.ngram_rows(ids)] if self.ngram_rows is not None else []
        logits = self.network(*inputs)  # (N, K), or (N, M) of the logits of positive
        if self.recipe.network.num_outputs > 1:
            return logits
        positive = F.sum(logits, axis=1, keepdims=True)  # (N, 1)
        return F.concat(F.zeros_like(positive), positive, dim=1)

    def _truncate(self, F: F, steps: Tensor, lengths: Tensor, read: Tensor) -> Tensor:
        """Truncate ids (T, N) of lengths (N,) to lengths `read`, and pad them as `pipeline.model.batches.pad` does."""
        index, network = self.recipe.index, self.recipe.network
        is_reversed = index.truncation_side == "left"
        if is_reversed:
            steps = _reverse(F, steps, lengths)
        if network.fixed_length:
            steps = F.concat(steps, F.tile(F.zeros_like(_slice(F, steps, 1)), reps=(index.max_length, 1)), dim=0)
        steps = _slice(F, steps, index.max_length)
        if network.padding_side == "left":
            return F.reverse(steps if is_reversed else _reverse(F, steps, read), axis=0)
        return _reverse(F, steps, read) if is_reversed else steps


def _reverse(F: F, steps: Tensor, lengths: Tensor) -> Tensor:
    """Reverse the first `lengths` (N,) of ids (T, N)."""
    return F.SequenceReverse(steps, lengths, use_sequence_length=True)


def _slice(F: F, steps: Tensor, count: int) -> Tensor:
    """Return the first steps of ids (T, N), `count` at most."""
    return F.slice(steps, begin=(0, None), end=(count, None))


class NgramRows(mx.gluon.HybridBlock):
    """Finds the rows of the n-grams of padded texts, as `pipeline.text.ngrams.NGrams.pad` does.

    Parameters
    ----------
    ngrams : NGrams
    **kwargs
        As for `mxnet.gluon.HybridBlock`.
    """

    def __init__(self, ngrams: NGrams, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.keys = self.params.get_constant("keys", mx.nd.array(ngrams.keys, dtype="int64"))
        self._count, self._vocab_size, self._max_n = len(ngrams.keys), ngrams.vocab_size, ngrams.max_n

    def hybrid_forward(self, F: F, ids: Tensor, keys: Tensor) -> Tensor:
        """Return rows, (N, max_n * T) of float32: each row of a text once, and 0 elsewhere.

        No n-gram with padding in it has a row, since its key ends in the digit 0.
        """
        ids = F.cast(ids, "int64")  # (N, T)
        none = F.zeros_like(F.slice_axis(ids, axis=1, begin=0, end=1))  # (N, 1)
        grams, found = ids, [self._find(F, ids, keys)]
        for _ in range(1, self._max_n):
            ids = F.concat(F.slice(ids, begin=(None, 1), end=(None, None)), none, dim=1)  # the next tokens
            grams = grams * self._vocab_size + ids
            found.append(self._find(F, grams, keys))
        rows = F.sort(F.cast(F.concat(*found, dim=1), "float32"), axis=1)
        before = F.concat(F.cast(none, "float32"), F.slice_axis(rows, axis=1, begin=0, end=-1), dim=1)
        return F.BlockGrad(rows * F.broadcast_not_equal(rows, before))

    def _find(self, F: F, grams: Tensor, keys: Tensor) -> Tensor:
        """Return the row of each n-gram, 0 for an unknown one, by binary search in the ascending keys."""
        last = self._count - 1
        position = F.zeros_like(grams)
        for bit in reversed(range(last.bit_length())):
            further = F.clip(position + (1 << bit), 0, last)
            fits = F.broadcast_lesser_equal(F.take(keys, further), grams)
            position = F.where(fits, further, position)
        return (position + 1) * F.broadcast_equal(F.take(keys, position), grams)
