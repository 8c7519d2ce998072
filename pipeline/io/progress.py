"""Progress bars that also work without standard error and across forks; in a notebook they are widgets."""

from __future__ import annotations

import sys
import threading
import warnings
from typing import Any

from tqdm import TqdmWarning

from pipeline.io.forks import at_fork

with warnings.catch_warnings():
    warnings.simplefilter("ignore", TqdmWarning)  # that it is experimental; in a notebook without ipywidgets
    from tqdm.autonotebook import tqdm as _tqdm  # tqdm.auto would import asyncio too


class tqdm(_tqdm):
    """tqdm's progress bar, disabled if there is no standard error (``pythonw``, services).

    In a notebook with ipywidgets it is tqdm's notebook bar, otherwise `tqdm.tqdm`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if sys.stderr is None:
            kwargs["disable"] = True
        super().__init__(*args, **kwargs)


# Replaces tqdm's default lock, which is shared between forked processes: a process killed while holding it would
# block the others.
_lock = threading.RLock()
tqdm.set_lock(_lock)
at_fork(_lock.acquire, _lock.release, _lock.release)
