"""The command ``export``: write a trained bundle in another format."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Iterable, Union

from pipeline.cli.evaluate import read_rows
from pipeline.cli.options import MODEL, add_format_options, add_label_options, announce_model, check_output
from pipeline.cli.tables import TABLE_OPTIONS
from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pipeline.corpus.labelled import Labelled
    from pipeline.corpus.reviews import Review

_CHECK_OPTIONS = tuple(option for option in TABLE_OPTIONS if option not in ("--group", "--validation", "--test"))
_OUTPUTS = {"onnx": Path("data/onnx"), "params": Path("data/network.params")}  # by default


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line's subparsers."""
    export = commands.add_parser("export", help="write a trained bundle in another format")
    export.add_argument(
        "--format",
        choices=tuple(_OUTPUTS),
        default="onnx",
        help="onnx: a bundle that runs without MXNet; params: a file for gluon.Block.load_parameters "
        "(default: %(default)s)",
    )
    export.add_argument("--model", help=MODEL)
    export.add_argument(
        "--output", type=Path, help="folder of the bundle, or .params file (default: data/onnx or data/network.params)"
    )
    own = export.add_argument_group("smaller, with --format onnx")
    own.add_argument(
        "--quantize",
        action="store_true",
        help="int8 weights; refused if the accuracy falls by more than 0.2 percentage points",
    )
    own.add_argument(
        "--check",
        type=Path,
        metavar="TABLE",
        help="labelled texts for the accuracy: a table (as for infer) or a folder that holds pos/ and neg/ (default: "
        "the held-out reviews beside a bundle in data/NAME/)",
    )
    add_format_options(own)
    add_label_options(own)
    export.set_defaults(run=_export)


def _export(options: argparse.Namespace) -> None:
    from pipeline.model.bundle import find_bundle, load_recipe

    if options.check and not options.quantize:
        raise PipelineError(f"--check {options.check}: expected --quantize with it")
    if options.quantize and options.format != "onnx":
        raise PipelineError(f"--quantize: expected --format onnx, found {options.format}")
    if not options.check:
        given = [option for option in _CHECK_OPTIONS if getattr(options, option[2:].replace("-", "_"))]
        if given:
            raise PipelineError(f"{given[0]}: is for labelled texts; name them with --check")
    source, target = find_bundle(options.model), options.output or _OUTPUTS[options.format]
    check_output(None if target.is_dir() else target, options, options.check)
    if options.format == "params" and target.suffix != ".params":
        raise PipelineError(f"--output {target}: expected a name that ends in .params")
    if options.quantize:
        print(_export_quantized(source, target, options))
    elif options.format == "onnx":
        print(_export_onnx(source, target))
    else:
        print(_export_parameters(source, target))
    announce_model(source, load_recipe(source))


def _export_onnx(source: Path, target: Path) -> str:
    from pipeline.export.onnx import export_bundle

    difference = export_bundle(source, target)
    return f"{target}: the network in ONNX; its probabilities differ from Gluon's by at most {difference:.0e}"


def _export_quantized(source: Path, target: Path, options: argparse.Namespace) -> str:
    from pipeline.export.onnx import export_quantized

    rows = list(_read_check(source, options))
    before, after = export_quantized(source, target, [row.text for row in rows], [row.label for row in rows])
    told = f"accuracy {after:.4f} on {len(rows):,} texts, {before:.4f} before"
    return f"{target}: the network in ONNX with int8 weights; {told}"


def _read_check(source: Path, options: argparse.Namespace) -> Iterable[Union[Labelled, Review]]:
    """Return the texts of ``--check``, or the held-out reviews of the folder in data/ that the bundle is in."""
    from pipeline.corpus.reviews import load_reviews
    from pipeline.model.bundle import load_classes
    from pipeline.workflow.stages import REVIEWS

    reviews = source.parent / REVIEWS
    if options.check:
        return read_rows(options, options.check, load_classes(source))
    if not reviews.is_file():
        raise PipelineError("--quantize: no held-out reviews beside this bundle; name labelled texts with --check")
    return (review for review in load_reviews(reviews) if review.split == "held_out")


def _export_parameters(source: Path, target: Path) -> str:
    from pipeline.export.gluon import export_parameters

    return f"{target}: {export_parameters(source, target):,} parameters, for gluon.Block.load_parameters"
