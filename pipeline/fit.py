"""All stages up to train at once, in memory: texts and labels become a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import Sequence, Tuple

from pipeline.bundle import Bundle
from pipeline.embed import embed_vocabulary, random_embedding
from pipeline.engine import find_devices
from pipeline.index import index_reviews
from pipeline.read import Review
from pipeline.recipe import Recipe
from pipeline.train import History, train_network


def train_bundle(
    texts: Sequence[str], labels: Sequence[int], recipe: Recipe, glove: Path, device: str = "auto"
) -> Tuple[Bundle, History]:
    """Train a recipe's network on all of the texts.

    Parameters
    ----------
    texts : sequence of str
    labels : sequence of int
        1 positive, 0 negative.
    recipe : Recipe
        Its section ``read`` is not used: nothing is set aside.
    glove : Path
        Not read if the recipe learns its vectors from nothing.
    device : str
        As for `pipeline.engine.find_devices`.

    Returns
    -------
    bundle : Bundle
        On the first of the devices.
    history : list of dict
        As from `pipeline.train.train_network`.

    Raises
    ------
    PipelineError
        As from the stages index, embed and train.
    """
    reviews = (Review("", int(label), "train", row, text) for row, (text, label) in enumerate(zip(texts, labels)))
    vocabulary, encoded = index_reviews(reviews, recipe.index)
    if recipe.embed.glove:
        embedding, _ = embed_vocabulary(vocabulary, glove, recipe.embed)
    else:
        embedding = random_embedding(vocabulary, recipe.embed.dimension, recipe.train.seed)
    devices = find_devices(device)
    network, history = train_network(encoded, embedding, recipe, devices)
    return Bundle(network, vocabulary, recipe, devices[0]), history
