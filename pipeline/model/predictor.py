"""Predictions for texts: the tokenizer, the vocabulary and the network of a bundle, put together."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from numbers import Real
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple, TypeVar, Union

import numpy as np

from pipeline.corpus.classes import UNSURE, choose_classes, class_names, is_sentiment
from pipeline.errors import PipelineError
from pipeline.io.forks import one_thread
from pipeline.io.tables import Row, batches
from pipeline.io.values import check_texts
from pipeline.model.bundle import MANIFEST, Bundle, find_bundle, load_bundle, save_bundle
from pipeline.model.predict import predict

MESSAGES = {
    "positive": "Glad you liked it!",
    "negative": "Sorry you didn't like it",
    UNSURE: "Not sure",  # the probability is below the threshold
}
NO_KNOWN_WORD = "Not sure: no word that the network knows"


P = TypeVar("P", bound="Prediction")


@dataclass(frozen=True)
class Prediction:
    """The prediction for one text.

    Attributes
    ----------
    label : str
        The likeliest class; "unsure" if the vocabulary has no word of the text (punctuation is not a word), or if the
        probability is below a threshold that was asked for.
    probability : float
        Of the likeliest class.
    probabilities : dict of str to float
        Of each class, in their order; all the same if no word is known.
    words : int
        Number of tokens in the text, punctuation included.
    unknown : float
        Fraction of those tokens that are not in the vocabulary, from 0 to 1.
    cut : bool
        Whether the text is longer than the network's maximum length.
    """

    label: str
    probability: float
    probabilities: Dict[str, float]
    words: int
    unknown: float
    cut: bool

    def __str__(self) -> str:
        if self.label != UNSURE:
            return self.label
        return NO_KNOWN_WORD if len(set(self.probabilities.values())) == 1 else MESSAGES[UNSURE]

    @property
    def positive(self) -> float:
        """Not defined: raises an AttributeError, which names the classes."""
        raise AttributeError(f"no probability of positive: the classes are {', '.join(self.probabilities)}")

    def to_dict(self) -> Dict[str, Any]:
        """Return all attributes, ready for JSON."""
        return asdict(self)

    def top(self, count: int = 3) -> List[Tuple[str, float]]:
        """Return the likeliest classes with their probabilities, the likeliest first; of equal ones the first.

        Parameters
        ----------
        count : int
            Of classes, at most.

        Returns
        -------
        list of (str, float)
        """
        return sorted(self.probabilities.items(), key=lambda item: -item[1])[:count]

    def at_threshold(self: P, threshold: Optional[float]) -> P:
        """Return this prediction, labelled "unsure" if its probability is below the threshold.

        Parameters
        ----------
        threshold : float, optional
            From 0 to 1; None changes nothing.

        Raises
        ------
        PipelineError
            If the threshold is out of range.
        """
        check_threshold(threshold)
        return self if threshold is None or self.probability >= threshold else replace(self, label=UNSURE)


@dataclass(frozen=True)
class Rating(Prediction):
    """The prediction for one text by a network of ordered classes, such as stars.

    Attributes
    ----------
    label : str
        The median of the classes, which need not be the likeliest; "unsure" as for a `Sentiment`.
    probability : float
        Of the label.
    probabilities, words, unknown, cut
        As for a `Prediction`.
    """

    def __str__(self) -> str:
        highest = list(self.probabilities)[-1]
        return super().__str__() if self.label == UNSURE else f"{self.label} of {highest}"


class Sentiment(Prediction):
    """The prediction of "negative" or "positive" for one text; ``str()`` of it is the lecture's message.

    Attributes
    ----------
    positive : float
        Probability of "positive", from 0 to 1; 0.5 if no word is known.
    label, probability, probabilities, words, unknown, cut
        As of a `Prediction`. The probability is from 0.5 to 1.
    """

    def __str__(self) -> str:
        return super().__str__() if self.label == UNSURE else MESSAGES[self.label]

    @property
    def positive(self) -> float:
        """Probability of "positive"."""
        return self.probabilities["positive"]

    def to_dict(self) -> Dict[str, Any]:
        """Return all attributes, ready for JSON, with ``positive`` in place of ``probabilities``."""
        names = ("label", "probability", "positive", "words", "unknown", "cut")
        return {name: getattr(self, name) for name in names}


class Predictor:
    """Predicts the classes of texts with a trained bundle: negative or positive, or those it was trained on.

    Threads may share one, and a process that has one may fork: the fork waits for predictions that are running. It
    can be pickled; the pickle holds the network.

    Parameters
    ----------
    bundle : Bundle
    device : str
        Where a pickled predictor is loaded again, as for `pipeline.mx.engine.find_devices`.
    """

    def __init__(self, bundle: Bundle, device: str = "auto") -> None:
        self.bundle, self.device = bundle, device

    @classmethod
    def load(cls, model: Union[str, Path, None] = None, device: str = "auto", prefer_onnx: bool = False) -> Predictor:
        """Load a bundle.

        Parameters
        ----------
        model : str or Path, optional
            As for `pipeline.model.bundle.find_bundle`.
        device : str
            As for `pipeline.mx.engine.find_devices`; the first one is used.
        prefer_onnx : bool
            As for `pipeline.model.bundle.load_bundle`.

        Raises
        ------
        PipelineError
            If there is no such bundle, or it is damaged.
        """
        return cls(load_bundle(find_bundle(model), device, prefer_onnx), device)

    @property
    def has_gradients(self) -> bool:
        """Whether the network can be differentiated, which explanations need. A network in ONNX cannot."""
        return self.bundle.device is not None

    @property
    def classes(self) -> List[str]:
        """The classes as predictions name them, in the order of the probabilities."""
        return class_names(self.bundle.classes)

    def predict_proba(self, texts: Iterable[str]) -> np.ndarray:
        """Return the probabilities of the classes.

        Parameters
        ----------
        texts : iterable of str
            A list, an iterator, a numpy array, a pandas column.

        Returns
        -------
        ndarray of float64, shape (texts, K)
            In the order of the bundle's classes: negative, positive. All the same for a text without a word in the
            vocabulary.

        Raises
        ------
        PipelineError
            A ValueError: if it is a single string, a table, a set or a dict, or an element is not a string (a missing
            value, say) or holds an unpaired surrogate, which is not a character; says which.
        """
        vocabulary = self.bundle.vocabulary
        return self._predict_ids([vocabulary.encode(vocabulary.split(text)) for text in check_texts(texts)])

    def infer(self, texts: Iterable[str], threshold: Optional[float] = None) -> List[Prediction]:
        """Predict many texts. No prediction depends on the other texts, except with int8 weights.

        Parameters
        ----------
        texts : iterable of str
        threshold : float, optional
            As for `Prediction.at_threshold`.

        Returns
        -------
        list of Prediction
            Of `Sentiment` if the bundle's classes are negative and positive, of `Rating` if they are ordered.

        Raises
        ------
        PipelineError
            A ValueError: if a text is not a string or is empty of words; says which. If the threshold is out of range.
            A text whose words are all unknown is predicted "unsure".
        """
        check_threshold(threshold)
        texts = check_texts(texts)
        predictions = []
        for number, prediction in enumerate(self.try_infer(texts)):
            if prediction is None:
                raise PipelineError(f"text {number}: no words in it (found {texts[number][:40]!r})")
            predictions.append(prediction.at_threshold(threshold))
        return predictions

    def try_infer(self, texts: Iterable[str]) -> List[Optional[Prediction]]:
        """Predict many texts as `infer` does, but return None for a text without words.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        list of Prediction, Sentiment or None
        """
        vocabulary = self.bundle.vocabulary
        tokens = [vocabulary.split(text) for text in check_texts(texts)]
        encoded = [vocabulary.encode(words) for words in tokens]
        probabilities = self._predict_ids(encoded).tolist()
        return [
            self._predict_one(row, words, ids) if words else None
            for row, words, ids in zip(probabilities, tokens, encoded)
        ]

    def _predict_one(self, probabilities: List[float], words: List[str], ids: np.ndarray) -> Prediction:
        bundle = self.bundle
        known = bundle.knows_any(ids)
        unknown = sum(not bundle.vocabulary.knows(word) for word in words) / len(words)
        cut = len(ids) > bundle.recipe.index.max_length
        if is_sentiment(bundle.classes):
            positive = probabilities[1]
            label = UNSURE if not known else "positive" if positive > 0.5 else "negative"
            both = {"negative": 1 - positive, "positive": positive}
            return Sentiment(label, max(both.values()), both, len(words), unknown, cut)
        ordered, names = bundle.recipe.is_ordered, self.classes
        chosen = int(choose_classes(np.array([probabilities]), ordered)[0])
        label, by_class = names[chosen] if known else UNSURE, dict(zip(names, probabilities))
        kind = Rating if ordered else Prediction
        return kind(label, probabilities[chosen], by_class, len(words), unknown, cut)

    def _predict_ids(self, encoded: List[np.ndarray]) -> np.ndarray:
        """Return the probabilities, (N, K), of encoded texts; all the same where no word is in the vocabulary."""
        bundle = self.bundle
        known = [row for row, ids in enumerate(encoded) if bundle.knows_any(ids)]
        probabilities = np.full((len(encoded), len(bundle.classes)), 1 / len(bundle.classes))
        probabilities[known] = predict(bundle.network, bundle.recipe, [encoded[row] for row in known], bundle.device)
        return probabilities

    def __getstate__(self) -> Dict[str, Any]:
        """Return what pickle and deepcopy take: the files of the bundle in place of a network of MXNet."""
        bundle = self.bundle
        if not self.has_gradients:
            return self.__dict__
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "bundle")
            save_bundle(path, bundle.network, bundle.vocabulary, bundle.recipe, [], classes=bundle.classes)
            return {"device": self.device, "files": {file.name: file.read_bytes() for file in path.iterdir()}}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.device = state["device"]
        if "bundle" in state:  # a network in ONNX
            self.bundle = state["bundle"]
            return
        with tempfile.TemporaryDirectory() as folder:
            for name, content in state["files"].items():
                Path(folder, name).write_bytes(content)
            self.bundle = load_bundle(Path(folder), self.device)


_cached: Dict[Tuple[Path, int, str, bool], Predictor] = {}  # at most one, since networks are large


def load_cached(model: Union[str, Path, None] = None, device: str = "auto", prefer_onnx: bool = False) -> Predictor:
    """Return the predictor of a bundle, which is kept until another is asked for or `clear_cache` is called.

    Parameters
    ----------
    model, device, prefer_onnx
        As for `Predictor.load`. A bundle that was replaced is loaded anew.

    Raises
    ------
    PipelineError
        As from `Predictor.load`.
    """
    path = find_bundle(model)
    manifest = path / MANIFEST
    key = (path.resolve(), manifest.stat().st_mtime_ns if manifest.is_file() else 0, device, prefer_onnx)
    predictor = _cached.get(key)
    if predictor is None:  # only then: one thread's prediction must not wait for another's
        with one_thread():
            predictor = _cached.get(key)
            if predictor is None:
                predictor = Predictor.load(path, device, prefer_onnx)
                _cached.clear()
                _cached[key] = predictor
    return predictor


def clear_cache() -> None:
    """Drop the bundle that `load_cached` keeps, and with it the memory of its network."""
    _cached.clear()


def predict_rows(predictor: Predictor, rows: Iterable[Row]) -> Iterator[Tuple[Row, Optional[Prediction]]]:
    """Predict rows in batches, in their order; memory does not grow with their number.

    Yields
    ------
    row : Row
        The input row, with an error if there is no word in its text.
    prediction : Prediction, Sentiment or None
        None if the row has an error.
    """
    for batch in batches(rows):
        predictions = iter(predictor.try_infer([row.text for row in batch if not row.error]))
        for row in batch:
            prediction = None if row.error else next(predictions)
            yield (row if prediction or row.error else row._replace(error="no words in it")), prediction


def check_threshold(threshold: Optional[float]) -> None:
    """Refuse a threshold that is not a number from 0 to 1."""
    is_number = isinstance(threshold, Real) and not isinstance(threshold, bool)
    if threshold is not None and not (is_number and 0 <= threshold <= 1):
        raise PipelineError(f"threshold: expected a probability from 0 to 1, found {threshold!r}")
