"""The same work on many pieces, on all cores."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import Any, Callable, Deque, Iterable, Iterator, List, Optional, Tuple, TypeVar

from pipeline.errors import PipelineError
from pipeline.io.streams import keep_standard_descriptors

Result = TypeVar("Result")

_FEW = 3  # pieces that are done before another process would have begun
_AHEAD = 16  # pieces that are begun before the oldest is done: this process does so many while another one starts


def count_cores() -> int:
    """Return the number of cores that this process may use; of all cores where the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_pieces(function: Callable[[Any], Result], pieces: Iterable[Any], workers: int = 0) -> Iterator[Result]:
    """Call a function with each piece, in this process and as many others as there are further cores.

    Parameters
    ----------
    function : callable
        Of a module's top level, so that another process finds it, a `functools.partial` of one, or an object that is
        called. It is sent once: each process has one of its own, which may remember earlier pieces of that process.
    pieces : iterable
        Read as needed, some ahead: they may be more than memory holds.
    workers : int
        Number of other processes, which then do all pieces, for pieces that take long: this one only waits, so that
        Ctrl-C need not wait for a piece.

    Yields
    ------
    The results, in the order of the pieces. Every process does its pieces in that order too.

    Raises
    ------
    PipelineError
        If one of the processes ends before its time. What the function raises is raised here.

    Notes
    -----
    Few pieces are all done in this process. The others are started afresh, not forked, since MXNet's threads may be
    running in this one; they import what the function needs and nothing else, which is why they are not joblib's,
    whose start takes three times as long. Each ends with the pipe it reads from, so none outlives this process,
    however that ends.
    """
    cores = count_cores()
    pieces = iter(pieces)
    if not workers:
        first = list(islice(pieces, _FEW + 1)) if cores > 1 else []
        pieces = chain(first, pieces)
        if len(first) <= _FEW:
            yield from map(function, pieces)
            return
    helpers = [_Helper(function) for _ in range(workers or cores - 1)]
    callers: List[Callable[[Any], Result]] = [*helpers] if workers else [function, *helpers]
    own = threading.local()  # each thread has a caller of its own
    threads = ThreadPoolExecutor(len(callers), initializer=lambda: setattr(own, "call", callers.pop(0)))
    begun: Deque[Future[Result]] = deque()
    try:
        for piece in pieces:
            begun.append(threads.submit(lambda piece: own.call(piece), piece))
            if len(begun) > max(_AHEAD, 2 * (workers or cores)):
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        for future in begun:
            future.cancel()
        for helper in helpers:
            helper.process.kill()
        threads.shutdown()
        for helper in helpers:
            helper.process.communicate()


class _Helper:
    """A function that is called in another process."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._unsent = pickle.dumps(function, pickle.HIGHEST_PROTOCOL)  # as it is before its first call here
        # Modules are looked for where this process finds them, and this package at last where it is: an editable
        # installation has hooks for that. They are left out (-S), for they take time to start, and so do numpy's
        # threads, which have nothing to do here.
        path = [*(folder or os.getcwd() for folder in sys.path), str(Path(__file__).parents[2])]
        serve = "import sys; sys.path[:] = sys.argv[1:]; from pipeline.io.processes import serve; serve()"
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", serve, *path],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for this process, which ends the others
        )

    def __call__(self, piece: Any) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        try:
            self.process.stdin.write(self._unsent)
            self._unsent = b""
            pickle.dump(piece, self.process.stdin, pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()
            error, result = pickle.load(self.process.stdout)
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            code = self.process.wait()
            why = "was there enough memory?" if code < 0 else "see above"
            raise PipelineError(f"a helping process ended with exit code {code}; {why}") from None
        if error:
            raise error
        return result


def serve() -> None:
    """Read a function and then pieces from standard input until that ends; results go to standard output."""
    keep_standard_descriptors()
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the function prints is no result
    try:
        function = pickle.load(tasks)
        while True:
            piece = pickle.load(tasks)
            done: Tuple[Optional[Exception], Any]
            try:
                done = None, function(piece)
            except Exception as error:
                done = error, None
            pickle.dump(done, results, pickle.HIGHEST_PROTOCOL)
            results.flush()
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):  # the other process has ended
        os._exit(0)  # without another try to write
