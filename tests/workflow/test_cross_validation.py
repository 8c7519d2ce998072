"""Cross-validation of the linear model: what is held out is not trained on."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
import pytest

from pipeline.corpus.training_table import LabelledTexts
from pipeline.errors import PipelineError
from pipeline.workflow.cross_validation import measure_learning_curve, predict_out_of_fold, stratified_order

GOOD, BAD = ["a great film", "great fun"], ["a bad film", "bad , no fun"]


def labelled(texts: Sequence[str], labels: Sequence[int], groups: Sequence[str] = ()) -> LabelledTexts:
    names = tuple("abcdefgh"[: max(labels) + 1])
    return LabelledTexts(list(texts), list(labels), names, list(groups), list(range(1, len(texts) + 1)))


def predict(texts: LabelledTexts) -> List[int]:
    return predict_out_of_fold(texts, str.split, 0).argmax(axis=1).tolist()


def test_wrong_label_is_not_predicted_for_the_text_that_has_it() -> None:
    texts = labelled([*BAD, *GOOD] * 10, [0, 0, 1, 1] * 9 + [0, 0, 1, 0])
    assert predict(texts) == [0, 0, 1, 1] * 10
    probabilities = predict_out_of_fold(texts, str.split, 0)
    assert probabilities.shape == (40, 2)
    assert probabilities.sum(axis=1) == pytest.approx(1)


def test_groups_are_in_one_fold() -> None:
    labels = np.random.Generator(np.random.PCG64(0)).integers(2, size=40).repeat(2).tolist()
    words = [f"w{number // 2}" for number in range(80)]  # each word in two texts of one author
    alone = np.mean(np.array(predict(labelled(words, labels))) == labels)
    together = np.mean(np.array(predict(labelled(words, labels, words))) == labels)
    assert alone > 0.75
    assert together < 0.65


def test_rare_class_is_trained_on_in_every_fold() -> None:
    probabilities = predict_out_of_fold(
        labelled([*GOOD * 10, "odd one", "odd two"], [0, 1] * 10 + [2, 2]), str.split, 0
    )
    assert (probabilities > 0).all()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (labelled(["a b", "a", "b"], [0, 0, 1]), "expected each class in two texts or more, found 'b' in 1"),
        (labelled(["a b"] * 4, [0, 0, 1, 1], "xyzz"), "expected each class in two groups or more, found 'b' in 1"),
        (labelled(["a", "b", "c", "d"], [0, 0, 1, 1]), "no word is in two texts"),
    ],
)
def test_too_few_texts_are_refused(texts: LabelledTexts, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        predict(texts)
    with pytest.raises(PipelineError, match=message):
        measure_learning_curve(texts, str.split, 0)


def test_learning_curve_of_what_is_learned_at_once() -> None:
    curve = measure_learning_curve(labelled([*BAD, *GOOD] * 25, [0, 0, 1, 1] * 25), str.split, 0)
    assert [point.texts for point in curve] == [8, 16, 40, 80]
    assert [point.fraction for point in curve] == [0.1, 0.2, 0.5, 1.0]
    assert [(point.accuracy, point.deviation) for point in curve[1:]] == [(1.0, 0.0)] * 3


def test_learning_curve_rises_and_has_every_class_in_the_smallest_share() -> None:
    # Three words a class, so that one text teaches a third of it.
    texts = [f"{'abc'[number % 3]}{number // 3 % 3} x" for number in range(45)]
    curve = measure_learning_curve(labelled(texts, [number % 3 for number in range(45)]), str.split, 0)
    assert [point.texts for point in curve] == [4, 7, 18, 36]
    assert curve[0].accuracy < curve[2].accuracy <= curve[3].accuracy == 1.0
    assert curve[0].deviation > 0 == curve[3].deviation


def test_stratified_order_has_all_classes_in_proportion_from_the_start() -> None:
    labels = np.array([0] * 60 + [1] * 30 + [2] * 10)
    order = stratified_order(labels, 0)
    assert sorted(order.tolist()) == list(range(100))
    assert set(labels[order[:3]]) == {0, 1, 2}
    for count in (10, 20, 50):
        assert np.bincount(labels[order[:count]]) == pytest.approx(count * np.array([0.6, 0.3, 0.1]), abs=1.5)
    assert order.tolist() == stratified_order(labels, 0).tolist() != stratified_order(labels, 1).tolist()
    assert not (np.diff(order[labels[order] == 0]) > 0).all()  # random within a class
