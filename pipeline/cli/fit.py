"""The commands ``fit`` and ``check``: train on a table of labelled texts, and look at it before."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from pipeline.cli.options import add_format_options, find_input_format
from pipeline.corpus.classes import SENTIMENT
from pipeline.errors import PipelineError
from pipeline.io.output import write_json

if TYPE_CHECKING:
    from pipeline.corpus.labelled_texts import LabelledTexts


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands ``fit`` and ``check``."""
    fit = commands.add_parser("fit", help="train on a table of your own texts and labels")
    fit.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the bundle to write")
    _add_table_options(fit)
    fit.add_argument("--group", metavar="COLUMN", help="texts with one value in this column stay in one split")
    fit.add_argument(
        "--held-out", type=float, default=0.2, metavar="FRACTION", help="of the texts, to evaluate on (default: 0.2)"
    )
    fit.add_argument("--device", default="auto", help="auto, cpu, gpu or gpu:1 (default: %(default)s)")
    fit.set_defaults(run=_fit)
    check = commands.add_parser("check", help="look at a table of labelled texts before training on it")
    _add_table_options(check)
    check.set_defaults(run=_check)


def _add_table_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table", type=Path, help="a table (as for infer), or a folder that holds a folder for each class"
    )
    add_format_options(parser, "guessed")
    parser.add_argument("--label-column", help="column of the labels (default: guessed; 2 with --no-header)")
    parser.add_argument("--label-map", metavar="LABEL=CLASS,...", help="names of the labels' classes: 4=pos,0=neg")
    parser.add_argument("--test", type=Path, metavar="FILE", help="texts to evaluate on, read like the table")
    parser.add_argument("--recipe", default="quick", help="a recipe's name or .toml file (default: quick)")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="change the recipe")
    parser.add_argument(
        "--glove", type=Path, metavar="FILE", help="file of word vectors (default: the recipe's, in data/raw)"
    )


def _check(options: argparse.Namespace) -> None:
    from pipeline.recipe import override
    from pipeline.recipes import find_recipe
    from pipeline.workflow.check import check_texts

    recipe = override(find_recipe(options.recipe), options.set)
    texts, test = _read_texts(options)
    vectors = options.glove or Path("data/raw", recipe.embed.glove)
    named = options.glove is not None or (bool(recipe.embed.glove) and vectors.exists())
    for text, advice in check_texts(texts, recipe, vectors if named else None, test):
        print(text, *([f"    -> {advice}"] if advice else []), sep="\n")
    if not named:
        print(
            "words without a vector: not checked; name a file with --glove, or fetch one: scripts/fetch_data.py glove"
        )


def _fit(options: argparse.Namespace) -> None:
    import numpy as np

    from pipeline.corpus.labelled_texts import split_texts
    from pipeline.metrics import class_table, measure, table
    from pipeline.model.bundle import METRICS, check_target, save_bundle, write_card
    from pipeline.model.card import TrainingData
    from pipeline.model.predictor import Predictor
    from pipeline.recipe import override
    from pipeline.recipes import find_recipe
    from pipeline.workflow.fit import train_bundle

    if not 0 <= options.held_out < 1:
        raise PipelineError(f"--held-out {options.held_out}: expected a fraction from 0 to less than 1")
    recipe = override(find_recipe(options.recipe), options.set)
    check_target(options.output)
    texts, test = _read_texts(options, options.group)
    parts = {"train": texts, "test": test} if test else split_texts(texts, options.held_out, recipe.read.seed)
    for name, part in parts.items():
        counts = ", ".join(f"{label} {part.labels.count(i):,}" for i, label in enumerate(texts.classes[:10]))
        print(f"{name}: {len(part.texts):,} texts: {counts}{', ...' * (len(texts.classes) > 10)}")
    train = parts.pop("train")
    glove = options.glove or Path("data/raw", recipe.embed.glove)
    bundle, history = train_bundle(
        train.texts, train.labels, recipe, glove, options.device, texts.classes, groups=train.groups or None
    )
    sizes = {"train": len(train.texts), **{name: len(part.texts) for name, part in parts.items()}}
    data = TrainingData(options.table.name, "group" if options.group else "class", sizes)
    save_bundle(
        options.output,
        bundle.network,
        bundle.vocabulary,
        bundle.recipe,
        history,
        classes=bundle.classes,
        data=data,
    )
    for name, part in parts.items():  # at most one
        probabilities = Predictor(bundle, options.device).predict_proba(part.texts)
        figures = measure(np.array(part.labels), probabilities, bundle.values)
        print(table({name: figures}) if texts.classes == SENTIMENT else class_table(figures, texts.classes))
        print(f"calibration error {figures['calibration_error']:.4f}")
        write_json(options.output / METRICS, {name: figures})
        write_card(options.output, data)
    print(f"trained; to use it: sentiment infer --model {options.output} TEXT")


def _read_texts(
    options: argparse.Namespace, group_column: Optional[str] = None
) -> Tuple[LabelledTexts, Optional[LabelledTexts]]:
    """Return the texts of the table, and those of ``--test``."""
    from pipeline.corpus.labelled_texts import read_labelled_texts

    columns, form = _find_columns(options), find_input_format(options)
    texts = read_labelled_texts(options.table, *columns, form, options.label_map, group_column)
    if not options.test:
        return texts, None
    return texts, read_labelled_texts(options.test, *columns, form, options.label_map, classes=texts.classes)


def _find_columns(options: argparse.Namespace) -> Tuple[str, str]:
    """Return the columns of texts and labels: those that are named, or else guessed from the table's column names."""
    from pipeline.corpus.labelled_texts import guess_columns

    columns: Dict[str, Any] = {"--column": options.column, "--label-column": options.label_column}
    defaults = ("1", "2") if options.no_header else ("text", "label")
    if options.table.is_file() and not options.no_header and None in columns.values():
        guesses = guess_columns(options.table, find_input_format(options))
        for option, guess in zip(columns, guesses):
            if columns[option] is None and guess is not None:
                columns[option] = guess
                print(f"{options.table}: {option} {guess}", file=sys.stderr)
    text, label = (given or default for given, default in zip(columns.values(), defaults))
    return text, label
