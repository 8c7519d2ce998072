"""Progress bars, for processes without a standard error and for those that fork too."""

from __future__ import annotations

import sys
import threading
from typing import Any

import tqdm as _tqdm

from pipeline.io.forks import at_fork


class tqdm(_tqdm.tqdm):
    """tqdm's bar, which shows nothing where there is no standard error (``pythonw``, services)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if sys.stderr is None:
            kwargs["disable"] = True
        super().__init__(*args, **kwargs)


# Every bar takes it, to begin, to write and to end. tqdm's own is shared by all forks: one that is killed while it has
# it would keep it.
_lock = threading.RLock()
tqdm.set_lock(_lock)
at_fork(_lock.acquire, _lock.release, _lock.release)
