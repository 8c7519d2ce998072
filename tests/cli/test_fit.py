"""The command fit: from a table to a bundle that answers."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import List

import pytest

from pipeline.cli.main import main

WORDS = {"Food": "pizza soup salad", "Music": "song guitar choir", "Sport": "goal team match"}
SETTINGS = "embed.glove= embed.dim=8 embed.ppmi_dim=0 network.hidden_size=8 train.learning_rate=0.05 train.epochs=8"
OPTIONS = [part for setting in SETTINGS.split() for part in ("--set", setting)]


@pytest.fixture
def table() -> str:
    """Return a sheet of three classes, with a row that has no label."""
    rows: List[List[str]] = [["Comment", "Category", "Author"]]
    for number in range(60):
        topic = sorted(WORDS)[number % 3]
        rows.append(
            [f"the {WORDS[topic].split()[number % 2]} and a {WORDS[topic].split()[2]}", topic, str(number // 6)]
        )
    with open("topics.csv", "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows([*rows, ["nothing", "", ""]])
    return "topics.csv"


def test_fit_trains_on_a_table_and_its_bundle_answers(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", *OPTIONS]) == 0
    out, err = capsys.readouterr()
    assert "topics.csv: --column Comment\ntopics.csv: --label-column Category\n" in err
    assert out.startswith(
        "train: 48 texts: Food 16, Music 16, Sport 16\nheld_out: 12 texts: Food 4, Music 4, Sport 4\n"
    )
    assert out.endswith("trained; to use it: sentiment infer --model model TEXT\n")
    metrics = json.loads(Path("model/metrics.json").read_text())["held_out"]
    assert (metrics["reviews"], metrics["accuracy"], metrics["confusion"][0]) == (12, 1.0, [4, 0, 0])
    assert main(["infer", "--model", "model", "a goal", "soup"]) == 0
    assert [line.split(" ")[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["Sport", "(Sport"],
        ["Food", "(Food"],
    ]
    assert main(["infer", "--model", "model", "--json", "a goal"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["row", "label", "probability", "probabilities", "words", "unknown", "cut", "error"]
    assert (found["label"], list(found["probabilities"])) == ("Sport", ["Food", "Music", "Sport"])
    Path("more.csv").write_text("text,label\na goal,sport\nsoup,MUSIC\n")
    assert main(["evaluate", "--model", "model", "--input", "more.csv", "--failures"]) == 0
    failure, _, food, *_ = capsys.readouterr().out.splitlines()
    assert failure.split("\t")[0] == "Music"
    assert failure.endswith("\tsoup")
    assert food.split()[:2] == ["Food", "0"]


def test_fit_of_a_sentiment_with_a_test_file(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{text},{label}\n" for text, label in (("great fun", 4), ("a bad plot", 0)) * 8)
    Path("train.csv").write_text(f"text,label\n{rows}")
    Path("test.csv").write_text("text,label\nfun plot,4\n")
    map_ = ["--label-map", "4=pos,0=neg"]
    assert main(["fit", "train.csv", "--test", "test.csv", "--output", "model", *map_, *OPTIONS]) == 0
    out = capsys.readouterr().out
    assert out.startswith("train: 16 texts: negative 8, positive 8\ntest: 1 texts: negative 0, positive 1\n")
    assert list(json.loads(Path("model/metrics.json").read_text())) == ["test"]
    assert main(["infer", "--model", "model", "great fun"]) == 0
    assert capsys.readouterr().out.startswith("Glad you liked it! (positive, ")


def test_fit_keeps_groups_together(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", "--group", "Author", "--held-out", "0.3", *OPTIONS]) == 0
    assert "\nheld_out: 18 texts: Food 6, Music 6, Sport 6\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--held-out", "1"], "--held-out 1.0: expected a fraction from 0 to less than 1"),
        (["--recipe", "smal"], "smal: no such recipe"),
        (["--recipe", "small"], "labels: expected two classes, found 3: the recipe small has a network of one output"),
        (["--label-column", "nothing"], "topics.csv: no column 'nothing'"),
        (["--set", "train.epoch=1"], "train.epoch: no such field"),
        (["--group", "writer"], "topics.csv: no column 'writer'; found 'Comment', 'Category', 'Author'"),
        (["--glove", "none.txt"], "none.txt: no such file"),
    ],
)
def test_fit_refuses(table: str, arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("model").exists()


def test_fit_does_not_overwrite_other_files(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("model").mkdir()
    Path("model/mine.txt").write_text("mine")
    assert main(["fit", table, "--output", "model"]) == 2
    assert "mine.txt" in capsys.readouterr().err
