"""Forks that wait until a library is at rest.

A fork copies the locks of all threads but only the thread that calls it. What another thread holds at that moment, no
one gives back in the child, which then waits for ever: MXNet's engine, onnxruntime, a lock of ours. So whatever must
not be copied half done stands in a block of `forks_wait` or `one_thread`, and a fork waits for all of them.

A ``subprocess`` without a ``preexec_fn`` is no fork in this sense: it runs another program at once.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import Iterator, Set

_entrance = threading.RLock()  # a fork holds it until it is over: nothing begins meanwhile
_working: Set[int] = set()  # the threads in a block of `forks_wait`
_single = threading.RLock()  # of `one_thread`
_PAUSE = 0.001  # seconds


@contextlib.contextmanager
def forks_wait() -> Iterator[None]:
    """Have forks wait for the block, which any number of threads may be in; it waits for a fork that waits already.

    Blocks may stand in one another, except for `one_thread` within `forks_wait`. A thread may fork in a block: it
    does not wait for itself.
    """
    thread = threading.get_ident()
    if thread in _working:
        yield
        return
    try:
        with _entrance:
            _working.add(thread)
        yield
    finally:
        _working.discard(thread)  # without a lock, so that Ctrl-C cannot come in between


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let one thread at a time into all such blocks, and have forks wait as in `forks_wait`."""
    with _single, forks_wait():
        yield


def stop_work() -> None:
    """Wait until no other thread is in a block, and let none in until `resume_work`; calls may be nested."""
    thread = threading.get_ident()
    own = thread in _working
    _working.discard(thread)  # two threads that fork within their blocks do not wait for each other
    _entrance.acquire()
    while _working:
        time.sleep(_PAUSE)
    if own:
        _working.add(thread)


def resume_work() -> None:
    """Undo one `stop_work`, of the same thread."""
    _entrance.release()


def _resume_in_child() -> None:
    global _single
    if _single.acquire(blocking=False):
        _single.release()
    else:  # a thread had it that waited to begin, and is not in this process
        _single = threading.RLock()
    resume_work()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=stop_work, after_in_parent=resume_work, after_in_child=_resume_in_child)
