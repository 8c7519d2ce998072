"""What is timed of the two engines, onnxruntime and Gluon: each function prepares one comparison.

Both answer held-out reviews, text in and probabilities out, with the network that comes with the package.
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
    """1,000 reviews at once."""
    return _compare(raw, 1000, SentimentClassifier.predict_proba)


def latency(raw: Path) -> Comparison:
    """100 reviews, one after the other."""
    return _compare(raw, 100, _one_by_one)


def _one_by_one(classifier: SentimentClassifier, texts: List[str]) -> np.ndarray:
    return np.concatenate([classifier.predict_proba([text]) for text in texts])


def _compare(raw: Path, reviews: int, answer: Callable[[SentimentClassifier, List[str]], np.ndarray]) -> Comparison:
    bundle = SHIPPED
    gluon = SentimentClassifier.load(bundle)
    with tempfile.TemporaryDirectory() as folder:
        export_bundle(bundle, Path(folder, "onnx"))
        onnx = SentimentClassifier.load(Path(folder, "onnx"))
    reviews_read = read_reviews(raw / "aclImdb", gluon.bundle.recipe.read)
    texts = [review.text for review in reviews_read if review.split == "held_out"]
    chosen = [texts[i] for i in np.random.RandomState(0).permutation(len(texts))[:reviews]]
    for classifier in (onnx, gluon):
        answer(classifier, chosen)  # Gluon prepares itself for every new shape of batch
    ours, peer = timed(answer, onnx, chosen), timed(answer, gluon, chosen)
    return Comparison(ours, peer, _difference, len(chosen), _largest)


def _difference(ours: np.ndarray, peer: np.ndarray) -> str:
    largest = np.abs(ours - peer).max()
    return "" if largest <= TOLERANCE else f"probabilities are {largest:.2g} apart"


def _largest(ours: np.ndarray, peer: np.ndarray) -> Dict[str, Any]:
    return {"difference": float(np.abs(ours - peer).max())}
