from __future__ import annotations

import os
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.corpus.reviews import Piece, Review
from pipeline.text import numbering
from pipeline.text.numbering import Numbering, WordNumberer

quickly = settings(derandomize=True, deadline=None, max_examples=200)
# Of all lengths around those that the table takes apart; NUL is what short keys are filled up with.
words = st.text(st.sampled_from("ab\0é日"), min_size=1, max_size=18).map(str.encode)
pieces = st.lists(st.lists(words, max_size=30), min_size=1, max_size=4)


def number_by_dictionary(pieces: list[list[bytes]]) -> list[list[int]]:
    numbers: dict[bytes, int] = {}
    return [[numbers.setdefault(word, len(numbers)) for word in piece] for piece in pieces]


@pytest.mark.parametrize("bits", [1, 18])
@quickly
@given(pieces, st.sampled_from([b" ", b"   "]))
@example([[b"a", b"a\0", b"a\0\0", b"\0", b"a" * 7, b"a" * 8, b"a" * 9, b"a" * 15, b"a" * 16, b"a" * 17] * 2] * 2, b" ")
def test_numbers_are_those_of_a_dictionary(bits: int, pieces: list[list[bytes]], blank: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "_TABLE_BITS", bits)  # 1: words push each other out
        all_words = Numbering()
        found = [all_words.number(blank.join(piece)) for piece in pieces]
        assert [numbers.tolist() for _, numbers in found] == number_by_dictionary(pieces)
        distinct = dict.fromkeys(word for piece in pieces for word in piece)
        assert all_words.words() == list(distinct)
        assert all_words.words(len(distinct) // 2) == list(distinct)[len(distinct) // 2 :]
        assert len(all_words) == len(distinct)
    for piece, (begins, _) in zip(pieces, found):
        assert begins.tolist() == [len(blank.join([*piece[:i], b""])) for i in range(len(piece))]


@pytest.mark.parametrize("text", [b"", b" ", b"    "])
def test_text_without_words_has_no_numbers(text: bytes) -> None:
    begins, numbers = Numbering().number(text)
    assert (len(begins), len(numbers), numbers.dtype) == (0, 0, np.int32)


def test_blanks_in_front_and_behind_are_no_words() -> None:
    begins, numbers = Numbering().number(b"  to be ")
    assert (begins.tolist(), numbers.tolist()) == ([2, 5], [0, 1])


def piece_of(*texts: str) -> Piece:
    return partial(iter, [Review("", i % 2, "train", i, text) for i, text in enumerate(texts)])


def test_piece_has_the_words_that_are_new_and_the_numbers_of_all() -> None:
    number = WordNumberer("alphanumeric", begin="to be")
    one, two = number(piece_of("to be", "", "or not")), number(piece_of("be a to to be", "to be a"))
    assert (one.words, one.numbers.tolist(), one.lengths.tolist()) == (b"to be or not", [0, 1, 2, 3], [2, 0, 2])
    assert (two.words, two.numbers.tolist(), two.lengths.tolist()) == (b"a", [1, 4, 0, 0, 1, 0, 1, 4], [5, 3])
    assert (one.labels.tolist(), one.splits.tolist(), one.positions.tolist()) == ([0, 1, 0], [0, 0, 0], [0, 1, 2])
    assert (one.first.tolist(), two.first.tolist()) == ([0, 1], [0, 1, 4])
    assert one.process == os.getpid()


def test_another_process_numbers_from_nothing() -> None:
    number = WordNumberer("alphanumeric")
    number(piece_of("a b c"))
    assert pickle.loads(pickle.dumps(number))(piece_of("c")).numbers.tolist() == [0]
