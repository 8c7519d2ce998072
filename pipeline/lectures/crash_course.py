"""The crash course: Keras's IMDB example."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from pipeline.lectures.comparison import ComputedValue, ComputedValues
from pipeline.lectures.rnn_weights import count_parameters
from pipeline.lectures.runner import LectureRunner
from pipeline.model.bundle import load_bundle, load_metrics
from pipeline.recipes import CRASH_COURSE


def run(runner: LectureRunner) -> ComputedValues:
    """Run Keras's IMDB example on held-out reviews of the training folder."""
    folder = runner.run(CRASH_COURSE)
    held_out = load_metrics(folder / "bundle")["held_out"]
    network = load_bundle(folder / "bundle", "cpu").network
    parts = count_parts(network)
    fewer = "trained on 17,500 reviews and measured on 7,500, since the official test reviews are not at hand"
    return {
        "words": ComputedValue(network.embedding.weight.shape[0]),
        "parameters": ComputedValue(format_parts(parts), "one bias, as Keras counts"),
        "accuracy": ComputedValue(held_out["accuracy"], fewer),
        "loss": ComputedValue(held_out["loss"], fewer),
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
