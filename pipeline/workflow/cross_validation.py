"""Cross-validate a fast model on labelled texts: out-of-fold probabilities, and a learning curve.

The model is logistic regression on TF-IDF of words and word pairs, which trains in a second where a network takes
minutes.
"""

from __future__ import annotations

import warnings
from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

import numpy as np

from pipeline.corpus.training_table import LabelledTexts
from pipeline.errors import PipelineError
from pipeline.io.progress import tqdm

FOLDS = 5
FRACTIONS = (0.1, 0.2, 0.5, 1.0)  # of the texts to train on
_Tokenizer = Callable[[str], List[str]]


class CurvePoint(NamedTuple):
    """Accuracy of models that were trained on a fraction of the texts."""

    fraction: float
    texts: int  # trained on, in the first fold
    accuracy: float  # mean over the folds
    deviation: float  # standard deviation over the folds


def predict_out_of_fold(texts: LabelledTexts, tokenize: _Tokenizer, seed: int) -> np.ndarray:
    """Return each text's probabilities by a model that was trained on the other folds.

    Parameters
    ----------
    texts : LabelledTexts
        All texts of a group are in one fold.
    tokenize : callable
        As in `pipeline.text.tokenizers.TOKENIZERS`.
    seed : int
        Of the folds.

    Returns
    -------
    ndarray of float64, shape (N, K)

    Raises
    ------
    PipelineError
        If a class is not in two texts or groups, or no word is in two texts.
    """
    folds, counts, labels = _split_folds(texts, seed), _count(texts.texts, tokenize), np.array(texts.labels)
    probabilities = np.zeros((len(labels), len(texts.classes)))
    for train, rest in tqdm(folds, desc="cross-validation", unit="fold", leave=False):
        probabilities[rest] = _make_model().fit(counts[train], labels[train]).predict_proba(counts[rest])
    return probabilities


def measure_learning_curve(texts: LabelledTexts, tokenize: _Tokenizer, seed: int) -> List[CurvePoint]:
    """Return the cross-validated accuracy of models that were trained on `FRACTIONS` of the texts.

    Parameters
    ----------
    texts : LabelledTexts
        All texts of a group are in one fold.
    tokenize : callable
        As in `pipeline.text.tokenizers.TOKENIZERS`.
    seed : int
        Of the folds, and of the texts that are in a fraction.

    Returns
    -------
    list of CurvePoint

    Raises
    ------
    PipelineError
        As from `predict_out_of_fold`.
    """
    folds, counts, labels = _split_folds(texts, seed), _count(texts.texts, tokenize), np.array(texts.labels)
    scores = np.zeros((len(FRACTIONS), len(folds)))
    with tqdm(total=scores.size, desc="learning curve", unit="model", leave=False) as bar:
        for fold, (train, rest) in enumerate(folds):
            train = train[stratified_order(labels[train], seed)]
            for number, fraction in enumerate(FRACTIONS):
                rows = train[: _count_rows(fraction, train, texts)]
                scores[number, fold] = _make_model().fit(counts[rows], labels[rows]).score(counts[rest], labels[rest])
                bar.update()
    means, deviations = scores.mean(axis=1).tolist(), scores.std(axis=1, ddof=1).tolist()
    sizes = [_count_rows(fraction, folds[0][0], texts) for fraction in FRACTIONS]
    return [CurvePoint(*point) for point in zip(FRACTIONS, sizes, means, deviations)]


def stratified_order(labels: np.ndarray, seed: int) -> np.ndarray:
    """Return rows in random order, of which the first of any number have every class in its proportion.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        Of each row.
    seed : int

    Returns
    -------
    ndarray of int64, shape (N,)
        The first row of each class comes before the second of any.
    """
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(labels))
    ordered = labels[order]
    place = np.zeros(len(order))  # of a row in its class, from 0 to 1
    for label in np.unique(ordered):
        rows = np.flatnonzero(ordered == label)
        place[rows] = np.arange(len(rows)) / len(rows)
    return order[np.argsort(place, kind="stable")]


def _count_rows(fraction: float, train: np.ndarray, texts: LabelledTexts) -> int:
    return max(len(texts.classes), round(fraction * len(train)))


def _split_folds(texts: LabelledTexts, seed: int) -> List[Tuple[np.ndarray, np.ndarray]]:
    """Return the rows to train on and the other rows of each fold; all classes are trained on in each."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold  # takes a second to import

    labels, unit = np.array(texts.labels), "groups" if texts.groups else "texts"
    groups = np.array(texts.groups if texts.groups else range(len(labels)))
    sizes = [len(np.unique(groups[labels == k])) for k in range(len(texts.classes))]
    if min(sizes) < 2:
        name, found = texts.classes[int(np.argmin(sizes))], min(sizes)
        raise PipelineError(f"cross-validation: expected each class in two {unit} or more, found {name!r} in {found}")
    splitter = StratifiedGroupKFold if texts.groups else StratifiedKFold
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class with fewer texts than folds: it is in some folds only
        split = splitter(min(FOLDS, max(sizes)), shuffle=True, random_state=seed)
        folds = list(split.split(labels, labels, groups if texts.groups else None))
    for train, _ in folds:
        for missing in np.setdiff1d(labels, labels[train])[:1]:
            raise PipelineError(
                f"cross-validation: the groups of one fold have all texts of {texts.classes[missing]!r}"
            )
    return folds


def _count(texts: Sequence[str], tokenize: _Tokenizer) -> Any:
    """Return how often words and word pairs that are in two texts or more occur in each text, a sparse matrix (N, V).

    The words of the texts that a model is tested on are among them: they get no weight in training.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        tokenizer=tokenize, token_pattern=None, lowercase=False, ngram_range=(1, 2), min_df=2, dtype=np.float64
    )
    try:
        return counter.fit_transform(tqdm(texts, desc="words", unit="text", leave=False))
    except ValueError as error:
        raise PipelineError(f"cross-validation: no word is in two texts ({error})") from None


def _make_model() -> Any:
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(TfidfTransformer(sublinear_tf=True), LogisticRegression(C=10, max_iter=1000))
