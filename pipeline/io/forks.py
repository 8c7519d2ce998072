"""Forks that wait until a library is at rest.

A fork copies the locks of all threads but only the thread that calls it. What another thread holds at that moment, no
one gives back in the child, which then waits for ever: MXNet's engine, onnxruntime, a lock of ours. So whatever must
not be copied half done stands in a block of `forks_wait` or `one_thread`, and a fork waits for all of them.
"""

from __future__ import annotations

# Of functions to be called before a fork, the last one registered is called first. Those of logging and of the thread
# pools take locks that a thread at work may ask for: they must not have them yet when we wait for it.
import concurrent.futures.thread  # noqa: F401
import contextlib
import logging  # noqa: F401
import os
import threading
import time
from typing import Callable, Iterator, List, Set, Tuple

_Hook = Callable[[], object]

_entrance = threading.RLock()  # a fork holds it until it is over: nothing begins meanwhile
_working: Set[int] = set()  # the threads in a block of `forks_wait`
_single = threading.RLock()  # of `one_thread`
_hooks: List[Tuple[_Hook, _Hook, _Hook]] = []  # before, after in the parent, after in the child
_called: List[Tuple[_Hook, _Hook, _Hook]] = []  # those of the fork that is under way
_depth = 0  # calls of `before_fork` that are not undone
_PAUSE = 0.001  # seconds


@contextlib.contextmanager
def forks_wait() -> Iterator[None]:
    """Have forks wait for the block; any number of threads may be in one. None begins while a fork waits.

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


def _nothing() -> None: ...


def at_fork(before: _Hook = _nothing, after_in_parent: _Hook = _nothing, after_in_child: _Hook = _nothing) -> None:
    """Register functions as `os.register_at_fork` does, to be called while no thread is in a block of `forks_wait`."""
    _hooks.append((before, after_in_parent, after_in_child))


def before_fork() -> None:
    """Wait until no other thread is in a block, and let none in until `after_fork_in_parent`; calls may be nested."""
    global _depth
    thread = threading.get_ident()
    own = thread in _working
    _working.discard(thread)  # two threads that fork within their blocks do not wait for each other
    _entrance.acquire()
    while _working:
        time.sleep(_PAUSE)
    if own:
        _working.add(thread)
    _depth += 1
    if _depth == 1:
        _called[:] = _hooks  # what is registered from now on is not called after this fork either
        for before, _, _ in reversed(_called):
            before()


def after_fork_in_parent() -> None:
    """Undo one `before_fork` of the same thread."""
    global _depth
    if _depth == 1:
        for _, after, _ in _called:
            after()
    _depth -= 1
    _entrance.release()


def _after_fork_in_child() -> None:
    global _depth, _single
    if _single.acquire(blocking=False):
        _single.release()
    else:  # a thread had it that waited to begin, and is not in this process
        _single = threading.RLock()
    for _, _, after in _called:
        after()
    while _depth:
        _depth -= 1
        _entrance.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=before_fork, after_in_parent=after_fork_in_parent, after_in_child=_after_fork_in_child)
