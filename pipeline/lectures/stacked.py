"""Two stacked LSTMs on padded reviews."""

from __future__ import annotations

from typing import Any, Dict

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.lectures.comparison import ComputedValue, ComputedValues
from pipeline.lectures.runner import LectureRunner
from pipeline.metrics import measure
from pipeline.model.bundle import load_bundle, load_metrics
from pipeline.model.ensemble import build_network
from pipeline.model.predict import predict
from pipeline.recipes import STACKED, STACKED_MASKED
from pipeline.workflow.stages import ENCODED


def run(runner: LectureRunner) -> ComputedValues:
    """Measure the two stacked LSTMs before training, after it, and with masked padding."""
    trained = load_metrics(runner.run(STACKED) / "bundle")["held_out"]
    masked = load_metrics(runner.run(STACKED_MASKED) / "bundle")["held_out"]
    untrained = measure_untrained(runner)
    note = (
        "ours before training. An untrained network has a loss of ln 2 = 0.69315: the notebook's cells "
        "were run out of order, and the model was rebuilt after it was fitted. After one epoch ours has "
        f"{trained['loss']:.4f} and {trained['accuracy']:.4f}"
    )
    return {
        "loss": ComputedValue(untrained["loss"], note),
        "accuracy": ComputedValue(untrained["accuracy"], note),
        "masked": ComputedValue(masked["accuracy"], f"against {trained['accuracy']:.4f} without masking"),
    }


def measure_untrained(runner: LectureRunner) -> Dict[str, Any]:
    """Return the metrics on the held-out reviews of the network before its first step."""
    from pipeline.model.network import initialize
    from pipeline.mx.engine import find_devices, seed_mxnet

    folder = runner.run(STACKED)
    recipe = load_bundle(folder / "bundle", "cpu").recipe
    embedding = np.load(folder / "embedding.npy")
    seed_mxnet(recipe.train.seed)
    network = build_network(recipe, embedding.shape)
    device = find_devices(runner.device)[0]
    initialize(network, recipe, embedding, [device])
    encoded = Encoded.load(folder / ENCODED)
    rows = encoded.rows("held_out")
    return measure(encoded.labels[rows], predict(network, recipe, [encoded[row] for row in rows], device))
