from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pytest

from pipeline.embed import embed_vocabulary, make_embedding
from pipeline.errors import PipelineError
from pipeline.mx.engine import import_gluonnlp, mx
from pipeline.recipe import Embed, Index, Recipe
from pipeline.text.pretrained.embedding import read_embedding
from pipeline.text.vocabulary import Vocabulary
from tests.text.pretrained.samples import WORDS

VOCABULARY = Vocabulary(["日本", "none", "the", "naïve"], [4, 3, 2, 1], Index())


def make(words: Dict[str, List[float]] = WORDS, **options: Any) -> Any:
    """Return a gluonnlp embedding."""
    vectors = mx.nd.array(np.array(list(words.values()), np.float32))
    return import_gluonnlp().embedding.TokenEmbedding(idx_to_token=list(words), idx_to_vec=vectors, **options)


def test_vectors_stand_in_their_words_rows() -> None:
    matrix, coverage = embed_vocabulary(VOCABULARY, make(), Embed())
    assert matrix.tolist() == [[0] * 3, [0] * 3, [-1, np.float32(0.001), 7], [0] * 3, [1, 2, 3], [0.5, -0.25, 0]]
    assert str(coverage) == (
        "gluonnlp: TokenEmbedding, 4 words of 3 numbers; 3 words found, 75.00% of the vocabulary, 70.00% of the tokens"
    )
    assert coverage.missing == ["none"]


@pytest.mark.parametrize("unknown", ["<unk>", "UNK"])
def test_unknown_tokens_have_the_vector_of_the_embeddings_unknown_token(unknown: str) -> None:
    embedding = make({unknown: [9, 9, 9], **WORDS}, unknown_token=unknown)
    matrix, coverage = embed_vocabulary(VOCABULARY, embedding, Embed())
    assert matrix[[0, 1, 3]].tolist() == [[0] * 3, [9] * 3, [9] * 3]  # <pad>, <unk>, "none"
    assert (coverage.found, coverage.missing) == (3, ["none"])


def test_unknown_tokens_have_zeros_if_the_embedding_has_no_unknown_token() -> None:
    matrix, coverage = embed_vocabulary(VOCABULARY, make(unknown_token=None), Embed())
    assert not matrix[[0, 1, 3]].any()
    assert coverage.found == 3


def test_unknown_lookup_makes_vectors_of_other_words() -> None:
    class Lookup:
        def __contains__(self, word: str) -> bool:
            return word == "none"

        def __getitem__(self, word: str) -> Any:
            return mx.nd.array([7, 8, 9])

    matrix, coverage = embed_vocabulary(VOCABULARY, make(unknown_lookup=Lookup()), Embed())
    assert matrix[3].tolist() == [7, 8, 9]
    assert coverage.missing == []


def test_rows_are_those_of_gluonnlps_set_embedding() -> None:
    gluonnlp = import_gluonnlp()
    vocab = gluonnlp.Vocab(gluonnlp.data.count_tokens(["日本", "none", "the", "the"]))
    vocab.set_embedding(make({"<unk>": [9, 9, 9], **WORDS}), make({"<unk>": [5], "none": [6]}))
    matrix, _ = embed_vocabulary(Vocabulary(["日本", "none", "the", "also none"], [1] * 4, Index()), vocab, Embed())
    assert matrix[2:5].tolist() == vocab.embedding[["日本", "none", "the"]].asnumpy().tolist()
    assert matrix[[0, 1, 5]].tolist() == [[0] * 4, [9, 9, 9, 5], [9, 9, 9, 5]]


def test_recipe_without_a_file_takes_an_embedding_too() -> None:
    encoded: Any = None  # not read
    matrix, coverage = make_embedding(VOCABULARY, encoded, make(), Recipe("any", embed=Embed(vectors="")))
    assert matrix.shape == (6, 3)
    assert coverage is not None
    matrix, coverage = make_embedding(VOCABULARY, encoded, Path("any"), Recipe("any", embed=Embed(vectors="", dim=2)))
    assert (matrix.shape, coverage) == ((6, 2), None)


def make_vocab() -> Any:
    gluonnlp = import_gluonnlp()
    return gluonnlp.Vocab(gluonnlp.data.count_tokens(["the"]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda: "vectors.txt", "word vectors: expected a Path, or a TokenEmbedding or Vocab of gluonnlp, found a str"),
        (lambda: {"the": [1]}, "word vectors: expected a Path, .* found a dict"),
        (make_vocab, "gluonnlp's Vocab: has no embedding; attach one with set_embedding"),
        (lambda: import_gluonnlp().embedding.TokenEmbedding(), "expected vectors of 1 to 65536 numbers, found none"),
        (lambda: make({"the": [1, np.inf]}), "the vector of 'the' has a number that is not finite"),
        (lambda: make({"<unk>": [np.nan], "the": [1]}), "the vector of '<unk>' has a number that is not finite"),
        (lambda: make({"dog": [1, 2]}), "gluonnlp: holds none of the vocabulary's 4 words"),
    ],
)
def test_what_is_no_embedding_is_refused(given: Any, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        embed_vocabulary(Vocabulary(["the", "a", "b", "c"], [1] * 4, Index()), given(), Embed())


def test_vocabulary_without_an_unknown_token_has_no_row_for_it() -> None:
    assert read_embedding(make({"<unk>": [9], "a": [1]}), {0: "a", 1: "b"}, 3, None).matrix.tolist() == [[1], [9], [0]]
