"""What is timed of the networks on real reviews: each function prepares one comparison."""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import numpy as np

from pipeline.classifier import SentimentClassifier
from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import Review
from pipeline.embed import random_embedding
from pipeline.index import index_reviews
from pipeline.model.batches import by_length, in_order, pad
from pipeline.model.bundle import SHIPPED
from pipeline.model.predict import MAX_TOKENS, predict
from pipeline.read import read_reviews
from pipeline.recipe import Recipe
from pipeline.recipes import LECTURE8, LECTURE8_FIXED, QUICK
from scripts.benchmark.networks import find_torch, parameters_of
from scripts.benchmark.timing import Comparison, Timed, run_script, timed

_LIMIT = 0.003  # seconds for one sentence
_SENTENCES = (
    "A great film, I loved it.",
    "Dull and far too long.",
    "Not what I had hoped for, but the actors are good!",
)
_TO_AN_ANSWER = "from pipeline import infer_sentiment; print(infer_sentiment('A great film, I loved it.'))"
_MXNET_ALONE = "import numpy; numpy.bool = bool; import mxnet; print(mxnet.__version__)"
_MXNET_LEAST = f"import sys; sys.modules.update(scipy=None, sklearn=None); {_MXNET_ALONE}"
_BATCH = 32
_NEAR = 1e-4  # of probabilities and parameters


def sample_reviews(raw: Path, recipe: Recipe, count: int, split: str = "") -> List[Review]:
    """Return some of the reviews, or of one split of them, chosen at random but always the same."""
    reviews = [review for review in read_reviews(raw / "aclImdb", recipe.read) if split in ("", review.split)]
    return [reviews[row] for row in np.random.RandomState(0).permutation(len(reviews))[:count]]


def epoch(raw: Path) -> Comparison:
    """Train an epoch as `lecture8_fixed` does, and measure on held-out reviews, beside the lecture's own loop.

    The networks are not the same: the lecture's has a weight for each of 500 steps, and reads the padding. See
    `epoch_as_printed` for one that is.
    """

    def difference(ours: Any, peer: Any) -> str:
        apart = abs(ours[1][0]["held_out_accuracy"] - peer[2])
        return "" if apart <= noise else f"held-out accuracies are {apart:.3f} apart, where {noise:.3f} is noise"

    comparison, held_out = _compare_epochs(raw, LECTURE8_FIXED, difference)
    noise = 4 * (0.5 / held_out) ** 0.5  # four standard errors of the difference, of two that are right half the time
    return comparison


def epoch_as_printed(raw: Path) -> Comparison:
    """Train an epoch as `lecture8` does, faults and padding included, beside the lecture's own loop."""

    def difference(ours: Any, peer: Any) -> str:
        trained = [parameter.data().asnumpy() for parameter in ours[0].collect_params().values()]
        apart = max(np.abs(one - other).max() for one, other in zip(trained, peer[0]))
        return "" if apart <= _NEAR else f"after the epoch, parameters are {apart:.2g} apart"

    return _compare_epochs(raw, LECTURE8, difference)[0]


def _compare_epochs(raw: Path, recipe: Recipe, difference: Callable[[Any, Any], str]) -> Tuple[Comparison, int]:
    """Return the comparison, and the number of held-out reviews in it."""
    from pipeline.mx.engine import mx
    from pipeline.train import train_network
    from scripts.benchmark.lecture_training import train_epoch

    printed = replace(LECTURE8, index=replace(LECTURE8.index, count_first=""))  # that review is not among these
    recipe = replace(
        recipe,
        index=replace(recipe.index, count_first=""),
        train=replace(recipe.train, epochs=1, eval_split="held_out"),
    )
    reviews = sample_reviews(raw, printed, 1000)
    (encoded, embedding), (peer_encoded, peer_embedding) = (_encode(reviews, one) for one in (recipe, printed))
    given = [part for split in ("train", "held_out") for part in _padded(peer_encoded, split)]

    def run_ours() -> Any:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return train_network(encoded, embedding, recipe, [mx.cpu()])

    words = int(np.minimum(encoded.lengths[encoded.rows("train")], recipe.index.max_length).sum())
    first = _first_network(printed, peer_embedding)
    start = [parameter.data().asnumpy() for parameter in first.collect_params().values()]
    return Comparison(timed(run_ours), timed(train_epoch, *given, start), difference, words), len(given[-1])


def _encode(reviews: List[Review], recipe: Recipe) -> Tuple[Encoded, np.ndarray]:
    vocabulary, encoded = index_reviews(reviews, recipe.index)
    return encoded, random_embedding(vocabulary, 50, 0)


def _padded(encoded: Encoded, split: str) -> Tuple[np.ndarray, np.ndarray]:
    rows = encoded.rows(split)
    return pad([encoded[row] for row in rows], LECTURE8.index, LECTURE8.network)[0], encoded.labels[rows]


def _first_network(recipe: Recipe, embedding: np.ndarray) -> Any:
    """Return the network that `train_network` begins with."""
    from pipeline.model.ensemble import build_network
    from pipeline.model.network import initialize
    from pipeline.mx.engine import mx, seed_mxnet

    seed_mxnet(recipe.train.seed)
    network = build_network(recipe, (embedding.shape[0], embedding.shape[1]))
    initialize(network, recipe, embedding, [mx.cpu()])
    return network


