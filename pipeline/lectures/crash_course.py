"""The crash course: Keras's IMDB example."""

from __future__ import annotations

from pipeline.io.output import read_json
from pipeline.lectures.laboratory import Figures, Laboratory, Ours
from pipeline.lectures.rnn_weights import count_parameters
from pipeline.model.bundle import load_bundle
from pipeline.recipes import CRASH_COURSE


def run(lab: Laboratory) -> Figures:
    """Run Keras's IMDB example on held-out reviews of the training folder."""
    folder = lab.run(CRASH_COURSE)
    held_out = read_json(folder / "bundle" / "metrics.json")["held_out"]
    network = load_bundle(folder / "bundle", "cpu").network
    vocab_size, dim = network.embedding.weight.shape
    hidden_size = network.layers[0].cell.base_cell.h2h_weight.shape[1]
    parts = (vocab_size * dim, count_parameters(dim, hidden_size), network.dense.weight.shape[1] + 1)
    fewer = "trained on 17,500 reviews and measured on 7,500, since the official test reviews are not at hand"
    return {
        "words": Ours(vocab_size),
        "parameters": Ours(f"{parts[0]:,} + {parts[1]:,} + {parts[2]:,} = {sum(parts):,}", "one bias, as Keras counts"),
        "accuracy": Ours(held_out["accuracy"], fewer),
        "loss": Ours(held_out["loss"], fewer),
    }
