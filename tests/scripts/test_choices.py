from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.recipe import Recipe
from scripts.choices import copy_training_reviews, main

GROUPS = "file,group,rating\n" + "".join(
    f"train/{name},{group},1\n"
    for name, group in (
        ("pos/0_9.txt", "a"),
        ("pos/1_10.txt", "b"),
        ("pos/2_8.txt", "c"),
        ("neg/0_1.txt", "a"),
        ("neg/1_2.txt", "b"),
        ("neg/2_3.txt", "c"),
    )
)
SMALLER = (
    "read.sentences= read.generated=0 embed.vectors= embed.ppmi_dim=0 embed.normalize=false network.hidden_size=3 "
    "train.epochs=1"
)


def test_copy_training_reviews_leaves_out_held_out_films(raw: Path, tiny: Recipe, tmp_path: Path) -> None:
    (raw / "aclImdb/groups.csv").write_text(GROUPS)
    recipe = replace(tiny, read=replace(tiny.read, split="film", held_out=0.3))  # held out: one film of three
    target = tmp_path / "chosen"
    assert copy_training_reviews(raw / "aclImdb", recipe, target) == 4
    files = {str(path.relative_to(target)) for path in target.glob("train/*/*.txt")}
    rows = (target / "groups.csv").read_text().splitlines()
    assert rows == [row for row in GROUPS.splitlines() if row.split(",")[0] in {"file", *files}]  # with all columns
    assert {row.split(",")[0] for row in rows[1:]} == files
    assert len(files) == 4
    assert len({row.split(",")[1] for row in rows[1:]}) == 2
    assert copy_training_reviews(raw / "aclImdb", recipe, target) == 4
    other = replace(recipe, read=replace(recipe.read, seed=3))  # another film is held out
    with pytest.raises(PipelineError, match="chosen: holds other reviews than tiny trains on; remove "):
        copy_training_reviews(raw / "aclImdb", other, target)
    assert all((target / file).read_bytes() == (raw / "aclImdb" / file).read_bytes() for file in files)


def test_variants_are_measured_once_each(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["quick", "--data", str(raw.parent), "--json", "found.json"]
    assert main([*arguments, "--variant", f"plain {SMALLER}"]) == 0
    assert (
        main([*arguments, "--variant", f"plain {SMALLER}", "--variant", f"wider {SMALLER} network.hidden_size=4"]) == 0
    )
    rows = json.loads(Path("found.json").read_text())
    assert [row["variant"].split()[0] for row in rows] == ["plain", "wider"]
    assert rows[0]["held_out"]["texts"] == 1
    assert 0 < rows[0]["held_out"]["loss"] < 2
    assert capsys.readouterr().out.count("4 reviews that quick trains on") == 2


def test_models_of_stars_are_measured_alone_and_together(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = SMALLER.replace("read.sentences= read.generated=0 ", "")
    settings += " read.split=random read.validation=0 train.calibrate=false ngram_model.min_df=1"
    arguments = ["stars", "--data", str(raw.parent), "--json", "found.json"]
    lstm = f"lstm {settings} ngram_model.max_n=0"
    assert main([*arguments, "--variant", lstm, "--variant", f"both {settings} ngram_model.max_n=2"]) == 0
    (alone, both) = (row["held_out"] for row in json.loads(Path("found.json").read_text()))
    assert sorted(alone) == ["accuracy", "loss", "mean_absolute_error", "texts", "within_one"]
    assert both.keys() - alone.keys() == {"lstm", "ngrams"}
    assert {both["lstm"], both["ngrams"]} <= {0, 1 / both["texts"], 1}
    assert "both" in capsys.readouterr().out


def test_a_variant_needs_a_name(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quick", "--data", str(raw.parent), "--variant", "embed.ppmi_dim=0"]) == 2
    assert "--variant embed.ppmi_dim=0: expected a name" in capsys.readouterr().err
