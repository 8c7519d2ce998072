from __future__ import annotations

from pathlib import Path
from typing import Union

import pytest

from pipeline.errors import PipelineError
from pipeline.recipe import override
from pipeline.recipes import QUICK, RECIPES, find_recipe


def test_recipes_are_found_by_their_names() -> None:
    assert all(find_recipe(name) is recipe and recipe.name == name for name, recipe in RECIPES.items())
    with pytest.raises(PipelineError, match=r"^qick: no such recipe .* did you mean quick\?"):
        find_recipe("qick")


def test_recipe_is_read_from_a_file() -> None:
    Path("mine.toml").write_text(
        'base = "quick"\nabout = "longer"\n[train]\nepochs = 5\nlearning_rate = 1e-3\nshuffle = true\n'
        '[embed]\nglove = ""\n[index]\nmax_length = 200\n'
    )
    recipe = find_recipe("mine.toml")
    assert (recipe.name, recipe.about) == ("mine", "longer")
    assert (recipe.train.epochs, recipe.train.learning_rate, recipe.train.shuffle) == (5, 0.001, True)
    assert (recipe.embed.glove, recipe.index.max_length) == ("", 200)
    assert recipe.network == QUICK.network
    Path("same.toml").write_text('base = "quick"\n')
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


def test_stars_are_of_reviews_alone() -> None:
    recipe = find_recipe("stars")
    assert (recipe.is_ordered, recipe.num_classes, recipe.read.split) == (True, 8, "film")
    assert (recipe.read.sentences, recipe.read.generated) == ("", 0)
    for setting in ("read.sentences=rotten_tomatoes", "read.generated=5"):
        with pytest.raises(
            PipelineError, match=r'read\.labels="stars": sentences have no stars; set read.sentences to'
        ):
            override(recipe, [setting])
