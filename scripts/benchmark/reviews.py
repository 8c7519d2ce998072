"""Benchmarks of the networks on real reviews: each function prepares one comparison."""

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
from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np

from pipeline.classifier import SentimentClassifier
from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import Review
from pipeline.embed import random_embedding
from pipeline.index import index_reviews
from pipeline.model.batches import by_length, in_order, pad, truncate
from pipeline.model.bundle import SHIPPED
from pipeline.model.predict import MAX_TOKENS, predict
from pipeline.read import read_reviews
from pipeline.recipe import Recipe
from pipeline.recipes import LECTURE8, LECTURE8_FIXED, QUICK
from scripts.benchmark.networks import find_torch, parameters_of
from scripts.benchmark.timing import Comparison, Timed, max_difference, run_script, timed

_TIME_LIMIT = 0.003  # seconds for one sentence
_SENTENCES = (
    "A great film, I loved it.",
    "Dull and far too long.",
    "Not what I had hoped for, but the actors are good!",
)
_PREDICT = "from pipeline import infer_sentiment; print(infer_sentiment('A great film, I loved it.'))"
_IMPORT_MXNET = "import numpy; numpy.bool = bool; import mxnet; print(mxnet.__version__)"
_IMPORT_MXNET_WITHOUT_SCIPY = f"import sys; sys.modules.update(scipy=None, sklearn=None); {_IMPORT_MXNET}"
_BATCH = 32
_OTHER_SETTINGS: Dict[str, Dict[str, int]] = {  # of PyTorch
    "baseline without flushing": {"flush_denormal": False},
    "baseline with one thread": {"threads": 1},
}
_TOLERANCE = 1e-4  # of probabilities and parameters


def sample_reviews(raw: Path, recipe: Recipe, count: Optional[int] = None, split: str = "") -> List[Review]:
    """Return a random sample of the reviews, or all in a random order, optionally of one split; always the same."""
    reviews = [review for review in read_reviews(raw / "aclImdb", recipe.read) if split in ("", review.split)]
    return [reviews[row] for row in np.random.RandomState(0).permutation(len(reviews))[:count]]


def epoch(raw: Path) -> Comparison:
    """Train `lecture8_fixed` for one epoch and evaluate on held-out reviews, against the lecture's loop.

    The networks differ: the lecture's has dense weights for each of 500 steps and processes the padding. In
    `epoch_as_printed` they are the same.
    """

    def difference(ours: Any, baseline: Any) -> str:
        apart = abs(ours[1][0]["held_out_accuracy"] - baseline[2])
        return "" if apart <= noise else f"held-out accuracies differ by {apart:.3f}, more than noise ({noise:.3f})"

    comparison, held_out = _compare_epochs(raw, LECTURE8_FIXED, difference)
    noise = 4 * (0.5 / held_out) ** 0.5  # four standard errors of the difference at accuracy 0.5
    return comparison


def epoch_as_printed(raw: Path) -> Comparison:
    """Train `lecture8` (including its errors and padding) for one epoch, against the lecture's loop."""

    def difference(ours: Any, baseline: Any) -> str:
        trained = [parameter.data().asnumpy() for parameter in ours[0].collect_params().values()]
        apart = max(np.abs(one - other).max() for one, other in zip(trained, baseline[0]))
        return "" if apart <= _TOLERANCE else f"parameters after the epoch differ by {apart:.2g}"

    return _compare_epochs(raw, LECTURE8, difference)[0]


