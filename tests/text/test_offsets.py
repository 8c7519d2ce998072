from __future__ import annotations

import pytest
from hypothesis import example, given

from pipeline.text.offsets import find_words
from pipeline.text.tokenizers import TOKENIZERS
from tests.text.test_tokenizers import fast, texts

MIXED = "İ'm GREAT—great...<br />“It’s” don't&nbsp;&amp; &NotEqualTilde; 🎬🎬 half\nway <br\n/> ΣΑΣ `tis &quot;"


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@fast
@given(texts.map("".join))
@example(MIXED)
@example("&")
@example("&#0;&#xD800;&#x110000;&notit;&ngeqq&")
@example("<br<br />/>..<br />..")
@example("\ud800 lone surrogate")
@example("\u0301\u200b\u1100\u1161\u11a8\uff76\uff9e\u0374\u0385\u1e9b\u0323")
@example("\u03a3\u0391\u03a3\u0301 \u03a3\u200d &amp;#39;&amp;amp;#x301;&no\u0165;")
def test_find_words_gives_the_tokens_with_ordered_offsets(tokenizer: str, text: str) -> None:
    found = find_words(text, tokenizer)
    assert [word.word for word in found] == TOKENIZERS[tokenizer](text)
    assert all(0 <= word.start < word.end <= len(text) for word in found)
    assert all(a.start <= b.start and a.end <= b.end for a, b in zip(found, found[1:]))


def words_with_source(text: str, tokenizer: str) -> list[tuple[str, str]]:
    return [(word, text[start:end]) for word, start, end in find_words(text, tokenizer)]


def test_find_words_offsets_refer_to_the_original_text() -> None:
    text = "GREAT, great......<br />“It’s” 8/10 don`t &amp; <b>🎬🎬 Café&#33;"
    assert words_with_source(text, "ptb") == [
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


def test_find_words_offsets_cover_lookalike_characters() -> None:
    text = (
        "clich\xe9 cliche\u0301s, \uff27\uff32\uff25\uff21\uff34\uff01 \ufb01lms\u2026 "
        "gr\xade\u200bat! don&amp;#39;t \u2764\ufe0f\U0001f468\u200d\U0001f469 \u203c"
    )
    assert words_with_source(text, "ptb") == [
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


def test_find_words_alphanumeric_offsets_span_removed_characters() -> None:
    text = "“Who'd<br />brown?\nHalf\nway Café 🎬 no.blank"
    assert words_with_source(text, "alphanumeric") == [
        ("whod", "Who'd"),
        ("brownhalfway", "brown?\nHalf\nway"),
        ("caf", "Caf"),
        ("noblank", "no.blank"),
    ]


def test_find_words_keras_keeps_apostrophes_and_breaks() -> None:
    text = "Don't!<br />CAFÉ's a_b 🎬"
    assert words_with_source(text, "keras") == [
        ("don't", "Don't"),
        ("br", "br"),
        ("café's", "CAFÉ's"),
        ("a", "a"),
        ("b", "b"),
        ("🎬", "🎬"),
    ]


def test_find_words_can_give_two_words_the_same_offsets() -> None:
    assert find_words("aİb", "ptb") == [("ai", 0, 2), ("\u0307", 1, 2), ("b", 2, 3)]
    assert find_words("&NotEqualTilde;", "ptb") == [("≂", 0, 15), ("\u0338", 0, 15)]
