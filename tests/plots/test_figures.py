"""What the figures draw: their numbers, not their pixels."""

from __future__ import annotations

import sys
import warnings
from io import BytesIO
from typing import Any, Dict, Set

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import auc, roc_auc_score

from pipeline.errors import PipelineError
from pipeline.metrics import Group
from pipeline.plots import figures
from pipeline.plots.drawing import NEGATIVE, POSITIVE

pytest.importorskip("matplotlib")
pytest.importorskip("adjustText")


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(0))


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts]


def colour(thing: Any) -> str:
    from matplotlib.colors import to_hex

    return to_hex(thing)


def test_training_curves_draw_every_epoch_of_every_network() -> None:
    long = [{"epoch": e, "loss": 1 / e, "accuracy": 1 - 0.5 / e, "validation_loss": 0.9} for e in (1, 2, 3)]
    figure = figures.training_curves({"long": long, "short": [{"epoch": 1, "loss": 0.69, "accuracy": 0.5}]})
    accuracy, loss, side = figure.axes
    assert [line.get_ydata().tolist() for line in accuracy.lines] == [[0.5, 0.75, 1 - 0.5 / 3], [0.5]]
    assert [line.get_ydata().tolist() for line in loss.lines] == [[1, 0.5, 1 / 3], [0.9, 0.9, 0.9], [0.69]]
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert [line.get_linestyle() for line in loss.lines] == ["-", "--", "-"]  # validation is dashed
    assert [text.get_text() for text in side.get_legend().get_texts()] == ["long", "short"]


def test_training_curves_of_many_networks_differ_in_colour_or_mark() -> None:
    figure = figures.training_curves({f"n{i}": [{"epoch": 1, "loss": 1, "accuracy": 0.5}] for i in range(12)})
    assert len({(line.get_color(), line.get_marker()) for line in figure.axes[0].lines}) == 12


@pytest.mark.parametrize("split", ["validation", "held_out"])
def test_loss_curve_draws_the_training_and_what_is_measured_after_epochs(split: str) -> None:
    steps = [{"step": 20, "loss": 0.7}, {"step": 30, "loss": 0.5}, {"step": 50, "loss": 0.4}]
    figure = figures.loss_curve(steps, [{"step": 30, "loss": 0.6, f"{split}_loss": 0.55}])
    (axes,) = figure.axes
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[20, 0.7], [30, 0.5], [50, 0.4]], [[30, 0.55]]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", split.replace("_", " ")]
    assert len(figures.loss_curve(steps[:1], [{"step": 30, "loss": 0.6}]).axes[0].lines) == 1


def test_learning_rate_curve_draws_losses_and_their_average() -> None:
    rates = np.array([0.01, 0.1, 1])
    (axes,) = figures.learning_rate_curve(rates, np.array([1.0, 1.0, 3.71])).axes
    each, average = axes.lines
    assert each.get_ydata().tolist() == [1, 1, 3.71]
    assert average.get_ydata() == pytest.approx([1, 1, 2])  # (0.81 + 0.9 + 3.71) / 2.71
    assert average.get_xdata().tolist() == rates.tolist()
    assert axes.get_xscale() == "log"


def test_confusion_matrices_show_counts_and_shares_of_rows() -> None:
    figure = figures.confusion_matrices({"one": [[3000, 1000], [0, 2000]], "digits": np.eye(10, dtype=int).tolist()})
    one, digits, empty = figure.axes
    assert one.get_title(loc="left") == "one"
    assert texts(one) == ["3,000\n75.0%", "1,000\n25.0%", "0\n0.0%", "2,000\n100.0%"]
    assert [colour(cell.get_facecolor()) for cell in one.patches] == [POSITIVE, NEGATIVE, NEGATIVE, POSITIVE]
    strengths = [cell.get_alpha() for cell in one.patches]
    assert np.argsort(strengths, kind="stable").tolist() == [2, 1, 0, 3]
    assert [tick.get_text() for tick in one.get_yticklabels()] == ["negative", "positive"]
    assert one.get_ylim() == (2, 0)  # the first row on top
    assert len(digits.patches) == 100
    assert sorted(texts(digits)) == [""] * 90 + ["1"] * 10
    assert not empty.axison


