"""The named recipes, as a table: what is not said here is a default of `pipeline.recipe`."""

from __future__ import annotations

import difflib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Tuple

from pipeline.errors import PipelineError
from pipeline.recipe import (
    Embed,
    Evaluate,
    Index,
    Network,
    NgramModel,
    Read,
    Recipe,
    Train,
    override,
    sections,
    to_dict,
)

LECTURE8 = Recipe(
    name="lecture8",
    about="the lecture's network as printed, faults included",
    read=Read(held_out=0.3, seed=42),
    index=Index(
        tokenizer="alphanumeric",
        vocab_size=5000,
        vocab_from="all",  # fault: held-out reviews too
        tie_break="first_seen",
        count_first="Coming from the same director who'd done",  # the lecture's first file
        oov="last_id",  # fault: rare words share a real word's vector
        max_length=500,
    ),
    embed=Embed(vectors="glove.42B.300d.zip"),
    network=Network(hidden_size=64, masked=False, pooling="flatten"),  # faults: reads the padding; tied to 500 steps
    train=Train(
        epochs=10,
        batch_size=12,
        optimizer="sgd",
        learning_rate=0.001,
        initializer="xavier",
        shuffle=False,  # fault: the same order in every epoch
        bucket_by_length=False,
        drop_last=True,  # fault: the last part batch is never seen
    ),
    evaluate=Evaluate(drop_last=True),
)

LECTURE8_FIXED = replace(
    LECTURE8,
    name="lecture8_fixed",
    about="the same network with its faults corrected",
    index=replace(LECTURE8.index, vocab_from="train", tie_break="alphabetical", count_first="", oov="unk"),
    network=Network(hidden_size=64, masked=True, pooling="sum"),  # the lecture's classifier, one weight for all steps
    train=replace(LECTURE8.train, shuffle=True, bucket_by_length=True, drop_last=False),
    evaluate=Evaluate(),
)

QUICK = Recipe(
    name="quick",
    about="good accuracy within minutes on two cores",
    read=Read(split="film", sentences="rotten_tomatoes", generated=20_000),
    index=Index(tokenizer="ptb", vocab_size=20_000, max_length=300),
    embed=Embed(ppmi_dim=30),
    network=Network(hidden_size=64, bidirectional=True, pooling="max_mean", embedding_dropout=0.2, dropout=0.4),
    train=Train(
        epochs=3,
        batch_size=32,
        optimizer="adam",
        learning_rate=0.003,
        lr_schedule="cosine",
        clip_norm=1.0,
        random_crop_prob=0.3,
    ),
)

BEST = Recipe(
    name="best",
    about="the strongest: two LSTMs on GloVe and PPMI vectors, and n-grams, calibrated",
    read=Read(split="film", validation=0.05, sentences="rotten_tomatoes", generated=40_000),
    index=Index(tokenizer="ptb", vocab_size=30_000, max_length=400, truncation_side="left"),
    embed=Embed(ppmi_dim=50, normalize=True),
    network=replace(QUICK.network, num_outputs=1, hidden_size=128, ensemble_size=2, embedding_dropout=0.3, dropout=0.5),
    ngram_model=NgramModel(max_n=3, min_df=10, generated=False),
    train=replace(
        QUICK.train, epochs=3, learning_rate=0.002, random_crop_prob=0.0, adversarial_norm=5.0, calibrate=True
    ),
)

SMALL = replace(
    QUICK,
    name="small",
    about="comes with the package: as best, with one LSTM of half the size and a smaller vocabulary",
    read=BEST.read,
    index=replace(QUICK.index, truncation_side="left"),
    embed=replace(QUICK.embed, normalize=True),
    network=replace(QUICK.network, num_outputs=1),
    ngram_model=NgramModel(max_n=3, min_df=5),
    train=replace(QUICK.train, random_crop_prob=0.0, adversarial_norm=5.0, calibrate=True),
)

STARS = replace(
    SMALL,
    name="stars",
    about="the stars of a review, 1 to 4 or 7 to 10, as ordered classes",
    read=Read(labels="stars", split="film", validation=0.05),
    network=replace(SMALL.network, num_outputs=8),
    train=replace(SMALL.train, epochs=4),
)

CRASH_COURSE = Recipe(
    name="crash_course",
    about="Keras's IMDB example: the last 80 words, dropout in the LSTM, heavily over-fitted",
    index=Index(
        tokenizer="keras",
        vocab_size=20_000,
        vocab_from="all",  # as Keras's data set has it
        bos=True,
        max_length=80,
        truncation_side="left",
    ),
    embed=Embed(vectors="", dim=128),
    network=Network(
        num_outputs=1,
        hidden_size=128,
        masked=False,
        padding_side="left",
        pooling="last",
        input_dropout=0.2,
        recurrent_dropout=0.2,
    ),
    train=Train(
        epochs=15,
        batch_size=32,
        optimizer="adam",
        initializer="keras",
        bucket_by_length=False,
        eval_split="held_out",  # as Keras's example does, so that the over-fitting shows
    ),
)

