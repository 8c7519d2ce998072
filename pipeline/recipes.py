"""The named recipes, as a table: what is not said here is a default of `pipeline.recipe`."""

from __future__ import annotations

import difflib
from dataclasses import replace

from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Evaluate, Index, Network, Read, Recipe, Train, Wide

LECTURE8 = Recipe(
    name="lecture8",
    about="the lecture's network as printed, faults included",
    read=Read(held_out=0.3, seed=42),
    index=Index(
        words="letters",
        rows=5000,
        counted="all",  # fault: held-out reviews too
        ties="first seen",
        counted_first="Coming from the same director who'd done",  # the lecture's first file
        rare="last row",  # fault: rare words share a real word's vector
        steps=500,
    ),
    embed=Embed(glove="glove.42B.300d.zip"),
    network=Network(units=64, masked=False, pooling="every step"),  # faults: reads the padding; tied to 500 steps
    train=Train(
        epochs=10,
        batch_size=12,
        optimizer="sgd",
        learning_rate=0.001,
        initializer="xavier",
        shuffle=False,  # fault: the same order in every epoch
        bucketed=False,
        drop_last=True,  # fault: the last part batch is never seen
    ),
    evaluate=Evaluate(drop_last=True),
)

LECTURE8_FIXED = replace(
    LECTURE8,
    name="lecture8_fixed",
    about="the same network, faults mended",
    index=replace(LECTURE8.index, counted="train", ties="alphabet", counted_first="", rare="unknown"),
    network=Network(units=64, masked=True, pooling="sum"),  # the lecture's classifier, one weight for all steps
    train=replace(LECTURE8.train, shuffle=True, bucketed=True, drop_last=False),
    evaluate=Evaluate(),
)

QUICK = Recipe(
    name="quick",
    about="a good answer within minutes on two cores",
    index=Index(words="spoken", rows=20_000, steps=300),
    embed=Embed(learnt=30),
    network=Network(units=64, bidirectional=True, pooling="max and mean", embedding_dropout=0.2, dropout=0.4),
    train=Train(
        epochs=3,
        batch_size=32,
        optimizer="adam",
        learning_rate=0.003,
        schedule="cosine",
        clip=1.0,
        cropped=0.3,
    ),
)

BEST = Recipe(
    name="best",
    about="the strongest: an LSTM on GloVe and learnt vectors, a wide part of n-grams, calibrated",
    read=Read(validation=0.05),
    index=Index(words="spoken", rows=30_000, steps=400),
    embed=Embed(learnt=50),
    network=replace(QUICK.network, outputs=1, embedding_dropout=0.3, dropout=0.5),
    wide=Wide(ngrams=3),
    train=replace(QUICK.train, epochs=4, cropped=0.4, calibrated=True),
)

SMALL = replace(
    QUICK,
    name="small",
    about="what comes with the package: the two parts of best, on fewer words and n-grams",
    read=Read(validation=0.05),
    network=replace(QUICK.network, outputs=1),
    wide=Wide(ngrams=3, least_count=5),
    train=replace(QUICK.train, cropped=0.4, calibrated=True),
)

CRASH_COURSE = Recipe(
    name="crash_course",
    about="Keras's IMDB example: the last 80 words, dropout in the LSTM, heavily over-fitted",
    index=Index(
        words="keras",
        rows=20_000,
        counted="all",  # as Keras's data set has it
        start=True,
        steps=80,
        keep="last",
    ),
    embed=Embed(glove="", dimension=128),
    network=Network(
        outputs=1,
        units=128,
        masked=False,
        padding="front",
        pooling="last",
        input_dropout=0.2,
        recurrent_dropout=0.2,
    ),
    train=Train(
        epochs=15,
        batch_size=32,
        optimizer="adam",
        initializer="keras",
        bucketed=False,
        watched="held_out",  # as Keras's example does, so that the over-fitting shows
    ),
)

STACKED = Recipe(
    name="stacked",
    about="two LSTMs on 500 words, the padding in front",
    index=Index(words="keras", rows=0, counted="all", start=True, steps=500, keep="last"),
    embed=Embed(glove="", dimension=100),
    network=Network(outputs=1, units=32, layers=2, masked=False, padding="front", pooling="last"),
    train=Train(epochs=1, batch_size=64, optimizer="adam", initializer="keras", bucketed=False),
)

STACKED_MASKED = replace(
    STACKED,
    name="stacked_masked",
    about="the same, but the padding is passed over",
    network=replace(STACKED.network, masked=True, padding="behind"),
)

MNIST_ROWS = Recipe(
    name="mnist_rows",
    about="digits, read row by row",
    index=Index(steps=28),
    network=Network(outputs=10, units=50, masked=False, pooling="last"),
    train=Train(epochs=3, batch_size=128, optimizer="adam", initializer="keras", bucketed=False),
)

# What the staged scripts run. MNIST_ROWS is not of words: scripts/reproduce.py runs it.
RECIPES = {
    recipe.name: recipe
    for recipe in (LECTURE8, LECTURE8_FIXED, QUICK, SMALL, BEST, CRASH_COURSE, STACKED, STACKED_MASKED)
}


def find_recipe(name: str) -> Recipe:
    """Return the recipe of a name.

    Raises
    ------
    PipelineError
        If there is none; names the nearest one.
    """
    if name not in RECIPES:
        near = difflib.get_close_matches(name, RECIPES, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise PipelineError(f"{name}: no such recipe (there are {', '.join(RECIPES)}){hint}")
    return RECIPES[name]
