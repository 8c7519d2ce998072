from __future__ import annotations

import os
import tracemalloc
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Iterable

import numpy as np
import pytest
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from pipeline.corpus import reviews as reviews_module
from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import Piece, Review, load_reviews, save_reviews
from pipeline.errors import PipelineError
from pipeline.index import _Tokenizer, index_reviews
from pipeline.recipe import Index
from pipeline.text.tokenizers import TOKENIZERS
from pipeline.text.vocabulary import Vocabulary

quickly = settings(derandomize=True, deadline=None, max_examples=200)
PLAIN = Index(tokenizer="alphanumeric", vocab_size=0, vocab_from="all", tie_break="first_seen")
SHARED = replace(PLAIN, oov="last_id")


def make_reviews(*texts: str, splits: str = "") -> list[Review]:
    """Make reviews; `splits` has one letter for each: t(rain) or h(eld out)."""
    names = [{"t": "train", "h": "held_out"}[letter] for letter in splits or "t" * len(texts)]
    return [
        Review(f"train/pos/{i}.txt", 1 - i % 2, split, names[:i].count(split), text)
        for i, (text, split) in enumerate(zip(texts, names))
    ]


def ids_of(encoded: Encoded) -> list[list[int]]:
    return [encoded[i].tolist() for i in range(len(encoded))]


def test_words_stand_by_count_and_ties_by_first_appearance() -> None:
    vocabulary, encoded = index_reviews(make_reviews("b a c a", "d c b e"), PLAIN)
    assert vocabulary.words == ["b", "a", "c", "d", "e"]
    assert vocabulary.counts == [2, 2, 2, 1, 1]
    assert vocabulary.special == ["<pad>", "<unk>"]
    assert len(vocabulary) == 7
    assert ids_of(encoded) == [[2, 3, 4, 3], [5, 4, 2, 6]]


def test_words_stand_by_count_and_ties_by_alphabet() -> None:
    vocabulary, encoded = index_reviews(make_reviews("b a c a", "d c b e"), replace(PLAIN, tie_break="alphabetical"))
    assert vocabulary.words == ["a", "b", "c", "d", "e"]
    assert vocabulary.counts == [2, 2, 2, 1, 1]
    assert ids_of(encoded) == [[3, 2, 4, 2], [5, 4, 3, 6]]


@pytest.mark.parametrize("most", [0, 9])
@pytest.mark.parametrize("least_count", [1, 5])
def test_order_by_alphabet_is_that_of_gluonnlp(most: int, least_count: int) -> None:
    from pipeline.mx.engine import import_gluonnlp

    nlp = import_gluonnlp()
    random = np.random.Generator(np.random.PCG64(1))
    names = [*"abcdefgh", "zoë", "zoe", "éa", "日本", "\U0001f600", "\uffee", "10", "9", "it's", "its"]
    lists = [[names[i] for i in random.integers(0, len(names), 6)] for _ in range(12)]
    counter = nlp.data.count_tokens([word for words in lists for word in words])
    theirs = nlp.Vocab(counter, max_size=most or None, min_freq=least_count, bos_token=None, eos_token=None)
    options = Index(
        tokenizer="keras",
        vocab_size=most and most + 2,
        min_freq=least_count,
        vocab_from="all",
        tie_break="alphabetical",
    )
    ours, _ = index_reviews(make_reviews(*map(" ".join, lists)), options)
    assert ours.words == theirs.idx_to_token[2:]
    assert ours.counts == [counter[word] for word in ours.words]
    assert len(ours) == len(theirs)
    assert len(set(ours.counts)) < len(ours.counts) - 2, "ties are what this is about"


