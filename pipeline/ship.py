"""The bundle that comes with the package: made small, and measured as it is."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any, Dict

SHIPPED = Path(__file__).parent / "bundles" / "small"


def ship_bundle(source: Path, target: Path, reviews: Path) -> Dict[str, Any]:
    """Write a bundle in half precision, for Gluon and in ONNX, with its figures on held-out reviews.

    Parameters
    ----------
    source, target : Path
        Folders of bundles. A bundle that is the target already is replaced, as a whole.
    reviews : Path
        A folder laid out as aclImdb, the one that the bundle was trained on.

    Returns
    -------
    dict
        `pipeline.metrics.measure`'s figures on the held-out reviews, of what was written.
    """
    from pipeline.bundle import HISTORY, METRICS, check_target, load_bundle, save_bundle
    from pipeline.classifier import SentimentClassifier
    from pipeline.export import export_bundle
    from pipeline.io.output import new_folder, read_json, write_json

    check_target(target)  # before anything takes time
    bundle = load_bundle(source)
    with tempfile.TemporaryDirectory() as folder:
        half, made = Path(folder, "half"), Path(folder, "made")
        save_bundle(half, bundle.network, bundle.vocabulary, bundle.recipe, read_json(source / HISTORY), half=True)
        export_bundle(half, made, both=True)
        figures = measure_held_out(SentimentClassifier.load(made), reviews)
        write_json(made / METRICS, {"held_out": figures})
        with new_folder(target, check_target) as temporary:
            for path in made.iterdir():
                shutil.copy(path, temporary)
    return figures


def measure_held_out(classifier: Any, reviews: Path) -> Dict[str, Any]:
    """Return the figures of a `SentimentClassifier` on the reviews that its recipe holds out of a folder."""
    import numpy as np

    from pipeline.metrics import measure
    from pipeline.read import read_reviews

    held_out = [review for review in read_reviews(reviews, classifier.bundle.recipe.read) if review.split == "held_out"]
    probabilities = classifier.predict_proba([review.text for review in held_out])
    return measure(np.array([review.label for review in held_out]), probabilities)


def add_command(commands: Any) -> None:
    """Add the command ``ship_bundle``."""
    parser = commands.add_parser("ship_bundle", help="make the bundle that comes with the package")
    parser.add_argument("name", help="folder in data/ whose bundle it is: small")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where everything is kept (default: data)")
    parser.add_argument("--reviews", type=Path, help="a folder laid out as aclImdb (default: data/raw/aclImdb)")
    parser.add_argument("--output", type=Path, default=SHIPPED, help="folder to write (default: %(default)s)")
    parser.set_defaults(run=_ship)


def _ship(options: argparse.Namespace) -> None:
    from pipeline.metrics import table

    figures = ship_bundle(
        options.data / options.name / "bundle", options.output, options.reviews or options.data / "raw/aclImdb"
    )
    size = sum(path.stat().st_size for path in options.output.iterdir())
    print(f"{options.output}: {size / 1e6:.1f} MB\n{table({'held_out': figures})}")
