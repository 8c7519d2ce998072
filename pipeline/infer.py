"""Stage 6, infer: a bundle and a text become a label, a probability and a message, or the reasons for them."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Iterable, List, Tuple, Union, overload

from pipeline.classifier import Sentiment, SentimentClassifier
from pipeline.explanation.explanation import Explanation
from pipeline.io.forks import one_thread
from pipeline.model.bundle import MANIFEST, find_bundle

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
        A bundle's folder, or the name of a recipe trained below ``data/``; without it the bundle that comes with the
        package. It is loaded once and kept.

    Returns
    -------
    Sentiment, or a list of them for several texts

    Raises
    ------
    PipelineError
        A ValueError: if there is no such bundle, or a text is not a string or has no word in it. One whose words the
        network does not know, such as one in another language, is answered "unsure".

    Examples
    --------
    >>> print(infer_sentiment("This movie is Great."))  # doctest: +SKIP
    Glad you liked it!
    """
    answers = _load(model).infer([text] if isinstance(text, str) else text)
    return answers[0] if isinstance(text, str) else answers


def explain(text: str, model: Union[str, Path, None] = None) -> Explanation:
    """Say why a review is positive or negative: what each word adds to the answer.

    Parameters
    ----------
    text : str
    model : str or Path, optional
        As for `infer_sentiment`.

    Returns
    -------
    Explanation

    Raises
    ------
    PipelineError
        A ValueError: as from `infer_sentiment`, if the network knows no word of the text, and if the bundle is one in
        ONNX.

    Examples
    --------
    >>> print(explain("This movie is great."))  # doctest: +SKIP
    """
    return _load(model).explain(text)


def _load(model: Union[str, Path, None]) -> SentimentClassifier:
    path = find_bundle(model)
    manifest = path / MANIFEST
    key = (path.resolve(), manifest.stat().st_mtime_ns if manifest.is_file() else 0)
    with one_thread():
        if key not in _loaded:
            _loaded.clear()  # one at a time: networks are large
            _loaded[key] = SentimentClassifier.load(path)
        return _loaded[key]
