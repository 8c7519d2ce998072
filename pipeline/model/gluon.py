"""A bundle as the users of Gluon and gluonnlp know one: a block, a vocabulary and a tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, NamedTuple, Union

import numpy as np

from pipeline.errors import PipelineError
from pipeline.model.bundle import check_trained, find_bundle, load_bundle
from pipeline.text.vocabulary import PADDING, START, UNKNOWN, Vocabulary


class GluonModel(NamedTuple):
    """A trained network as Gluon's and gluonnlp's users know it.

    Attributes
    ----------
    block : mxnet.gluon.HybridBlock
        A `pipeline.model.block.SentimentBlock`: ids (N, T) and their valid lengths (N,) become logits (N, K).
    vocab : gluonnlp.Vocab
        With the trained vectors as its embedding; of an ensemble those of the first LSTM.
    tokenizer : Tokenizer
        Maps a text to its tokens, whose ids ``vocab[tokens]`` are.
    """

    block: Any
    vocab: Any
    tokenizer: Tokenizer


class Tokenizer:
    """The tokenizer of a trained network, for gluonnlp.

    Besides splitting a text it does what a `gluonnlp.Vocab` cannot: an elongated word becomes the one it
    stretches ("goooood": "good"), and a recipe with ``index.bos`` gets ``<start>`` in front.

    Parameters
    ----------
    vocabulary : Vocabulary
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __call__(self, text: str) -> List[str]:
        """Return the tokens of a text; those that are not in the vocabulary as they are."""
        words = self._vocabulary.split(text)
        names = self._vocabulary.decode(self._vocabulary.ids_of(words))
        tokens = [word if name == UNKNOWN else name for word, name in zip(words, names)]
        return [START] * self._vocabulary.options.bos + tokens


def load_gluon(model: Union[str, Path, None] = None, device: str = "auto") -> GluonModel:
    """Load a bundle as a Gluon block, a `gluonnlp.Vocab` and a tokenizer.

    Parameters
    ----------
    model : str or Path, optional
        As for `pipeline.infer.infer_sentiment`.
    device : str
        As for `pipeline.mx.engine.find_devices`; the first one is used.

    Returns
    -------
    GluonModel
        Of its own: training the block does not change what `infer_sentiment` predicts.

    Raises
    ------
    PipelineError
        If there is no such bundle, it holds a network in ONNX only, or a `gluonnlp.Vocab` cannot express how the
        recipe assigns ids: with ``index.oov=last_id`` (lecture 8) several words share one.

    Examples
    --------
    >>> block, vocab, tokenizer = load_gluon()  # doctest: +SKIP
    """
    path = find_bundle(model)
    check_trained(path)
    from pipeline.model.block import SentimentBlock

    bundle = load_bundle(path, device)
    vocab = make_vocab(bundle.vocabulary, bundle.network.embedding.weight.data().asnumpy())
    block = SentimentBlock(bundle.network, prefix="model_")
    block.hybridize()
    return GluonModel(block, vocab, Tokenizer(bundle.vocabulary))


def make_vocab(vocabulary: Vocabulary, matrix: np.ndarray) -> Any:
    """Return a `gluonnlp.Vocab` with the same ids, and the matrix as its embedding.

    Parameters
    ----------
    vocabulary : Vocabulary
    matrix : ndarray of float32, shape (len(vocabulary), D)

    Raises
    ------
    PipelineError
        As from `load_gluon`.
    """
    if UNKNOWN not in vocabulary.special:
        raise PipelineError(
            f"index.oov={vocabulary.options.oov}: rare words share the last id, and others have none, which a "
            "gluonnlp.Vocab cannot express; load a network whose recipe has index.oov=unk"
        )
    tokens = [*vocabulary.special, *vocabulary.words]
    if len(set(tokens)) < len(tokens):
        twice = next(token for token in tokens if tokens.count(token) > 1)
        raise PipelineError(f"the vocabulary has a word twice: {twice!r}; a gluonnlp.Vocab has each once")
    from pipeline.mx.engine import import_gluonnlp, mx

    gluonnlp = import_gluonnlp()
    vocab = gluonnlp.Vocab(
        gluonnlp.data.Counter(vocabulary.words),
        unknown_token=UNKNOWN,
        padding_token=PADDING,
        bos_token=START if vocabulary.options.bos else None,
        eos_token=None,
        token_to_idx={token: i for i, token in enumerate(tokens)},  # gluonnlp's own order begins with <unk>
    )
    vectors = mx.nd.array(matrix)
    vocab.set_embedding(gluonnlp.embedding.TokenEmbedding(UNKNOWN, None, idx_to_token=tokens, idx_to_vec=vectors))
    return vocab
