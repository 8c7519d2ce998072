"""The same work on many pieces, on all cores."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from itertools import chain, islice
from typing import Any, Callable, Deque, Iterable, Iterator, Optional, Tuple, TypeVar

from pipeline.errors import PipelineError

Result = TypeVar("Result")

_FEW = 3  # pieces that are done before other processes would have begun


def map_pieces(function: Callable[..., Result], pieces: Iterable[Any]) -> Iterator[Result]:
    """Call a function with each piece, in as many processes as there are cores; few pieces are done in this one.

    Parameters
    ----------
    function : callable
        Of a module's top level, so that another process finds it.
    pieces : iterable
        Read as needed, no more than one for each core ahead: they may be more than memory holds.

    Yields
    ------
    The results, in the order of the pieces.

    Raises
    ------
    PipelineError
        If one of the processes ends before its time. What the function raises is raised here.

    Notes
    -----
    The processes are started afresh, not forked, since MXNet's threads may be running in this one; they import what
    the function needs and nothing else, which is why they are not joblib's, whose start takes three times as long.
    Each ends with the pipe it reads from, so none outlives this process, however that ends.
    """
    pieces = iter(pieces)
    first = list(islice(pieces, _FEW + 1))
    cores = len(os.sched_getaffinity(0))
    if cores == 1 or len(first) <= _FEW:
        yield from map(function, chain(first, pieces))
        return
    helpers = [_start() for _ in range(cores)]
    busy: Deque[subprocess.Popen[bytes]] = deque()  # in the order of their pieces
    try:
        for piece in chain(first, pieces):
            done = [_receive(busy[0])] if len(busy) == cores else []
            helper = busy.popleft() if done else helpers[len(busy)]
            _send(helper, (function, piece))
            busy.append(helper)
            yield from done
        for helper in busy:
            yield _receive(helper)
    finally:
        for helper in helpers:
            helper.kill()
            helper.communicate()


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", "from pipeline.parallel import serve; serve()"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for this process, which ends the others
    )


def _send(helper: subprocess.Popen[bytes], task: Any) -> None:
    assert helper.stdin
    try:
        pickle.dump(task, helper.stdin, pickle.HIGHEST_PROTOCOL)
        helper.stdin.flush()
    except BrokenPipeError:
        raise _ended(helper) from None


def _receive(helper: subprocess.Popen[bytes]) -> Any:
    assert helper.stdout
    try:
        error, result = pickle.load(helper.stdout)
    except EOFError:
        raise _ended(helper) from None
    if error:
        raise error
    return result


def _ended(helper: subprocess.Popen[bytes]) -> PipelineError:
    code = helper.wait()
    return PipelineError(
        f"a helping process ended with exit code {code}; {'was there enough memory?' if code < 0 else 'see above'}"
    )


def serve() -> None:
    """Work on pieces from standard input until it ends; results go to standard output."""
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the function prints is no result
    while True:
        try:
            function, piece = pickle.load(tasks)
        except EOFError:
            return
        done: Tuple[Optional[Exception], Any]
        try:
            done = None, function(piece)
        except Exception as error:
            done = error, None
        pickle.dump(done, results, pickle.HIGHEST_PROTOCOL)
        results.flush()
