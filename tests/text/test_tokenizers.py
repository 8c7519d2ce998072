from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.text.tokenizers import SPLITTERS, keras, letters, space_words, spoken

quickly = settings(derandomize=True, deadline=None, max_examples=200)
# Arbitrary text hardly ever holds what cleaning looks for: mix both.
texts = st.lists(st.sampled_from(["<br />", "<BR />", "<br/>", " ", "'", "n't", "...", "&#84;", "a", "Z"]) | st.text())
one_line = texts.map("".join).filter(lambda text: "\n" not in text)


def clean(text: str) -> list[str]:
    """Clean as the lecture does, with a regular expression."""
    lowered = text.lower().replace("<br />", " ")
    return [word for word in re.sub(r"[^A-Za-z0-9 ]", "", lowered).split(" ") if word]


NASTY = [
    ("Who'd see it?", ["whod", "see", "it"]),
    ("a<br />b<BR />c<br/>d<br >e", ["a", "b", "cbrdbr", "e"]),
    ("no.blank,behind", ["noblankbehind"]),
    ("movie-cliché ultra-shy", ["movieclich", "ultrashy"]),
    ("\u0130stanbul \u212aelvin ﬁlm Straße", ["istanbul", "kelvin", "lm", "strae"]),
    ("tab\there nbsp\xa0here ideographic\u3000blank", ["tabhere", "nbsphere", "ideographicblank"]),
    ("snake_case ^_^ 8/10 100%", ["snakecase", "810", "100"]),
    ("日本 \U0001f600 ١٢٣", []),
    ("<<br />>&lt;br /&gt;", ["ltbr", "gt"]),
    ("nul\x00 bell\x07 unit\x1fseparator", ["nul", "bell", "unitseparator"]),
    ("", []),
    (" ", []),
    ("?!", []),
]


@pytest.mark.parametrize(("text", "words"), NASTY)
def test_letters_cleans_as_the_lecture(text: str, words: list[str]) -> None:
    assert letters(text) == words
    assert clean(text) == words


@quickly
@given(one_line)
@example("\ud800 lone surrogate")
def test_letters_equals_the_regular_expression_on_any_line(text: str) -> None:
    assert letters(text) == clean(text)


def test_letters_drops_newlines_without_leaving_a_blank() -> None:
    assert letters("half\nway\r\nthere again\n") == ["halfwaythere", "again"]


def test_keras_splits_at_punctuation_and_keeps_apostrophes() -> None:
    text = "Don't Stop! (now) a-b_c\td\n'quoted' 8/10 café {x}~|^"
    assert keras(text) == ["don't", "stop", "now", "a", "b", "c", "d", "'quoted'", "8", "10", "café", "x"]
    assert keras("<br />?!") == ["br"]
    assert keras("") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I can't. They'd've, ain't", ["i", "ca", "n't", ".", "they", "'d", "'ve", ",", "ai", "n't"]),
        ("It's John's; I'M", ["it", "'s", "john", "'s", ";", "i", "'m"]),
        ("\u2018Tis wouldn\u2019t don`t didn\xb4t", ["'", "tis", "would", "n't", "do", "n't", "did", "n't"]),
        ("\u201cfine\u201d \x93or\x94 \u2014 so\x97so", ['"', "fine", '"', '"', "or", '"', "-", "so", "-", "so"]),
        ("8/10 7.5 1,000 3:30 10% $5.00", ["8/10", "7.5", "1,000", "3:30", "10", "%", "$", "5.00"]),
        ("wait....no.. yes. end...", ["wait", "...", "no", "...", "yes", ".", "end", "..."]),
        ("one<br>two<BR/>three<br />four", ["one", "two", "three", "four"]),
        ("AT&amp;T &quot;Hi&quot; R&B &nosuch;", ["at", "&", "t", '"', "hi", '"', "r", "&", "b", "&", "nosuch", ";"]),
        ("&#84;HE &lt;br /&gt;end", ["the", "end"]),
        ("snake_case well-known a/b", ["snake", "case", "well", "-", "known", "a", "/", "b"]),
        ("Café 日本 Привет \U0001f600!", ["café", "日本", "привет", "\U0001f600", "!"]),
        ("nbsp\xa0tab\tnew\nline\u2028end", ["nbsp", "tab", "new", "line", "end"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_spoken_splits_as_glove_was_split(text: str, words: list[str]) -> None:
    assert spoken(text) == words


def test_spoken_reads_a_backtick_alike_beside_ascii_and_other_letters() -> None:
    assert spoken("don`t go") == ["do", "n't", "go"]
    assert spoken("don`t go né") == ["do", "n't", "go", "né"]


@pytest.mark.parametrize("name", ["letters", "keras", "spoken"])
@quickly
@given(texts.map("".join))
def test_words_are_lower_case_and_without_blanks(name: str, text: str) -> None:
    words = SPLITTERS[name](text)
    assert all(words)
    assert not any(re.search(" " if name == "keras" else r"\s", word) for word in words)
    assert words == [word.lower() for word in words]


@pytest.mark.parametrize("name", ["letters", "spoken"])
@quickly
@given(st.text("abcXYZ0189", min_size=1, max_size=8), st.sampled_from(["", " ", "<br />", "  "]))
def test_a_plain_word_stays_one_word(name: str, word: str, blank: str) -> None:
    assert SPLITTERS[name](blank + word + blank) == [word.lower()]


@pytest.mark.parametrize("name", SPLITTERS)
@quickly
@given(st.lists(texts.map("".join), max_size=4))
@example(["\ud800 lone surrogate", "", "nul\0 nbsp\xa0tab\tend"])
def test_words_between_blanks_are_those_of_the_splitter(name: str, texts: list[str]) -> None:
    joined, lengths = space_words(name, texts)
    assert len(joined) == sum(lengths) + max(len(texts) - 1, 0)
    for text, length in zip(texts, lengths):
        spaced, joined = joined[:length], joined[length + 1 :]
        words = [word.decode("utf-8", "surrogatepass") for word in spaced.split(b" ") if word]
        assert words == SPLITTERS[name](text)
