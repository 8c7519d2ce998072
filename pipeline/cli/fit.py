"""The command ``fit``: train on a table of labelled texts."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path

from pipeline.cli.tables import (
    add_table_options,
    add_training_options,
    add_validation_option,
    check_reread,
    find_held_out,
    find_table,
    table_settings,
    validation_settings,
    vectors_settings,
)
from pipeline.errors import PipelineError
from pipeline.recipe import override
from pipeline.recipes import find_recipe

UNFINISHED = ".unfinished"  # behind the name of the folder that is asked for


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    fit = commands.add_parser("fit", help="train on a table of your own texts and labels")
    fit.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the bundle to write")
    add_table_options(fit)
    add_validation_option(fit)
    add_training_options(fit)
    fit.set_defaults(run=_fit, resumes=True)


def _fit(options: argparse.Namespace) -> None:
    """Run the stages in a folder beside the output, so that the same command goes on after a kill."""
    from pipeline.io.output import check_empty
    from pipeline.metrics import describe
    from pipeline.model.bundle import check_target, copy_bundle, load_classes, load_metrics
    from pipeline.workflow.runner import check_workspace, make_workspace, remove_stages, run_stage
    from pipeline.workflow.stages import REVIEWS, STAGES

    held_out = find_held_out(options)
    recipe = find_recipe(options.recipe)
    by_file = validation_settings(options.validation)
    override(recipe, [*options.set, *by_file])  # a field that is not there is told first
    check_target(options.output)
    table = find_table(options, options.table)
    check_reread(table.path)
    vectors = vectors_settings(options.vectors)
    recipe = override(recipe, [*table_settings(table), f"read.held_out={held_out}", *options.set, *by_file, *vectors])
    if not recipe.uses_validation:
        recipe = replace(recipe, read=replace(recipe.read, validation=0.0))  # all the others are trained on
    output = options.output.resolve()
    if table.path.is_dir() and table.path.resolve() in output.parents:
        raise PipelineError(f"--output {options.output}: is inside {table.path}; choose a folder outside")
    work = make_workspace(recipe, Path("data"), "", table.path, options.vectors, options.device)
    work = work._replace(folder=output.with_name(output.name + UNFINISHED), table=table)
    if not (work.folder / ".stages").is_dir():
        check_empty(work.folder)
    check_workspace(work)
    try:
        for stage in STAGES:
            run_stage(stage, work)
    finally:
        if not (work.folder / REVIEWS).exists():
            remove_stages(STAGES, work)  # there is nothing to go on with
    copy_bundle(work.folder / "bundle", options.output)
    print(describe(load_metrics(options.output), load_classes(options.output)))
    remove_stages(STAGES, work)
    print(f"trained; to use it: sentiment infer --model {shlex.quote(str(options.output))} TEXT")
