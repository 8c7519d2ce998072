"""Write the bundle that is shipped with the package, and evaluate it."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

import numpy as np

from pipeline.classifier import SentimentClassifier
from pipeline.cli.main import run_command
from pipeline.export.onnx import export_bundle
from pipeline.io.output import new_folder, read_json
from pipeline.metrics import measure, table
from pipeline.model.bundle import (
    HISTORY,
    SHIPPED,
    check_target,
    load_bundle,
    load_split,
    save_bundle,
    write_card,
    write_metrics,
)
from pipeline.model.card import TrainingData
from pipeline.read import read_reviews

LIMITS = (
    "The large parameters are in half precision.",
    "How it does by capability (negation, contrast, …) and on other domains is in `docs/accuracy.md`.",
)


def ship_bundle(source: Path, target: Path, reviews: Path) -> Dict[str, Any]:
    """Write a bundle in half precision, for Gluon and ONNX, with its metrics on held-out reviews and a model card.

    Parameters
    ----------
    source, target : Path
        Bundle folders. An existing bundle at `target` is replaced.
    reviews : Path
        Folder with the layout of aclImdb, with the reviews that the bundle was trained on.

    Returns
    -------
    dict
        Metrics of the written bundle on the held-out reviews, from `pipeline.metrics.measure`.
    """
    check_target(target)  # before the slow part
    bundle = load_bundle(source)
    with tempfile.TemporaryDirectory() as folder:
        half, exported = Path(folder, "half"), Path(folder, "exported")
        save_bundle(half, bundle.network, bundle.vocabulary, bundle.recipe, read_json(source / HISTORY), half=True)
        export_bundle(half, exported, both=True)
        metrics = measure_held_out(SentimentClassifier.load(exported), reviews)
        write_metrics(exported, {"held_out": metrics}, load_split(source))
        write_card(exported, TrainingData(reviews.name, load_split(source), {}), "apache-2.0", LIMITS)
        with new_folder(target, check_target) as temporary:
            for path in exported.iterdir():
                shutil.copy(path, temporary)
    return metrics


def measure_held_out(classifier: Any, reviews: Path) -> Dict[str, Any]:
    """Return the metrics of a `SentimentClassifier` on the held-out reviews of its recipe."""
    held_out = [review for review in read_reviews(reviews, classifier.bundle.recipe.read) if review.split == "held_out"]
    probabilities = classifier.predict_proba([review.text for review in held_out])
    return measure(np.array([review.label for review in held_out]), probabilities, classifier.bundle.values)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="folder in data/ with the trained bundle, such as small")
    parser.add_argument("--data", type=Path, default=Path("data"), help="data folder (default: data)")
    parser.add_argument("--reviews", type=Path, help="folder with the layout of aclImdb (default: data/raw/aclImdb)")
    parser.add_argument("--output", type=Path, default=SHIPPED, help="folder to write (default: %(default)s)")
    parser.set_defaults(run=_ship)
    return run_command(parser, arguments)


def _ship(options: argparse.Namespace) -> None:
    output = options.output
    reviews = options.reviews or options.data / "raw/aclImdb"
    metrics = ship_bundle(options.data / options.name / "bundle", output, reviews)
    size = sum(path.stat().st_size for path in output.iterdir())
    print(f"{output}: {size / 1e6:.1f} MB\n{table({'held_out': metrics})}")


if __name__ == "__main__":
    sys.exit(main())
