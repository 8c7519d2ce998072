"""Measure the speed of the pipeline against baselines.

A row that fails is reported and recorded, and the others are measured; the exit code is then 2.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from pipeline.cli.main import run_command
from pipeline.errors import PipelineError
from pipeline.io.environment import describe_run
from pipeline.io.output import check_file, read_json, write_json
from scripts.benchmark.against import find_command
from scripts.benchmark.rows import has_failed, run_benchmarks, show, warn


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
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="compare with the benchmarks of this other checkout, in turns"
    )
    parser.add_argument(
        "--json",
        type=Path,
        help="file for the results, a JSON list that is written again after each row. Rows of a file that is there "
        "already are kept, except those of the same name, which are replaced; a failed row replaces no measured one",
    )
    parser.set_defaults(run=_run)
    return run_command(parser, arguments)


def _run(options: argparse.Namespace) -> None:
    if options.repeats < 1:
        raise PipelineError(f"--repeats: expected 1 or more, found {options.repeats}")
    if options.json:
        check_file(options.json)
        read_rows(options.json)
    other = options.against and options.against.resolve()
    if other:
        find_command(other)
    about: Dict[str, str] = {}
    failed = []
    for row in run_benchmarks(options.only, options.data.resolve() / "raw", options.repeats, other):
        print(show(row), flush=True)
        warning = warn(row)
        if warning:
            print(f"warning: {warning}", file=sys.stderr)
        if options.json:
            about = about or describe_run(shlex.join(["python", "-m", "scripts.benchmark", *sys.argv[1:]]))
            add_row(options.json, {**row, "about": about})
        if has_failed(row):
            failed.append(row["name"])
    if failed:
        raise PipelineError(f"failed, as reported above: {', '.join(failed)}")


def read_rows(path: Path) -> List[Dict[str, Any]]:
    """Return the rows of a file of results, none if there is no file.

    Raises
    ------
    PipelineError
        If it is something else than a file of results.
    """
    if not path.exists():
        return []
    rows = read_json(path) if path.is_file() else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "name" in row for row in rows):
        raise PipelineError(f"{path}: not a file of benchmark results; choose another name")
    return rows


def add_row(path: Path, row: Dict[str, Any]) -> None:
    """Add a row to a file of results, in place of an earlier one of the same name.

    A failed row does not replace one with figures. A comparison with another checkout and an ordinary row do not
    replace each other.
    """

    def is_replaced(earlier: Dict[str, Any]) -> bool:
        same = all(earlier.get(key) == row.get(key) for key in ("name", "against"))
        return same and ("error" in earlier or "error" not in row)

    write_json(path, [*(earlier for earlier in read_rows(path) if not is_replaced(earlier)), row])


if __name__ == "__main__":
    sys.exit(main())
