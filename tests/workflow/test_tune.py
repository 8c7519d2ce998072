"""The search: which trials are run, and what is left of them in the file."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Tuple

import pytest

from pipeline.corpus.classes import SENTIMENT
from pipeline.corpus.training_table import LabelledTexts
from pipeline.errors import PipelineError
from pipeline.recipe import Recipe, override
from pipeline.recipes import QUICK, find_recipe
from pipeline.workflow import tune as module
from pipeline.workflow.tune import (
    SPACE,
    Settings,
    Trial,
    TrialLog,
    count_candidates,
    describe_origin,
    draw_candidates,
    halve,
    make_recipe,
    parse_space,
    plan_rungs,
    tune,
)

PATH = Path("best.trials.jsonl")


def labelled(count: int, word: str = "film") -> LabelledTexts:
    return LabelledTexts(
        [f"{word} {i}" for i in range(count)], [i % 2 for i in range(count)], SENTIMENT, [], list(range(1, count + 1))
    )


def epochs(count: int) -> Settings:
    return {"train.epochs": count}


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> List[Tuple[int, int]]:
    """Replace the training by a table of losses; return the epochs and texts of those that were run."""
    ran: List[Tuple[int, int]] = []

    def train(texts: List[str], labels: List[int], recipe: Recipe, *_: Any, **__: Any) -> Tuple[Any, None]:
        ran.append((recipe.train.epochs, len(texts)))
        if recipe.train.epochs == 13:
            raise PipelineError("the loss is not finite")
        return SimpleNamespace(recipe=recipe, values=None), None

    def answer(self: Any, texts: List[str]) -> Any:
        import numpy as np

        wrong = abs(self.epochs - 5) / 10  # 5 epochs are best
        return np.array([[wrong, 1 - wrong] if i % 2 else [1 - wrong, wrong] for i in range(len(texts))])

    class Answering:
        def __init__(self, bundle: Any, device: str) -> None:
            self.epochs = bundle.recipe.train.epochs

        predict_proba = answer

    monkeypatch.setattr(module, "train_bundle", train)
    monkeypatch.setattr(module, "Predictor", Answering)
    return ran


def search(recipe: Recipe, values: List[int], train: int = 900, **options: Any) -> TrialLog:
    parts = labelled(train), labelled(10, "other")
    log = TrialLog(PATH, describe_origin(*parts, recipe, Path("none")))
    tune(*parts, recipe, [epochs(value) for value in values], Path("none"), log, **options)
    return log


def test_space_has_the_types_of_the_fields() -> None:
    space = parse_space(
        QUICK, ["train.learning_rate=1e-3,0.001,1", "index.tokenizer=ptb,keras", "train.calibrate=false"]
    )
    assert space == {
        "train.learning_rate": (0.001, 1.0),
        "index.tokenizer": ("ptb", "keras"),
        "train.calibrate": (False,),
    }
    assert len(parse_space(QUICK, SPACE)) == 4


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("train.epoch=1", r"train\.epoch: no such field; did you mean train\.epochs\?"),
        ("train.epochs=1,two", r"train\.epochs: expected a whole number, found 'two'"),
        ("train.epochs=", r"train\.epochs: expected a whole number, found ''"),
        ("train.epochs=1,", r"train\.epochs: expected a whole number, found ''"),
        ("network.dropout=2", r"network\.dropout: expected 0 to 0\.95"),
        ("embed.vectors=a.txt,b.txt", r"--space embed\.vectors=a\.txt,b\.txt: all trials have the same vectors"),
        ("read.seed=1,2", r"--space read\.seed=1,2: another split would change the texts"),
        ("", "no such field"),
    ],
)
def test_wrong_space_is_refused(entry: str, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        parse_space(QUICK, [entry])


def test_candidates_begin_with_the_recipe_and_differ() -> None:
    space = parse_space(QUICK, SPACE)
    candidates = draw_candidates(QUICK, space, 9)
    assert candidates[0] == {
        "train.learning_rate": 0.003,
        "train.epochs": 3,
        "network.hidden_size": 64,
        "network.dropout": 0.4,
    }
    assert len({json.dumps(settings) for settings in candidates}) == 9
    assert draw_candidates(QUICK, space, 27)[:9] == candidates
    assert draw_candidates(override(QUICK, ["train.seed=1"]), space, 9) != candidates
    assert len(draw_candidates(QUICK, space, 1000)) == 82  # 3 * 3 * 3 * 3, and the recipe's own
    assert draw_candidates(QUICK, {"train.epochs": (3,)}, 5) == [epochs(3)]


def test_candidate_at_odds_with_the_recipe_is_refused_before_any_training() -> None:
    space = parse_space(QUICK, ["train.batch_size=32,50000", "index.max_length=300,600"])
    with pytest.raises(PipelineError, match=r"train\.batch_size times index\.max_length: expected 16777216 or less"):
        draw_candidates(QUICK, space, 4)


@pytest.mark.parametrize(
    ("trials", "rungs"),
    [(1, [1]), (3, [3]), (5, [3]), (6, [4, 2]), (12, [9, 3]), (13, [9, 3]), (39, [27, 9, 3]), (16, [10, 4, 2])],
)
def test_rungs_keep_to_the_number_of_trials(trials: int, rungs: List[int]) -> None:
    assert plan_rungs(count_candidates(trials, 100_000), 100_000) == rungs


@pytest.mark.parametrize(
    ("trials", "texts", "rungs"), [(12, 599, [12]), (12, 600, [9, 3]), (16, 1799, [12, 4]), (16, 1800, [10, 4, 2])]
)
def test_rungs_have_different_numbers_of_texts(trials: int, texts: int, rungs: List[int]) -> None:
    assert plan_rungs(count_candidates(trials, texts), texts) == rungs


def test_halving_gives_more_texts_to_the_best() -> None:
    losses = {1: 0.9, 2: 0.2, 3: 0.8, 4: 0.3, 5: 0.7, 6: 0.1, 7: 0.6, 8: 0.5, 9: 0.4}
    ran: List[Tuple[int, int]] = []

    def run(settings: Settings, count: int) -> Trial:
        ran.append((settings["train.epochs"], count))
        return Trial(settings, 1, 0, 0.0, losses[settings["train.epochs"]], 0.5)

    assert len(list(halve([epochs(count) for count in losses], 1000, run))) == 12
    assert ran[:9] == [(count, 333) for count in losses]
    assert ran[9:] == [(6, 1000), (2, 1000), (4, 1000)]


def test_trials_are_recorded_and_not_repeated(trained: List[Tuple[int, int]]) -> None:
    values = [3, 9, 5, 6]
    log = search(QUICK, values)
    assert trained == [(3, 300), (9, 300), (5, 300), (6, 300), (5, 900), (6, 900)]
    origin, *lines = [json.loads(line) for line in PATH.read_text().splitlines()]
    assert origin["train.learning_rate"] == 0.003
    assert lines[0] == {
        "settings": {"train.epochs": 3},
        "texts": 300,
        "seed": 0,
        "seconds": lines[0]["seconds"],
        "loss": pytest.approx(-math.log(0.8)),
        "accuracy": 1.0,
        "error": "",
    }
    assert log.find_best().settings == epochs(5)
    trained.clear()
    assert search(QUICK, values).trials == log.trials
    assert trained == []
    search(QUICK, [*values, 4])  # another candidate of the same search
    assert trained == [(4, 300)]


def test_search_goes_on_after_a_kill_in_any_trial(trained: List[Tuple[int, int]]) -> None:
    values = [3, 9, 5, 6]
    whole = search(QUICK, values)
    lines = PATH.read_text().splitlines(keepends=True)
    for done in range(len(lines)):
        PATH.write_text("".join(lines[:done]))
        trained.clear()
        found = search(QUICK, values).trials
        assert len(trained) == 6 - max(done - 1, 0)
        assert [trial._replace(seconds=0) for trial in found] == [trial._replace(seconds=0) for trial in whole.trials]


def test_no_trial_begins_after_the_minutes(trained: List[Tuple[int, int]]) -> None:
    search(QUICK, [3, 5, 9, 6], minutes=0)
    assert trained == [(3, 300)]
    search(QUICK, [3, 5, 9, 6], minutes=0)  # those that are recorded take no time of it
    assert trained == [(3, 300), (5, 300)]


def test_small_tables_are_not_cut(trained: List[Tuple[int, int]]) -> None:
    search(QUICK, [3, 9, 5, 6], train=150)
    assert trained == [(3, 150), (9, 150), (5, 150), (6, 150)]
    PATH.unlink()
    trained.clear()
    search(QUICK, [3, 9, 5, 6], train=599)
    assert [texts for _, texts in trained] == [599] * 4
    PATH.unlink()
    trained.clear()
    search(QUICK, [3, 9, 5, 6], train=600)
    assert [texts for _, texts in trained] == [200] * 4 + [600] * 2


def test_failed_trial_is_recorded_and_goes_no_further(trained: List[Tuple[int, int]]) -> None:
    log = search(QUICK, [3, 13, 5, 6])
    assert [trial.error for trial in log.trials] == ["", "the loss is not finite", "", "", "", ""]
    assert log.trials[1].loss is None
    assert (13, 900) not in trained
    assert TrialLog(PATH, log.origin).trials == log.trials


def test_recipe_that_cannot_be_trained_itself_ends_the_search(trained: List[Tuple[int, int]]) -> None:
    with pytest.raises(PipelineError, match="the loss is not finite"):
        search(override(QUICK, ["train.epochs=13"]), [13, 5])
    search(QUICK, [3, 5])  # no trial was made of the other recipe, so its file is free
    assert len(TrialLog(PATH, describe_origin(labelled(900), labelled(10, "other"), QUICK, Path("none"))).trials) == 2


def test_trials_of_other_inputs_are_refused(trained: List[Tuple[int, int]]) -> None:
    search(QUICK, [3, 5])
    before = PATH.read_bytes()
    for recipe, train, changed in (
        (override(QUICK, ["train.batch_size=8", "train.epochs=4"]), 900, "train.epochs, train.batch_size"),
        (QUICK, 901, "texts"),
    ):
        with pytest.raises(PipelineError, match=rf"^best\.trials\.jsonl: .*not the same: {changed}\. Choose another"):
            search(recipe, [3, 5], train=train)
    assert PATH.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("what\n", "line 1: not JSON"),
        ("[1]\n", r"line 1: expected an object, found \[1\]"),
        ('{}\n{"settings": {}}\n', "has the trials of another search"),
        ("ORIGIN\nbroken", "line 2: not JSON"),
        ('ORIGIN\n{"setting": {}}\n', "not the trials of a search"),
    ],
)
def test_other_files_are_not_taken_for_trials(content: str, message: str) -> None:
    origin: Dict[str, Any] = {"train.epochs": 3}
    PATH.write_text(content.replace("ORIGIN", json.dumps(origin)))
    with pytest.raises(PipelineError, match=message):
        TrialLog(PATH, origin)


def test_origin_is_of_texts_labels_groups_and_vectors() -> None:
    texts, other = labelled(4), labelled(2, "other")
    Path("my.vec").write_text("film 1 2\n")
    origin = describe_origin(texts, other, QUICK, Path("my.vec"))
    changed = [
        describe_origin(texts._replace(texts=["film 0", "film 1", "film 2", "film 33"]), other, QUICK, Path("my.vec")),
        describe_origin(texts._replace(labels=[0, 1, 0, 0]), other, QUICK, Path("my.vec")),
        describe_origin(texts._replace(groups=["a", "a", "b", "b"]), other, QUICK, Path("my.vec")),
        describe_origin(texts._replace(classes=("no", "yes")), other, QUICK, Path("my.vec")),
        describe_origin(other, texts, QUICK, Path("my.vec")),
        describe_origin(texts, other, QUICK, Path("none.vec")),
        describe_origin(texts, other, override(QUICK, ["train.seed=1"]), Path("my.vec")),
    ]
    assert len({json.dumps(each) for each in [origin, *changed]}) == 8


def test_best_trial_is_one_on_the_most_texts() -> None:
    log = TrialLog(PATH, {})
    with pytest.raises(PipelineError, match=r"best\.trials\.jsonl: has no trial that succeeded"):
        log.find_best()
    log.trials = [
        Trial(epochs(1), 100, 0, 1.0, 0.1, 0.9),
        Trial(epochs(2), 300, 0, 1.0, 0.3, 0.9),
        Trial(epochs(3), 300, 0, 1.0, 0.2, 0.8),
        Trial(epochs(4), 300, 0, 1.0, error="failed"),
    ]
    assert log.find_best().settings == epochs(3)


def test_recipe_of_a_trial_is_read_from_its_file() -> None:
    recipe = override(QUICK, ["train.seed=7"])
    trial = Trial({"train.learning_rate": 1e-05, "network.dropout": 0.0}, 300, 7, 1.0, 0.25, 0.875)
    Path("best.toml").write_bytes(make_recipe(recipe, trial))
    found = find_recipe("best.toml")
    assert (
        found.about == "tuned: 300 texts, loss 0.2500, accuracy 0.8750: train.learning_rate=1e-05 network.dropout=0.0"
    )
    assert (found.train.learning_rate, found.network.dropout, found.train.seed) == (1e-05, 0.0, 7)
    assert found.read == recipe.read
