from __future__ import annotations

import pytest
from hypothesis import example, given

from pipeline.text.offsets import find_words
from pipeline.text.tokenizers import SPLITTERS
from tests.text.test_tokenizers import quickly, texts

UGLY = "İ'm GREAT—great...<br />“It’s” don't&nbsp;&amp; &NotEqualTilde; 🎬🎬 half\nway <br\n/> ΣΑΣ `tis &quot;"


@pytest.mark.parametrize("splitter", SPLITTERS)
@quickly
@given(texts.map("".join))
@example(UGLY)
@example("&")
@example("&#0;&#xD800;&#x110000;&notit;&ngeqq&")
@example("<br<br />/>..<br />..")
@example("\ud800 lone surrogate")
def test_find_words_gives_the_splitters_words_at_places_in_order(splitter: str, text: str) -> None:
    found = find_words(text, splitter)
    assert [word.word for word in found] == SPLITTERS[splitter](text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert all(a.start <= b.start and a.end <= b.end for a, b in zip(found, found[1:]))


def places(text: str, splitter: str) -> list[tuple[str, str]]:
    return [(word, text[start:end]) for word, start, end in find_words(text, splitter)]


def test_find_words_points_into_the_text_as_it_was_typed() -> None:
    text = "GREAT, great......<br />“It’s” 8/10 don`t &amp; <b>🎬🎬 Café&#33;"
    assert places(text, "spoken") == [
        ("great", "GREAT"),
        (",", ","),
        ("great", "great"),
        ("...", "......"),
        ('"', "“"),
        ("it", "It"),
        ("'s", "’s"),
        ('"', "”"),
        ("8/10", "8/10"),
        ("do", "do"),
        ("n't", "n`t"),
        ("&", "&amp;"),
        ("<", "<"),
        ("b", "b"),
        (">", ">"),
        ("🎬", "🎬"),
        ("🎬", "🎬"),
        ("café", "Café"),
        ("!", "&#33;"),
    ]


def test_find_words_of_letters_spans_what_was_dropped_from_a_word() -> None:
    text = "“Who'd<br />brown?\nHalf\nway Café 🎬 no.blank"
    assert places(text, "letters") == [
        ("whod", "Who'd"),
        ("brownhalfway", "brown?\nHalf\nway"),
        ("caf", "Caf"),
        ("noblank", "no.blank"),
    ]


def test_find_words_of_keras_keeps_apostrophes_and_breaks() -> None:
    text = "Don't!<br />CAFÉ's a_b 🎬"
    assert places(text, "keras") == [
        ("don't", "Don't"),
        ("br", "br"),
        ("café's", "CAFÉ's"),
        ("a", "a"),
        ("b", "b"),
        ("🎬", "🎬"),
    ]


def test_find_words_lets_two_words_share_one_character() -> None:
    assert find_words("aİb", "spoken") == [("ai", 0, 2), ("\u0307", 1, 2), ("b", 2, 3)]
    assert find_words("&NotEqualTilde;", "spoken") == [("≂", 0, 15), ("\u0338", 0, 15)]
