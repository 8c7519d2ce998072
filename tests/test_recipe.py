from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import recipes
from pipeline.errors import PipelineError
from pipeline.recipe import (
    Embed,
    Index,
    Network,
    Read,
    Recipe,
    Train,
    for_classes,
    from_dict,
    name_vectors,
    override,
    sections,
    to_dict,
)
from pipeline.recipes import QUICK, SMALL

NAMED = [value for value in vars(recipes).values() if isinstance(value, Recipe)]
BASE = Recipe(
    name="base", network=Network(num_outputs=1), train=Train(bucket_by_length=False)
)  # so that nothing is at odds with bucketed batches
FIELDS = [(section, option) for section in sections(BASE) for option in dataclasses.fields(getattr(BASE, section))]
NUMBERS = [(f"{section}.{option.name}", option.metadata) for section, option in FIELDS if "low" in option.metadata]
CHOICES = [(f"{section}.{option.name}", option.metadata) for section, option in FIELDS if "choices" in option.metadata]


def change(recipe: Recipe, name: str, value: Any) -> Recipe:
    """Set one field to a value of any type, past the parsing of `override`."""
    section, _, field = name.partition(".")
    return dataclasses.replace(recipe, **{section: dataclasses.replace(getattr(recipe, section), **{field: value})})


def value_of(recipe: Recipe, name: str) -> Any:
    section, _, field = name.partition(".")
    return getattr(getattr(recipe, section), field)


def test_named_recipes_are_found_by_their_names() -> None:
    assert {"lecture8", "lecture8_fixed", "quick"} <= set(recipes.RECIPES)
    assert [recipe.name for recipe in recipes.RECIPES.values()] == list(recipes.RECIPES)
    assert len({recipe.name for recipe in NAMED}) == len(NAMED) >= len(recipes.RECIPES)


@pytest.mark.parametrize("recipe", NAMED, ids=lambda recipe: recipe.name)
def test_named_recipe_comes_back_through_json(recipe: Recipe) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(recipe), allow_nan=False))) == recipe
    assert 0 < len(recipe.about) < 90


def test_lecture8_is_the_lectures() -> None:
    recipe = recipes.RECIPES["lecture8"]
    assert recipe.read == Read(held_out=0.3, validation=0.0, seed=42)
    assert recipe.index == Index(
        tokenizer="alphanumeric",
        vocab_size=5000,
        min_freq=1,
        vocab_from="all",
        tie_break="first_seen",
        count_first="Coming from the same director who'd done",
        oov="last_id",
        bos=False,
        max_length=500,
        truncation_side="right",
    )
    assert recipe.embed == Embed(vectors="glove.42B.300d.zip", member="", trainable=True)
    network, train = recipe.network, recipe.train
    assert (network.hidden_size, network.num_layers, network.bidirectional) == (64, 1, False)
    assert (network.masked, network.padding_side, network.pooling, network.dropout) == (False, "right", "flatten", 0)
    assert (train.epochs, train.batch_size, train.optimizer, train.learning_rate) == (10, 12, "sgd", 0.001)
    assert (train.lr_schedule, train.clip_norm, train.initializer) == ("constant", 0, "xavier")
    assert (train.shuffle, train.bucket_by_length) == (False, False)
    assert (train.drop_last, recipe.evaluate.drop_last) == (True, True)


def test_lecture8_fixed_mends_the_faults_and_nothing_else() -> None:
    faulty, fixed = recipes.RECIPES["lecture8"], recipes.RECIPES["lecture8_fixed"]
    names = [f"{section}.{option.name}" for section, option in FIELDS]
    assert {name for name in names if value_of(faulty, name) != value_of(fixed, name)} == {
        "index.vocab_from",
        "index.tie_break",
        "index.count_first",
        "index.oov",
        "network.masked",
        "network.pooling",
        "train.shuffle",
        "train.bucket_by_length",
        "train.drop_last",
        "evaluate.drop_last",
    }


def test_recipe_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        BASE.name = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        BASE.train.epochs = 5  # type: ignore[misc]


def test_sections_stand_in_the_order_of_the_stages() -> None:
    assert sections(BASE) == ("read", "index", "embed", "network", "ngram_model", "train", "evaluate")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("train.epochs=7", 7),
        (" train.epochs = 7", 7),
        ("train.epochs=1_000", 1000),
        ("train.learning_rate=0.01", 0.01),
        ("train.learning_rate=1e-4", 0.0001),
        ("train.learning_rate=1", 1.0),
        ("train.shuffle=false", False),
        ("network.bidirectional=True", True),
        ("index.bos=TRUE", True),
        ("index.truncation_side=left", "left"),
        ("network.pooling=max_mean", "max_mean"),
        ("embed.vectors=", ""),
        ("embed.vectors=my vectors/glove=1.txt", "my vectors/glove=1.txt"),
        ("index.vocab_size=0", 0),
        ("read.seed=4294967295", 4294967295),
    ],
)
def test_override_reads_a_value_as_its_field_has_it(setting: str, value: object) -> None:
    changed = override(BASE, [setting])
    name = setting.partition("=")[0].strip()
    assert value_of(changed, name) == value
    assert type(value_of(changed, name)) is type(value)
    assert change(changed, name, value_of(BASE, name)) == BASE  # nothing else has changed


