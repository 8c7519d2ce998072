"""The model card of a bundle: what is known of it, for people and for model hubs (Mitchell et al., 2019)."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence

from pipeline.corpus.classes import SENTIMENT, Classes, is_sentiment
from pipeline.io.templates import render
from pipeline.metrics import TITLES, metric_names
from pipeline.recipe import Recipe, sections

_TEMPLATE = Path(__file__).with_name("templates") / "MODEL_CARD.md"
_NO_LICENCE = "none is stated; its authors ask for a citation of"
_STANFORD = ("glove.6B", "glove.42B", "glove.840B", "glove.twitter.27B")
_OURS = "aclImdb"  # the folder that `scripts/fetch_data.py` writes


class TrainingData(NamedTuple):
    """What is known of the texts that a network was trained on."""

    reviews: str  # name of the folder or table
    split: str  # "film" or "random" of the stages, "class" or "group" of a table; "": not known
    counts: Mapping[str, int]  # texts of each split; empty: not known


class Source(NamedTuple):
    """Something that a network was trained on."""

    name: str
    text: str
    licence: str


def render_card(
    recipe: Recipe,
    history: Sequence[Mapping[str, float]],
    metrics: Mapping[str, Mapping[str, Any]],
    data: Optional[TrainingData],
    license: str,
    limits: Sequence[str],
    classes: Classes = SENTIMENT,
) -> str:
    """Return a model card, Markdown after YAML front matter.

    Parameters
    ----------
    recipe : Recipe
    history : sequence of dict
        As in ``history.json``.
    metrics : dict
        Of each split, as `load_metrics` returns them; empty before the evaluation.
    data : TrainingData, optional
        None if the texts were given in Python.
    license : str
        A model hub's name of the network's licence, such as apache-2.0 or unknown.
    limits : sequence of str
        Known limits, besides those that follow from the recipe.
    classes : tuple
    """
    return render(
        _TEMPLATE,
        name=_one_line(recipe.name),
        about=_one_line(recipe.about[:1].upper() + recipe.about[1:]),
        recipe=recipe,
        language="en" if data and data.reviews == _OURS else "",
        license=license,
        sources=_list_sources(recipe, data),
        data=data,
        split=_describe_split(recipe, data),
        history=history,
        columns=[name for name in (history[0] if history else {}) if name not in ("epoch", "kept")],
        metrics=metrics,
        metric_names=(*metric_names(len(classes), recipe.is_ordered), "calibration_error"),
        titles=TITLES,
        classes=[_one_line(str(name)) for name in classes],
        is_sentiment=is_sentiment(classes),
        settings=list_settings(recipe),
        limits=[*_list_limits(recipe, data, metrics, is_sentiment(classes)), *limits],
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _list_sources(recipe: Recipe, data: Optional[TrainingData]) -> List[Source]:
    if data is None:
        text = "Texts that were given in Python; what they are was not recorded"
        sources = [Source("the texts", text, "not recorded")]
    elif data.reviews == _OURS:
        dataset = "film reviews of the Large Movie Review Dataset (Maas et al., 2011)"
        text = f"The folder `{_OURS}`, which `scripts/fetch_data.py` fills with {dataset}"
        sources = [Source("Large Movie Review Dataset", text, f"{_NO_LICENCE} Maas et al. (2011)")]
    else:
        name = f"`{_one_line(data.reviews)}`"
        sources = [Source(name, f"The texts in {name}; what they are was not recorded", "not recorded")]
    if data and recipe.read.sentences:
        name = f"`{_one_line(recipe.read.sentences)}`"
        known = recipe.read.sentences == "rotten_tomatoes"
        text = "sentences from reviews of Rotten Tomatoes (Pang and Lee, 2005)" if known else "labelled short texts"
        licence = f"{_NO_LICENCE} Pang and Lee (2005)" if known else "not recorded"
        sources.append(Source(name, f"{name}: {text}", licence))
    if data and recipe.read.generated:
        text = f"{recipe.read.generated:,} English sentences generated from templates (`pipeline/corpus/sentences/`)"
        sources.append(Source("generated sentences", text, "Apache-2.0"))
    if recipe.embed.vectors:
        name = f"`{_one_line(Path(recipe.embed.vectors).name)}`"
        licence = "PDDL 1.0" if Path(recipe.embed.vectors).name.startswith(_STANFORD) else "not recorded"
        sources.append(Source(name, f"Pretrained word vectors: {name}", licence))
    return sources


def _describe_split(recipe: Recipe, data: Optional[TrainingData]) -> str:
    if data is None:
        fraction = recipe.read.validation * recipe.uses_validation
        return f"A fraction of {fraction:g} was set aside for validation." if fraction else "All were trained on."
    if data.split in ("class", "group"):
        how = "with the same fractions of all classes" if data.split == "class" else "no group is in two splits"
        return (
            f"They were split at random, {how}, unless a split had a file of its own. Nothing was chosen by the splits "
            "held_out and test."
        )
    splits = {"film": "by film: no film has reviews in two splits", "random": "at random", "": "in a way not recorded"}
    return (
        f"`train/` was split {splits[data.split]}. A fraction of {recipe.read.held_out:g} was held out, which is only "
        f"reported on, and {recipe.read.validation:g} of the rest was set aside for validation."
    )


def list_settings(recipe: Recipe) -> List[str]:
    """Return the fields that differ from their defaults, as ``--set`` takes them."""
    settings = []
    for section in sections(recipe):
        for option in dataclasses.fields(getattr(recipe, section)):
            value = getattr(getattr(recipe, section), option.name)
            if value != option.default:
                name = f"{section}.{option.name}"
                value = Path(value).name if name == "embed.vectors" else value
                settings.append(f"{name}={str(value).lower() if isinstance(value, bool) else _one_line(str(value))}")
    return settings


def _list_limits(
    recipe: Recipe, data: Optional[TrainingData], metrics: Mapping[str, Mapping[str, Any]], sentiment: bool
) -> List[str]:
    """Return the limits that follow from the recipe, the data and the metrics."""
    side = "last" if recipe.index.truncation_side == "left" else "first"
    others = "; the n-gram model reads all" if recipe.ngram_model.max_n else ""
    neither = "There is no neutral class: a text that is neither positive nor negative gets one of the two labels"
    if not sentiment:
        neither = "A text that belongs to none of the classes gets one of them all the same"
    limits = [
        f"{neither}, unless a threshold is set. A text without any word in the vocabulary is `unsure`.",
        f"The LSTM reads the {side} {recipe.index.max_length:,} tokens of a text{others}.",
    ]
    if not recipe.train.calibrate:
        limits.append("The probabilities were not calibrated after training.")
    if recipe.index.vocab_from == "all":
        limits.append("The vocabulary was counted on held-out reviews too.")
    if data and data.split == "random":
        limits.append("Reviews of one film may be in two splits: on reviews of other films it may be less accurate.")
    if metrics:
        limits.append("The metrics are of texts from the same sources. Other texts were not measured here.")
    else:
        limits.append("It has not been evaluated, so nothing is known of its accuracy on texts that are new to it.")
    return limits
