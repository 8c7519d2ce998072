"""What lecture8's faults cost: one training for each, with that fault alone mended."""

from __future__ import annotations

from dataclasses import replace
from typing import List

from pipeline.facts import Fact
from pipeline.files import read_json
from pipeline.recipe import override
from pipeline.recipes import LECTURE8
from pipeline.reproduce import Laboratory

# The other three of its nine faults need no training of their own.
MENDED = {
    "the vocabulary is made from held-out reviews too": ("index.counted=train",),
    "no shuffling between epochs": ("train.shuffle=true",),
    "the last part batch is never seen": ("train.drop_last=false", "evaluate.drop_last=false"),
    "rare words share a real word's vector": ("index.rare=unknown",),
    "the LSTM runs on over the padding": ("network.masked=true",),
    "the classifier is tied to 500 steps": ("network.pooling=sum",),
}


def price_faults(lab: Laboratory) -> List[Fact]:
    """Train lecture8 once for each fault, with that one alone mended: its accuracy on held-out reviews."""
    plain = read_json(lab.run(LECTURE8) / "bundle" / "metrics.json")["held_out"]["accuracy"]
    facts = []
    for number, (fault, settings) in enumerate(MENDED.items(), 1):
        recipe = replace(override(LECTURE8, settings), name=f"lecture8_mended_{number}")
        metrics = read_json(lab.run(recipe) / "bundle" / "metrics.json")
        accuracy = metrics["held_out"]["accuracy"]
        why = (
            f"{' '.join(settings)}: {accuracy - plain:+.4f} held out against {plain:.4f} with it; "
            f"{metrics['train']['accuracy']:.4f} on the training part"
        )
        facts.append(Fact("lecture8, one fault mended", fault, None, accuracy, None, why))
    return facts
