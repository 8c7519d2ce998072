from __future__ import annotations

from pathlib import Path

from pipeline.model.checkpoint import find_checkpoints, remove_checkpoints


def test_checkpoints_of_others_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoints"
    for name in ("epoch-001/state.json", "epoch-002/state.json", "epoch-3/model.pt", "best/state.json"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).touch()
    (folder / "epoch-4").touch()
    assert find_checkpoints(folder) == [folder / "epoch-001", folder / "epoch-002"]
    remove_checkpoints(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["best", "epoch-3", "epoch-4"]


def test_folder_of_checkpoints_goes_with_the_last_of_them(tmp_path: Path) -> None:
    (tmp_path / "checkpoints" / "epoch-001").mkdir(parents=True)
    (tmp_path / "checkpoints" / "epoch-001" / "network.safetensors").touch()
    remove_checkpoints(tmp_path / "checkpoints")
    remove_checkpoints(tmp_path / "checkpoints")  # nothing there: nothing to do
    assert list(tmp_path.iterdir()) == []
