"""Find texts whose label is likely wrong: confident learning (Northcutt, Jiang and Chuang, 2021)."""

from __future__ import annotations

from typing import Tuple

import numpy as np


def find_label_errors(labels: np.ndarray, probabilities: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Return the texts whose label is likely wrong, the likeliest first, and what they should be labelled.

    Parameters
    ----------
    labels : ndarray of int, shape (N,)
        The given classes, as columns of `probabilities`; each class has a text.
    probabilities : ndarray of float, shape (N, K)
        Of each class, by a model that was not trained on that text.

    Returns
    -------
    rows : ndarray of int, shape (M,)
        Sorted by the normalised margin: the probability of the given class minus the largest of the others.
    suggested : ndarray of int, shape (M,)
        The class that each of them is likely to have.

    Notes
    -----
    The threshold of a class is the mean probability of that class over the texts that are labelled so. A text is
    counted in the class with the largest probability among those that reach their thresholds, if any does. The errors
    are the texts that are counted in another class than the given one: the cells beside the diagonal of the confident
    joint. As in cleanlab, the other class must be more probable than the given one.

    >>> labels = np.array([0, 0, 0, 1, 1])
    >>> positive = np.array([0.1, 0.2, 0.9, 0.8, 0.7])
    >>> find_label_errors(labels, np.stack([1 - positive, positive], axis=1))
    (array([2]), array([1]))
    """
    texts = np.arange(len(labels))
    given = probabilities[texts, labels]  # (N,)
    thresholds = np.array([given[labels == k].mean() for k in range(probabilities.shape[1])])  # (K,)
    confident = np.where(probabilities >= thresholds, probabilities, -1.0)  # (N, K)
    suggested = confident.argmax(axis=1)
    rows = np.flatnonzero(confident[texts, suggested] > given)
    others = probabilities[rows]
    others[np.arange(len(rows)), labels[rows]] = -1.0
    rows = rows[np.argsort(given[rows] - others.max(axis=1), kind="stable")]
    return rows, suggested[rows]
