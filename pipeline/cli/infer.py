"""The command ``infer``: predictions for texts from the command line, standard input or a file."""

from __future__ import annotations

import argparse
import contextlib
import csv
import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, Optional, Sequence, TextIO, Tuple

from pipeline.cli.options import (
    MODEL,
    add_input_options,
    check_output,
    find_column,
    find_input_format,
    load_predictor,
    refuse_file_names,
)
from pipeline.errors import PipelineError
from pipeline.io.input import STANDARD_INPUT
from pipeline.io.output import STANDARD_OUTPUT, new_file
from pipeline.io.tables import (
    ENDINGS,
    NOT_UTF8,
    Record,
    Row,
    name_of,
    read_rows,
    text_of,
)

if TYPE_CHECKING:
    from pipeline.model.predictor import Prediction

_DETAILS = ("words", "unknown", "cut", "error")
FIELDS = ("row", "label", "probability", "positive", *_DETAILS)
CLASS_FIELDS = ("row", "label", "probability", "probabilities", *_DETAILS)  # of other classes

Write = Callable[[Row, Optional["Prediction"]], None]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``infer``."""
    infer = commands.add_parser("infer", help="say whether reviews are positive, or which class they have")
    infer.add_argument("text", nargs="*", help="a review; without one, standard input is read, one review per line")
    add_input_options(infer, f"a file of reviews: {ENDINGS}; a folder of .txt files; - for standard input")
    infer.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write to this .csv or .jsonl file, atomically; - for standard output",
    )
    infer.add_argument(
        "--format",
        choices=tuple(_WRITERS),
        help="format of the output (default: from its suffix; csv if the input is a table)",
    )
    infer.add_argument("--json", dest="format", action="store_const", const="jsonl", help="short for --format jsonl")
    infer.add_argument(
        "--strict", action="store_true", help="stop at the first row that cannot be predicted, with exit code 2"
    )
    infer.add_argument(
        "--threshold",
        type=float,
        metavar="P",
        help="label predictions with a probability below P, from 0 to 1, as unsure (default: none)",
    )
    infer.add_argument("--model", help=MODEL)
    infer.add_argument("--device", default="auto", help="auto, cpu, gpu or gpu:1 (default: %(default)s)")
    infer.set_defaults(run=_infer)


def _infer(options: argparse.Namespace) -> None:
    from pipeline.corpus.classes import is_sentiment
    from pipeline.io.progress import tqdm
    from pipeline.model.predictor import check_threshold, predict_rows

    check_threshold(options.threshold)
    source, rows = _find_rows(options)
    kind = _find_format(options)
    check_output(options.output, options, options.input or STANDARD_INPUT)
    rows = iter(rows)
    rows = itertools.chain(
        list(itertools.islice(rows, 1)), rows
    )  # a wrong column is reported before the model is loaded
    predictor = load_predictor(options)
    total, bad, undecoded = 0, 0, False
    fields: Sequence[str] = FIELDS if is_sentiment(predictor.bundle.classes) else CLASS_FIELDS
    fields = ("file", *fields) if options.input and options.input.is_dir() else fields
    with _open(options.output) as file:
        write = _WRITERS[kind](file, fields)
        for row, prediction in predict_rows(predictor, rows):
            total += 1
            if row.error:
                bad += 1
                undecoded |= row.error.startswith(NOT_UTF8)
                problem = f"{source}{f'/{row.file}' if row.file else f', row {row.number}'}: {row.error}"
                if options.strict:
                    raise PipelineError(problem)
                tqdm.write(problem, file=sys.stderr)
            write(row, prediction and prediction.at_threshold(options.threshold))
    if bad:
        advice = "; what is not UTF-8 needs --encoding, such as --encoding latin-1" * (undecoded and not options.text)
        print(f"{bad:,} of {total:,} rows without a prediction{advice}", file=sys.stderr)


def _find_rows(options: argparse.Namespace) -> Tuple[str, Iterable[Row]]:
    """Return the name of the input, and its rows."""
    form = find_input_format(options)
    if options.text:
        for option in ("input", "input_format", "column", "no_header", "no_quotes", "delimiter", "encoding"):
            if getattr(options, option):
                value = "" if option.startswith("no_") else f" {getattr(options, option)}"
                raise PipelineError(f"--{option.replace('_', '-')}{value}: or reviews as arguments, not both")
        refuse_file_names(options.text, "sentiment infer --input")
        return "arguments", [text_of(Record(number, [text])) for number, text in enumerate(options.text, 1)]
    path = options.input or STANDARD_INPUT
    return name_of(path), read_rows(path, find_column(options, "column", "text", 1), form)


def _find_format(options: argparse.Namespace) -> str:
    if options.format or options.output in (None, STANDARD_OUTPUT):
        return options.format or ("csv" if options.input or options.input_format else "sentence")
    ending: str = options.output.suffix[1:].lower()
    if ending not in _WRITERS:
        raise PipelineError(f"--output {options.output}: expected a name that ends in .csv or .jsonl, or --format")
    return ending


@contextlib.contextmanager
def _open(path: Optional[Path]) -> Iterator[TextIO]:
    """Open a file to write, which replaces an old one only at the end; or standard output, a device or a pipe."""
    if path in (None, STANDARD_OUTPUT):
        yield sys.stdout
        return
    assert path is not None
    with new_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        yield file


def _sentences(file: TextIO, fields: Sequence[str]) -> Write:
    def write(row: Row, found: Optional[Prediction]) -> None:
        told = f"No prediction ({row.error})"
        if found:
            told = f"{found} ({found.label}, {found.probability:.1%})"
            if "probabilities" in fields:
                told = f"{found} ({', '.join(f'{name} {value:.1%}' for name, value in found.top())})"
        print(told, file=file)

    return write


def _csv_lines(file: TextIO, fields: Sequence[str]) -> Write:
    writer = csv.DictWriter(file, fields, lineterminator="\n")
    writer.writeheader()

    def write(row: Row, prediction: Optional[Prediction]) -> None:
        record = _record(row, prediction, fields)
        if record.get("probabilities"):
            record["probabilities"] = json.dumps(record["probabilities"])  # one cell, as JSON
        writer.writerow(record)

    return write


def _json_lines(file: TextIO, fields: Sequence[str]) -> Write:
    return lambda row, prediction: print(json.dumps(_record(row, prediction, fields)), file=file)


def _record(row: Row, prediction: Optional[Prediction], fields: Sequence[str]) -> Dict[str, Any]:
    """Return all fields of a row's prediction; those that do not apply are None."""
    file = {"file": row.file} if "file" in fields else {}
    found = prediction.to_dict() if prediction else {"error": row.error}
    return {**dict.fromkeys(fields), **file, "row": row.number, **found}


_WRITERS: Dict[str, Callable[[TextIO, Sequence[str]], Write]] = {
    "sentence": _sentences,
    "csv": _csv_lines,
    "jsonl": _json_lines,
}
