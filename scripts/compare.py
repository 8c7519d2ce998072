"""Compare networks, linear models and lexicons on held-out reviews, single sentences and short opinions."""

from __future__ import annotations

import argparse
import csv
import shlex
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from pipeline.classifier import SentimentClassifier
from pipeline.cli.main import run_command
from pipeline.corpus.classes import is_sentiment
from pipeline.corpus.reviews import CLASSES, load_reviews
from pipeline.errors import PipelineError
from pipeline.io.environment import describe_run
from pipeline.io.input import list_reviews, read_text
from pipeline.io.output import check_file, write_json
from pipeline.metrics import ORDERED_METRICS, measure, ordered_errors
from pipeline.model.bundle import Bundle, load_classes, load_recipe
from pipeline.model.predict import compute_logits, probabilities_of
from pipeline.recipe import Recipe
from pipeline.workflow.stages import REVIEWS


class Texts(NamedTuple):
    """Labelled texts."""

    texts: List[str]
    labels: np.ndarray  # (N,), 1 positive, 0 negative


class Row(NamedTuple):
    """Metrics of one model on one data set."""

    model: str
    texts: str
    metrics: Dict[str, Any]  # as returned by `pipeline.metrics.measure`, or some of those


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Print a table of metrics, and write them as JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="+", help="trained networks: folders in data/ with the same split")
    parser.add_argument("--data", type=Path, default=Path("data"), help="data folder (default: data)")
    parser.add_argument("--behaviour", type=Path, metavar="CSV", help="short opinions: text, label and capability")
    parser.add_argument("--no-generated", action="store_true", help="train baselines without generated sentences")
    parser.add_argument("--lexicons", action="store_true", help="also VADER and TextBlob")
    parser.add_argument("--device", default="auto", help="auto, cpu, gpu or gpu:1 (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="file for the metrics as JSON")
    parser.set_defaults(run=_compare)
    return run_command(parser, arguments)


def _compare(options: argparse.Namespace) -> None:
    check_file(options.json)
    collections = read_collections(options.data, options.name[0], not options.no_generated)
    collections.update(read_behaviour(options.behaviour))
    bundle = options.data / options.name[0] / "bundle"
    classes = load_classes(bundle)
    if not is_sentiment(classes):
        if options.lexicons or options.behaviour:
            found = ", ".join(map(str, classes[:5]))
            raise PipelineError(f"{options.name[0]}: its classes are {found}; leave out --lexicons and --behaviour")
        collections.pop("rotten_tomatoes", None)  # which is negative or positive
    baselines: Dict[str, Any] = {**linear_models(), **(lexicons() if options.lexicons else {})}
    names: Sequence[str] = ("accuracy", "loss", "calibration_error")
    if load_recipe(bundle).is_ordered:
        baselines, names = {**baselines, **ridge_regressions()}, ("accuracy", *ORDERED_METRICS)
    rows = []
    print(f"{'model':48}{'texts':>24}" + "".join(f"{name:>21}" for name in names))
    for row in compare_models(options.data, options.name, collections, baselines, options.device):
        rows.append(row)
        print(f"{row.model:48}{row.texts:>24}" + "".join(f"{row.metrics[name]:>21.4f}" for name in names), flush=True)
    if options.json:
        command = shlex.join(["python", "scripts/compare.py", *sys.argv[1:]])
        write_json(options.json, {"run": describe_run(command), "rows": [row._asdict() for row in rows]})


def read_collections(data: Path, name: str, generated: bool = True) -> Dict[str, Texts]:
    """Read the training, held-out and test reviews and Rotten Tomatoes, as far as they exist.

    Parameters
    ----------
    data : Path
        Contains ``<name>/reviews.jsonl`` and optionally ``raw/rotten_tomatoes/``.
    name : str
        Folder whose split is used. Validation reviews and sentences are added to the training reviews.
    generated : bool
        Whether generated sentences are too.
    """
    kinds = {"held_out": "held_out", "test": "test"}  # all others are to train on
    found: Dict[str, List[Any]] = {}
    for review in load_reviews(data / name / REVIEWS):
        if generated or review.split != "generated":
            found.setdefault(kinds.get(review.split, "train"), []).append((review.text, review.label))
    short = data / "raw" / "rotten_tomatoes" / "test"
    lines = [
        (read_text(str(short / folder / name)), label)
        for folder, label in (CLASSES.items() if short.is_dir() else ())
        for name in list_reviews(short / folder)
    ]
    found["rotten_tomatoes"] = lines
    return {
        kind: Texts([text for text, _ in pairs], np.array([label for _, label in pairs]))
        for kind, pairs in found.items()
        if pairs
    }


def read_behaviour(path: Optional[Path]) -> Dict[str, Texts]:
    """Read a table with the columns text, label (pos or neg) and capability: all of it, and each capability."""
    found: Dict[str, List[Any]] = {}
    if path:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                for kind in ("behaviour", row["capability"]):
                    found.setdefault(kind, []).append((row["text"], CLASSES[row["label"]]))
    return {
        kind: Texts([text for text, _ in pairs], np.array([label for _, label in pairs]))
        for kind, pairs in found.items()
    }


def compare_models(
    data: Path, names: Sequence[str], collections: Dict[str, Texts], baselines: Dict[str, Any], device: str
) -> Iterator[Row]:
    """Evaluate each network, and each baseline trained on the same texts, on all other data sets."""
    if "train" not in collections:
        raise PipelineError(f"{data / names[0]}: no reviews to train on")
    unseen = {kind: texts for kind, texts in collections.items() if kind != "train"}
    networks = []
    classifiers = [SentimentClassifier.load(data / name / "bundle", device) for name in names]
    if len({classifier.bundle.classes for classifier in classifiers}) > 1:
        raise PipelineError(f"{', '.join(names)}: expected networks of the same classes")
    values = classifiers[0].bundle.values
    for name, classifier in zip(names, classifiers):
        for kind, (texts, labels) in unseen.items():
            networks.append(Row(name, kind, measure(labels, classifier.predict_proba(texts), values)))
            yield networks[-1]
            yield from measure_alone(classifier.bundle, name, kind, unseen[kind])
    if len(names) > 1:
        for kind in unseen:
            yield from summarise([row for row in networks if row.texts == kind])
    train = collections["train"]
    for name, model in baselines.items():
        if values is not None and not hasattr(model, "predict_proba"):  # a regression
            model.fit(train.texts, np.take(values, train.labels))
            for kind, (texts, labels) in unseen.items():
                yield Row(name, kind, measure_regression(labels, model.predict(texts), values))
            continue
        model.fit(*train)
        for kind, (texts, labels) in unseen.items():
            yield Row(name, kind, measure(labels, model.predict_proba(texts), values))


def measure_alone(bundle: Bundle, name: str, kind: str, texts: Texts) -> Iterator[Row]:
    """Evaluate the models of an ensemble alone, and its LSTMs together, on texts that have words."""
    if bundle.recipe.num_logits == bundle.recipe.network.num_outputs:
        return
    vocabulary = bundle.vocabulary
    encoded = [vocabulary.encode(vocabulary.split(text)) for text in texts.texts]
    readable = [row for row, ids in enumerate(encoded) if len(ids)]
    logits = compute_logits(bundle.network, bundle.recipe, [encoded[row] for row in readable], bundle.device)
    for model, part in split_logits(logits, bundle.recipe).items():
        probabilities = probabilities_of(part, bundle.recipe.network.num_outputs)
        yield Row(f"{name}: {model}", kind, measure(texts.labels[readable], probabilities, bundle.values))


def split_logits(logits: np.ndarray, recipe: Recipe) -> Dict[str, np.ndarray]:
    """Return the logits of an ensemble's models, alone and of several LSTMs together.

    Parameters
    ----------
    logits : ndarray of float, shape (N, M * num_outputs)
        Model after model, the LSTMs first.
    recipe : Recipe

    Returns
    -------
    dict of str to ndarray
        ``LSTM`` or ``LSTM 1``, ``LSTM 2`` and so on, ``LSTMs`` for the columns of all of them, ``n-grams``.
    """
    outputs, size = recipe.network.num_outputs, recipe.network.ensemble_size
    parts = {f"LSTM {i + 1}": logits[:, i * outputs : (i + 1) * outputs] for i in range(size)}
    parts = {"LSTM": parts["LSTM 1"]} if size == 1 else {**parts, "LSTMs": logits[:, : size * outputs]}
    return {**parts, "n-grams": logits[:, size * outputs :]} if recipe.ngram_model.max_n else parts


def measure_regression(labels: np.ndarray, numbers: np.ndarray, values: Sequence[float]) -> Dict[str, Any]:
    """Return the metrics of predicted numbers (N,), each of which counts as the nearest of the classes' values (K,)."""
    nearest = np.abs(numbers[:, None] - np.array(values)).argmin(axis=1)  # (N,)
    errors = ordered_errors(np.take(values, labels), np.take(values, nearest))
    return {"reviews": len(labels), "accuracy": float((nearest == labels).mean()), **errors}


def summarise(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the mean and the standard deviation of several models' metrics on one data set."""
    each = {
        name: [row.metrics[name] for row in rows]
        for name, value in rows[0].metrics.items()
        if isinstance(value, float) and all(row.metrics[name] is not None for row in rows)
    }
    yield Row(f"mean of {len(rows)}", rows[0].texts, {name: float(np.mean(found)) for name, found in each.items()})
    deviations = {name: float(np.std(found, ddof=1)) for name, found in each.items()}
    yield Row("standard deviation", rows[0].texts, deviations)


_TOKENS = r"\w+|[^\w\s]"  # words and punctuation


class LogCountRatios(BaseEstimator, TransformerMixin):
    """Scale each column by its log-count ratio: the features of NB-SVM (Wang and Manning, 2012)."""

    def fit(self, counts: Any, labels: np.ndarray) -> LogCountRatios:
        """Compute the ratios from a binary sparse matrix (N, columns) and binary labels (N,)."""
        p, q = (1 + np.asarray(counts[labels == label].sum(axis=0)).ravel() for label in (1, 0))
        self.ratios_ = np.log(p / p.sum()) - np.log(q / q.sum())
        return self

    def transform(self, counts: Any) -> Any:
        """Return the scaled columns."""
        return counts.multiply(self.ratios_).tocsr()


def linear_models() -> Dict[str, Pipeline]:
    """Return unfitted models of texts by name, for any number of classes."""
    return {
        "TF-IDF of words, logistic regression": make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=1000)),
        "TF-IDF of words and pairs, logistic regression": make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(C=10, max_iter=1000)
        ),
        "NB-SVM of 1 to 3 words": make_pipeline(
            CountVectorizer(ngram_range=(1, 3), token_pattern=_TOKENS, binary=True, min_df=2),
            OneVsRestClassifier(make_pipeline(LogCountRatios(), LogisticRegression(solver="liblinear", dual=True))),
        ),
    }


