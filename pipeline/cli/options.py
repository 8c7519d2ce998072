"""What commands have in common: options of the model and the input, and rows in batches."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, Optional, TypeVar

from pipeline.errors import PipelineError
from pipeline.io.encoding import find_encoding
from pipeline.io.tables import KINDS, Format, Row, is_table

if TYPE_CHECKING:
    from pipeline.corpus.labelled import Labelled

MODEL = "a bundle's folder, or the name of a recipe trained below data/ (default: the bundle that comes along)"
_ROWS, _CHARACTERS = 1024, 4_000_000  # at most so much is in memory at once, and one more row

Text = TypeVar("Text", Row, "Labelled")


def add_input_options(parser: Any, what: str) -> None:
    """Add the options that say what is read; `what` is the help for ``--input``."""
    parser.add_argument("--input", type=Path, metavar="FILE", help=what)
    parser.add_argument(
        "--input-format",
        choices=KINDS,
        default="",
        help="what the input is (default: as its name ends; txt for standard input)",
    )
    parser.add_argument("--column", help="which column holds the reviews (default: text; 1 with --no-header)")
    parser.add_argument("--no-header", action="store_true", help="of csv and tsv: the columns are called 1, 2, ...")
    parser.add_argument("--delimiter", default="", help="of csv and tsv: what separates columns (default: found)")
    parser.add_argument("--encoding", default="", help="of the input, such as latin-1 (default: UTF-8, -16 or -32)")


def find_column(options: argparse.Namespace, option: str, name: str, number: int) -> str:
    """Return which column an option says, by default one with a name, or the number of it if there are no names."""
    given: Optional[str] = getattr(options, option)
    return given or (str(number) if options.no_header else name)


def find_input_format(options: argparse.Namespace) -> Format:
    """Return what the options say about the input.

    Raises
    ------
    PipelineError
        If the delimiter is none, or the encoding unknown.
    """
    delimiter = {"\\t": "\t", "tab": "\t"}.get(options.delimiter, options.delimiter)
    if len(delimiter) > 1 or delimiter in ('"', "\r", "\n"):
        raise PipelineError(f"--delimiter {options.delimiter}: expected one character, or tab")
    find_encoding(b"", options.encoding)
    return Format(options.input_format, options.encoding, delimiter, not options.no_header)


def refuse_file_names(texts: Iterable[str], command: str) -> None:
    """Refuse a text that is the name of a file that is there.

    Raises
    ------
    PipelineError
        With `command` and the name: what to type.
    """
    for text in texts:
        if is_table(text):
            raise PipelineError(f"{text}: that is a file; to read it: {command} {shlex.quote(text)}")


def batches(rows: Iterable[Text]) -> Iterator[List[Text]]:
    """Yield rows, which have a text, in lists that are neither too many nor too long to be in memory."""
    batch: List[Text] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += len(row.text)
        if len(batch) == _ROWS or characters >= _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
