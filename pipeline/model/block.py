"""A bundle's network as one Gluon block on token ids, which Gluon trains further and exports."""

from __future__ import annotations

from typing import Any

from pipeline.model.network import F, Tensor
from pipeline.mx.engine import mx
from pipeline.recipe import Recipe
from pipeline.text.ngrams import NGrams


class SentimentBlock(mx.gluon.HybridBlock):
    """Maps token ids, padded on the right, to the logits of the classes.

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
        self.ngram_ids: Any = None  # an NgramIds, if the network has an n-gram model
        if network.ngrams:
            with self.name_scope():
                self.ngram_ids = NgramIds(network.ngrams, prefix="ngram_ids_")
            self.ngram_ids.initialize(ctx=network.embedding.weight.list_ctx())

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
        inputs = [F.transpose(self._truncate(F, F.transpose(ids), lengths, read))]  # (N, max_length)
        inputs += [read] if self.recipe.network.masked else []
        inputs += [self.ngram_ids(ids)] if self.ngram_ids is not None else []
        outputs = self.recipe.network.num_outputs
        logits = F.sum(F.reshape(self.network(*inputs), (0, -1, outputs)), axis=1)  # (N, num_outputs)
        return logits if outputs > 1 else F.concat(F.zeros_like(logits), logits, dim=1)

    def _truncate(self, F: F, ids: Tensor, lengths: Tensor, read: Tensor) -> Tensor:
        """Truncate ids (T, N) of lengths (N,) to lengths `read`, and pad them as `pipeline.model.batches.pad` does."""
        index, network = self.recipe.index, self.recipe.network
        is_reversed = index.truncation_side == "left"
        if is_reversed:
            ids = _reverse(F, ids, lengths)
        if network.fixed_length:
            ids = F.concat(ids, F.tile(F.zeros_like(_slice(F, ids, 1)), reps=(index.max_length, 1)), dim=0)
        ids = _slice(F, ids, index.max_length)
        if network.padding_side == "left":
            return F.reverse(ids if is_reversed else _reverse(F, ids, read), axis=0)
        return _reverse(F, ids, read) if is_reversed else ids


def _reverse(F: F, ids: Tensor, lengths: Tensor) -> Tensor:
    """Reverse the first `lengths` (N,) of ids (T, N)."""
    return F.SequenceReverse(ids, lengths, use_sequence_length=True)


def _slice(F: F, ids: Tensor, count: int) -> Tensor:
    """Return the first `count` of ids (T, N)."""
    return F.slice(ids, begin=(0, None), end=(count, None))


class NgramIds(mx.gluon.HybridBlock):
    """Finds the ids of the n-grams of padded texts, as `pipeline.text.ngrams.NGrams.pad` does.

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
        """Return ids of n-grams, (N, max_n * T) of float32: each id of a text once, and 0 elsewhere.

        No n-gram with padding in it has an id, since its key ends in the digit 0.
        """
        ids = F.cast(ids, "int64")  # (N, T)
        none = F.zeros_like(F.slice_axis(ids, axis=1, begin=0, end=1))  # (N, 1)
        grams, found = ids, [self._find(F, ids, keys)]
        for _ in range(1, self._max_n):
            ids = F.concat(F.slice(ids, begin=(None, 1), end=(None, None)), none, dim=1)  # the next tokens
            grams = grams * self._vocab_size + ids
            found.append(self._find(F, grams, keys))
        known = F.sort(F.cast(F.concat(*found, dim=1), "float32"), axis=1)
        before = F.concat(F.cast(none, "float32"), F.slice_axis(known, axis=1, begin=0, end=-1), dim=1)
        return F.BlockGrad(known * F.broadcast_not_equal(known, before))

    def _find(self, F: F, grams: Tensor, keys: Tensor) -> Tensor:
        """Return the id of each n-gram, 0 for an unknown one, by binary search in the ascending keys."""
        last = self._count - 1
        position = F.zeros_like(grams)
        for bit in reversed(range(last.bit_length())):
            further = F.clip(position + (1 << bit), 0, last)
            fits = F.broadcast_lesser_equal(F.take(keys, further), grams)
            position = F.where(fits, further, position)
        return (position + 1) * F.broadcast_equal(F.take(keys, position), grams)
