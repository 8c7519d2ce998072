"""Progress bars that also work without standard error and across forks."""

from __future__ import annotations

import sys
import threading
from typing import Any

import tqdm as _tqdm

from pipeline.io.forks import at_fork


class tqdm(_tqdm.tqdm):
    """A `tqdm.tqdm` that is disabled if there is no standard error (``pythonw``, services)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if sys.stderr is None:
            kwargs["disable"] = True
        super().__init__(*args, **kwargs)


# Replaces tqdm's default lock, which is shared between forked processes: a process killed while holding it would
# block the others.
_lock = threading.RLock()
tqdm.set_lock(_lock)
at_fork(_lock.acquire, _lock.release, _lock.release)
