"""Micro-batching: requests that arrive while the network is busy are predicted together, by one thread."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Callable, Deque, List, NamedTuple, Optional, Sequence, Type

Function = Callable[[List[str]], Sequence[Any]]  # returns as many results as texts, in their order


class Full(Exception):
    """The queue is full, or the thread is being stopped."""


class _Job(NamedTuple):
    function: Function
    texts: List[str]
    batchable: bool
    future: Future[List[Any]]


class MicroBatcher:
    """A queue of jobs, and one thread that runs the network on them.

    The first job is run at once; only what arrives while it runs is batched. This is the batching of Clipper
    (Crankshaw et al., 2017) without its delay.

    Parameters
    ----------
    batch : int
        Maximum number of texts in a batch of several jobs; a larger job is a batch of its own.
    waiting : int
        Maximum number of texts in the queue.
    """

    def __init__(self, batch: int = 64, waiting: int = 1024) -> None:
        self.batch, self.waiting = batch, waiting
        self._jobs: Deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="network", daemon=True)

    def __enter__(self) -> MicroBatcher:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Refuse new jobs, run those in the queue, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def submit(self, function: Function, texts: List[str], batchable: bool = True) -> Future[List[Any]]:
        """Queue a job.

        Parameters
        ----------
        function : callable
            Takes a list of texts and returns a list of as many results; called in the batcher's thread. Jobs of the
            same function are run together.
        texts : list of str
        batchable : bool
            Whether the job may be run together with others.

        Returns
        -------
        Future
            Of the list of results; a cancelled one is skipped.

        Raises
        ------
        Full
            If the queue is full, or the batcher is closed.
        """
        future: Future[List[Any]] = Future()
        with self._changed:
            waiting = sum(len(job.texts) for job in self._jobs if not job.future.cancelled())
            if self._closed or waiting + len(texts) > self.waiting:
                raise Full
            self._jobs.append(_Job(function, texts, batchable, future))
            self._changed.notify()
        return future

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closed)
                if not self._jobs:
                    return
                jobs = self._take()
            _run([job for job in jobs if job.future.set_running_or_notify_cancel()])

    def _take(self) -> List[_Job]:
        """Take the first job, and the next ones that may be run together with it."""
        jobs = [self._jobs.popleft()]
        texts = len(jobs[0].texts)
        while self._jobs and jobs[0].batchable and self._jobs[0].batchable:
            texts += len(self._jobs[0].texts)
            if texts > self.batch or self._jobs[0].function != jobs[0].function:
                break
            jobs.append(self._jobs.popleft())
        return jobs


def _run(jobs: List[_Job]) -> None:
    if not jobs:
        return
    try:
        results = list(jobs[0].function([text for job in jobs for text in job.texts]))
    except Exception as error:
        if len(jobs) == 1:
            jobs[0].future.set_exception(error)
        else:  # run each by itself, so that only the job at fault fails
            for job in jobs:
                _run([job])
        return
    for job in jobs:
        job.future.set_result(results[: len(job.texts)])
        results = results[len(job.texts) :]
