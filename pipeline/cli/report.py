"""The command ``report``: one HTML page about a trained recipe."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.cli.options import check_name
from pipeline.errors import PipelineError
from pipeline.io.output import check_file


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``report``."""
    report = commands.add_parser("report", help="write an HTML page about a trained recipe: data, metrics, mistakes")
    report.add_argument("name", help="name of the folder in data/, such as quick: of a recipe that was evaluated")
    report.add_argument(
        "--output", type=Path, metavar="FILE", help="the .html file to write (default: report.html in that folder)"
    )
    report.add_argument("--data", type=Path, default=Path("data"), help="folder of all data (default: data)")
    report.add_argument("--device", default="auto", help="auto, cpu or gpu (default: %(default)s)")
    report.set_defaults(run=_report)


def _report(options: argparse.Namespace) -> None:
    from pipeline.report.page import write_report
    from pipeline.report.results import load_results

    check_name(options.name, "report")
    folder = options.data / options.name
    output = options.output or folder / "report.html"
    check_file(output)
    if output.suffix.lower() not in (".html", ".htm"):
        raise PipelineError(f"--output {output}: expected a name that ends in .html")
    write_report(output, load_results(folder), options.device)
    print(f"{output}: the report")
