"""The commands ``fit`` and ``check``: train on a table of labelled texts, and look at it before."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from pipeline.cli.options import add_label_options, add_split_options, find_table, table_settings
from pipeline.errors import PipelineError
from pipeline.recipe import override
from pipeline.recipes import find_recipe

UNFINISHED = ".unfinished"  # behind the name of the folder that is asked for


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands ``fit`` and ``check``."""
    fit = commands.add_parser("fit", help="train on a table of your own texts and labels")
    fit.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the bundle to write")
    _add_table_options(fit)
    add_split_options(fit)
    fit.add_argument(
        "--held-out",
        type=float,
        metavar="FRACTION",
        help="of the texts, to evaluate on (default: 0.2, or 0 with --test)",
    )
    fit.add_argument("--device", default="auto", help="auto, cpu, gpu or gpu:1 (default: %(default)s)")
    fit.set_defaults(run=_fit)
    check = commands.add_parser("check", help="look at a table of labelled texts before training on it")
    _add_table_options(check)
    check.add_argument("--test", type=Path, metavar="FILE", help="texts to evaluate on, read like the table")
    check.set_defaults(run=_check)


def _add_table_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "table", type=Path, help="a table (as for infer), or a folder that holds a folder for each class"
    )
    add_label_options(parser)
    parser.add_argument("--recipe", default="quick", help="a recipe's name or .toml file (default: quick)")
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.FIELD=VALUE", help="change the recipe")
    parser.add_argument(
        "--glove", type=Path, metavar="FILE", help="file of word vectors (default: the recipe's, in data/raw)"
    )


def _check(options: argparse.Namespace) -> None:
    from pipeline.corpus.labelled_texts import read_labelled_texts
    from pipeline.workflow.check import check_texts

    recipe = override(find_recipe(options.recipe), options.set)
    table = find_table(options, options.table)
    place = (table.column, table.label_column, table.form, table.label_map)
    texts = read_labelled_texts(table.path, *place)
    test = read_labelled_texts(table.test, *place, classes=texts.classes) if table.test else None
    vectors = options.glove or Path("data/raw", recipe.embed.glove)
    named = options.glove is not None or (bool(recipe.embed.glove) and vectors.exists())
    for text, advice in check_texts(texts, recipe, vectors if named else None, test):
        print(text, *([f"    -> {advice}"] if advice else []), sep="\n")
    if not named:
        print(
            "words without a vector: not checked; name a file with --glove, or fetch one: scripts/fetch_data.py glove"
        )


def _fit(options: argparse.Namespace) -> None:
    """Run the stages in a folder beside the output, so that the same command goes on after a kill."""
    from pipeline.io.output import check_empty, read_json
    from pipeline.metrics import describe
    from pipeline.model.bundle import METRICS, check_target, copy_bundle, load_classes
    from pipeline.workflow.runner import Workspace, remove_stages, run_stage
    from pipeline.workflow.stages import STAGES

    if options.held_out is None:
        options.held_out = 0.0 if options.test else 0.2
    if not 0 <= options.held_out < 1:
        raise PipelineError(f"--held-out {options.held_out}: expected a fraction from 0 to less than 1")
    recipe = find_recipe(options.recipe)
    override(recipe, options.set)  # a field that is not there is told first
    check_target(options.output)
    table = find_table(options, options.table)
    glove = [f"embed.glove={options.glove}"] if options.glove else []
    recipe = override(recipe, [*table_settings(table), f"read.held_out={options.held_out}", *options.set, *glove])
    if not recipe.uses_validation:
        recipe = replace(recipe, read=replace(recipe.read, validation=0.0))  # all the others are trained on
    output = options.output.resolve()
    raw = Path("data/raw")
    work = Workspace(
        recipe,
        output.with_name(output.name + UNFINISHED),
        table.path,
        options.glove or raw / recipe.embed.glove,
        raw / recipe.read.sentences if recipe.read.sentences else None,
        options.device,
        table=table,
    )
    if not (work.folder / ".stages").is_dir():
        check_empty(work.folder)
    try:
        for stage in STAGES:
            run_stage(stage, work)
    finally:
        if not (work.folder / "reviews.jsonl").exists():
            remove_stages(STAGES, work)  # there is nothing to go on with
    copy_bundle(work.folder / "bundle", options.output)
    metrics, classes = read_json(options.output / METRICS), load_classes(options.output)
    print(describe(metrics, classes))
    remove_stages(STAGES, work)
    print(f"trained; to use it: sentiment infer --model {options.output} TEXT")
