from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import PipelineError
from scripts.benchmark import engines
from scripts.benchmark.timing import take_turns


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
    figures = take_turns(comparison, 1, lambda: None)
    assert 0 < figures["difference"] < 1e-5


def test_engines_that_disagree_are_told(tmp_path: Path) -> None:
    write_reviews(tmp_path)
    comparison = engines.throughput(tmp_path)
    assert comparison.difference(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])) == ""
    assert comparison.difference(np.array([[0.5, 0.5]]), np.array([[0.4, 0.6]])) == "probabilities are 0.1 apart"


def test_engines_without_reviews_say_where_they_should_be(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="aclImdb"):
        engines.throughput(tmp_path)
