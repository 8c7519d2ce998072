from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Union

import pytest

from pipeline.errors import PipelineError
from pipeline.recipe import Recipe, override
from pipeline.recipes import BEST, LECTURE8, QUICK, RECIPES, find_recipe, to_toml


def test_recipes_are_found_by_their_names() -> None:
    assert all(find_recipe(name) is recipe and recipe.name == name for name, recipe in RECIPES.items())
    with pytest.raises(PipelineError, match=r"^qick: no such recipe .* did you mean quick\?"):
        find_recipe("qick")


def test_recipe_is_read_from_a_file() -> None:
    Path("mine.toml").write_text(
        'base = "quick"\nabout = "longer"\n[train]\nepochs = 5\nlearning_rate = 1e-3\nshuffle = true\n'
        '[embed]\nvectors = ""\n[index]\nmax_length = 200\n'
    )
    recipe = find_recipe("mine.toml")
    assert (recipe.name, recipe.about) == ("mine", "longer")
    assert (recipe.train.epochs, recipe.train.learning_rate, recipe.train.shuffle) == (5, 0.001, True)
    assert (recipe.embed.vectors, recipe.index.max_length) == ("", 200)
    assert recipe.network == QUICK.network
    Path("same.toml").write_text('base = "quick"\n', encoding="utf-8-sig")  # with a mark, as some editors save it
    assert find_recipe("same.toml").train == QUICK.train


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('base = "quick"\n[train]\nepoch = 5\n', r"train\.epoch: no such field.*epochs"),
        ('base = "quick"\n[trian]\nepochs = 5\n', "trian"),
        ('base = "quick"\n[train]\nepochs = "many"\n', r"train\.epochs"),
        ('base = "quick"\n[train]\nepochs = 2.5\n', r"train\.epochs"),
        ('base = "quick"\n[train]\nepochs = [1]\n', r"train\.epochs"),
        ('base = "quik"\n', "quik: no such recipe .* did you mean quick"),
        ("[train]\nepochs = 5\n", 'expected a line such as base = "quick" at the top, found None'),
        ('base = "other.toml"\n', 'expected a line such as base = "quick"'),
        ('base = "quick"\nepochs = 5\n', r"epochs: expected a table, such as \[train\], found 5"),
        ("base = quick\n", "not TOML"),
        (b"\xff", "not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(content: Union[str, bytes], message: str) -> None:
    Path("mine.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(PipelineError, match=rf"^mine\.toml: .*{message}"):
        find_recipe("mine.toml")


def test_missing_file_is_named() -> None:
    with pytest.raises(PipelineError, match=r"^none\.toml: No such file or directory; expected a recipe in TOML"):
        find_recipe("none.toml")


def test_recipe_as_toml_has_what_differs_from_the_nearest_one() -> None:
    recipe = override(BEST, ["train.learning_rate=1e-05", "train.epochs=9", "embed.vectors=", "train.shuffle=true"])
    assert to_toml(recipe) == (
        'base = "best"\nabout = "the strongest: two LSTMs on GloVe and PPMI vectors, and n-grams, calibrated"\n\n'
        '[embed]\nvectors = ""\n\n[train]\nepochs = 9\nlearning_rate = 1e-05\n'
    )


@pytest.mark.parametrize(
    "recipe",
    [
        *RECIPES.values(),
        Recipe(name="default"),
        override(
            LECTURE8, ['index.count_first=a = "quoted"\\ line\n\té', "train.shuffle=true", "train.clip_norm=1e+20"]
        ),
    ],
    ids=lambda recipe: recipe.name,
)
def test_recipe_is_read_back_from_toml(recipe: Recipe) -> None:
    Path("mine.toml").write_text(to_toml(recipe), encoding="utf-8")
    assert find_recipe("mine.toml") == replace(recipe, name="mine")


def test_stars_are_of_reviews_alone() -> None:
    recipe = find_recipe("stars")
    assert (recipe.is_ordered, recipe.num_classes, recipe.read.split) == (True, 8, "film")
    assert (recipe.read.sentences, recipe.read.generated) == ("", 0)
    for setting in ("read.sentences=rotten_tomatoes", "read.generated=5"):
        with pytest.raises(
            PipelineError, match=r'read\.labels="stars": sentences have no stars; set read.sentences to'
        ):
            override(recipe, [setting])
