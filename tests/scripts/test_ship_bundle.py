"""The shipped bundle and the script that writes it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import SentimentClassifier
from pipeline.model.bundle import SHIPPED, load_metrics, save_bundle
from pipeline.model.parameters import load_arrays
from pipeline.recipe import Embed
from scripts import ship_bundle
from scripts.ship_bundle import main, measure_held_out
from tests.conftest import REVIEWS, TINY
from tests.scripts.benchmark.test_engines import read_few

ROOT = Path(__file__).parents[2]
RAW = Path(os.environ.get("SENTIMENT_RAW") or ROOT / "data" / "raw")
TEXTS = list(REVIEWS.values())


def test_ship_bundle_writes_half_precision_and_metrics(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = replace(TINY, embed=Embed(vectors="", dim=4))
    before = SentimentClassifier(recipe, device="cpu").fit(TEXTS, [1, 1, 1, 0, 0, 0])
    network, vocabulary, *_ = before.bundle
    save_bundle(tmp_path / "data/tiny/bundle", network, vocabulary, recipe, before.history_)  # as the stage train does
    shipped = tmp_path / "shipped"
    arguments = ["--data", str(tmp_path / "data"), "--reviews", str(raw / "aclImdb"), "--output", str(shipped)]
    assert main(["tiny", *arguments]) == 0
    assert "held_out              3" in capsys.readouterr().out
    stored = load_arrays(shipped / "network.safetensors")
    assert {str(array.dtype) for array in stored.values()} == {"float16", "float32"}
    after = SentimentClassifier.load(shipped, "cpu")
    weights = before.bundle.network.embedding.weight.data().asnumpy()
    assert np.array_equal(after.bundle.network.embedding.weight.data().asnumpy(), np.float32(np.float16(weights)))
    assert after.predict_proba(TEXTS) == pytest.approx(before.predict_proba(TEXTS), abs=1e-3)
    assert load_metrics(shipped) == {"held_out": measure_held_out(after, raw / "aclImdb")}
    card = (shipped / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "license: apache-2.0\n" in card
    assert "| held_out | 3 |" in card
    assert "- The large parameters are in half precision.\n" in card
    assert (shipped / "network.onnx").stat().st_size > 0
    assert (shipped / "history.json").read_bytes() == (tmp_path / "data/tiny/bundle/history.json").read_bytes()


def test_shipped_bundle_is_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 12e6


def test_shipped_bundle_predicts_without_mxnet() -> None:
    script = """
import sys
from pipeline.model import bundle
sys.modules.update(mxnet=None, gluonnlp=None)
bundle.find_spec = lambda name: None
from pipeline import SentimentClassifier
print(SentimentClassifier.load(sys.argv[1]).predict_proba(["A great film!"])[0, 1])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(SHIPPED)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    expected = SentimentClassifier.load(SHIPPED).predict_proba(["A great film!"])[0, 1]
    assert float(done.stdout) == pytest.approx(expected, abs=1e-4), done.stderr


def test_shipped_bundle_loads_from_any_folder(tmp_path: Path) -> None:
    code = "from pipeline import infer_sentiment as ask; print(ask('A great film!'), ask('A dull, bad film.'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout, done.stderr) == ("Glad you liked it! Sorry you didn't like it\n", "")


@pytest.mark.skipif(
    not (RAW / "aclImdb/groups.csv").is_file(), reason="needs the reviews: scripts/fetch_data.py reviews"
)
def test_shipped_bundle_reaches_its_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ship_bundle, "read_reviews", read_few)
    expected = load_metrics(SHIPPED)["held_out"]
    found = measure_held_out(SentimentClassifier.load(SHIPPED), RAW / "aclImdb")
    assert (found["reviews"], expected["reviews"]) == (7577, 7577)
    assert found["accuracy"] >= expected["accuracy"] - 2 / 7577  # rounding differs between machines
    assert found["loss"] <= expected["loss"] + 1e-4
    assert expected["accuracy"] > 0.91
