"""Measure time and memory of the text stages on generated corpora of several sizes.

    python scripts/large_corpus.py --json docs/results/large_corpus.json
    python scripts/large_corpus.py --table --json docs/results/large_table.json

Generates reviews in a temporary folder (TMPDIR; 4 KB each) and runs the stages read and index on them, each in its own
process, then makes the batches of one epoch of the recipe quick. With ``--table`` the texts are the rows of one file
like that of sentiment140: no header, Latin-1, labels 0 and 4, 14 words each. Words follow Zipf's law with the exponent
for which 25,000 reviews of IMDB's length have as many distinct words as IMDB.
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
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Sequence

import numpy as np

from pipeline.workflow.stages import ENCODED, REVIEWS

ZIPF = 1.38  # exponent: the n-th most frequent word has frequency proportional to n ** -1.38
NAME = "large"  # results folder
TABLE = "large.csv"


class Corpus(NamedTuple):
    """A kind of generated corpus."""

    words: int  # mean length of a review
    sizes: Sequence[int]
    write: Callable[[Path, int, List[str]], None]  # texts of reviews from this number on
    reviews: Sequence[str]  # options of the stages; the first value is below the folder


def _write_files(folder: Path, first: int, texts: List[str]) -> None:
    for kind in ("pos", "neg"):
        (folder / "aclImdb" / "train" / kind).mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts, first):
        kind = ("pos", "neg")[number % 2]
        (folder / "aclImdb" / "train" / kind / f"{number}.txt").write_text(text)


def _write_rows(folder: Path, first: int, texts: List[str]) -> None:
    with open(folder / TABLE, "a", encoding="latin-1") as file:
        for number, text in enumerate(texts, first):
            row = (4 * (number % 2), number, "Mon Apr 06 22:19:45 PDT 2009", "NO_QUERY", f"user{number % 99991}", text)
            file.write(",".join(f'"{value}"' for value in row) + "\n")


FOLDER = Corpus(40, [100_000, 200_000, 400_000, 800_000], _write_files, ("aclImdb", "--set=read.sentences="))
ROWS = Corpus(
    14,
    [200_000, 800_000, 1_600_000],
    _write_rows,
    (TABLE, "--no-header", "--column=6", "--label-column=1", "--encoding=latin-1"),
)


def generate(folder: Path, corpus: Corpus, first: int, last: int) -> None:
    """Write reviews number `first` to `last` - 1."""
    random = np.random.Generator(np.random.PCG64(first))
    for start in range(first, last, 10_000):
        texts = []
        for _ in range(start, min(start + 10_000, last)):
            ranks = random.zipf(ZIPF, random.integers(5, 2 * corpus.words - 4)).tolist()
            texts.append(" ".join([f"w{rank:x}" for rank in ranks]) + ".")
        corpus.write(folder, start, texts)


def run_stage(stage: str, folder: Path, corpus: Corpus) -> None:
    """Run one stage as its script does."""
    from pipeline.cli.main import main

    reviews, *options = corpus.reviews
    places = ["--reviews", str(folder / reviews), "--data", str(folder), "--name", NAME]
    if main([stage, "quick", *places, "--set=read.generated=0", *options]):
        raise SystemExit(2)


def run_batches(folder: Path, corpus: Corpus) -> None:
    """Make the batches of one training epoch."""
    from pipeline.corpus.encoded import Encoded
    from pipeline.model.batches import pad
    from pipeline.mx.engine import make_generator
    from pipeline.recipes import QUICK
    from pipeline.training.sampling import epoch_batches

    encoded = Encoded.load(folder / NAME / ENCODED)
    rows = encoded.rows("train")
    for positions in epoch_batches(encoded.lengths[rows], QUICK, make_generator(QUICK.train.seed)):
        pad([encoded[row] for row in rows[positions]], QUICK.index, QUICK.network)


STEPS: Dict[str, Callable[[Path, Corpus], None]] = {
    "read": partial(run_stage, "read"),
    "index": partial(run_stage, "index"),
    "batches": run_batches,
}


def measure(step: str, folder: Path, corpus: Corpus) -> Dict[str, float]:
    """Run one step in a subprocess; return its wall-clock time, CPU time and peak memory."""
    command = [sys.executable, "-m", "scripts.large_corpus", "--step", step, "--folder", str(folder)]
    command += ["--table"] * (corpus is ROWS)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[1])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**json.loads(done.stdout.splitlines()[-1]), "processor_seconds": round(used, 2)}


def measure_size(folder: Path, corpus: Corpus, first: int, last: int) -> Dict[str, Any]:
    """Generate reviews up to a corpus size and run all steps on them."""
    print(f"{last:,} reviews: generating", flush=True)
    generate(folder, corpus, first, last)
    row: Dict[str, Any] = {"reviews": last}
    for step in STEPS:
        numbers = row[step] = measure(step, folder, corpus)
        print(
            f"  {step}: {numbers['seconds']:.1f} s ({numbers['processor_seconds']:.1f} s CPU), "
            f"{last / numbers['seconds']:,.0f} reviews/s, {numbers['MB']:.0f} MB",
            flush=True,
        )
    row["text_bytes"] = (folder / NAME / REVIEWS).stat().st_size
    row["encoded_bytes"] = (folder / NAME / ENCODED).stat().st_size
    return row


def main(arguments: Sequence[str]) -> None:
    """Measure all sizes, or run one step in a subprocess."""
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="short texts in one table in place of a folder of files")
    parser.add_argument("--sizes", type=int, nargs="+", help="numbers of reviews (default: up to 800,000 or 1,600,000)")
    parser.add_argument("--json", type=Path, help="file for the results as JSON")
    parser.add_argument("--step", choices=list(STEPS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    corpus = ROWS if options.table else FOLDER
    if options.step:
        from scripts.benchmark.timing import MemoryMonitor

        start = time.perf_counter()
        with MemoryMonitor() as monitor:
            STEPS[options.step](options.folder, corpus)
        print(json.dumps({"seconds": round(time.perf_counter() - start, 2), "MB": round(monitor.peak / 1e6, 1)}))
        return
    from pipeline.io.environment import describe_run
    from pipeline.io.output import write_json

    about = describe_run(shlex.join(["python", "scripts/large_corpus.py", *arguments]))
    sizes, rows = [0, *sorted(options.sizes or corpus.sizes)], []
    with tempfile.TemporaryDirectory() as folder:
        for first, last in zip(sizes, sizes[1:]):
            rows.append(measure_size(Path(folder), corpus, first, last))
            if options.json:
                write_json(options.json, {"about": about, "words_of_a_review": corpus.words, "sizes": rows})


if __name__ == "__main__":
    main(sys.argv[1:])
