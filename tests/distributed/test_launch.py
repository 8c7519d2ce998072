"""Launching shell commands and distributed training on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pipeline.cli.main import main
from pipeline.distributed.launch import launch
from pipeline.errors import PipelineError
from pipeline.model.parameters import load_arrays
from tests.io.test_tensorboard import read_events


def test_launch_sets_the_role_of_every_process(tmp_path: Path) -> None:
    script = 'echo "$DMLC_PS_ROOT_URI $DMLC_NODE_HOST $DMLC_NUM_WORKER $DMLC_NUM_SERVER" >%s/$DMLC_ROLE-$$'
    launch(["sh", "-c", script % tmp_path], 3, 2, tmp_path / "logs")
    found = sorted((path.name.partition("-")[0], path.read_text()) for path in tmp_path.glob("*-*"))
    roles = ["scheduler", "server", "server", "worker", "worker", "worker"]
    assert found == [(role, "127.0.0.1 127.0.0.1 3 2\n") for role in roles]


def test_launch_kills_the_others_when_one_fails(tmp_path: Path) -> None:
    script = f"""
        cd {tmp_path}
        if [ $DMLC_ROLE != server ]; then echo $$ >$DMLC_ROLE; exec sleep 60; fi
        until [ -s scheduler ] && [ -s worker ]; do sleep 0.05; done
        echo first >&2
        echo "error: no room" >&2
        exit 3
    """
    start = time.monotonic()
    with pytest.raises(PipelineError) as caught:
        launch(["sh", "-c", script], 1, 1, tmp_path / "logs")
    assert time.monotonic() - start < 30
    log = tmp_path / "logs" / "server-0.log"
    assert str(caught.value) == (
        f"server 0 ended with exit code 3 ({log}: error: no room); "
        "the other processes were stopped; resume with --resume"
    )
    for role in ("scheduler", "worker"):
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / role).read_text()), 0)


def test_dmlc_submit_waits_for_all_and_reports_failures(tmp_path: Path) -> None:
    work = "sleep 0.3; if [ $DMLC_ROLE = worker ]; then sleep 0.5; echo late; exit 3; fi"
    (tmp_path / "work").write_text(work)
    (tmp_path / "hosts").write_text("127.0.0.1\n")
    (tmp_path / "ssh").write_text('#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n')
    (tmp_path / "ssh").chmod(0o755)
    script = Path(__file__).parents[2] / "scripts" / "dmlc_submit.py"
    done = subprocess.run(
        [
            sys.executable,
            script,
            *"--cluster ssh --host-file hosts --host-ip 127.0.0.1 --num-workers 1 --num-servers 1 -- sh work".split(),
        ],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "late\n"
    assert done.returncode == 2
    assert "DMLC_ROLE=worker; export DMLC_NODE_HOST=127.0.0.1;" in done.stderr
    assert done.stderr.endswith("returned non-zero exit status 3.\n")


SETTINGS = [
    *(
        "--set=read.sentences=",
        "--set=read.generated=0",
        "--set=read.held_out=0",
        "--set=index.max_length=8",
        "--set=network.hidden_size=5",
        "--set=network.dropout=0",
    ),
    *(
        "--set=network.embedding_dropout=0",
        "--set=train.random_crop_prob=0",
        "--set=train.batch_size=5",
        "--set=train.epochs=5",
    ),
    "--device=cpu",
]
# Worker 1 crashes in its fourth epoch, when worker 0 has written the checkpoint of the second.
CRASHING = """
import os, signal, sys
if os.environ["DMLC_ROLE"] == "worker":
    from pipeline.training.loop import TrainingLoop
    run_epoch = TrainingLoop.run_epoch
    def run_or_crash(self, epoch):
        if epoch == 3 and self.cluster.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return run_epoch(self, epoch)
    TrainingLoop.run_epoch = run_or_crash
from pipeline.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_two_workers_resumed_after_a_crash_match_one_worker(
    raw: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(raw.parent.parent)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    for name in ("one", "two"):
        for stage in ("read", "index", "embed"):
            assert main([stage, "quick", "--name", name, *SETTINGS]) == 0
    assert main(["train", "quick", "--name", "one", *SETTINGS]) == 0
    capfd.readouterr()

    command = [sys.executable, "-c", CRASHING, "train", "quick", "--name", "two", *SETTINGS]
    with pytest.raises(
        PipelineError, match=r"worker \d was killed by SIGKILL .*; the other processes were stopped; resume"
    ):
        launch(command, 2, 1, raw.parent / "two" / "logs")
    written = [path.name for path in (raw.parent / "two" / "checkpoints").iterdir()]
    assert any(name in ("epoch-002", "epoch-003") for name in written)
    assert not (raw.parent / "two" / "bundle").exists()

    assert main(["train_distributed", "quick", "--name", "two", "--workers", "2", "--resume", *SETTINGS]) == 0
    out = capfd.readouterr().out
    assert out.count("training goes on after epoch") == 1  # only one worker prints
    assert out.count("epoch 5  loss") == 1
    one, two = (load_arrays(raw.parent / name / "bundle" / "network.safetensors") for name in ("one", "two"))
    assert sorted(one) == sorted(two)
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, atol=1e-5, err_msg=name)
    assert not (raw.parent / "two" / "checkpoints").exists()
    assert main(["train", "quick", "--name", "two", "--resume", *SETTINGS]) == 0
    assert capfd.readouterr().out == "train: up to date\n"


def test_two_workers_train_the_same_ensemble_as_one_and_stop_early_after_the_same_epoch(
    raw: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(raw.parent.parent)
    without_torch = tmp_path_factory.mktemp("path")  # which tensorboardX would load in each process
    (without_torch / "torch.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (without_torch, Path(__file__).parents[2]))))
    for path in sorted(raw.glob("aclImdb/train/*/*.txt")):
        shutil.copy(path, path.parent / f"again_{path.name}")  # n-grams must occur in at least two reviews
    settings = [*SETTINGS, "--set=read.validation=0.34", "--set=embed.ppmi_dim=3", "--set=train.batch_size=3"]
    settings += ["--set=ngram_model.min_df=2", "--set=train.seed=2"]
    settings += ["--set=train.early_stopping=1", "--set=train.learning_rate=1", "--set=train.epochs=9"]
    for stage in ("read", "index", "embed", "train"):
        assert main([stage, "best", *settings]) == 0
    os.rename("data/best/bundle", "one")
    assert main(["train_distributed", "best", "--workers", "2", "--log", "tensorboard", *settings]) == 0
    one, two = (json.loads(Path(path, "history.json").read_text()) for path in ("one", "data/best/bundle"))
    assert [entry.get("kept") for entry in one] == [entry.get("kept") for entry in two]
    assert len(one) == len(two) < 9
    losses = [value for _, value in read_events(Path("data/best/tensorboard"))["validation/loss"]]
    assert losses == pytest.approx([entry["validation_loss"] for entry in two])
    one, two = (load_arrays(Path(path, "network.safetensors")) for path in ("one", "data/best/bundle"))
    assert sorted(one) == sorted(two)
    for name, value in one.items():
        np.testing.assert_allclose(two[name], value, rtol=1e-4, atol=1e-4, err_msg=name)
    assert (one["ngram_model.weight.weight"] != 0).sum() > 20
    assert (one["weights"] != 1).all()
