from __future__ import annotations

import dataclasses
import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.recipe import Index
from pipeline.text.tokenizers import TOKENIZERS, alphanumeric, compose, keras, ptb

fast = settings(derandomize=True, deadline=None, max_examples=200)
# Arbitrary text rarely contains what the tokenizers replace, so mix both.
CLEANED = ["<br />", "<BR />", "<br/>", " ", "'", "n't", "...", "&#84;", "a", "Z"]
LOOKALIKES = ["\u0301", "\u0307", "\u200d", "\u200b", "\ufe0f", "\uff27", "\ufb01", "\xb4", "\u02bc", "\u2026", "\x85"]
COMPOSED = ["\xe9", "\u0130", "\u03a3", "\u1100", "\u1161", "\u11a8", "\uff76", "\uff9e", "&amp;#39;", "&#x301;", "&no"]
texts = st.lists(st.sampled_from(CLEANED + LOOKALIKES + COMPOSED) | st.text())
one_line = texts.map("".join).filter(lambda text: "\n" not in text)


def clean(text: str) -> list[str]:
    """Clean a text with the lecture's regular expression."""
    lowered = text.lower().replace("<br />", " ")
    return [word for word in re.sub(r"[^A-Za-z0-9 ]", "", lowered).split(" ") if word]


EDGE_CASES = [
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


@pytest.mark.parametrize(("text", "words"), EDGE_CASES)
def test_alphanumeric_matches_the_lecture(text: str, words: list[str]) -> None:
    assert alphanumeric(text) == words
    assert clean(text) == words


@fast
@given(one_line)
@example("\ud800 lone surrogate")
def test_alphanumeric_equals_the_regular_expression(text: str) -> None:
    assert alphanumeric(text) == clean(text)


def test_alphanumeric_removes_newlines_without_a_space() -> None:
    assert alphanumeric("half\nway\r\nthere again\n") == ["halfwaythere", "again"]


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
        (
            "Nice :) or ;-)? :'( =D <3 </3 ^_^ -_-",
            ["nice", ":)", "or", ";-)", "?", ":'(", "=d", "<3", "</3", "^_^", "-_-"],
        ),
        (
            "(Bale): him :) cast:(John) at http://x 3:30",
            "( bale ) : him :) cast : ( john ) at http : / / x 3:30".split(),
        ),
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
def test_ptb_follows_the_penn_treebank_rules(text: str, words: list[str]) -> None:
    assert ptb(text) == words


LOOK_THE_SAME = [
    ("caf\xe9 cafe\u0301", ["café", "café"]),
    ("clich\xe9d bore clich\u0065\u0301d bore", ["clichéd", "bore", "clichéd", "bore"]),
    ("J\u030cA \u01f0a \u212bngstr\xf6m \u212aelvin", ["ǰa", "ǰa", "ångström", "kelvin"]),
    ("\uff27\uff32\uff25\uff21\uff34\uff01 \uff11\uff10\uff0f\uff11\uff10", ["great", "!", "10/10"]),
    ("\U0001d40e\U0001d424\U0001d41a\U0001d432 \U0001d7cf\U0001d7ce", ["okay", "10"]),
    ("\ufb01lm wa\ufb04e \u017fo Rocky \u2163", ["film", "waffle", "so", "rocky", "iv"]),
    ("\uff76\uff9e \u30ab\u3099 \u30ac", ["ガ", "ガ", "ガ"]),
    ("wait\u2026 no\u2025 yes\u2026. end\x85", ["wait", "...", "no", "...", "yes", "...", "end", "..."]),
    ("what\u203c really\u2047", ["what", "!", "!", "really", "?", "?"]),
    ("8\xbd/10 Alien\xb3 1\xaa Oscar\u2122 \u2116", ["8½/10", "alien³", "1ª", "oscar", "™", "№"]),
    ("\xa8 \xaf \u2460 8\u204410", ["¨", "¯", "①", "8/10"]),
    ("well\u2010made non\u2011stop \u22125", ["well", "-", "made", "non", "-", "stop", "-", "5"]),
    ("\u201efine\u201f \u2033or\u2033 \x84so\x93", ['"', "fine", '"', '"', "or", '"', '"', "so", '"']),
    ("gr\xadeat fi\u200blm \ufeffdull\ufeff bo\u2060re \u202eok\u202c", ["great", "film", "dull", "bore", "ok"]),
    (
        "don\u200d't e\u200d\u0301t\u034fe \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ["do", "n't", "éte", "میخواهم"],
    ),
    ("\u200b \xad \ufeff \u3164 \u115f", []),
    ("a\xa0b\u202fc\u2007d\u3000e\u2800f", ["a", "b", "c", "d", "e", "f"]),
    ("don&amp;#39;t &amp;quot;x&amp;quot; a&amp;nbsp;b", ["do", "n't", '"', "x", '"', "a", "b"]),
    ("&amp;amp;#x27;s &#38;#39;s &AMP;lt;br&AMP;gt;", ["'s", "'s"]),
    ("AT&amp;T a&amp;copy=b", ["at", "&", "t", "a", "&", "copy", "=", "b"]),
    ("so&#8203;so &shy;caf&#101;&#769;", ["soso", "café"]),
    ("\u2764\ufe0f \u2764 1\ufe0f\u20e3", ["❤", "❤", "1", "\u20e3"]),
    ("\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd", ["👨", "👩", "👧", "👍"]),
]


@pytest.mark.parametrize(("text", "words"), LOOK_THE_SAME)
def test_ptb_normalises_lookalike_characters(text: str, words: list[str]) -> None:
    assert ptb(text) == words


APOSTROPHES = (
    "'`\xb4\u2018\u2019\u201b\u2032\u2035\u02b9\u02bc\u02c8\u0374\u055a\u05f3\u1fbd\u1fbf\ua78c\uff07\uff40\x91\x92"
)


@pytest.mark.parametrize("mark", APOSTROPHES)
def test_ptb_splits_contractions_at_every_apostrophe(mark: str) -> None:
    assert ptb(f"Don{mark}t! It{mark}s") == ["do", "n't", "!", "it", "'s"]
    assert ptb(f"Fianc\xe9 don{mark}t") == ["fiancé", "do", "n't"]


@fast
@given(texts.map("".join))
@example("&not\u030c;")  # an entity, or an ampersand and a word
@example("\u0385 \u1e9b\u0323 \u0344 \u1ffd")
def test_ptb_does_not_depend_on_unicode_normalization(text: str) -> None:
    words = ptb(text)
    assert ptb(unicodedata.normalize("NFC", text)) == words
    assert ptb(unicodedata.normalize("NFD", text)) == words


MARKS = "\u0301\u0316\u0344\u0345\u0f73\u0f81\u3099\u20dd\u034f\u2764\U0001d165"


@fast
@given(st.lists(st.text(MARKS, min_size=28, max_size=60), max_size=3), st.sampled_from(["a", "\xe9", "\u30ab", " "]))
def test_compose_equals_nfc_with_many_marks(runs: list[str], letter: str) -> None:
    text = letter.join(["", *runs])
    assert compose(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\u0f73", "\u0301\u200d\u0316\u200d"])
def test_ptb_takes_linear_time_with_many_marks(marks: str) -> None:
    """unicodedata.normalize takes 20 s for the first of these, since its time is quadratic."""
    start = time.process_time()
    words = ptb("a" + marks * 100_000)
    assert time.process_time() - start < 5
    assert len(words) > 100_000


@fast
@given(texts.map("".join), st.data())
def test_ptb_ignores_invisible_characters(text: str, data: st.DataObject) -> None:
    text = text.replace("&", "")
    at = data.draw(st.integers(0, len(text)))
    character = data.draw(st.sampled_from("\xad\u200b\u200c\u200d\u200e\u2060\ufe0f\ufeff\u034f\U000e0100"))
    assert ptb(text[:at] + character + text[at:]) == ptb(text)


@fast
@given(st.text([chr(code) for code in range(33, 127) if chr(code) != "&"] + [" "]))
def test_ptb_converts_full_width_characters(text: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) if character != " " else "\u3000" for character in text)
    assert ptb(wide) == ptb(text)


def test_ptb_reads_a_backtick_as_an_apostrophe() -> None:
    assert ptb("don`t go") == ["do", "n't", "go"]
    assert ptb("don`t go né") == ["do", "n't", "go", "né"]


@pytest.mark.parametrize("name", ["alphanumeric", "keras", "ptb"])
@fast
@given(texts.map("".join))
@example("\ud800 lone surrogate")
@example("nul\0 nbsp\xa0tab\tend")
def test_words_are_lower_case_without_spaces(name: str, text: str) -> None:
    words = TOKENIZERS[name](text)
    assert all(words)
    assert not any(re.search(" " if name == "keras" else r"\s", word) for word in words)
    assert words == [word.lower() for word in words]


@pytest.mark.parametrize("name", ["alphanumeric", "ptb"])
@fast
@given(st.text("abcXYZ0189", min_size=1, max_size=8), st.sampled_from(["", " ", "<br />", "  "]))
def test_plain_word_is_not_split(name: str, word: str, blank: str) -> None:
    assert TOKENIZERS[name](blank + word + blank) == [word.lower()]


def test_recipes_choose_among_all_tokenizers() -> None:
    (field,) = [field for field in dataclasses.fields(Index) if field.name == "tokenizer"]
    assert sorted(field.metadata["choices"]) == sorted(TOKENIZERS)
