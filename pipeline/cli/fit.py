"""The command ``fit``: train on a table of labelled texts. What it shares with ``check`` and ``tune`` is here too."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Optional, Tuple

from pipeline.cli.options import (
    add_format_options,
    add_label_options,
    add_split_options,
    add_validation_option,
    find_table,
    table_settings,
    validation_settings,
)
from pipeline.errors import PipelineError
from pipeline.recipe import override
from pipeline.recipes import find_recipe

if TYPE_CHECKING:
    from pipeline.corpus.labelled_texts import LabelledTexts

UNFINISHED = ".unfinished"  # behind the name of the folder that is asked for


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    fit = commands.add_parser("fit", help="train on a table of your own texts and labels")
    fit.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the bundle to write")
    add_table_options(fit)
    add_validation_option(fit)
    add_training_options(fit)
    fit.set_defaults(run=_fit)


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


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Add what is held out of the texts, and the device."""
    parser.add_argument(
        "--held-out",
        type=float,
        metavar="FRACTION",
        help="of the texts, to evaluate on (default: 0.2, or 0 with --test)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, gpu or gpu:1 (default: %(default)s)")


def find_held_out(options: argparse.Namespace) -> float:
    """Return the fraction of the texts that is held out.

    Raises
    ------
    PipelineError
        If it is none.
    """
    held_out: float = options.held_out if options.held_out is not None else 0.0 if options.test else 0.2
    if not 0 <= held_out < 1:
        raise PipelineError(f"--held-out {held_out}: expected a fraction from 0 to less than 1")
    return held_out


def _fit(options: argparse.Namespace) -> None:
    """Run the stages in a folder beside the output, so that the same command goes on after a kill."""
    from pipeline.io.output import check_empty
    from pipeline.metrics import describe
    from pipeline.model.bundle import check_target, copy_bundle, load_classes, load_metrics
    from pipeline.workflow.runner import make_workspace, remove_stages, run_stage
    from pipeline.workflow.stages import STAGES

    held_out = find_held_out(options)
    recipe = find_recipe(options.recipe)
    by_file = validation_settings(options.validation)
    override(recipe, [*options.set, *by_file])  # a field that is not there is told first
    check_target(options.output)
    table = find_table(options, options.table)
    vectors = [f"embed.vectors={options.vectors}"] if options.vectors else []
    recipe = override(recipe, [*table_settings(table), f"read.held_out={held_out}", *options.set, *by_file, *vectors])
    if not recipe.uses_validation:
        recipe = replace(recipe, read=replace(recipe.read, validation=0.0))  # all the others are trained on
    output = options.output.resolve()
    work = make_workspace(recipe, Path("data"), "", table.path, options.vectors, options.device)
    work = work._replace(folder=output.with_name(output.name + UNFINISHED), table=table)
    if not (work.folder / ".stages").is_dir():
        check_empty(work.folder)
    try:
        for stage in STAGES:
            run_stage(stage, work)
    finally:
        if not (work.folder / "reviews.jsonl").exists():
            remove_stages(STAGES, work)  # there is nothing to go on with
    copy_bundle(work.folder / "bundle", options.output)
    print(describe(load_metrics(options.output), load_classes(options.output)))
    remove_stages(STAGES, work)
    print(f"trained; to use it: sentiment infer --model {options.output} TEXT")


def read_texts(options: argparse.Namespace, with_test: bool = True) -> Tuple[LabelledTexts, Optional[LabelledTexts]]:
    """Return the texts of the table, and those of ``--test``."""
    from pipeline.corpus.labelled_texts import read_labelled_texts

    table = find_table(options, options.table)
    place = (table.column, table.label_column, table.form, table.label_map)
    texts = read_labelled_texts(table.path, *place, table.group_column)
    if not (table.test and with_test):
        return texts, None
    return texts, read_labelled_texts(table.test, *place, classes=texts.classes)
