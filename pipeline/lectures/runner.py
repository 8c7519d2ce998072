"""Run the recipes of the lectures in a data folder."""

from __future__ import annotations

import itertools
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Callable, Iterable, List, NamedTuple, Sequence, Tuple, Union

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.input import list_reviews, read_text
from pipeline.io.output import new_file, new_folder
from pipeline.io.processes import count_cores
from pipeline.recipe import Recipe, override
from pipeline.recipes import LECTURE8
from pipeline.workflow.runner import Workspace, make_workspace, run_stage
from pipeline.workflow.stages import STAGES

FAST = ("train.epochs=1",)  # and little data


class LectureRunner(NamedTuple):
    """Runs recipes in a data folder, on a device, with settings that override each recipe."""

    data: Path  # holds raw/; the results go beside it
    device: str = "auto"
    settings: Tuple[str, ...] = ()  # override every recipe, for fast runs
    seeds: int = 5  # of mnist_rows

    def run_all(self, recipes: Iterable[Recipe]) -> None:
        """Run several recipes side by side; each writes ``log.txt`` in its folder."""
        for_each(_run_logged, [(self, recipe) for recipe in recipes], "recipes")

    def run(self, recipe: Recipe, name: str = "") -> Path:
        """Run all stages of a recipe that are not up to date; return the folder of its results."""
        work = self.workspace(recipe, name)
        for stage in STAGES:
            run_stage(stage, work)
        return work.folder

    def workspace(self, recipe: Recipe, name: str = "") -> Workspace:
        """Return the recipe's workspace; GloVe 6B.50d replaces the recipe's word vectors if they are missing."""
        is_missing = recipe.embed.vectors and not (self.data / "raw" / recipe.embed.vectors).exists()
        vectors = ["embed.vectors=glove.6B.50d.txt"] * bool(is_missing)
        return make_workspace(override(recipe, [*vectors, *self.settings]), self.data, name, device=self.device)


def find_runner(data: Union[str, Path] = "", fast: bool = False, device: str = "auto") -> LectureRunner:
    """Return the runner of a data folder.

    Parameters
    ----------
    data : str or Path
        By default the nearest folder ``data`` that holds ``raw/``, in the current folder or above it.
    fast : bool
        Run all code on little data, some 160 reviews, 50,000 word vectors and 700 digits, in ``fast/`` of the data
        folder. The results of trained networks are then meaningless.
    device : str
        As for `pipeline.mx.engine.find_devices`.

    Raises
    ------
    PipelineError
        If there is no data.
    """
    here = Path.cwd()
    found = Path(data) if data else next((f / "data" for f in (here, *here.parents) if (f / "data/raw").is_dir()), None)
    if found is None or not (found / "raw").is_dir():
        where = f"{data}: no folder raw in it" if data else f"no folder data/raw in {here} or above it"
        raise PipelineError(f"{where}; fetch the data with: sentiment fetch_data reviews glove mnist")
    return LectureRunner(_little_data(found), device, FAST, seeds=2) if fast else LectureRunner(found, device)


def _little_data(data: Path) -> Path:
    """Lay out some 80 reviews of each class, with over 5,000 words, a few digits, and 50,000 word vectors; return it.

    The folder is ``data/fast``.
    """
    raw, little = data / "raw", data / "fast" / "raw"
    if not (little / "aclImdb").is_dir():
        with new_folder(little / "aclImdb") as folder:
            for kind in ("pos", "neg"):
                (folder / "train" / kind).mkdir(parents=True)
                reviews = raw / "aclImdb" / "train" / kind
                files = [reviews / name for name in list_reviews(reviews)]
                first = [file for file in files if read_text(str(file)).startswith(LECTURE8.index.count_first)]
                for file in {*files[:80], *first}:
                    shutil.copy(file, folder / "train" / kind)
    if not (little / "mnist.npz").is_file() and (raw / "mnist.npz").is_file():
        with np.load(raw / "mnist.npz") as arrays:
            few = {name: array[: 600 if "train" in name else 100] for name, array in arrays.items()}
        with new_file(little / "mnist.npz") as temporary, open(temporary, "wb") as archive:
            np.savez(archive, **few)
    vectors = little / "glove.6B.50d.txt"
    if not vectors.is_file() and (raw / vectors.name).is_file():
        with open(raw / vectors.name, "rb") as lines, new_file(vectors) as temporary:
            temporary.write_bytes(b"".join(itertools.islice(lines, 50_000)))
    return data / "fast"


def for_each(function: Callable[..., Any], arguments: Sequence[Tuple[Any, ...]], unit: str) -> List[Any]:
    """Call a function with each of several arguments, in one process per core; return the results in order.

    Each process has one thread: two such trainings at once are faster than one on two threads, and the results do not
    depend on the number of cores.
    """
    from joblib import Parallel, delayed, parallel_config

    from pipeline.io.progress import tqdm

    with parallel_config("loky", inner_max_num_threads=1):
        work = Parallel(n_jobs=count_cores(), return_as="generator", batch_size=1)
        results = work(delayed(function)(*each) for each in arguments)
        return list(tqdm(results, total=len(arguments), desc=unit))


def _run_logged(runner: LectureRunner, recipe: Recipe) -> None:
    folder = runner.data / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "log.txt", "a", buffering=1) as log, open(os.devnull, "w") as bars, redirect_stdout(
        log
    ), redirect_stderr(bars):
        runner.run(recipe)
