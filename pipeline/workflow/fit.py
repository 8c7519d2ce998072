"""Run the stages up to train in memory: from texts and labels to a trained network."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional, Sequence, Tuple

from pipeline.corpus.classes import SENTIMENT, Classes, class_values
from pipeline.corpus.reviews import Review
from pipeline.embed import make_embedding
from pipeline.errors import PipelineError
from pipeline.index import index_reviews
from pipeline.model.bundle import Bundle
from pipeline.mx.engine import find_devices
from pipeline.mx.interrupts import kept_interrupts
from pipeline.read import choose_splits
from pipeline.recipe import Recipe, for_classes, name_vectors
from pipeline.text.pretrained.vectors import check_vectors
from pipeline.train import History, train_network
from pipeline.training.loop import Callback


def train_bundle(
    texts: Sequence[str],
    labels: Sequence[int],
    recipe: Recipe,
    vectors: Any,
    device: str = "auto",
    classes: Classes = SENTIMENT,
    on_step: Optional[Callback] = None,
    on_epoch: Optional[Callback] = None,
    groups: Optional[Sequence[str]] = None,
    verbose: bool = True,
) -> Tuple[Bundle, History]:
    """Train a recipe's network on texts.

    Parameters
    ----------
    texts : sequence of str
    labels : sequence of int
        Indices into `classes`.
    recipe : Recipe
        All texts are trained on, and nothing else, except a fraction ``read.validation`` with ``train.calibrate`` or
        ``train.early_stopping``.
    vectors : Path or gluonnlp.embedding.TokenEmbedding or gluonnlp.Vocab
        As for `pipeline.embed.make_embedding`. A file is not read if the recipe does not use pretrained vectors.
    device : str
        As for `pipeline.mx.engine.find_devices`.
    classes : tuple
        Two or more; the network gets an output for each.
    on_step, on_epoch : callable, optional
        As for `pipeline.train.train_network`.
    groups : sequence of str, optional
        Of each text: no group is both in the texts to train on and in those for validation.
    verbose : bool
        As for `pipeline.train.train_network`.

    Returns
    -------
    bundle : Bundle
        On the first device. Its recipe names the word vectors that were read, and no texts but these.
    history : list of dict
        As returned by `pipeline.train.train_network`.

    Raises
    ------
    PipelineError
        As in the stages index, embed and train. With ``read.labels="stars"`` if the classes are not numbers.
    """
    recipe = for_classes(recipe, len(classes))
    if recipe.is_ordered:
        class_values(classes)  # refuses others
    validation = recipe.read.validation * recipe.uses_validation
    options = replace(recipe.read, held_out=0.0, validation=validation, split="random", sentences="", generated=0)
    file = name_vectors(vectors) if isinstance(vectors, Path) and recipe.embed.vectors else ""
    recipe = replace(recipe, read=options, embed=replace(recipe.embed, vectors=file))
    if file:
        check_vectors(vectors)
    counts = Counter(labels)
    splits, positions = choose_splits(labels, options, groups, groups is None and min(counts.values()) > 1)
    missing = sorted(set(counts) - {label for label, split in zip(labels, splits) if split == "train"})
    if missing:
        raise PipelineError(
            f"read.validation={validation:g}: no text of {classes[missing[0]]!r} is left to train on; add some"
        )
    rows = zip(labels, splits, positions, texts)
    reviews = (Review("", int(label), split, position, text) for label, split, position, text in rows)
    vocabulary, encoded = index_reviews(reviews, recipe.index)
    embedding, _ = make_embedding(vocabulary, encoded, vectors, recipe)
    devices = find_devices(device)
    with kept_interrupts():
        network, history = train_network(
            encoded, embedding, recipe, devices, on_step=on_step, on_epoch=on_epoch, verbose=verbose
        )
    return Bundle(network, vocabulary, recipe, devices[0], classes), history
