from __future__ import annotations

import numpy as np
import pytest

from pipeline.metrics import (
    Group,
    accuracy_by_value,
    calibration_error,
    class_table,
    measure,
    ordered_errors,
    reliability,
    risk_coverage,
    smooth,
    table,
    wilson_interval,
)

LABELS = np.array([1, 1, 1, 0, 0, 0, 0, 1])
POSITIVE = np.array([0.9, 0.8, 0.4, 0.3, 0.2, 0.6, 0.1, 0.7])
PROBABILITIES = np.stack([1 - POSITIVE, POSITIVE], axis=1)


def test_measure_gives_known_values() -> None:
    found = measure(LABELS, PROBABILITIES)
    assert found["reviews"] == 8
    assert found["accuracy"] == 0.75
    assert found["confusion"] == [[3, 1], [1, 3]]
    assert (found["precision"], found["recall"], found["f1"]) == (0.75, 0.75, 0.75)
    assert found["roc_auc"] == 15 / 16  # of 16 pairs only (0.4, 0.6) is in the wrong order
    assert found["loss"] == pytest.approx(0.4003674, abs=1e-6)


def test_measure_tells_precision_from_recall() -> None:
    positive = np.array([0.9, 0.21, 0.3, 0.78, 0.41])  # of four positive reviews two are found, none wrongly
    found = measure(np.array([1, 1, 1, 1, 0]), np.stack([1 - positive, positive], axis=1))
    assert (found["precision"], found["recall"], found["f1"]) == (1, 0.5, pytest.approx(2 / 3))
    assert found["calibration_error"] == pytest.approx(
        (0.1 + (0.79 - 0.22) + 0.7 + 0.41) / 5
    )  # 0.79 and 0.78 share a bin


def test_measure_without_a_positive_answer_has_a_precision_of_zero() -> None:
    found = measure(np.array([1, 0]), np.array([[0.9, 0.1], [0.8, 0.2]]))  # and no warning
    assert (found["precision"], found["recall"], found["f1"]) == (0, 0, 0)


def test_measure_of_one_class_has_no_roc_auc() -> None:
    found = measure(np.array([1, 1]), np.array([[0.1, 0.9], [0.8, 0.2]]))
    assert found["roc_auc"] is None
    assert found["confusion"] == [[0, 0], [1, 1]]


def test_measure_of_probability_zero_has_finite_loss() -> None:
    assert measure(np.array([0, 1]), np.array([[0.0, 1.0], [1.0, 0.0]]))["loss"] == pytest.approx(34.5388, abs=1e-3)


def test_table_orders_the_splits() -> None:
    text = table({"held_out": measure(LABELS, PROBABILITIES), "train": measure(LABELS[:2], PROBABILITIES[:2])})
    assert text.splitlines()[1].split()[:8] == ["train", "2", "1.0000", "0.1643", "1.0000", "1.0000", "1.0000", "-"]
    assert text.splitlines()[2].split()[:3] == ["held_out", "8", "0.7500"]


def test_table_is_one_line_for_each_split() -> None:
    row = {"accuracy": 0.5, "loss": 0.7, "precision": 0.25, "recall": 1.0, "f1": 0.4, "roc_auc": None}
    assert table({"test": {"reviews": 25000, **row, "confusion": [[1, 2], [3, 4]]}}).splitlines() == [
        "split           reviews   accuracy       loss  precision     recall         f1    roc_auc   "
        "confusion [[tn, fp], [fn, tp]]",
        "test             25,000     0.5000     0.7000     0.2500     1.0000     0.4000          -   [[1, 2], [3, 4]]",
    ]


def test_measure_of_three_classes_has_averages_and_values_of_each_class() -> None:
    found = measure(np.array([0, 1, 2, 2]), np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1], [0.5, 0.25, 0.25]]))
    assert found["accuracy"] == 0.5
    assert found["confusion"] == [[1, 0, 0], [0, 0, 1], [1, 0, 1]]
    assert found["precision"] == [0.5, 0, 0.5]
    assert found["recall"] == [1, 0, 0.5]
    assert found["f1"] == pytest.approx([2 / 3, 0, 0.5])
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.5) / 3)
    assert found["weighted_f1"] == pytest.approx((2 / 3 + 2 * 0.5) / 4)
    assert "roc_auc" not in found
    lines = class_table(found, ["cold", "mild", "warm"]).splitlines()
    assert lines[1].split() == ["cold", "1", "0.5000", "1.0000", "0.6667", "[1,", "0,", "0]"]
    assert lines[4].split() == ["accuracy", "0.5000"]
    assert len({len(line.split("   [")[0]) for line in lines[1:4]}) == 1


