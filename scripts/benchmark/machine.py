"""Benchmark of the machine, a reference for the other results."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from scripts.benchmark.timing import Comparison, Timed

_LOOP = "for _ in range(20_000_000): pass"


def cores(raw: Path) -> Comparison:
    """Run a Python loop in one process per core, against one process: seconds per loop.

    The ratio is the effective number of cores. It is lower than their number if cores are hardware threads or busy.
    """
    all_cores = partial(_run_loops, len(os.sched_getaffinity(0)))
    return Comparison(all_cores, partial(_run_loops, 1), _difference)


def _run_loops(count: int) -> Timed:
    start = time.perf_counter()
    processes = [subprocess.Popen([sys.executable, "-S", "-c", _LOOP]) for _ in range(count)]
    failed = [process for process in processes if process.wait()]
    return Timed((time.perf_counter() - start) / count, len(failed))


def _difference(ours: int, baseline: int) -> str:
    return "a process failed" if ours or baseline else ""
