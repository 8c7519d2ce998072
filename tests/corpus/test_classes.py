from __future__ import annotations

from typing import Any, Optional

import pytest

from pipeline.corpus.classes import SENTIMENT_LABELS, find_class_error, label_ids


def test_label_ids_of_a_sentiment_are_all_its_names() -> None:
    assert label_ids(("neg", "pos")) == SENTIMENT_LABELS
    assert label_ids(("World", 4, 4.5)) == {"world": 0, "4": 1, "4.5": 2}


@pytest.mark.parametrize(
    ("classes", "problem"),
    [
        (["a", "b", 3], None),
        (["a", "b"], "2 classes for a network of 3"),
        ("abc", "the classes are not a list of strings and numbers"),
        ([["a"], "b", "c"], "the classes are not a list of strings and numbers"),
        (["a", "A", "b"], "two classes have the same name"),
        (None, "the classes are not a list of strings and numbers"),
    ],
)
def test_find_problem(classes: Any, problem: Optional[str]) -> None:
    assert find_class_error(classes, 3) == problem
