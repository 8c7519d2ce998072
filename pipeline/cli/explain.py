"""The command ``explain``: each word's attribution, in the terminal, as HTML or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from pipeline.cli.options import MODEL, check_output, load_predictor, refuse_file_names
from pipeline.errors import PipelineError
from pipeline.io.encoding import decode
from pipeline.io.input import STANDARD_INPUT, open_standard_input
from pipeline.io.output import STANDARD_OUTPUT, new_file
from pipeline.io.tables import Record, text_of

if TYPE_CHECKING:
    from pipeline.explanation.explanation import Explanation

_ENDINGS = {".txt": "terminal", ".html": "html", ".json": "json"}


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line's subparsers."""
    explain = commands.add_parser("explain", help="show how much each word contributed to a prediction")
    explain.add_argument("text", nargs="?", help="a review (default: standard input, all of it)")
    explain.add_argument("--model", help=MODEL)
    explain.add_argument(
        "--target", metavar="CLASS", help="the class to explain (default: the predicted one; of two, the second)"
    )
    explain.add_argument(
        "--format", choices=tuple(_ENDINGS.values()), help="default: from the suffix of --output, or terminal"
    )
    explain.add_argument(
        "--output", type=Path, metavar="FILE", help="write to this .txt, .html or .json file; - for standard output"
    )
    explain.set_defaults(run=_explain)


def _explain(options: argparse.Namespace) -> None:
    from pipeline.explanation.explain import explain_prediction

    kind = _find_format(options)
    check_output(options.output, options, STANDARD_INPUT)
    text = _find_text(options.text)
    printed = options.output in (None, STANDARD_OUTPUT)
    explanation = explain_prediction(load_predictor(options), text, options.target)
    content = _format(explanation, kind, None if printed else False).rstrip("\n") + "\n"
    if printed:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(content.encode(encoding, "replace").decode(encoding))
        return
    with new_file(options.output) as temporary:
        temporary.write_text(content, encoding="utf-8")


def _find_format(options: argparse.Namespace) -> str:
    if options.format or options.output in (None, STANDARD_OUTPUT):
        return options.format or "terminal"
    ending: str = options.output.suffix.lower()
    if ending not in _ENDINGS:
        raise PipelineError(f"--output {options.output}: expected a name in {', '.join(_ENDINGS)}, or --format")
    return _ENDINGS[ending]


def _format(explanation: Explanation, kind: str, colour: Optional[bool]) -> str:
    if kind == "json":
        return json.dumps(explanation.to_dict())
    return explanation.to_html(page=True) if kind == "html" else explanation.to_terminal(colour)


def _find_text(given: Optional[str]) -> str:
    if given is not None:
        refuse_file_names([given], "sentiment explain <")
        row = text_of(Record(1, [given]))
        if row.error:
            raise PipelineError(f"the review: {row.error}")
        return row.text
    with open_standard_input() as stream:
        return decode(stream.read(), "standard input")
