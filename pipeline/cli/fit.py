"""The command ``fit``: train on a table of labelled texts. What it shares with ``check`` and ``tune`` is here too."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple

from pipeline.cli.options import add_format_options, find_input_format
from pipeline.corpus.classes import SENTIMENT

if TYPE_CHECKING:
    from pipeline.corpus.labelled_texts import LabelledTexts


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    fit = commands.add_parser("fit", help="train on a table of your own texts and labels")
    fit.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the bundle to write")
    add_table_options(fit)
    add_training_options(fit)
    fit.set_defaults(run=_fit)


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add the labelled texts and the recipe."""
    parser.add_argument(
        "table", type=Path, help="a table (as for infer), or a folder that holds a folder for each class"
    )
    add_format_options(parser, "guessed")
    parser.add_argument("--label-column", help="column of the labels (default: guessed; 2 with --no-header)")
    parser.add_argument("--label-map", metavar="LABEL=CLASS,...", help="names of the labels' classes: 4=pos,0=neg")
    parser.add_argument("--group", metavar="COLUMN", help="texts with one value in this column stay in one split")
    parser.add_argument("--test", type=Path, metavar="FILE", help="texts to evaluate on, read like the table")
    parser.add_argument("--recipe", default="quick", help="a recipe's name or .toml file (default: quick)")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="change the recipe")
    parser.add_argument(
        "--vectors", type=Path, metavar="FILE", help="file of word vectors (default: the recipe's, in data/raw)"
    )


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Add what is held out of the texts, and the device."""
    parser.add_argument(
        "--held-out", type=float, default=0.2, metavar="FRACTION", help="of the texts, to evaluate on (default: 0.2)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, gpu or gpu:1 (default: %(default)s)")


def _fit(options: argparse.Namespace) -> None:
    import numpy as np

    from pipeline.corpus.labelled_texts import split_texts
    from pipeline.metrics import class_table, measure, table
    from pipeline.model.bundle import check_target, save_bundle, write_card, write_metrics
    from pipeline.model.card import TrainingData
    from pipeline.model.predictor import Predictor
    from pipeline.recipe import override
    from pipeline.recipes import find_recipe
    from pipeline.workflow.fit import train_bundle

    recipe = override(find_recipe(options.recipe), options.set)
    check_target(options.output)
    texts, test = read_texts(options)
    parts = {"train": texts, "test": test} if test else split_texts(texts, options.held_out, recipe.read.seed)
    for name, part in parts.items():
        counts = ", ".join(f"{label} {part.labels.count(i):,}" for i, label in enumerate(texts.classes[:10]))
        print(f"{name}: {len(part.texts):,} texts: {counts}{', ...' * (len(texts.classes) > 10)}")
    train = parts.pop("train")
    vectors = options.vectors or Path("data/raw", recipe.embed.vectors)
    bundle, history = train_bundle(
        train.texts, train.labels, recipe, vectors, options.device, texts.classes, groups=train.groups or None
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
        metrics = measure(np.array(part.labels), probabilities, bundle.values)
        print(table({name: metrics}) if texts.classes == SENTIMENT else class_table(metrics, texts.classes))
        print(f"calibration error {metrics['calibration_error']:.4f}")
        write_metrics(options.output, {name: metrics})
        write_card(options.output, data)
    print(f"trained; to use it: sentiment infer --model {options.output} TEXT")


def read_texts(options: argparse.Namespace, with_test: bool = True) -> Tuple[LabelledTexts, Optional[LabelledTexts]]:
    """Return the texts of the table, and those of ``--test``."""
    from pipeline.corpus.labelled_texts import read_labelled_texts

    columns, form = _find_columns(options), find_input_format(options)
    texts = read_labelled_texts(options.table, *columns, form, options.label_map, options.group)
    if not (options.test and with_test):
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
