"""Run stages that are not up to date: whose settings, inputs, version or outputs have changed."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, NamedTuple, Optional, Tuple, Union

from pipeline.corpus.groups import group_files
from pipeline.corpus.labelled import Table, list_class_folders
from pipeline.corpus.reviews import CLASSES
from pipeline.distributed.cluster import SINGLE_WORKER, Cluster
from pipeline.errors import PipelineError
from pipeline.io.input import scan_reviews
from pipeline.io.output import list_names, read_json, remove_folder, sha256, write_json
from pipeline.io.tables import Format
from pipeline.io.tensorboard import TensorBoardLog
from pipeline.recipe import Recipe, sections, to_dict


class Workspace(NamedTuple):
    """Input and output paths of one run of the pipeline."""

    recipe: Recipe
    folder: Path  # data/<name>
    reviews: Path  # folder with the layout of aclImdb
    vectors: Path
    sentences: Optional[Path] = None  # a folder or table of short texts
    device: str = "auto"
    cluster: Cluster = SINGLE_WORKER
    log: Optional[TensorBoardLog] = None  # of the training
    table: Optional[Table] = None  # labelled texts to read in place of the folder

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.folder / "checkpoints"


def make_workspace(
    recipe: Recipe,
    data: Path,
    name: str = "",
    reviews: Optional[Path] = None,
    vectors: Optional[Path] = None,
    device: str = "auto",
) -> Workspace:
    """Return the workspace of a recipe in a data folder.

    Parameters
    ----------
    recipe : Recipe
    data : Path
        Holds ``raw/``; the results go beside it.
    name : str
        Of the folder of the results; by default the recipe's name.
    reviews, vectors : Path, optional
        By default those in ``raw/``. The recipe names the vectors too: here they are as messages name them.
    device : str
        As for `pipeline.mx.engine.find_devices`.
    """
    raw = data / "raw"
    sentences = raw / recipe.read.sentences if recipe.read.sentences else None
    return Workspace(
        recipe,
        data / (name or recipe.name),
        reviews or default_reviews(data),
        vectors or raw / recipe.embed.vectors,
        sentences,
        device,
    )


def default_reviews(data: Path) -> Path:
    """Return the folder of reviews that is read if no other is named."""
    return data / "raw" / "aclImdb"


def check_workspace(work: Workspace) -> None:
    """Check before the first stage what the later ones read besides its outputs.

    Raises
    ------
    PipelineError
        If the file of word vectors is missing.
    """
    if work.recipe.embed.vectors:
        from pipeline.text.pretrained.vectors import check_vectors  # which imports numpy

        check_vectors(work.vectors)


class Stage(NamedTuple):
    """A stage's function, inputs and outputs.

    Increase `version` when the computation of a stage changes.
    """

    name: str
    run: Callable[[Workspace], None]
    settings: Tuple[str, ...]  # sections of the recipe, and single fields
    inputs: Tuple[str, ...]  # below the workspace's folder, or "reviews", "sentences" and "vectors"
    outputs: Tuple[str, ...]
    version: int
    check: Optional[Callable[[Workspace], None]] = None  # raises what can be told before anything is removed


def run_stage(stage: Stage, work: Workspace, fresh: bool = False) -> bool:
    """Run a stage unless it is up to date.

    A stage is up to date if its inputs, settings and version are those of its last run and its outputs have not been
    changed since. In distributed training, the worker of rank 0 writes the record.

    Parameters
    ----------
    stage : Stage
    work : Workspace
    fresh : bool
        Run the stage even if it is up to date, and ignore checkpoints.

    Returns
    -------
    bool
        Whether it was run.

    Raises
    ------
    PipelineError
        If an input is missing, or an output exists that the stage did not write.
    """
    record, state = _record(stage, work), state_of(stage, work)
    reason = "requested" if fresh else _find_reason(stage, work, state)
    if not reason:
        print(f"{stage.name}: up to date")
        return False
    print(f"{stage.name}: {reason}")
    if work.cluster.rank:
        stage.run(work)
        return True
    if not record.exists():
        _check_outputs(stage, work)
    if stage.check:
        stage.check(work)
    write_json(record, {})  # marks the outputs as written by this stage
    if fresh and work.checkpoints.exists():
        from pipeline.model.checkpoint import remove_checkpoints  # which imports MXNet

        remove_checkpoints(work.checkpoints)
    stage.run(work)
    outputs = {output: sha256(work.folder / output) for output in stage.outputs}
    write_json(record, {**state, "outputs": outputs, **_own_reviews(stage, work)})
    return True


def _check_outputs(stage: Stage, work: Workspace) -> None:
    for path in (work.folder / output for output in stage.outputs):
        if path.exists():
            raise PipelineError(f"{path}: not written by the stage {stage.name}; move it, or choose another --name")


def remove_stages(stages: Iterable[Stage], work: Workspace) -> None:
    """Remove the folder of some stages, unless it holds anything besides what they write."""
    ours = {
        ".stages",
        work.checkpoints.name,
        *(output.partition("/")[0] for stage in stages for output in stage.outputs),
    }
    others = sorted(set(list_names(work.folder)) - ours)
    if others:
        print(f"{work.folder}: not removed, since it also holds {others[0]}")
    else:
        remove_folder(work.folder)


def check_stages(stages: Iterable[Stage], work: Workspace) -> None:
    """Check that stages are up to date.

    Raises
    ------
    PipelineError
        If a stage is not up to date; gives the reason and the command to run.
    """
    for stage in stages:
        reason = _find_reason(stage, work, state_of(stage, work))
        if reason:
            raise PipelineError(f"run the stage {stage.name} first ({reason}): sentiment {stage.name}, same options")


def state_of(stage: Stage, work: Workspace) -> Dict[str, Any]:
    """Return everything that a stage's outputs depend on, as a JSON value."""
    recipe = to_dict(work.recipe)
    fields = {f"{part}.{key}": value for part in sections(work.recipe) for key, value in recipe[part].items()}
    settings = {
        name: value for name, value in fields.items() if not {name, name.partition(".")[0]}.isdisjoint(stage.settings)
    }
    settings.pop("embed.vectors", None)  # the file itself is an input
    if work.table and "reviews" in stage.inputs:
        settings.update({f"{_TABLE}{key}": value for key, value in _describe_table(work.table).items()})
    return {
        "settings": settings,
        "inputs": {name: _fingerprint(name, work) for name in stage.inputs},
        "version": stage.version,
    }