STACKED = Recipe(
    name="stacked",
    about="two LSTMs on 500 words, the padding in front",
    index=Index(tokenizer="keras", vocab_size=0, vocab_from="all", bos=True, max_length=500, truncation_side="left"),
    embed=Embed(vectors="", dim=100),
    network=Network(num_outputs=1, hidden_size=32, num_layers=2, masked=False, padding_side="left", pooling="last"),
    train=Train(epochs=1, batch_size=64, optimizer="adam", initializer="keras", bucket_by_length=False),
)

STACKED_MASKED = replace(
    STACKED,
    name="stacked_masked",
    about="the same with the padding masked",
    network=replace(STACKED.network, masked=True, padding_side="right"),
)

MNIST_ROWS = Recipe(
    name="mnist_rows",
    about="digits, read row by row",
    index=Index(max_length=28),
    network=Network(num_outputs=10, hidden_size=50, masked=False, pooling="last"),
    train=Train(epochs=3, batch_size=128, optimizer="adam", initializer="keras", bucket_by_length=False),
)

# What the staged scripts run. MNIST_ROWS is not of words: scripts/reproduce.py runs it.
RECIPES = {
    recipe.name: recipe
    for recipe in (LECTURE8, LECTURE8_FIXED, QUICK, SMALL, BEST, STARS, CRASH_COURSE, STACKED, STACKED_MASKED)
}


def find_recipe(name: str) -> Recipe:
    """Return the recipe of a name, or of a TOML file.

    Parameters
    ----------
    name : str
        A recipe's name, or a file that ends in ``.toml``. The file has a table for each section with the fields that
        differ from the recipe that ``base`` names; the recipe is called as the file is, without ``.toml``::

            base = "quick"
            [train]
            epochs = 4

    Returns
    -------
    Recipe

    Raises
    ------
    PipelineError
        If there is no such recipe or field (names the nearest one), a value does not fit, or the file is not TOML.
    """
    if name.endswith(".toml"):
        return _read_recipe(Path(name))
    if name not in RECIPES:
        near = difflib.get_close_matches(name, RECIPES, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PipelineError(f"{name}: no such recipe (there are {', '.join(RECIPES)}){hint}")
    return RECIPES[name]


def _read_recipe(path: Path) -> Recipe:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise PipelineError(f"{path}: {error.strerror}; expected a recipe in TOML") from None
    except ValueError as error:  # not TOML, or not UTF-8
        raise PipelineError(f"{path}: not TOML ({error})") from None
    base, about = given.pop("base", None), given.pop("about", "")
    if not isinstance(base, str) or base.endswith(".toml") or not isinstance(about, str):
        raise PipelineError(f'{path}: expected a line such as base = "quick" at the top, found {base!r}')
    settings = []
    for section, fields in given.items():
        if not isinstance(fields, dict):
            raise PipelineError(f"{path}: {section}: expected a table, such as [train], found {fields!r}")
        for field, value in fields.items():
            settings.append(f"{section}.{field}={str(value).lower() if isinstance(value, bool) else value}")
    try:
        return replace(override(find_recipe(base), settings), name=path.stem, about=about)
    except PipelineError as error:
        raise PipelineError(f"{path}: {error}") from None


def to_toml(recipe: Recipe) -> str:
    """Return the content of a file from which `find_recipe` reads the recipe, with the file's name.

    Parameters
    ----------
    recipe : Recipe

    Returns
    -------
    str
        TOML: the fields that differ from the nearest named recipe.
    """
    base = min(RECIPES.values(), key=lambda named: len(_differences(named, recipe)))
    lines, section = [f"base = {json.dumps(base.name)}", f"about = {json.dumps(recipe.about, ensure_ascii=False)}"], ""
    for (part, field), value in _differences(base, recipe).items():
        lines += ["", f"[{part}]"] * (part != section)
        lines.append(f"{field} = {json.dumps(value, ensure_ascii=False)}")  # TOML writes these values as JSON does
        section = part
    return "\n".join(lines) + "\n"


def _differences(base: Recipe, recipe: Recipe) -> Dict[Tuple[str, str], Any]:
    """Return the values of the recipe's fields that differ from those of another, by section and field."""
    one, other = to_dict(base), to_dict(recipe)
    return {
        (section, field): value
        for section in sections(recipe)
        for field, value in other[section].items()
        if value != one[section][field]
    }