def _compare_epochs(raw: Path, recipe: Recipe, difference: Callable[[Any, Any], str]) -> Tuple[Comparison, int]:
    """Return the comparison and its number of held-out reviews."""
    from pipeline.mx.engine import mx
    from pipeline.train import train_network
    from scripts.benchmark.lecture_training import train_epoch

    printed = replace(LECTURE8, index=replace(LECTURE8.index, count_first=""))  # the sample lacks that review
    recipe = replace(
        recipe,
        index=replace(recipe.index, count_first=""),
        train=replace(recipe.train, epochs=1, eval_split="held_out"),
    )
    reviews = sample_reviews(raw, printed, 1000)
    (encoded, embedding), (baseline_encoded, baseline_embedding) = (_encode(reviews, one) for one in (recipe, printed))
    arrays = [part for split in ("train", "held_out") for part in _padded(baseline_encoded, split)]

    def run_ours() -> Any:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return train_network(encoded, embedding, recipe, [mx.cpu()])

    words = int(np.minimum(encoded.lengths[encoded.rows("train")], recipe.index.max_length).sum())
    first = _initial_network(printed, baseline_embedding)
    start = [parameter.data().asnumpy() for parameter in first.collect_params().values()]
    return Comparison(timed(run_ours), timed(train_epoch, *arrays, start), difference, words), len(arrays[-1])


def _encode(reviews: List[Review], recipe: Recipe) -> Tuple[Encoded, np.ndarray]:
    vocabulary, encoded = index_reviews(reviews, recipe.index)
    return encoded, random_embedding(vocabulary, 50, 0)


def _padded(encoded: Encoded, split: str) -> Tuple[np.ndarray, np.ndarray]:
    rows = encoded.rows(split)
    return pad([encoded[row] for row in rows], LECTURE8.index, LECTURE8.network)[0], encoded.labels[rows]


def _initial_network(recipe: Recipe, embedding: np.ndarray) -> Any:
    """Return the initial network of `train_network`."""
    from pipeline.model.ensemble import build_network
    from pipeline.model.network import initialize
    from pipeline.mx.engine import mx, seed_mxnet

    seed_mxnet(recipe.train.seed)
    network = build_network(recipe, (embedding.shape[0], embedding.shape[1]))
    initialize(network, recipe, embedding, [mx.cpu()])
    return network


def training(raw: Path) -> Comparison:
    """Train `quick` without dropout on 1,000 reviews, against PyTorch with the same batches.

    The details include PyTorch's throughput where it does not flush subnormal numbers to 0, which is its default, and
    with one thread, as ours.
    """
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
    arrays: Dict[str, Any] = {
        "task": "train_reviews",
        **_flat(sequences, encoded.labels[encoded.rows("train")], list(in_order(len(sequences), _BATCH))),
        **_parameters(_initial_network(recipe, embedding)),
        **{name: getattr(recipe.train, name) for name in ("optimizer", "learning_rate", "clip_norm")},
    }

    def run_ours() -> float:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return train_network(encoded, embedding, recipe, [mx.cpu()])[1][0]["loss"]

    def run_baseline() -> Timed:
        seconds, found = run_script(find_torch(), "torch_baseline.py", arrays)
        others = {
            name: words / run_script(find_torch(), "torch_baseline.py", {**arrays, **settings}).seconds
            for name, settings in _OTHER_SETTINGS.items()
        }
        return Timed(seconds, {"loss": float(np.average(found["losses"], weights=arrays["sizes"])), **others})

    def difference(ours: float, baseline: Dict[str, float]) -> str:
        loss = baseline["loss"]
        return "" if abs(ours - loss) <= 1e-3 else f"losses of the epoch are {ours:.4f} and {loss:.4f}"

    def details(ours: float, baseline: Dict[str, float]) -> Dict[str, Any]:
        return {name: baseline[name] for name in _OTHER_SETTINGS}

    words = len(arrays["ids"])
    return Comparison(timed(run_ours), run_baseline, difference, words, details)


def _parameters(network: Any) -> Dict[str, np.ndarray]:
    return {**parameters_of(network), "embedding": network.embedding.weight.data().asnumpy()}


def answers(raw: Path) -> Comparison:
    """Predict 1,000 encoded held-out reviews, against PyTorch in batches of 32 in the given order."""
    return _compare_answers(raw, lambda lengths: list(in_order(len(lengths), _BATCH)))


