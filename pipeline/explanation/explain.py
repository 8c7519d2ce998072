"""Explain a prediction: check that it can be done, and load MXNet only then."""

from __future__ import annotations

from typing import Optional

from pipeline.errors import PipelineError
from pipeline.explanation.explanation import Explanation
from pipeline.io.forks import one_thread
from pipeline.io.values import check_text
from pipeline.model.predictor import Predictor
from pipeline.mx.interrupts import kept_interrupts


def explain_prediction(predictor: Predictor, text: str, target: Optional[str] = None) -> Explanation:
    """Return the attribution of each word of a text, and the probability after each word.

    Parameters
    ----------
    predictor : Predictor
    text : str
    target : str, optional
        The class whose log-odds are attributed; by default the predicted one, and of two classes the second.

    Returns
    -------
    Explanation

    Raises
    ------
    PipelineError
        A ValueError: if the text is not a string or has no word in the vocabulary, there is no such class, or the
        bundle is one in ONNX, which has no gradients.
    """
    check_text(text, "text")
    if target is not None:
        check_text(target, "target")
    if not predictor.has_gradients:
        raise PipelineError(
            "explain needs MXNet and a bundle as training leaves it; this one runs in ONNX, which has no gradients"
        )
    from pipeline.explanation.attribution import explain_text

    with kept_interrupts(), one_thread():
        return explain_text(predictor.bundle, text, target)
