from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import PipelineError
from scripts.benchmark import networks
from scripts.benchmark.networks import CASES, Case, find_keras, find_torch, keras_folder
from scripts.benchmark.rows import BENCHMARKS
from scripts.benchmark.timing import run_script, take_turns

TINY = {"one way": Case(5, 4, 3, 6), "both ways": Case(5, 4, 3, 6, "adam", bidirectional=True)}
PEERS = ["torch"] + ["keras"] * (keras_folder() / "whole").exists()


@pytest.fixture(autouse=True)
def tiny_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "CASES", TINY)
    monkeypatch.setattr(networks, "peak", lambda: 1e12)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("case", TINY)
@pytest.mark.parametrize("prepare", [networks.train, networks.infer])
def test_networks_agree_with_the_peers(prepare: Any, case: str, peer: str) -> None:
    figures = take_turns(prepare(case, peer, Path()), 1, lambda: None)
    assert figures["difference"] < 1e-5
    assert figures["ours"] > 0


def test_networks_that_disagree_are_told() -> None:
    comparison = networks.train("one way", "torch", Path())
    ours = {"values": np.array([0.5, 0.75]), "share_of_peak": 0.1}
    assert comparison.difference(ours, np.array([0.5, 0.7501])) == ""
    assert comparison.difference(ours, np.array([0.5, 0.5])) == "losses or scores are 0.25 apart"


def test_training_changes_the_losses() -> None:
    comparison = networks.train("both ways", "torch", Path())
    losses = comparison.ours().result["values"]
    assert losses.shape == (10,)
    assert losses[-1] < losses[0]


def test_operations_are_those_of_the_matrix_products() -> None:
    case = Case(inputs=3, units=2, batch=5, steps=7)
    assert case.operations(training=False) == 2 * 35 * (8 * 3 + 8 * 2)
    assert case.operations(training=True) == 2 * 35 * (2 * (8 * 3 + 8 * 2) + 8 * 2)
    assert case._replace(bidirectional=True).operations(training=False) == 2 * case.operations(training=False)


def test_every_case_has_a_row_for_each_task_and_peer() -> None:
    names = {f"{task}_{case}_{peer}" for task in ("train", "infer") for case in CASES for peer in ("torch", "keras")}
    assert names <= set(BENCHMARKS)
    assert all(BENCHMARKS[name].asked_for == name.endswith("keras") for name in names)


def test_missing_torch_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError) as raised:
        find_torch()
    assert raised.value.name == "torch"


def test_environment_that_cannot_be_made_is_told_and_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def create(folder: Path, **options: Any) -> None:
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
        (folder / "bin" / "python").chmod(0o755)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("venv.create", create)
    for _ in range(2):
        with pytest.raises(PipelineError, match=r"keras: pip could not install tensorflow-cpu>=2\.16 keras>=3$"):
            find_keras()


def test_script_that_fails_is_told_by_its_last_line() -> None:
    with pytest.raises(PipelineError, match=r"^torch_baseline\.py failed: KeyError: 'dance'$"):
        run_script(find_torch(), "torch_baseline.py", {"task": "dance"})
