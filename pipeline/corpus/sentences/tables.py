"""The kinds of table that the modules of this package hold.

A pattern is a sentence with slots in braces. ``{adj}`` takes a word of the sentence's own polarity, ``{-adj}`` one of
the opposite: "not {-adj}" is "not good" in a negative sentence and "not boring" in a positive one. What fills a slot
may have slots itself.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple

Words = Tuple[str, ...]


class Both(NamedTuple):
    """Words or patterns of each polarity."""

    positive: Words
    negative: Words


class Patterns(NamedTuple):
    """Patterns of one kind of sentence: those of either polarity, and those of one only."""

    both: Words
    positive: Words
    negative: Words


class Domain(NamedTuple):
    """What opinions are about: things of one kind, and the words and phrases for them."""

    nouns: Words  # a thing, after "the", "this" or "a"
    parts: Words  # of a thing, singular
    plurals: Words  # of a thing, plural
    adjectives: Both
    clauses: Both  # what happened: whole clauses
    events: Both  # what a thing or a part of it did: follows a subject
    used: str  # "I have never ... a better one"
    use: str  # "I would ... it again"
    past: str  # "the one that I ..."
    using: str  # "never ... it again"


def split(text: str) -> Words:
    """Split words or phrases at commas."""
    return tuple(" ".join(word.split()) for word in text.split(",") if word.strip())


def lines(text: str) -> Words:
    """Split phrases at line ends."""
    return tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())
