"""Search for a recipe's settings by successive halving; every trial is recorded in a file as soon as it is measured."""

from __future__ import annotations

import hashlib
import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

import numpy as np

from pipeline.corpus.training_table import LabelledTexts, take_texts
from pipeline.errors import PipelineError
from pipeline.io.output import new_file, sha256
from pipeline.io.progress import tqdm
from pipeline.metrics import measure
from pipeline.model.predictor import Predictor
from pipeline.recipe import Recipe, override, sections, to_dict
from pipeline.recipes import to_toml
from pipeline.workflow.cross_validation import stratified_order
from pipeline.workflow.fit import train_bundle

FACTOR = 3  # one candidate of so many goes on, with so many times the texts
FEWEST = 200  # texts that a trial trains on; with fewer in all, every trial trains on all
SPACE = (  # searched by default
    "train.learning_rate=0.001,0.003,0.01",
    "train.epochs=2,4,8",
    "network.hidden_size=32,64,128",
    "network.dropout=0.2,0.4,0.6",
)
Space = Mapping[str, Sequence[Any]]  # values of fields such as train.epochs
Settings = Dict[str, Any]  # a value of each of these fields


class Trial(NamedTuple):
    """What one training gave."""

    settings: Settings
    texts: int  # trained on
    seed: int
    seconds: float
    loss: Optional[float] = None  # on the validation texts; None if the training failed
    accuracy: Optional[float] = None
    error: str = ""


def parse_space(recipe: Recipe, given: Sequence[str]) -> Space:
    """Return the values that a search tries.

    Parameters
    ----------
    recipe : Recipe
    given : sequence of str
        Each ``section.field=value,value,...``, as in ``train.epochs=2,4``.

    Raises
    ------
    PipelineError
        If a field is unknown or is one of the split, or a value does not fit.
    """
    space = {}
    for entry in given:
        name, _, values = entry.partition("=")
        name = name.strip()
        if name.startswith("read."):
            raise PipelineError(f"--space {entry}: another split would change the texts that settings are chosen by")
        if name in ("embed.vectors", "embed.member"):
            raise PipelineError(f"--space {entry}: all trials have the same vectors, those of --vectors")
        found = [_get(override(recipe, [f"{name}={value}"]), name) for value in values.split(",")]
        space[name] = tuple(dict.fromkeys(found))
    return space


def _get(recipe: Recipe, name: str) -> Any:
    section, _, field = name.partition(".")
    return getattr(getattr(recipe, section), field)


def apply_settings(recipe: Recipe, settings: Settings) -> Recipe:
    """Return the recipe with these values.

    Raises
    ------
    PipelineError
        If they are at odds with each other or with the rest of the recipe.
    """
    return override(recipe, [f"{name}={value}" for name, value in settings.items()])


def make_recipe(recipe: Recipe, trial: Trial) -> bytes:
    """Return the content of a recipe's file with the settings of a trial, which the recipe says it is of."""
    tuned = replace(apply_settings(recipe, trial.settings), about=f"tuned: {describe_trial(trial)}")
    return to_toml(tuned).encode("utf-8")


def draw_candidates(recipe: Recipe, space: Space, count: int) -> List[Settings]:
    """Return different settings: the recipe's own, then others drawn at random, the same for the same ``train.seed``.

    Parameters
    ----------
    recipe : Recipe
    space : dict of sequences
    count : int
        At most; fewer if the space has no more. More candidates begin with those of fewer.

    Returns
    -------
    list of dict

    Raises
    ------
    PipelineError
        If a candidate's values are at odds.
    """
    generator = np.random.Generator(np.random.PCG64(recipe.train.seed))
    own = {name: _get(recipe, name) for name in space}
    candidates = [own]
    total = math.prod(map(len, space.values())) + any(own[name] not in values for name, values in space.items())
    while len(candidates) < min(count, total):
        drawn = {name: values[generator.integers(len(values))] for name, values in space.items()}
        if drawn not in candidates:
            candidates.append(drawn)
    for settings in candidates:
        apply_settings(recipe, settings)
    return candidates


