"""The command ``evaluate`` on your own labelled texts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable

from pipeline.cli.options import MODEL, add_input_options, batches, find_column, find_input_format, load_predictor
from pipeline.errors import PipelineError
from pipeline.io.output import check_file, write_json

if TYPE_CHECKING:
    from pipeline.corpus.labelled import Labelled
    from pipeline.model.predictor import Predictor


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for labelled reviews in place of a recipe's."""
    own = parser.add_argument_group("on your own labelled reviews, in place of a recipe's")
    add_input_options(own, "a table (as for infer) or a folder that holds pos/ and neg/; - standard input")
    own.add_argument("--label-column", help="column of the labels (default: label; 2 with --no-header)")
    own.add_argument("--label-map", metavar="LABEL=pos,...", help="which labels are positive and negative: 4=pos,0=neg")
    own.add_argument("--model", help=MODEL)
    own.add_argument("--json", type=Path, metavar="FILE", help="write the metrics to this file")


def run(options: argparse.Namespace) -> None:
    """Evaluate a bundle on the texts of ``--input``."""
    from pipeline.corpus.labelled import parse_label_map, read_labelled
    from pipeline.metrics import table

    for option in ("recipe", "--set", "--reviews", "--glove", "--name"):
        given = getattr(options, option.lstrip("-"))
        if given:
            told = " ".join(given) if isinstance(given, list) else given
            raise PipelineError(f"{option} {told}: or --input {options.input}, not both")
    check_file(options.json, options.input)
    column, label_column = find_column(options, "column", "text", 1), find_column(options, "label_column", "label", 2)
    labels = parse_label_map(options.label_map) if options.label_map is not None else None
    rows = read_labelled(options.input, column, label_column, find_input_format(options), labels)
    figures = measure_rows(load_predictor(options), rows)
    print(table({"test": figures}))
    print(f"calibration error {figures['calibration_error']:.4f}")
    if options.json:
        write_json(options.json, figures)


def measure_rows(predictor: Predictor, rows: Iterable[Labelled]) -> Dict[str, Any]:
    """Compare predictions with labels; only one batch of texts is in memory at a time.

    Parameters
    ----------
    predictor : Predictor
    rows : iterable of Labelled
        A text without a word in the vocabulary counts with probability 0.5.

    Returns
    -------
    dict
        The metrics of `pipeline.metrics.measure`.

    Raises
    ------
    PipelineError
        If there are no rows.
    """
    import numpy as np

    from pipeline.metrics import measure

    labels, probabilities = [], []
    for batch in batches(rows):
        labels += [row.label for row in batch]
        probabilities.append(predictor.predict_proba([row.text for row in batch]))
    if not labels:
        raise PipelineError("no reviews in it: expected at least one row")
    return measure(np.array(labels), np.concatenate(probabilities))
