from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from pipeline.cli.main import main
from pipeline.distributed.cluster import SINGLE_WORKER, Cluster, join


def test_single_worker_has_all_rows_and_does_not_wait() -> None:
    rows = np.array([5, 3, 8])
    np.testing.assert_array_equal(SINGLE_WORKER.shard(rows), rows)
    np.testing.assert_array_equal(SINGLE_WORKER.sum(np.array([0.5, 2.0])), [0.5, 2.0])
    assert SINGLE_WORKER.rank_0_first(lambda: 7) == 7
    SINGLE_WORKER.barrier()
    SINGLE_WORKER.check_same({"a": 1})


@pytest.mark.parametrize(
    ("count", "expected"), [(7, [[0, 3, 6], [1, 4], [2, 5]]), (2, [[0], [1], []]), (3, [[0], [1], [2]])]
)
def test_shard_assigns_every_row_to_one_worker(count: int, expected: list[list[int]]) -> None:
    assert [Cluster(rank, 3).shard(np.arange(count)).tolist() for rank in range(3)] == expected


def test_join_without_variables_is_a_single_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DMLC_ROLE", raising=False)
    with join() as cluster:
        assert cluster is SINGLE_WORKER


WORKER = {
    "DMLC_ROLE": "worker",
    "DMLC_PS_ROOT_URI": "127.0.0.1",
    "DMLC_PS_ROOT_PORT": "9",
    "DMLC_NUM_WORKER": "2",
    "DMLC_NUM_SERVER": "1",
}


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DMLC_ROLE": "boss"}, "DMLC_ROLE=boss: expected scheduler, server or worker"),
        ({"DMLC_PS_ROOT_URI": ""}, "DMLC_PS_ROOT_URI is not set; DMLC_ROLE=worker requires it"),
        ({"DMLC_NUM_WORKER": ""}, "DMLC_NUM_WORKER is not set"),
        ({"DMLC_PS_ROOT_PORT": "http"}, "DMLC_PS_ROOT_PORT=http: expected a whole number"),
        ({"DMLC_NUM_SERVER": "-1"}, "DMLC_NUM_SERVER=-1: expected a whole number"),
    ],
)
def test_train_refuses_invalid_variables(
    variables: dict[str, str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {**WORKER, **variables}.items():
        monkeypatch.setenv(name, value)
    assert main(["train", "quick"]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"DMLC_ROLE": "scheduler", "DMLC_PS_ROOT_URI": "localhost", "DMLC_PS_ROOT_PORT": "9"},
            "DMLC_PS_ROOT_URI=localhost, DMLC_PS_ROOT_PORT=9: the scheduler cannot listen on this address; "
            "expected an address of this machine as numbers, and a free port; see docs/scale.md",
        ),
        (
            {"DMLC_NODE_HOST": "203.0.113.9"},
            "DMLC_NODE_HOST=203.0.113.9: the worker cannot listen on this address; "
            "expected an address of this machine; see docs/scale.md",
        ),
    ],
)
def test_train_refuses_an_unusable_address(variables: dict[str, str], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "train", "quick"],
        capture_output=True,
        text=True,
        env={**os.environ, **WORKER, **variables},
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.endswith(f"error: {message}\n")


def test_worker_without_others_times_out() -> None:
    code = """
import pipeline.distributed.cluster
pipeline.distributed.cluster.HEARTBEAT_INTERVAL = 0.1
from pipeline.cli.main import main
main(["train", "quick", "--timeout", "0.01"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **WORKER}, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: waited more than 0.01 minutes for the other processes (--timeout); "
        "resume from the last checkpoint with --resume\n"
    )
