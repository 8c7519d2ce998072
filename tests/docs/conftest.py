"""What the examples of the documentation find in ``data/``."""

from __future__ import annotations

from pathlib import Path

import pytest

GOOD = ["A great film: I loved it.", "What fun, every minute of it.", "I loved the plot.", "A great cast."]
BAD = ["A dull, bad film.", "I hated every minute of it.", "A bad plot: dull.", "Bad, bad acting."]
VALUES = {"great": 0.9, "loved": 0.8, "fun": 0.7, "bad": -0.9, "hated": -0.8, "dull": -0.7, "film": 0.1, "plot": 0.05}


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with raw data in ``data/raw``, and what was trained on it in ``data/quick`` and ``data/onnx``."""
    from pipeline import SentimentClassifier
    from pipeline.export.onnx import export_bundle
    from pipeline.recipe import override
    from pipeline.recipes import QUICK

    data = tmp_path_factory.mktemp("docs") / "data"
    texts, labels = [*GOOD, *BAD] * 5, [1, 1, 1, 1, 0, 0, 0, 0] * 5
    for number, (text, label) in enumerate(zip(texts, labels)):
        path = data / "raw" / "aclImdb" / "train" / ("neg", "pos")[label] / f"{number}_{1 + 9 * label}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    vectors = [f"{word} {value} " + "0.1 " * 48 + "0.2" for word, value in VALUES.items()]
    glove = data / "raw" / "glove.6B.50d.txt"
    glove.write_text("\n".join(vectors) + "\n", encoding="utf-8")
    recipe = override(
        QUICK, ["index.max_length=40", "train.epochs=4", "train.batch_size=4", "train.learning_rate=0.02"]
    )
    names = [("negative", "positive")[label] for label in labels]  # as the stages have them
    SentimentClassifier(recipe, vectors=glove).fit(texts, names).save(data / "quick" / "bundle")
    export_bundle(data / "quick" / "bundle", data / "onnx")
    return data.parent
