from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli.main import main
from pipeline.corpus.reviews import Review, save_reviews
from pipeline.model.predictor import Predictor
from pipeline.recipe import Recipe
from tests.conftest import save_random_bundle

TEXTS = ["a great film", "bad", "it was a good plot, it was fun", "a bad, bad film"]


@pytest.fixture
def folder(tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a bundle in data/tiny/, and labels.csv: texts with the labels that it predicts."""
    monkeypatch.chdir(tmp_path)
    save_random_bundle(tmp_path / "data/tiny/bundle", tiny)
    predicted = Predictor.load("tiny").predict_proba(TEXTS).argmax(axis=1)
    rows = [f'"{text}",{("neg", "pos")[label]}' for text, label in zip(TEXTS, predicted)]
    (tmp_path / "labels.csv").write_text("\n".join(["review,answer", *rows]) + "\n")
    reviews = [
        Review(f"{i}.txt", int(label), "held_out", i, text) for i, (text, label) in enumerate(zip(TEXTS, predicted))
    ]
    save_reviews(tmp_path / "reviews.jsonl", [*reviews, Review("t.txt", 1, "train", 0, "a film to train on")])
    return tmp_path


def test_quantize_checks_the_accuracy_on_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["export", "--model", "tiny", "--quantize", "--check", "labels.csv", "--column", "review"]
    assert main([*command, "--label-column", "answer", "--output", "int8"]) == 0
    output = capsys.readouterr()
    assert output.out == "int8: the network in ONNX with int8 weights; accuracy 1.0000 on 4 texts, 1.0000 before\n"
    assert main(["infer", "--model", "int8", "a great film"]) == 0


def test_quantize_checks_the_accuracy_on_held_out_reviews(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "reviews.jsonl").rename(folder / "data/tiny/reviews.jsonl")
    assert main(["export", "--model", "tiny", "--quantize"]) == 0
    assert "accuracy 1.0000 on 4 texts" in capsys.readouterr().out
    assert json.loads((folder / "data/onnx/bundle.json").read_text())["format"] == 3


@pytest.mark.parametrize("name", ["network.safetensors", "bundle.json", "vocabulary.json"])
@pytest.mark.parametrize("command", [["export", "--format", "params"], ["infer", "a film", "--format", "csv"]])
def test_no_file_of_the_model_is_written_to(
    command: list[str], name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "data/tiny/bundle" / name
    before = path.read_bytes()
    assert main([*command, "--model", "tiny", "--output", str(path)]) == 2
    assert f"{path}: is also an input; choose another name" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quantize"], "no held-out reviews beside this bundle; name labelled texts with --check"),
        (["--check", "labels.csv"], "--check labels.csv: expected --quantize with it"),
        (["--quantize", "--check", "labels.csv"], "labels.csv"),  # other columns
        (["--quantize", "--check", "none.csv"], "none.csv: no such file"),
        (["--quantize", "--format", "params"], "--quantize: expected --format onnx, found params"),
        (["--format", "params", "--output", "labels.csv"], "--output labels.csv: expected a name that ends in .params"),
        (["--column", "a"], "--column: is for labelled texts; name them with --check"),
        (["--format", "params", "--no-header"], "--no-header: is for labelled texts; name them with --check"),
    ],
)
def test_quantize_refuses(arguments: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--model", "tiny", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not (folder / "data/onnx").exists()