def ridge_regressions() -> Dict[str, Pipeline]:
    """Return unfitted regressions of texts by name: they predict stars. `alpha` was chosen on validation reviews."""
    return {
        "TF-IDF of words, ridge regression": make_pipeline(TfidfVectorizer(), Ridge(alpha=0.3)),
        "TF-IDF of words and pairs, ridge regression": make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), Ridge(alpha=0.3)
        ),
    }


class Lexicon(BaseEstimator):
    """Probabilities from a polarity between -1 and 1 that is looked up, not trained."""

    def __init__(self, polarity: Callable[[str], float]) -> None:
        self.polarity = polarity

    def fit(self, texts: Sequence[str], labels: np.ndarray) -> Lexicon:
        """Do nothing."""
        return self

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """Return probabilities, (N, 2). A polarity of 0 gives 0.5, which `measure` counts as negative."""
        positive = np.array([(1 + self.polarity(text)) / 2 for text in texts])
        return np.stack([1 - positive, positive], axis=1)


def lexicons() -> Dict[str, Lexicon]:
    """Return VADER (Hutto and Gilbert, 2014) and TextBlob's pattern lexicon."""
    try:
        from textblob import TextBlob
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer
    except ImportError:
        raise PipelineError("--lexicons needs two packages: pip install vaderSentiment textblob") from None
    vader = SentimentIntensityAnalyzer()
    return {
        "VADER": Lexicon(lambda text: vader.polarity_scores(text)["compound"]),
        "TextBlob": Lexicon(lambda text: TextBlob(text).sentiment.polarity),
    }


if __name__ == "__main__":
    sys.exit(main())