def plan_rungs(candidates: int, texts: int) -> List[int]:
    """Return how many candidates each rung has: in the last one `FACTOR` or fewer, if there are texts enough.

    Each rung trains on `FACTOR` times as many texts as the one before, the first one on `FEWEST` or more, and the last
    one on all.

    >>> plan_rungs(9, 10_000), plan_rungs(10, 10_000), plan_rungs(10, 600), plan_rungs(10, 599)
    ([9, 3], [10, 4, 2], [10, 4], [10])
    """
    rungs = [candidates]
    while rungs[-1] > FACTOR and texts >= FEWEST * FACTOR ** len(rungs):
        rungs.append(math.ceil(rungs[-1] / FACTOR))
    return rungs


def count_candidates(trials: int, texts: int) -> int:
    """Return how many candidates can be compared in a number of trials.

    >>> [count_candidates(trials, 10_000) for trials in (1, 6, 12)]
    [1, 4, 9]
    """
    return max(count for count in range(1, trials + 1) if sum(plan_rungs(count, texts)) <= trials)


def halve(candidates: Sequence[Settings], texts: int, run: Callable[[Settings, int], Trial]) -> Iterator[Trial]:
    """Yield the trials of successive halving (Jamieson and Talwalkar, 2016).

    Parameters
    ----------
    candidates : sequence of dict
    texts : int
        To train on.
    run : callable
        Called with settings and how many of the texts to train on.

    Yields
    ------
    Trial
        After each rung those with the smallest losses go on; failed ones do not.
    """
    rungs = plan_rungs(len(candidates), texts)
    for rung, size in enumerate(rungs, 1):
        trials = []
        for settings in candidates[:size]:
            trials.append(run(settings, round(texts * FACTOR ** (rung - len(rungs)))))
            yield trials[-1]
        passed = [trial for trial in trials if trial.loss is not None]
        candidates = [trial.settings for trial in sorted(passed, key=lambda trial: (trial.loss,))]


class TrialLog:
    """The trials of a search, in a file of JSON lines; the first line says what they were made from.

    Parameters
    ----------
    path : Path
        Its trials are read if it exists.
    origin : dict
        Everything but the settings that a trial depends on, ready for JSON.

    Raises
    ------
    PipelineError
        If the file is no such file, or its trials were made from something else.
    """

    def __init__(self, path: Path, origin: Mapping[str, Any]) -> None:
        self.path, self.origin = path, dict(origin)
        self.trials: List[Trial] = []
        if not path.exists():
            return
        found, *lines = [_parse_line(path, *line) for line in enumerate(path.read_bytes().splitlines(), 1)] or [{}]
        changed = [key for key in {**found, **self.origin} if found.get(key) != self.origin.get(key)]
        if changed and lines:
            raise PipelineError(
                f"{path}: has the trials of another search; not the same: {', '.join(changed[:10])}. "
                "Choose another --output, or move the file"
            )
        try:
            self.trials = [Trial(**line) for line in lines]
        except TypeError as error:
            raise PipelineError(f"{path}: not the trials of a search ({error})") from None

    def write(self) -> None:
        """Write the file; it is as before or whole."""
        lines = [self.origin, *(trial._asdict() for trial in self.trials)]
        with new_file(self.path) as temporary:
            temporary.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    def find(self, settings: Settings, texts: int) -> Optional[Trial]:
        """Return the trial of these settings on so many texts, if there is one."""
        return next((trial for trial in self.trials if (trial.settings, trial.texts) == (settings, texts)), None)

    def find_best(self) -> Trial:
        """Return the trial with the smallest validation loss of those on the most texts.

        Raises
        ------
        PipelineError
            If there is none.
        """
        passed = [trial for trial in self.trials if trial.loss is not None]
        if not passed:
            raise PipelineError(f"{self.path}: has no trial that succeeded")
        return min(passed, key=lambda trial: (-trial.texts, trial.loss))


def _parse_line(path: Path, number: int, line: bytes) -> Dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise PipelineError(f"{path}, line {number}: not JSON ({error})") from None
    if not isinstance(found, dict):
        raise PipelineError(f"{path}, line {number}: expected an object, found {str(found)[:40]}")
    return found


def describe_origin(train: LabelledTexts, validation: LabelledTexts, recipe: Recipe, vectors: Path) -> Dict[str, Any]:
    """Return everything but the settings that a trial depends on: digests of the texts and vectors, and the recipe."""
    values = to_dict(recipe)
    fields = {f"{part}.{field}": value for part in sections(recipe) for field, value in values[part].items()}
    digest = sha256(vectors) if recipe.embed.vectors and vectors.is_file() else ""
    return {"texts": _digest(train), "validation texts": _digest(validation), "word vectors": digest, **fields}


