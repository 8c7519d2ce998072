"""A trained network as a classifier of texts, which scikit-learn can use too."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from numbers import Number
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Union

import numpy as np

from pipeline.errors import PipelineError
from pipeline.explanation.explanation import Explanation
from pipeline.io.forks import one_thread
from pipeline.io.tables import NOT_UTF8
from pipeline.model.bundle import Bundle, find_bundle, load_bundle, save_bundle
from pipeline.model.predict import predict
from pipeline.mx.interrupts import kept_interrupts
from pipeline.recipe import Recipe
from pipeline.recipes import find_recipe

SENTENCES = {
    "positive": "Glad you liked it!",
    "negative": "Sorry you didn't like it",
    "unsure": "Not sure: no word that the network knows",
}


@dataclass(frozen=True)
class Sentiment:
    """The answer for one text; ``str()`` of it is the lecture's sentence.

    Attributes
    ----------
    label : str
        "positive", "negative", or "unsure": the network knows no word of the text. Punctuation is no word.
    probability : float
        Of the likelier of "positive" and "negative", from 0.5 to 1; 0.5 if the network knows no word.
    positive : float
        Probability of "positive", from 0 to 1; 0.5 if the network knows no word.
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
        return SENTENCES[self.label]


class SentimentClassifier:
    """A network that answers texts: a trained one by `load`, or one for your own reviews by `fit`.

    It is a scikit-learn classifier: `clone`, ``Pipeline`` (as the last step) and ``cross_val_score`` take it.
    Threads may share one, and a process that has one may fork: a fork waits for answers under way.

    Parameters
    ----------
    recipe : str or Recipe
        What `fit` trains: a recipe's name, or a recipe of your own, as `pipeline.recipe.override` gives it.
    glove : str or Path, optional
        The GloVe file that `fit` reads; by default the recipe's, in ``data/raw``.
    device : str
        As for `pipeline.mx.engine.find_devices`.

    Attributes
    ----------
    bundle : Bundle
        The trained network and what belongs to it.
    classes_ : ndarray, shape (2,)
        The two labels, the positive one second: "negative" and "positive" of a bundle that was loaded, otherwise
        the labels that `fit` was given, sorted.

    Notes
    -----
    scikit-learn takes a second to import, which an answer need not wait for. So its base class is not inherited:
    the handful of methods that it asks for are written out, and import it only when it is at work anyway.
    """

    _estimator_type = "classifier"  # for scikit-learn before 1.6, later ones ask for tags

    def __init__(
        self, recipe: Union[str, Recipe] = "quick", glove: Union[str, Path, None] = None, device: str = "auto"
    ) -> None:
        self.recipe = recipe
        self.glove = glove
        self.device = device

    @classmethod
    def load(cls, path: Union[str, Path, None] = None, device: str = "auto") -> SentimentClassifier:
        """Load a bundle: its folder, the name of a recipe trained below ``data/``, or the one that comes along.

        Raises
        ------
        PipelineError
            If there is none, or it is damaged.
        """
        return cls.from_bundle(load_bundle(find_bundle(path), device), device)

    @classmethod
    def from_bundle(cls, bundle: Bundle, device: str = "auto") -> SentimentClassifier:
        """Return the classifier of a trained network; `device` is for `fit`."""
        classifier = cls(bundle.recipe, device=device)
        classifier.bundle_, classifier.classes_ = bundle, np.array(["negative", "positive"])
        return classifier

    @property
    def bundle(self) -> Bundle:
        """The trained network and what belongs to it."""
        if not self.__sklearn_is_fitted__():
            from sklearn.exceptions import NotFittedError

            raise NotFittedError("this SentimentClassifier knows nothing yet: load(path) a bundle, or fit it")
        return self.bundle_

    def fit(self, texts: Iterable[str], labels: Iterable[Any]) -> SentimentClassifier:
        """Train a network with the recipe on all of the texts, but for a share that some recipes calibrate with.

        Parameters
        ----------
        texts : iterable of str
        labels : iterable, as many as texts
            Two different ones: 0 and 1, "negative" and "positive", or any two numbers or strings. The second is
            what `infer` calls positive.

        Returns
        -------
        SentimentClassifier
            Itself.

        Raises
        ------
        PipelineError
            A ValueError: if a text is not a string, or a label is missing, or the labels are not as many as the texts
            or not of two kinds; from `pipeline.train.train_network` too.
        """
        from sklearn.preprocessing import LabelEncoder

        with one_thread():  # a fork in the midst of an import leaves the child without the module
            from pipeline.workflow.fit import train_bundle

        texts, encoder = _check_texts(texts), LabelEncoder()
        ids = encoder.fit_transform(_check_labels(labels, len(texts)))
        if len(encoder.classes_) != 2:
            found = ", ".join(map(repr, encoder.classes_.tolist()[:5]))
            raise PipelineError(f"labels: expected two classes, found {len(encoder.classes_)}: {found}")
        recipe = find_recipe(self.recipe) if isinstance(self.recipe, str) else self.recipe
        glove = Path("data/raw", recipe.embed.glove) if self.glove is None else Path(self.glove)
        self.bundle_, self.history_ = train_bundle(texts, ids, recipe, glove, self.device)
        self.classes_ = encoder.classes_
        return self

    def save(self, path: Union[str, Path]) -> None:
        """Write the network that `fit` trained as a bundle, for `load`; one that is there already is replaced.

        The labels are not part of a bundle: what is loaded says "negative" and "positive".

        Raises
        ------
        PipelineError
            If a file is there, or a folder with anything else in it.
        """
        bundle = self.bundle
        save_bundle(Path(path), bundle.network, bundle.vocabulary, bundle.recipe, getattr(self, "history_", []))

    def infer(self, texts: Iterable[str]) -> List[Sentiment]:
        """Answer many texts; each answer is the one the text would get alone.

        Raises
        ------
        PipelineError
            A ValueError: if a text is not a string or has no word in it; says which. A text of words that the network
            does not know is answered "unsure".
        """
        texts = _check_texts(texts)
        answers = []
        for number, answer in enumerate(self.try_infer(texts)):
            if answer is None:
                raise PipelineError(f"text {number}: no words in it (found {texts[number][:40]!r})")
            answers.append(answer)
        return answers

    def try_infer(self, texts: Iterable[str]) -> List[Optional[Sentiment]]:
        """Answer many texts as `infer` does, but one without a word in it by None."""
        bundle, vocabulary = self.bundle, self.bundle.vocabulary
        split = [vocabulary.split(text) for text in _check_texts(texts)]
        encoded = [vocabulary.encode(words) for words in split]
        return [
            Sentiment(
                label="unsure" if not bundle.knows_any(ids) else "positive" if positive > 0.5 else "negative",
                probability=max(positive, 1 - positive),
                positive=positive,
                words=len(words),
                unknown=sum(not vocabulary.knows(word) for word in words) / len(words),
                cut=len(ids) > bundle.recipe.index.max_length,
            )
            if words
            else None
            for positive, words, ids in zip(self._answer(encoded)[:, 1].tolist(), split, encoded)
        ]

    def explain(self, text: str) -> Explanation:
        """Return what each word of a text adds to the answer, and how the probability grew word by word.

        Raises
        ------
        PipelineError
            A ValueError: if the text is not a string or has no word that the network knows, or the bundle is one in
            ONNX, which gives answers but no gradients.
        """
        _check_text(text, "text")
        if not self.explains:
            raise PipelineError(
                "explain needs MXNet and a bundle as training leaves it; this one runs in ONNX, which has no gradients"
            )
        from pipeline.explanation.attribution import explain_text

        with kept_interrupts(), one_thread():
            return explain_text(self.bundle, text)

    @property
    def explains(self) -> bool:
        """Whether `explain` has what it needs: a bundle in ONNX has no gradients."""
        return self.bundle.device is not None

    def predict(self, texts: Iterable[str]) -> np.ndarray:
        """Return each text's class, shape (texts,): the likelier one, the first of `classes_` if both are equal.

        Raises
        ------
        PipelineError
            As for `predict_proba`.
        """
        likelier = self.predict_proba(texts).argmax(axis=1)
        return self.classes_[likelier]

    def predict_proba(self, texts: Iterable[str]) -> np.ndarray:
        """Return each text's probabilities.

        Parameters
        ----------
        texts : iterable of str
            A list, an iterator, a numpy array, a pandas column. A text without a word that the network knows gets 0.5
            and 0.5.

        Returns
        -------
        ndarray of float64, shape (texts, 2)
            In the order of `classes_`.

        Raises
        ------
        PipelineError
            A ValueError: if it is one bare string, a table, a set or a dict, or a text in it is not a string (a missing
            value, say) or holds half a surrogate pair, which is no character; says which.
        """
        vocabulary = self.bundle.vocabulary
        return self._answer([vocabulary.encode(vocabulary.split(text)) for text in _check_texts(texts)])

    def score(self, texts: Iterable[str], labels: Iterable[Any], sample_weight: Any = None) -> float:
        """Return the share of texts whose class is the label, weighted if there are weights.

        Raises
        ------
        PipelineError
            A ValueError: as for `fit`, and if a label is none of `classes_`.
        """
        from sklearn.metrics import accuracy_score

        texts = _check_texts(texts)
        labels, classes = _check_labels(labels, len(texts)), self.classes_.tolist()
        for number, label in enumerate(labels):
            if label not in classes:
                raise PipelineError(f"label {number}: expected {classes[0]!r} or {classes[1]!r}, found {label!r}")
        return float(accuracy_score(labels, self.predict(texts), sample_weight=sample_weight))

    def get_params(self, deep: bool = True) -> Dict[str, Any]:
        """Return the constructor's parameters, for scikit-learn; no parameter has parameters of its own."""
        return {"recipe": self.recipe, "glove": self.glove, "device": self.device}

    def set_params(self, **params: Any) -> SentimentClassifier:
        """Change some of the constructor's parameters."""
        for name, value in params.items():
            if name not in self.get_params():
                raise PipelineError(f"{name}: no such parameter (there are {', '.join(self.get_params())})")
            setattr(self, name, value)
        return self

    def _answer(self, encoded: List[np.ndarray]) -> np.ndarray:
        """Return the probabilities, (N, 2), of encoded texts; one half each where the network knows no word."""
        readable = [row for row, ids in enumerate(encoded) if self.bundle.knows_any(ids)]
        answers = np.full((len(encoded), 2), 0.5)
        bundle = self.bundle
        answers[readable] = predict(bundle.network, bundle.recipe, [encoded[row] for row in readable], bundle.device)
        return answers

    def __getstate__(self) -> Dict[str, Any]:
        """Return what pickle and deepcopy take: of the network, the files of its bundle."""
        state = dict(vars(self))
        if "bundle_" in state:
            with tempfile.TemporaryDirectory() as folder:
                self.save(Path(folder, "bundle"))
                state["bundle_"] = {path.name: path.read_bytes() for path in Path(folder, "bundle").iterdir()}
        return state

    def __setstate__(self, state: Dict[str, Any]) -> None:
        vars(self).update(state)
        if "bundle_" in state:
            with tempfile.TemporaryDirectory() as folder:
                for name, content in state["bundle_"].items():
                    Path(folder, name).write_bytes(content)
                self.bundle_ = load_bundle(Path(folder), self.device)

    def __repr__(self) -> str:
        recipe = self.recipe if isinstance(self.recipe, str) else self.recipe.name
        return f"SentimentClassifier({recipe!r}{', fitted' if self.__sklearn_is_fitted__() else ''})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "bundle_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(multi_class=False),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
        )


