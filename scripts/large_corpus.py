"""Measure time and memory of the text stages on generated corpora of several sizes.

    python scripts/large_corpus.py --json docs/results/large_corpus.json

Generates reviews in a temporary folder (TMPDIR; 4 KB each) and runs the stages read and index on them, each in its own
process, then makes the batches of one epoch of the recipe quick. Words follow Zipf's law with the exponent for which
25,000 reviews of IMDB's length have as many distinct words as IMDB.
"""

from __future__ import annotations

import argparse
import json
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Sequence

import numpy as np

WORDS = 40  # mean length of a review
ZIPF = 1.38  # exponent: the n-th most frequent word has frequency proportional to n ** -1.38
NAME = "large"  # results folder


def generate(folder: Path, first: int, last: int) -> None:
    """Write reviews number `first` to `last` - 1, alternately positive and negative."""
    random = np.random.Generator(np.random.PCG64(first))
    for kind in ("pos", "neg"):
        (folder / "aclImdb" / "train" / kind).mkdir(parents=True, exist_ok=True)
    for number in range(first, last):
        ranks = random.zipf(ZIPF, random.integers(5, 2 * WORDS - 4)).tolist()
        kind = ("pos", "neg")[number % 2]
        with open(f"{folder}/aclImdb/train/{kind}/{number}.txt", "w", encoding="utf-8") as file:
            file.write(" ".join([f"w{rank:x}" for rank in ranks]) + ".")


def run_stage(stage: str, folder: Path) -> None:
    """Run one stage as its script does."""
    from pipeline.cli.main import main

    raw = str(folder / "aclImdb")
    plain = ["--set", "read.sentences=", "--set", "read.generated=0"]
    if main([stage, "quick", *plain, "--reviews", raw, "--data", str(folder), "--name", NAME]):
        raise SystemExit(2)


def run_batches(folder: Path) -> None:
    """Make the batches of one training epoch."""
    from pipeline.corpus.encoded import Encoded
    from pipeline.model.batches import pad
    from pipeline.mx.engine import make_generator
    from pipeline.recipes import QUICK
    from pipeline.training.sampling import epoch_batches

    encoded = Encoded.load(folder / NAME / "encoded.npz")
    rows = encoded.rows("train")
    for positions in epoch_batches(encoded.lengths[rows], QUICK, make_generator(QUICK.train.seed)):
        pad([encoded[row] for row in rows[positions]], QUICK.index, QUICK.network)


STEPS: Dict[str, Callable[[Path], None]] = {
    "read": lambda folder: run_stage("read", folder),
    "index": lambda folder: run_stage("index", folder),
    "batches": run_batches,
}


def measure(step: str, folder: Path) -> Dict[str, float]:
    """Run one step in a subprocess; return its wall-clock time, CPU time and peak memory."""
    command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**json.loads(done.stdout.splitlines()[-1]), "processor_seconds": round(used, 2)}


def measure_size(folder: Path, first: int, last: int) -> Dict[str, Any]:
    """Generate reviews up to a corpus size and run all steps on them."""
    print(f"{last:,} reviews: generating", flush=True)
    generate(folder, first, last)
    row: Dict[str, Any] = {"reviews": last}
    for step in STEPS:
        numbers = row[step] = measure(step, folder)
        print(f"  {step}: {numbers['seconds']:.1f} s ({numbers['processor_seconds']:.1f} s CPU)", flush=True)
    row["text_bytes"] = (folder / NAME / "reviews.jsonl").stat().st_size
    row["encoded_bytes"] = (folder / NAME / "encoded.npz").stat().st_size
    return row


def main(arguments: Sequence[str]) -> None:
    """Measure all sizes, or run one step in a subprocess."""
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100_000, 200_000, 400_000, 800_000])
    parser.add_argument("--json", type=Path, help="file for the results as JSON")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        from scripts.benchmark.timing import MemoryMonitor

        start = time.perf_counter()
        with MemoryMonitor() as monitor:
            STEPS[options.step](options.folder)
        print(json.dumps({"seconds": round(time.perf_counter() - start, 2), "MB": round(monitor.peak / 1e6, 1)}))
        return
    from pipeline.io.output import write_json
    from pipeline.lectures.report import describe_run

    about = describe_run(shlex.join(["python", "scripts/large_corpus.py", *arguments]))
    sizes, rows = [0, *sorted(options.sizes)], []
    with tempfile.TemporaryDirectory() as folder:
        for first, last in zip(sizes, sizes[1:]):
            rows.append(measure_size(Path(folder), first, last))
            if options.json:
                write_json(options.json, {"about": about, "words_of_a_review": WORDS, "sizes": rows})


if __name__ == "__main__":
    main(sys.argv[1:])
