from __future__ import annotations

import subprocess
import sys
import threading

from pipeline.io.forks import after_fork_in_parent, before_fork, forks_wait, one_thread

_PATIENCE = 10  # seconds that something may take which must happen
_MOMENT = 0.05  # seconds in which something must not happen


def start(function: object, *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


class Visitor:
    """A thread that enters a block and stays until it is told to leave."""

    def __init__(self, block: object) -> None:
        self.inside, self.leave = threading.Event(), threading.Event()
        self.thread = start(self.visit, block)

    def visit(self, block: object) -> None:
        with block():  # type: ignore[operator]
            self.inside.set()
            assert self.leave.wait(_PATIENCE)

    def end(self) -> None:
        self.leave.set()
        self.thread.join(_PATIENCE)
        assert not self.thread.is_alive()


def test_any_number_of_threads_is_in_forks_wait_and_one_in_one_thread() -> None:
    first, second, single = Visitor(forks_wait), Visitor(forks_wait), Visitor(one_thread)
    assert all(visitor.inside.wait(_PATIENCE) for visitor in (first, second, single))
    other = Visitor(one_thread)
    assert not other.inside.wait(_MOMENT)
    single.end()
    assert other.inside.wait(_PATIENCE)
    for visitor in (first, second, other):
        visitor.end()


def test_a_fork_waits_for_blocks_and_nothing_begins_before_it_is_over() -> None:
    stopped, go_on = threading.Event(), threading.Event()

    def fork() -> None:
        before_fork()
        stopped.set()
        assert go_on.wait(_PATIENCE)
        after_fork_in_parent()

    early = Visitor(one_thread)
    assert early.inside.wait(_PATIENCE)
    forking = start(fork)
    assert not stopped.wait(_MOMENT)
    late = [Visitor(forks_wait), Visitor(one_thread)]
    assert not any(visitor.inside.wait(_MOMENT) for visitor in late)
    early.end()
    assert stopped.wait(_PATIENCE)
    assert not any(visitor.inside.wait(_MOMENT) for visitor in late)
    go_on.set()
    assert all(visitor.inside.wait(_PATIENCE) for visitor in late)
    for visitor in late:
        visitor.end()
    forking.join(_PATIENCE)
    assert not forking.is_alive()


def test_blocks_within_blocks_and_a_fork_within_them() -> None:
    with one_thread(), one_thread(), forks_wait():
        before_fork()  # does not wait for this thread
        before_fork()
        after_fork_in_parent()
        after_fork_in_parent()
        with forks_wait():
            pass
        waiting = Visitor(one_thread)
        assert not waiting.inside.wait(_MOMENT)
    assert waiting.inside.wait(_PATIENCE)
    waiting.end()


def test_two_threads_that_fork_within_their_blocks_do_not_wait_for_each_other() -> None:
    both = threading.Barrier(2, timeout=_PATIENCE)

    def work() -> None:
        with forks_wait():
            both.wait()
            before_fork()
            after_fork_in_parent()

    threads = [start(work), start(work)]
    for thread in threads:
        thread.join(_PATIENCE)
        assert not thread.is_alive()


def test_a_block_that_fails_is_left() -> None:
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
    forking.join(_PATIENCE)
    assert not forking.is_alive()


CHILD = """
import os, signal, threading, time
from pipeline.io.forks import forks_wait, one_thread
import logging  # has a lock of its own, which a fork takes

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
    with one_thread():  # others wait for it
        assert fork() == 0
    with forks_wait():
        assert fork() == 0
print("done", flush=True)
os._exit(0)
"""


def test_the_locks_are_free_in_a_child_whoever_had_them_or_waited() -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", CHILD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("done\n", "")
