"""What the five lectures show, run anew: every function computes one lecture's figures, by their keys."""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Sequence, Tuple

import numpy as np

from pipeline.build import Workspace, run_stage
from pipeline.errors import PipelineError
from pipeline.facts import Fact
from pipeline.io.output import read_json, write_json
from pipeline.published import PUBLISHED, Published
from pipeline.recipe import Recipe, override
from pipeline.recipes import CRASH_COURSE, LECTURE8, MNIST_ROWS, STACKED, STACKED_MASKED
from pipeline.stages import STAGES


class Ours(NamedTuple):
    """One figure of ours, and why it differs where it does."""

    value: Any
    why: str = ""
    comparable: bool = True  # False: the data for it is not at hand


Figures = Dict[str, Ours]


class Laboratory(NamedTuple):
    """Where the lectures are run."""

    data: Path  # holds raw/; results go beside it
    device: str = "auto"
    settings: Tuple[str, ...] = ()  # of every recipe: what makes a fast run fast
    seeds: int = 5  # of mnist_rows

    def run_all(self, recipes: Iterable[Recipe]) -> None:
        """Run several recipes side by side; each tells of itself in ``log.txt`` in its folder."""
        for_each(_run_logged, [(self, recipe) for recipe in recipes], "recipes")

    def run(self, recipe: Recipe, name: str = "") -> Path:
        """Run all stages of a recipe that are not up to date; return the folder of its results."""
        work = self.workspace(recipe, name)
        for stage in STAGES:
            run_stage(stage, work)
        return work.folder

    def workspace(self, recipe: Recipe, name: str = "") -> Workspace:
        """Return the recipe's workspace; GloVe 6B.50d stands in where the recipe's own file is missing."""
        raw = self.data / "raw"
        glove = raw / recipe.embed.glove
        if recipe.embed.glove and not glove.exists():
            glove = raw / "glove.6B.50d.txt"
        recipe = override(recipe, self.settings)
        return Workspace(recipe, self.data / (name or recipe.name), raw / "aclImdb", glove, self.device)


def for_each(function: Callable[..., Any], arguments: Sequence[Tuple[Any, ...]], unit: str) -> List[Any]:
    """Call a function with each of several arguments, in as many processes as there are cores; return the results.

    Each process has one thread: two such trainings side by side are faster than one on two threads, and the figures
    do not depend on how many cores there are.
    """
    from joblib import Parallel, delayed, parallel_config

    from pipeline.io.progress import tqdm

    with parallel_config("loky", inner_max_num_threads=1):
        work = Parallel(n_jobs=len(os.sched_getaffinity(0)), return_as="generator", batch_size=1)
        results = work(delayed(function)(*each) for each in arguments)
        return list(tqdm(results, total=len(arguments), desc=unit))


def _run_logged(lab: Laboratory, recipe: Recipe) -> None:
    folder = lab.data / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "log.txt", "a", buffering=1) as log, open(os.devnull, "w") as bars, redirect_stdout(
        log
    ), redirect_stderr(bars):
        lab.run(recipe)


