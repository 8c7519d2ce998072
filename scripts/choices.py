"""Compare variants of a recipe by its training reviews alone, so that choices see no held-out review."""

from __future__ import annotations

import argparse
import csv
import shlex
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from pipeline.cli.main import run_command
from pipeline.corpus.encoded import Encoded
from pipeline.corpus.groups import GROUPS
from pipeline.errors import PipelineError
from pipeline.io.environment import describe_run
from pipeline.io.output import check_file, new_folder, read_json, write_json
from pipeline.metrics import ORDERED_METRICS, measure
from pipeline.model.bundle import load_bundle
from pipeline.model.predict import compute_logits, probabilities_of
from pipeline.read import read_reviews
from pipeline.recipe import Recipe, override
from pipeline.recipes import find_recipe
from pipeline.workflow.runner import make_workspace, run_stage
from pipeline.workflow.stages import ENCODED, STAGES
from scripts.compare import split_logits

_SPLITS = ("held_out", "sentences")  # of the training reviews; and the validation sentences
_SHOWN = ("accuracy", *ORDERED_METRICS, "lstm", "ngrams")  # of a variant's metrics


def copy_training_reviews(source: Path, recipe: Recipe, target: Path) -> int:
    """Copy the reviews that a recipe trains on, and their groups, to a folder of their own.

    Parameters
    ----------
    source, target : Path
        Folders with the layout of aclImdb. An existing `target` is kept, if it holds the same reviews.
    recipe : Recipe
        Its validation reviews are copied too, its held-out reviews are not.

    Returns
    -------
    int
        The number of reviews.

    Raises
    ------
    PipelineError
        If `target` holds other reviews, such as those of other splits.
    """
    reviews = read_reviews(source, replace(recipe.read, generated=0))
    chosen = {review.file for review in reviews if review.split in ("train", "validation")}
    if target.exists():
        if {path.relative_to(target).as_posix() for path in target.glob("*/*/*.txt")} != chosen:
            raise PipelineError(f"{target}: holds other reviews than {recipe.name} trains on; remove {target.parent}")
    else:
        with new_folder(target, lambda folder: None) as temporary:
            for file in sorted(chosen):
                (temporary / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source / file, temporary / file)
            if (source / GROUPS).is_file():
                _copy_groups(source / GROUPS, temporary / GROUPS, chosen)
    return len(chosen)


def _copy_groups(source: Path, target: Path, chosen: Any) -> None:
    with open(source, encoding="utf-8-sig", newline="") as old, open(target, "w", encoding="utf-8", newline="") as new:
        reader = csv.DictReader(old)
        writer = csv.DictWriter(new, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in reader if row["file"] in chosen)


def measure_models(folder: Path) -> Dict[str, Dict[str, float]]:
    """Return accuracies of a trained recipe's models, alone and together, for each split to choose by."""
    bundle, encoded = load_bundle(folder / "bundle"), Encoded.load(folder / ENCODED)
    metrics = {}
    for split in _SPLITS:
        rows = encoded.rows(split)
        if not len(rows):
            continue
        sequences, labels = [encoded[row] for row in rows], encoded.labels[rows]
        logits = compute_logits(bundle.network, bundle.recipe, sequences, bundle.device)  # (N, M * outputs)
        outputs, values = bundle.recipe.network.num_outputs, bundle.values
        together = measure(labels, probabilities_of(logits, outputs), values)
        names = ("accuracy", "loss", *(ORDERED_METRICS if values else ()))
        metrics[split] = {"texts": len(rows), **{name: together[name] for name in names}}
        if bundle.recipe.ngram_model.max_n:
            parts = split_logits(logits, bundle.recipe)
            lstm = parts["LSTM" if bundle.recipe.network.ensemble_size == 1 else "LSTMs"]
            for name, part in (("lstm", lstm), ("ngrams", parts["n-grams"])):
                metrics[split][name] = measure(labels, probabilities_of(part, outputs), values)["accuracy"]
    return metrics


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Print a line for each variant, and write them as JSON with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", help="name of a recipe, such as small")
    parser.add_argument(
        "--variant",
        action="append",
        default=[],
        metavar="'NAME FIELD=VALUE ...'",
        help="can be repeated; without settings the recipe as it is. A variant that is in --json is not trained again",
    )
    parser.add_argument("--held-out", type=float, default=0.25, help="of the training reviews (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=Path("data"), help="data folder (default: data)")
    parser.add_argument("--json", type=Path, help="file for the results as JSON; rows are added to it")
    parser.set_defaults(run=_choose, resumes=True)
    return run_command(parser, arguments)


def _choose(options: argparse.Namespace) -> None:
    check_file(options.json)
    base = find_recipe(options.recipe)
    chosen = options.data / "choices" / base.name
    number = copy_training_reviews(options.data / "raw/aclImdb", base, chosen / "aclImdb")
    print(f"{chosen / 'aclImdb'}: {number:,} reviews that {base.name} trains on")
    rows: List[Dict[str, Any]] = read_json(options.json) if options.json and options.json.exists() else []
    for variant in options.variant or [base.name]:
        name, *settings = variant.split()
        if any(row["variant"] == variant for row in rows):
            continue
        if not name.isidentifier():
            raise PipelineError(f"--variant {variant}: expected a name and settings such as embed.ppmi_dim=0")
        recipe = override(base, [f"read.held_out={options.held_out}", *settings])
        start = time.perf_counter()
        work = make_workspace(recipe, options.data, reviews=chosen / "aclImdb")._replace(folder=chosen / name)
        for stage in STAGES:
            run_stage(stage, work)
        metrics = measure_models(work.folder)
        command = shlex.join(["python", "-m", "scripts.choices", *sys.argv[1:]])
        seconds = round(time.perf_counter() - start)
        rows.append(
            {"recipe": base.name, "variant": variant, **metrics, "seconds": seconds, "about": describe_run(command)}
        )
        if options.json:
            write_json(options.json, rows)
        print(show(rows[-1]), flush=True)


def show(row: Dict[str, Any]) -> str:
    """Format a variant's metrics as one line."""
    parts = [
        f"{split}: " + ", ".join(f"{name} {row[split][name]:.4f}" for name in _SHOWN if name in row[split])
        for split in _SPLITS
        if split in row
    ]
    return f"{row['variant']}: {'; '.join(parts)} ({row['seconds']} s)"


if __name__ == "__main__":
    sys.exit(main())
