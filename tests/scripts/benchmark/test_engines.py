from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, List

import numpy as np
import pytest

from pipeline.corpus.reviews import Review
from pipeline.errors import PipelineError
from pipeline.read import read_reviews
from pipeline.recipe import Read
from scripts.benchmark import engines, reviews
from scripts.benchmark.timing import run_rounds


def read_few(folder: Path, options: Read) -> List[Review]:
    """Read reviews with 100 generated sentences at most: 40,000 take seconds, and none of them is held out."""
    return list(read_reviews(folder, replace(options, generated=min(options.generated, 100))))


@pytest.fixture(autouse=True)
def few_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "read_reviews", read_few)


def write_reviews(raw: Path) -> None:
    for kind, word in (("pos", "great"), ("neg", "bad")):
        folder = raw / "aclImdb/train" / kind
        folder.mkdir(parents=True)
        for i in range(10):
            (folder / f"{i}_7.txt").write_text(f"A {word} film" + " of many words" * i)


@pytest.mark.parametrize("prepare", [engines.throughput, engines.latency])
def test_engines_agree_on_held_out_reviews(prepare: Any, tmp_path: Path) -> None:
    write_reviews(tmp_path)
    comparison = prepare(tmp_path)
    assert comparison.amount == 6
    figures = run_rounds(comparison, 1, lambda: None)
    assert 0 < figures["difference"] < 1e-5


@pytest.mark.parametrize("prepare", [engines.throughput_int8, engines.latency_int8])
def test_int8_is_compared_with_single_precision(prepare: Any, tmp_path: Path) -> None:
    write_reviews(tmp_path)
    comparison = prepare(tmp_path)
    assert comparison.amount == 6
    figures = run_rounds(comparison, 1, lambda: None)
    assert 1e-6 < figures["difference"] < 0.05
    assert figures["int8_MB"] < figures["onnx_MB"] / 2
    assert figures["gluon_accuracy"] - figures["int8_accuracy"] <= 0.002


def test_difference_reports_disagreement(tmp_path: Path) -> None:
    write_reviews(tmp_path)
    comparison = engines.throughput(tmp_path)
    assert comparison.difference(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])) == ""
    assert comparison.difference(np.array([[0.5, 0.5]]), np.array([[0.4, 0.6]])) == "probabilities differ by 0.1"


def test_engines_without_reviews_name_the_folder(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="aclImdb"):
        engines.throughput(tmp_path)
