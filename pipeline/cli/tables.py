"""A table to train on: the options of ``fit``, ``check``, ``tune`` and of the stages, and what they mean."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from pipeline.cli.options import add_format_options, add_label_options, find_input_format
from pipeline.errors import PipelineError
from pipeline.recipe import name_vectors

if TYPE_CHECKING:
    from pipeline.corpus.labelled import Table
    from pipeline.corpus.training_table import LabelledTexts

TABLE_OPTIONS = (
    *("--column", "--label-column", "--label-map", "--group", "--validation", "--test"),
    *("--input-format", "--no-header", "--no-quotes", "--delimiter", "--encoding"),
)


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add the labelled texts and the recipe."""
    parser.add_argument(
        "table", type=Path, help="a table (as for infer), or a folder that holds a folder for each class"
    )
    add_format_options(parser, "guessed")
    add_label_options(parser, "guessed")
    add_split_options(parser)
    parser.add_argument("--recipe", default="quick", help="a recipe's name or .toml file (default: quick)")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="change the recipe")
    parser.add_argument(
        "--vectors", type=Path, metavar="FILE", help="file of word vectors (default: the recipe's, in data/raw)"
    )


def add_split_options(parser: argparse._ActionsContainer) -> None:
    """Add the options that say how a table is split."""
    parser.add_argument("--group", metavar="COLUMN", help="texts with one value in this column stay in one split")
    parser.add_argument(
        "--test",
        type=Path,
        metavar="FILE",
        help="texts to evaluate on once it is trained, read like the table (default: a fraction of it)",
    )


def add_validation_option(parser: argparse._ActionsContainer) -> None:
    """Add the option of a file to choose by."""
    parser.add_argument(
        "--validation", type=Path, metavar="FILE", help="texts to choose by, read like the table (default: a fraction)"
    )


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Add what is held out of the texts, and the device."""
    parser.add_argument(
        "--held-out",
        type=float,
        metavar="FRACTION",
        help="of the texts, to evaluate on (default: 0.2, or 0 with --test)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, gpu or gpu:1 (default: %(default)s)")


def find_table(options: argparse.Namespace, path: Path) -> Table:
    """Return the table to train on. Columns that are not named are guessed from its column names, and told.

    Raises
    ------
    PipelineError
        If a file is missing; as from `find_input_format`.
    """
    from pipeline.corpus.labelled import Table
    from pipeline.corpus.training_table import guess_columns

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


def check_reread(path: Path) -> None:
    """Check that a table can be read again, as a pipe cannot.

    Raises
    ------
    PipelineError
        If it is neither a file nor a folder.
    """
    if not (path.is_file() or path.is_dir()):
        raise PipelineError(f"{path}: is read more than once; expected a file, not a pipe or a device: save it to one")


def table_settings(table: Table) -> List[str]:
    """Return the fields in which training on a table differs from a recipe's reviews, as ``--set`` takes them."""
    settings = ["read.split=random", "read.sentences=", "read.generated=0"]
    return settings + ["read.held_out=0"] * bool(table.test)


def validation_settings(path: Optional[Path]) -> List[str]:
    """Return what a file for validation sets: a fraction that is not used, but some recipes ask for one."""
    return ["read.validation=0.1"] * bool(path)


def vectors_settings(path: Optional[Path], raw: Path = Path("data/raw")) -> List[str]:
    """Return what a file of word vectors sets, so that a bundle's recipe names the file that was read."""
    return [f"embed.vectors={name_vectors(path, raw)}"] if path else []


def find_held_out(options: argparse.Namespace) -> float:
    """Return the fraction of the texts that is held out.

    Raises
    ------
    PipelineError
        If it is none.
    """
    held_out: float = options.held_out if options.held_out is not None else 0.0 if options.test else 0.2
    if not 0 <= held_out <= 0.9:
        raise PipelineError(f"--held-out {held_out}: expected a fraction from 0 to 0.9")
    return held_out


def read_texts(options: argparse.Namespace, with_test: bool = True) -> Tuple[LabelledTexts, Optional[LabelledTexts]]:
    """Return the texts of the table, and those of ``--test``."""
    from pipeline.corpus.training_table import read_labelled_texts

    table = find_table(options, options.table)
    place = (table.column, table.label_column, table.form, table.label_map)
    texts = read_labelled_texts(table.path, *place, table.group_column)
    if not (table.test and with_test):
        return texts, None
    test = read_labelled_texts(table.test, *place, classes=texts.classes)
    if not test.texts:
        raise PipelineError(f"{table.test}: no labelled text in it; expected one or more, or no --test")
    return texts, test
