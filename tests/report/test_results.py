"""What is read of a folder, and which folders are refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.io.output import read_json, write_json
from pipeline.report.results import evaluate_command, load_results, load_texts
from tests.conftest import TINY
from tests.report.conftest import SCRIPT, write_predictions


def test_results_are_those_of_the_files(data: Path) -> None:
    results = load_results(data / "tiny")
    assert (results.recipe, results.classes, results.split_by) == (TINY, ("negative", "positive"), "random")
    assert list(results.metrics) == list(results.predictions) == ["train", "held_out"]
    assert results.shown == "held_out"
    assert len(results.history) == 3
    for split, one in results.predictions.items():
        assert one.correct.mean() == results.metrics[split]["accuracy"]
        assert one.probabilities.sum(axis=1).tolist() == [1.0] * 3
    rows = results.predictions["held_out"].rows.tolist()
    texts = load_texts(results, rows)
    assert {review.split for review in texts.values()} == {"held_out"}
    assert [texts[row].label for row in rows] == results.predictions["held_out"].labels.tolist()
    assert all(review.text.endswith(SCRIPT) for review in texts.values())


def test_results_without_what_can_be_missing(data: Path) -> None:
    for name in ("predictions.csv", "encoded.npz", "reviews.jsonl"):
        (data / "tiny" / name).unlink()
    results = load_results(data / "tiny")
    assert (results.predictions, results.encoded) == ({}, None)
    assert load_texts(results, [0]) == {}


def test_split_that_is_shown_is_the_last_one_if_none_is_held_out(data: Path) -> None:
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1]})
    assert load_results(data / "tiny").shown == "train"


def test_folder_that_is_missing_is_refused_with_the_names_of_others(data: Path) -> None:
    message = r"^data/small: no such folder; expected the name of a trained recipe \(found: tiny\)$"
    with pytest.raises(PipelineError, match=message):
        load_results(data / "small")
    with pytest.raises(PipelineError, match=r"\(found: none\)$"):
        load_results(Path("elsewhere/tiny"))


def test_folder_that_is_not_trained_or_evaluated_is_refused_with_the_command(data: Path) -> None:
    (data / "tiny/bundle/metrics.json").unlink()
    message = "data/tiny: not evaluated yet, there is no bundle/metrics.json; run: sentiment evaluate tiny (with the "
    with pytest.raises(PipelineError, match=re.escape(message)):
        load_results(data / "tiny")
    (data / "tiny/bundle/bundle.json").unlink()
    message = "data/tiny: not trained yet, there is no bundle/bundle.json; run: sentiment run RECIPE --name tiny"
    with pytest.raises(PipelineError, match=f"^{message}$"):
        load_results(data / "tiny")
    data.rename("other")
    Path("other/tiny").rename("other/quick")
    with pytest.raises(PipelineError, match=r"run: sentiment run quick --data other$"):
        load_results(Path("other/quick"))


def test_evaluate_command_has_the_options_that_are_needed() -> None:
    assert evaluate_command(Path("data/tiny"), TINY) == "sentiment evaluate tiny"
    found = evaluate_command(Path("my data/two"), TINY)
    assert found == "sentiment evaluate tiny --name two --data 'my data'"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("held_out,1,1,often", "could not convert string to float"),
        ("held_out,1,2,0.5", "a label '2'"),
        ("held_out,1,1,nan", "a number out of its range"),
        ("held_out,-1,1,0.5", "a number out of its range"),
        ("dev,1,1,0.5", "'dev'"),
        ("held_out,1", "not enough values to unpack"),
        ("held_out,1,1", "3 values"),
        ("held_out,1,1,0.5,0.5", "5 values"),
    ],
)
def test_damaged_predictions_are_refused_with_their_line(data: Path, line: str, problem: str) -> None:
    path = data / "tiny/predictions.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], line, *lines[3:]]))
    with pytest.raises(PipelineError, match=rf"predictions\.csv, line 3: .*{re.escape(problem)}.*run again: sentiment"):
        load_results(data / "tiny")


def test_predictions_of_other_classes_are_refused(data: Path) -> None:
    path = data / "tiny/predictions.csv"
    path.write_text(path.read_text().replace("positive", "ham,spam", 1))
    message = r"predictions\.csv, line 1: not split, review, label, positive \(other columns\)"
    with pytest.raises(PipelineError, match=message):
        load_results(data / "tiny")


def test_predictions_of_another_evaluation_are_refused(data: Path) -> None:
    path = data / "tiny/predictions.csv"
    lines = path.read_text().splitlines()
    split, review, label, positive = lines[-1].split(",")
    path.write_text("\n".join([*lines[:-1], f"{split},{review},{label},{1 - float(positive)}"]))
    with pytest.raises(PipelineError, match=r"differ on the split held_out; run again: sentiment evaluate tiny$"):
        load_results(data / "tiny")
    path.write_text("\n".join(line for line in lines if not line.startswith("held_out")))
    with pytest.raises(PipelineError, match=r"predictions\.csv and bundle/metrics\.json have other splits"):
        load_results(data / "tiny")


def test_prediction_that_was_rounded_to_a_half_is_not_refused(data: Path) -> None:
    write_predictions(data / "tiny", {"train": [0.9, 0.2, 0.1], "held_out": [0.5000001, 0.9, 0.1]})
    assert load_results(data / "tiny").predictions["held_out"].probabilities[:, 1].tolist() == [0.5, 0.9, 0.1]


def test_reviews_that_were_read_anew_are_refused(data: Path) -> None:
    results = load_results(data / "tiny")
    path = data / "tiny/reviews.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line.replace('"label": 1', '"label": 0') for line in lines))
    rows = np.concatenate([one.rows for one in results.predictions.values()]).tolist()
    with pytest.raises(PipelineError, match=r"reviews\.jsonl: not the reviews of predictions\.csv"):
        load_texts(results, rows)
    path.write_text("\n".join(lines[:2]))
    with pytest.raises(PipelineError, match=r"reviews\.jsonl: not the reviews of predictions\.csv"):
        load_texts(results, rows)


def test_encoded_reviews_of_others_are_refused(data: Path) -> None:
    results = load_results(data / "tiny")
    assert results.encoded is not None
    path = data / "tiny/encoded.npz"
    arrays = {name: np.array(values) for name, values in vars(results.encoded).items()}
    np.savez(path, **{**arrays, "labels": 1 - arrays["labels"]})
    with pytest.raises(PipelineError, match=r"encoded\.npz: not the reviews of predictions\.csv"):
        load_results(data / "tiny")
    np.savez(path, **{**arrays, "ids": arrays["ids"] + 1000})
    with pytest.raises(PipelineError, match=r"encoded\.npz: not encoded with the bundle's vocabulary"):
        load_results(data / "tiny")
    (data / "tiny/predictions.csv").unlink()
    np.savez(path, **{**arrays, "splits": 0 * arrays["splits"]})
    with pytest.raises(PipelineError, match=r"encoded\.npz: fewer reviews than in bundle/metrics\.json"):
        load_results(data / "tiny")


@pytest.mark.parametrize(
    "value",
    [[], {}, {"split": "film"}, *({"metrics": one} for one in ({}, {"held_out": 1}, {"held_out": {"accuracy": 1}}))],
)
def test_metrics_that_are_none_are_refused(data: Path, value: object) -> None:
    write_json(data / "tiny/bundle/metrics.json", value)
    with pytest.raises(
        PipelineError, match=r"metrics\.json: .*(: sentiment evaluate tiny|; evaluate the bundle again)$"
    ):
        load_results(data / "tiny")


def test_damaged_bundle_is_refused(data: Path) -> None:
    history = read_json(data / "tiny/bundle/history.json")
    write_json(data / "tiny/bundle/history.json", history[:1])
    with pytest.raises(PipelineError, match=r"history\.json: damaged"):
        load_results(data / "tiny")
