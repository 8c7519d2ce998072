"""The command evaluate on labelled reviews, with the bundle that comes with the package."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import List

import pytest

from pipeline import SentimentClassifier
from pipeline.cli.evaluate import predict_labelled
from pipeline.cli.main import main
from pipeline.corpus.labelled import Labelled
from pipeline.io import tables
from pipeline.model.bundle import ONNX, PARAMETERS, SHIPPED, write_manifest
from pipeline.model.predictor import Predictor
from pipeline.recipe import Recipe, override
from tests.conftest import save_random_bundle

GREAT = '"A great film, I loved it."'
ROWS = f'review,stars\n{GREAT},pos\n"Awful, boring and dull.",neg\n{GREAT},0\n...,1\n,1\n'
FIGURES = ["test", "4", "0.5000"]
MODEL = "model: small (comes with the package)\n"  # on standard error


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds nothing but a few labelled reviews."""
    monkeypatch.chdir(tmp_path)
    Path("reviews.csv").write_text(ROWS)
    return tmp_path


@pytest.fixture
def onnx() -> str:
    """Return the bundle that comes with the package without its network for MXNet."""
    shutil.copytree(SHIPPED, "onnx")
    for name in (PARAMETERS, "bundle.json"):
        Path("onnx", name).unlink()
    shape = json.loads((SHIPPED / "bundle.json").read_text())["embedding"]
    write_manifest(Path("onnx"), shape)
    assert ONNX in json.loads(Path("onnx/bundle.json").read_text())["sha256"]
    return "onnx"


def evaluate(*arguments: str) -> int:
    return main(["evaluate", "--input", "reviews.csv", "--column", "review", "--label-column", "stars", *arguments])


