"""A trained network as a scikit-learn classifier of texts."""

from __future__ import annotations

import math
from numbers import Real
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Optional, Union

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.validation import check_is_fitted

from pipeline.corpus.classes import choose_classes, find_class_error
from pipeline.errors import PipelineError
from pipeline.explanation.explain import explain_prediction
from pipeline.explanation.explanation import Explanation
from pipeline.io.forks import one_thread
from pipeline.io.values import check_texts, describe, is_missing, to_list
from pipeline.model.bundle import Bundle, save_bundle
from pipeline.model.predictor import Prediction, Predictor
from pipeline.recipe import Recipe
from pipeline.recipes import find_recipe


class SentimentClassifier(ClassifierMixin, BaseEstimator):
    """Classify texts with a trained network: one that `load` reads, or one that `fit` trains on your own reviews.

    ``clone``, ``Pipeline`` (as the last step), ``cross_val_score`` and the rest of scikit-learn take it. Threads may
    share one, and a process that has one may fork: the fork waits for predictions that are running.

    Parameters
    ----------
    recipe : str or Recipe
        What `fit` trains: a recipe's name, or a recipe of your own, as `pipeline.recipe.override` returns it.
    vectors : str or Path, optional
        The file of word vectors that `fit` reads; by default the recipe's, in ``data/raw``.
    device : str
        As for `pipeline.mx.engine.find_devices`.
    verbose : bool
        Whether `fit` prints a line for each epoch.

    Attributes
    ----------
    predictor_ : Predictor
        Predicts texts with the trained network.
    classes_ : ndarray, shape (K,)
        The labels that `fit` was given, sorted. Of the bundle of the package and of those that the stages train:
        "negative" and "positive".
    history_ : list of dict
        Loss and accuracy of each epoch, after `fit`.
    """

    def __init__(
        self,
        recipe: Union[str, Recipe] = "quick",
        vectors: Union[str, Path, None] = None,
        device: str = "auto",
        verbose: bool = True,
    ) -> None:
        self.recipe = recipe
        self.vectors = vectors
        self.device = device
        self.verbose = verbose

    @classmethod
    def load(cls, path: Union[str, Path, None] = None, device: str = "auto") -> SentimentClassifier:
        """Load a bundle.

        Parameters
        ----------
        path : str or Path, optional
            Its folder, or the name of a recipe trained below ``data/``; without it the bundle of the package.
        device : str
            As for `pipeline.mx.engine.find_devices`.

        Returns
        -------
        SentimentClassifier

        Raises
        ------
        PipelineError
            If there is none, or it is damaged.
        """
        return cls.from_bundle(Predictor.load(path, device).bundle, device)

    @classmethod
    def from_bundle(cls, bundle: Bundle, device: str = "auto") -> SentimentClassifier:
        """Return the classifier of a trained network.

        Parameters
        ----------
        bundle : Bundle
        device : str
            What `fit` trains on, as for `pipeline.mx.engine.find_devices`.

        Returns
        -------
        SentimentClassifier
        """
        classifier = cls(bundle.recipe, device=device)
        classifier.predictor_, classifier.classes_ = Predictor(bundle, device), np.array(bundle.classes)
        return classifier

    @property
    def bundle(self) -> Bundle:
        """The trained network, its vocabulary and its recipe."""
        return self._fitted().bundle

    def fit(
        self,
        texts: Iterable[str],
        labels: Iterable[Any],
        embedding: Any = None,
        on_step: Optional[Callable[[Dict[str, float]], None]] = None,
        on_epoch: Optional[Callable[[Dict[str, float]], None]] = None,
    ) -> SentimentClassifier:
        """Train a network with the recipe on all texts, except a validation set that some recipes choose by.

        Parameters
        ----------
        texts : iterable of str
        labels : iterable, as many as texts
            Two different ones or more, all numbers or all strings. What means negative and positive, such as 0 and 1
            or "neg" and "pos", gives a `Sentiment` for each text, anything else a `Prediction`.
        embedding : gluonnlp.embedding.TokenEmbedding or gluonnlp.Vocab, optional
            Word vectors to begin with, in place of a file; see `pipeline.embed.embed_vocabulary`.
        on_step, on_epoch : callable, optional
            Called with metrics while it trains, as from `pipeline.train.train_network`.

        Returns
        -------
        SentimentClassifier
            Itself.

        Raises
        ------
        PipelineError
            A ValueError: if a text is not a string, or a label is missing, or the labels are not as many as the texts,
            all the same, or alike but for case or spaces; from `pipeline.train.train_network` too.
        """
        with one_thread():  # a fork during an import leaves the child without the module
            from pipeline.workflow.fit import train_bundle

        texts, encoder = check_texts(texts), LabelEncoder()
        ids = encoder.fit_transform(_check_labels(labels, len(texts)))
        classes = tuple(encoder.classes_.tolist())
        if len(classes) < 2:
            found = f"one class: {classes[0]!r}" if classes else "no labels"
            raise PipelineError(f"labels: expected two classes or more, found {found}")
        problem = find_class_error(list(classes), len(classes))
        if problem:
            raise PipelineError(f"labels: {problem}")
        recipe = find_recipe(self.recipe) if isinstance(self.recipe, str) else self.recipe
        if not isinstance(recipe, Recipe):
            raise PipelineError(f"recipe: expected the name of one, or a Recipe, found {describe(recipe)}")
        if recipe.is_ordered and isinstance(classes[0], str):
            raise PipelineError(f"labels: expected numbers, in whose order the classes are, found {classes[0]!r}")
        file = Path("data/raw", recipe.embed.vectors) if self.vectors is None else Path(self.vectors)
        vectors = file if embedding is None else embedding
        bundle, self.history_ = train_bundle(
            texts, ids, recipe, vectors, self.device, classes, on_step, on_epoch, verbose=self.verbose
        )
        self.predictor_, self.classes_ = Predictor(bundle, self.device), encoder.classes_
        return self

    def save(self, path: Union[str, Path]) -> None:
        """Write the trained network and its classes as a bundle, for `load`; a bundle that is there is replaced.

        Parameters
        ----------
        path : str or Path
            The bundle's folder.

        Raises
        ------
        PipelineError
            If a file is there, or a folder with anything else in it.
        sklearn.exceptions.NotFittedError
            As from all methods but `fit` if there is no trained network.
        """
        bundle = self.bundle
        history = getattr(self, "history_", [])
        save_bundle(Path(path), bundle.network, bundle.vocabulary, bundle.recipe, history, classes=bundle.classes)

    def predict(self, texts: Iterable[str]) -> np.ndarray:
        """Return each text's class: the likeliest, the first of `classes_` if some are equal; the median of stars.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        ndarray, shape (texts,)

        Raises
        ------
        PipelineError
            As for `predict_proba`.
        """
        probabilities = self.predict_proba(texts)
        return self.classes_[choose_classes(probabilities, self.bundle.recipe.is_ordered)]

    def predict_proba(self, texts: Iterable[str]) -> np.ndarray:
        """Return each text's probabilities, in the order of `classes_`.

        See `pipeline.model.predictor.Predictor.predict_proba`.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        ndarray of float64, shape (texts, K)

        Raises
        ------
        PipelineError
            As there: a ValueError if a text is not a string.
        """
        return self._fitted().predict_proba(texts)

    def score(self, texts: Iterable[str], labels: Iterable[Any], sample_weight: Optional[Any] = None) -> float:
        """Return the accuracy, weighted if there are weights.

        Parameters
        ----------
        texts : iterable of str
        labels : iterable, as many as texts
        sample_weight : array of float, shape (texts,), optional

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        PipelineError
            A ValueError: as for `fit`, and if a label is none of `classes_`.
        """
        self._fitted()
        texts = check_texts(texts)
        labels, classes = _check_labels(labels, len(texts)), self.classes_.tolist()
        id_of = {name: id_ for id_, name in enumerate(classes)}
        for number, label in enumerate(labels):
            if label not in id_of:
                expected = " or ".join(map(repr, classes[:10]))
                raise PipelineError(f"label {number}: expected {expected}, found {label!r}")
        # scikit-learn takes fractions for values of a regression
        found, expected_ids = ([id_of[name] for name in names] for names in (self.predict(texts).tolist(), labels))
        return float(accuracy_score(expected_ids, found, sample_weight=sample_weight))

    def infer(self, texts: Iterable[str], threshold: Optional[float] = None) -> List[Prediction]:
        """Predict many texts with their details; see `pipeline.model.predictor.Predictor.infer`.

        Parameters
        ----------
        texts : iterable of str
        threshold : float, optional
            Predictions with a smaller probability are labelled "unsure".

        Returns
        -------
        list of Sentiment, or of Prediction

        Raises
        ------
        PipelineError
            As there: a ValueError if a text is not a string, or has no words.
        """
        return self._fitted().infer(texts, threshold)

    def try_infer(self, texts: Iterable[str]) -> List[Optional[Prediction]]:
        """Predict many texts as `infer` does, but return None for a text without words.

        Parameters
        ----------
        texts : iterable of str

        Returns
        -------
        list of Sentiment, Prediction or None

        Raises
        ------
        PipelineError
            A ValueError if a text is not a string.
        """
        return self._fitted().try_infer(texts)

    def explain(self, text: str, target: Optional[str] = None) -> Explanation:
        """Return each word's attribution; see `pipeline.explanation.explain.explain_prediction`.

        Parameters
        ----------
        text : str
        target : str, optional
            The class to explain.

        Returns
        -------
        Explanation

        Raises
        ------
        PipelineError
            As there: a ValueError if the text has no words, there is no such class, or the network is in ONNX.
        """
        return explain_prediction(self._fitted(), text, target)

    def _fitted(self) -> Predictor:
        check_is_fitted(self, "predictor_", msg="this %(name)s is not fitted yet: load(path) a bundle, or fit it")
        predictor: Predictor = self.predictor_
        return predictor

    def __sklearn_tags__(self) -> Any:
        """Describe the classifier to scikit-learn 1.6 and later: strings in place of a table."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array, tags.input_tags.string = True, False, True
        return tags


def _check_labels(labels: Iterable[Any], count: int) -> List[Any]:
    """Return labels as a list.

    Raises
    ------
    PipelineError
        If they are not a single column, not `count`, or not all strings or all numbers.
    """
    if labels is None:  # in scikit-learn's words
        raise PipelineError("SentimentClassifier requires y to be passed, but the target y is None: expected labels")
    labels = to_list(labels, "labels")
    if len(labels) != count:
        raise PipelineError(f"expected a label for each text, found {count:,} texts and {len(labels):,} labels")
    for number, label in enumerate(labels):
        if is_missing(label) or not isinstance(label, (str, Real, np.bool_)) or label in (math.inf, -math.inf):
            raise PipelineError(f"label {number}: expected a string or a number, found {describe(label)}")
        if isinstance(label, str) != isinstance(labels[0], str):
            raise PipelineError(f"labels: expected all strings or all numbers, found {labels[0]!r} and {label!r}")
    return labels
