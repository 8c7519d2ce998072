from __future__ import annotations

import numpy as np
import pytest

from pipeline.corpus.sentences.extraction import extract_sentences

REVIEW = (
    "  I did not expect much. Was I wrong!  It cost $3.50 to rent, and I would pay it again<br /><br />"
    "Bad. The end drags on... but who cares? See it with the lights on "
)


def extract(text: str, count: int, seed: int = 0) -> list[str]:
    return extract_sentences(text, count, np.random.Generator(np.random.PCG64(seed)))


def test_all_sentences_of_four_words_or_more_come_in_their_order() -> None:
    assert extract(REVIEW, 10) == [
        "I did not expect much.",
        "It cost $3.50 to rent, and I would pay it again",
        "The end drags on...",
        "See it with the lights on",
    ]


def test_count_bounds_them_and_the_generator_chooses() -> None:
    chosen = {tuple(extract(REVIEW, 2, seed)) for seed in range(40)}
    assert len(chosen) == 6  # pairs of 4 sentences
    assert all(list(pair) == [text for text in extract(REVIEW, 10) if text in pair] for pair in chosen)
    assert extract(REVIEW, 2, 5) == extract(REVIEW, 2, 5)
    assert extract(REVIEW, 0) == []


def test_sentence_that_is_repeated_comes_once() -> None:
    assert extract("I really liked it. I really liked it. I really liked it.", 3) == ["I really liked it."]


@pytest.mark.parametrize(("words", "found"), [(3, []), (4, ["w w w w."]), (40, ["w " * 39 + "w."]), (41, [])])
def test_length_is_4_to_40_words(words: int, found: list[str]) -> None:
    assert extract(" ".join(["w"] * words) + ". End.", 9) == found


@pytest.mark.parametrize("text", ["", "  ", "A single sentence it is.", "A single sentence<br />", "\n<br /><br />\n"])
def test_text_of_a_single_sentence_has_none(text: str) -> None:
    assert extract(text, 3) == []
