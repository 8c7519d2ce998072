from __future__ import annotations

import os
from pathlib import Path

import pytest

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
    (row,) = run_benchmarks(["cores"], Path(), 1)
    assert row["error"] == "results differ: a process failed"


STAT = """cpu  1000 0 0 0 0 0 0 0 0 0
cpu0 100 20 30 1000 50 1 2 3 7 7
cpu1 200 0 0 0 0 0 0 0 0 0
cpu10 5000 0 0 0 0 0 0 0 0 0
intr 1 2
"""


def test_busy_seconds_are_those_of_our_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "stat").write_text(STAT)
    monkeypatch.setattr(os, "sysconf", lambda _: 100)
    for cores, expected in (({0}, 1.56), ({0, 1}, 3.56), ({7}, None)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: cores)
        assert machine._busy_seconds(tmp_path / "stat") == expected


def test_other_load_is_unknown_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_busy_seconds", lambda: None)
    with machine.OtherLoad() as load:
        pass
    assert load.cores is None


def test_other_load_leaves_out_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, busy = iter([10.0, 14.0]), iter([100.0, 107.0])
    times = iter([(1, 0.5, 2, 0.5, 9), (2, 1, 3.5, 0.5, 9)])  # the last is the time of day
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    monkeypatch.setattr(os, "times", lambda: next(times))
    monkeypatch.setattr(machine, "_busy_seconds", lambda: next(busy))
    with machine.OtherLoad() as load:
        pass
    assert load.cores == (7 - 3) / 4
