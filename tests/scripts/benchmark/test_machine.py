from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from scripts.benchmark import machine
from scripts.benchmark.rows import run_benchmarks


def test_cores_are_compared_with_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LOOP", "import time; time.sleep(0.5)")  # two processes take as long as one
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    (row,) = run_benchmarks(["cores"], Path(), 1)
    assert row["baseline"] >= 0.5
    assert row["ours"] >= 0.25
    assert row["ratio"] == row["baseline"] / row["ours"]


def test_cores_raises_if_a_process_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LOOP", "raise SystemExit(1)")
    with pytest.raises(PipelineError, match="a process failed"):
        list(run_benchmarks(["cores"], Path(), 1))
