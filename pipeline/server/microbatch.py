"""Micro-batching: what is asked while the engine is busy is answered together, in one batch, by one thread."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Callable, Deque, List, NamedTuple, Optional, Sequence, Type

Answer = Callable[[List[str]], Sequence[Any]]  # as many answers as texts, in their order


class Full(Exception):
    """There is no room for more: too much is waiting, or the thread is being stopped."""


class _Job(NamedTuple):
    answer: Answer
    texts: List[str]
    alone: bool
    future: Future[List[Any]]


class MicroBatcher:
    """One thread that runs the engine, and the queue before it.

    An idle engine answers at once: nothing waits for company. After the batching of requests in Clipper
    (Crankshaw et al., 2017), without its delay.

    Parameters
    ----------
    batch : int
        Jobs are put together up to so many texts; a larger job is a batch of its own.
    waiting : int
        So many texts wait at most.
    """

    def __init__(self, batch: int = 64, waiting: int = 1024) -> None:
        self.batch, self.waiting = batch, waiting
        self._jobs: Deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)

    def __enter__(self) -> MicroBatcher:
        self._thread.start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        """Take nothing more, answer what was taken, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def submit(self, answer: Answer, texts: List[str], alone: bool = False) -> Future[List[Any]]:
        """Queue texts to be answered.

        Parameters
        ----------
        answer : callable
            Takes a list of texts and returns as many answers; called in the engine's thread. Jobs of the same
            callable are answered together.
        texts : list of str
        alone : bool
            Never put this job together with others.

        Returns
        -------
        Future
            Of the list of answers; a cancelled one is passed over.

        Raises
        ------
        Full
            If as many texts wait as may, or the batcher is closed.
        """
        future: Future[List[Any]] = Future()
        with self._changed:
            if self._closed or sum(len(job.texts) for job in self._jobs) + len(texts) > self.waiting:
                raise Full
            self._jobs.append(_Job(answer, texts, alone, future))
            self._changed.notify()
        return future

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closed)
                if not self._jobs:
                    return
                jobs = self._take()
            _answer([job for job in jobs if job.future.set_running_or_notify_cancel()])

    def _take(self) -> List[_Job]:
        """Take the first job, and those behind it that may be answered with it."""
        jobs = [self._jobs.popleft()]
        texts = len(jobs[0].texts)
        while self._jobs and not (jobs[0].alone or self._jobs[0].alone) and self._jobs[0].answer == jobs[0].answer:
            texts += len(self._jobs[0].texts)
            if texts > self.batch:
                break
            jobs.append(self._jobs.popleft())
        return jobs


def _answer(jobs: List[_Job]) -> None:
    if not jobs:
        return
    try:
        answers = list(jobs[0].answer([text for job in jobs for text in job.texts]))
    except Exception as error:
        if len(jobs) == 1:
            jobs[0].future.set_exception(error)
        else:  # whose text it was shows alone; the others are not to suffer for it
            for job in jobs:
                _answer([job])
        return
    for job in jobs:
        job.future.set_result(answers[: len(job.texts)])
        answers = answers[len(job.texts) :]
