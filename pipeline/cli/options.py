"""What commands share: the options of the model and the input, and rows in batches."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Iterable, List, Optional

from pipeline.errors import PipelineError
from pipeline.io.encoding import find_encoding
from pipeline.io.tables import KINDS, Format, is_table

if TYPE_CHECKING:
    from pipeline.corpus.labelled import Table
    from pipeline.model.predictor import Predictor
    from pipeline.recipe import Recipe

MODEL = (
    "the model: a bundle's folder, or the name of a recipe trained under data/, such as quick for data/quick/bundle "
    "(default: the bundle that comes with the package)"
)


def load_predictor(options: argparse.Namespace) -> Predictor:
    """Load the model of ``--model`` on the device of ``--device``, if there is one, and say which it is."""
    from pipeline.model.bundle import find_bundle
    from pipeline.model.predictor import Predictor

    path = find_bundle(options.model)
    predictor = Predictor.load(path, getattr(options, "device", "auto"))
    announce_model(path, predictor.bundle.recipe)
    return predictor


def announce_model(path: Path, recipe: Recipe) -> None:
    """Say which model a command uses: on standard error, since standard output is piped to other programs."""
    from pipeline.model.bundle import describe_bundle

    print(f"model: {describe_bundle(path, recipe)}", file=sys.stderr)


def add_input_options(parser: argparse._ActionsContainer, what: str) -> None:
    """Add the options of the input; `what` is the help text of ``--input``."""
    parser.add_argument("--input", type=Path, metavar="FILE", help=what)
    add_format_options(parser)


def add_format_options(parser: argparse._ActionsContainer, default: str = "text") -> None:
    """Add the options that say how to read a table; `default` tells the column that is read without ``--column``."""
    parser.add_argument(
        "--input-format",
        choices=KINDS,
        default="",
        help="format of the input (default: from its suffix; txt for standard input)",
    )
    parser.add_argument("--column", help=f"column of the texts (default: {default}; 1 with --no-header)")
    parser.add_argument(
        "--no-header", action="store_true", help="csv or tsv without column names; the columns are called 1, 2, ..."
    )
    parser.add_argument("--delimiter", default="", help="separator of csv or tsv (default: detected)")
    parser.add_argument(
        "--encoding",
        default="",
        help="encoding of the input, such as latin-1 (default: UTF-8, UTF-16 or UTF-32, detected)",
    )


def add_label_options(parser: argparse._ActionsContainer, default: str = "label") -> None:
    """Add the options that say where a table has its labels, and what they mean; see `add_format_options`."""
    parser.add_argument("--label-column", help=f"column of the labels (default: {default}; 2 with --no-header)")
    parser.add_argument("--label-map", metavar="LABEL=CLASS,...", help="names of the labels' classes: 4=pos,0=neg")


def add_split_options(parser: argparse._ActionsContainer) -> None:
    """Add the options that say how a table is split."""
    parser.add_argument("--group", metavar="COLUMN", help="texts with one value in this column stay in one split")
    parser.add_argument(
        "--test", type=Path, metavar="FILE", help="texts to evaluate on, read like the table (default: a fraction)"
    )


def add_validation_option(parser: argparse._ActionsContainer) -> None:
    """Add the option of a file to choose by."""
    parser.add_argument(
        "--validation", type=Path, metavar="FILE", help="texts to choose by, read like the table (default: a fraction)"
    )


TABLE_OPTIONS = (
    *("--column", "--label-column", "--label-map", "--group", "--validation", "--test"),
    *("--input-format", "--no-header", "--delimiter", "--encoding"),
)


def find_table(options: argparse.Namespace, path: Path) -> Table:
    """Return the table to train on. Columns that are not named are guessed from its column names, and told.

    Raises
    ------
    PipelineError
        If a file is missing; as from `find_input_format`.
    """
    from pipeline.corpus.labelled import Table
    from pipeline.corpus.labelled_texts import guess_columns

    validation, test = getattr(options, "validation", None), options.test
    for file in (path, validation, test):
        if file and not file.exists():
            raise PipelineError(f"{file}: no such file")
    form = find_input_format(options)
    columns: Dict[str, Optional[str]] = {"--column": options.column, "--label-column": options.label_column}
    if path.is_file() and not options.no_header and None in columns.values():
        for option, guess in zip(columns, guess_columns(path, form)):
            if columns[option] is None and guess is not None:
                columns[option] = guess
                print(f"{path}: {option} {guess}", file=sys.stderr)
    defaults = ("1", "2") if options.no_header else ("text", "label")
    text, label = (given or default for given, default in zip(columns.values(), defaults))
    if text == label and path.is_file() and form.kind != "fasttext":
        raise PipelineError(f"--column {text} --label-column {label}: expected two different columns")
    return Table(path, text, label, form, options.label_map, options.group, validation, test)


def table_settings(table: Table) -> List[str]:
    """Return the fields in which training on a table differs from a recipe's reviews, as ``--set`` takes them."""
    settings = ["read.split=random", "read.sentences=", "read.generated=0"]
    return settings + ["read.held_out=0"] * bool(table.test)


def validation_settings(path: Optional[Path]) -> List[str]:
    """Return what a file for validation sets: a fraction that is not used, but some recipes ask for one."""
    return ["read.validation=0.1"] * bool(path)


def find_column(options: argparse.Namespace, option: str, name: str, number: int) -> str:
    """Return the column that an option names, by default `name`, or `number` for a table without column names."""
    given: Optional[str] = getattr(options, option)
    return given or (str(number) if options.no_header else name)


def find_input_format(options: argparse.Namespace) -> Format:
    """Return the format of the input from the options.

    Raises
    ------
    PipelineError
        If the delimiter is not one character, or the encoding is unknown.
    """
    delimiter = {"\\t": "\t", "tab": "\t"}.get(options.delimiter, options.delimiter)
    if len(delimiter) > 1 or delimiter in ('"', "\r", "\n"):
        raise PipelineError(f"--delimiter {options.delimiter}: expected one character, or tab")
    find_encoding(b"", options.encoding)
    return Format(options.input_format, options.encoding, delimiter, not options.no_header)


def check_figure_name(option: str, path: Optional[Path]) -> None:
    """Refuse a name whose suffix is not that of a figure, before anything takes time."""
    if path and path.suffix not in (".png", ".svg", ".pdf"):
        raise PipelineError(f"{option} {path}: expected a name that ends in .png, .svg or .pdf")


def refuse_file_names(texts: Iterable[str], command: str) -> None:
    """Refuse a text that is the name of an existing file.

    Raises
    ------
    PipelineError
        With `command` and the name: what to type.
    """
    for text in texts:
        if is_table(text):
            raise PipelineError(f"{text}: that is a file; to read it: {command} {shlex.quote(text)}")
