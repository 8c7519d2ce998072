"""Sentiment analysis of film reviews: an MXNet Gluon LSTM on pretrained GloVe vectors.

Each stage is a module with one main function::

    read -> index -> embed -> train -> evaluate -> infer

Importing this package does not import MXNet, which is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.classifier import SentimentClassifier
    from pipeline.infer import clear_cache, explain, infer_sentiment
    from pipeline.model.gluon import load_gluon

__version__ = "0.1.0"
__all__ = ["SentimentClassifier", "clear_cache", "explain", "infer_sentiment", "load_gluon"]


def __getattr__(name: str) -> object:
    if name == "SentimentClassifier":  # imports scikit-learn, which takes a second and which inference does not need
        from pipeline.classifier import SentimentClassifier

        return SentimentClassifier
    if name == "load_gluon":
        from pipeline.model.gluon import load_gluon

        return load_gluon
    if name in __all__:
        import pipeline.infer

        return getattr(pipeline.infer, name)
    raise AttributeError(f"module 'pipeline' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
