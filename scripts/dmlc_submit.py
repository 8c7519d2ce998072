"""MXNet's own launcher, dmlc_tracker, made to run on today's Python and Slurm: for ssh, MPI, Slurm and Kubernetes.

Its options are dmlc_tracker's; docs/scale.md has examples. Ends with exit code 2 if a process that it started fails.
"""

import importlib
import subprocess
import sys
import threading
from typing import Any, List

failures: List[str] = []


def note_failure(failure: Any) -> None:
    """Say which of the commands failed; the processes that are left notice it by themselves and end."""
    failures.append(str(failure.exc_value))
    print(f"error: {failure.exc_value}", file=sys.stderr)


def run_overlapping(command: str, **options: Any) -> None:
    """Run a command in which dmlc_tracker asks srun for what is called --overlap since Slurm 20.11."""
    subprocess.run(command.replace(" --share --exclusive=user ", " --overlap "), check=True, **options)


threading.Thread.isAlive = threading.Thread.is_alive  # type: ignore[attr-defined]  # until Python 3.8
threading.excepthook = note_failure
options = importlib.import_module("dmlc_tracker.opts").get_opts()
if options.cluster == "slurm":
    subprocess.check_call = run_overlapping  # type: ignore[assignment]
importlib.import_module(f"dmlc_tracker.{options.cluster}").submit(options)
for thread in set(threading.enumerate()) - {threading.current_thread()}:
    thread.join()  # submit waits for the scheduler alone, and the workers' last words come after its end
sys.exit(2 if failures else 0)