def _check_texts(texts: Iterable[str]) -> List[str]:
    """Return texts as a list.

    Raises
    ------
    PipelineError
        If they are one bare string or no single column, or one is no text.
    """
    texts = _list(texts, "texts")
    for number, text in enumerate(texts):
        _check_text(text, f"text {number}")
    return texts


def _check_text(text: Any, name: str) -> None:
    """Refuse what is not a string, or holds half a surrogate pair, which no file and no network can hold."""
    if not isinstance(text, str):
        raise PipelineError(f"{name}: expected a string, found {_describe(text)}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        found = f"{text[error.start]!r} at character {error.start + 1:,}"
        raise PipelineError(f"{name}: {NOT_UTF8} ({found}); decode its bytes with the encoding they have") from None


def _check_labels(labels: Iterable[Any], count: int) -> List[Any]:
    """Return labels as a list.

    Raises
    ------
    PipelineError
        If they are no single column, not `count`, or not all strings or all numbers.
    """
    labels = _list(labels, "labels")
    if len(labels) != count:
        raise PipelineError(f"expected a label for each text, found {count:,} texts and {len(labels):,} labels")
    for number, label in enumerate(labels):
        if _is_missing(label) or not isinstance(label, (str, Number, np.bool_)):
            raise PipelineError(f"label {number}: expected a string or a number, found {_describe(label)}")
        if isinstance(label, str) != isinstance(labels[0], str):
            raise PipelineError(f"labels: expected all strings or all numbers, found {labels[0]!r} and {label!r}")
    return labels


def _list(values: Iterable[Any], what: str) -> List[Any]:
    """Return values that are in an order as a list; what a loop would take apart unasked is refused."""
    if isinstance(values, str):
        raise PipelineError(f"expected several {what}, found one: put it in a list, [{values[:20]!r}]")
    if isinstance(values, _BYTES) or not isinstance(values, Iterable):
        raise PipelineError(f"expected {what}, found {_describe(values)}")
    if isinstance(values, Mapping):
        raise PipelineError(f"expected {what}, found a {type(values).__name__}: put its values in a list")
    if isinstance(values, (set, frozenset)):
        raise PipelineError(f"expected {what} in an order, found a {type(values).__name__}: put them in a list")
    if getattr(values, "ndim", 1) != 1:
        shape = getattr(values, "shape", "unknown")
        found, advice = ("an array", "take its item()") if shape == () else ("a table", "take the column that is meant")
        raise PipelineError(f"expected one column of {what}, found {found} of shape {shape}: {advice}")
    return list(values)


_BYTES = (bytes, bytearray, memoryview)


def _describe(value: Any) -> str:
    """Say what a value is that is not what was expected, and what to do with it."""
    if isinstance(value, _BYTES):
        return 'bytes: decode them first, b"...".decode("utf-8")'
    if _is_missing(value):
        return f"{value}, a missing value: drop or fill it"
    kind = type(value).__name__
    return f"{value} ({kind})" if isinstance(value, (Number, np.generic)) else kind


def _is_missing(value: Any) -> bool:
    return not isinstance(value, str) and str(value) in ("None", "nan", "<NA>", "NaT")  # pandas need not be there
