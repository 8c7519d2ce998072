"""Word vectors that are in memory, as an embedding of gluonnlp."""

from __future__ import annotations

from typing import Any, Mapping, Optional

import numpy as np

from pipeline.errors import PipelineError
from pipeline.text.pretrained.vectors import MAX_DIM, Vectors


def read_embedding(given: Any, words: Mapping[int, str], num_rows: int, unknown_row: Optional[int]) -> Vectors:
    """Look up the vectors of some words.

    Parameters
    ----------
    given : gluonnlp.embedding.TokenEmbedding or gluonnlp.Vocab
        Of a vocabulary the embedding that is attached to it.
    words : mapping of int to str
        The wanted words by their rows in the matrix.
    num_rows : int
    unknown_row : int, optional
        Row of the unknown token.

    Returns
    -------
    Vectors
        If the embedding has an unknown token, the unknown row and the words that the embedding lacks have its vector,
        as with `gluonnlp.Vocab.set_embedding`; otherwise zeros. These words count as not found, unless the embedding
        has an ``unknown_lookup`` that makes a vector for them.

    Raises
    ------
    PipelineError
        If it is something else, has no vectors, or a number is not finite.
    """
    if not hasattr(given, "idx_to_vec") and not hasattr(given, "set_embedding"):
        found = type(given).__name__
        raise PipelineError(f"word vectors: expected a Path, or a TokenEmbedding or Vocab of gluonnlp, found a {found}")
    embedding = given if hasattr(given, "idx_to_vec") else given.embedding
    if embedding is None:
        raise PipelineError("gluonnlp's Vocab: has no embedding; attach one with set_embedding")
    if embedding.idx_to_vec is None or not 1 <= embedding.idx_to_vec.shape[1] <= MAX_DIM:
        raise PipelineError(f"gluonnlp's TokenEmbedding: expected vectors of 1 to {MAX_DIM} numbers, found none")
    vectors = Vectors.zeros("TokenEmbedding", num_rows, embedding.idx_to_vec.shape[1])
    vectors.lines = len(embedding.idx_to_token)
    for row, word in words.items():
        vectors.found[row] = word in embedding or word in (embedding.unknown_lookup or ())
    rows = [row for row in words if vectors.found[row] or embedding.unknown_token]
    if rows:
        vectors.matrix[rows] = embedding[[words[row] for row in rows]].asnumpy()
    if embedding.unknown_token and unknown_row is not None:
        vectors.matrix[unknown_row] = embedding[embedding.unknown_token].asnumpy()
    odd = np.flatnonzero(~np.isfinite(vectors.matrix).all(axis=1))
    if len(odd):
        word = words.get(int(odd[0]), embedding.unknown_token)
        raise PipelineError(f"gluonnlp's TokenEmbedding: the vector of {word!r} has a number that is not finite")
    return vectors
