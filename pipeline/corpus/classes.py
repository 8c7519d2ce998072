"""The classes that a network tells apart: by default negative and positive, otherwise those of its training labels."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Sequence, Tuple, Union

Class = Union[str, int, float, bool]
Classes = Tuple[Class, ...]

MOST_CLASSES = 1000
SENTIMENT: Classes = ("negative", "positive")
MEANINGS = {"positive": 1, "pos": 1, "1": 1, "true": 1, "negative": 0, "neg": 0, "0": 0, "false": 0}


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
    return [MEANINGS.get(normalize_label(name)) for name in classes] == [0, 1]


def label_ids(classes: Sequence[Class]) -> Dict[str, int]:
    """Return the id of each label, as `normalize_label` returns it: all of `MEANINGS` for negative and positive."""
    return dict(MEANINGS) if is_sentiment(classes) else {normalize_label(name): i for i, name in enumerate(classes)}


def find_problem(classes: Any, expected: int) -> Optional[str]:
    """Return what is wrong with classes read from a file, or None."""
    if not isinstance(classes, list) or not all(isinstance(name, (str, int, float)) for name in classes):
        return "the classes are not a list of strings and numbers"
    if len({normalize_label(name) for name in classes}) != len(classes):
        return "two classes have the same name"
    return None if len(classes) == expected else f"{len(classes)} classes for a network of {expected}"
