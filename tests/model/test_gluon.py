"""A bundle as Gluon's and gluonnlp's objects: the same ids and probabilities as the bundle's own."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import List

import numpy as np
import pytest

import pipeline
from pipeline.errors import PipelineError
from pipeline.export.onnx import export_bundle
from pipeline.index import index_reviews
from pipeline.infer import infer_sentiment
from pipeline.model.bundle import SHIPPED, load_bundle
from pipeline.model.gluon import GluonModel, Tokenizer, load_gluon, make_vocab
from pipeline.mx.engine import import_gluonnlp, mx
from pipeline.recipe import Index, Recipe, override
from pipeline.recipes import CRASH_COURSE, LECTURE8, LECTURE8_FIXED, QUICK, SMALL, STACKED, STACKED_MASKED
from pipeline.text.ngrams import NGrams
from pipeline.text.vocabulary import Vocabulary
from tests.conftest import TINY, save_random_bundle

TEXTS = [
    "A great film.",
    "It was bad, bad, bad: the plot was a bad plot, and the fun was not fun. A film?",  # is truncated
    "good",
    "The zebra was goooood, soooo great",
    "great film the plot was great film the plot was great film the plot was great",
]
SMALLER = ["network.hidden_size=3", "index.max_length=6", "index.vocab_size=30"]
ENSEMBLE = [*SMALLER, "network.ensemble_size=2", "ngram_model.max_n=2"]
LEFT = "index.truncation_side=left"


def predict(model: GluonModel, texts: List[str]) -> List[float]:
    """Return the probabilities of "positive", computed as a user of gluonnlp would."""
    batchify = import_gluonnlp().data.batchify
    to_batch = batchify.Tuple(batchify.Pad(pad_val=model.vocab[model.vocab.padding_token]), batchify.Stack("float32"))
    ids = [model.vocab[model.tokenizer(text)] for text in texts]
    inputs = (array.as_in_context(mx.cpu()) for array in to_batch([(row, len(row)) for row in ids]))
    found: List[float] = mx.nd.softmax(model.block(*inputs)).asnumpy()[:, 1].tolist()
    return found


@pytest.mark.parametrize(
    "recipe",
    [
        TINY,
        override(TINY, [LEFT]),
        override(QUICK, SMALLER),
        override(LECTURE8_FIXED, SMALLER),
        override(SMALL, SMALLER),
        override(SMALL, ENSEMBLE),
        override(SMALL, [*ENSEMBLE, LEFT]),
        override(CRASH_COURSE, SMALLER),
        override(STACKED, SMALLER),
        override(STACKED, [*SMALLER, "index.truncation_side=right"]),
        override(STACKED, [*SMALLER, "network.padding_side=right"]),
        override(STACKED_MASKED, SMALLER),
        override(LECTURE8_FIXED, [*SMALLER, "network.pooling=flatten", "train.bucket_by_length=false", LEFT]),
    ],
    ids=lambda recipe: recipe.name,
)
def test_block_gives_the_probabilities_of_infer_sentiment(tmp_path: Path, recipe: Recipe) -> None:
    save_random_bundle(tmp_path / "bundle", recipe)
    expected = [answer.positive for answer in infer_sentiment(TEXTS, tmp_path / "bundle")]
    assert np.ptp(expected) > 0.01
    model = load_gluon(tmp_path / "bundle", "cpu")
    assert predict(model, TEXTS) == pytest.approx(expected, abs=1e-6)
    assert [predict(model, [text])[0] for text in TEXTS] == pytest.approx(expected, abs=1e-6)
    model.block.hybridize(False)
    assert predict(model, TEXTS) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("settings", [SMALLER, ENSEMBLE, [*ENSEMBLE, LEFT]])
def test_block_gives_the_probabilities_of_three_classes(tmp_path: Path, settings: List[str]) -> None:
    save_random_bundle(tmp_path / "bundle", override(SMALL, [*settings, "network.num_outputs=3"]))
    expected = [list(answer.probabilities.values()) for answer in infer_sentiment(TEXTS, tmp_path / "bundle")]
    assert np.ptp(expected, axis=0).min() > 0.01
    block, vocab, tokenizer = load_gluon(tmp_path / "bundle", "cpu")
    for text, probabilities in zip(TEXTS, expected):
        ids = vocab[tokenizer(text)]
        logits = block(mx.nd.array([ids]), mx.nd.array([len(ids)]))
        assert mx.nd.softmax(logits).asnumpy()[0].tolist() == pytest.approx(probabilities, abs=1e-6)


def test_shipped_bundle_is_loaded_through_the_package() -> None:
    model = pipeline.load_gluon(device="cpu")
    texts = [*TEXTS, "I didn't like it \U0001f44d &amp; the ending " * 100]
    expected = [answer.positive for answer in infer_sentiment(texts)]
    assert predict(model, texts) == pytest.approx(expected, abs=1e-6)
    bundle = load_bundle(SHIPPED, "cpu")
    assert model.vocab.idx_to_token == ["<pad>", "<unk>", *bundle.vocabulary.words]
    assert (model.vocab.embedding.idx_to_vec == bundle.network.embedding.weight.data()).asnumpy().all()


@pytest.mark.parametrize("settings", [[], ENSEMBLE])
def test_exported_block_is_imported_with_the_same_logits(tmp_path: Path, settings: List[str]) -> None:
    save_random_bundle(tmp_path / "bundle", override(SMALL if settings else TINY, settings))
    block, vocab, tokenizer = load_gluon(tmp_path / "bundle", "cpu")
    ids = mx.nd.array([vocab[tokenizer("a great film")], vocab[tokenizer("bad plot")] + [0]])
    lengths = mx.nd.array([3, 2])
    logits = block(ids, lengths).asnumpy()
    block.export(str(tmp_path / "exported"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Cannot decide type")  # of the ids, which may be of any
        imported = mx.gluon.SymbolBlock.imports(
            str(tmp_path / "exported-symbol.json"), ["data0", "data1"], str(tmp_path / "exported-0000.params")
        )
    np.testing.assert_array_equal(imported(ids, lengths).asnumpy(), logits)
    longer = mx.nd.array([vocab[tokenizer(TEXTS[1])]])
    assert (imported(longer, mx.nd.array([20])).asnumpy() == block(longer, mx.nd.array([20])).asnumpy()).all()


def test_block_is_trained_by_gluons_trainer_and_the_bundle_stays(tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", override(SMALL, [*ENSEMBLE, "network.dropout=0"]))
    before = infer_sentiment("a great film", tmp_path / "bundle").positive
    model = load_gluon(tmp_path / "bundle", "cpu")
    trainer = mx.gluon.Trainer(model.block.collect_params(), "adam", {"learning_rate": 0.05})
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    ids, length = mx.nd.array([model.vocab[model.tokenizer("a great film")]]), mx.nd.array([3])
    for label in (0, 1):
        for _ in range(30):
            with mx.autograd.record():
                error = loss(model.block(ids, length), mx.nd.array([label]))
            error.backward()
            trainer.step(1)
        assert predict(model, ["a great film"])[0] == pytest.approx(label, abs=0.1)
    assert infer_sentiment("a great film", tmp_path / "bundle").positive == before


def test_text_without_tokens_gives_a_number(tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", TINY)
    block = load_gluon(tmp_path / "bundle", "cpu").block
    assert np.isfinite(block(mx.nd.zeros((1, 3)), mx.nd.zeros(1)).asnumpy()).all()


def test_ngrams_are_those_of_the_bundle() -> None:
    from pipeline.model.block import NgramIds

    random = np.random.Generator(np.random.PCG64(0))
    keys = np.unique(np.concatenate([random.integers(1, 30_000, 500), random.integers(30_000, 30_000**3, 500)]))
    for count in (1, 2, 3, 500, len(keys)):
        ngrams = NGrams(keys[:count], 30_000, 3)
        block = NgramIds(ngrams)
        block.initialize()
        some = keys[:count][random.integers(0, count, 20)]
        sequences = [np.array([k // 30_000**2, k // 30_000 % 30_000, k % 30_000]) for k in some]
        sequences = [ids[ids > 0].astype(np.int32) for ids in sequences]
        padded = np.array([np.pad(ids, (0, 4 - len(ids))) for ids in sequences])
        rows = block(mx.nd.array(padded)).asnumpy()
        for row, sequence in zip(rows, sequences):
            assert sorted(row[row > 0].tolist()) == ngrams.find(sequence).tolist()


# The vocabulary


def test_ids_and_vectors_are_those_of_the_vocabulary() -> None:
    words = ["b", "a", "\U0001f44d", "naïve"]  # in no order of gluonnlp's
    for bos in (False, True):
        vocabulary = Vocabulary(words, [1, 7, 7, 2], Index(bos=bos))
        matrix = np.arange(len(vocabulary) * 2, dtype=np.float32).reshape(-1, 2)
        vocab = make_vocab(vocabulary, matrix)
        assert vocab.idx_to_token == [*vocabulary.special, *words]
        assert vocab[[*vocabulary.special, *words]] == list(range(len(vocabulary)))
        assert vocab["zebra"] == vocab[vocab.unknown_token] == vocabulary.id("zebra") == 1 + bos
        assert (vocab[vocab.padding_token], vocab.eos_token) == (0, None)
        assert vocab.bos_token == ("<start>" if bos else None)
        assert (vocab.embedding.idx_to_vec.asnumpy() == matrix).all()
        assert vocab.embedding["zebra"].asnumpy().tolist() == matrix[1 + bos].tolist()
        vocab.set_embedding(None)
        assert import_gluonnlp().Vocab.from_json(vocab.to_json()).idx_to_token == vocab.idx_to_token


def test_order_of_words_is_gluonnlps_if_ties_are_alphabetical() -> None:
    from pipeline.corpus.reviews import Review

    text = "the plot of the film and the plot of it , and a film a z b"
    vocabulary, _ = index_reviews([Review("", 1, "train", 0, text)], Index(tokenizer="ptb"))
    gluonnlp = import_gluonnlp()
    theirs = gluonnlp.Vocab(gluonnlp.data.count_tokens(text.split()), bos_token=None, eos_token=None)
    ours = make_vocab(vocabulary, np.zeros((len(vocabulary), 1), np.float32))
    assert ours.idx_to_token[2:] == theirs.idx_to_token[2:]
    assert (theirs.idx_to_token[:2], ours.idx_to_token[:2]) == (["<unk>", "<pad>"], ["<pad>", "<unk>"])


def test_tokenizer_gives_words_that_the_vocabulary_has() -> None:
    tokenizer = Tokenizer(Vocabulary(["good", "so", "film"], [3, 2, 1], Index(tokenizer="ptb", bos=True)))
    assert tokenizer("Sooo goooood, zebraaaa film") == ["<start>", "so", "good", ",", "zebraaaa", "film"]
    assert tokenizer("") == ["<start>"]


def test_ids_that_gluonnlp_cannot_express_are_refused(tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", override(LECTURE8, SMALLER))
    with pytest.raises(PipelineError, match=r"^index\.oov=last_id: rare words share the last id, and others have none"):
        load_gluon(tmp_path / "bundle")


def test_bundle_whose_words_are_special_tokens_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"^the vocabulary has a word twice: '<unk>'; a gluonnlp"):
        make_vocab(Vocabulary(["a", "<unk>"], [2, 1], Index()), np.zeros((4, 1), np.float32))


def test_bundle_in_onnx_only_is_refused(tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", TINY)
    export_bundle(tmp_path / "bundle", tmp_path / "onnx")
    with pytest.raises(PipelineError, match="holds a network in ONNX only"):
        load_gluon(tmp_path / "onnx")
    with pytest.raises(PipelineError, match="nowhere: no bundle there"):
        load_gluon("nowhere")
