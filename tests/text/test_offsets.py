from __future__ import annotations

import pytest
from hypothesis import example, given

from pipeline.text.offsets import find_words
from pipeline.text.tokenizers import TOKENIZERS
from tests.text.test_tokenizers import quickly, texts

UGLY = "İ'm GREAT—great...<br />“It’s” don't&nbsp;&amp; &NotEqualTilde; 🎬🎬 half\nway <br\n/> ΣΑΣ `tis &quot;"


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@quickly
@given(texts.map("".join))
@example(UGLY)
@example("&")
@example("&#0;&#xD800;&#x110000;&notit;&ngeqq&")
@example("<br<br />/>..<br />..")
@example("\ud800 lone surrogate")
@example("\u0301\u200b\u1100\u1161\u11a8\uff76\uff9e\u0374\u0385\u1e9b\u0323")
@example("\u03a3\u0391\u03a3\u0301 \u03a3\u200d &amp;#39;&amp;amp;#x301;&no\u0165;")
def test_find_words_gives_the_tokenizers_words_at_places_in_order(tokenizer: str, text: str) -> None:
    found = find_words(text, tokenizer)
    assert [word.word for word in found] == TOKENIZERS[tokenizer](text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert all(a.start <= b.start and a.end <= b.end for a, b in zip(found, found[1:]))


def places(text: str, tokenizer: str) -> list[tuple[str, str]]:
    return [(word, text[start:end]) for word, start, end in find_words(text, tokenizer)]


def test_find_words_points_into_the_text_as_it_was_typed() -> None:
    text = "GREAT, great......<br />“It’s” 8/10 don`t &amp; <b>🎬🎬 Café&#33;"
    assert places(text, "ptb") == [
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


def test_find_words_points_at_characters_that_only_look_like_others() -> None:
    text = (
        "clich\xe9 cliche\u0301s, \uff27\uff32\uff25\uff21\uff34\uff01 \ufb01lms\u2026 "
        "gr\xade\u200bat! don&amp;#39;t \u2764\ufe0f\U0001f468\u200d\U0001f469 \u203c"
    )
    assert places(text, "ptb") == [
        ("cliché", "clich\xe9"),
        ("clichés", "cliche\u0301s"),
        (",", ","),
        ("great", "\uff27\uff32\uff25\uff21\uff34"),
        ("!", "\uff01"),
        ("films", "\ufb01lms"),
        ("...", "\u2026"),
        ("great", "gr\xade\u200bat"),
        ("!", "!"),
        ("do", "do"),
        ("n't", "n&amp;#39;t"),
        ("\u2764", "\u2764\ufe0f"),
        ("\U0001f468", "\U0001f468\u200d"),
        ("\U0001f469", "\U0001f469"),
        ("!", "\u203c"),
        ("!", "\u203c"),
    ]


def test_find_words_of_alphanumeric_spans_what_was_dropped_from_a_word() -> None:
    text = "“Who'd<br />brown?\nHalf\nway Café 🎬 no.blank"
    assert places(text, "alphanumeric") == [
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
    assert find_words("aİb", "ptb") == [("ai", 0, 2), ("\u0307", 1, 2), ("b", 2, 3)]
    assert find_words("&NotEqualTilde;", "ptb") == [("≂", 0, 15), ("\u0338", 0, 15)]
