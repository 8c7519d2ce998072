"""What the machine at hand has to give, without which the other figures say little."""

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
    """Run a loop of Python in as many processes as there are cores, beside one process: seconds for each loop.

    The ratio is how many cores they are worth: less than their number where two of them are threads of one core, or
    where others use them too.
    """
    everywhere = partial(_run_loops, len(os.sched_getaffinity(0)))
    return Comparison(everywhere, partial(_run_loops, 1), _difference)


def _run_loops(count: int) -> Timed:
    start = time.perf_counter()
    processes = [subprocess.Popen([sys.executable, "-S", "-c", _LOOP]) for _ in range(count)]
    failed = [process for process in processes if process.wait()]
    return Timed((time.perf_counter() - start) / count, len(failed))


def _difference(ours: int, peer: int) -> str:
    return "a process failed" if ours or peer else ""
