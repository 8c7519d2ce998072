"""What the network makes of texts and words: its most certain mistakes, explained, and the words with most weight."""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.explanation.explain import explain_prediction
from pipeline.io.streams import printable
from pipeline.model.bundle import Bundle
from pipeline.model.predict import predict
from pipeline.model.predictor import Predictor
from pipeline.report.results import NetworkResults, load_texts
from pipeline.text.vocabulary import Vocabulary

_MISTAKES = 8
_EXCERPT = 160  # characters
_WORDS = 2000  # the most frequent ones, which are predicted one by one


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
    chosen = wrong[np.argsort(-confidence[wrong], kind="stable")][:_MISTAKES]
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


class WordWeights(NamedTuple):
    """How much words, or n-grams, speak for each class."""

    words: List[str]  # of length N
    weights: np.ndarray  # (N, 1) logits of the second of two classes; (N, K) for K classes


def weigh_ngrams(predictor: Predictor) -> WordWeights:
    """Return what n-grams add to the logits of the n-gram model, which the network must have, in MXNet.

    Those of the 50 n-grams that add most, and of the 50 that subtract most, for each class.
    """
    network, vocabulary = predictor.bundle.network, predictor.bundle.vocabulary
    ids = np.arange(1, len(network.ngrams))
    weights = network.ngram_model.terms(ids)  # (N, num_outputs)
    if weights.shape[1] == 2:
        weights = weights[:, 1:] - weights[:, :1]  # (N, 1)
    kept = list(dict.fromkeys(i for column in weights.T for i in _extremes(column, 50)))  # few are decoded
    tokens = [vocabulary.decode(network.ngrams.tokens_of(ids[i])) for i in kept]
    words = [" ".join(map(printable, words)) for words in tokens]
    return WordWeights(words, weights[kept])


def weigh_words(predictor: Predictor) -> WordWeights:
    """Predict each of the most frequent words, without punctuation, as a text of its own."""
    words = frequent_words(predictor.bundle.vocabulary)
    probabilities = predict_words(predictor.bundle, words)  # (N, K)
    if probabilities.shape[1] == 2:
        negative, positive = np.clip(probabilities, 1e-7, 1).T
        probabilities = np.log(positive / negative)[:, np.newaxis]
    return WordWeights([printable(word) for word in words], probabilities)


def predict_words(bundle: Bundle, words: Sequence[str]) -> np.ndarray:
    """Predict words of the vocabulary, each as a text of its own; return the probabilities, (N, K)."""
    encoded = [bundle.vocabulary.encode([word]) for word in words]
    return predict(bundle.network, bundle.recipe, encoded, bundle.device)


def frequent_words(vocabulary: Vocabulary) -> List[str]:
    """Return the most frequent words that are not punctuation."""
    frequent = [word for _, word in vocabulary.row_words()[:_WORDS]]
    return [word for word in frequent if vocabulary.knows_any(vocabulary.ids_of([word]))]


def select_extremes(found: WordWeights, each: int = 12) -> Dict[str, float]:
    """Return the words with the largest and the smallest of one column of weights, from the largest on."""
    weights = found.weights[:, 0]
    return {found.words[i]: float(weights[i]) for i in _extremes(weights, each)}


def select_likeliest(found: WordWeights, each: int = 10) -> List[List[Tuple[str, float]]]:
    """Return for each class the words with the largest weights, from the largest on."""
    order = np.argsort(-found.weights, axis=0, kind="stable")[:each]  # (each, K)
    return [[(found.words[i], float(found.weights[i, k])) for i in order[:, k]] for k in range(order.shape[1])]


def _extremes(weights: np.ndarray, each: int) -> np.ndarray:
    """Return the indices of the largest values above 0 and of the smallest below 0, in falling order."""
    order = np.argsort(-weights, kind="stable")
    largest, smallest = order[:each], order[max(len(order) - each, 0) :]
    return np.concatenate([largest[weights[largest] > 0], smallest[weights[smallest] < 0]])
