from __future__ import annotations

from typing import Any, List, Optional

import numpy as np
import pytest

from pipeline.corpus.classes import SENTIMENT_LABELS, choose_classes, class_values, find_class_error, label_ids
from pipeline.errors import PipelineError


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
        (["a", "A", "b"], "two classes have the same name: 'a' and 'A'"),
        ([7, 7, 2], "two classes have the same name: 7 and 7"),
        ([1, "1.0", 2], "two classes have the same name: 1 and '1.0'"),
        (None, "the classes are not a list of strings and numbers"),
    ],
)
def test_find_class_error(classes: Any, problem: Optional[str]) -> None:
    assert find_class_error(classes, 3) == problem


@pytest.mark.parametrize(
    ("probabilities", "likeliest", "median"),
    [
        ([0.4, 0.05, 0.25, 0.3], 0, 2),
        ([0.5, 0.0, 0.0, 0.5], 0, 0),  # of equal ones the first
        ([0.25, 0.25, 0.25, 0.25], 0, 1),
        ([0.0, 0.0, 0.0, 1.0], 3, 3),
        ([0.45, 0.0, 0.0, 0.55], 3, 3),
    ],
)
def test_ordered_classes_are_chosen_by_their_median(probabilities: List[float], likeliest: int, median: int) -> None:
    found = np.array([probabilities])
    assert choose_classes(found, ordered=False).tolist() == [likeliest]
    assert choose_classes(found, ordered=True).tolist() == [median]


def test_median_has_the_least_expected_absolute_error() -> None:
    values = np.array([1, 2, 3, 4, 7, 8, 9, 10])
    probabilities = np.random.default_rng(0).dirichlet(np.full(8, 0.5), 200)
    expected = probabilities @ np.abs(values[:, None] - values)  # (200, 8), of each possible answer
    assert choose_classes(probabilities, ordered=True).tolist() == expected.argmin(axis=1).tolist()


@pytest.mark.parametrize("classes", [("ham", "spam"), (1, 3, 2), ("negative", "positive"), (1, "1.0"), (1, "nan"), ()])
def test_classes_that_are_no_ascending_numbers_are_refused(classes: Any) -> None:
    with pytest.raises(PipelineError, match="expected classes that are numbers in ascending order, found"):
        class_values(classes)
