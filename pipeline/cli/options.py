"""What commands share: the options of the model and of the input."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Iterable, Optional

from pipeline.errors import PipelineError
from pipeline.io.encoding import find_encoding
from pipeline.io.output import check_file
from pipeline.io.tables import KINDS, Format, is_table

if TYPE_CHECKING:
    from pipeline.model.predictor import Predictor
    from pipeline.recipe import Recipe

MODEL = (
    "the model: a bundle's folder, or the name of a recipe trained under data/, such as quick for data/quick/bundle "
    "(default: the bundle that comes with the package)"
)


def check_output(path: Optional[Path], options: argparse.Namespace, *inputs: Optional[Path]) -> None:
    """Check as `check_file` that a file can be written, and that it is none of the model's."""
    from pipeline.model.bundle import find_bundle

    check_file(path, *inputs, *find_bundle(options.model).iterdir())


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
    parser.add_argument(
        "--no-quotes", action="store_true", help="csv or tsv in which quotation marks are characters like any other"
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
    return Format(options.input_format, options.encoding, delimiter, not options.no_header, not options.no_quotes)


def check_name(name: str, option: str) -> None:
    """Refuse the name of a folder in ``data/`` that would be another folder, or that of the raw data."""
    if name in ("", ".", "..", "raw") or "/" in name or "\\" in name:
        raise PipelineError(f"{option} {name}: expected the name of a folder, other than raw")


def check_figure_name(option: str, path: Optional[Path]) -> None:
    """Refuse a folder, and a name whose suffix is not that of a figure, before anything takes time."""
    check_file(path)
    if path and path.suffix.lower() not in (".png", ".svg", ".pdf"):
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