def test_evaluate_shows_the_table_of_a_file(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert evaluate("--json", "metrics.json") == 0
    assert caplog.messages == ["reviews.csv: left out rows without a text or a label: 1 (rows 5)"]
    header, values, calibration = capsys.readouterr().out.splitlines()
    assert header.split()[:8] == ["split", "reviews", "accuracy", "loss", "precision", "recall", "f1", "roc_auc"]
    assert values.split()[:3] == FIGURES  # without a word in it: 0.5, so "negative"
    assert values.endswith("[[1, 1], [1, 1]]")
    assert calibration.startswith("calibration error 0.")
    found = json.loads(Path("metrics.json").read_text())
    assert (found["reviews"], found["accuracy"], found["roc_auc"]) == (4, 0.5, 0.625)


def test_evaluate_takes_a_bundle_in_onnx(onnx: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate() == 0
    gluon = capsys.readouterr().out
    assert evaluate("--model", onnx) == 0
    assert capsys.readouterr().out == gluon


def test_evaluate_takes_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind, text in (("pos", "A great film, I loved it."), ("neg", "Awful, boring and dull.")):
        (folder / kind).mkdir()
        (folder / kind / "1.txt").write_text(text)
    assert main(["evaluate", "--input", "."]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["test", "2", "1.0000"]


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", '"4","A great film, I loved it."\n"0","Awful, boring and dull."\n', ["--no-header", "--column=2"]),
        ("a.tsv", "label\ttext\n4\tA great film, I loved it.\n0\tAwful, boring and dull.\n", []),
        ("a.csv", "label;text\n4;A great film, I loved it.\n0;Awful, boring and dull.\n", []),
        ("a.txt", "__label__4 A great film, I loved it.\n__label__0 Awful, boring and dull.\n", []),
    ],
)
def test_evaluate_takes_other_tables_and_labels(
    name: str, content: str, options: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text(content)
    given = [*options, "--label-column=1"] if options else []
    assert main(["evaluate", "--input", name, "--label-map", "4=pos,0=neg", *given]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["test", "2", "1.0000"]


def test_predict_labelled_holds_one_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier, sizes = SentimentClassifier.load(SHIPPED), []

    class Counting:
        def predict_proba(self, texts: List[str]) -> object:
            sizes.append(len(texts))
            return classifier.predict_proba(texts)

    monkeypatch.setattr(tables, "_ROWS", 2)
    rows = [Labelled("A great film.", 1), Labelled("Awful.", 0)] * 2 + [Labelled("A great film.", 1)]
    found = predict_labelled(Counting(), rows)  # type: ignore[arg-type]
    assert sizes == [2, 2, 1]
    assert found.correct.tolist() == [True] * 5


LIST = """text,label,kind,pair
"A great film, I loved it.",1,praise,
"Awful, boring and dull.",1,blame,1
"Awful, boring and very dull.",0,blame,1
"A great film, I loved it.",1,blame,2
"Awful, boring and dull.",0,blame,2
"""


def test_evaluate_groups_texts_and_counts_flips(capsys: pytest.CaptureFixture[str]) -> None:
    Path("list.csv").write_text(LIST)
    arguments = ["--input", "list.csv", "--by", "kind", "--invariance", "pair", "--json", "metrics.json"]
    assert main(["evaluate", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[4:7]] == [
        ["kind", "texts", "accuracy"],
        ["praise", "1", "1.0000"],
        ["blame", "4", "0.7500"],
    ]
    assert lines[-1] == "1 groups of pair with different predictions"
    found = json.loads(Path("metrics.json").read_text())
    assert found["by"] == {"praise": {"texts": 1, "accuracy": 1.0}, "blame": {"texts": 4, "accuracy": 0.75}}
    assert found["flips"] == 1


def test_evaluate_prints_the_failures(capsys: pytest.CaptureFixture[str]) -> None:
    Path("list.csv").write_text(LIST)
    assert main(["evaluate", "--input", "list.csv", "--by", "kind", "--failures"]) == 0
    kind, label, positive, text = capsys.readouterr().out.splitlines()[0].split("\t")
    assert (kind, label, text) == ("blame", "positive", "Awful, boring and dull.")
    assert 0 < float(positive) < 0.5


def test_evaluate_draws_the_risk_coverage_curve(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate("--risk-coverage", "curve.svg") == 0
    assert Path("curve.svg").read_text().startswith("<?xml")
    assert evaluate("--risk-coverage", "curve.txt") == 2
    assert "--risk-coverage curve.txt: expected a name that ends in .png, .svg or .pdf" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "reviews.csv"], "reviews.csv: no column 'text'; found 'review', 'stars' (--column)"),
        (["--input", "nowhere.csv"], "nowhere.csv: no such file"),
        (["--input", "empty.jsonl"], "empty.jsonl: no reviews in it; expected at least one row"),
        (["quick", "--input", "reviews.csv"], "recipe quick: is not for --input; expected one or the other"),
        (["--input", "reviews.csv", "--set", "train.epochs=1"], "--set train.epochs=1: is not for --input"),
        (["--model", "onnx"], "evaluate: expected a recipe, or --input with labelled reviews"),
        ([], "evaluate: expected a recipe, or --input with labelled reviews"),
        *(
            (["quick", option, *value], f"{option}: is for labelled reviews; name them with --input")
            for option, *value in (
                ("--by", "kind"),
                ("--invariance", "kind"),
                ("--failures",),
                ("--risk-coverage", "curve.png"),
                ("--model", "onnx"),
                ("--json", "metrics.json"),
            )
        ),
    ],
)
def test_evaluate_refuses_in_a_sentence(arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty.jsonl").touch()
    assert main(["evaluate", *arguments]) == 2
    error = capsys.readouterr().err.replace(MODEL, "")
    assert error.startswith(f"error: {message}")


def test_evaluate_names_the_row_of_a_bad_label(capsys: pytest.CaptureFixture[str]) -> None:
    Path("reviews.csv").write_text(ROWS + "fine,good\n")
    assert evaluate("--json", "metrics.json") == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{MODEL}error: reviews.csv, row 6: label: expected positive or negative, ")
    assert not Path("metrics.json").exists()


def test_evaluate_of_stars_is_of_the_median(tmp_path: Path, capsys: pytest.CaptureFixture[str], tiny: Recipe) -> None:
    stars = override(tiny, ["read.labels=stars", "network.num_outputs=3"])
    save_random_bundle(tmp_path / "stars", stars)  # of 0, 1 and 2
    predictor = Predictor.load(tmp_path / "stars", "cpu")
    texts = ["great film", "bad plot", "it was fun", "the bad film"]
    Path("stars.csv").write_text("text,label\n" + "".join(f"{text},{i % 3}\n" for i, text in enumerate(texts)))
    arguments = ["--input", "stars.csv", "--model", "stars", "--json", "metrics.json", "--failures"]
    assert main(["evaluate", *arguments]) == 0
    predicted = [int(found.label) for found in predictor.infer(texts)]
    errors = [abs(i % 3 - found) for i, found in enumerate(predicted)]
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.endswith(tuple(texts))]) == sum(error > 0 for error in errors)
    assert [line.split() for line in lines[-3:-1]] == [
        ["within", "one", f"{sum(error <= 1 for error in errors) / 4:.4f}"],
        ["mean", "absolute", "error", f"{sum(errors) / 4:.4f}"],
    ]
    found = json.loads(Path("metrics.json").read_text())
    assert (found["accuracy"], found["mean_absolute_error"]) == (errors.count(0) / 4, sum(errors) / 4)
