"""MXNet's own launcher, dmlc_tracker, made to run on today's Python: for ssh, MPI, Slurm and Kubernetes.

Its options are dmlc_tracker's; docs/scale.md has examples. Ends with exit code 2 if a process that it started fails.
"""

import importlib
import sys
import threading
from typing import Any, List

failures: List[str] = []


def note_failure(failure: Any) -> None:
    """Say which of the commands failed; the processes that are left notice it by themselves and end."""
    failures.append(str(failure.exc_value))
    print(f"error: {failure.exc_value}", file=sys.stderr)


threading.Thread.isAlive = threading.Thread.is_alive  # type: ignore[attr-defined]  # until Python 3.8
threading.excepthook = note_failure
options = importlib.import_module("dmlc_tracker.opts").get_opts()
importlib.import_module(f"dmlc_tracker.{options.cluster}").submit(options)
sys.exit(2 if failures else 0)