def test_ties_by_alphabet_take_no_room_for_the_longest_word_each() -> None:
    texts = ["a" * 100_000, " ".join(f"w{i}" for i in range(500))]  # as one array of texts: 200 MB
    tracemalloc.start()
    try:
        vocabulary, _ = index_reviews(make_reviews(*texts), replace(PLAIN, tie_break="alphabetical"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (vocabulary.words[0], vocabulary.words[1:4]) == ("a" * 100_000, ["w0", "w1", "w10"])
    assert peak < 20e6


@pytest.mark.parametrize(
    ("counted_first", "words"),
    [
        ("", ["a", "b", "c", "d", "e"]),
        ("D a", ["a", "d", "e", "b", "c"]),
        ("d a", ["a", "b", "c", "d", "e"]),  # no review begins so
        ("C", ["a", "c", "b", "d", "e"]),
    ],
)
def test_review_counted_first_wins_ties(counted_first: str, words: list[str]) -> None:
    reviews = make_reviews("b a", "C.", "D a e!", "D a c e b")[:3]
    vocabulary, encoded = index_reviews(reviews, replace(PLAIN, count_first=counted_first))
    assert vocabulary.words == words
    assert [vocabulary.decode(encoded[i]) for i in range(3)] == [["b", "a"], ["c"], ["d", "a", "e"]]


def test_counted_first_is_the_first_review_that_begins_so() -> None:
    vocabulary, _ = index_reviews(make_reviews("x", "p q", "p r"), replace(PLAIN, count_first="p"))
    assert vocabulary.words == ["p", "q", "x", "r"]


def test_held_out_reviews_are_not_counted() -> None:
    reviews = make_reviews("c c c b", "a b", splits="ht")
    vocabulary, encoded = index_reviews(reviews, replace(PLAIN, vocab_from="train", tie_break="alphabetical"))
    assert dict(zip(vocabulary.words, vocabulary.counts)) == {"a": 1, "b": 1}
    assert ids_of(encoded) == [[1, 1, 1, 3], [2, 3]]
    assert vocabulary.decode(encoded[0]) == ["<unk>", "<unk>", "<unk>", "b"]


def test_held_out_reviews_are_counted_when_all_are() -> None:
    vocabulary, encoded = index_reviews(make_reviews("c c c b", "a b", splits="ht"), PLAIN)
    assert dict(zip(vocabulary.words, vocabulary.counts)) == {"c": 3, "b": 2, "a": 1}
    assert ids_of(encoded) == [[2, 2, 2, 3], [4, 3]]


def test_held_out_word_is_dropped_where_there_is_no_unk() -> None:
    reviews = make_reviews("c c c b", "c", "a b", splits="hht")
    _, encoded = index_reviews(reviews, replace(SHARED, vocab_from="train", tie_break="alphabetical"))
    assert ids_of(encoded) == [[2], [], [1, 2]]
    assert encoded.offsets.tolist() == [0, 1, 1, 3]


def test_words_below_the_least_count_are_not_indexed() -> None:
    vocabulary, encoded = index_reviews(make_reviews("a b a", "c b d"), replace(PLAIN, min_freq=2))
    assert (vocabulary.words, vocabulary.counts, len(vocabulary)) == (["a", "b"], [2, 2], 4)
    assert ids_of(encoded) == [[2, 3, 2], [1, 3, 1]]


def test_rows_limit_the_ids_and_rarer_words_become_unk() -> None:
    vocabulary, encoded = index_reviews(make_reviews("a a a b b c d"), replace(PLAIN, vocab_size=4))
    assert (vocabulary.words, len(vocabulary)) == (["a", "b"], 4)
    assert ids_of(encoded) == [[2, 2, 2, 3, 3, 1, 1]]
    assert vocabulary.row_words() == [(2, "a"), (3, "b")]
    assert [vocabulary.knows(word) for word in ("a", "b", "c", "never", "<unk>", "<pad>")] == [True, True] + [False] * 4


def test_rows_limit_the_ids_and_rarer_words_share_the_last_row() -> None:
    vocabulary, encoded = index_reviews(make_reviews("a a a b b c d"), replace(SHARED, vocab_size=3))
    assert (vocabulary.words, len(vocabulary)) == (["a", "b", "c", "d"], 3)
    assert ids_of(encoded) == [[1, 1, 1, 2, 2, 2, 2]]
    assert vocabulary.decode(encoded[0]) == ["a", "a", "a", "b", "b", "b", "b"]
    assert vocabulary.row_words() == [(1, "a"), (2, "b")]
    assert [vocabulary.knows(word) for word in ("a", "b", "c", "d", "never")] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("options", "special", "ids"),
    [
        (PLAIN, ["<pad>", "<start>", "<unk>"], [[1, 4, 3], [1], [1, 3]]),
        (SHARED, ["<pad>", "<start>"], [[1, 3, 2], [1], [1, 2]]),
    ],
)
def test_start_stands_before_every_review(options: Index, special: list[str], ids: list[list[int]]) -> None:
    vocabulary, encoded = index_reviews(make_reviews("a b", "", "b"), replace(options, bos=True))
    assert vocabulary.special == special
    assert ids_of(encoded) == ids
    assert encoded.lengths.tolist() == [3, 1, 2]
    assert vocabulary.encode([]).tolist() == [1]
    assert vocabulary.decode(encoded[0]) == ["<start>", "a", "b"]


def test_empty_reviews_among_others_have_no_words() -> None:
    _, encoded = index_reviews(make_reviews("", "a", "?!", "", "b a", ""), PLAIN)
    assert encoded.lengths.tolist() == [0, 1, 0, 0, 2, 0]
    assert encoded.offsets.tolist() == [0, 0, 1, 1, 1, 3, 3]
    assert ids_of(encoded) == [[], [2], [], [], [3, 2], []]


@pytest.mark.parametrize(("texts", "number"), [((), 0), (("", " ?! "), 2)])
def test_no_word_at_all_is_an_error(texts: tuple[str, ...], number: int) -> None:
    with pytest.raises(PipelineError, match=f"^{number} reviews without a single word; expected text"):
        index_reviews(make_reviews(*texts), PLAIN)


options_of_all_kinds = st.builds(
    Index,
    tokenizer=st.just("alphanumeric"),
    vocab_size=st.sampled_from([0, 4, 5, 6, 100]),
    min_freq=st.sampled_from([1, 2]),
    vocab_from=st.sampled_from(["train", "all"]),
    tie_break=st.sampled_from(["alphabetical", "first_seen"]),
    oov=st.sampled_from(["unk", "last_id"]),
    bos=st.booleans(),
)


def index_if_possible(reviews: Iterable[Review], options: Index) -> tuple[Vocabulary, Encoded]:
    try:
        return index_reviews(reviews, options)
    except PipelineError as error:
        assume("no word of the counted reviews is that frequent" not in str(error))
        raise


review_texts = st.lists(st.lists(st.sampled_from("abcdefghi"), max_size=8).map(" ".join), min_size=1, max_size=8)


@quickly
@given(review_texts, options_of_all_kinds, st.randoms(use_true_random=False))
def test_reviews_are_encoded_as_the_vocabulary_encodes(texts: list[str], options: Index, random: Any) -> None:
    assume(any(texts))
    reviews = make_reviews(*texts, splits="".join(random.choice("th") for _ in texts))
    vocabulary, encoded = index_if_possible(iter(reviews), options)
    assert len(encoded) == len(texts)
    for i, text in enumerate(texts):
        assert encoded[i].tolist() == vocabulary.encode(vocabulary.split(text)).tolist()
    assert encoded.lengths.tolist() == [len(ids) for ids in ids_of(encoded)]
    assert 0 <= encoded.ids.min(initial=0) <= encoded.ids.max(initial=0) < len(vocabulary)


@settings(quickly, max_examples=30)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=6), options_of_all_kinds)
def test_reviews_from_a_file_and_in_memory_are_indexed_alike(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], options: Index
) -> None:
    assume(any(TOKENIZERS["alphanumeric"](text) for text in texts))
    reviews = make_reviews(*texts)
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    save_reviews(path, reviews)
    assert list(load_reviews(path)) == reviews
    vocabulary, encoded = index_if_possible(reviews, options)
    again, encoded_again = index_reviews(load_reviews(path), options)
    encoded_again.save(path.with_suffix(".npz"))
    assert (again.words, again.counts) == (vocabulary.words, vocabulary.counts)
    for name, array in vars(encoded).items():
        assert np.array_equal(getattr(Encoded.load(path.with_suffix(".npz")), name), array), name


