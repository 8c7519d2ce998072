"""The command ``evaluate`` on your own labelled texts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Set, Tuple

from pipeline.cli.options import (
    MODEL,
    add_input_options,
    add_label_options,
    check_figure_name,
    check_output,
    find_column,
    find_input_format,
    load_predictor,
)
from pipeline.corpus.classes import SENTIMENT, Classes, choose_classes, is_sentiment
from pipeline.errors import PipelineError
from pipeline.io.output import write_json
from pipeline.io.streams import printable
from pipeline.io.tables import batches, name_of

if TYPE_CHECKING:
    import numpy as np

    from pipeline.corpus.labelled import Labelled
    from pipeline.model.predictor import Predictor


INPUT_OPTIONS = ("--by", "--invariance", "--failures", "--risk-coverage", "--model", "--json")  # only with --input


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for labelled reviews in place of a recipe's."""
    own = parser.add_argument_group("on your own labelled reviews, in place of a recipe's")
    add_input_options(own, "a table (as for infer) or a folder that holds pos/ and neg/; - standard input")
    add_label_options(own)
    own.add_argument("--by", metavar="COLUMN", help="accuracy for each value of this column, such as capability")
    own.add_argument("--invariance", metavar="COLUMN", help="count the values of this column with mixed predictions")
    own.add_argument("--failures", action="store_true", help="print the texts whose prediction is not their label")
    own.add_argument(
        "--risk-coverage",
        type=Path,
        metavar="FILE",
        help="draw the accuracy that is reached when the least certain predictions are left out",
    )
    own.add_argument("--model", help=MODEL)
    own.add_argument("--json", type=Path, metavar="FILE", help="write the metrics to this file")


def run(options: argparse.Namespace) -> None:
    """Evaluate a bundle on the texts of ``--input``."""
    from pipeline.metrics import class_table, measure, table

    for option in ("recipe", "--set", "--reviews", "--vectors", "--name", "--group", "--validation", "--test"):
        given = getattr(options, option.lstrip("-"))
        if given:
            told = " ".join(given) if isinstance(given, list) else given
            raise PipelineError(f"{option} {told}: is not for --input; expected one or the other")
    check_output(options.json, options, options.input)
    check_figure_name("--risk-coverage", options.risk_coverage)
    extra = [name for name in (options.by, options.invariance) if name]
    predictor = load_predictor(options)
    classes, values = predictor.bundle.classes, predictor.bundle.values
    if is_sentiment(classes):
        classes = SENTIMENT  # whatever they are called
    rows = read_rows(options, options.input, classes, extra)
    source = name_of(options.input)
    results = predict_labelled(predictor, rows, options.failures, classes, values is not None, source)
    metrics = measure(results.labels, results.probabilities, values)
    print(table({"test": metrics}) if classes == SENTIMENT else class_table(metrics, classes))
    print(f"calibration error {metrics['calibration_error']:.4f}")
    if options.by:
        metrics["by"] = accuracy_by(results, [extra[0] for extra in results.extra])
        print(f"\n{options.by:<24}{'texts':>8}{'accuracy':>11}")
        for name, entry in metrics["by"].items():
            print(f"{printable(name):<24}{entry['texts']:>8,}{entry['accuracy']:>11.4f}")
    if options.invariance:
        metrics["flips"] = count_flips(results, [extra[-1] for extra in results.extra])
        print(f"\n{metrics['flips']} groups of {options.invariance} with different predictions")
    if options.risk_coverage:
        save_risk_coverage(options.risk_coverage, results)
    if options.json:
        write_json(options.json, metrics)