def test_confusion_of_a_class_without_examples_is_drawn() -> None:
    figure = figures.confusion_matrices({"all positive": [[0, 0], [1, 3]]})
    assert texts(figure.axes[0])[:2] == ["0\n0.0%", "0\n0.0%"]


def test_roc_curves_go_from_corner_to_corner_and_say_the_area() -> None:
    labels, positive = np.array([0, 0, 1, 1, 1]), np.array([0.1, 0.6, 0.4, 0.8, 0.9])
    figure = figures.roc_curves({"some": (labels, positive)})
    axes, side = figure.axes
    guessing, curve, mark = axes.lines
    assert list(guessing.get_xdata()) == list(guessing.get_ydata()) == [0, 1]
    assert (curve.get_xdata()[0], curve.get_ydata()[0]) == (0, 0)
    assert (curve.get_xdata()[-1], curve.get_ydata()[-1]) == (1, 1)
    assert auc(*curve.get_data()) == pytest.approx(5 / 6)
    assert (list(mark.get_xdata()), list(mark.get_ydata())) == ([0.5], [pytest.approx(2 / 3)])
    assert [text.get_text() for text in side.get_legend().get_texts()] == ["some: 0.8333"]


def test_roc_curve_of_many_reviews_is_thinned_but_true(generator: np.random.Generator) -> None:
    labels = generator.integers(0, 2, 7500)
    positive = np.clip(0.5 + 0.2 * (labels - 0.5) + 0.2 * generator.normal(size=7500), 0, 1)
    curve = figures.roc_curves({"many": (labels, positive)}).axes[0].lines[1]
    assert len(curve.get_xdata()) <= 400
    assert auc(*curve.get_data()) == pytest.approx(roc_auc_score(labels, positive), abs=1e-3)


@pytest.mark.parametrize("cut", [3, 50, 80, 500, 4000])
def test_review_lengths_are_all_counted_on_their_side_of_the_cut(generator: np.random.Generator, cut: int) -> None:
    lengths = np.append(generator.lognormal(5.2, 0.6, 999).astype(int), [0, 10, cut, cut, 2459])
    axes = figures.review_lengths(lengths, cut).axes[0]
    bars = list(axes.patches)
    assert sum(bar.get_height() for bar in bars) == len(lengths)
    longer = sum(bar.get_height() for bar in bars if colour(bar.get_facecolor()) == NEGATIVE)
    assert longer == (lengths > cut).sum()
    assert all(bar.get_x() >= cut - 1e-6 for bar in bars if colour(bar.get_facecolor()) == NEGATIVE)
    assert axes.lines[0].get_xdata() == [cut, cut]
    assert texts(axes) == [f"{(lengths > cut).mean():.1%} are longer than the {cut:,} words that are read"]


def test_glove_coverage_draws_both_shares() -> None:
    coverages = {name: {"vocabulary_coverage": 0.5, "token_coverage": 0.975} for name in ("one", "two")}
    axes = figures.vector_coverage(coverages).axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.5, 0.975, 0.5, 0.975]
    assert texts(axes)[:2] == ["50.00% of the vocabulary", "97.50% of the tokens"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["one", "two"]


def test_polar_words_are_the_most_polar_either_way(generator: np.random.Generator) -> None:
    words = [f"word{i}" for i in range(100)]
    positive = generator.permutation(np.linspace(0, 1, 100))
    vectors = np.outer(positive - 0.5, np.arange(8)) + 0.01 * generator.normal(size=(100, 8))
    axes = figures.polar_words(words, vectors, positive, each=10).axes[0]
    found: Dict[str, Set[str]] = {POSITIVE: set(), NEGATIVE: set()}
    for text in axes.texts[:20]:
        found[colour(text.get_color())].add(text.get_text())
    order = np.argsort(positive)
    assert found[NEGATIVE] == {words[i] for i in order[:10]}
    assert found[POSITIVE] == {words[i] for i in order[-10:]}
    good, bad = (points.get_offsets() for points in axes.collections)
    assert good[:, 0].min() > bad[:, 0].max()  # positive on the right
    chosen = np.concatenate([order[::-1][:10], order[:10][::-1]])
    expected = PCA(2, svd_solver="full").fit_transform(vectors[chosen])
    assert np.allclose(np.abs(np.concatenate([good, bad])), np.abs(expected))


def test_polar_words_hardly_cover_one_another(generator: np.random.Generator) -> None:
    vectors = generator.normal(size=(48, 5))
    figure = figures.polar_words(["wonderful"] * 48, vectors, np.linspace(0, 1, 48))
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts[:48]]
    touching = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    assert len(touching) <= 4, "of 1,128 pairs"


