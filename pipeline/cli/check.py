"""The command ``check``: look at a table of labelled texts before and after training on it."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import TYPE_CHECKING, Callable, List, Optional

from pipeline.cli.options import check_figure_name
from pipeline.cli.tables import add_table_options, read_texts
from pipeline.errors import PipelineError
from pipeline.io.output import check_file, new_file
from pipeline.io.streams import printable

if TYPE_CHECKING:
    from pipeline.corpus.training_table import LabelledTexts

_SHOWN = 10  # likely label errors on the screen
_START = 80  # characters of a text that are shown


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("check", help="look at a table of labelled texts: what would make a network worse")
    add_table_options(parser)
    parser.add_argument("--label-errors", action="store_true", help="also find texts that are likely labelled wrong")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write all likely label errors to this file, as CSV"
    )
    parser.add_argument(
        "--learning-curve", action="store_true", help="also measure the accuracy over the number of texts"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the learning curve")
    parser.set_defaults(run=_check)


def _check(options: argparse.Namespace) -> None:
    from pipeline.recipe import override
    from pipeline.recipes import find_recipe
    from pipeline.text.tokenizers import TOKENIZERS
    from pipeline.workflow.check import check_texts

    if options.output and not options.label_errors:
        raise PipelineError(f"--output {options.output}: is for likely label errors; add --label-errors")
    if options.plot and not options.learning_curve:
        raise PipelineError(f"--plot {options.plot}: is for the learning curve; add --learning-curve")
    check_file(options.output, options.table, options.test, options.vectors)
    check_figure_name("--plot", options.plot)
    recipe = override(find_recipe(options.recipe), options.set)
    texts, test = read_texts(options)
    vectors = options.vectors or Path("data/raw", recipe.embed.vectors)
    named = options.vectors is not None or (bool(recipe.embed.vectors) and vectors.exists())
    for text, advice in check_texts(texts, recipe, vectors if named else None, test):
        print(text, *([f"    -> {advice}"] if advice else []), sep="\n")
    if not named:
        print(
            "words without a vector: not checked; name a file with --vectors, or fetch one: sentiment fetch_data glove"
        )
    tokenize, seed = TOKENIZERS[recipe.index.tokenizer], recipe.read.seed
    if options.label_errors:
        _show_label_errors(texts, tokenize, seed, options.output)
    if options.learning_curve:
        _show_learning_curve(texts, tokenize, seed, options.plot)


def _show_label_errors(
    texts: LabelledTexts, tokenize: Callable[[str], List[str]], seed: int, output: Optional[Path]
) -> None:
    import numpy as np

    from pipeline.workflow.cross_validation import predict_out_of_fold
    from pipeline.workflow.label_errors import find_label_errors

    probabilities = predict_out_of_fold(texts, tokenize, seed)
    rows, suggested = find_label_errors(np.array(texts.labels), probabilities)
    table = [
        (texts.places[row], texts.classes[texts.labels[row]], texts.classes[other], f"{probabilities[row, other]:.4f}",
         " ".join(texts.texts[row].split())[:_START])
        for row, other in zip(rows.tolist(), suggested.tolist())
    ]  # fmt: skip
    print(f"{len(table):,} texts ({len(table) / len(texts.texts):.1%}) are likely labelled wrong", end="")
    print(":" if table and not output else "")
    if output:
        with new_file(output) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("row", "label", "suggested", "probability", "text"), *table])
        print(f"{output}: all of them, the likeliest first")
        return
    for place, label, other, probability, text in table[:_SHOWN]:
        print(
            f"    {'row ' * isinstance(place, int)}{place}: {label}, rather {other} ({probability}): {printable(text)}"
        )
    if len(table) > _SHOWN:
        print(f"    -> --output FILE.csv writes all {len(table):,}")


def _show_learning_curve(
    texts: LabelledTexts, tokenize: Callable[[str], List[str]], seed: int, plot: Optional[Path]
) -> None:
    from pipeline.workflow.cross_validation import measure_learning_curve

    curve = measure_learning_curve(texts, tokenize, seed)
    print("texts trained on    accuracy   standard deviation")
    for point in curve:
        print(f"{point.texts:>9,}{point.fraction:>7.0%}{point.accuracy:>12.4f}{point.deviation:>21.4f}")
    if plot:
        from pipeline.plots.drawing import save_figure
        from pipeline.plots.figures import learning_curve

        save_figure(learning_curve([point.texts for point in curve], *zip(*(point[2:] for point in curve))), plot)
