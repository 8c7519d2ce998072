from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.benchmark import reviews as benchmarks
from scripts.benchmark.reviews import (
    answers,
    answers_by_length,
    cold_start,
    epoch,
    epoch_as_printed,
    sentence,
    training,
)
from scripts.benchmark.timing import run_rounds
from tests.scripts.benchmark.test_engines import read_few


@pytest.fixture(autouse=True)
def few_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmarks, "read_reviews", read_few)


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
def test_predictions_agree_with_torch_in_either_order(prepare: Any, reviews: Path) -> None:
    comparison = prepare(reviews)
    assert comparison.amount == 6  # half of the 12 held out
    figures = run_rounds(comparison, 1, lambda: None)
    assert 0 < figures["difference"] < 1e-5


def test_difference_reports_disagreement(reviews: Path) -> None:
    comparison = answers(reviews)
    assert comparison.difference(np.array([0.5, 0.75]), np.array([0.5, 0.5])) == "probabilities differ by 0.25"


def test_epoch_as_printed_gives_the_parameters_of_the_lectures_loop(reviews: Path) -> None:
    comparison = epoch_as_printed(reviews)
    ours, baseline = comparison.ours().result, comparison.baseline().result
    assert comparison.difference(ours, baseline) == ""
    assert comparison.difference(ours, ([value + 0.5 for value in baseline[0]], *baseline[1:])).startswith(
        "parameters after the epoch differ by"
    )


def test_epoch_counts_words_without_padding(reviews: Path) -> None:
    comparison = epoch(reviews)
    assert 28 * 3 < comparison.amount < 28 * 300  # 28 reviews of 500 steps with their padding
    figures = run_rounds(comparison, 1, lambda: None)
    assert figures["ours"] > 0


def test_training_agrees_with_torch(reviews: Path) -> None:
    comparison = training(reviews)
    assert comparison.amount > 100 * 3  # several batches
    figures = run_rounds(comparison, 1, lambda: None)
    assert figures["ours"] > 0
    assert figures["baseline without flushing"] > 0
    assert figures["baseline with one thread"] > 0
    assert comparison.difference(0.5, {"loss": 0.6}) == "losses of the epoch are 0.5000 and 0.6000"


def test_sentence_gives_the_same_result_alone_and_in_a_batch() -> None:
    comparison = sentence(Path())
    figures = run_rounds(comparison, 1, lambda: None)
    assert figures["baseline"] == 0.003
    assert comparison.difference(np.array([0.5]), np.array([0.6])).startswith("probabilities differ by 0.1")


def test_cold_start_reports_import_without_scipy() -> None:
    figures = run_rounds(cold_start(Path()), 1, lambda: None)
    assert figures["without scikit-learn and scipy"] > 0