def recall_reviews(folder: Path) -> Union[Path, Table, None]:
    """Return the folder of reviews or the table that the stage read has read last; None if it was the default."""
    try:
        record = read_json(folder / ".stages" / "read.json")
        values = {key[len(_TABLE) :]: value for key, value in record["settings"].items() if key.startswith(_TABLE)}
        if not values:
            return Path(record["reviews"])
        for key in _TABLE_PATHS:
            values[key] = Path(values[key]) if values[key] else None
        return Table(**{**values, "form": Format(*values["form"])})
    except (PipelineError, AttributeError, KeyError, TypeError):  # no record, or a damaged one
        return None


def _own_reviews(stage: Stage, work: Workspace) -> Dict[str, str]:
    """Return the folder of reviews for the record of the stage read, if it is not the default."""
    path = work.reviews.resolve()
    is_own = not work.table and "reviews" in stage.inputs and path != default_reviews(work.folder.parent).resolve()
    return {"reviews": str(path)} if is_own else {}


_TABLE = "table."  # before the fields of a table in the settings of the stage read
_TABLE_PATHS = ("path", "validation", "test")


def _describe_table(table: Table) -> Dict[str, Any]:
    """Return a table's fields as JSON values, with absolute paths."""
    values: Dict[str, Any] = {**table._asdict(), "form": list(table.form)}
    return {**values, **{key: str(values[key].resolve()) for key in _TABLE_PATHS if values[key]}}


_STATE_DICTS = ("settings", "inputs")  # the dictionaries in a stage's state


def _record(stage: Stage, work: Workspace) -> Path:
    return work.folder / ".stages" / f"{stage.name}.json"


def _find_reason(stage: Stage, work: Workspace, state: Dict[str, Any]) -> str:
    """Return why a stage has to run; "" if it is up to date."""
    if not _record(stage, work).is_file():
        return "not run yet"
    try:
        last = read_json(_record(stage, work))
    except PipelineError:
        last = None
    if last == {}:
        return "not finished"
    if not isinstance(last, dict) or not all(isinstance(last.get(part), dict) for part in (*_STATE_DICTS, "outputs")):
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
    """Return a digest of an input: of a file's bytes, or of the names, sizes and times of raw files."""
    if name == "vectors":
        return _digest(_stat(work.vectors)) if work.recipe.embed.vectors and work.vectors.exists() else ""
    if name == "reviews" and work.table:
        return _digest([_table_digest(path) for path in (work.table.path, work.table.validation, work.table.test)])
    if name == "reviews":
        read = work.recipe.read
        folders = [work.reviews / part / kind for part in ("test", "train") for kind in sorted(CLASSES)]
        reads_groups = read.split == "film" or read.labels == "stars"
        groups = [_stat(path) for path in group_files(work.reviews)] if reads_groups else []
        return _digest(
            [groups, *([str(folder.resolve()), _digest_folder(folder)] for folder in folders if folder.is_dir())]
        )
    if name == "sentences":
        return _sentences_digest(work.sentences) if work.sentences else ""
    path = work.folder / name
    if not path.is_file():
        raise PipelineError(f"{path}: no such file; run the earlier stages, or all: sentiment run")
    return sha256(path)


def _table_digest(path: Optional[Path]) -> Any:
    if path is None or not path.exists():
        return ""
    if not path.is_dir():
        return _stat(path)
    return [[str(path.resolve()), name, _digest_folder(path / name)] for name in list_class_folders(path)]


def _sentences_digest(path: Path) -> str:
    if not path.is_dir():
        return _digest(_stat(path)) if path.exists() else ""
    folders = [path / part / kind for part in ("", "train", "validation") for kind in sorted(CLASSES)]
    return _digest([[str(folder.resolve()), _digest_folder(folder)] for folder in folders if folder.is_dir()])


def _stat(path: Path) -> Tuple[str, int, int]:
    stat = path.stat()
    return str(path.resolve()), stat.st_size, stat.st_mtime_ns


def _digest_folder(folder: Path) -> str:
    """Return a digest of the names, sizes and times of the reviews in a folder."""
    digest = hashlib.sha256()
    for name in scan_reviews(folder).reviews:
        stat = os.stat(folder / name)
        digest.update(os.fsencode(f"{name}/{stat.st_size}/{stat.st_mtime_ns}/"))
    return digest.hexdigest()


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
