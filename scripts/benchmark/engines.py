"""Benchmarks of inference with onnxruntime and Gluon: each function prepares one comparison.

Both predict probabilities of held-out reviews from their text with the shipped bundle.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List

import numpy as np

from pipeline.classifier import SentimentClassifier
from pipeline.export.onnx import TOLERANCE, export_bundle
from pipeline.model.bundle import SHIPPED
from pipeline.read import read_reviews
from scripts.benchmark.timing import Comparison, timed


def throughput(raw: Path) -> Comparison:
    """Predict 1,000 reviews in one call."""
    return _compare(raw, 1000, SentimentClassifier.predict_proba)


def latency(raw: Path) -> Comparison:
    """Predict 100 reviews, one per call."""
    return _compare(raw, 100, _predict_one_by_one)


def _predict_one_by_one(classifier: SentimentClassifier, texts: List[str]) -> np.ndarray:
    return np.concatenate([classifier.predict_proba([text]) for text in texts])


def _compare(raw: Path, reviews: int, predict: Callable[[SentimentClassifier, List[str]], np.ndarray]) -> Comparison:
    bundle = SHIPPED
    gluon = SentimentClassifier.load(bundle)
    with tempfile.TemporaryDirectory() as folder:
        export_bundle(bundle, Path(folder, "onnx"))
        onnx = SentimentClassifier.load(Path(folder, "onnx"))
    reviews_read = read_reviews(raw / "aclImdb", gluon.bundle.recipe.read)
    texts = [review.text for review in reviews_read if review.split == "held_out"]
    chosen = [texts[i] for i in np.random.RandomState(0).permutation(len(texts))[:reviews]]
    for classifier in (onnx, gluon):
        predict(classifier, chosen)  # warm-up: Gluon builds a graph for every new batch shape
    ours, baseline = timed(predict, onnx, chosen), timed(predict, gluon, chosen)
    return Comparison(ours, baseline, _difference, len(chosen), _max_difference)


def _difference(ours: np.ndarray, baseline: np.ndarray) -> str:
    largest = np.abs(ours - baseline).max()
    return "" if largest <= TOLERANCE else f"probabilities differ by {largest:.2g}"


def _max_difference(ours: np.ndarray, baseline: np.ndarray) -> Dict[str, Any]:
    return {"difference": float(np.abs(ours - baseline).max())}
