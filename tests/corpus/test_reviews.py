from __future__ import annotations

import json
import os
import pickle
from functools import partial
from pathlib import Path
from typing import Any, Iterator

import pytest

from pipeline.corpus import reviews
from pipeline.corpus.reviews import Review, Reviews, in_pieces, load_reviews, save_reviews
from pipeline.errors import PipelineError
from pipeline.index import index_reviews
from pipeline.recipe import Index

REVIEW = Review("train/pos/0_9.txt", 1, "train", 0, "Great")
NASTY = [
    Review("train/pos/0.txt", 1, "train", 0, "line\nline\r\nline\rline\n"),
    Review("train/pos/1.txt", 1, "held_out", 0, "\u2028 \u2029 \x85 \x0b \x0c \x1c"),
    Review("train/neg/ü 1.txt", 0, "validation", 0, '\U0001f600 "quoted" \\n \\u0041 {"label": 1}'),
    Review("train/neg/2.txt", 0, "train", 1, ""),
    Review("test/neg/3.txt", 0, "test", 0, "\x00\ufeff<br />"),
]


def test_reviews_come_back_as_they_were_saved(tmp_path: Path) -> None:
    counts = save_reviews(tmp_path / "reviews.jsonl", iter(NASTY))
    assert list(load_reviews(tmp_path / "reviews.jsonl")) == NASTY
    assert counts == {"train": {0: 1, 1: 1}, "validation": {0: 1}, "held_out": {1: 1}, "test": {0: 1}}
    lines = (tmp_path / "reviews.jsonl").read_bytes().decode("utf-8").split("\n")
    assert [json.loads(line)["text"] for line in lines[:-1]] == [review.text for review in NASTY]
    assert lines[-1] == ""


def test_splits_without_reviews_are_not_counted(tmp_path: Path) -> None:
    assert save_reviews(tmp_path / "reviews.jsonl", [REVIEW]) == {"train": {1: 1}}


def line_with(**changes: Any) -> bytes:
    return json.dumps({**REVIEW._asdict(), **changes}).encode()


@pytest.mark.parametrize(
    "line",
    [
        line_with()[:-20],
        b"",
        b"[]",
        b"null",
        b'"text"',
        b'{"label": 1}',
        line_with(stars=5),
        line_with(text=None),
        line_with(label="pos"),
        line_with(label=-1),
        line_with(label=1000),
        line_with(split="unsup"),
        line_with(split=0),
        line_with(position="first"),
        line_with(text="MARK").replace(b"MARK", b"caf\xe9"),
        b"\x00\xff\x00PK\x03\x04",
    ],
)
def test_damaged_line_is_named_by_its_number(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "reviews.jsonl").write_bytes(line_with() + b"\n" + line_with() + b"\n" + line + b"\n")
    reviews = iter(load_reviews(tmp_path / "reviews.jsonl"))
    assert [next(reviews), next(reviews)] == [REVIEW, REVIEW]
    with pytest.raises(PipelineError, match=r"reviews\.jsonl, line 3: not a review \(.+\); run: sentiment read"):
        next(reviews)


def test_missing_file_names_the_stage_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"reviews\.jsonl: no such file; the stage read makes it"):
        list(load_reviews(tmp_path / "reviews.jsonl"))


def test_save_that_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    def failing() -> Iterator[Review]:
        yield REVIEW
        raise PipelineError("a file is not UTF-8")

    path = tmp_path / "reviews.jsonl"
    save_reviews(path, NASTY)
    with pytest.raises(PipelineError, match="not UTF-8"):
        save_reviews(path, failing())
    assert list(load_reviews(path)) == NASTY
    assert [found.name for found in tmp_path.iterdir()] == ["reviews.jsonl"]


def test_file_is_the_same_by_one_process_and_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [REVIEW._replace(position=i, text="é" * (i % 7)) for i in range(300)]
    monkeypatch.setattr(reviews, "_PIECE", 500)
    for cores in (1, 2):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)))
        assert save_reviews(tmp_path / f"{cores}.jsonl", iter(many)) == {"train": {1: 300}}
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert list(load_reviews(tmp_path / "2.jsonl")) == many
    (tmp_path / "2.jsonl").write_bytes((tmp_path / "2.jsonl").read_bytes() + b"[]\n")
    with pytest.raises(PipelineError, match=r"2\.jsonl, line 301: not a review"):
        save_reviews(tmp_path / "3.jsonl", load_reviews(tmp_path / "2.jsonl"))
    assert not (tmp_path / "3.jsonl").exists()


def test_pieces_are_gathered_no_sooner_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def endless() -> Iterator[Review]:
        while True:
            read.append(REVIEW)
            yield REVIEW

    monkeypatch.setattr(reviews, "_PIECE", 300)
    pieces = in_pieces(endless())
    assert [list(next(pieces)()), len(read)] == [[REVIEW] * 3, 3]


def test_empty_piece_has_no_reviews(tmp_path: Path) -> None:
    corpus = Reviews(lambda: iter([partial(iter, []), partial(iter, [REVIEW])]))
    assert index_reviews(corpus, Index())[1].lengths.tolist() == [1]
    assert save_reviews(tmp_path / "reviews.jsonl", corpus) == {"train": {1: 1}}


def test_reviews_of_another_class_become_ours() -> None:
    (piece,) = in_pieces(iter([tuple(REVIEW), REVIEW]))  # type: ignore[arg-type]
    assert [type(review) for review in piece()] == [Review, Review]


def test_pieces_are_read_where_they_are_called() -> None:
    corpus = Reviews(lambda: iter([partial(iter, [REVIEW]), partial(iter, [REVIEW] * 2)]))
    assert list(corpus) == list(corpus) == [REVIEW] * 3
    assert [list(pickle.loads(pickle.dumps(piece))()) for piece in in_pieces(corpus)] == [[REVIEW], [REVIEW] * 2]
