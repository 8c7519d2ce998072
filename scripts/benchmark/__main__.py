"""Measure the speed of the pipeline against baselines."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Optional, Sequence

from pipeline.cli.main import run_command
from pipeline.errors import PipelineError
from pipeline.io.output import check_file, write_json
from pipeline.lectures.report import describe_run
from scripts.benchmark.rows import run_benchmarks, show


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Print a row for each benchmark, and write the rows with ``--json``."""
    parser = argparse.ArgumentParser("python -m scripts.benchmark", description=__doc__)
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="run this benchmark; can be repeated"
    )
    parser.add_argument("--repeats", type=int, default=5, help="timed runs of each side (default: %(default)s)")
    parser.add_argument(
        "--data", type=Path, default=Path("data"), help="data folder, which contains raw/ (default: data)"
    )
    parser.add_argument("--json", type=Path, help="file for the results as JSON")
    parser.set_defaults(run=_run)
    return run_command(parser, arguments)


def _run(options: argparse.Namespace) -> None:
    if options.repeats < 1:
        raise PipelineError(f"--repeats: expected 1 or more, found {options.repeats}")
    check_file(options.json)
    rows = []
    for row in run_benchmarks(options.only, options.data / "raw", options.repeats):
        print(show(row), flush=True)
        rows.append(row)
    if options.json:
        about = describe_run(shlex.join(["python", "-m", "scripts.benchmark", *sys.argv[1:]]))
        write_json(options.json, [{**row, "about": about} for row in rows])


if __name__ == "__main__":
    sys.exit(main())
