"""Where the lectures are run, and the type of their results: a figure of ours for each reference value."""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Sequence, Tuple

from pipeline.recipe import Recipe, override
from pipeline.workflow.runner import Workspace, run_stage
from pipeline.workflow.stages import STAGES


class Ours(NamedTuple):
    """One figure of ours, and why it may differ from the reference value."""

    value: Any
    why: str = ""
    comparable: bool = True  # False if the lecture's data is not at hand


Figures = Dict[str, Ours]


class Laboratory(NamedTuple):
    """Data folder, device and settings with which the lectures are run."""

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
        """Return the recipe's workspace; GloVe 6B.50d replaces the recipe's GloVe file if that is missing."""
        raw = self.data / "raw"
        glove = raw / recipe.embed.glove
        if recipe.embed.glove and not glove.exists():
            glove = raw / "glove.6B.50d.txt"
        recipe = override(recipe, self.settings)
        folder = self.data / (name or recipe.name)
        return Workspace(recipe, folder, raw / "aclImdb", glove, device=self.device)


def for_each(function: Callable[..., Any], arguments: Sequence[Tuple[Any, ...]], unit: str) -> List[Any]:
    """Call a function with each of several arguments, in one process per core; return the results in order.

    Each process has one thread: two such trainings at once are faster than one on two threads, and the results do not
    depend on the number of cores.
    """
    from joblib import Parallel, delayed, parallel_config

    from pipeline.io.progress import tqdm

    with parallel_config("loky", inner_max_num_threads=1):
        work = Parallel(n_jobs=len(os.sched_getaffinity(0)), return_as="generator", batch_size=1)
        results = work(delayed(function)(*each) for each in arguments)
        return list(tqdm(results, total=len(arguments), desc=unit))


def _run_logged(lab: Laboratory, recipe: Recipe) -> None:
    folder = lab.data / recipe.name
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "log.txt", "a", buffering=1) as log, open(os.devnull, "w") as bars, redirect_stdout(
        log
    ), redirect_stderr(bars):
        lab.run(recipe)
