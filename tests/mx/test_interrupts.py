from __future__ import annotations

import signal
import sys
import time
from typing import Iterator

import pytest

from pipeline.mx.interrupts import kept_interrupts


class Interrupted:
    """Its end is interrupted, or fails in another way."""

    def __init__(self, error: bool = False) -> None:
        self.error = error

    def __del__(self) -> None:
        if self.error:
            raise ValueError("no end")
        signal.raise_signal(signal.SIGINT)


@pytest.fixture
def python_handler() -> Iterator[None]:
    """Have Ctrl-C raise: what runs in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_interrupt_while_an_object_is_deleted_is_raised_later(python_handler: None) -> None:
    with pytest.raises(KeyboardInterrupt), kept_interrupts():
        Interrupted()
        time.sleep(10)


def test_other_errors_that_nobody_sees_go_where_they_went(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda dropped: seen.append(str(dropped.exc_value)))
    before = sys.unraisablehook
    with kept_interrupts():
        Interrupted(error=True)
    assert seen == ["no end"]
    assert sys.unraisablehook is before
