"""Stage 6, infer: a bundle and a text become a label, a probability and a message, or an explanation of them."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable, List, Optional, Sequence, Union, overload

from pipeline.explanation.explain import explain_prediction
from pipeline.explanation.explanation import Explanation
from pipeline.model.predictor import Prediction, Sentiment, clear_cache, load_cached

__all__ = ["clear_cache", "explain", "infer_sentiment"]


# A str is an iterable of str too, but the overloads for a single text come first.
@overload
def infer_sentiment(  # type: ignore[overload-overlap]
    text: str, model: None = None, threshold: Optional[float] = None
) -> Sentiment: ...
@overload
def infer_sentiment(text: Iterable[str], model: None = None, threshold: Optional[float] = None) -> List[Sentiment]: ...
@overload
def infer_sentiment(  # type: ignore[overload-overlap]
    text: str, model: Union[str, Path], threshold: Optional[float] = None
) -> Prediction: ...
@overload
def infer_sentiment(
    text: Iterable[str], model: Union[str, Path], threshold: Optional[float] = None
) -> List[Prediction]: ...
def infer_sentiment(
    text: Union[str, Iterable[str]], model: Union[str, Path, None] = None, threshold: Optional[float] = None
) -> Union[Prediction, Sequence[Prediction]]:
    """Say whether a review is positive.

    Parameters
    ----------
    text : str or iterable of str
    model : str or Path, optional
        A bundle's folder, or the name of a recipe trained below ``data/``; without it the bundle that comes with the
        package. The bundle is loaded once and kept until another is asked for; see `clear_cache`.
    threshold : float, optional
        From 0 to 1: a prediction with a lower probability is labelled "unsure". It does not move the boundary between
        the classes. docs/inference.md shows what accuracy that buys.

    Returns
    -------
    Sentiment, or a list of them for several texts
        A `pipeline.model.predictor.Prediction` if the bundle was trained on other classes than negative and positive. A
        text whose words are all unknown, such as one in another language, is predicted "unsure".

    Raises
    ------
    PipelineError
        A ValueError: if there is no such bundle, or a text is not a string or has no word in it.

    Examples
    --------
    >>> print(infer_sentiment("This movie is Great."))  # doctest: +SKIP
    Glad you liked it!
    """
    predictions = load_cached(model).infer([text] if isinstance(text, str) else text, threshold)
    return predictions[0] if isinstance(text, str) else predictions


def explain(text: str, model: Union[str, Path, None] = None, target: Optional[str] = None) -> Explanation:
    """Explain why a review is predicted positive or negative: the attribution of each word.

    Parameters
    ----------
    text : str
    model : str or Path, optional
        As for `infer_sentiment`.
    target : str, optional
        The class to explain; by default the predicted one, and of two classes the second, such as "positive".

    Returns
    -------
    Explanation

    Raises
    ------
    PipelineError
        A ValueError: as from `infer_sentiment`, if no word of the text is in the vocabulary, if there is no such
        class, and if the bundle is one in ONNX.

    Examples
    --------
    >>> print(explain("This movie is great."))  # doctest: +SKIP
    """
    return explain_prediction(load_cached(model), text, target)