def test_polar_words_of_a_few_words_and_of_equal_vectors_are_drawn() -> None:
    axes = figures.polar_words(["good", "bad", "film"], np.eye(3), np.array([0.9, 0.1, 0.5])).axes[0]
    assert texts(axes)[:2] == ["good", "bad"]


def test_gate_trace_draws_means_of_units_and_every_word() -> None:
    words = ["<unk>", "not", "$5", "$6"]
    gates = {name: np.full((4, 3), value) for name, value in (("input", 0.25), ("forget", 0.75), ("output", 0.5))}
    cell = np.array([[1, -1, 0], [2, -1, 0], [1, -2, 0], [3, -3, 0]])
    figure = figures.gate_trace(words, {**gates, "cell": cell}, np.array([0.5, 0.25, 0.75, 1.0]))
    top, middle, bottom = figure.axes
    assert [bar.get_height() for bar in top.patches] == [0, -0.25, 0.25, 0.5]
    assert [colour(bar.get_facecolor()) for bar in top.patches[1:]] == [NEGATIVE, POSITIVE, POSITIVE]
    assert {line.get_ydata()[0] for line in middle.lines} == {0.25, 0.75, 0.5}
    assert sorted(texts(middle)) == ["forget", "input", "output"]
    assert [tick.get_text().replace("\\", "") for tick in bottom.get_xticklabels()] == words
    image = bottom.images[0].get_array()
    assert image.shape == (3, 4, 4)
    assert colour(image[0, 0, :3]) == POSITIVE  # sorted by what they hold in the end
    assert image[1, :, 3].tolist() == [0, 0, 0, 0]
    assert colour(image[2, 0, :3]) == NEGATIVE


def test_gate_trace_takes_one_number_a_step_and_keeps_names_apart() -> None:
    gates = {name: np.full(2, 0.5) for name in ("input", "forget", "output", "cell")}
    middle = figures.gate_trace(["a", "b"], gates, np.array([0.5, 0.5])).axes[1]
    heights = sorted(text.get_position()[1] for text in middle.texts)
    assert np.diff(heights).min() > 0.1