def lecture8(lab: Laboratory) -> Figures:
    """Run the main lecture: the index of the real reviews, and the network as printed."""
    from pipeline.bundle import load_bundle
    from pipeline.encoded import Encoded
    from pipeline.evaluate import evaluate_bundle
    from pipeline.infer import infer_sentiment
    from pipeline.reviews import load_reviews
    from pipeline.vocabulary import Vocabulary

    folder = lab.run(LECTURE8)
    options = lab.workspace(LECTURE8).recipe
    vocabulary = Vocabulary.load(folder / "vocabulary.json", options.index)
    encoded = Encoded.load(folder / "encoded.npz")
    counts = dict(zip(vocabulary.words, vocabulary.counts))
    ranks = {word: rank for rank, word in enumerate(vocabulary.words, 1)}
    first = next(r for r in load_reviews(folder / "reviews.jsonl") if r.text.startswith(options.index.counted_first))
    words = vocabulary.split(first.text)
    metrics = read_json(folder / "bundle" / "metrics.json")
    dimension = np.load(folder / "embedding.npy", mmap_mode="r").shape[1]
    again, _ = evaluate_bundle(load_bundle(folder / "bundle", lab.device), encoded)
    train = encoded.rows("train")
    same_glove = dimension == 300
    other_glove = "" if same_glove else "GloVe 6B.50d in place of 42B.300d, which is not to be had offline"
    example = "This movie is Great. I really loved the part where the plot happened. Beautiful fantastic!"
    return {
        "reviews": Ours(f"{(encoded.labels == 1).sum():,} and {(encoded.labels == 0).sum():,}"),
        "cleaning": Ours(" ".join(vocabulary.split('who\'d done "Candyman"<br />'))),
        "counts": Ours(_listed(counts, _words_of("counts"))),
        "distinct": Ours(len(counts)),
        "ranks": Ours(_listed(ranks, _words_of("ranks"))),
        "tie": Ours(f"{counts.get('other')} and {counts.get('bad')}"),
        "first_ids": Ours(" ".join(str(ranks[word]) for word in words[:21])),
        "cut_ids": Ours(" ".join(map(str, vocabulary.encode(words)[:11]))),
        "rows": Ours(len(vocabulary)),
        "lengths": Ours(f"{encoded.lengths.min()}, {encoded.lengths.max()}, {encoded.lengths.mean():.5f}"),
        "embedding": Ours(f"{len(vocabulary)} x {dimension}", other_glove, same_glove),
        "split": Ours(f"{len(train):,} and {len(encoded.rows('held_out')):,}"),
        "steps": Ours(options.index.steps),
        "features": Ours(int(load_bundle(folder / "bundle", lab.device).network.dense.weight.shape[1])),
        "batches": Ours(len(train) // options.train.batch_size),
        "train_accuracy": Ours(metrics["train"]["accuracy"], other_glove, same_glove),
        "held_out_accuracy": Ours(metrics["held_out"]["accuracy"], "not printed there: the two names were swapped"),
        "sentence": Ours(str(infer_sentiment(example, model=folder / "bundle")), other_glove),
        "saved": Ours(again == metrics),
        "equations": Ours(compare_equations()),
    }


def _words_of(key: str) -> List[str]:
    """Return the words that a lecture prints figures of (which words, not their figures)."""
    value = next(published.value for published in PUBLISHED if published.key == key)
    return str(value).split()[::2]


def _listed(figures: Dict[str, int], words: Sequence[str]) -> str:
    return " ".join(f"{word} {figures.get(word, 0)}" for word in words)


def compare_equations(units: int = 64, inputs: int = 50, steps: int = 40) -> float:
    """Return the largest difference between the LSTM's equations in numpy and Gluon's layer, at random weights."""
    from pipeline.engine import mx, seed_everything
    from pipeline.weights import GluonWeights, gluon_to_keras, lstm

    seed_everything(0)
    layer = mx.gluon.rnn.LSTM(units, input_size=inputs)
    layer.initialize(mx.init.Normal(0.3))
    sequence = np.random.normal(size=(steps, inputs)).astype(np.float32)
    theirs = layer(mx.nd.array(sequence[:, None])).asnumpy()[:, 0]  # (T, 1, C) -> (T, U)
    values = GluonWeights(*(getattr(layer, f"l0_{name}").data().asnumpy() for name in GluonWeights._fields))
    ours = lstm(gluon_to_keras(values)).run(sequence)
    return float(np.abs(ours.outputs - theirs).max())


def crash_course(lab: Laboratory) -> Figures:
    """Run Keras's IMDB example on held-out reviews of the training folder."""
    from pipeline.bundle import load_bundle
    from pipeline.weights import count_parameters

    folder = lab.run(CRASH_COURSE)
    held_out = read_json(folder / "bundle" / "metrics.json")["held_out"]
    network = load_bundle(folder / "bundle", "cpu").network
    rows, dimension = network.embedding.weight.shape
    units = network.layers[0].cell.base_cell.h2h_weight.shape[1]
    parts = (rows * dimension, count_parameters(dimension, units), network.dense.weight.shape[1] + 1)
    fewer = "trained on 17,500 reviews and measured on 7,500, since the official test split is not at hand"
    return {
        "words": Ours(rows),
        "parameters": Ours(f"{parts[0]:,} + {parts[1]:,} + {parts[2]:,} = {sum(parts):,}", "one bias, as Keras counts"),
        "accuracy": Ours(held_out["accuracy"], fewer),
        "loss": Ours(held_out["loss"], fewer),
    }


def stacked(lab: Laboratory) -> Figures:
    """Measure the two stacked LSTMs before training, after it, and with the padding passed over."""
    from pipeline.bundle import load_bundle
    from pipeline.combined import build_network
    from pipeline.encoded import Encoded
    from pipeline.engine import find_devices, seed_everything
    from pipeline.metrics import measure
    from pipeline.network import initialize
    from pipeline.predict import predict

    folder = lab.run(STACKED)
    trained = read_json(folder / "bundle" / "metrics.json")["held_out"]
    masked = read_json(lab.run(STACKED_MASKED) / "bundle" / "metrics.json")["held_out"]
    recipe = load_bundle(folder / "bundle", "cpu").recipe
    embedding = np.load(folder / "embedding.npy")
    seed_everything(recipe.train.seed)
    network = build_network(recipe, embedding.shape)
    device = find_devices(lab.device)[0]
    initialize(network, recipe, embedding, [device])
    encoded = Encoded.load(folder / "encoded.npz")
    rows = encoded.rows("held_out")
    untrained = measure(encoded.labels[rows], predict(network, recipe, [encoded[row] for row in rows], device))
    why = (
        "ours before training. A network that was never trained has a loss of ln 2 = 0.69315, and the notebook's cells "
        "were run out of order: the model was made anew after it was fitted. After its epoch ours has "
        f"{trained['loss']:.4f} and {trained['accuracy']:.4f}"
    )
    return {
        "loss": Ours(untrained["loss"], why),
        "accuracy": Ours(untrained["accuracy"], why),
        "masked": Ours(masked["accuracy"], f"against {trained['accuracy']:.4f} with the padding read like words"),
    }


def weights(lab: Laboratory) -> Figures:
    """Set the weights of small layers by hand, all linear and without bias."""
    from pipeline.cells import LSTM, Gates, SimpleRNN

    def rnn(w: Any, u: Any, *inputs: float) -> str:
        return _numbers(SimpleRNN(w, u, activation="linear").run(inputs).last)

    def lstm(w: Gates, u: Gates, *inputs: float) -> str:
        layer = LSTM(w, u, activation="linear", recurrent_activation="linear")
        return _numbers(layer.run(inputs).outputs[:, 0])

    some, none = Gates(input=1, forget=0, cell=1, output=1), Gates(0, 0, 0, 0)
    return {
        "rnn_1": Ours(rnn(2, -1, -1, 3, 7)),
        "rnn_u": Ours(", ".join(rnn(1, u, 3, 3, 7) for u in range(6))),
        "refuted": Ours(rnn(1, 3, 1, 1, 2), "y_t = w x_t + u y_(t-1)"),
        "half": Ours(rnn(1, 0.5, 3, 3, 7)),
        "rnn_2a": Ours(rnn([1, 1], [[0, 0], [0, 0]], 1, 2, 3, 4)),
        "rnn_2b": Ours(rnn([1, 1], [[0, 1], [0, 1]], 3, 3, 7, 5)),
        "rnn_2c": Ours(rnn([1, 0], [[0, 0], [0, 0]], 3, 3, 7, 5)),
        "rnn_2d": Ours(rnn([1, 1], [[1, 1], [1, 1]], 3, 4)),
        "rnn_2e": Ours(rnn([1, 0], [[1, 0], [1, 0]], 1, 2, 3, 4)),
        "lstm_inputs": Ours(lstm(some, none, 0, 1, 2, 4, 8)),
        "lstm_recurrent": Ours(lstm(none, some, 0, 1, 2, 4, 8)),
    }


def _numbers(values: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in values)


def mnist_rows(lab: Laboratory) -> Figures:
    """Read digits row by row, over several seeds."""
    from pipeline.bundle import HISTORY, METRICS
    from pipeline.digits import read_digits
    from pipeline.engine import mx
    from pipeline.weights import count_parameters

    digits = read_digits(lab.data / "raw" / "mnist.npz")
    changes = ("train.learning_rate=0.001", "train.learning_rate=0.006")
    runs = for_each(
        _train_on_digits,
        [(lab, change, seed) for change in changes for seed in range(lab.seeds)],
        "trainings on digits",
    )
    history, figures = runs[0]  # for the report's pictures
    write_json(lab.data / MNIST_ROWS.name / "bundle" / HISTORY, history)
    write_json(lab.data / MNIST_ROWS.name / "bundle" / METRICS, {"test": figures})
    accuracies = [figures["accuracy"] for _, figures in runs]
    plain, better = accuracies[: lab.seeds], accuracies[lab.seeds :]
    layer = mx.gluon.rnn.LSTM(10, layout="NTC", input_size=1)
    layer.initialize()
    every = layer(mx.nd.zeros((2, 5, 1)))  # (N, T, U)
    splits = [len(digits.rows(split)) for split in ("train", "validation", "test")]
    return {
        "images": Ours("{:,}, {:,} and {:,}".format(*splits)),
        "steps": Ours("{} x {} from {:g} to {:g}".format(*digits[0].shape, digits.ids.min(), digits.ids.max())),
        "accuracy": Ours(float(np.mean(plain)), _spread(plain)),
        "better": Ours(float(np.mean(better)), f"one number changed, chosen on validation images; {_spread(better)}"),
        "parameters": Ours(f"{count_parameters(1, 10):,} and {count_parameters(28, 50):,}", "whatever the steps"),
        "shapes": Ours(f"{every[:, -1].shape}; {every.shape}"),
    }


def _train_on_digits(lab: Laboratory, change: str, seed: int) -> Tuple[List[Dict[str, float]], Dict[str, Any]]:
    """Train MNIST_ROWS with one change; return its history and the figures on the test images."""
    from pipeline.digits import read_digits
    from pipeline.engine import find_devices
    from pipeline.metrics import measure
    from pipeline.predict import predict
    from pipeline.train import train_network

    digits, devices = read_digits(lab.data / "raw" / "mnist.npz"), find_devices(lab.device)
    recipe = override(MNIST_ROWS, [*lab.settings, change, f"train.seed={seed}"])
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        network, history = train_network(digits, np.zeros((0, 28), np.float32), recipe, devices)
        found = predict(network, recipe, [digits[row] for row in digits.rows("test")], devices[0])
    return history, measure(digits.labels[digits.rows("test")], found)


def _spread(values: Sequence[float]) -> str:
    return f"{len(values)} seeds, {min(values):.4f} to {max(values):.4f}, standard deviation {np.std(values):.4f}"


TRAINED = {  # by the lectures, longest first
    "crash_course": (CRASH_COURSE,),
    "lecture8": (LECTURE8,),
    "stacked": (STACKED, STACKED_MASKED),
}

LECTURES: Dict[str, Callable[[Laboratory], Figures]] = {
    "lecture8": lecture8,
    "crash_course": crash_course,
    "stacked": stacked,
    "weights": weights,
    "mnist_rows": mnist_rows,
}


def reproduce(name: str, lab: Laboratory) -> List[Fact]:
    """Run one lecture and put what it prints beside ours.

    Parameters
    ----------
    name : str
        One of `LECTURES`.
    lab : Laboratory

    Returns
    -------
    list of Fact

    Raises
    ------
    PipelineError
        If there is no such lecture, or its data is missing.
    """
    if name not in LECTURES:
        raise PipelineError(f"{name}: no such lecture; there are {', '.join(LECTURES)}")
    figures = LECTURES[name](lab)
    return [_compare(published, figures[published.key]) for published in PUBLISHED if published.lecture == name]


def _compare(published: Published, ours: Ours) -> Fact:
    agrees = None
    if published.value is not None and ours.comparable:
        near = published.within is not None and abs(published.value - ours.value) <= published.within
        agrees = bool(near or published.value == ours.value)
    return Fact(published.lecture, published.fact, published.value, ours.value, agrees, ours.why)
