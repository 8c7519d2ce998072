"""The same benchmark in this checkout and in another one, such as one of an older version."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List

from pipeline.errors import PipelineError
from scripts.benchmark.timing import summarise

_ROOT = Path(__file__).parents[2]
NO_SUCH_ROW = "no such benchmark"  # of every version's error message


def find_command(checkout: Path) -> List[str]:
    """Return the command that runs the benchmarks of a checkout, to be run in its folder.

    Raises
    ------
    PipelineError
        If the folder has no benchmarks.
    """
    if (checkout / "scripts/benchmark/__main__.py").is_file():
        return [sys.executable, "-m", "scripts.benchmark"]
    raise PipelineError(f"{checkout}: no scripts/benchmark in it; expected a checkout of this project")


def describe_checkout(checkout: Path) -> str:
    """Return the commit of a checkout, with ``-dirty`` if files were changed; without git the folder's name."""
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except FileNotFoundError:
        return checkout.name
    return run.stdout.strip() or checkout.name


def run_against(
    name: str, unit: str, other: Path, data: Path, repeats: int, after_each: Callable[[], Any]
) -> Dict[str, Any]:
    """Run a benchmark in this checkout and in another, in turn; every run is a process of its own.

    Parameters
    ----------
    name, unit : str
        Of the benchmark.
    other : Path
        The other checkout.
    data : Path
        The data folder, for both.
    repeats : int
        Number of rounds. The first of a round is first by turns.
    after_each : callable
        Called after each round, for a progress bar.

    Returns
    -------
    dict
        ``ours``, ``baseline`` and ``ratio`` of this checkout; ``other``, which is the other checkout's ``ours``; and
        ``speed_up``, how many times as fast this checkout is as the other: each as from `summarise`. If the other
        checkout fails, ``other_error`` in place of the last two: `NO_SUCH_ROW` if it has no such benchmark.

    Raises
    ------
    PipelineError
        If this checkout fails.
    """
    ours, others, error = [], [], ""
    for number in range(repeats):
        other_first = number % 2 == 1
        if not other_first:
            ours.append(_run_once(_ROOT, name, data))
        if not error:
            try:
                others.append(_run_once(other, name, data)["ours"])
            except PipelineError as raised:
                error = NO_SUCH_ROW if NO_SUCH_ROW in str(raised) else str(raised)
        if other_first:
            ours.append(_run_once(_ROOT, name, data))
        after_each()
    figures = summarise([{key: row[key] for key in ("ours", "baseline", "ratio")} for row in ours])
    if error:
        return {**figures, "other_error": error}
    pairs = [(row["ours"], found) for row, found in zip(ours, others)]
    speed_ups = [found / own if unit == "s" else own / found for own, found in pairs]
    return {**figures, **summarise([{"other": pair[1], "speed_up": one} for pair, one in zip(pairs, speed_ups)])}


def _run_once(checkout: Path, name: str, data: Path) -> Dict[str, Any]:
    """Return the row that one round of a checkout's benchmark gives."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "row.json")
        options = ["--only", name, "--repeats", "1", "--data", str(data), "--json", str(file)]
        path = os.pathsep.join([str(checkout), *filter(None, [os.environ.get("PYTHONPATH")])])
        run = subprocess.run(
            [*find_command(checkout), *options],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        rows = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    if not rows or "error" in rows[0]:
        lines = run.stderr.strip().splitlines() or [f"exit code {run.returncode}"]
        raise PipelineError(rows[0]["error"] if rows else lines[-1])
    row: Dict[str, Any] = rows[0]
    return row