@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("words", ["alphanumeric", "ptb"])
@pytest.mark.parametrize("options", [PLAIN, replace(SHARED, vocab_from="train", bos=True, count_first="w3 w4")])
def test_result_does_not_depend_on_pieces_and_processes(
    options: Index, words: str, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = replace(options, tokenizer=words)
    random = np.random.Generator(np.random.PCG64(2))
    texts = [" ".join(f"w{i}" for i in random.integers(0, 60, size)) for size in random.integers(0, 20, 300)]
    texts[200] = "w3 w4 w5"
    reviews = make_reviews(*texts, splits="".join(random.choice(["t", "h"], 300)))
    vocabulary, encoded = index_reviews(reviews, options)
    monkeypatch.setattr(reviews_module, "_PIECE", 500)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    again, encoded_again = index_reviews(iter(reviews), options)
    assert (again.words, again.counts) == (vocabulary.words, vocabulary.counts)
    assert again.num_tokens == vocabulary.num_tokens
    for name, array in vars(encoded).items():
        assert np.array_equal(getattr(encoded_again, name), array), name


def piece_of(*reviews: Review) -> Piece:
    return partial(iter, reviews)


def test_piece_has_the_new_tokens_and_the_ids_of_all() -> None:
    tokenize = _Tokenizer(Index(tokenizer="alphanumeric", count_first="to be"))
    piece = tokenize(piece_of(*make_reviews("or not", "", "to be to", "to be not not", splits="hhtt")))
    assert piece.process == os.getpid()
    assert piece.new_tokens == ["or", "not", "to", "be"]
    assert piece.count_first == 2
    assert (piece.ids.tolist(), piece.ids.dtype) == ([0, 1, 2, 3, 2, 2, 3, 1, 1], np.int32)
    assert piece.lengths.tolist() == [2, 0, 3, 4]
    assert (piece.labels.tolist(), piece.splits.tolist()) == ([1, 0, 1, 0], [2, 2, 0, 0])
    assert piece.positions.tolist() == [0, 1, 0, 1]
    piece = tokenize(piece_of(*make_reviews("to sleep not", "to be")))
    assert (piece.new_tokens, piece.ids.tolist(), piece.count_first) == (["sleep"], [2, 4, 1, 2, 3], 1)


@pytest.mark.parametrize("reviews", [(), make_reviews("", "?!")])
def test_piece_without_tokens_has_no_ids(reviews: Iterable[Review]) -> None:
    piece = _Tokenizer(PLAIN)(piece_of(*reviews))
    assert (piece.new_tokens, piece.ids.tolist(), piece.count_first) == ([], [], -1)
    assert len(piece.lengths) == len(piece.labels) == len(tuple(reviews))


words = st.text(st.sampled_from("ab\0é日"), min_size=1, max_size=18)


@quickly
@given(st.lists(st.lists(words, max_size=30), min_size=1, max_size=4))
@example([["a", "a\0", "a\0\0", "\0", "a" * 7, "a" * 8, "a" * 9, "a" * 15, "a" * 16, "a" * 17] * 2] * 2)
def test_ids_are_those_of_a_dictionary(texts: list[list[str]]) -> None:
    piece = _Tokenizer(replace(PLAIN, tokenizer="keras"))(piece_of(*make_reviews(*map(" ".join, texts))))
    id_of: dict[str, int] = {}
    ids = [id_of.setdefault(word, len(id_of)) for text in texts for word in text]
    assert (piece.ids.tolist(), piece.new_tokens) == (ids, list(id_of))


def test_lone_surrogates_come_back() -> None:
    vocabulary, _ = index_reviews(make_reviews("a \ud800 \x0b"), replace(PLAIN, tokenizer="keras"))
    assert vocabulary.words == ["a", "\ud800", "\x0b"]


def test_memory_holds_neither_texts_nor_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews_module, "_PIECE", 10_000)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    words = [f"w{i}" for i in range(1000)]
    texts = (" ".join(words[i:] + words[:i]) for i in range(400))
    tracemalloc.start()
    try:
        _, encoded = index_reviews((Review("", 1, "train", i, text) for i, text in enumerate(texts)), PLAIN, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert encoded.ids.nbytes == 1_600_000
    assert encoded[399].tolist() == [*range(401, 1002), *range(2, 401)]
    assert peak < 1_500_000
    assert list(tmp_path.iterdir()) == []


@quickly
@given(review_texts, options_of_all_kinds)
@example(["a b c"], replace(PLAIN, vocab_size=4))
def test_known_words_come_back_from_their_ids(texts: list[str], options: Index) -> None:
    assume(any(texts))
    vocabulary, _ = index_if_possible(make_reviews(*texts), options)
    known = [word for word in "abcdefghi" if vocabulary.knows(word)]
    event(f"{len(known)} known")
    assert vocabulary.decode(vocabulary.encode(known)) == ["<start>"] * options.bos + known
    others = [word for word in "abcdefghi" if not vocabulary.knows(word)]
    assert not set(vocabulary.encode(known).tolist()[options.bos :]) & set(map(vocabulary.id, others))


@pytest.mark.parametrize("split", ["train", "all"])
def test_no_word_frequent_enough_is_said(split: str) -> None:
    options = replace(PLAIN, vocab_from=split, min_freq=3)
    with pytest.raises(PipelineError, match=r"index\.min_freq=3: no word of the counted reviews is that frequent"):
        index_reviews(make_reviews("a a b", "b"), options)
