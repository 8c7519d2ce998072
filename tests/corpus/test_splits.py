"""Texts that stand in two splits."""

from __future__ import annotations

from pipeline.corpus.reviews import Review
from pipeline.corpus.splits import count_trained_on, fingerprint


def test_fingerprint_ignores_case_and_blanks() -> None:
    assert fingerprint(" A  great\nfilm ") == fingerprint("a GREAT film")
    assert fingerprint("a great film") != fingerprint("a great films")
    assert 0 <= fingerprint("\udcff") < 2**64  # as from a file that is not UTF-8


def test_texts_that_are_trained_on_are_counted_by_split() -> None:
    texts = {
        "train": ["one", "two", "two"],
        "generated": ["three"],
        "validation": ["Two ", "four"],
        "held_out": ["one", "ONE", "three"],
        "test": ["four", "five"],
    }
    reviews = [Review("", 0, split, i, text) for split in texts for i, text in enumerate(texts[split])]
    assert count_trained_on(reviews) == {"validation": 1, "held_out": 3}
    assert count_trained_on([]) == {}
