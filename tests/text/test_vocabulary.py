from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.index import index_reviews
from pipeline.recipe import Index
from pipeline.text.vocabulary import Vocabulary
from tests.test_index import PLAIN, SHARED, make_reviews


@pytest.mark.parametrize("oov", ["unk", "last_id"])
@pytest.mark.parametrize("vocab_size", [0, 6, 100])
def test_last_word_has_its_own_id_if_vocab_size_allows(oov: str, vocab_size: int) -> None:
    vocabulary, _ = index_reviews(make_reviews("a a b c"), replace(PLAIN, oov=oov, vocab_size=vocab_size))
    assert [vocabulary.knows(word) for word in ("a", "b", "c", "d")] == [True, True, True, False]
    assert len(vocabulary) == 3 + len(vocabulary.special)


def test_unseen_words_become_unk_or_are_dropped() -> None:
    unknown, _ = index_reviews(make_reviews("a b"), PLAIN)
    shared, _ = index_reviews(make_reviews("a b"), SHARED)
    assert unknown.encode(["b", "never", "a"]).tolist() == [3, 1, 2]
    assert shared.encode(["b", "never", "a"]).tolist() == [2, 1]
    assert (unknown.id("never"), shared.id("never")) == (1, -1)
    assert shared.encode(["never"]).shape == (0,)


@pytest.mark.parametrize(
    ("options", "num_special"), [(PLAIN, 2), (SHARED, 1), (replace(PLAIN, bos=True), 3), (replace(SHARED, bos=True), 2)]
)
def test_vocab_size_without_room_for_a_word_is_refused(options: Index, num_special: int) -> None:
    with pytest.raises(
        PipelineError, match=rf"^index\.vocab_size: expected more than {num_special}, found {num_special}$"
    ):
        index_reviews(make_reviews("a b"), replace(options, vocab_size=num_special))
    vocabulary, _ = index_reviews(make_reviews("a b"), replace(options, vocab_size=num_special + 1))
    assert len(vocabulary) == num_special + 1


def test_vocabulary_handles_other_scripts() -> None:
    options = Index(tokenizer="ptb", vocab_size=0)
    vocabulary, encoded = index_reviews(make_reviews("Café 日本 \U0001f600!", "café"), options)
    assert vocabulary.words == ["café", "!", "日本", "\U0001f600"]
    assert vocabulary.decode(encoded[0]) == vocabulary.split("CAFÉ 日本 \U0001f600 !")


@pytest.mark.parametrize("oov", ["unk", "last_id"])
def test_vocabulary_round_trip(tmp_path: Path, oov: str) -> None:
    options = replace(PLAIN, tokenizer="ptb", vocab_size=4, oov=oov)
    vocabulary, _ = index_reviews(make_reviews("naïve \u65e5 naïve \U0001f600 ' \" \\ naïve \u65e5"), options)
    vocabulary.save(tmp_path / "vocabulary.json")
    loaded = Vocabulary.load(tmp_path / "vocabulary.json", options)
    assert (loaded.words, loaded.counts, len(loaded)) == (vocabulary.words, vocabulary.counts, 4)
    words = ["\u65e5", "naïve", "\U0001f600", "never", "\\"]
    assert loaded.encode(words).tolist() == vocabulary.encode(words).tolist()
    assert loaded.encode(words).tolist() == ([3, 2, 1, 1, 1] if oov == "unk" else [2, 1, 3, 3])


def test_vocabulary_is_plain_json(tmp_path: Path) -> None:
    index_reviews(make_reviews("b a b"), PLAIN)[0].save(tmp_path / "vocabulary.json")
    assert json.loads((tmp_path / "vocabulary.json").read_bytes()) == {
        "words": ["b", "a"],
        "counts": [2, 1],
        "oov_count": 0,
    }


