from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.main import main
from pipeline.errors import PipelineError
from pipeline.lectures.ablations import ablation_recipes
from pipeline.lectures.comparison import ComputedValue, _compare, compare
from pipeline.lectures.crash_course import count_parts, format_parts
from pipeline.lectures.lecture8 import compare_equations
from pipeline.lectures.reference_values import REFERENCE_VALUES, ReferenceValue
from pipeline.lectures.reproduce import LECTURES, reproduce
from pipeline.lectures.runner import LectureRunner, find_runner, for_each
from pipeline.model.ensemble import build_network
from pipeline.recipes import CRASH_COURSE, LECTURE8, LECTURE8_FIXED


def test_every_reference_value_is_of_a_lecture_and_has_a_key_of_its_own() -> None:
    assert {reference.lecture for reference in REFERENCE_VALUES} == set(LECTURES)
    keys = [(reference.lecture, reference.key) for reference in REFERENCE_VALUES]
    assert len(set(keys)) == len(keys) == 44


def test_weights_lecture_comes_out_exactly(tmp_path: Path) -> None:
    comparisons = reproduce("weights", LectureRunner(tmp_path))
    assert len(comparisons) == 11
    assert [comparison.quantity for comparison in comparisons if comparison.agrees is not True] == []


def test_lecture_equations_equal_gluons_layer() -> None:
    assert 0 < compare_equations(units=6, inputs=5, steps=20) < 1e-5


@pytest.mark.parametrize(
    ("reference", "computed", "agrees"),
    [
        (0.81252, ComputedValue(0.8), True),
        (0.81252, ComputedValue(0.79), False),
        (0.81252, ComputedValue(0.81, "other data", comparable=False), None),
        (None, ComputedValue(0.7), None),
    ],
)
def test_compare_allows_the_tolerance_and_no_more(reference: float, computed: ComputedValue, agrees: bool) -> None:
    comparison = _compare(ReferenceValue("crash_course", "accuracy", "accuracy", reference, 0.015), computed)
    assert comparison.agrees is agrees


def test_compare_is_exact_without_a_tolerance() -> None:
    assert _compare(ReferenceValue("lecture8", "rows", "rows", 5000), ComputedValue(5000)).agrees is True
    assert _compare(ReferenceValue("lecture8", "rows", "rows", 5000), ComputedValue(4999)).agrees is False


def test_compare_takes_a_part_of_the_values() -> None:
    comparisons = compare("lecture8", {"steps": ComputedValue(500), "rows": ComputedValue(4999)})
    assert [(comparison.computed, comparison.agrees) for comparison in comparisons] == [
        (4999, False),
        (500, True),
    ]  # in the lecture's order


def test_parameters_of_crash_course_are_those_that_keras_counts() -> None:
    parts = count_parts(build_network(CRASH_COURSE, (20_000, 128)))
    assert format_parts(parts) == "2,560,000 + 131,584 + 129 = 2,691,713"


def test_little_data_is_laid_out_beside_raw(raw: Path) -> None:
    first = raw / "aclImdb" / "train" / "pos" / "9_9.txt"
    first.write_text(f"{LECTURE8.index.count_first} Candyman")
    runner = find_runner(fast=True)  # finds data/raw in the current folder
    assert (runner.data, runner.settings, runner.seeds) == (raw.parent / "fast", ("train.epochs=1",), 2)
    copied = sorted(path.name for path in (runner.data / "raw" / "aclImdb").rglob("*.txt"))
    assert copied == ["0_1.txt", "0_9.txt", "1_10.txt", "1_2.txt", "2_3.txt", "2_8.txt", "9_9.txt"]
    assert (runner.data / "raw" / "glove.6B.50d.txt").read_text() == (raw / "glove.6B.50d.txt").read_text()


def test_little_data_has_the_first_word_vectors_if_there_are_any(raw: Path) -> None:
    vectors = raw / "glove.6B.50d.txt"
    vectors.unlink()
    little = find_runner(fast=True).data / "raw" / vectors.name
    assert not little.exists()
    vectors.write_text("".join(f"w{number} 0.5\n" for number in range(50_001)))
    find_runner(fast=True)
    lines = little.read_text().splitlines()
    assert (len(lines), lines[-1]) == (50_000, "w49999 0.5")


def test_runner_finds_data_above_the_current_folder(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = raw.parent / "notebooks"
    below.mkdir()
    monkeypatch.chdir(below)
    assert find_runner() == LectureRunner(raw.parent)


def test_runner_without_data_says_what_to_fetch(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"no folder data/raw in .* or above it; fetch the data with: sentiment"):
        find_runner()
    with pytest.raises(PipelineError, match="elsewhere: no folder raw in it; fetch"):
        find_runner("elsewhere")


def test_ablations_change_one_thing_at_a_time() -> None:
    plain, *changed, fixed = ablation_recipes()
    assert (plain, fixed, len(changed)) == (LECTURE8, LECTURE8_FIXED, 7)
    assert len({repr(replace(recipe, name="")) for recipe in [plain, *changed]}) == 8
    assert len({recipe.name for recipe in ablation_recipes()}) == 9


def _root(number: float) -> float:
    return math.sqrt(number)


def test_for_each_keeps_the_order_of_its_arguments() -> None:
    assert for_each(_root, [(float(number),) for number in (16, 9, 4, 1)], "roots") == [4, 3, 2, 1]


def test_reproduce_of_an_unknown_lecture_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="lecture9: no such lecture; there are lecture8, crash_course"):
        reproduce("lecture9", LectureRunner(tmp_path))


def test_weights_command_shows_every_value(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = "weights simple --input-kernel 2 --recurrent-kernel -1 --inputs -1 3 7 --plot".split()
    assert main([*arguments, str(tmp_path / "rnn.png")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].split() == ["output", "y", "1", "-2", "8", "6"]
    assert (tmp_path / "rnn.png").read_bytes().startswith(b"\x89PNG")


def test_weights_command_sets_an_lstms_gates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("weights lstm --input-kernel 1 0 1 1 --recurrent-kernel 0 0 0 0 --inputs 0 1 2 4 8".split()) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["hidden_state", "wm", "1", "0", "1", "8", "64", "512"]


def test_weights_command_refuses_three_gates(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("weights lstm --input-kernel 1 0 1 --recurrent-kernel 0 0 0 0 --inputs 0".split()) == 2
    assert "--input-kernel: expected as many numbers for each of the four gates, found 3" in capsys.readouterr().err
