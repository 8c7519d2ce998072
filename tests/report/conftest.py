"""Folders as the stages leave them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from typing import Dict, List, Tuple

import numpy as np
import pytest

from pipeline.cli.main import main
from pipeline.io.output import read_json
from pipeline.metrics import measure
from pipeline.model.bundle import write_metrics
from pipeline.recipes import RECIPES
from tests.conftest import GLOVE, REVIEWS, TINY

SCRIPT = "<script>alert('1')</script>"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which the recipe tiny was run; every review holds a script."""
    data = tmp_path_factory.mktemp("report") / "data"
    for name, text in REVIEWS.items():
        path = data / "raw" / "aclImdb" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} {SCRIPT}", encoding="utf-8")
    (data / "raw" / "glove.6B.50d.txt").write_text(GLOVE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECIPES, "tiny", TINY)
        assert main(["run", "tiny", "--data", str(data), "--device", "cpu"]) == 0
    return data


@pytest.fixture
def data(trained: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder, ``data`` of the current one."""
    shutil.copytree(trained, tmp_path / "data")
    return Path("data")


def write_predictions(folder: Path, positive: Dict[str, List[float]]) -> None:
    """Write other predictions of the reviews of each split, and their metrics."""
    with open(folder / "predictions.csv", newline="") as file:
        rows: List[Tuple[str, int, int]] = [
            (row["split"], int(row["review"]), int(row["label"])) for row in csv.DictReader(file)
        ]
    metrics = {}
    with open(folder / "predictions.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["split", "review", "label", "positive"])
        for split, probabilities in positive.items():
            chosen = [row for row in rows if row[0] == split]
            writer.writerows([*row, f"{one:.6f}"] for row, one in zip(chosen, probabilities))
            found = np.array(probabilities)
            metrics[split] = measure(np.array([label for *_, label in chosen]), np.stack([1 - found, found], axis=1))
    write_metrics(folder / "bundle", metrics, read_json(folder / "splits.json")["split"])