def read_rows(
    options: argparse.Namespace, path: Path, classes: Classes, extra: Sequence[str] = ()
) -> Iterator[Labelled]:
    """Read labelled texts as the options of a table and of its labels say.

    Parameters
    ----------
    options : Namespace
        With the options of `add_format_options` and `add_label_options`.
    path : Path
    classes : tuple
        Names of the classes that the labels may have.
    extra : sequence of str
        Names of further columns.
    """
    from pipeline.corpus.labelled import Table, check_label_map, list_sentiment_folders, read_labelled

    column, label_column = find_column(options, "column", "text", 1), find_column(options, "label_column", "label", 2)
    table = Table(path, column, label_column, find_input_format(options), options.label_map)
    folders: List[str] = []
    if options.label_map is not None:
        check_label_map(options.label_map, classes)
    elif is_sentiment(classes) and path.is_dir():
        folders = list_sentiment_folders(path)
    return read_labelled(table, classes, extra, folders)


class Results(NamedTuple):
    """Predictions for N labelled texts."""

    labels: np.ndarray  # int, (N,)
    probabilities: np.ndarray  # float64, (N, K)
    predicted: np.ndarray  # int, (N,)
    extra: List[Tuple[str, ...]]  # values of further columns

    @property
    def correct(self) -> np.ndarray:
        """Whether each prediction is the label, bool, shape (N,)."""
        return self.predicted == self.labels


def predict_labelled(
    predictor: Predictor,
    rows: Iterable[Labelled],
    failures: bool = False,
    classes: Classes = SENTIMENT,
    ordered: bool = False,
    name: str = "input",
) -> Results:
    """Predict labelled texts; only one batch of them is in memory at a time.

    Parameters
    ----------
    predictor : Predictor
    rows : iterable of Labelled
        A text without a word in the vocabulary is predicted with probability 0.5.
    failures : bool
        Print each text whose prediction is not its label, with the probability of "positive", or of its label if
        there are other classes.
    classes : tuple
        Names of the predictor's classes.
    ordered : bool
        Whether they are in an order.
    name : str
        Of the input, for errors.

    Raises
    ------
    PipelineError
        If there are no rows.
    """
    import numpy as np

    labels, probabilities, predicted, extra = [], [], [], []
    binary = is_sentiment(classes)
    for batch in batches(rows):
        probabilities.append(predictor.predict_proba([row.text for row in batch]))
        predicted.append(choose_classes(probabilities[-1], ordered))
        for row, found, chosen in zip(batch, probabilities[-1], predicted[-1]):
            labels.append(row.label)
            extra.append(row.extra)
            if failures and chosen != row.label:
                probability = f"{found[1 if binary else row.label]:.4f}"
                told = [*row.extra, str(classes[row.label]), probability, " ".join(row.text.split())]
                print("\t".join(map(printable, told)))
    if not labels:
        raise PipelineError(f"{name}: no reviews in it; expected at least one row")
    return Results(np.array(labels), np.concatenate(probabilities), np.concatenate(predicted), extra)


def accuracy_by(results: Results, groups: Sequence[str]) -> Dict[str, Dict[str, Any]]:
    """Return the number of texts and the accuracy of each group, in order of first appearance."""
    import numpy as np

    names = np.array(groups)
    chosen = {name: names == name for name in dict.fromkeys(groups)}
    return {
        name: {"texts": int(rows.sum()), "accuracy": float(results.correct[rows].mean())}
        for name, rows in chosen.items()
    }


def count_flips(results: Results, groups: Sequence[str]) -> int:
    """Return the number of groups whose texts do not all have the same prediction; "" is not a group."""
    predictions: Dict[str, Set[int]] = {}
    for group, prediction in zip(groups, results.predicted.tolist()):
        predictions.setdefault(group, set()).add(prediction)
    return sum(len(found) > 1 for group, found in predictions.items() if group)


def save_risk_coverage(path: Path, results: Results) -> None:
    """Draw which accuracy is reached when the least certain predictions are left out; write the figure to a file."""
    from pipeline.metrics import risk_coverage
    from pipeline.plots.drawing import save_figure
    from pipeline.plots.figures import risk_coverage_curve

    found = risk_coverage(results.labels, results.probabilities, results.predicted)
    save_figure(risk_coverage_curve(*found), path)