def _digest(texts: LabelledTexts) -> str:
    digest = hashlib.sha256(json.dumps(texts.classes).encode())
    for row, (text, label) in enumerate(zip(texts.texts, texts.labels)):
        digest.update(json.dumps([text, label, texts.groups[row : row + 1]]).encode())
    return digest.hexdigest()


def tune(
    train: LabelledTexts,
    validation: LabelledTexts,
    recipe: Recipe,
    candidates: Sequence[Settings],
    vectors: Path,
    log: TrialLog,
    device: str = "auto",
    minutes: float = math.inf,
) -> bool:
    """Train the recipe with candidate settings, by successive halving over the number of texts.

    Parameters
    ----------
    train, validation : LabelledTexts
        To train on, and to choose by.
    recipe : Recipe
    candidates : sequence of dict
        As from `draw_candidates`: the first are the recipe's own.
    vectors : Path
        As for `pipeline.workflow.fit.train_bundle`.
    log : TrialLog
        Gets every trial as soon as it is measured. Trials that it has are not repeated.
    device : str
        As for `pipeline.mx.engine.find_devices`.
    minutes : float
        After which no trial begins, except the first one of this call.

    Returns
    -------
    bool
        Whether the search came to its end, rather than to that of the minutes.

    Raises
    ------
    PipelineError
        As from `train_bundle` with the recipe's own settings. If it fails with others, the trial is recorded with the
        error, and the search goes on.

    Notes
    -----
    A trial trains on the first of the texts in `stratified_order`, so that a share has all texts of a smaller one. Each
    trial trains from the start, so that its learning rate follows its own schedule. scikit-learn's
    ``HalvingRandomSearchCV`` compares settings in the same way, but it can neither be resumed nor record a trial
    before the search ends.
    """
    order = stratified_order(np.array(train.labels), recipe.read.seed)
    end, recorded = time.monotonic() + 60 * minutes, len(log.trials)
    log.write()

    def run(settings: Settings, count: int) -> Trial:
        trial = log.find(settings, count)
        if trial is None:
            part = take_texts(train, np.sort(order[:count]).tolist())
            trial = _run_trial(part, validation, recipe, settings, vectors, device, settings != candidates[0])
            log.trials.append(trial)
            log.write()
        return trial

    trials, total = halve(candidates, len(order), run), sum(plan_rungs(len(candidates), len(order)))
    with tqdm(total=total, desc="trials", unit="trial", leave=False) as bar:
        for number, trial in enumerate(trials, 1):
            bar.update()
            bar.write(f"trial {number} of {total}: {describe_trial(trial)}")
            if time.monotonic() > end and number < total and len(log.trials) > recorded:
                return False
    return True


def _run_trial(
    train: LabelledTexts,
    validation: LabelledTexts,
    recipe: Recipe,
    settings: Settings,
    vectors: Path,
    device: str,
    may_fail: bool,
) -> Trial:
    start, recipe = time.perf_counter(), apply_settings(recipe, settings)
    figures: Dict[str, Any] = {}
    try:
        bundle, _ = train_bundle(
            train.texts,
            train.labels,
            recipe,
            vectors,
            device,
            train.classes,
            groups=train.groups or None,
            verbose=False,
        )
        probabilities = Predictor(bundle, device).predict_proba(validation.texts)
        found = measure(np.array(validation.labels), probabilities, bundle.values)
        figures = {"loss": found["loss"], "accuracy": found["accuracy"]}
    except PipelineError as error:
        if not may_fail:
            raise
        figures = {"error": str(error)}
    seconds = round(time.perf_counter() - start, 2)
    return Trial(settings, len(train.texts), recipe.train.seed, seconds, **figures)


def describe_trial(trial: Trial) -> str:
    """Return a trial's figures and settings as a line."""
    settings = " ".join(f"{name}={value}" for name, value in trial.settings.items())
    if trial.loss is None:
        return f"{trial.texts:,} texts, failed ({trial.error}): {settings}"
    return f"{trial.texts:,} texts, loss {trial.loss:.4f}, accuracy {trial.accuracy:.4f}: {settings}"
