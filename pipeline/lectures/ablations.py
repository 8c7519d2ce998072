"""Ablations of lecture8: the accuracy with each of its nine faults corrected alone, and with all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import numpy as np

from pipeline.corpus.reviews import SPLITS
from pipeline.lectures.comparison import Comparison
from pipeline.lectures.runner import LectureRunner
from pipeline.model.bundle import load_metrics
from pipeline.recipe import Recipe, override
from pipeline.recipes import LECTURE8, LECTURE8_FIXED

# The settings that correct a fault. The last one cannot be corrected: another order of the files shows its effect.
ABLATIONS = {
    "the vocabulary is made from held-out reviews too": ("index.vocab_from=train",),
    "no shuffling between epochs": ("train.shuffle=true",),
    "the last incomplete batch is dropped": ("train.drop_last=false", "evaluate.drop_last=false"),
    "rare words have the vector of another word": ("index.oov=unk",),
    "the LSTM reads the padding": ("network.masked=true",),
    "the classifier has weights for each of 500 steps": ("network.pooling=sum",),
    "ties and split depend on the order of the files": ("read.order=random",),
}
LECTURE = "lecture8, one fault corrected"
SWAPPED = "training and test accuracy are swapped"
DROPPED = "inference drops words that training reads as rare"


def ablation_recipes() -> List[Recipe]:
    """Return the recipes to train: lecture8, one for each ablation, and lecture8_fixed."""
    changed = [
        replace(override(LECTURE8, settings), name=f"lecture8_changed_{number}")
        for number, settings in enumerate(ABLATIONS.values(), 1)
    ]
    return [LECTURE8, *changed, LECTURE8_FIXED]


def run_ablations(runner: LectureRunner) -> List[Comparison]:
    """Measure each ablation on the held-out reviews; train what is not up to date.

    Returns
    -------
    list of Comparison
        ``computed`` is the accuracy on the held-out reviews with that fault corrected.
    """
    runner.run_all(ablation_recipes())
    printed, *ablated, fixed = (_accuracies(runner.run(recipe)) for recipe in ablation_recipes())
    return [
        _swapped(printed),
        *(
            _measure(fault, " ".join(settings), accuracies, printed)
            for (fault, settings), accuracies in zip(ABLATIONS.items(), ablated)
        ),
        _dropped(runner, printed),
        _measure("all of them", "lecture8_fixed", fixed, printed),
    ]


def _accuracies(folder: Path) -> Dict[str, float]:
    metrics = load_metrics(folder / "bundle")
    return {split: metrics[split]["accuracy"] for split in SPLITS if split in metrics}


def _measure(fault: str, change: str, corrected: Dict[str, float], printed: Dict[str, float]) -> Comparison:
    note = (
        f"{change}: {corrected['held_out'] - printed['held_out']:+.4f} held out against {printed['held_out']:.4f}; "
        f"{corrected['train']:.4f} on the training reviews"
    )
    return Comparison(LECTURE, fault, None, corrected["held_out"], None, note)


def _swapped(printed: Dict[str, float]) -> Comparison:
    note = (
        f"the same network, on the held-out reviews: {printed['held_out'] - printed['train']:+.4f} against the "
        f"{printed['train']:.4f} of the training reviews that the lecture prints as test accuracy"
    )
    return Comparison(LECTURE, SWAPPED, None, printed["held_out"], None, note)


def _dropped(runner: LectureRunner, printed: Dict[str, float]) -> Comparison:
    """Compare both on Rotten Tomatoes: the held-out reviews have no unknown words, since all were counted."""
    from pipeline.metrics import measure
    from pipeline.model.bundle import load_bundle
    from pipeline.model.predict import predict

    bundle = load_bundle(runner.run(LECTURE8) / "bundle", runner.device)
    vocabulary, rare = bundle.vocabulary, len(bundle.vocabulary) - 1
    lines = list(_rotten_tomatoes(runner.data / "raw" / "rotten_tomatoes"))
    note = "no effect on the held-out reviews, whose words were all counted"
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
        note += f"; on {len(lines):,} lines of Rotten Tomatoes {after - before:+.4f}, {after:.4f} against {before:.4f}"
    return Comparison(LECTURE, DROPPED, None, printed["held_out"], None, note)


def _rotten_tomatoes(folder: Path) -> Iterator[Tuple[str, int]]:
    from pipeline.corpus.classes import SENTIMENT
    from pipeline.corpus.labelled import Table, read_labelled

    for part in ("train", "validation", "test") if folder.is_dir() else ():
        yield from ((row.text, row.label) for row in read_labelled(Table(folder / part), SENTIMENT))
