"""The crash course: Keras's IMDB example."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

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
    parts = count_parts(network)
    fewer = "trained on 17,500 reviews and measured on 7,500, since the official test reviews are not at hand"
    return {
        "words": Ours(network.embedding.weight.shape[0]),
        "parameters": Ours(format_parts(parts), "one bias, as Keras counts"),
        "accuracy": Ours(held_out["accuracy"], fewer),
        "loss": Ours(held_out["loss"], fewer),
    }


def count_parts(network: Any) -> Tuple[int, int, int]:
    """Count the parameters of embedding, LSTM and dense layer of this lecture's network, as Keras does."""
    vocab_size, dim = network.embedding.weight.shape
    hidden_size = network.layers[0].cell.base_cell.h2h_weight.shape[1]
    return vocab_size * dim, count_parameters(dim, hidden_size), network.dense.weight.shape[1] + 1


def format_parts(parts: Sequence[int]) -> str:
    """Write the parameters and their sum as the lecture does.

    >>> format_parts((2000, 30, 4))
    '2,000 + 30 + 4 = 2,034'
    """
    return f"{' + '.join(f'{part:,}' for part in parts)} = {sum(parts):,}"
