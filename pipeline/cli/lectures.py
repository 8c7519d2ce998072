"""The lectures' commands: ``reproduce`` and ``weights``."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any, Dict, List

from pipeline.cli.options import check_figure_name
from pipeline.errors import PipelineError

NETWORKS = (
    "lecture8",
    "lecture8_fixed",
    "crash_course",
    "stacked",
    "stacked_masked",
    "mnist_rows",
    "quick",
)  # in the figures


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands to the command line's subparsers."""
    reproduce = commands.add_parser("reproduce", help="run the lectures, and compare the computed values with theirs")
    reproduce.add_argument("lecture", nargs="*", help="lecture8, crash_course, stacked, weights, mnist_rows")
    reproduce.add_argument("--all", action="store_true", help="every lecture, and the ablations of lecture8's faults")
    reproduce.add_argument("--ablations", action="store_true", help="train lecture8 with one fault corrected at a time")
    reproduce.add_argument("--data", type=Path, default=Path("data"), help="folder of all data (default: data)")
    reproduce.add_argument("--device", default="auto", help="auto, cpu, gpu or a list such as gpu:0,gpu:1")
    reproduce.add_argument("--json", type=Path, help="write the comparisons to this file")
    reproduce.add_argument("--report", type=Path, metavar="FOLDER", help="write report.html and report.md there")
    reproduce.add_argument(
        "--fast", action="store_true", help="run all code on little data (data/fast); the results are meaningless"
    )
    reproduce.set_defaults(run=_reproduce, resumes=True)

    weights = commands.add_parser("weights", help="set the weights of a small layer and print every value")
    weights.add_argument("layer", choices=("simple", "lstm"))
    numbers: Dict[str, Any] = {"type": float, "nargs": "+", "metavar": "W"}
    gates = "; of an lstm the input, forget, cell and output gates in this order"
    weights.add_argument("--input-kernel", required=True, **numbers, help="row by row" + gates)
    weights.add_argument("--recurrent-kernel", required=True, **numbers, help="row by row" + gates)
    weights.add_argument("--inputs", required=True, **numbers, help="one number for each step")
    weights.add_argument("--activation", default="linear", help="linear (default), tanh or sigmoid")
    weights.add_argument("--recurrent-activation", default="linear", help="of an lstm's gates")
    weights.add_argument("--plot", type=Path, help="save a plot to this file (.png, .svg or .pdf)")
    weights.set_defaults(run=_weights)


def _weights(options: argparse.Namespace) -> None:
    from pipeline.lectures.rnn_cells import LSTM, SimpleRNN

    check_figure_name("--plot", options.plot)
    if options.layer == "simple":
        layer: Any = SimpleRNN(options.input_kernel, options.recurrent_kernel, activation=options.activation)
    else:
        layer = LSTM(
            _gates("--input-kernel", options.input_kernel),
            _gates("--recurrent-kernel", options.recurrent_kernel),
            activation=options.activation,
            recurrent_activation=options.recurrent_activation,
        )
    trace = layer.run(options.inputs)
    print(trace.table(), end="")
    if options.plot:
        trace.plot(options.plot)
        print(f"{options.plot}: the same as a plot")


def _gates(name: str, numbers: List[float]) -> Any:
    from pipeline.lectures.rnn_cells import Gates

    if len(numbers) % 4:
        raise PipelineError(f"{name}: expected as many numbers for each of the four gates, found {len(numbers)} in all")
    each = len(numbers) // 4
    return Gates(*(numbers[gate * each : (gate + 1) * each] for gate in range(4)))


def _reproduce(options: argparse.Namespace) -> None:
    from pipeline.io.environment import describe_run
    from pipeline.io.output import check_file, write_json
    from pipeline.lectures.ablations import ablation_recipes, run_ablations
    from pipeline.lectures.figures import draw_figures
    from pipeline.lectures.report import write_report
    from pipeline.lectures.reproduce import LECTURES, TRAINED, check_lecture, reproduce
    from pipeline.lectures.runner import LectureRunner, find_runner
    from pipeline.plots.drawing import new_figure

    names = list(LECTURES) if options.all else options.lecture
    if not names and not options.ablations:
        raise PipelineError(f"which lecture? Name one ({', '.join(LECTURES)}), or say --all")
    for name in names:
        check_lecture(name)
    check_file(options.json)
    if options.report:
        new_figure(1, 1)  # fails without matplotlib
        if options.report.exists() and not options.report.is_dir():
            raise PipelineError(f"--report {options.report}: is a file; expected a folder")
    runner = LectureRunner(options.data, options.device)
    if options.fast:
        runner = find_runner(options.data, fast=True, device=options.device)
    ablations = options.all or options.ablations
    needed = [recipe for name, trained in TRAINED.items() if name in names for recipe in trained]
    runner.run_all(needed + [recipe for recipe in ablation_recipes() if ablations and recipe not in needed])
    comparisons = [comparison for name in names for comparison in reproduce(name, runner)]
    comparisons += run_ablations(runner) if ablations else []
    for comparison in comparisons:
        print(f"{comparison.lecture}: {comparison.quantity}: {comparison.verdict}")
        print(f"    reference {comparison.reference}\n    computed  {comparison.computed}")
        if comparison.note:
            print(f"    {comparison.note}")
    if options.json:
        write_json(options.json, [comparison._asdict() for comparison in comparisons])
    if options.report:
        command = shlex.join(["python", "scripts/reproduce.py", *sys.argv[1:]])
        figures = draw_figures(runner.data, NETWORKS, device=options.device)
        write_report(
            comparisons, figures, options.report / "report.html", options.report / "report.md", describe_run(command)
        )
