"""What the stages, or the command ``fit``, have left in a folder, read for the report and compared with each other."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path
from typing import Any, Dict, Iterable, List, NamedTuple, Optional

import numpy as np

from pipeline.corpus.classes import Classes, is_sentiment
from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, Review, load_reviews, unseen
from pipeline.errors import PipelineError
from pipeline.io.output import list_names, read_json
from pipeline.metrics import metric_names
from pipeline.model.bundle import HISTORY, MANIFEST, METRICS, VOCABULARY, load_classes, load_recipe
from pipeline.recipe import Recipe
from pipeline.recipes import RECIPES
from pipeline.text.vocabulary import Vocabulary

PREDICTIONS, ENCODED, REVIEWS = "predictions.csv", "encoded.npz", "reviews.jsonl"


class Answers(NamedTuple):
    """The answers on one split."""

    rows: np.ndarray  # (N,) of int, numbers of the reviews
    labels: np.ndarray  # (N,) of int
    positive: np.ndarray  # (N,) of float, probability of "positive"

    @property
    def probabilities(self) -> np.ndarray:
        """Probabilities of both classes, (N, 2)."""
        return np.stack([1 - self.positive, self.positive], axis=1)

    @property
    def correct(self) -> np.ndarray:
        """Whether each prediction is the label, bool, (N,)."""
        return (self.positive > 0.5) == (self.labels == 1)


class Results(NamedTuple):
    """Everything that is known of a trained and evaluated network."""

    folder: Path
    recipe: Recipe
    classes: Classes
    vocabulary: Vocabulary
    history: List[Dict[str, Any]]
    metrics: Dict[str, Dict[str, Any]]  # of each split, in the order of SPLITS
    split_by: str  # how the reviews were split: "film" or "random"; "": not known
    answers: Dict[str, Answers]  # of each split; empty without predictions.csv
    encoded: Optional[Encoded]  # None without encoded.npz

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


def load_results(folder: Path) -> Results:
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
    metrics = _load_metrics(bundle / METRICS, len(classes), command)
    vocabulary = Vocabulary.load(bundle / VOCABULARY, recipe.index)
    encoded = Encoded.load(folder / ENCODED) if (folder / ENCODED).is_file() else None
    if encoded and len(encoded.ids) and int(encoded.ids.max()) >= len(vocabulary):
        raise PipelineError(f"{folder / ENCODED}: not encoded with the bundle's vocabulary; run the stages again")
    if encoded and any(len(encoded.rows(split)) < one["reviews"] for split, one in metrics.items()):
        raise PipelineError(f"{folder / ENCODED}: fewer reviews than in bundle/{METRICS}; run again: {command}")
    answers: Dict[str, Answers] = {}
    if is_sentiment(classes) and (folder / PREDICTIONS).is_file():
        answers = _load_answers(folder / PREDICTIONS, command)
        _compare(folder, answers, metrics, encoded, command)
    split = read_json(bundle / METRICS).get("split", "")
    history = read_json(bundle / HISTORY)
    return Results(folder, recipe, classes, vocabulary, history, metrics, str(split), answers, encoded)


def load_texts(results: Results, rows: Iterable[int]) -> Dict[int, Review]:
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
    labels = {row: label for one in results.answers.values() for row, label in zip(one.rows, one.labels)}
    if set(found) != wanted or any(review.label != labels[number] for number, review in found.items()):
        raise PipelineError(f"{path}: not the reviews of {PREDICTIONS}; run the stages again, then {results.command}")
    return found


def _load_metrics(path: Path, num_classes: int, command: str) -> Dict[str, Dict[str, Any]]:
    values = read_json(path)
    by_split = values.get("metrics") if isinstance(values, dict) else None
    if not isinstance(by_split, dict) or not set(by_split) & set(SPLITS):
        raise PipelineError(f"{path}: expected metrics of one split or more; run again: {command}")
    metrics = {split: by_split[split] for split in SPLITS if split in by_split}
    names = {"reviews", "confusion", *metric_names(num_classes), "calibration_error"}
    for one in metrics.values():
        known = isinstance(one, dict) and names <= set(one)
        if not known or np.shape(one["confusion"]) != (num_classes, num_classes):
            raise PipelineError(f"{path}: not metrics of a network of {num_classes} classes; run again: {command}")
    return metrics


def _load_answers(path: Path, command: str) -> Dict[str, Answers]:
    by_split: Dict[str, List[Any]] = {split: [] for split in SPLITS}
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        try:
            for row in reader:
                values = int(row["review"]), int(row["label"]), float(row["positive"])
                if min(values) < 0 or values[1] > 1 or not values[2] <= 1:
                    raise ValueError("a number out of its range")
                by_split[row["split"]].append(values)
        except (ValueError, TypeError, KeyError, csv.Error) as error:
            where = f"{path}, line {reader.line_num}"
            raise PipelineError(
                f"{where}: not split, review, label, positive ({error}); run again: {command}"
            ) from None
    columns = {split: zip(*values) for split, values in by_split.items() if values}
    return {split: Answers(*(np.array(column) for column in values)) for split, values in columns.items()}


def _compare(
    folder: Path, answers: Dict[str, Answers], metrics: Dict[str, Any], encoded: Optional[Encoded], command: str
) -> None:
    """Refuse files that were not written by one evaluation: of another network, or of reviews that were read anew."""
    if set(answers) != set(metrics):
        raise PipelineError(f"{folder}: {PREDICTIONS} and bundle/{METRICS} have other splits; run again: {command}")
    for split, one in answers.items():
        close = int((np.abs(one.positive - 0.5) < 1e-6).sum())  # rounded, so their prediction is not certain
        counts = np.array([[((one.labels == t) & ((one.positive > 0.5) == p)).sum() for p in (0, 1)] for t in (0, 1)])
        expected = np.array(metrics[split]["confusion"])
        if (counts.sum(axis=1) != expected.sum(axis=1)).any() or np.abs(counts - expected).max() > close:
            raise PipelineError(
                f"{folder}: {PREDICTIONS} and bundle/{METRICS} differ on the split {split}; run again: {command}"
            )
        if encoded is None:
            continue
        known = one.rows.max() < len(encoded) and (encoded.splits[one.rows] == SPLITS.index(split)).all()
        if not known or (encoded.labels[one.rows] != one.labels).any():
            raise PipelineError(f"{folder / ENCODED}: not the reviews of {PREDICTIONS}; run again: {command}")
