"""The same work on many pieces, on all cores."""

from __future__ import annotations

import os
from itertools import islice
from typing import Any, Callable, Iterable, Iterator, TypeVar

Result = TypeVar("Result")

_FEW = 3  # pieces that are done before other processes would have begun
_IDLE = 5  # seconds after which an idle process ends, also one whose parent was killed


def map_pieces(function: Callable[..., Result], pieces: Iterable[Any]) -> Iterator[Result]:
    """Call a function with each piece, in as many processes as there are cores; few pieces are done in this one.

    Parameters
    ----------
    function : callable
        Of a module's top level, so that another process finds it.
    pieces : iterable
        Read as needed, some pieces for each core at a time: they may be more than memory holds.

    Yields
    ------
    The results, in the order of the pieces.

    Notes
    -----
    joblib's processes are started afresh, not forked: MXNet's threads may be running in this one.
    """
    pieces = iter(pieces)
    cores = len(os.sched_getaffinity(0))
    group = list(islice(pieces, 4 * cores))
    if cores == 1 or len(group) <= _FEW:
        while group:
            yield from map(function, group)
            group = list(islice(pieces, 4))
        return
    from joblib import Parallel, delayed, parallel_config  # late: small inputs do without

    with parallel_config("loky", idle_worker_timeout=_IDLE):
        run = Parallel(n_jobs=cores, return_as="generator", batch_size=1)
    while group:
        yield from run([delayed(function)(piece) for piece in group])
        group = list(islice(pieces, 4 * cores))