def test_override_of_a_float_that_a_recipe_gives_as_a_whole_number() -> None:
    recipe = Recipe("any", train=Train(clip_norm=1, learning_rate=1))
    assert override(recipe, ["train.clip_norm=0.5"]).train.clip_norm == 0.5


@pytest.mark.parametrize(
    ("path", "named"),
    [("data/raw/glove.txt", "glove.txt"), ("data/raw/./a/b.vec", "a/b.vec"), ("glove.txt", "{here}/glove.txt")],
)
def test_vectors_are_named_below_the_raw_data_or_by_their_whole_path(path: str, named: str) -> None:
    here = Path.cwd().as_posix()
    assert name_vectors(Path(path)) == named.format(here=here)
    assert name_vectors(Path.cwd() / path) == named.format(here=here)


def test_override_changes_several_fields_and_not_the_recipe_itself() -> None:
    changed = override(BASE, ["train.epochs=5", "index.vocab_size=9", "train.seed=3", "train.epochs=6"])
    assert (changed.train.epochs, changed.train.seed, changed.index.vocab_size) == (6, 3, 9)
    assert (BASE.train.epochs, BASE.train.seed, BASE.index.vocab_size) == (3, 0, 20_000)
    assert override(BASE, []) == BASE


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([], "needs validation reviews; set read.validation, to 0.05 for instance"),
        (
            ["read.validation=0.1", "train.eval_split=held_out"],
            'chooses an epoch; set train.eval_split to "validation"',
        ),
    ],
)
def test_early_stopping_needs_validation_reviews(settings: list[str], message: str) -> None:
    with pytest.raises(PipelineError, match=f"^train.early_stopping: {message}$"):
        override(BASE, ["train.early_stopping=2", *settings])
    assert override(BASE, ["train.early_stopping=2", "read.validation=0.1"]).train.early_stopping == 2


@pytest.mark.parametrize("recipe", NAMED, ids=lambda recipe: recipe.name)
def test_for_classes_gives_an_output_for_each_and_leaves_two_alone(recipe: Recipe) -> None:
    five = for_classes(recipe, 5)
    assert (five.network.num_outputs, five.num_classes) == (5, 5)
    assert change(five, "network.num_outputs", recipe.network.num_outputs) == recipe
    if recipe.num_classes == 2:
        assert for_classes(recipe, 2) == recipe
    assert for_classes(five, 2).network.num_outputs == 2


def test_logits_are_those_of_each_class_and_model() -> None:
    assert (SMALL.num_logits, for_classes(SMALL, 3).num_logits, QUICK.num_logits) == (2, 6, 2)
    several = override(for_classes(SMALL, 3), ["network.ensemble_size=4"])
    assert several.num_logits == 15
    assert override(several, ["ngram_model.max_n=0"]).num_logits == 12


@pytest.mark.parametrize("setting", ["network.ensemble_size=2", "ngram_model.max_n=1", "train.adversarial_norm=5"])
def test_ensembles_and_adversarial_training_need_a_masked_network(setting: str) -> None:
    unmasked = override(BASE, ["network.masked=false"])
    with pytest.raises(PipelineError, match=r"needs? network\.masked=true$"):
        override(unmasked, [setting])


@pytest.mark.parametrize("recipe", NAMED, ids=lambda recipe: recipe.name)
def test_named_recipes_train_for_all_their_epochs(recipe: Recipe) -> None:
    assert recipe.train.early_stopping == 0


@pytest.mark.parametrize("order", [1, -1])
def test_override_looks_for_odds_when_all_is_set(order: int) -> None:
    settings = ["train.bucket_by_length=true", "train.shuffle=true"][::order]
    changed = override(override(BASE, ["train.shuffle=false"]), settings)
    assert (changed.train.bucket_by_length, changed.train.shuffle) == (True, True)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("train.epoch", "train.epochs"),
        ("trian.epochs", "train.epochs"),
        ("train.Epochs", "train.epochs"),
        ("epochs", "train.epochs"),
        ("evaluate.epochs", "train.epochs"),
        ("index.epochs", "train.epochs"),
        ("lerning_rate", "train.learning_rate"),
        ("batch_size", "train.batch_size"),
        ("network.dropuot", "network.dropout"),
        ("read.heldout", "read.held_out"),
        ("index.vocabsize", "index.vocab_size"),
    ],
)
def test_unknown_field_names_the_nearest_one(name: str, nearest: str) -> None:
    with pytest.raises(PipelineError) as caught:
        override(BASE, [f"{name}=1"])
    assert str(caught.value) == f"{name}: no such field; did you mean {nearest}?"


