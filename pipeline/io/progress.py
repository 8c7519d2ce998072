"""Progress bars, for processes without a standard error too."""

from __future__ import annotations

import sys
from typing import Any

import tqdm as _tqdm


class tqdm(_tqdm.tqdm):
    """tqdm's bar, which shows nothing where there is no standard error (``pythonw``, services)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if sys.stderr is None:
            kwargs["disable"] = True
        super().__init__(*args, **kwargs)
