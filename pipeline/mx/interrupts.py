"""Ctrl-C that is never lost."""

from __future__ import annotations

import _thread
import contextlib
import sys
import threading
from typing import Any, Iterator

_LATER = 0.01  # seconds: the hook has returned by then


@contextlib.contextmanager
def kept_interrupts() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` once more if Python dropped it in the block.

    What is raised while an object is deleted goes no further than ``sys.unraisablehook``, and MXNet's arrays, whose
    ``__del__`` is Python's, are deleted at every step. Python raises it in the main thread alone: in others the block
    is left as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = sys.unraisablehook

    def hook(dropped: Any) -> None:
        if issubclass(dropped.exc_type, KeyboardInterrupt):
            threading.Timer(_LATER, _thread.interrupt_main).start()
        else:
            before(dropped)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