@pytest.mark.parametrize("name", ["", "xyz", "name", "about", "train.__class__", "."])
def test_unknown_field_that_is_near_to_none_is_refused(name: str) -> None:
    with pytest.raises(PipelineError, match="no such field"):
        override(BASE, [f"{name}=1"])


def test_setting_without_a_value_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"^train\.epochs: expected section\.field=value, as in train\.epochs=3$"):
        override(BASE, ["train.epochs"])


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.epochs=three", "train.epochs: expected a whole number, found 'three'"),
        ("train.epochs=3.0", "train.epochs: expected a whole number, found '3.0'"),
        ("train.epochs=", "train.epochs: expected a whole number, found ''"),
        ("train.epochs=true", "train.epochs: expected a whole number, found 'true'"),
        ("train.clip_norm=1,5", "train.clip_norm: expected a number, found '1,5'"),
        ("train.shuffle=yes", "train.shuffle: expected true or false, found 'yes'"),
        ("train.shuffle=0", "train.shuffle: expected true or false, found '0'"),
        ("index.truncation_side=middle", "index.truncation_side: expected one of 'right', 'left', found 'middle'"),
        ("index.truncation_side=Right", "index.truncation_side: expected one of 'right', 'left', found 'Right'"),
        ("train.epochs=0", "train.epochs: expected 1 or more, found 0"),
        ("train.epochs=-1", "train.epochs: expected 1 or more, found -1"),
        ("train.epochs=2147483648", "train.epochs: expected 1 to 2147483647, found 2147483648"),
        ("network.num_layers=9", "network.num_layers: expected 1 to 8, found 9"),
        ("read.held_out=0.91", "read.held_out: expected 0 to 0.9, found 0.91"),
        ("read.held_out=-0.1", "read.held_out: expected 0 to 0.9, found -0.1"),
        ("read.seed=4294967296", "read.seed: expected 0 to 4294967295, found 4294967296"),
        ("train.learning_rate=0", "train.learning_rate: expected 1e-12 or more, found 0.0"),
        ("train.learning_rate=nan", "train.learning_rate: expected 1e-12 or more, found nan"),
        ("train.learning_rate=inf", "train.learning_rate: expected 1e-12 or more, found inf"),
        ("train.clip_norm=1e999", "train.clip_norm: expected 0 or more, found inf"),
        ("network.dropout=nan", "network.dropout: expected 0 to 0.95, found nan"),
    ],
)
def test_value_that_does_not_fit_is_refused(setting: str, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        override(BASE, [setting])
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("train.epochs", 3.0, "a whole number"),
        ("train.epochs", True, "a whole number"),
        ("train.epochs", "3", "a whole number"),
        ("train.epochs", None, "a whole number"),
        ("train.learning_rate", True, "a number"),
        ("train.learning_rate", "0.1", "a number"),
        ("train.learning_rate", None, "a number"),
        ("train.shuffle", 1, "true or false"),
        ("train.shuffle", "true", "true or false"),
        ("train.shuffle", None, "true or false"),
        ("index.truncation_side", 0, "text"),
        ("index.truncation_side", ["right"], "text"),
        ("embed.vectors", None, "text"),
        ("embed.vectors", b"glove.txt", "text"),
    ],
)
def test_value_of_another_type_is_refused(name: str, value: object, expected: str) -> None:
    with pytest.raises(PipelineError) as caught:
        change(BASE, name, value)
    assert str(caught.value) == f"{name}: expected {expected}, found {value!r}"


def test_whole_number_will_do_for_a_float() -> None:
    assert change(BASE, "train.learning_rate", 1).train.learning_rate == 1


@pytest.mark.parametrize(("name", "limits"), NUMBERS)
def test_number_lies_between_its_limits(name: str, limits: dict[str, float]) -> None:
    base = change(BASE, "read.validation", 0.05)  # for early stopping
    for end in ("low", "high"):
        assert value_of(change(base, name, type(value_of(BASE, name))(limits[end])), name) == limits[end]
    for value in (limits["low"] - 1, float("nan"), float("inf"), -float("inf")):
        with pytest.raises(PipelineError, match=f"^{name}: expected "):
            change(BASE, name, value)
    with pytest.raises(PipelineError, match=f"^{name}: expected "):
        change(BASE, name, type(value_of(BASE, name))(limits["high"]) * 2 + 1)


@pytest.mark.parametrize(("name", "metadata"), CHOICES)
def test_choice_is_one_of_its_words(name: str, metadata: dict[str, tuple[str, ...]]) -> None:
    assert value_of(BASE, name) == metadata["choices"][0]
    for value in ("", "no such word", metadata["choices"][0] + " "):
        with pytest.raises(PipelineError, match=f"^{name}: expected one of '"):
            change(BASE, name, value)


