from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import PipelineError
from scripts.benchmark import networks, timing
from scripts.benchmark.networks import CASES, Case, find_keras, find_torch, keras_folder
from scripts.benchmark.rows import BENCHMARKS
from scripts.benchmark.timing import run_rounds, run_script

TINY = {"unidirectional": Case(5, 4, 3, 6), "bidirectional": Case(5, 4, 3, 6, "adam", bidirectional=True)}
BASELINES = ["torch"] + ["keras"] * (keras_folder() / "complete").exists()


@pytest.fixture(autouse=True)
def tiny_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "CASES", TINY)
    monkeypatch.setattr(networks, "peak", lambda: 1e12)


@pytest.mark.parametrize("baseline", BASELINES)
@pytest.mark.parametrize("case", TINY)
@pytest.mark.parametrize("prepare", [networks.train, networks.infer])
def test_networks_agree_with_the_baselines(prepare: Any, case: str, baseline: str) -> None:
    figures = run_rounds(prepare(case, baseline, Path()), 1, lambda: None)
    assert figures["difference"] < 1e-5
    assert figures["ours"] > 0


def test_difference_reports_disagreement() -> None:
    comparison = networks.train("unidirectional", "torch", Path())
    ours = {"values": np.array([0.5, 0.75]), "share_of_peak": 0.1}
    assert comparison.difference(ours, np.array([0.5, 0.7501])) == ""
    assert comparison.difference(ours, np.array([0.5, 0.5])) == "losses or logits differ by 0.25"


def test_training_reduces_the_loss() -> None:
    comparison = networks.train("bidirectional", "torch", Path())
    losses = comparison.ours().result["values"]
    assert losses.shape == (10,)
    assert losses[-1] < losses[0]


def test_operations_count_the_matrix_products() -> None:
    case = Case(input_size=3, hidden_size=2, batch_size=5, length=7)
    assert case.operations(training=False) == 2 * 35 * (8 * 3 + 8 * 2)
    assert case.operations(training=True) == 2 * 35 * (2 * (8 * 3 + 8 * 2) + 8 * 2)
    assert case._replace(bidirectional=True).operations(training=False) == 2 * case.operations(training=False)


def test_every_case_has_a_row_for_each_task_and_baseline() -> None:
    names = {
        f"{task}_{case}_{baseline}" for task in ("train", "infer") for case in CASES for baseline in ("torch", "keras")
    }
    assert names <= set(BENCHMARKS)
    assert all(BENCHMARKS[name].opt_in == name.endswith("keras") for name in names)


def test_find_torch_raises_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError) as raised:
        find_torch()
    assert raised.value.name == "torch"


def test_find_keras_reports_failed_installation(
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


def test_run_script_reports_the_last_line_of_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "__file__", str(tmp_path / "timing.py"))  # the scripts are beside it
    (tmp_path / "fails.py").write_text("print('begun')\nraise KeyError('dance')\n")
    with pytest.raises(PipelineError, match=r"^fails\.py failed: KeyError: 'dance'$"):
        run_script(sys.executable, "fails.py", {"task": "dance"})


def test_flushing_holds_in_the_threads_that_start_later() -> None:
    code = """if True:
        import os
        import torch
        from scripts.benchmark.torch_baseline import count_subnormal
        for order in ([True, False], [False, True]):
            if os.fork():  # no thread has started in the parent
                os.wait()
                continue
            torch.set_num_threads(2)
            found = []
            for flush in order:
                torch.set_flush_denormal(flush)
                found.append(count_subnormal())
            print(*found, flush=True)
            os._exit(0)
    """
    path = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
    run = [sys.executable, "-c", code]
    printed = subprocess.check_output(run, env={**os.environ, "PYTHONPATH": path}, text=True)
    assert printed.splitlines() == ["0 500000", "1000000 500000"]
