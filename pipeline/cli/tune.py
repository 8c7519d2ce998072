"""The command ``tune``: search for a recipe's settings on a table of labelled texts."""

from __future__ import annotations

import argparse
import math
import shlex
from pathlib import Path

from pipeline.cli.tables import add_table_options, add_training_options, find_held_out, read_texts
from pipeline.errors import PipelineError
from pipeline.io.output import check_file, new_file


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("tune", help="search for the best settings of a recipe on your own texts and labels")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.toml", help="recipe to write")
    add_table_options(parser)
    add_training_options(parser)
    parser.add_argument(
        "--validation-fraction",
        type=float,
        default=0.2,
        metavar="FRACTION",
        help="of the texts that are not held out, to choose by (default: %(default)s)",
    )
    parser.add_argument(
        "--space",
        action="append",
        metavar="FIELD=VALUE,...",
        help="values to try, in place of the default ones: train.epochs=2,4; can be repeated",
    )
    parser.add_argument("--trials", type=int, default=12, metavar="N", help="trainings, at most (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=math.inf, metavar="M", help="after which no trial begins")
    parser.set_defaults(run=_tune, resumes=True)


def _tune(options: argparse.Namespace) -> None:
    from pipeline.corpus.training_table import split_texts
    from pipeline.recipe import override
    from pipeline.recipes import find_recipe
    from pipeline.workflow.tune import (
        SPACE,
        TrialLog,
        count_candidates,
        describe_origin,
        describe_trial,
        draw_candidates,
        make_recipe,
        parse_space,
        tune,
    )

    if options.trials < 1 or not options.minutes >= 0:
        raise PipelineError("--trials, --minutes: expected 1 or more trials, and 0 minutes or more")
    if not options.validation_fraction:
        raise PipelineError(
            f"--validation-fraction {options.validation_fraction}: expected a fraction of the texts to choose by"
        )
    if options.output.suffix != ".toml":
        raise PipelineError(f"--output {options.output}: expected a name that ends in .toml")
    held_out = find_held_out(options)
    recipe = override(find_recipe(options.recipe), options.set)
    space = parse_space(recipe, options.space or SPACE)
    check_file(options.output, options.vectors)
    texts, _ = read_texts(options, with_test=False)
    seed = recipe.read.seed
    texts = split_texts(texts, held_out, seed)["train"]  # fit evaluates on the others
    train, validation = split_texts(texts, options.validation_fraction, seed, "--validation-fraction").values()
    candidates = draw_candidates(recipe, space, count_candidates(options.trials, len(train.texts)))
    vectors = options.vectors or Path("data/raw", recipe.embed.vectors)
    log = TrialLog(options.output.with_suffix(".trials.jsonl"), describe_origin(train, validation, recipe, vectors))
    own = [make_recipe(recipe, trial) for trial in log.trials]  # of an earlier call, that may be replaced
    if options.output.exists() and options.output.read_bytes() not in own:
        raise PipelineError(f"{options.output}: is there already; move it, or choose another --output")
    print(f"train: {len(train.texts):,} texts; to choose by: {len(validation.texts):,} texts")
    if log.trials:
        print(f"{log.path}: {len(log.trials)} trials recorded")
    ended = tune(train, validation, recipe, candidates, vectors, log, options.device, options.minutes)
    with new_file(options.output) as temporary:
        temporary.write_bytes(make_recipe(recipe, log.find_best()))
    print(f"best: {describe_trial(log.find_best())}")
    if not ended:
        print(f"stopped after {options.minutes:g} minutes; the same command goes on with the trials that are left")
    command = shlex.join(["sentiment", "fit", str(options.table), "--recipe", str(options.output)])
    print(f"to train it: {command} --output FOLDER, with the same options for the table")
