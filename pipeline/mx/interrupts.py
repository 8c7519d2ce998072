"""Ctrl-C in code that deletes MXNet arrays."""

from __future__ import annotations

import _thread
import contextlib
import sys
import threading
from typing import Any, Iterator

_LATER = 0.01  # seconds: the hook has returned by then


@contextlib.contextmanager
def kept_interrupts() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` again if Python dropped it in the block.

    An exception raised in a ``__del__`` method only reaches ``sys.unraisablehook``, and MXNet's arrays, which have such
    a method, are deleted at every step. Python raises ``KeyboardInterrupt`` in the main thread only; in other threads
    this does nothing.
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
