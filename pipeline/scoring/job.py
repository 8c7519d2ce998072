"""Score files part by part, in several processes; a stopped job goes on where it was."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Union

from pipeline.errors import PipelineError
from pipeline.io.output import check_empty, list_names, read_json, sha256, write_json
from pipeline.io.processes import map_pieces
from pipeline.io.progress import tqdm
from pipeline.model.bundle import MANIFEST, find_bundle
from pipeline.scoring.files import Part, Scored, list_files, score_part, split_file
from pipeline.scoring.partitions import new_columns

FORMAT = 1
JOB = "_scoring.json"  # what is scored with what; readers of the folder skip names with an underscore

Score = Callable[[Part], Scored]


class Report(NamedTuple):
    """What a job did."""

    rows: int  # scored now
    errors: int  # rows among them without a prediction
    parts: int  # scored now
    kept: int  # parts that were there already


def score_files(
    source: Path,
    output: Path,
    model: Union[str, Path, None] = None,
    column: str = "text",
    prefix: str = "",
    rows: int = 50_000,
    engine: str = "local",
    workers: int = 2,
) -> Report:
    """Score a Parquet or CSV file, or a folder of them, into a folder of parts.

    Parameters
    ----------
    source : Path
    output : Path
        A new or empty folder, or that of the same job: its parts are kept. Each part is written whole or not at all.
    model, column, prefix
        As for `pipeline.scoring.partitions.score_partitions`.
    rows : int
        Rows of a CSV file in one part. Parts of a Parquet file are its row groups.
    engine : str
        "local" for this project's processes, "dask" for Dask's.
    workers : int
        Number of processes. With one, "local" scores in this process.

    Raises
    ------
    PipelineError
        If the files cannot be read, or the folder holds anything else, or another job: of other or changed files,
        another model or other settings.
    """
    for name, value in (("rows", rows), ("workers", workers)):
        if value < 1:
            raise PipelineError(f"{name}: expected 1 or more, found {value}")
    if engine not in _ENGINES:
        raise PipelineError(f"engine: expected one of {', '.join(_ENGINES)}, found {engine!r}")
    files = list_files(source)
    if output.resolve() == source.resolve() or source.resolve() in output.resolve().parents:
        raise PipelineError(f"{output}: is inside the input; choose a folder outside {source}")
    bundle = find_bundle(model).resolve()
    job = _describe(files, bundle, column, prefix, rows)
    _check_output(output, job)
    added = new_columns(bundle, prefix)
    parts = [part for path in files for part in split_file(path, rows, column, added)]
    write_json(output / JOB, {**job, "complete": False})
    left = [part for part in parts if not (output / part.name).is_file()]
    score = functools.partial(score_part, output=output.resolve(), model=bundle, column=column, prefix=prefix)
    done: List[Scored] = []
    total = sum(part.rows for part in parts)
    kept = total - sum(part.rows for part in left)
    with tqdm(total=total, initial=kept, desc="score", unit="text", disable=None) as bar:

        def count(scored: Scored) -> None:
            done.append(scored)
            bar.update(scored.rows)

        _ENGINES[engine](score, left, workers, count)
    write_json(output / JOB, {**job, "complete": True})
    scored, errors = sum(part.rows for part in done), sum(part.errors for part in done)
    return Report(scored, errors, len(left), len(parts) - len(left))


def _describe(files: Sequence[Path], bundle: Path, column: str, prefix: str, rows: int) -> Dict[str, Any]:
    """Return all that the predictions and their division into parts depend on."""
    found = [(path.name, path.stat()) for path in files]
    return {
        "format": FORMAT,
        "inputs": {name: {"bytes": stat.st_size, "modified": stat.st_mtime_ns} for name, stat in found},
        "model": sha256(bundle / MANIFEST),
        "settings": {"column": column, "prefix": prefix, "rows": rows},
    }


def _check_output(output: Path, job: Dict[str, Any]) -> None:
    """Check that a folder is empty, or holds the parts of the same job."""
    if not (output / JOB).is_file():
        return check_empty(output)
    found = read_json(output / JOB)
    advice = "name another folder, or remove this one to score everything again"
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise PipelineError(f"{output / JOB}: not what this version writes there; {advice}")
    if list_names(output) == [JOB]:  # nothing was scored
        return
    if found.get("model") != job["model"]:
        raise PipelineError(f"{output}: its parts were scored with another model, or it has changed; {advice}")
    if found.get("settings") != job["settings"]:
        raise PipelineError(
            f"{output}: its parts were scored with other settings ({found.get('settings')}, now {job['settings']}); "
            f"{advice}"
        )
    old, new = found.get("inputs", {}), job["inputs"]
    changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    if changed:
        how = "is new" if changed[0] not in old else "is gone" if changed[0] not in new else "has changed"
        raise PipelineError(f"{output}: the input {changed[0]} {how} since its first parts were scored; {advice}")


def _run_local(score: Score, parts: List[Part], workers: int, on_done: Callable[[Scored], None]) -> None:
    results = map(score, parts) if workers == 1 else map_pieces(score, parts, min(workers, len(parts)))
    for scored in results:
        on_done(scored)


def _run_dask(score: Score, parts: List[Part], workers: int, on_done: Callable[[Scored], None]) -> None:
    try:
        import dask
        from dask.callbacks import Callback
    except ImportError as error:
        raise PipelineError(f'Dask does not load ({error}): pip install ".[dask]"') from None
    tasks = [dask.delayed(score)(part) for part in parts]
    others = multiprocessing.active_children()
    # Fresh processes, not forks: other threads may be running in this one.
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), end_with_parent)
    with pool, Callback(posttask=lambda key, scored, *_: on_done(scored)):
        try:
            dask.compute(*tasks, scheduler="processes", pool=pool)
        except BrokenProcessPool:
            raise PipelineError("a process of Dask's ended before its time; was there enough memory?") from None
        except BaseException:  # Ctrl-C must not wait for the parts that are begun
            for process in multiprocessing.active_children():
                if process not in others:
                    process.kill()
            raise


def end_with_parent() -> None:
    """End this process when the one that started it has been killed; a pool's would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


_ENGINES = {"local": _run_local, "dask": _run_dask}
