"""What each of lecture8's nine faults costs, that fault alone mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import numpy as np

from pipeline.io.output import read_json
from pipeline.lectures.facts import Fact
from pipeline.lectures.laboratory import Laboratory
from pipeline.recipe import Recipe, override
from pipeline.recipes import LECTURE8, LECTURE8_FIXED

# What is changed to mend a fault; the last one has no mend, so another order of files shows what it can do.
CHANGED = {
    "the vocabulary is made from held-out reviews too": ("index.vocab_from=train",),
    "no shuffling between epochs": ("train.shuffle=true",),
    "the last part batch is never seen": ("train.drop_last=false", "evaluate.drop_last=false"),
    "rare words share a real word's vector": ("index.oov=unk",),
    "the LSTM runs on over the padding": ("network.masked=true",),
    "the classifier is tied to 500 steps": ("network.pooling=sum",),
    "ties and split depend on the order of the files": ("read.order=random",),
}
SWAPPED = "train and test accuracy are swapped"
DROPPED = "inference drops words that training would read as rare"


def faults_recipes() -> List[Recipe]:
    """Return what has to be trained: lecture8, lecture8 with one change each, and lecture8_fixed."""
    changed = [
        replace(override(LECTURE8, settings), name=f"lecture8_changed_{number}")
        for number, settings in enumerate(CHANGED.values(), 1)
    ]
    return [LECTURE8, *changed, LECTURE8_FIXED]


def price_faults(lab: Laboratory) -> List[Fact]:
    """Say what each fault alone costs on held-out reviews; trains what is not up to date.

    Returns
    -------
    list of Fact
        ``ours`` is the accuracy on held-out reviews with that fault mended.
    """
    lab.run_all(faults_recipes())
    plain, *changed, fixed = (_accuracies(lab.run(recipe)) for recipe in faults_recipes())
    return [
        _swapped(plain),
        *(
            _price(fault, " ".join(settings), accuracies, plain)
            for (fault, settings), accuracies in zip(CHANGED.items(), changed)
        ),
        _dropped(lab, plain),
        _price("all of them", "lecture8_fixed", fixed, plain),
    ]


def _accuracies(folder: Path) -> Dict[str, float]:
    metrics = read_json(folder / "bundle" / "metrics.json")
    return {split: figures["accuracy"] for split, figures in metrics.items()}


def _price(fault: str, change: str, mended: Dict[str, float], plain: Dict[str, float]) -> Fact:
    why = (
        f"{change}: {mended['held_out'] - plain['held_out']:+.4f} held out against {plain['held_out']:.4f}; "
        f"{mended['train']:.4f} on the training part"
    )
    return Fact("lecture8, one fault mended", fault, None, mended["held_out"], None, why)


def _swapped(plain: Dict[str, float]) -> Fact:
    why = (
        f"the same network under the right name: {plain['held_out'] - plain['train']:+.4f} against the "
        f"{plain['train']:.4f} of the training part that would be printed as test accuracy"
    )
    return Fact("lecture8, one fault mended", SWAPPED, None, plain["held_out"], None, why)


def _dropped(lab: Laboratory, plain: Dict[str, float]) -> Fact:
    """Answer lines of another domain with unseen words dropped, and read as rare: held-out reviews have none."""
    from pipeline.metrics import measure
    from pipeline.model.bundle import load_bundle
    from pipeline.model.predict import predict

    bundle = load_bundle(lab.run(LECTURE8) / "bundle", lab.device)
    vocabulary, rare = bundle.vocabulary, len(bundle.vocabulary) - 1
    lines = list(_rotten_tomatoes(lab.data / "raw" / "rotten_tomatoes"))
    why = "0 on held-out reviews, whose words were all counted"
    if lines:
        split = [vocabulary.split(text) for text, _ in lines]
        labels = np.array([label for _, label in lines])
        dropped = [vocabulary.encode(words) for words in split]
        kept = [np.array([vocabulary.id(word) for word in words], np.int32) for words in split]
        kept = [np.where(ids < 0, rare, ids) for ids in kept]
        before, after = (
            measure(labels, predict(bundle.network, bundle.recipe, ids, bundle.device))["accuracy"]
            for ids in (dropped, kept)
        )
        why += f"; on {len(lines):,} lines of Rotten Tomatoes {after - before:+.4f}, {after:.4f} against {before:.4f}"
    return Fact("lecture8, one fault mended", DROPPED, None, plain["held_out"], None, why)


def _rotten_tomatoes(folder: Path) -> Iterator[Tuple[str, int]]:
    from pipeline.corpus.reviews import CLASSES
    from pipeline.io.input import list_reviews, read_text

    for part in sorted(folder.iterdir()) if folder.is_dir() else ():
        for name, label in CLASSES.items():
            for file in list_reviews(part / name):
                yield read_text(str(part / name / file)), label