def test_calibration_error_is_the_mean_gap_of_confidence_and_accuracy() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.6, 0.6])  # two bins: 3 of 4 and 1 of 2 correct
    probabilities = np.stack([1 - confidence, confidence], axis=1)
    labels = np.array([1, 1, 1, 0, 1, 0])
    assert calibration_error(labels, probabilities) == pytest.approx((4 * 0.15 + 2 * 0.1) / 6)


def test_calibration_error_of_certain_correct_predictions_is_zero() -> None:
    assert calibration_error(np.array([0, 1]), np.array([[1.0, 0.0], [0.0, 1.0]])) == 0


def test_calibration_error_has_15_bins_of_equal_width() -> None:
    def error(*sure: float) -> float:  # the first answer is right, the second wrong
        return calibration_error(np.array([1, 0]), np.array([[1 - value, value] for value in sure]))

    assert error(0.87, 0.93) == pytest.approx((0.93 - 0.13) / 2)  # both between 13/15 and 14/15
    assert error(0.86, 0.87) == pytest.approx((0.14 + 0.87) / 2)  # either side of 13/15
    assert error(0.93, 0.95) == pytest.approx((0.07 + 0.95) / 2)  # either side of 14/15
    assert error(0.95, 1.0) == pytest.approx((1 - 0.05) / 2)  # 1 is in the last bin


def test_risk_coverage_leaves_out_the_least_certain_first() -> None:
    probabilities = np.array([[0.1, 0.9], [0.4, 0.6], [0.2, 0.8], [0.45, 0.55]])
    coverage, accuracy, thresholds = risk_coverage(np.array([1, 0, 1, 1]), probabilities)
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1]
    assert accuracy.tolist() == [1, 1, 2 / 3, 0.75]
    assert thresholds.tolist() == [0.9, 0.8, 0.6, 0.55]


def test_risk_coverage_of_ordered_classes_is_of_their_median() -> None:
    probabilities = np.array([[0.4, 0.3, 0.3], [0.1, 0.8, 0.1]])
    coverage, accuracy, thresholds = risk_coverage(np.array([1, 0]), probabilities, np.array([1, 1]))
    assert (coverage.tolist(), accuracy.tolist(), thresholds.tolist()) == ([0.5, 1], [0, 0.5], [0.8, 0.3])


def test_smooth_is_a_moving_average() -> None:
    assert smooth([3.0, 3.0, 3.0]) == pytest.approx([3, 3, 3])  # no bias at the beginning
    assert smooth([1.0, 4.0, 1.0], decay=0.5) == pytest.approx([1, 3, 3.25 / 1.75])
    assert smooth([1.0, 4.0], decay=0).tolist() == [1, 4]
    assert smooth([]).tolist() == []


@pytest.mark.parametrize(
    ("successes", "total", "interval"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilson_interval_gives_newcombes_values(successes: int, total: int, interval: tuple[float, float]) -> None:
    assert wilson_interval(successes, total) == pytest.approx(interval, abs=5e-5)  # Newcombe (1998), table I, method 3


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.999])
@pytest.mark.parametrize(("successes", "total"), [(0, 1), (1, 1), (3, 7), (6985, 7577), (10, 10)])
def test_wilson_interval_is_scipys(successes: int, total: int, confidence: float) -> None:
    binomtest = pytest.importorskip("scipy.stats").binomtest
    expected = binomtest(successes, total).proportion_ci(confidence, method="wilson")
    assert wilson_interval(successes, total, confidence) == pytest.approx(tuple(expected), abs=1e-12)


def test_wilson_interval_of_nothing_is_everything() -> None:
    assert wilson_interval(0, 0) == (0, 1)


