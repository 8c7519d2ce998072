from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import SentimentClassifier
from pipeline.export.onnx import export_bundle
from pipeline.metrics import measure
from pipeline.model.bundle import check_target, load_bundle, write_card, write_metrics
from pipeline.model.card import TrainingData, render_card
from pipeline.recipe import Embed, Recipe, override
from pipeline.recipes import RECIPES, SMALL
from tests.conftest import save_random_bundle

yaml = pytest.importorskip("yaml")
HISTORY = [
    {"epoch": 1, "loss": 0.75, "accuracy": 0.5, "validation_loss": 0.625},
    {"epoch": 2, "loss": 0.5, "accuracy": 0.75, "validation_loss": 0.5, "kept": True},
]
METRICS = {"held_out": measure(np.array([1, 0, 1, 0]), np.array([[0.25, 0.75], [0.75, 0.25]] * 2))}
DATA = TrainingData("aclImdb", "film", {"train": 16_000, "held_out": 4})


def read_card(card: str) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return a card's front matter, and the lines of each of its sections that are not empty."""
    before, front, text = card.split("---\n", 2)
    assert before == ""
    parts = [part.splitlines() for part in text.split("\n## ")]
    return yaml.safe_load(front), {title: [line for line in lines if line] for title, *lines in parts}


def test_card_says_what_is_known() -> None:
    front, found = read_card(render_card(SMALL, HISTORY, METRICS, DATA, "apache-2.0", ["Half precision."]))
    assert front == {
        "language": "en",
        "license": "apache-2.0",
        "pipeline_tag": "text-classification",
        "tags": ["sentiment-analysis", "text-classification", "lstm", "mxnet"],
        "metrics": ["accuracy", "f1", "roc_auc"],
    }
    titles = ["# small", "Intended use", "Training data", "Training", "Metrics", "Settings", "Known limits", "Licences"]
    assert list(found) == titles
    assert found["# small"][0].startswith("Comes with the package: as best")
    assert "| train | 16,000 |" in found["Training data"]
    assert (
        "- 40,000 English sentences generated from templates (`pipeline/corpus/sentences/`)" in found["Training data"]
    )
    assert found["Training"][:4] == [
        "| epoch | loss | accuracy | validation_loss |",
        "|---|---|---|---|",
        "| 1 | 0.7500 | 0.5000 | 0.6250 |",
        "| 2, kept | 0.5000 | 0.7500 | 0.5000 |",
    ]
    assert "| held_out | 4 | 1.0000 | 0.2877 | 1.0000 | 1.0000 | 1.0000 | 1.0000 | 0.2500 |" in found["Metrics"]
    assert found["Known limits"][-1] == "- Half precision."
    assert "- `glove.6B.50d.txt`: PDDL 1.0" in found["Licences"]


def test_card_does_not_say_what_is_not_known() -> None:
    recipe = override(SMALL, ["read.generated=0", "read.sentences=", "embed.vectors=/home/me/vectors.txt"])
    front, found = read_card(render_card(recipe, [], {}, TrainingData("mine", "random", {}), "unknown", []))
    assert "language" not in front
    assert "metrics" not in front
    assert front["license"] == "unknown"
    assert found["Training data"][:2] == [
        "- The texts in `mine`; what they are was not recorded",
        "- Pretrained word vectors: `vectors.txt`",
    ]
    assert found["Training"][0] == "No history was recorded."
    assert found["Metrics"] == ["Not evaluated yet."]
    assert found["Licences"][:2] == ["- `mine`: not recorded", "- `vectors.txt`: not recorded"]
    assert any("Reviews of one film may be in two splits" in limit for limit in found["Known limits"])
    assert not any("/home/me" in line for lines in found.values() for line in lines)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
@pytest.mark.parametrize("data", [None, DATA])
def test_settings_of_a_card_make_the_recipe(recipe: Recipe, data: TrainingData | None) -> None:
    _, found = read_card(render_card(recipe, HISTORY, METRICS, data, "unknown", []))
    settings = [line for line in found["Settings"] if "=" in line]
    assert override(Recipe(recipe.name, recipe.about), settings) == recipe


def test_card_of_ugly_names_has_the_same_shape(tiny: Recipe) -> None:
    recipe = replace(tiny, name="a: b\n---\n# c", about="<&>\n## x\x00", embed=Embed(vectors="`\n## y"))
    front, found = read_card(render_card(recipe, HISTORY, {}, TrainingData("my\n## z", "", {}), "unknown", []))
    assert front["license"] == "unknown"
    assert list(found)[:3] == ["# a: b --- # c", "Intended use", "Training data"]
    assert found["# a: b --- # c"][0] == "<&> ## x\ufffd."
    assert len(found) == 8


def test_bundle_has_a_card_that_may_be_changed_or_missing(tmp_path: Path, tiny: Recipe) -> None:
    path = tmp_path / "bundle"
    save_random_bundle(path, tiny)
    assert "MODEL_CARD.md" not in json.loads((path / "bundle.json").read_text())["sha256"]
    (path / "MODEL_CARD.md").write_text("mine")
    check_target(path)
    load_bundle(path, "cpu")
    (path / "MODEL_CARD.md").unlink()
    check_target(path)
    load_bundle(path, "cpu")


def test_card_is_written_again_with_metrics_and_is_exported(tmp_path: Path, tiny: Recipe) -> None:
    path = tmp_path / "bundle"
    save_random_bundle(path, tiny)
    assert "Not evaluated yet." in (path / "MODEL_CARD.md").read_text()
    write_metrics(path, METRICS, "film")
    write_card(path, DATA)
    card = (path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "| held_out | 4 | 1.0000 |" in card
    export_bundle(path, tmp_path / "onnx")
    assert (tmp_path / "onnx/MODEL_CARD.md").read_text(encoding="utf-8") == card
    (tmp_path / "onnx/MODEL_CARD.md").unlink()
    load_bundle(tmp_path / "onnx")


def test_classifier_saves_a_card(tmp_path: Path, tiny: Recipe) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    SentimentClassifier.load(tmp_path / "bundle", "cpu").save(tmp_path / "again")
    assert "Texts that were given in Python" in (tmp_path / "again/MODEL_CARD.md").read_text(encoding="utf-8")
