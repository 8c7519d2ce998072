"""Delay forks until libraries with locks are idle.

A fork copies the locks of all threads but only the calling thread. A lock that another thread holds at that moment is
never released in the child, which then deadlocks: in MXNet's engine, in onnxruntime, or on a lock of our own. Code
that must not be interrupted by a fork runs in a `forks_wait` or `one_thread` block; a fork waits for all of them.
"""

from __future__ import annotations

# Functions to run before a fork are called last registered, first called. Those of logging and concurrent.futures take
# locks that a working thread may need, so they must run after ours: import these modules before we register.
import concurrent.futures.thread  # noqa: F401
import contextlib
import logging  # noqa: F401
import os
import threading
import time
from typing import Callable, Iterator, List, Set, Tuple

_Hook = Callable[[], object]

_gate = threading.RLock()  # held by a fork from before to after: no block is entered meanwhile
_working: Set[int] = set()  # ids of the threads in a `forks_wait` block
_single = threading.RLock()  # held in a `one_thread` block
_hooks: List[Tuple[_Hook, _Hook, _Hook]] = []  # before, after in the parent, after in the child
_called: List[Tuple[_Hook, _Hook, _Hook]] = []  # hooks of the fork in progress
_depth = 0  # nesting depth of `before_fork`
_POLL_INTERVAL = 0.001  # seconds


@contextlib.contextmanager
def forks_wait() -> Iterator[None]:
    """Delay forks until the block ends; any number of threads may be in such a block.

    While a fork is waiting, no thread can enter a block. Blocks can be nested, except `one_thread` inside
    `forks_wait`. A thread that forks inside its own block does not wait for itself.
    """
    thread = threading.get_ident()
    if thread in _working:
        yield
        return
    try:
        with _gate:
            _working.add(thread)
        yield
    finally:
        _working.discard(thread)  # atomic: taking a lock here could be interrupted by Ctrl-C


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Run the block in one thread at a time, and delay forks as `forks_wait` does."""
    with _single, forks_wait():
        yield


def _no_op() -> None: ...


def at_fork(before: _Hook = _no_op, after_in_parent: _Hook = _no_op, after_in_child: _Hook = _no_op) -> None:
    """Register functions as `os.register_at_fork` does; they are called while no thread is in a `forks_wait` block."""
    _hooks.append((before, after_in_parent, after_in_child))


def before_fork() -> None:
    """Wait until no other thread is in a block, and block entry until `after_fork_in_parent`; calls can be nested."""
    global _depth
    thread = threading.get_ident()
    own = thread in _working
    _working.discard(thread)  # so that two threads forking inside their blocks do not wait for each other
    _gate.acquire()
    while _working:
        time.sleep(_POLL_INTERVAL)
    if own:
        _working.add(thread)
    _depth += 1
    if _depth == 1:
        _called[:] = _hooks  # a hook registered during this fork is not called after it either
        for before, _, _ in reversed(_called):
            before()


def after_fork_in_parent() -> None:
    """Undo one `before_fork` call of the same thread."""
    global _depth
    if _depth == 1:
        for _, after, _ in _called:
            after()
    _depth -= 1
    _gate.release()


def _after_fork_in_child() -> None:
    global _depth, _single
    if _single.acquire(blocking=False):
        _single.release()
    else:  # held by a thread that does not exist in the child
        _single = threading.RLock()
    for _, _, after in _called:
        after()
    while _depth:
        _depth -= 1
        _gate.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=before_fork, after_in_parent=after_fork_in_parent, after_in_child=_after_fork_in_child)
