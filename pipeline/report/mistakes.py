"""The mistakes of which the network was most certain, with the attribution of each word."""

from __future__ import annotations

from typing import Any, List, NamedTuple, Optional

import numpy as np

from pipeline.errors import PipelineError
from pipeline.explanation.explain import explain_prediction
from pipeline.model.predictor import Predictor
from pipeline.report.results import NetworkResults, load_texts

_MOST = 8
_EXCERPT = 160  # characters


class Mistake(NamedTuple):
    """A text whose prediction is wrong."""

    file: str
    label: str
    predicted: str
    probability: float  # of the prediction
    text: str
    explanation: Optional[Any]  # HTML, as markupsafe.Markup; None: there is none
    why_not: str = ""  # there is no explanation

    @property
    def excerpt(self) -> str:
        """The beginning of the text, in one line."""
        line = " ".join(self.text.split())
        return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT].rsplit(' ', 1)[0]} …"


def find_mistakes(results: NetworkResults, predictor: Optional[Predictor]) -> List[Mistake]:
    """Return the mistakes on the split that is shown, the most certain first.

    Parameters
    ----------
    results : NetworkResults
    predictor : Predictor, optional
        Without one, or without gradients, texts are not explained.

    Returns
    -------
    list of Mistake
        Empty if there is none, or if ``predictions.csv`` or ``reviews.jsonl`` is missing.
    """
    one = results.predictions.get(results.shown)
    if one is None:
        return []
    confidence = np.take_along_axis(one.probabilities, one.predicted[:, None], axis=1)[:, 0]
    wrong = np.flatnonzero(~one.correct)
    chosen = wrong[np.argsort(-confidence[wrong], kind="stable")][:_MOST]
    texts = load_texts(results, one.rows[chosen].tolist())
    names, predicted = results.names, one.predicted
    mistakes = []
    for i in chosen if texts else ():
        review, label = texts[int(one.rows[i])], names[one.labels[i]]
        mistake = Mistake(review.file, label, names[predicted[i]], float(confidence[i]), review.text, None)
        mistakes.append(_explain(mistake, predictor) if predictor and predictor.has_gradients else mistake)
    return mistakes


def _explain(mistake: Mistake, predictor: Predictor) -> Mistake:
    from markupsafe import Markup

    try:
        explanation = explain_prediction(predictor, mistake.text)
    except PipelineError as error:  # of a text without a known word
        return mistake._replace(why_not=str(error))
    return mistake._replace(explanation=Markup(explanation.to_html()))  # to_html escapes
