from __future__ import annotations

import subprocess
import sys
import threading

from pipeline.io.forks import after_fork_in_parent, before_fork, forks_wait, one_thread

_TIMEOUT = 10  # seconds in which something must happen
_SHORT_WAIT = 0.05  # seconds in which something must not happen


def start(function: object, *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


class BlockThread:
    """A thread that enters a block and stays until `end` is called."""

    def __init__(self, block: object) -> None:
        self.inside, self.released = threading.Event(), threading.Event()
        self.thread = start(self.run, block)

    def run(self, block: object) -> None:
        with block():  # type: ignore[operator]
            self.inside.set()
            assert self.released.wait(_TIMEOUT)

    def end(self) -> None:
        self.released.set()
        self.thread.join(_TIMEOUT)
        assert not self.thread.is_alive()


def test_forks_wait_admits_all_threads_and_one_thread_only_one() -> None:
    first, second, single = BlockThread(forks_wait), BlockThread(forks_wait), BlockThread(one_thread)
    assert all(thread.inside.wait(_TIMEOUT) for thread in (first, second, single))
    other = BlockThread(one_thread)
    assert not other.inside.wait(_SHORT_WAIT)
    single.end()
    assert other.inside.wait(_TIMEOUT)
    for thread in (first, second, other):
        thread.end()


def test_fork_waits_for_blocks_and_delays_new_ones() -> None:
    stopped, go_on = threading.Event(), threading.Event()

    def fork() -> None:
        before_fork()
        stopped.set()
        assert go_on.wait(_TIMEOUT)
        after_fork_in_parent()

    early = BlockThread(one_thread)
    assert early.inside.wait(_TIMEOUT)
    forking = start(fork)
    assert not stopped.wait(_SHORT_WAIT)
    late = [BlockThread(forks_wait), BlockThread(one_thread)]
    assert not any(thread.inside.wait(_SHORT_WAIT) for thread in late)
    early.end()
    assert stopped.wait(_TIMEOUT)
    assert not any(thread.inside.wait(_SHORT_WAIT) for thread in late)
    go_on.set()
    assert all(thread.inside.wait(_TIMEOUT) for thread in late)
    for thread in late:
        thread.end()
    forking.join(_TIMEOUT)
    assert not forking.is_alive()


def test_nested_blocks_allow_a_fork_inside() -> None:
    with one_thread(), one_thread(), forks_wait():
        before_fork()  # does not wait for this thread
        before_fork()
        after_fork_in_parent()
        after_fork_in_parent()
        with forks_wait():
            pass
        waiting = BlockThread(one_thread)
        assert not waiting.inside.wait(_SHORT_WAIT)
    assert waiting.inside.wait(_TIMEOUT)
    waiting.end()


def test_two_threads_forking_inside_blocks_do_not_deadlock() -> None:
    both = threading.Barrier(2, timeout=_TIMEOUT)

    def work() -> None:
        with forks_wait():
            both.wait()
            before_fork()
            after_fork_in_parent()

    threads = [start(work), start(work)]
    for thread in threads:
        thread.join(_TIMEOUT)
        assert not thread.is_alive()


def test_block_is_released_after_an_exception() -> None:
    for block in (forks_wait, one_thread):
        try:
            with block():
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass

    def fork() -> None:
        before_fork()
        after_fork_in_parent()

    forking = start(fork)
    forking.join(_TIMEOUT)
    assert not forking.is_alive()


CHILD = """
import os, signal, threading, time
from pipeline.io.forks import forks_wait, one_thread
import logging  # has its own lock, which a fork acquires

def work():
    while True:
        with one_thread():
            time.sleep(0.001)
            logging.getLogger(str(time.time()))

for _ in range(3):
    threading.Thread(target=work, daemon=True).start()

def fork():
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    signal.alarm(10)
    with one_thread(), forks_wait():
        os._exit(0)

for _ in range(20):
    assert fork() == 0
    with one_thread():  # other threads wait for it
        assert fork() == 0
    with forks_wait():
        assert fork() == 0
print("done", flush=True)
os._exit(0)
"""


def test_locks_are_free_in_the_child() -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", CHILD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("done\n", "")
