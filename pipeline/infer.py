"""Stage 6, infer: a bundle and a text become a label, a probability and a message."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Tuple, Union, overload

from pipeline.bundle import MANIFEST, Bundle, load_bundle
from pipeline.errors import PipelineError
from pipeline.predict import predict


@dataclass(frozen=True)
class Sentiment:
    """The answer for one text; ``str()`` of it is the lecture's sentence.

    Attributes
    ----------
    label : str
        "positive" or "negative".
    probability : float
        Of the label, from 0.5 to 1.
    positive : float
        Probability of "positive", from 0 to 1.
    words : int
        Words in the text.
    unknown : float
        Share of them that the network has no id for, from 0 to 1.
    cut : bool
        Whether the text is longer than what the network reads.
    """

    label: str
    probability: float
    positive: float
    words: int
    unknown: float
    cut: bool

    def __str__(self) -> str:
        return "Glad you liked it!" if self.label == "positive" else "Sorry you didn't like it"


class SentimentClassifier:
    """A trained network that answers texts.

    Parameters
    ----------
    bundle : Bundle
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle

    @classmethod
    def load(cls, path: Union[str, Path], device: str = "auto") -> SentimentClassifier:
        """Load a bundle from its folder.

        Raises
        ------
        PipelineError
            If there is none, or it is damaged.
        """
        return cls(load_bundle(Path(path), device))

    def infer(self, texts: Iterable[str]) -> List[Sentiment]:
        """Answer many texts; each answer is the one the text would get alone.

        Raises
        ------
        PipelineError
            A ValueError: if a text is not a string or has no word in it; says which.
        """
        vocabulary, steps = self.bundle.vocabulary, self.bundle.recipe.index.steps
        split = [self._split(text, number) for number, text in enumerate(texts)]
        encoded = [vocabulary.encode(words) for words in split]
        probabilities = predict(self.bundle.network, self.bundle.recipe, encoded, self.bundle.device)
        return [
            Sentiment(
                label="positive" if positive > 0.5 else "negative",
                probability=max(positive, 1 - positive),
                positive=positive,
                words=len(words),
                unknown=sum(not vocabulary.knows(word) for word in words) / len(words),
                cut=len(ids) > steps,
            )
            for positive, words, ids in zip(probabilities[:, 1].tolist(), split, encoded)
        ]

    def _split(self, text: str, number: int) -> List[str]:
        if not isinstance(text, str):
            raise PipelineError(f"text {number}: expected a string, found {type(text).__name__}")
        words = self.bundle.vocabulary.split(text)
        if not words:
            raise PipelineError(f"text {number}: no words in it (found {text[:40]!r})")
        return words


_loaded: Dict[Tuple[Path, int], SentimentClassifier] = {}


@overload
def infer_sentiment(text: str, model: Union[str, Path, None] = None) -> Sentiment: ...
@overload
def infer_sentiment(text: List[str], model: Union[str, Path, None] = None) -> List[Sentiment]: ...
def infer_sentiment(
    text: Union[str, Iterable[str]], model: Union[str, Path, None] = None
) -> Union[Sentiment, List[Sentiment]]:
    """Say whether a review is positive.

    Parameters
    ----------
    text : str or iterable of str
    model : str or Path, optional
        A bundle's folder; without it the newest one below ``data/``. It is loaded once and kept.

    Returns
    -------
    Sentiment, or a list of them for several texts

    Raises
    ------
    PipelineError
        A ValueError: if there is no bundle, or a text is not a string or has no word in it.

    Examples
    --------
    >>> print(infer_sentiment("This movie is Great."))  # doctest: +SKIP
    Glad you liked it!
    """
    path = Path(model) if model is not None else find_newest_bundle()
    manifest = path / MANIFEST
    key = (path.resolve(), manifest.stat().st_mtime_ns if manifest.is_file() else 0)
    if key not in _loaded:
        _loaded.clear()  # one at a time: networks are large
        _loaded[key] = SentimentClassifier.load(path)
    answers = _loaded[key].infer([text] if isinstance(text, str) else text)
    return answers[0] if isinstance(text, str) else answers


def find_newest_bundle(data: Optional[Path] = None) -> Path:
    """Return the folder of the bundle that was made last below `data` (by default ``data/``).

    Raises
    ------
    PipelineError
        If there is none.
    """
    data = Path("data") if data is None else data
    manifests = sorted(data.glob(f"*/bundle/{MANIFEST}"), key=lambda path: path.stat().st_mtime_ns)
    if not manifests:
        raise PipelineError(
            f"{data}: no bundle in it; train one with scripts/run.py quick, or name a bundle's folder (model=, --model)"
        )
    return manifests[-1].parent
