"""Two ways to the same result, timed side by side."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Union

import numpy as np

from pipeline.errors import PipelineError

_ENVIRONMENT = dict(os.environ)  # before MXNet's number of threads is set, which is not the peers'


class Timed(NamedTuple):
    """What one call gave, and how long it took."""

    seconds: float
    result: Any


class Comparison(NamedTuple):
    """Ours and what it is compared to, ready to be called again and again.

    Attributes
    ----------
    ours, peer : callable
        Each does the whole work once. `timed` makes one of any function; a side that is not to be timed as a whole,
        one in another process, say, returns a `Timed` of its own.
    difference : callable
        Takes both results; returns in words what differs, or "" if they agree.
    amount : float
        How much one call gets through, where figures are per second; 0 where they are seconds.
    details : callable
        Takes both results; returns more figures to put down.
    """

    ours: Callable[[], Timed]
    peer: Callable[[], Timed]
    difference: Callable[[Any, Any], str]
    amount: float = 0.0
    details: Callable[[Any, Any], Dict[str, Any]] = lambda ours, peer: {}


def timed(function: Callable[..., Any], *arguments: Any) -> Callable[[], Timed]:
    """Return a function that calls `function` with these arguments and says how long that took."""

    def call() -> Timed:
        start = time.perf_counter()
        result = function(*arguments)
        return Timed(time.perf_counter() - start, result)

    return call


class MemoryWatch:
    """Looks every 20 ms at how many bytes this process and those it started hold, mapped files aside.

    Not `resource.getrusage`, which of a child process counts what its parent held when it was started.

    Attributes
    ----------
    first, most : int
        What they held when the watch began, and the most since.

    Examples
    --------
    >>> with MemoryWatch() as watch:
    ...     taken = bytes(10)
    >>> watch.most >= watch.first > 0
    True
    """

    def __enter__(self) -> MemoryWatch:
        """Begin to look."""
        self.first = self.most = _memory_of_all()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Look no more."""
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.most = max(self.most, _memory_of_all())
            if self._end.wait(0.02):
                return


def _memory_of_all() -> int:
    return sum(map(_memory, _family(os.getpid())))


def _family(process: int) -> List[int]:
    """Return a process and all that it started, by their ids."""
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [one for child in children.read_text().split() for one in _family(int(child))]
        except OSError:  # ended meanwhile
            continue
    return found


def _memory(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return 1024 * sum(map(int, re.findall(r"^RssAnon:\s+(\d+) kB$", status, re.MULTILINE)))


def take_turns(comparison: Comparison, repeats: int, after_each: Callable[[], Any]) -> Dict[str, Any]:
    """Call both sides in turn, so that whatever else the machine does slows both alike.

    Parameters
    ----------
    comparison : Comparison
    repeats : int
        Calls of either side.
    after_each : callable
        Called after each round: for progress.

    Returns
    -------
    dict
        ``ours`` and ``peer``, medians; ``ratio``, how many times as fast as the peer ours is; more if the comparison
        has details, those of the last round.

    Raises
    ------
    PipelineError
        If the two results of a round disagree.
    """
    rounds = []
    for _ in range(repeats):
        ours, peer = comparison.ours(), comparison.peer()
        difference = comparison.difference(ours.result, peer.result)
        if difference:
            raise PipelineError(f"what is timed does not agree: {difference}")
        details = comparison.details(ours.result, peer.result)
        rounds.append((ours.seconds, peer.seconds))
        after_each()
    our_seconds, peer_seconds = (statistics.median(seconds) for seconds in zip(*rounds))
    amount = comparison.amount
    figures = {
        "ours": amount / our_seconds if amount else our_seconds,
        "peer": amount / peer_seconds if amount else peer_seconds,
        "ratio": peer_seconds / our_seconds,
    }
    return {**figures, **details}


def run_script(python: Union[str, Path], script: str, given: Mapping[str, Any]) -> Timed:
    """Run one of this package's scripts for peers in a process of its own, which times itself.

    Parameters
    ----------
    python : str or Path
        The interpreter.
    script : str
        A file beside this one. It reads arrays from one ``.npz`` file and writes others, ``seconds`` among them, to
        a second one.
    given : mapping of str to array, str or number

    Returns
    -------
    Timed
        The arrays that the script wrote, by name.

    Raises
    ------
    PipelineError
        If it fails; has the last line of what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, "given.npz"), Path(folder, "found.npz")]
        np.savez(files[0], **given)
        command = [str(python), str(Path(__file__).with_name(script)), *map(str, files)]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=_ENVIRONMENT)
        if run.returncode:
            raise PipelineError(f"{script} failed: {(run.stderr.strip() or 'no message').splitlines()[-1]}")
        with np.load(files[1]) as file:
            found = dict(file)
    return Timed(float(found.pop("seconds")), found)