def answers_by_length(raw: Path) -> Comparison:
    """Predict 1,000 encoded held-out reviews, against PyTorch in our batches of reviews of similar length."""
    return _compare_answers(raw, lambda lengths: list(by_length(lengths, MAX_TOKENS)))


def _compare_answers(raw: Path, batches_of: Callable[[List[int]], List[Any]]) -> Comparison:
    bundle = SentimentClassifier.load(SHIPPED).bundle
    lstm, recipe, vocabulary = bundle.network.lstms[0], bundle.recipe, bundle.vocabulary
    reviews = sample_reviews(raw, recipe, 2000, "held_out")
    encoded = [truncate(vocabulary.encode(vocabulary.split(review.text)), recipe.index) for review in reviews]
    others, sequences = encoded[: len(encoded) // 2], encoded[len(encoded) // 2 :]
    batches = batches_of([len(sequence) for sequence in sequences])
    order = np.concatenate(batches)
    arrays: Dict[str, Any] = {
        "task": "predict_reviews",
        **_flat([sequences[row] for row in order], np.zeros(len(order)), batches),
        **_parameters(lstm),
    }

    def run_ours() -> np.ndarray:
        return predict(lstm, recipe, sequences, bundle.device)[:, 1]

    def run_baseline() -> Timed:
        seconds, found = run_script(find_torch(), "torch_baseline.py", arrays)
        return Timed(seconds, found["positive"][np.argsort(order)])

    predict(lstm, recipe, others, bundle.device)  # warm-up with other batch shapes
    return Comparison(timed(run_ours), run_baseline, _difference, len(sequences), max_difference)


def _flat(sequences: List[np.ndarray], labels: np.ndarray, batches: List[Any]) -> Dict[str, np.ndarray]:
    """Return encoded reviews in the input format of `torch_baseline`."""
    return {
        "ids": np.concatenate(sequences).astype(np.int64),
        "lengths": np.array([len(sequence) for sequence in sequences]),
        "labels": labels.astype(np.int64),
        "sizes": np.array([len(batch) for batch in batches]),
    }


def _difference(ours: np.ndarray, baseline: np.ndarray) -> str:
    apart = np.abs(ours - baseline).max()
    return "" if apart <= _TOLERANCE else f"probabilities differ by {apart:.2g}"


def sentence(raw: Path) -> Comparison:
    """Predict single sentences from text: the median of 90, against a time limit."""
    classifier = SentimentClassifier.load(SHIPPED)

    def predict_each() -> Timed:
        seconds, answers = zip(*(timed(classifier.predict_proba, [text])() for text in _SENTENCES * 30))
        return Timed(statistics.median(seconds), np.concatenate(answers[-len(_SENTENCES) :])[:, 1])

    together = classifier.predict_proba(_SENTENCES)[:, 1]
    return Comparison(predict_each, lambda: Timed(_TIME_LIMIT, together), _difference)


def cold_start(raw: Path) -> Comparison:
    """Start Python and predict one sentence, against ``import mxnet``.

    MXNet imports scikit-learn and scipy if they are installed, which our package prevents. The details include the
    time of ``import mxnet`` without them.
    """

    def run_baseline() -> Timed:
        seconds, version = _run_python(_IMPORT_MXNET)
        return Timed(seconds, {"version": version, "without_scipy": _run_python(_IMPORT_MXNET_WITHOUT_SCIPY).seconds})

    return Comparison(
        lambda: _run_python(_PREDICT),
        run_baseline,
        lambda ours, baseline: "" if ours == "Glad you liked it!" and baseline["version"] else f"found {ours!r}",
        details=lambda ours, baseline: {"without scikit-learn and scipy": baseline["without_scipy"]},
    )


def _run_python(code: str) -> Timed:
    """Run code in a subprocess; the result is its standard output."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "ignore", "-c", code]
    start = time.perf_counter()
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return Timed(time.perf_counter() - start, run.stdout.strip())
