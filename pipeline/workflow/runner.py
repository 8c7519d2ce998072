"""What is up to date: a stage is run again if anything that its outputs depend on has changed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, NamedTuple, Optional, Tuple

from pipeline.corpus.groups import group_files
from pipeline.corpus.reviews import CLASSES
from pipeline.distributed.cluster import ALONE, Cluster
from pipeline.errors import PipelineError
from pipeline.io.input import scan_reviews
from pipeline.io.output import read_json, sha256, write_json
from pipeline.recipe import Recipe, to_dict


class Workspace(NamedTuple):
    """Where one run of the pipeline finds and leaves its files."""

    recipe: Recipe
    folder: Path  # data/<name>
    reviews: Path  # a folder laid out as aclImdb
    glove: Path
    sentences: Optional[Path] = None  # a folder or table of short texts
    device: str = "auto"
    cluster: Cluster = ALONE

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.folder / "checkpoints"


class Stage(NamedTuple):
    """What a stage depends on, and what it makes.

    Whoever changes what a stage computes counts its version up by one.
    """

    name: str
    run: Callable[[Workspace], None]
    sections: Tuple[str, ...]  # of the recipe
    inputs: Tuple[str, ...]  # below the workspace's folder, or "reviews", "sentences" and "glove"
    outputs: Tuple[str, ...]
    version: int


def run_stage(stage: Stage, work: Workspace, fresh: bool = False) -> bool:
    """Run a stage unless it is up to date.

    A stage is up to date if its inputs, its part of the recipe and its version are those of its last run, and its
    outputs are as that run left them. Of several workers that run it together, the one of rank 0 keeps the record.

    Parameters
    ----------
    stage : Stage
    work : Workspace
    fresh : bool
        Run it in any case, and take up no checkpoint.

    Returns
    -------
    bool
        Whether it was run.

    Raises
    ------
    PipelineError
        If an input is missing; names the stage that makes it. If something that the stage never made is in its way.
    """
    record, state = _record(stage, work), state_of(stage, work)
    reason = "asked for" if fresh else _why(stage, work, state)
    if not reason:
        print(f"{stage.name}: up to date")
        return False
    print(f"{stage.name}: {reason}")
    if work.cluster.rank:
        stage.run(work)
        return True
    if not record.exists():
        _check_outputs(stage, work)
    write_json(record, {})  # from now on, what the stage writes is known to be its own
    if fresh and work.checkpoints.exists():
        from pipeline.model.checkpoint import remove_checkpoints  # which imports MXNet

        remove_checkpoints(work.checkpoints)
    stage.run(work)
    write_json(record, {**state, "outputs": {output: sha256(work.folder / output) for output in stage.outputs}})
    return True


def _check_outputs(stage: Stage, work: Workspace) -> None:
    for path in (work.folder / output for output in stage.outputs):
        if path.exists():
            raise PipelineError(f"{path}: not made by the stage {stage.name}; move it away, or choose another --name")


def check_stages(stages: Iterable[Stage], work: Workspace) -> None:
    """Make sure that stages are up to date.

    Raises
    ------
    PipelineError
        If one is not; says which, why, and what to run.
    """
    for stage in stages:
        reason = _why(stage, work, state_of(stage, work))
        if reason:
            raise PipelineError(f"the stage {stage.name} comes first ({reason}): run scripts/{stage.name}.py likewise")


def state_of(stage: Stage, work: Workspace) -> Dict[str, Any]:
    """Return all that a stage's outputs depend on, ready for JSON."""
    recipe = to_dict(work.recipe)
    settings = {f"{part}.{key}": value for part in stage.sections for key, value in recipe[part].items()}
    settings.pop("embed.glove", None)  # the file itself is an input
    return {
        "settings": settings,
        "inputs": {name: _fingerprint(name, work) for name in stage.inputs},
        "version": stage.version,
    }


_NOTED = ("settings", "inputs")  # of a stage's state, besides its version


def _record(stage: Stage, work: Workspace) -> Path:
    return work.folder / ".stages" / f"{stage.name}.json"


def _why(stage: Stage, work: Workspace, state: Dict[str, Any]) -> str:
    """Say why a stage has to run; nothing if it need not."""
    if not _record(stage, work).is_file():
        return "not run yet"
    try:
        last = read_json(_record(stage, work))
    except PipelineError:
        last = None
    if last == {}:
        return "not finished"
    if not isinstance(last, dict) or not all(isinstance(last.get(part), dict) for part in (*_NOTED, "outputs")):
        return "its record is damaged"
    for key in sorted({*state["settings"], *last["settings"]}):
        old, new = last["settings"].get(key), state["settings"].get(key)
        if old != new:
            return f"{key} changed from {old} to {new}"
    for key, digest in state["inputs"].items():
        if digest != last["inputs"].get(key):
            return f"{key} changed"
    if state["version"] != last.get("version"):
        return f"version changed from {last.get('version')} to {state['version']}"
    for output, digest in last["outputs"].items():
        if not (work.folder / output).is_file() or sha256(work.folder / output) != digest:
            return f"{output} is missing or was changed"
    return ""


def _fingerprint(name: str, work: Workspace) -> str:
    """Return a digest of an input: of a made file its bytes, of raw ones their names, sizes and times."""
    if name == "glove":
        return _digest(_stat(work.glove)) if work.recipe.embed.glove and work.glove.exists() else ""
    if name == "reviews":
        folders = [work.reviews / part / kind for part in ("test", "train") for kind in sorted(CLASSES)]
        groups = [_stat(path) for path in group_files(work.reviews)] if work.recipe.read.split == "film" else []
        return _digest([groups, *([str(folder.resolve()), _list(folder)] for folder in folders if folder.is_dir())])
    if name == "sentences":
        return _sentences_digest(work.sentences) if work.sentences else ""
    path = work.folder / name
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; run the stages before this one, or scripts/run.py for all of them")
    return sha256(path)


def _sentences_digest(path: Path) -> str:
    if not path.is_dir():
        return _digest(_stat(path)) if path.exists() else ""
    folders = [path / part / kind for part in ("", "train", "validation") for kind in sorted(CLASSES)]
    return _digest([[str(folder.resolve()), _list(folder)] for folder in folders if folder.is_dir()])


def _stat(path: Path) -> Tuple[str, int, int]:
    stat = path.stat()
    return str(path.resolve()), stat.st_size, stat.st_mtime_ns


def _list(folder: Path) -> str:
    """Return a digest of the names, sizes and times of a folder's reviews."""
    digest = hashlib.sha256()
    for name in scan_reviews(folder).reviews:
        stat = os.stat(folder / name)
        digest.update(os.fsencode(f"{name}/{stat.st_size}/{stat.st_mtime_ns}/"))
    return digest.hexdigest()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