def test_reliability_groups_as_the_calibration_error() -> None:
    groups = reliability(LABELS, PROBABILITIES)
    assert [(g.texts, g.correct) for g in groups] == [(2, 0), (2, 2), (2, 2), (2, 2)]  # .6 .6, .7 .7, .8 .8, .9 .9
    assert [g.mean for g in groups] == pytest.approx([0.6, 0.7, 0.8, 0.9])
    error = sum(abs(g.correct - g.mean * g.texts) for g in groups) / 8
    assert error == pytest.approx(calibration_error(LABELS, PROBABILITIES))


def test_accuracy_by_value_makes_groups_of_the_same_size() -> None:
    correct = np.array([True, False, True, True, False, True])
    assert accuracy_by_value(np.array([10, 40, 20, 60, 50, 30]), correct, groups=3) == [
        Group(10, 20, 15, 2, 2),
        Group(30, 40, 35, 2, 1),
        Group(50, 60, 55, 2, 1),
    ]


def test_accuracy_by_value_keeps_equal_values_together() -> None:
    correct = np.array([True, True, True, False])
    assert accuracy_by_value(np.array([5, 5, 5, 9]), correct) == [Group(5, 5, 5, 3, 3), Group(9, 9, 9, 1, 0)]
    assert accuracy_by_value(np.array([5]), np.array([False])) == [Group(5, 5, 5, 1, 0)]


STARS = [1, 2, 3, 4, 7, 8, 9, 10]


def make_stars(*rows: dict[int, float]) -> np.ndarray:
    """Return probabilities (N, 8) of stars."""
    return np.array([[row.get(stars, 0.0) for stars in STARS] for row in rows])


def test_measure_of_stars_is_of_the_median_and_in_stars() -> None:
    probabilities = make_stars({4: 1}, {7: 1}, {1: 0.4, 3: 0.3, 4: 0.3}, {10: 0.9, 9: 0.1})
    labels = np.array([4, 4, 0, 6])  # 7, 7, 1 and 9 stars; predicted 4, 7, 3 and 10
    found = measure(labels, probabilities, STARS)
    assert found["accuracy"] == 0.25
    assert found["within_one"] == 0.5  # 4 and 7 are three stars apart
    assert found["mean_absolute_error"] == (3 + 0 + 2 + 1) / 4
    assert (found["confusion"][0][2], found["confusion"][4]) == (1, [0, 0, 0, 1, 1, 0, 0, 0])
    assert "within_one" not in measure(labels, probabilities)
    assert measure(labels, probabilities)["accuracy"] == 0.5  # the likeliest of the third text is 1


def test_ordered_errors_count_a_difference_of_one_as_within_one() -> None:
    true, predicted = np.array([1.0, 2.0, 4.0, 10.0]), np.array([2.0, 2.0, 7.0, 1.0])
    assert ordered_errors(true, predicted) == {"within_one": 0.5, "mean_absolute_error": 3.25}


def test_tables_of_stars_have_both_errors() -> None:
    figures = measure(np.array([0, 3]), make_stars({1: 1}, {4: 0.25, 7: 0.75}), STARS)
    header, row = table({"held_out": figures}).splitlines()
    assert header.split()[1:4] == ["reviews", "accuracy", "loss"]
    assert header.split()[-2:] == ["within_one", "mean_absolute_error"]
    assert row.split()[:3] == ["held_out", "2", "0.5000"]
    assert row.split()[-2:] == ["0.5000", "1.5000"]
    assert [line.split() for line in class_table(figures, STARS).splitlines()[-2:]] == [
        ["within", "one", "0.5000"],
        ["mean", "absolute", "error", "1.5000"],
    ]
    assert len({len(line) for line in class_table(figures, STARS).splitlines()[-6:]}) == 1


def test_table_of_three_classes_has_averages() -> None:
    header, row = table({"test": measure(np.array([0, 1]), np.eye(3)[:2])}).splitlines()
    assert header.split() == ["split", "reviews", "accuracy", "loss", "macro_f1", "weighted_f1"]
    assert row.split()[:3] == ["test", "2", "1.0000"]
