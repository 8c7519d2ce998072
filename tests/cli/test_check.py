"""The command check: likely label errors and the learning curve of a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import List

import pytest

from pipeline.cli.main import main

WRONG = {7: "positive", 21: "positive", 42: "negative"}  # rows of the table, from 1


@pytest.fixture
def table() -> str:
    """Return a table of 60 texts in which three labels are wrong, and a row that is left out."""
    rows: List[List[str]] = [["text", "label", "by"]]
    for row in range(1, 61):
        positive = row % 2 == 0
        text = f"{'a great film,  I loved' if positive else 'a bad film, I hated'} scene {row // 6}"
        rows.append([text, WRONG.get(row, "positive" if positive else "negative"), str(row % 10)])
    with open("films.csv", "w", newline="") as file:
        csv.writer(file).writerows([*rows, ["nothing", "", ""]])
    return "films.csv"


def test_check_finds_labels_that_are_wrong(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table, "--label-errors"]) == 0
    lines = capsys.readouterr().out.splitlines()
    start = lines.index("3 texts (5.0%) are likely labelled wrong:")
    assert lines[0] == "60 texts of 2 classes: negative 29, positive 31"  # the other checks come first
    assert sorted(line.partition(":")[0] for line in lines[start + 1 :]) == ["    row 21", "    row 42", "    row 7"]
    (line,) = [line for line in lines if line.startswith("    row 42: ")]
    assert line.startswith("    row 42: negative, rather positive (0.")
    assert line.endswith("): a great film, I loved scene 7")


def test_check_writes_all_of_them(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table, "--label-errors", "--output", "wrong.csv", "--group", "by"]) == 0
    assert capsys.readouterr().out.endswith("wrong\nwrong.csv: all of them, the likeliest first\n")
    with open("wrong.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {int(row["row"]): row["label"] for row in rows} == WRONG
    assert list(rows[0]) == ["row", "label", "suggested", "probability", "text"]
    assert all(row["suggested"] != row["label"] and 0.5 < float(row["probability"]) < 1 for row in rows)


def test_check_shows_ten_and_says_how_to_see_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{text},{label}\n" for text, label in (("good fun\x1b", 1), ("bad plot", 0)) * 60)
    Path("table.csv").write_text(f"text,label\n{rows}good fun\x1b,0\n" + "bad plot,1\ngood fun\x1b,0\n" * 6)
    assert main(["check", "table.csv", "--label-errors"]) == 0
    out = capsys.readouterr().out
    assert "13 texts (9.8%) are likely labelled wrong:" in out
    assert out.count("\n    row ") == 10
    assert "\x1b" not in out
    assert out.endswith("    -> --output FILE.csv writes all 13\n")


def test_check_measures_a_learning_curve(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table, "--learning-curve"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()[-5:]
    assert head.split() == ["texts", "trained", "on", "accuracy", "standard", "deviation"]
    assert [row.split()[:2] for row in rows] == [["5", "10%"], ["10", "20%"], ["24", "50%"], ["48", "100%"]]
    assert rows[-1].split()[2] == "0.9500"  # three of 60 labels are wrong


def test_check_draws_the_learning_curve(table: str) -> None:
    pytest.importorskip("matplotlib")
    assert main(["check", table, "--learning-curve", "--plot", "curve.png"]) == 0
    assert Path("curve.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "wrong.csv"], "--output wrong.csv: is for likely label errors; add --label-errors"),
        (["--plot", "curve.png"], "--plot curve.png: is for the learning curve; add --learning-curve"),
        (["--label-errors", "--output", "films.csv"], "films.csv: is also an input"),
        (["--learning-curve", "--plot", "curve.txt"], "--plot curve.txt: expected a name that ends in .png"),
        (["--label-errors", "--group", "author"], "films.csv: no column 'author'"),
    ],
)
def test_check_refuses(table: str, arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path(table).read_bytes()
    assert main(["check", table, *arguments]) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert out == ""
    assert Path(table).read_bytes() == before
