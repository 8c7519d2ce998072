from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Dict, List, Tuple

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.text.pretrained.fasttext import is_fasttext, read_fasttext
from pipeline.text.pretrained.vectors import Vectors
from tests.text.pretrained.samples import FASTTEXT_BINARY, FASTTEXT_WORDS, row_of

ENTRIES = [(b"a", 0), (b"b", 0), (b"__label__x", 1)]
MATRIX = [[1.0, 2.0], [3.0, 4.0]]


def read(content: bytes, wanted: Dict[bytes, int]) -> Vectors:
    return read_fasttext("any", io.BytesIO(content), wanted, len(wanted))


def make(
    entries: List[Tuple[bytes, int]] = ENTRIES,
    matrix: List[List[float]] = MATRIX,
    version: int = 12,
    dim: int = 2,
    model: int = 2,
    buckets: int = 0,
    longest: int = 6,
    quantized: bool = False,
    pruned: int = -1,
) -> bytes:
    """Return a model as fastText writes it, up to and including its input matrix."""
    labels = sum(kind for _, kind in entries)
    content = struct.pack("<14i", 793712314, version, dim, 5, 5, 1, 5, 1, 1, model, buckets, 3, longest, 100)
    content += struct.pack("<d3i2q", 1e-4, len(entries), len(entries) - labels, labels, 99, pruned)
    content += b"".join(word + b"\0" + struct.pack("<qb", 7, kind) for word, kind in entries)
    content += struct.pack("<?2q", quantized, len(matrix), len(matrix[0]))
    return content + np.array(matrix, "<f4").tobytes()


def test_vectors_are_those_that_fasttext_computes() -> None:
    vectors = read(FASTTEXT_BINARY, row_of(*FASTTEXT_WORDS, "cats"))
    np.testing.assert_allclose(vectors.matrix[:7], list(FASTTEXT_WORDS.values()), rtol=0, atol=2e-8)
    assert vectors.found.tolist() == [True] * 7 + [False]  # "cats" has n-grams alone
    assert not vectors.matrix[7].any()
    assert (vectors.format, vectors.lines, vectors.skipped) == ("fastText binary", 7, {})


@pytest.mark.filterwarnings("ignore:NumPy will stop allowing conversion:DeprecationWarning")  # of gluonnlp's
def test_vectors_are_those_of_the_rows_that_gluonnlp_finds(tmp_path: Path) -> None:
    from pipeline.mx.engine import import_gluonnlp

    (tmp_path / "model.bin").write_bytes(FASTTEXT_BINARY)
    model = import_gluonnlp().model.train.FasttextEmbeddingModel.load_fasttext_format(str(tmp_path / "model.bin"))
    words = [word for word in FASTTEXT_WORDS if word != "</s>"]
    vectors = read(FASTTEXT_BINARY, row_of(*words))
    weight = model.weight.data().asnumpy()
    for word, ngrams, vector in zip(words, model._subword_function(words), vectors.matrix):
        rows = [model._token_to_idx[word], *(7 + row for row in ngrams)]
        np.testing.assert_allclose(vector, weight[rows].mean(axis=0), rtol=0, atol=1e-7)


def test_words_without_ngrams_have_their_rows_and_labels_have_none() -> None:
    for content in (make(), make(entries=[ENTRIES[0], ENTRIES[2], ENTRIES[1]])):
        vectors = read(content, {b"b": 0, b"a": 1, b"__label__x": 2})
        assert vectors.matrix.tolist() == [[3, 4], [1, 2], [0, 0]]
        assert (vectors.found.tolist(), vectors.lines) == ([True, True, False], 2)


def test_ngrams_of_old_supervised_models_are_not_used() -> None:
    rows = [*MATRIX, [5.0, 6.0]]
    assert read(make(matrix=rows, buckets=1, version=11, model=3), {b"a": 0}).matrix.tolist() == [[1, 2]]
    # "<a>" is the only n-gram of three letters
    assert read(make(matrix=rows, buckets=1, version=12, model=3), {b"a": 0}).matrix.tolist() == [[3, 4]]


def test_word_that_came_before_and_numbers_that_are_not_finite_are_left_out() -> None:
    content = make([(b"a", 0), (b"b", 0), (b"a", 0)], [[1.0, 2.0], [np.nan, 1.0], [5.0, 6.0]])
    vectors = read(content, {b"a": 0, b"b": 1})
    assert vectors.matrix.tolist() == [[1, 2], [0, 0]]
    assert vectors.skipped == {
        "a number that is not finite": {"lines": 1, "first": 2},
        "a word that came before": {"lines": 1, "first": 3},
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (make(version=13), "any, byte 8: version 13 of fastText's format; the versions that are read are 11 and 12"),
        (make(dim=0), "any, byte 64: expected 1 to 65536 numbers, found 0, and 0 n-grams; the file is damaged"),
        (make(buckets=-1), "any, byte 64: expected 1 to 65536 numbers, found 2, and -1 n-grams; the file is damaged"),
        (
            make(buckets=5),
            "any, byte 151: expected a matrix of 7 x 2 for its words and n-grams, found one of 2 x 2; "
            "the file is damaged",
        ),
        (
            make(quantized=True),
            "any, byte 151: a quantized model (.ftz); take the .bin or .vec file of the model before quantization",
        ),
        (
            make(pruned=2**62),
            "any, byte 92: a quantized model (.ftz); take the .bin or .vec file of the model before quantization",
        ),
        (make()[:7], "any, byte 7: the file ends within its header; fetch it again"),
        (make()[:90], "any, byte 90: the file ends within the size of its dictionary; fetch it again"),
        (make()[:100], "any, byte 100: the file ends within word 1 of 3; fetch it again"),
        (make()[:150], "any, byte 150: the file ends within the size of its matrix; fetch it again"),
        (make()[:-1], "any, byte 166: the file ends within its matrix (row 1 of 2 or later); fetch it again"),
        (
            make()[:64] + struct.pack("<3i", 3, 3, 1) + make()[76:],
            "any, byte 92: 3 words and 1 labels are not 3; the file is damaged",
        ),
        (
            make()[:64] + struct.pack("<3i", 3, 3, 0) + make()[76:],
            "any, byte 134: expected 3 words in its dictionary, found 2; the file is damaged",
        ),
    ],
)
def test_file_that_is_cut_damaged_or_of_another_kind_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        read(content, {b"a": 0})
    assert str(caught.value) == message


def test_fasttext_is_told_by_its_first_bytes() -> None:
    assert is_fasttext(FASTTEXT_BINARY)
    assert not is_fasttext(FASTTEXT_BINARY[1:])
    assert not is_fasttext(b"")