def test_signed_bars_are_coloured_by_sign_and_say_their_value() -> None:
    figure = figures.signed_bars({"kept": 0.25, "added": -1 / 3, "nothing": 0.0}, "one step")
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [0.25, -1 / 3, 0]
    assert [colour(bar.get_facecolor()) for bar in axes.patches[:2]] == [POSITIVE, NEGATIVE]
    assert texts(axes) == ["0.25", "-0.333", "0"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["kept", "added", "nothing"]
    assert axes.yaxis_inverted()
    assert axes.get_title(loc="left") == "one step"


def test_words_with_dollar_signs_are_not_read_as_formulas() -> None:
    gates = {name: np.full(2, 0.5) for name in ("input", "forget", "output", "cell")}
    figure = figures.gate_trace(["$x^", "_$"], gates, np.array([0.5, 0.5]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(BytesIO(), format="png")


def test_missing_matplotlib_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(PipelineError, match=r'pip install "\.\[plots\]"'):
        figures.review_lengths(np.array([3]), 2)


def test_missing_adjusttext_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adjustText", None)
    with pytest.raises(PipelineError, match=r'adjustText; install it with: pip install "\.\[plots\]"'):
        figures.polar_words(["good", "bad"], np.eye(2), np.array([0.9, 0.1]))


def test_labels_are_at_the_same_positions_each_time(generator: np.random.Generator) -> None:
    vectors = generator.normal(size=(16, 5))
    first, again = (figures.polar_words(["wonderful"] * 16, vectors, np.linspace(0, 1, 16)).axes[0] for _ in range(2))
    assert [text.get_position() for text in first.texts] == [text.get_position() for text in again.texts]


def test_confusion_matrices_have_the_names_of_classes() -> None:
    long = "a name that is too long"
    (axes, *_) = figures.confusion_matrices({"one": [[1, 0], [2, 3]]}, ["$ham", long]).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == [r"\$ham", "a name that…"]
    (axes, *_) = figures.confusion_matrices({"one": np.eye(3, dtype=int).tolist()}, ["x", "sport", "y"]).axes
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {90}


def test_precision_recall_curve_is_scikit_learns(generator: np.random.Generator) -> None:
    from sklearn.metrics import average_precision_score

    labels = generator.integers(0, 2, 2000)
    probabilities = np.clip(0.3 * labels + 0.7 * generator.random(2000), 0, 1)
    axes, side = figures.precision_recall_curves({"one": (labels, probabilities)}).axes
    curve, marker = axes.lines
    recall, precision = curve.get_xdata(), curve.get_ydata()
    assert len(recall) <= 400
    area = -np.sum(np.diff(recall) * precision[:-1])
    expected = average_precision_score(labels, probabilities)
    assert area == pytest.approx(expected, abs=0.01)
    assert [text.get_text() for text in side.get_legend().get_texts()] == [f"one: {expected:.4f}"]
    predicted = probabilities > 0.5
    assert marker.get_xdata()[0] == pytest.approx(predicted[labels == 1].mean())
    assert marker.get_ydata()[0] == pytest.approx(labels[predicted].mean())


def test_precision_recall_curve_without_a_positive_prediction_has_no_marker() -> None:
    axes, _ = figures.precision_recall_curves({"one": (np.array([0, 1]), np.array([0.1, 0.2]))}).axes
    assert len(axes.lines) == 1


def test_reliability_diagram_has_a_point_and_an_interval_for_each_group() -> None:
    axes, below = figures.reliability_diagram([Group(0.5, 0.6, 0.55, 20, 0), Group(0.9, 1, 0.95, 263, 81)]).axes
    diagonal, points = axes.lines
    assert diagonal.get_xydata().tolist() == [[0.5, 0.5], [1, 1]]
    assert points.get_xydata() == pytest.approx(np.array([[0.55, 0], [0.95, 81 / 263]]))
    (intervals,) = axes.collections
    ends = [line[:, 1].tolist() for line in intervals.get_segments()]
    assert ends[0] == pytest.approx([0, 0.1611], abs=5e-5)
    assert ends[1] == pytest.approx([0.2553, 0.3662], abs=5e-5)
    assert [bar.get_height() for bar in below.patches] == [20, 263]


def test_accuracy_by_length_names_the_lengths() -> None:
    (axes,) = figures.accuracy_by_length([Group(3, 3, 3, 4, 1), Group(4, 1200, 60, 4, 3)]).axes
    assert [label.get_text() for label in axes.get_xticklabels()] == ["3", "4–1,200"]
    assert axes.lines[0].get_ydata().tolist() == [0.25, 0.75]


def test_learning_curve_draws_accuracies_with_their_deviations() -> None:
    figure = figures.learning_curve([10, 50, 100], [0.6, 0.75, 0.8], [0.05, 0.02, 0.01])
    (axes,) = figure.axes
    (bars,) = axes.containers
    assert bars.lines[0].get_xydata().tolist() == [[10, 0.6], [50, 0.75], [100, 0.8]]
    (segments,) = bars.lines[2]
    ends = [segment[:, 1].tolist() for segment in segments.get_segments()]
    assert ends == [pytest.approx([0.55, 0.65]), pytest.approx([0.73, 0.77]), pytest.approx([0.79, 0.81])]
    assert axes.get_xlim()[0] == 0
    figure.savefig(BytesIO(), format="png")
