"""Batches of jobs, and the limits of the queue."""

from __future__ import annotations

import threading
from typing import List

import pytest

from pipeline.server.microbatch import Full, MicroBatcher


class Engine:
    """Answers in upper case, once it may."""

    def __init__(self) -> None:
        self.batches: List[List[str]] = []
        self.busy, self.go_on = threading.Event(), threading.Event()

    def answer(self, texts: List[str]) -> List[str]:
        self.busy.set()
        assert self.go_on.wait(10)
        self.batches.append(texts)
        if "bad" in texts:
            raise ValueError("bad")
        return [text.upper() for text in texts]

    def explain(self, texts: List[str]) -> List[str]:
        self.batches.append(texts)
        return [f"why {text}" for text in texts]


@pytest.fixture
def engine() -> Engine:
    return Engine()


def test_microbatch_answers_what_waits_in_one_batch_and_in_order(engine: Engine) -> None:
    with MicroBatcher() as batcher:
        first = batcher.submit(engine.answer, ["a"])
        assert engine.busy.wait(10)  # the first is under way: nothing waits for company
        others = [batcher.submit(engine.answer, texts) for texts in (["b", "c"], ["d"], [], ["e"])]
        engine.go_on.set()
        assert first.result(10) == ["A"]
        assert [other.result(10) for other in others] == [["B", "C"], ["D"], [], ["E"]]
    assert engine.batches == [["a"], ["b", "c", "d", "e"]]


def test_microbatch_closes_a_batch_before_it_is_too_large(engine: Engine) -> None:
    with MicroBatcher(batch=3) as batcher:
        batcher.submit(engine.answer, ["a"])
        assert engine.busy.wait(10)
        for texts in (["b", "c"], ["d", "e"], ["f", "g", "h", "i"], ["j"]):
            batcher.submit(engine.answer, texts)
        engine.go_on.set()
    assert engine.batches == [["a"], ["b", "c"], ["d", "e"], ["f", "g", "h", "i"], ["j"]]


def test_microbatch_runs_other_functions_and_unbatchable_jobs_by_themselves(engine: Engine) -> None:
    with MicroBatcher() as batcher:
        batcher.submit(engine.answer, ["a"])
        assert engine.busy.wait(10)
        why = batcher.submit(engine.explain, ["b"])
        for text in "cd":
            batcher.submit(engine.answer, [text], batchable=False)
        batcher.submit(engine.answer, ["e"])
        engine.go_on.set()
        assert why.result(10) == ["why b"]
    assert engine.batches == [["a"], ["b"], ["c"], ["d"], ["e"]]


def test_microbatch_is_full_at_so_many_waiting_texts(engine: Engine) -> None:
    with MicroBatcher(waiting=3) as batcher:
        batcher.submit(engine.answer, ["a"])
        assert engine.busy.wait(10)
        accepted = batcher.submit(engine.answer, ["b", "c"])
        with pytest.raises(Full):
            batcher.submit(engine.answer, ["d", "e"])
        last = batcher.submit(engine.answer, ["f"])
        engine.go_on.set()
        assert accepted.result(10) + last.result(10) == ["B", "C", "F"]


def test_microbatch_closed_answers_what_it_took_and_takes_no_more(engine: Engine) -> None:
    with MicroBatcher(batch=1) as batcher:
        futures = [batcher.submit(engine.answer, [text]) for text in "abc"]
        threading.Timer(0.05, engine.go_on.set).start()
    assert [future.result(0) for future in futures] == [["A"], ["B"], ["C"]]
    with pytest.raises(Full):
        batcher.submit(engine.answer, ["d"])


def test_microbatch_one_bad_job_fails_alone(engine: Engine) -> None:
    with MicroBatcher() as batcher:
        batcher.submit(engine.answer, ["a"])
        assert engine.busy.wait(10)
        good, bad, better = (batcher.submit(engine.answer, [text]) for text in ("good", "bad", "better"))
        engine.go_on.set()
        assert (good.result(10), better.result(10)) == (["GOOD"], ["BETTER"])
        with pytest.raises(ValueError, match="bad"):
            bad.result(10)


def test_microbatch_passes_over_a_cancelled_job(engine: Engine) -> None:
    with MicroBatcher() as batcher:
        batcher.submit(engine.answer, ["a"])
        assert engine.busy.wait(10)
        given_up, kept = (batcher.submit(engine.answer, [text]) for text in "bc")
        assert given_up.cancel()
        engine.go_on.set()
        assert kept.result(10) == ["C"]
    assert engine.batches == [["a"], ["c"]]