def training(raw: Path) -> Comparison:
    """Train on 1,000 reviews as `quick` does, but without dropout, beside PyTorch in the same batches."""
    from pipeline.mx.engine import mx
    from pipeline.train import train_network

    recipe = replace(
        QUICK,
        network=replace(QUICK.network, embedding_dropout=0.0, dropout=0.0),
        train=replace(
            QUICK.train, epochs=1, lr_schedule="constant", bucket_by_length=False, shuffle=False, random_crop_prob=0.0
        ),
    )
    reviews = sorted(sample_reviews(raw, recipe, 1000, "train"), key=lambda review: len(review.text))
    encoded, embedding = _encode(
        [review._replace(position=position) for position, review in enumerate(reviews)], recipe
    )
    sequences = [encoded[row][: recipe.index.max_length] for row in encoded.rows("train")]
    given: Dict[str, Any] = {
        "task": "train_reviews",
        **_flat(sequences, encoded.labels[encoded.rows("train")], list(in_order(len(sequences), _BATCH))),
        **_parameters(_first_network(recipe, embedding)),
        **{name: getattr(recipe.train, name) for name in ("optimizer", "learning_rate", "clip")},
    }

    def run_ours() -> float:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return train_network(encoded, embedding, recipe, [mx.cpu()])[1][0]["loss"]

    def run_peer() -> Timed:
        seconds, found = run_script(find_torch(), "torch_baseline.py", given)
        return Timed(seconds, float(np.average(found["losses"], weights=given["sizes"])))

    def difference(ours: float, peer: float) -> str:
        return "" if abs(ours - peer) <= 1e-3 else f"the epoch's losses are {ours:.4f} and {peer:.4f}"

    return Comparison(timed(run_ours), run_peer, difference, len(given["ids"]))


def _parameters(network: Any) -> Dict[str, np.ndarray]:
    return {**parameters_of(network), "embedding": network.embedding.weight.data().asnumpy()}


def answers(raw: Path) -> Comparison:
    """Answer 1,000 held-out reviews, of ids, beside PyTorch in batches of 32 in the given order."""
    return _compare_answers(raw, lambda lengths: list(in_order(len(lengths), _BATCH)))


def answers_by_length(raw: Path) -> Comparison:
    """Answer 1,000 held-out reviews, of ids, beside PyTorch in our own batches, of reviews of like length."""
    return _compare_answers(raw, lambda lengths: list(by_length(lengths, MAX_TOKENS)))


def _compare_answers(raw: Path, batches_of: Callable[[List[int]], List[Any]]) -> Comparison:
    bundle = SentimentClassifier.load(SHIPPED).bundle
    lstm, recipe, vocabulary = bundle.network.members[0], bundle.recipe, bundle.vocabulary
    reviews = sample_reviews(raw, recipe, 2000, "held_out")
    encoded = [vocabulary.encode(vocabulary.split(review.text))[: recipe.index.max_length] for review in reviews]
    others, sequences = encoded[: len(encoded) // 2], encoded[len(encoded) // 2 :]
    batches = batches_of([len(sequence) for sequence in sequences])
    order = np.concatenate(batches)
    given: Dict[str, Any] = {
        "task": "answer_reviews",
        **_flat([sequences[row] for row in order], np.zeros(len(order)), batches),
        **_parameters(lstm),
    }

    def run_ours() -> np.ndarray:
        return predict(lstm, recipe, sequences, bundle.device)[:, 1]

    def run_peer() -> Timed:
        seconds, found = run_script(find_torch(), "torch_baseline.py", given)
        return Timed(seconds, found["positive"][np.argsort(order)])

    predict(lstm, recipe, others, bundle.device)  # warm, but of batches of other shapes
    return Comparison(timed(run_ours), run_peer, _difference, len(sequences), _largest)


def _flat(sequences: List[np.ndarray], labels: np.ndarray, batches: List[Any]) -> Dict[str, np.ndarray]:
    """Return encoded reviews as `torch_baseline` reads them."""
    return {
        "ids": np.concatenate(sequences).astype(np.int64),
        "lengths": np.array([len(sequence) for sequence in sequences]),
        "labels": labels.astype(np.int64),
        "sizes": np.array([len(batch) for batch in batches]),
    }


def _difference(ours: np.ndarray, peer: np.ndarray) -> str:
    apart = np.abs(ours - peer).max()
    return "" if apart <= _NEAR else f"probabilities are {apart:.2g} apart"


def _largest(ours: np.ndarray, peer: np.ndarray) -> Dict[str, Any]:
    return {"difference": float(np.abs(ours - peer).max())}


def sentence(raw: Path) -> Comparison:
    """Answer one sentence, text in and answer out: the median of 90, beside the limit."""
    classifier = SentimentClassifier.load(SHIPPED)

    def answer_each() -> Timed:
        seconds, answers = zip(*(timed(classifier.predict_proba, [text])() for text in _SENTENCES * 30))
        return Timed(statistics.median(seconds), np.concatenate(answers[-len(_SENTENCES) :])[:, 1])

    together = classifier.predict_proba(_SENTENCES)[:, 1]
    return Comparison(answer_each, lambda: Timed(_LIMIT, together), _difference)


def cold_start(raw: Path) -> Comparison:
    """Start Python, load everything and answer one sentence, beside ``import mxnet`` alone.

    MXNet imports scikit-learn and scipy where they are, which ours keeps it from; how long its import takes where
    they are not is among the details.
    """

    def run_peer() -> Timed:
        seconds, version = _run_python(_MXNET_ALONE)
        return Timed(seconds, {"version": version, "least": _run_python(_MXNET_LEAST).seconds})

    return Comparison(
        lambda: _run_python(_TO_AN_ANSWER),
        run_peer,
        lambda ours, peer: "" if ours == "Glad you liked it!" and peer["version"] else f"found {ours!r}",
        details=lambda ours, peer: {"without scikit-learn and scipy": peer["least"]},
    )


def _run_python(code: str) -> Timed:
    """Run code in a process of its own; the result is what it printed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", code]
    start = time.perf_counter()
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return Timed(time.perf_counter() - start, run.stdout.strip())
