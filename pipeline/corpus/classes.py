"""The classes that a network tells apart: by default negative and positive, otherwise those of its training labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple, Union

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    import numpy as np

Class = Union[str, int, float, bool]
Classes = Tuple[Class, ...]

MOST_CLASSES = 1000
UNSURE = "unsure"  # the label of a prediction that is none of the classes
SENTIMENT: Classes = ("negative", "positive")
STAR_CLASSES = (1, 2, 3, 4, 7, 8, 9, 10)  # of a review in aclImdb, which has none of 5 and 6
SENTIMENT_LABELS = {"positive": 1, "pos": 1, "1": 1, "true": 1, "negative": 0, "neg": 0, "0": 0, "false": 0}


def normalize_label(label: Any) -> str:
    """Return a label as tables have it: "1.0" is what pandas makes of 1 in a column with gaps.

    >>> [normalize_label(label) for label in (" Pos", 1.0, "__label__2", "-1.0", "4.5")]
    ['pos', '1', '2', '-1', '4.5']
    """
    text = str(label).strip().lower()
    text = text[len("__label__") :] if text.startswith("__label__") else text
    return re.sub(r"^([+-]?[0-9]+)\.0+$", r"\1", text)


def is_sentiment(classes: Sequence[Class]) -> bool:
    """Return whether two classes mean negative and positive, in this order.

    >>> [is_sentiment(classes) for classes in ((0, 1), ("neg", "pos"), ("pos", "neg"), ("ham", "spam"), (0, 1, 2))]
    [True, True, False, False, False]
    """
    return len(classes) == 2 and [SENTIMENT_LABELS.get(normalize_label(name)) for name in classes] == [0, 1]


def class_names(classes: Sequence[Class]) -> List[str]:
    """Return the classes as predictions name them.

    >>> class_names(("neg", "pos")), class_names((1, 2, 3))
    (['negative', 'positive'], ['1', '2', '3'])
    """
    return [str(name) for name in (SENTIMENT if is_sentiment(classes) else classes)]


def label_ids(classes: Sequence[Class]) -> Dict[str, int]:
    """Return the id of each label, as `normalize_label` returns it: all `SENTIMENT_LABELS` if they are sentiment."""
    if is_sentiment(classes):
        return dict(SENTIMENT_LABELS)
    return {normalize_label(name): i for i, name in enumerate(classes)}


def class_values(classes: Sequence[Class]) -> List[float]:
    """Return the numbers that ordered classes are.

    Raises
    ------
    PipelineError
        If they are not numbers in ascending order.

    >>> class_values(["1", 2, "4.5"])
    [1.0, 2.0, 4.5]
    """
    try:
        values = [float(normalize_label(name)) for name in classes]
    except ValueError:
        values = []
    if not values or any(not low < high for low, high in zip(values, values[1:])):
        found = ", ".join(map(str, classes[:10]))
        raise PipelineError(f'read.labels="stars": expected classes that are numbers in ascending order, found {found}')
    return values


def choose_classes(probabilities: np.ndarray, ordered: bool) -> np.ndarray:
    """Return the predicted class of each text.

    Parameters
    ----------
    probabilities : ndarray of float, shape (N, K)
    ordered : bool
        Whether the classes are in an order.

    Returns
    -------
    ndarray of int, shape (N,)
        The likeliest class, the first of equal ones; of ordered classes the median, which has the least expected
        absolute error.
    """
    return ((probabilities.cumsum(axis=1) >= 0.5) if ordered else probabilities).argmax(axis=1)


def find_class_error(classes: Any, expected: int) -> Optional[str]:
    """Return what is wrong with classes, which must differ as `normalize_label` returns them, or None."""
    if not isinstance(classes, list) or not all(isinstance(name, (str, int, float)) for name in classes):
        return "the classes are not a list of strings and numbers"
    seen: Dict[str, Class] = {}
    for name in classes:
        key = normalize_label(name)
        if key == UNSURE:
            return f"a class is called {name!r}, as predictions without an answer are: rename it"
        if key in seen:
            return f"two classes have the same name: {seen[key]!r} and {name!r}"
        seen[key] = name
    return None if len(classes) == expected else f"{len(classes)} classes for a network of {expected}"