def test_every_field_is_a_number_a_choice_a_switch_or_text() -> None:
    kinds = [type(option.default) for _, option in FIELDS]
    assert set(kinds) == {int, float, bool, str}
    assert len(NUMBERS) == kinds.count(int) + kinds.count(float) > 10  # none without limits
    assert len(CHOICES) > 5


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (["network.masked=false", "train.bucket_by_length=true"], "train.bucket_by_length"),
        (["network.pooling=flatten", "train.bucket_by_length=true"], "train.bucket_by_length"),
        (["network.masked=false", "network.pooling=mean"], "network.pooling"),
        (["network.masked=false", "network.pooling=max_mean"], "network.pooling"),
        (["network.padding_side=left"], "network.padding_side"),
        (["network.masked=false", "network.bidirectional=true"], "network.bidirectional"),
        (
            ["network.input_dropout=0.2", "network.bidirectional=true"],
            "network.bidirectional",
        ),
        (["network.input_dropout=0.2", "train.bucket_by_length=true"], "train.bucket_by_length"),
        (["train.shuffle=false", "train.bucket_by_length=true"], "train.bucket_by_length"),
    ],
)
def test_options_at_odds_are_refused(settings: list[str], named: str) -> None:
    with pytest.raises(PipelineError, match=f"^{named}: "):
        override(BASE, settings)
    if len(settings) > 1:  # either alone is fine
        for setting in settings:
            override(BASE, [setting])


def values() -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(to_dict(BASE)))
    return copy


def test_dictionary_has_every_section_and_field() -> None:
    assert list(values()) == ["name", "about", "read", "index", "embed", "network", "ngram_model", "train", "evaluate"]
    read = {
        "labels": "sentiment",
        "split": "random",
        "held_out": 0.3,
        "validation": 0.0,
        "seed": 42,
        "sentences": "",
        "generated": 0,
        "order": "name",
    }
    assert values()["read"] == read


@pytest.mark.parametrize("section", sections(BASE))
@pytest.mark.parametrize("other", [None, [], "text", 3])
def test_dictionary_with_something_else_for_a_section_is_refused(section: str, other: object) -> None:
    with pytest.raises(PipelineError, match=f"^recipe, section {section}: "):
        from_dict({**values(), section: other})


def test_dictionary_with_other_fields_is_refused_by_name() -> None:
    found = values()
    found["train"]["epoch"] = 3
    with pytest.raises(PipelineError, match=r"^recipe, section train: no such field: epoch; is it of a newer version"):
        from_dict(found)


def test_dictionary_of_an_older_version_takes_the_defaults() -> None:
    found = values()
    del found["train"]["eval_split"], found["ngram_model"]
    assert from_dict(found) == BASE


def test_dictionary_with_an_unknown_section_is_refused() -> None:
    with pytest.raises(PipelineError, match=r"^recipe: no such section: infer, serve$"):
        from_dict({**values(), "serve": {}, "infer": {}})


@pytest.mark.parametrize("found", [None, [], "recipe", 3, {}, {"name": "x"}, {"name": 3, "about": ""}])
def test_what_is_no_recipe_is_refused(found: Any) -> None:
    with pytest.raises(PipelineError, match=r"^recipe: expected an object with a name"):
        from_dict(found)


@pytest.mark.parametrize("about", [None, 3, []])
def test_dictionary_with_something_else_for_about_is_refused(about: object) -> None:
    with pytest.raises(PipelineError, match=r"^recipe: expected an object with a name"):
        from_dict({**values(), "about": about})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"3"', r"train\.epochs: expected a whole number, found '3'"),
        ("3.0", r"train\.epochs: expected a whole number, found 3\.0"),
        ("true", r"train\.epochs: expected a whole number, found True"),
        ("null", r"train\.epochs: expected a whole number, found None"),
        ("0", r"train\.epochs: expected 1 or more, found 0"),
        ("{}", r"train\.epochs: expected a whole number, found {}"),
        ("NaN", r"train\.epochs: expected a whole number, found nan"),
    ],
)
def test_dictionary_is_checked_like_any_recipe(text: str, message: str) -> None:
    found = values()
    found["train"]["epochs"] = json.loads(text)
    with pytest.raises(PipelineError, match=f"^{message}$"):
        from_dict(found)


def test_dictionary_whose_options_are_at_odds_is_refused() -> None:
    found = values()
    found["network"] = to_dict(dataclasses.replace(BASE, network=Network(masked=False)))["network"]
    found["train"]["bucket_by_length"] = True
    with pytest.raises(PipelineError, match=r"^train\.bucket_by_length: "):
        from_dict(found)