def test_num_tokens_includes_excluded_words(tmp_path: Path) -> None:
    vocabulary, _ = index_reviews(make_reviews("a a a b b c d"), replace(PLAIN, vocab_size=4, min_freq=2))
    assert (vocabulary.words, vocabulary.counts, vocabulary.num_tokens) == (["a", "b"], [3, 2], 7)
    vocabulary.save(tmp_path / "vocabulary.json")
    assert Vocabulary.load(tmp_path / "vocabulary.json", vocabulary.options).num_tokens == 7


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", r"not a vocabulary \(expected as many words as counts\)"),
        ("null", r"not a vocabulary \(expected as many words as counts\)"),
        ('{"words": ["a"]}', r"not a vocabulary \(expected as many words as counts\)"),
        ('{"words": ["a"], "counts": [2, 1]}', r"not a vocabulary \(expected as many words as counts\)"),
        ('{"words": "ab", "counts": [2, 1]}', r"not a vocabulary \(expected as many words as counts\)"),
        ('{"words": ["a", 5], "counts": [2, 1]}', r"not a vocabulary \(a word is not text, or a count is not a whole"),
        ('{"words": ["a", "b"], "counts": [2, 1.5]}', r"not a vocabulary \(a word is not text, or a count is not a"),
        ('{"words": ["a", "b"], "counts": [2, null]}', r"not a vocabulary \(a word is not text, or a count is not"),
        ('{"words": ["a"', "line 1: not JSON"),
        ("", "line 1: not JSON"),
    ],
)
def test_damaged_vocabulary_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "vocabulary.json").write_text(content)
    with pytest.raises(PipelineError, match=r"vocabulary\.json(:|,) " + message):
        Vocabulary.load(tmp_path / "vocabulary.json", PLAIN)


def test_missing_vocabulary_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"vocabulary\.json: no such file"):
        Vocabulary.load(tmp_path / "vocabulary.json", PLAIN)


def test_ids_of_equals_id_of_each_word() -> None:
    vocabulary, _ = index_reviews(make_reviews("a a b c"), replace(SHARED, vocab_size=3))
    words = ["c", "a", "never", "b"]
    assert vocabulary.ids_of(iter(words)).tolist() == [vocabulary.id(word) for word in words] == [2, 1, -1, 2]
    assert vocabulary.encode(iter(words)).tolist() == [2, 1, 2]
    assert vocabulary.encode([]).dtype == np.int32


@pytest.mark.parametrize(
    ("word", "known"),
    [("goooood", "good"), ("sooo", "so"), ("baaad", "bad"), ("gooood", "good"), ("aaaa", None), ("1000", None)],
)
def test_elongated_word_has_the_id_of_the_word_it_stretches(word: str, known: str | None) -> None:
    plain, _ = index_reviews(make_reviews("good so bad"), replace(PLAIN, tokenizer="ptb", vocab_size=5))
    assert plain.id(word) == (plain.id(known) if known else 1)
    assert plain.knows(word) is bool(known)
    assert plain.encode([word]).tolist() == [plain.id(word)]


def test_elongated_word_that_is_in_the_vocabulary_has_the_id_of_the_word_it_stretches_too() -> None:
    vocabulary, encoded = index_reviews(make_reviews("so so so soo soo sooo hmmm"), replace(PLAIN, tokenizer="ptb"))
    assert vocabulary.words == ["so", "soo", "sooo", "hmmm"]
    assert vocabulary.id("so") == vocabulary.id("sooo") == vocabulary.id("sooooo") == 2
    assert (vocabulary.id("soo"), vocabulary.id("hmmm")) == (3, 5)  # what it would stretch is not there
    assert encoded[0].tolist() == [2, 2, 2, 3, 3, 2, 5]
    assert vocabulary.knows("sooo")


def test_words_of_one_letter_and_roman_numerals_are_not_elongated() -> None:
    text = "zz zz zzz www w w iii i i xviii xvi xvi"
    vocabulary, _ = index_reviews(make_reviews(text), replace(PLAIN, tokenizer="ptb"))
    assert len({vocabulary.id(word) for word in text.split()}) == len(set(text.split())) == 8
    assert vocabulary.id("zzzz") == vocabulary.id("zz")


def test_lectures_tokens_are_looked_up_as_they_are() -> None:
    vocabulary, _ = index_reviews(make_reviews("good"), PLAIN)
    assert vocabulary.id("goood") == 1
