"""The words and n-grams that say most about the class."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Tuple

import numpy as np

from pipeline.model.predictor import Predictor
from pipeline.text.vocabulary import Vocabulary

_WORDS = 2000  # the most frequent ones, which are answered one by one


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
    """Answer each of the most frequent words, without punctuation, as a text of its own."""
    words = frequent_words(predictor.bundle.vocabulary)
    probabilities = predictor.predict_proba(words)  # (N, K)
    if probabilities.shape[1] == 2:
        negative, positive = np.clip(probabilities, 1e-7, 1).T
        probabilities = np.log(positive / negative)[:, np.newaxis]
    return WordWeights([printable(word) for word in words], probabilities)


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


def printable(word: str) -> str:
    """Replace characters that cannot be printed, such as control characters, by U+FFFD.

    >>> printable(f"a{chr(27)}b") == f"a{chr(0xFFFD)}b"
    True
    """
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in word)
