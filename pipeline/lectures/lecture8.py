"""The main lecture: word counts and ids of the reviews, the network as printed, and the LSTM's equations."""

from __future__ import annotations

from typing import Dict, Iterable, List, Sequence

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import Review, load_reviews
from pipeline.evaluate import evaluate_bundle
from pipeline.infer import infer_sentiment
from pipeline.lectures.comparison import ComputedValue, ComputedValues
from pipeline.lectures.reference_values import REFERENCE_VALUES
from pipeline.lectures.rnn_weights import GluonWeights, gluon_to_keras, lstm
from pipeline.lectures.runner import LectureRunner
from pipeline.model.bundle import load_bundle, load_metrics
from pipeline.recipe import Recipe
from pipeline.recipes import LECTURE8
from pipeline.text.vocabulary import Vocabulary
from pipeline.workflow.stages import EMBEDDING, ENCODED, REVIEWS, VOCABULARY

EXAMPLE = "This movie is Great. I really loved the part where the plot happened. Beautiful fantastic!"


def run(runner: LectureRunner) -> ComputedValues:
    """Run the main lecture: the vocabulary of the reviews, and the network as printed."""
    folder = runner.run(LECTURE8)
    recipe = runner.workspace(LECTURE8).recipe
    vocabulary = Vocabulary.load(folder / VOCABULARY, recipe.index)
    first = find_first(load_reviews(folder / REVIEWS), recipe)
    encoded = Encoded.load(folder / ENCODED)
    return {**text_values(vocabulary, encoded, first, recipe), **network_values(runner)}


def find_first(reviews: Iterable[Review], recipe: Recipe) -> str:
    """Return the text of the lecture's first review, whose ids it prints."""
    return next(review.text for review in reviews if review.text.startswith(recipe.index.count_first))


def text_values(vocabulary: Vocabulary, encoded: Encoded, first: str, recipe: Recipe) -> ComputedValues:
    """Count and index the words of the reviews.

    Parameters
    ----------
    vocabulary : Vocabulary
    encoded : Encoded
    first : str
        The lecture's first review.
    recipe : Recipe
    """
    counts = dict(zip(vocabulary.words, vocabulary.counts))
    ranks = {word: rank for rank, word in enumerate(vocabulary.words, 1)}
    words, train = vocabulary.split(first), encoded.rows("train")
    return {
        "reviews": ComputedValue(f"{(encoded.labels == 1).sum():,} and {(encoded.labels == 0).sum():,}"),
        "cleaning": ComputedValue(" ".join(vocabulary.split('who\'d done "Candyman"<br />'))),
        "counts": ComputedValue(_listed(counts, _words_of("counts"))),
        "distinct": ComputedValue(len(counts)),
        "ranks": ComputedValue(_listed(ranks, _words_of("ranks"))),
        "tie": ComputedValue(f"{counts.get('other')} and {counts.get('bad')}"),
        "first_ids": ComputedValue(" ".join(str(ranks[word]) for word in words[:21])),
        "cut_ids": ComputedValue(" ".join(map(str, vocabulary.encode(words)[:11]))),
        "rows": ComputedValue(len(vocabulary)),
        "lengths": ComputedValue(f"{encoded.lengths.min()}, {encoded.lengths.max()}, {encoded.lengths.mean():.5f}"),
        "split": ComputedValue(f"{len(train):,} and {len(encoded.rows('held_out')):,}"),
        "steps": ComputedValue(recipe.index.max_length),
        "batches": ComputedValue(len(train) // recipe.train.batch_size),
    }


def network_values(runner: LectureRunner) -> ComputedValues:
    """Train the network as printed, and measure it."""
    folder = runner.run(LECTURE8)
    bundle = load_bundle(folder / "bundle", runner.device)
    metrics = load_metrics(folder / "bundle")
    rows, dim = np.load(folder / EMBEDDING, mmap_mode="r").shape
    again, _ = evaluate_bundle(bundle, Encoded.load(folder / ENCODED))
    same_glove = dim == 300
    other_glove = "" if same_glove else "GloVe 6B.50d in place of 42B.300d, which is not available offline"
    return {
        "embedding": ComputedValue(f"{rows} x {dim}", other_glove, same_glove),
        "features": ComputedValue(int(bundle.network.dense.weight.shape[1])),
        "train_accuracy": ComputedValue(metrics["train"]["accuracy"], other_glove, same_glove),
        "held_out_accuracy": ComputedValue(
            metrics["held_out"]["accuracy"], "not printed: the lecture swaps the two names"
        ),
        "sentence": ComputedValue(str(infer_sentiment(EXAMPLE, model=folder / "bundle")), other_glove),
        "saved": ComputedValue(again == metrics),
        "equations": ComputedValue(compare_equations()),
    }


def _words_of(key: str) -> List[str]:
    """Return the words whose counts or ranks the lecture prints, without the numbers."""
    value = next(reference.value for reference in REFERENCE_VALUES if reference.key == key)
    return str(value).split()[::2]


def _listed(numbers: Dict[str, int], words: Sequence[str]) -> str:
    return " ".join(f"{word} {numbers.get(word, 0)}" for word in words)


def compare_equations(units: int = 64, inputs: int = 50, steps: int = 40) -> float:
    """Return the largest difference between the LSTM's equations in numpy and Gluon's layer, at random weights."""
    from pipeline.mx.engine import make_generator, mx, seed_mxnet

    seed_mxnet(0)
    layer = mx.gluon.rnn.LSTM(units, input_size=inputs)
    layer.initialize(mx.init.Normal(0.3))
    sequence = make_generator(0).normal(size=(steps, inputs)).astype(np.float32)
    theirs = layer(mx.nd.array(sequence[:, None])).asnumpy()[:, 0]  # (T, 1, C) -> (T, U)
    values = GluonWeights(*(getattr(layer, f"l0_{name}").data().asnumpy() for name in GluonWeights._fields))
    ours = lstm(gluon_to_keras(values)).run(sequence)
    return float(np.abs(ours.outputs - theirs).max())
