from __future__ import annotations

import io
import struct
from typing import Dict

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.text.pretrained.vectors import Vectors
from pipeline.text.pretrained.word2vec import is_word2vec, read_word2vec
from tests.text.pretrained.samples import GENSIM_BINARY, GENSIM_TEXT, WORDS, row_of


def read(content: bytes, wanted: Dict[bytes, int]) -> Vectors:
    return read_word2vec("any", io.BytesIO(content), wanted, len(wanted))


def pack(word: bytes, *numbers: float, end: bytes = b"") -> bytes:
    return word + b" " + struct.pack(f"<{len(numbers)}f", *numbers) + end


@pytest.mark.parametrize("end", [b"", b"\n"])  # gensim's files have no new line behind a vector, word2vec's have
def test_vectors_of_wanted_words_are_read(end: bytes) -> None:
    content = b"3 2\n" + pack(b"a", 1, 2, end=end) + pack(b"b", -3, 0.5, end=end) + pack(b"\xff", 5, 6, end=end)
    vectors = read(content, {b"\xff": 0, b"a": 1, b"none": 2})
    assert vectors.matrix.tolist() == [[5, 6], [1, 2], [0, 0]]
    assert vectors.found.tolist() == [True, True, False]
    assert (vectors.format, vectors.lines, vectors.skipped) == ("word2vec binary", 3, {})


def test_file_of_gensim_is_read() -> None:
    vectors = read(GENSIM_BINARY, row_of(*WORDS))
    assert vectors.matrix.tolist() == np.array(list(WORDS.values()), np.float32).tolist()


def test_word_that_came_before_and_numbers_that_are_not_finite_are_left_out() -> None:
    words = [pack(b"a", 1, 2), pack(b"a", 3, 4), pack(b"b", 1, np.inf), pack(b"c", np.nan, 0), pack(b"c", 8, 9)]
    vectors = read(b"5 2\n" + b"".join(words), {b"a": 0, b"b": 1, b"c": 2})
    assert vectors.matrix.tolist() == [[1, 2], [0, 0], [8, 9]]
    assert vectors.skipped == {
        "a word that came before": {"lines": 1, "first": 2},
        "a number that is not finite": {"lines": 2, "first": 3},
    }


def test_words_behind_the_first_piece_are_read() -> None:
    count = 30_000  # 300 kB; blanks and new lines are also bytes of numbers
    content = b"%d 2\n" % count + b"".join(pack(b"w%d" % i, i, 8.1e-33 if i % 2 else i) for i in range(count))
    wanted = {b"w%d" % i: row for row, i in enumerate(range(0, count, 7))}
    vectors = read(content, wanted)
    assert vectors.matrix[:, 0].tolist() == list(range(0, count, 7))
    assert vectors.found.all()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"2 2\n" + pack(b"a", 1, 2), "any, byte 14: the file ends within vector 2 of 2; fetch it again"),
        (b"2 2\n" + pack(b"a", 1, 2) + b"b \0\0", "any, byte 18: the file ends within vector 2 of 2; fetch it again"),
        (b"2 2\n" + pack(b"a", 1, 2) + b"b", "any, byte 15: the file ends within vector 2 of 2; fetch it again"),
        (
            b"1 2\n" + pack(b"a", 1, 2) * 2,
            "any, byte 14: more follows than the 1 vectors of 2 numbers that the header says",
        ),
        (b"1 2\n" + b"a" * 70_000, "any, byte 4: vector 1 of 1 does not end; the file is damaged"),
    ],
)
def test_file_that_is_cut_or_contradicts_its_header_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        read(content, {b"a": 0})
    assert str(caught.value) == message


def test_header_with_another_dimension_is_refused() -> None:
    content = b"".join(pack(b"w%d" % i, i, 0.1, 0.2) for i in range(100))
    for dim in (1, 2, 4, 50):
        with pytest.raises(PipelineError, match=r"^any, byte [\d,]+: (more follows|the file ends within|vector \d+)"):
            read(b"100 %d\n" % dim + content, {b"w1": 0})


@pytest.mark.parametrize(
    ("head", "binary"),
    [
        (GENSIM_BINARY, True),
        (b"1 2\na " + bytes(8), True),
        (GENSIM_TEXT, False),
        ("2 2\nder café 1 2\nthe 3 4\n".encode(), False),  # a word with blanks
        (b"9 600\nxx\nxx\n", False),
        (b"2 2\n", False),
        (b"2 2", False),
        (b"2 0\na \0", False),
        (b"2 65537\na \0", False),
        (b"the 1 2\n" + bytes(8), False),
        (b"", False),
    ],
)
def test_binary_and_text_are_told_apart(head: bytes, binary: bool) -> None:
    assert is_word2vec(head) == binary
