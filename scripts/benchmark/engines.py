"""Benchmarks of inference with onnxruntime and Gluon: each function prepares one comparison.

All predict probabilities of held-out reviews from their text with the shipped bundle.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List

import numpy as np

from pipeline.classifier import SentimentClassifier
from pipeline.export.onnx import TOLERANCE, export_bundle, export_quantized
from pipeline.model.bundle import ONNX, SHIPPED, load_recipe
from scripts.benchmark.reviews import sample_reviews
from scripts.benchmark.timing import Comparison, max_difference, timed


def throughput(raw: Path) -> Comparison:
    """Predict 1,000 reviews in one call."""
    return _compare(raw, 1000, SentimentClassifier.predict_proba)


def latency(raw: Path) -> Comparison:
    """Predict 100 reviews, one per call."""
    return _compare(raw, 100, _predict_one_by_one)


def throughput_int8(raw: Path) -> Comparison:
    """Predict 1,000 reviews in one call, with int8 weights against single precision, both in onnxruntime."""
    return _compare_int8(raw, 1000, SentimentClassifier.predict_proba)


def latency_int8(raw: Path) -> Comparison:
    """Predict 100 reviews, one per call, with int8 weights against single precision, both in onnxruntime."""
    return _compare_int8(raw, 100, _predict_one_by_one)


def _predict_one_by_one(classifier: SentimentClassifier, texts: List[str]) -> np.ndarray:
    return np.concatenate([classifier.predict_proba([text]) for text in texts])


def _compare(raw: Path, reviews: int, predict: Callable[[SentimentClassifier, List[str]], np.ndarray]) -> Comparison:
    gluon = SentimentClassifier.load(SHIPPED)
    with tempfile.TemporaryDirectory() as folder:
        export_bundle(SHIPPED, Path(folder, "onnx"))
        onnx = SentimentClassifier.load(Path(folder, "onnx"))
    chosen = [review.text for review in sample_reviews(raw, load_recipe(SHIPPED), split="held_out")[:reviews]]
    for classifier in (onnx, gluon):
        predict(classifier, chosen)  # warm-up: Gluon builds a graph for every new batch shape
    ours, baseline = timed(predict, onnx, chosen), timed(predict, gluon, chosen)
    return Comparison(ours, baseline, _difference, len(chosen), max_difference)


def _compare_int8(
    raw: Path, reviews: int, predict: Callable[[SentimentClassifier, List[str]], np.ndarray]
) -> Comparison:
    held_out = sample_reviews(raw, load_recipe(SHIPPED), split="held_out")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export_bundle(SHIPPED, folder / "onnx")
        # Refuses if the accuracy on all held-out reviews falls by more than 0.2 percentage points.
        accuracy = export_quantized(
            SHIPPED, folder / "int8", [review.text for review in held_out], [review.label for review in held_out]
        )
        int8, onnx = (SentimentClassifier.load(folder / one) for one in ("int8", "onnx"))
        sizes = {f"{one}_MB": (folder / one / ONNX).stat().st_size / 1e6 for one in ("int8", "onnx")}
    chosen = [review.text for review in held_out[:reviews]]

    def details(ours: np.ndarray, baseline: np.ndarray) -> Dict[str, Any]:
        accuracies = {"gluon_accuracy": accuracy.before, "int8_accuracy": accuracy.after}
        return {**max_difference(ours, baseline), **accuracies, **sizes}

    for classifier in (int8, onnx):
        predict(classifier, chosen)
    ours, baseline = timed(predict, int8, chosen), timed(predict, onnx, chosen)
    return Comparison(ours, baseline, lambda ours, baseline: "", len(chosen), details)


def _difference(ours: np.ndarray, baseline: np.ndarray) -> str:
    largest = np.abs(ours - baseline).max()
    return "" if largest <= TOLERANCE else f"probabilities differ by {largest:.2g}"
