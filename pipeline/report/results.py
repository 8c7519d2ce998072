"""What the stages, or the command ``fit``, have left in a folder, read for the report and compared with each other."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

import numpy as np

from pipeline.corpus.classes import Classes, choose_classes, class_names, is_sentiment
from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, Review, load_reviews, unseen
from pipeline.errors import PipelineError
from pipeline.io.output import list_names, read_json
from pipeline.io.streams import printable
from pipeline.metrics import metric_names
from pipeline.model.bundle import (
    HISTORY,
    MANIFEST,
    METRICS,
    VOCABULARY,
    load_classes,
    load_metrics,
    load_recipe,
    load_split,
)
from pipeline.recipe import Recipe
from pipeline.recipes import RECIPES
from pipeline.text.vocabulary import Vocabulary
from pipeline.workflow.stages import ENCODED, PREDICTIONS, REVIEWS


class SplitPredictions(NamedTuple):
    """The predictions on one split."""

    rows: np.ndarray  # (N,) of int, numbers of the reviews
    labels: np.ndarray  # (N,) of int
    probabilities: np.ndarray  # (N, K) of float
    predicted: np.ndarray  # (N,) of int

    @property
    def positive(self) -> np.ndarray:
        """Probability of the second of two classes, (N,)."""
        return self.probabilities[:, 1]

    @property
    def correct(self) -> np.ndarray:
        """Whether each prediction is the label, bool, (N,)."""
        return self.predicted == self.labels


class NetworkResults(NamedTuple):
    """Everything that is known of a trained and evaluated network."""

    folder: Path
    recipe: Recipe
    classes: Classes
    vocabulary: Vocabulary
    history: List[Dict[str, Any]]
    metrics: Dict[str, Dict[str, Any]]  # of each split, in the order of SPLITS
    split_by: str  # how the reviews were split: "film" or "random"; "": not known
    predictions: Dict[str, SplitPredictions]  # of each split; empty without predictions.csv
    encoded: Optional[Encoded]  # None without encoded.npz

    @property
    def names(self) -> List[str]:
        """The classes' names."""
        return [printable(name) for name in class_names(self.classes)]

    @property
    def shown(self) -> str:
        """The split whose details are shown: held_out or test if there is one."""
        return unseen(self.metrics) or list(self.metrics)[-1]

    @property
    def command(self) -> str:
        """The command that evaluates the network."""
        return evaluate_command(self.folder, self.recipe)


def evaluate_command(folder: Path, recipe: Recipe) -> str:
    """Return the command that evaluates a network again."""
    command = ["sentiment", "evaluate", recipe.name]
    command += ["--name", folder.name] if folder.name != recipe.name else []
    command += ["--data", str(folder.parent)] if folder.parent != Path("data") else []
    return shlex.join(command)


def _run_command(folder: Path) -> str:
    command = ["sentiment", "run"] + ([folder.name] if folder.name in RECIPES else ["RECIPE", "--name", folder.name])
    return shlex.join(command + (["--data", str(folder.parent)] if folder.parent != Path("data") else []))


def load_results(folder: Path) -> NetworkResults:
    """Read a folder such as ``data/quick``.

    Raises
    ------
    PipelineError
        If there is no such folder, nothing in it is trained or evaluated, a file is damaged, or the files are not of
        the same run; says which command to run.
    """
    bundle = folder / "bundle"
    if not folder.is_dir():
        trained = [name for name in list_names(folder.parent) if (folder.parent / name / "bundle" / MANIFEST).is_file()]
        raise PipelineError(
            f"{folder}: no such folder; expected the name of a trained recipe (found: {', '.join(trained) or 'none'})"
        )
    if not (bundle / MANIFEST).is_file():
        raise PipelineError(f"{folder}: not trained yet, there is no bundle/{MANIFEST}; run: {_run_command(folder)}")
    classes, recipe = load_classes(bundle), load_recipe(bundle)
    command = evaluate_command(folder, recipe)
    if not (bundle / METRICS).is_file():
        raise PipelineError(
            f"{folder}: not evaluated yet, there is no bundle/{METRICS}; run: {command} (with the options that it was "
            "trained with)"
        )
    metrics = _check_metrics(bundle, len(classes), recipe.is_ordered, command)
    vocabulary = Vocabulary.load(bundle / VOCABULARY, recipe.index)
    encoded = Encoded.load(folder / ENCODED) if (folder / ENCODED).is_file() else None
    if encoded and len(encoded.ids) and int(encoded.ids.max()) >= len(vocabulary):
        raise PipelineError(f"{folder / ENCODED}: not encoded with the bundle's vocabulary; run the stages again")
    if encoded and any(len(encoded.rows(split)) < one["reviews"] for split, one in metrics.items()):
        raise PipelineError(f"{folder / ENCODED}: fewer reviews than in bundle/{METRICS}; run again: {command}")
    predictions: Dict[str, SplitPredictions] = {}
    if (folder / PREDICTIONS).is_file():
        predictions = load_predictions(folder, classes, recipe)
        _compare(folder, predictions, metrics, recipe.is_ordered, encoded, command)
    history = read_json(bundle / HISTORY)
    split = load_split(bundle)
    return NetworkResults(folder, recipe, classes, vocabulary, history, metrics, split, predictions, encoded)


