"""The command ``score``: predictions for tables that are larger than memory, in parts that a stopped run keeps."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from pipeline.cli.options import MODEL, announce_model


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``score``."""
    score = commands.add_parser(
        "score", help="predict large tables part by part, in several processes; a stopped run goes on where it was"
    )
    score.add_argument("input", type=Path, help="a .parquet or .csv file, or a folder of them")
    score.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="folder of the parts")
    score.add_argument("--column", default="text", help="column of the texts (default: %(default)s)")
    score.add_argument("--prefix", default="", help="put before the names of the new columns (default: none)")
    score.add_argument("--model", help=MODEL)
    score.add_argument(
        "--engine", choices=("local", "dask"), default="local", help="what runs the processes (default: %(default)s)"
    )
    score.add_argument("--workers", type=int, default=2, help="number of processes (default: %(default)s)")
    score.add_argument(
        "--rows",
        type=int,
        default=50_000,
        help="rows of a .csv file in one part; of a .parquet file it is a row group (default: %(default)s)",
    )
    score.set_defaults(run=_score, resumes=True)


def _score(options: argparse.Namespace) -> None:
    from pipeline.model.bundle import find_bundle, load_recipe
    from pipeline.scoring.job import score_files

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # of each process
    bundle = find_bundle(options.model)
    announce_model(bundle, load_recipe(bundle))
    start = time.perf_counter()
    report = score_files(
        options.input,
        options.output,
        bundle,
        options.column,
        options.prefix,
        options.rows,
        options.engine,
        options.workers,
    )
    seconds = time.perf_counter() - start
    kept = f"; {report.kept:,} parts were there already" if report.kept else ""
    print(
        f"{options.output}: {report.rows:,} texts in {report.parts:,} parts in {seconds:,.1f} s, "
        f"{report.rows / seconds:,.0f} texts a second; {report.errors:,} without a prediction{kept}"
    )
