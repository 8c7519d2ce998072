"""Confident learning, against its definition written out and against cleanlab."""

from __future__ import annotations

from typing import List, Tuple

import numpy as np
import pytest

from pipeline.workflow.label_errors import find_label_errors


def make_problem(classes: int, seed: int, texts: int = 300, signal: float = 2.0) -> Tuple[np.ndarray, np.ndarray]:
    """Return labels, a fifth of them random, and probabilities that know something of the true ones."""
    generator = np.random.Generator(np.random.PCG64(seed))
    true = generator.integers(classes, size=texts)
    scores = generator.normal(size=(texts, classes)) + signal * np.eye(classes)[true]
    labels = np.where(generator.uniform(size=texts) < 0.2, generator.integers(classes, size=texts), true)
    return labels, np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def find_by_definition(labels: List[int], probabilities: List[List[float]]) -> List[Tuple[int, int]]:
    """Return the rows and suggested classes, each step as the paper has it."""
    classes = range(len(probabilities[0]))
    thresholds = []
    for k in classes:
        own = [row[k] for row, label in zip(probabilities, labels) if label == k]
        thresholds.append(sum(own) / len(own))
    found = []
    for number, (row, label) in enumerate(zip(probabilities, labels)):
        reached = [k for k in classes if row[k] >= thresholds[k]]
        if not reached:
            continue
        guess = max(reached, key=lambda k: row[k])
        if guess != label and row[guess] > row[label]:
            margin = row[label] - max(row[k] for k in classes if k != label)
            found.append((margin, number, guess))
    return [(number, guess) for _, number, guess in sorted(found)]


def test_label_errors_of_two_classes() -> None:
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    positive = np.array([0.1, 0.2, 0.8, 0.95, 0.9, 0.7, 0.6, 0.05])  # thresholds 0.4875 and 0.5625
    rows, suggested = find_label_errors(labels, np.stack([1 - positive, positive], axis=1))
    assert rows.tolist() == [3, 7, 2]  # the margins are -0.9, -0.9 and -0.6
    assert suggested.tolist() == [1, 0, 1]


def test_text_that_is_sure_of_no_class_is_no_error() -> None:
    labels = np.array([0, 0, 1, 1, 0])
    positive = np.array([0.0, 0.1, 1.0, 0.9, 0.6])  # 0.6 is below the threshold 0.95 of class 1
    assert find_label_errors(labels, np.stack([1 - positive, positive], axis=1))[0].tolist() == []


def test_suggested_class_is_more_probable_than_the_given_one() -> None:
    # The last text reaches the low threshold of the rare class 1 alone, and is likelier of its own.
    labels = np.array([0, 0, 0, 1, 0])
    positive = np.array([0.0, 0.0, 0.0, 0.3, 0.4])
    assert find_label_errors(labels, np.stack([1 - positive, positive], axis=1))[0].tolist() == []


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("seed", [0, 1])
def test_label_errors_are_those_of_the_definition(classes: int, seed: int) -> None:
    labels, probabilities = make_problem(classes, seed)
    rows, suggested = find_label_errors(labels, probabilities)
    found = list(zip(rows.tolist(), suggested.tolist()))
    assert found == find_by_definition(labels.tolist(), probabilities.tolist())
    assert 10 < len(found) < 100


@pytest.mark.parametrize("classes", [2, 3])
def test_label_errors_are_those_of_cleanlab(classes: int) -> None:
    find_label_issues = pytest.importorskip("cleanlab.filter").find_label_issues
    # With more than two classes, cleanlab takes the likeliest of all classes where two reach their thresholds.
    labels, probabilities = make_problem(classes, 0, signal=4.0)
    expected = find_label_issues(
        labels, probabilities, filter_by="confident_learning", return_indices_ranked_by="normalized_margin", n_jobs=1
    )
    assert find_label_errors(labels, probabilities)[0].tolist() == expected.tolist()
