"""Kill every stage at random times, run it again, and check that the artefacts are the same.

    python scripts/kill.py --times 50

Uses small generated data in a temporary folder. Exits with code 1 if an artefact differs from that of an
uninterrupted run. What the stages need is imported once, and each run is a fork.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import List

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import sklearn.metrics
import sklearn.model_selection  # noqa: F401  (as above, imported once, before the forks)

from pipeline.io.progress import tqdm
from pipeline.mx.engine import import_gluonnlp
from pipeline.recipe import Embed, Index, Network, Read, Recipe, Train
from pipeline.workflow.runner import Stage, Workspace, run_stage
from pipeline.workflow.stages import STAGES

RECIPE = Recipe(
    name="killed",
    read=Read(held_out=0.2, validation=0.1),
    index=Index(vocab_size=2000, max_length=30),
    embed=Embed(vectors="glove.txt"),
    network=Network(hidden_size=16, bidirectional=True, pooling="max_mean", dropout=0.2),
    train=Train(epochs=5, batch_size=16),
)


def make_data(folder: Path, reviews: int) -> None:
    """Write reviews of random words, and vectors of random numbers for them."""
    random = np.random.Generator(np.random.PCG64(0))
    words = np.array([f"w{number}" for number in range(3000)])
    for kind in ("pos", "neg"):
        (folder / "reviews/train" / kind).mkdir(parents=True)
        for number in range(reviews // 2):
            text = " ".join(random.choice(words, random.integers(5, 40)))
            (folder / f"reviews/train/{kind}/{number}.txt").write_text(text)
    lines = (f"{word} {' '.join(f'{x:.4f}' for x in random.normal(size=20))}\n" for word in words)
    (folder / "glove.txt").write_text("".join(lines))


def start(stage: Stage, work: Workspace) -> int:
    """Run a stage in a forked process; return its process id."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
            run_stage(stage, work)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # skip the exit handlers of the parent


def finish(process: int) -> int:
    """Wait for a process; return its exit code, or minus the signal that ended it."""
    status = os.waitpid(process, 0)[1]
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def run_whole(stage: Stage, work: Workspace) -> float:
    """Run a stage without interruption; return its time in seconds."""
    begun = time.perf_counter()
    if finish(start(stage, work)):
        sys.exit(f"{stage.name}: failed without interruption")
    return time.perf_counter() - begun


def differences(folder: Path, other: Path) -> List[str]:
    """Return the files that differ between two folders.

    Of .npz files, which contain the time of writing, the arrays are compared. Stage records, which contain digests of
    .npz files, are skipped.
    """
    names = {path.relative_to(top) for top in (folder, other) for path in top.rglob("*") if path.is_file()}
    artefacts = sorted(name for name in names if name.parts[0] != ".stages")
    return [str(name) for name in artefacts if not _same(folder / name, other / name)]


def _same(path: Path, other: Path) -> bool:
    if not (path.is_file() and other.is_file()):
        return False
    if path.suffix != ".npz":
        return path.read_bytes() == other.read_bytes()
    with np.load(path) as arrays, np.load(other) as others:
        return set(arrays) == set(others) and all(np.array_equal(arrays[name], others[name]) for name in arrays)


def kill_stages(stages: List[Stage], times: int, top: Path, seed: int) -> int:
    """Kill each stage `times` times; return the number of subsequent runs that failed or gave other artefacts."""
    random = np.random.Generator(np.random.PCG64(seed))
    work = Workspace(RECIPE, top / "uninterrupted", top / "reviews", top / "glove.txt", device="cpu")
    failures = 0
    for stage in STAGES:
        before, killed = top / f"before_{stage.name}", 0
        shutil.copytree(work.folder, before) if work.folder.exists() else before.mkdir()
        seconds = run_whole(stage, work)
        if stage not in stages:
            continue
        with tqdm(total=times, desc=stage.name, leave=False) as bar:
            while killed < times:
                trial = work._replace(folder=top / "trial")
                shutil.copytree(before, trial.folder)
                process = start(stage, trial)
                time.sleep(random.uniform(0, seconds))
                os.kill(process, signal.SIGKILL)  # a process that has ended is a zombie until waited for
                hit = finish(process) == -signal.SIGKILL
                code = finish(start(stage, trial))
                differing = differences(work.folder, trial.folder)
                if code or differing:
                    failures += 1
                    print(f"{stage.name}: exit code {code}; differ: {', '.join(differing) or 'none'}")
                shutil.rmtree(trial.folder)
                killed += hit
                bar.update(hit)
        print(f"{stage.name}: killed {killed} times in its {seconds:.2f} s", flush=True)
    return failures


def main() -> int:
    """Run the command."""
    names = [stage.name for stage in STAGES]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--times", type=int, default=50, help="number of times each stage is killed (default: %(default)s)"
    )
    parser.add_argument("--stages", nargs="+", choices=names, default=names, help="(default: all)")
    parser.add_argument("--reviews", type=int, default=400, help="number of reviews (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="random seed (default: %(default)s)")
    options = parser.parse_args()
    import_gluonnlp()  # and MXNet
    with tempfile.TemporaryDirectory() as top:
        make_data(Path(top), options.reviews)
        stages = [stage for stage in STAGES if stage.name in options.stages]
        failures = kill_stages(stages, options.times, Path(top), options.seed)
    print(f"{failures} of {options.times * len(stages)} runs after a kill differ from an uninterrupted run")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
