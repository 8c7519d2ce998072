"""Run MXNet's launcher dmlc_tracker (ssh, MPI, Slurm, Kubernetes) with fixes for current Python and Slurm.

Takes dmlc_tracker's options; docs/scale.md has examples. Exits with code 2 if a process fails.
"""

import importlib
import subprocess
import sys
import threading
from typing import Any, List

failures: List[str] = []


def note_failure(failure: Any) -> None:
    """Print which command failed; the remaining processes detect it and exit."""
    failures.append(str(failure.exc_value))
    print(f"error: {failure.exc_value}", file=sys.stderr)


def run_overlapping(command: str, **options: Any) -> None:
    """Run a command with dmlc_tracker's srun options replaced by --overlap, their name since Slurm 20.11."""
    subprocess.run(command.replace(" --share --exclusive=user ", " --overlap "), check=True, **options)


threading.Thread.isAlive = threading.Thread.is_alive  # type: ignore[attr-defined]  # removed in Python 3.9
threading.excepthook = note_failure
options = importlib.import_module("dmlc_tracker.opts").get_opts()
if options.cluster == "slurm":
    subprocess.check_call = run_overlapping  # type: ignore[assignment]
importlib.import_module(f"dmlc_tracker.{options.cluster}").submit(options)
for thread in set(threading.enumerate()) - {threading.current_thread()}:
    thread.join()  # submit only waits for the scheduler, and workers end after it
sys.exit(2 if failures else 0)
