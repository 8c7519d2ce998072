"""What the lecture prints, found again on the real reviews; nothing of it is known to the pipeline."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, Review
from pipeline.embed import embed_vocabulary
from pipeline.index import index_reviews
from pipeline.model.batches import in_order, pad
from pipeline.read import read_reviews
from pipeline.recipe import Embed
from pipeline.recipes import LECTURE8
from pipeline.text.vocabulary import Vocabulary

RAW = Path(os.environ.get("SENTIMENT_RAW") or Path(__file__).parents[2] / "data" / "raw")
GLOVE = "glove.6B.50d.txt"  # at hand, where the lecture's own is a download of 1.9 GB

# What the lecture prints of its first review's ids, before and after the cut to 5,000 rows.
FIRST_UNCUT = """
579 34 1 165 171 7670 221 25270 2 6309 2701 141 20 744 28 3 48 18 3573 53650 6 3 16 438 108 540 4 352 147 239 8 218
25 27 4 1 112 91 4 1 526 861 3476 82 11 6 934 184 1 240 16 809 7 1093 2742 20 651 41 7056 40 3818 431 127 1 110 6 20
517 17 1463 1120 998 47 45 80 127 2220 33 218 24 21855 10 9547 110 71 37 2187 1 62 6 32 212 982 11 143 125 7 3 1066
93 11 4184 30 1 1886 608 288 5919 128 6954 1166 22 234 306 46 19 1251 1176 8 55 5 1 3239 2874 2 215 155 351 15 11 15
3 749 135 13 10 53651 6 3 622 1673 1479 4 323 18 2 195 15 1098 349 4 914 2 222 9 37 1 185 11 1 1305 106 6 20 122 765
53652 53653 53654 244 17 3 1903 1224 549 51 2361 9 235
"""
FIRST_CUT = """
579 34 1 165 171 4999 221 4999 2 4999 2701 141 20 744 28 3 48 18 3573 4999 6 3 16 438 108 540 4 352 147 239 8 218 25
27 4 1 112 91 4 1 526 861 3476 82 11 6 934 184 1 240 16 809 7 1093 2742 20 651 41 4999 40 3818 431 127 1 110 6 20 517
17 1463 1120 998 47 45 80 127 2220 33 218 24 4999 10 4999 110 71 37 2187 1 62 6 32 212 982 11 143 125 7 3 1066 93 11
4184 30 1 1886 608 288 4999 128 4999 1166 22 234 306 46 19 1251 1176 8 55 5 1 3239 2874 2 215 155 351 15 11 15 3 749
135 13 10 4999 6 3 622 1673 1479 4 323 18 2 195 15 1098 349
"""
COUNTS = {
    "the": 334731,
    "and": 162241,
    "a": 161971,
    "of": 145375,
    "is": 107037,
    "it": 78092,
    "that": 69565,
    "movie": 42669,
    "film": 38254,
    "not": 30287,
    "be": 26723,
    "one": 25725,
    "its": 25105,
    "from": 20437,
    "good": 14710,
    "because": 8991,
    "movies": 7921,
    "never": 6428,
    "best": 6316,
    "im": 4809,
    "now": 4473,
    "same": 4028,
    "director": 3838,
    "down": 3533,
    "must": 3054,
    "done": 2991,
    "yet": 2700,
    "until": 1755,
    "id": 1394,
    "late": 1138,
    "heard": 1103,
    "coming": 1018,
    "surprised": 799,
    "80s": 687,
    "hands": 623,
    "beloved": 174,
    "partly": 125,
    "ironically": 121,
    "immortal": 58,
    "whod": 44,
    "candyman": 6,
    "papierhaus": 1,
}
# Ids 1 to 77; other and bad share 78 and 79, 80 to 82 follow.
FREQUENT = """
the and a of to is in it i this that was as for with movie but film on not you are his have be he one its at all by an
they from who so like her just or about has if out some there what good more when very even she my up no would time
which only really story their were had see can me than we much well been get will also into
"""


class Lecture(NamedTuple):
    """The text stages' results."""

    reviews: list[Review]  # without their texts but for the first words
    vocabulary: Vocabulary
    encoded: Encoded
    first: int  # position of the lecture's first review


@pytest.fixture(scope="module")
def lecture() -> Lecture:
    if not (RAW / "aclImdb" / "train").is_dir():
        pytest.skip(f"{RAW / 'aclImdb'} is not there: python scripts/fetch_data.py reviews, or set SENTIMENT_RAW")
    reviews = []

    def kept(review: Review) -> Review:
        reviews.append(review._replace(text=review.text[:100]))
        return review

    vocabulary, encoded = index_reviews(map(kept, read_reviews(RAW / "aclImdb", LECTURE8.read)), LECTURE8.index)
    begin = LECTURE8.index.count_first
    found = [i for i, review in enumerate(reviews) if review.text.startswith(begin)]
    assert len(found) == 1
    return Lecture(reviews, vocabulary, encoded, found[0])


@pytest.fixture(scope="module")
def uncut(lecture: Lecture) -> Vocabulary:
    """Return the vocabulary before the cut: every word has an id of its own."""
    vocabulary = lecture.vocabulary
    return Vocabulary(vocabulary.words, vocabulary.counts, replace(LECTURE8.index, vocab_size=0))


@pytest.fixture(scope="module")
def first_text(lecture: Lecture) -> str:
    return (RAW / "aclImdb" / lecture.reviews[lecture.first].file).read_text(encoding="utf-8")


