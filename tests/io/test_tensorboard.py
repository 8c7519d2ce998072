from __future__ import annotations

import struct
from pathlib import Path

import pytest

from pipeline.io.tensorboard import TensorBoardLog


def read_events(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """Return the steps and values of each tag, without those that a resumed training repeats."""
    from tensorboardX.proto.event_pb2 import Event, SessionLog

    found: dict[str, list[tuple[int, float]]] = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns):
        content, start = path.read_bytes(), 0
        while start < len(content):  # length, its checksum, the event, its checksum
            (length,) = struct.unpack_from("<Q", content, start)
            event = Event.FromString(content[start + 12 : start + 12 + length])
            start += length + 16
            if event.session_log.status == SessionLog.START:
                found = {tag: [each for each in values if each[0] < event.step] for tag, values in found.items()}
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
        assert start == len(content)
    return found


def report(log: TensorBoardLog, step: int, epoch: int, loss: float) -> None:
    metrics = {"loss": loss, "accuracy": 0.5, "learning_rate": 0.25, "gradient_norm": 2, "examples_per_second": 8}
    log.on_step({"step": step, "epoch": epoch, **metrics})


def test_log_writes_each_figure_under_a_tag(tmp_path: Path) -> None:
    log = TensorBoardLog(tmp_path / "log")
    assert not (tmp_path / "log").exists()  # before the first step
    report(log, 20, 1, 0.75)
    report(log, 30, 1, 0.5)
    log.on_epoch({"epoch": 1, "loss": 0.625, "accuracy": 0.5, "held_out_loss": 0.375, "held_out_accuracy": 1.0})
    log.close()
    log.close()
    assert read_events(tmp_path / "log") == {
        "train/loss": [(20, 0.75), (30, 0.5)],
        "train/accuracy": [(20, 0.5), (30, 0.5)],
        "train/learning_rate": [(20, 0.25), (30, 0.25)],
        "train/gradient_norm": [(20, 2), (30, 2)],
        "train/examples_per_second": [(20, 8), (30, 8)],
        "epoch/loss": [(30, 0.625)],
        "epoch/accuracy": [(30, 0.5)],
        "held_out/loss": [(30, 0.375)],
        "held_out/accuracy": [(30, 1)],
    }


@pytest.mark.parametrize(("epoch", "step", "expected"), [(2, 50, [(20, 4), (30, 3), (50, 1)]), (1, 20, [(20, 1)])])
def test_log_of_resumed_training_goes_on_and_of_new_training_begins_anew(
    tmp_path: Path, epoch: int, step: int, expected: list[tuple[int, float]]
) -> None:
    first = TensorBoardLog(tmp_path)
    for number, (at, in_epoch) in enumerate([(20, 1), (30, 1), (50, 2), (60, 2)]):
        report(first, at, in_epoch, 4 - number)
    first.close()
    (tmp_path / "notes.txt").touch()
    second = TensorBoardLog(tmp_path)
    report(second, step, epoch, 1)
    second.close()
    assert (tmp_path / "notes.txt").exists()
    (tmp_path / "notes.txt").unlink()
    assert read_events(tmp_path)["train/loss"] == expected


def test_log_of_nothing_writes_nothing(tmp_path: Path) -> None:
    TensorBoardLog(tmp_path / "log").close()
    assert list(tmp_path.iterdir()) == []