def load_texts(results: NetworkResults, rows: Iterable[int]) -> Dict[int, Review]:
    """Return some reviews by their numbers; empty if ``reviews.jsonl`` is missing.

    Raises
    ------
    PipelineError
        If the file is damaged, or its reviews are not those that were evaluated.
    """
    path, wanted, found = results.folder / REVIEWS, set(rows), {}  # type: Path, Any, Dict[int, Review]
    if not path.is_file() or not wanted:
        return {}
    for number, review in enumerate(load_reviews(path)):
        if number in wanted:
            found[number] = review
        if len(found) == len(wanted):
            break
    labels = {row: label for one in results.predictions.values() for row, label in zip(one.rows, one.labels)}
    if set(found) != wanted or any(review.label != labels[number] for number, review in found.items()):
        raise PipelineError(f"{path}: not the reviews of {PREDICTIONS}; run the stages again, then {results.command}")
    return found


def _check_metrics(bundle: Path, num_classes: int, ordered: bool, command: str) -> Dict[str, Dict[str, Any]]:
    """Return a bundle's metrics of each split, or raise an error if they are not those of such a network."""
    path, by_split = bundle / METRICS, load_metrics(bundle)
    if not set(by_split) & set(SPLITS):
        raise PipelineError(f"{path}: expected metrics of one split or more; run again: {command}")
    metrics = {split: by_split[split] for split in SPLITS if split in by_split}
    names = {"reviews", "confusion", "precision", "recall", "f1", *metric_names(num_classes, ordered)}
    names.add("calibration_error")
    for one in metrics.values():
        known = isinstance(one, dict) and names <= set(one)
        if not known or np.shape(one["confusion"]) != (num_classes, num_classes):
            raise PipelineError(f"{path}: not metrics of a network of {num_classes} classes; run again: {command}")
    return metrics


def load_predictions(folder: Path, classes: Classes, recipe: Recipe) -> Dict[str, SplitPredictions]:
    """Read ``predictions.csv`` of a folder; return the predictions on each split that it has.

    Raises
    ------
    PipelineError
        If the file is damaged or of other classes; names the line, and says which command writes it again.
    """
    path, binary = folder / PREDICTIONS, is_sentiment(classes)
    columns = ["split", "review", "label", *(["positive"] if binary else map(str, classes))]
    ids = {str(label): i for i, label in enumerate((0, 1) if binary else classes)}
    by_split: Dict[str, List[Any]] = {split: [] for split in SPLITS}
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        try:
            if next(reader, None) != columns:
                raise ValueError("other columns")
            for split, review, label, *rest in reader:
                row, probabilities = int(review), list(map(float, rest))
                if label not in ids:
                    raise ValueError(f"a label {label!r}")
                if row < 0 or not all(0 <= probability <= 1 for probability in probabilities):
                    raise ValueError("a number out of its range")
                if len(probabilities) != len(columns) - 3:
                    raise ValueError(f"{len(probabilities) + 3} values")
                by_split[split].append((row, ids[label], *probabilities))
        except (ValueError, KeyError, csv.Error) as error:
            where = f"{path}, line {reader.line_num}"
            names = ", ".join(columns[:10])
            command = evaluate_command(folder, recipe)
            raise PipelineError(f"{where}: not {names} ({error}); run again: {command}") from None
    predictions = {}
    for split, rows in by_split.items():
        if rows:
            numbers, labels, *columns_of = np.array(rows).T
            found = np.stack([1 - columns_of[0], *columns_of] if binary else columns_of, axis=1)
            predicted = choose_classes(found, recipe.is_ordered)
            predictions[split] = SplitPredictions(numbers.astype(int), labels.astype(int), found, predicted)
    return predictions


def _compare(
    folder: Path,
    predictions: Dict[str, SplitPredictions],
    metrics: Dict[str, Any],
    ordered: bool,
    encoded: Optional[Encoded],
    command: str,
) -> None:
    """Refuse files that were not written by one evaluation: of another network, or of reviews that were read anew."""
    if set(predictions) != set(metrics):
        raise PipelineError(f"{folder}: {PREDICTIONS} and bundle/{METRICS} have other splits; run again: {command}")
    for split, one in predictions.items():
        # Probabilities are rounded to six digits, so that some predictions are not certain.
        if ordered:
            margins = np.abs(one.probabilities.cumsum(axis=1) - 0.5).min(axis=1) - 1e-6 * one.probabilities.shape[1]
        else:
            largest = np.sort(one.probabilities, axis=1)
            margins = largest[:, -1] - largest[:, -2] - 2e-6
        close = int((margins < 0).sum())
        expected = np.array(metrics[split]["confusion"])
        counts = np.zeros_like(expected)
        np.add.at(counts, (one.labels, one.predicted), 1)
        if (counts.sum(axis=1) != expected.sum(axis=1)).any() or np.abs(counts - expected).max() > close:
            raise PipelineError(
                f"{folder}: {PREDICTIONS} and bundle/{METRICS} differ on the split {split}; run again: {command}"
            )
        if encoded is None:
            continue
        known = one.rows.max() < len(encoded) and (encoded.splits[one.rows] == SPLITS.index(split)).all()
        if not known or (encoded.labels[one.rows] != one.labels).any():
            raise PipelineError(f"{folder / ENCODED}: not the reviews of {PREDICTIONS}; run again: {command}")
