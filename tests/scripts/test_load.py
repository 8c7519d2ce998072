from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline import SentimentClassifier
from scripts import load
from scripts.benchmark.reviews import _parameters
from scripts.load import combine, main
from scripts.torch_server import load_lstm

ROOT = Path(__file__).parents[2]


def test_command_measures_both_servers_with_each_number_of_clients(tmp_path: Path) -> None:
    file = tmp_path / "latency.json"
    options = ["--requests", "20", "--clients", "1", "3", "--baseline", "torch", "--json", str(file)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "scripts.load", *options], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(file.read_text())
    assert {name: server["log"] for name, server in found["servers"].items()} == {"ours": "stopped\n", "torch": ""}
    rows = [(row["server"], row["clients"], row["lost"], row["wrong"]) for row in found["measurements"]]
    assert rows == [("ours", 1, 0, 0), ("torch", 1, 0, 0), ("ours", 3, 0, 0), ("torch", 3, 0, 0)]
    for row in found["measurements"]:
        assert 0 < row["p50 ms"] <= row["p99 ms"]
    assert len(run.stdout.splitlines()) == 5


def test_combine_returns_medians_and_sums() -> None:
    memory = "memory in MiB after each tenth"
    rounds = [
        {"lost": lost, "wrong": 1, "p99 ms": time, memory: [lost]} for lost, time in ((0, 5.0), (2, 9.0), (1, 6.0))
    ]
    assert combine(rounds) == {"lost": 3, "wrong": 3, "p99 ms": 6, "p99 ms_range": [5, 9], memory: [1]}


def test_a_server_that_does_not_start_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(load, "OURS", ["-c", "raise SystemExit('no network')"])
    assert main(["--requests", "1"]) == 2
    assert "did not start: no network" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--requests", "0"], ["--clients", "8", "0"], ["--rounds", "-1"]])
def test_command_refuses_invalid_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "expected 1 or more of each" in capsys.readouterr().err


def test_the_baseline_has_the_weights_of_our_lstm() -> None:
    found, expected = load_lstm(), _parameters(SentimentClassifier.load().bundle.network.lstms[0])
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values)
