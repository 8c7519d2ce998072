"""The command tune: from a table to a recipe that fit takes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, List

import pytest

from pipeline.cli.main import main
from pipeline.corpus.reviews import load_reviews
from pipeline.recipes import find_recipe
from pipeline.workflow import tune as module

SETTINGS = "embed.vectors= embed.dim=8 embed.ppmi_dim=0 network.hidden_size=8 train.learning_rate=0.05 train.epochs=2"
OPTIONS = [part for setting in SETTINGS.split() for part in ("--set", setting)]
SPACE = ["--space", "train.epochs=1,2,8", "--space", "train.learning_rate=0.0001,0.05"]


@pytest.fixture
def table() -> str:
    pairs = [("the pizza and a salad", "Food"), ("a song by the choir", "Music"), ("the goal of the team", "Sport")]
    rows = "".join(f"{text} {number},{label},{number}\n" for number in range(20) for text, label in pairs)
    Path("topics.csv").write_text(f"text,label,by\n{rows}")
    return "topics.csv"


def tune(*arguments: str) -> int:
    return main(["tune", "topics.csv", "--output", "best.toml", *OPTIONS, *SPACE, *arguments])


def read_trials() -> List[Any]:
    return [json.loads(line) for line in Path("best.trials.jsonl").read_text().splitlines()[1:]]


@pytest.mark.usefixtures("table")
def test_tune_writes_a_recipe_that_fit_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert tune("--trials", "6") == 0
    out = capsys.readouterr().out
    assert out.startswith("train: 38 texts; to choose by: 10 texts\ntrial 1 of 6: 38 texts, loss ")
    assert "sentiment fit topics.csv --recipe best.toml --output FOLDER" in out
    assert "epoch 1" not in out
    trials = read_trials()
    assert [trial["texts"] for trial in trials] == [38] * 6  # too few texts to take a share of them
    assert trials[0]["settings"] == {"train.epochs": 2, "train.learning_rate": 0.05}
    best = min(trials, key=lambda trial: trial["loss"])
    recipe = find_recipe("best.toml")
    found = {"train.epochs": recipe.train.epochs, "train.learning_rate": recipe.train.learning_rate}
    assert found == best["settings"]
    assert (recipe.embed.dim, recipe.network.hidden_size) == (8, 8)
    assert main(["fit", "topics.csv", "--recipe", "best.toml", "--output", "model"]) == 0
    assert json.loads(Path("model/recipe.json").read_text())["name"] == "best"


@pytest.mark.usefixtures("table")
def test_tune_sees_no_text_that_fit_evaluates_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def record(train: Any, validation: Any, *rest: Any) -> None:
        seen["tune"] = {*train.texts, *validation.texts}
        seen["groups"] = {*train.groups} & {*validation.groups}
        raise module.PipelineError("seen")

    def stop(*rest: Any, **options: Any) -> None:
        raise module.PipelineError("read")

    monkeypatch.setattr(module, "describe_origin", record)
    monkeypatch.setattr("pipeline.train.train_network", stop)
    for options in (["--held-out", "0.3"], ["--group", "by"], ["--test", "topics.csv"]):
        assert tune(*options) == 2
        assert main(["fit", "topics.csv", "--output", "model", *OPTIONS, *options]) == 2
        reviews = load_reviews(Path("model.unfinished/reviews.jsonl"))
        assert seen["tune"] == {review.text for review in reviews if review.split == "train"}
        assert len(seen["tune"]) == {"0.3": 42, "by": 48, "topics.csv": 60}[options[1]]
        assert not seen["groups"]


@pytest.mark.usefixtures("table")
def test_tune_does_not_read_the_test_file() -> None:
    Path("test.csv").write_text("not a table of texts and labels")
    assert tune("--trials", "1", "--test", "test.csv") == 0


@pytest.mark.usefixtures("table")
def test_tune_goes_on_and_replaces_its_own_recipe_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert tune("--trials", "6", "--minutes", "0") == 0
    assert "stopped after 0 minutes; the same command goes on" in capsys.readouterr().out
    assert len(read_trials()) == 1
    assert tune("--trials", "6") == 0
    assert "best.trials.jsonl: 1 trials recorded\n" in capsys.readouterr().out
    trials = Path("best.trials.jsonl").read_bytes()
    Path("best.toml").write_text('base = "quick"\n')
    assert tune("--trials", "6") == 2
    assert "best.toml: is there already; move it, or choose another --output" in capsys.readouterr().err
    assert Path("best.toml").read_text() == 'base = "quick"\n'
    assert Path("best.trials.jsonl").read_bytes() == trials


@pytest.mark.usefixtures("table")
def test_tune_of_another_table_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert tune("--trials", "1") == 0
    Path("topics.csv").write_text(Path("topics.csv").read_text().replace("pizza", "pasta"))
    assert tune("--trials", "1") == 2
    assert "best.trials.jsonl: has the trials of another search; not the same: texts" in capsys.readouterr().err


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--trials", "0"], "--trials, --minutes: expected 1 or more trials"),
        (["--minutes", "nan"], "--trials, --minutes: expected 1 or more trials"),
        (["--validation-fraction", "0"], "--validation-fraction 0.0: expected a fraction"),
        (["--validation-fraction", "1"], "--validation-fraction 1.0: expected a fraction"),
        (["--validation-fraction", "0.01"], "--validation-fraction 0.01: too few texts to split"),
        (["--held-out", "2"], "--held-out 2.0: expected a fraction"),
        (["--output", "best.json"], "--output best.json: expected a name that ends in .toml"),
        (["--space", "train.epoch=1"], "train.epoch: no such field; did you mean train.epochs?"),
        (["--set", "embed.vectors=none.txt"], "none.txt: no such file"),
    ],
)
def test_tune_refuses(arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert tune(*arguments) == 2
    assert message in capsys.readouterr().err
    assert not Path("best.toml").exists()


def test_tune_goes_on_after_a_kill(table: str) -> None:
    arguments = ["tune", table, "--output", "best.toml", *OPTIONS, "--space", "train.epochs=2,7,8", "--trials", "3"]
    command = [sys.executable, "-m", "pipeline", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not (Path("best.trials.jsonl").exists() and read_trials()):
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    done = read_trials()
    assert main(arguments) == 0
    trials = read_trials()
    assert trials[: len(done)] == done
    assert [trial["settings"] for trial in trials[:1]] == [{"train.epochs": 2}]
    assert sorted(trial["settings"]["train.epochs"] for trial in trials) == [2, 7, 8]
