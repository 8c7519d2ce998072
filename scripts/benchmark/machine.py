"""Benchmark of the machine, a reference for the other results, and the load by other processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Optional

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


class OtherLoad:
    """Measure how many cores other processes use while a block runs.

    It is what the cores of this process computed, by ``/proc/stat``, less what this process and the children that it
    has waited for computed. Time that the host of a virtual machine gave to others counts as theirs.

    Attributes
    ----------
    cores : float, optional
        The mean over the block, once it has ended: 0.5 is half of a core. None on other systems than Linux.

    Examples
    --------
    >>> with OtherLoad() as load:
    ...     total = sum(range(1000))
    >>> load.cores is None or load.cores >= 0
    True
    """

    def __enter__(self) -> OtherLoad:
        """Start to measure."""
        self.cores: Optional[float] = None
        self._start = time.perf_counter(), _busy_seconds(), sum(os.times()[:4])
        return self

    def __exit__(self, *exception: object) -> None:
        """Set `cores`."""
        start, busy_before, own_before = self._start
        busy = _busy_seconds()
        if busy is not None and busy_before is not None:
            others = busy - busy_before - (sum(os.times()[:4]) - own_before)
            self.cores = max(0.0, others / (time.perf_counter() - start))


def _busy_seconds(file: Path = Path("/proc/stat")) -> Optional[float]:
    """Return the seconds that the cores of this process have computed since the system started; None if unknown."""
    if not file.is_file():
        return None
    ticks, cores = 0, {f"cpu{number}" for number in os.sched_getaffinity(0)}
    for line in file.read_text(encoding="ascii").splitlines():
        name, *fields = line.split()
        if name in cores:
            user, nice, system, _idle, _iowait, interrupts, soft_interrupts, steal = map(int, fields[:8])
            ticks += user + nice + system + interrupts + soft_interrupts + steal
    return ticks / os.sysconf("SC_CLK_TCK") or None
