"""The programs for Dask, Spark and Ray Data in docs/scale.md, with two workers each, where these are installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import dataset, parquet, table

from pipeline.scoring.partitions import score_frame
from tests.docs.pages import ROOT, find_blocks, read_page

TEXTS = ["A great film, I loved it.", None, "Awful, boring and dull.", "", "Öde 😀", "great"]


@pytest.mark.parametrize("name", ["dask", "pyspark", "ray"])
def test_program_scores_a_folder(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    if name == "pyspark" and not shutil.which("java"):
        pytest.skip("Spark needs Java")
    blocks = find_blocks(read_page(ROOT / "docs" / "scale.md"))
    (code,) = (block.code for block in blocks if block.code.startswith((f"import {name}.", f"from {name}.")))
    Path("reviews").mkdir()
    reviews = table({"id": range(6), "text": TEXTS})
    parquet.write_table(reviews[:3], "reviews/0.parquet")
    parquet.write_table(reviews[3:], "reviews/1.parquet")
    Path("program.py").write_text(code)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
        "PYSPARK_PYTHON": sys.executable,
    }
    subprocess.run([sys.executable, "program.py"], check=True, env=environment)
    found = dataset.dataset("scored", format="parquet").to_table().sort_by("id")
    expected = score_frame(reviews)
    assert found.select(["id", "text", "label", "words", "cut", "error"]).to_pylist() == (
        expected.select(["id", "text", "label", "words", "cut", "error"]).to_pylist()
    )
    for field in ("probability", "positive", "unknown"):
        assert found[field].to_pylist() == pytest.approx(expected[field].to_pylist(), abs=1e-6)
