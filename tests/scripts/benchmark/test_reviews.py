from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.benchmark.reviews import (
    answers,
    answers_by_length,
    cold_start,
    epoch,
    epoch_as_printed,
    sentence,
    training,
)
from scripts.benchmark.timing import take_turns


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """40 reviews of 3 to 60 words."""
    for kind, word in (("pos", "great"), ("neg", "bad")):
        folder = tmp_path / "aclImdb/train" / kind
        folder.mkdir(parents=True)
        for i in range(20):
            (folder / f"{i}_7.txt").write_text(f"A {word} film" + f" of many words no{i}" * i * 3)
    return tmp_path


@pytest.mark.parametrize("prepare", [answers, answers_by_length])
def test_answers_agree_with_torch_in_either_order(prepare: Any, reviews: Path) -> None:
    comparison = prepare(reviews)
    assert comparison.amount == 6  # half of the 12 held out
    figures = take_turns(comparison, 1, lambda: None)
    assert 0 < figures["difference"] < 1e-5


def test_answers_that_disagree_are_told(reviews: Path) -> None:
    comparison = answers(reviews)
    assert comparison.difference(np.array([0.5, 0.75]), np.array([0.5, 0.5])) == "probabilities are 0.25 apart"


def test_epoch_as_printed_ends_with_the_parameters_of_the_lectures_loop(reviews: Path) -> None:
    comparison = epoch_as_printed(reviews)
    ours, peer = comparison.ours().result, comparison.peer().result
    assert comparison.difference(ours, peer) == ""
    assert comparison.difference(ours, ([value + 0.5 for value in peer[0]], *peer[1:])).startswith("after the epoch")


def test_epoch_counts_true_words_only(reviews: Path) -> None:
    comparison = epoch(reviews)
    assert 28 * 3 < comparison.amount < 28 * 300  # 28 reviews of 500 steps with their padding
    figures = take_turns(comparison, 1, lambda: None)
    assert figures["ours"] > 0


def test_training_agrees_with_torch(reviews: Path) -> None:
    comparison = training(reviews)
    figures = take_turns(comparison, 1, lambda: None)
    assert figures["ours"] > 0
    assert comparison.difference(0.5, 0.6) == "the epoch's losses are 0.5000 and 0.6000"


def test_sentence_is_answered_alone_as_among_others() -> None:
    comparison = sentence(Path())
    figures = take_turns(comparison, 1, lambda: None)
    assert figures["peer"] == 0.003
    assert comparison.difference(np.array([0.5]), np.array([0.6])).startswith("probabilities are 0.1")


def test_cold_start_says_what_stands_against_it() -> None:
    figures = take_turns(cold_start(Path()), 1, lambda: None)
    assert figures["without scikit-learn and scipy"] > 0