def test_reviews_are_12500_of_either_label(lecture: Lecture) -> None:
    assert [review.label for review in lecture.reviews] == [1] * 12_500 + [0] * 12_500
    assert lecture.encoded.labels.tolist() == [1] * 12_500 + [0] * 12_500


def test_first_review_is_positive_and_begins_as_printed(lecture: Lecture) -> None:
    assert lecture.reviews[lecture.first].label == 1
    begin = """Coming from the same director who'd done "Candyman" and "Immortal Beloved", I'm not surprised"""
    assert lecture.reviews[lecture.first].text.startswith(begin)


def test_words_occur_as_often_as_printed(lecture: Lecture) -> None:
    counts = dict(zip(lecture.vocabulary.words, lecture.vocabulary.counts))
    assert {word: counts[word] for word in COUNTS} == COUNTS


def test_there_are_111525_distinct_words(lecture: Lecture) -> None:
    assert len(lecture.vocabulary.words) == len(set(lecture.vocabulary.words)) == 111_525


def test_frequent_words_have_the_printed_ids(lecture: Lecture) -> None:
    names = lecture.vocabulary.words
    assert names[:77] == FREQUENT.split()
    assert set(names[77:79]) == {"other", "bad"}
    assert lecture.vocabulary.counts[77:79] == [9056, 9056]
    assert names[79:82] == ["people", "do", "because"]
    assert [lecture.vocabulary.id(word) for word in ("the", "not", "because")] == [1, 20, 82]


def test_first_review_has_the_printed_ids_before_the_cut(uncut: Vocabulary, first_text: str) -> None:
    printed = [int(number) for number in FIRST_UNCUT.split()]
    assert uncut.encode(uncut.split(first_text))[: len(printed)].tolist() == printed
    assert len(uncut) == 111_526


def test_first_review_has_the_printed_ids_after_the_cut(lecture: Lecture, first_text: str) -> None:
    printed = [int(number) for number in FIRST_CUT.split()]
    vocabulary = lecture.vocabulary
    assert lecture.encoded[lecture.first][: len(printed)].tolist() == printed
    assert vocabulary.encode(vocabulary.split(first_text)).tolist() == lecture.encoded[lecture.first].tolist()


def test_uncut_ids_become_4999_from_there_on(lecture: Lecture, uncut: Vocabulary, first_text: str) -> None:
    ids = uncut.encode(uncut.split(first_text))
    assert np.minimum(ids, 4999).tolist() == lecture.encoded[lecture.first].tolist()
    assert uncut.decode(ids) == uncut.split(first_text)


def test_vocabulary_has_5000_rows(lecture: Lecture) -> None:
    assert len(lecture.vocabulary) == 5000
    assert (lecture.encoded.ids.min(), lecture.encoded.ids.max()) == (1, 4999)
    assert lecture.vocabulary.id(lecture.vocabulary.words[4998]) == lecture.vocabulary.id("papierhaus") == 4999


def test_lengths_are_those_printed(lecture: Lecture) -> None:
    lengths = lecture.encoded.lengths
    assert (lengths.min(), lengths.max()) == (10, 2459)
    assert lengths.sum() / len(lengths) == 230.51952


def test_split_holds_out_7500(lecture: Lecture) -> None:
    assert {split: len(lecture.encoded.rows(split)) for split in SPLITS} == {
        "train": 17_500,
        "validation": 0,
        "held_out": 7_500,
        "test": 0,
        "sentences": 0,
        "generated": 0,
    }
    assert sum(len(batch) for batch in in_order(17_500, LECTURE8.train.batch_size, drop_last=True)) == 17_496


def test_padded_reviews_are_500_wide_with_zeros_behind(lecture: Lecture) -> None:
    rows = lecture.encoded.rows("train")
    padded, lengths = pad([lecture.encoded[row] for row in rows], LECTURE8.index, LECTURE8.network)
    assert (padded.shape, padded.dtype) == ((17_500, 500), np.int32)
    assert lengths.tolist() == np.minimum(lecture.encoded.lengths[rows], 500).tolist()
    assert 0 < (lengths == 500).sum() < 17_500
    assert np.array_equal(padded != 0, np.arange(500) < lengths[:, None])  # words first, then nothing but zeros
    longest = int(np.argmax(lecture.encoded.lengths[rows]))
    assert padded[longest].tolist() == lecture.encoded[rows[longest]][:500].tolist()


def test_embedding_has_a_zero_row_for_padding_and_for_words_that_glove_lacks(lecture: Lecture) -> None:
    if not (RAW / GLOVE).is_file():
        pytest.skip(f"{RAW / GLOVE} is not there: python scripts/fetch_data.py glove, or set SENTIMENT_RAW")
    matrix, coverage = embed_vocabulary(lecture.vocabulary, RAW / GLOVE, Embed(vectors=GLOVE))
    assert (matrix.shape, matrix.dtype) == ((5000, 50), np.float32)
    zeros = {lecture.vocabulary.words[row - 1] for row in np.flatnonzero(~matrix.any(axis=1)) if row}
    assert not matrix[0].any()
    assert {"youve", "werent", "shouldnt", "lowbudget", "overthetop"} < zeros
    assert 20 <= len(zeros) <= 26  # the last of the words depend on the order of the files, as ties do
    assert (coverage.found, coverage.lines, coverage.skipped) == (4999 - len(zeros), 400_000, {})
    assert np.isclose(matrix[1, :4], [0.418, 0.24968, -0.41242, 0.1217]).all()  # the
    assert matrix[4999].any()  # the row that all rare words share is that of a real word
