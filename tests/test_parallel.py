from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

import pytest

from pipeline.errors import PipelineError
from pipeline.parallel import map_pieces


def square(number: int) -> tuple[int, int]:
    if number < 0:
        raise PipelineError(f"{number}: expected 0 or more")
    return number**2, os.getpid()


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def test_many_pieces_come_back_in_order_from_other_processes() -> None:
    results = list(map_pieces(square, iter(range(20))))
    assert [result for result, _ in results] == [number**2 for number in range(20)]
    assert os.getpid() not in {process for _, process in results}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_pieces_are_done_in_this_process(count: int) -> None:
    assert list(map_pieces(square, iter(range(count)))) == [(number**2, os.getpid()) for number in range(count)]


def test_one_core_does_all_pieces_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert list(map_pieces(square, iter(range(30)))) == [(number**2, os.getpid()) for number in range(30)]


def test_pieces_are_read_as_needed() -> None:
    read = []

    def pieces() -> Iterator[int]:
        for number in range(1000):
            read.append(number)
            yield number

    results = map_pieces(square, pieces())
    assert next(results)[0] == 0
    assert len(read) <= 4
    assert [result for result, _ in results] == [number**2 for number in range(1, 1000)]


def test_error_in_another_process_is_raised_here() -> None:
    with pytest.raises(PipelineError, match=r"^-1: expected 0 or more$"):
        list(map_pieces(square, [1, 2, 3, 4, -1, 5]))


def kill_myself(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_process_that_is_killed_is_an_error() -> None:
    with pytest.raises(PipelineError, match=r"^a helping process ended with exit code -9; was there enough memory\?$"):
        list(map_pieces(kill_myself, range(5)))


def leave(number: int) -> int:
    os._exit(3)


def test_process_that_ends_by_itself_is_an_error() -> None:
    with pytest.raises(PipelineError, match=r"^a helping process ended with exit code 3; see above$"):
        list(map_pieces(leave, range(5)))


def test_what_a_function_prints_is_no_result() -> None:
    assert list(map_pieces(print, range(5))) == [None] * 5


def test_processes_end_with_this_one(tmp_path: Path) -> None:
    script = (
        "import os, signal\nfrom pipeline.parallel import map_pieces\nos.sched_getaffinity = lambda _: {0, 1}\n"
        "results = map_pieces(os.getsid, [0] * 50)\nprint(next(results), next(results), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    run = subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE)
    assert run.returncode == -signal.SIGKILL
    sessions = [int(word) for word in run.stdout.split()]  # each process has its own, of its id
    assert len(set(sessions)) == 2
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{session}").exists() for session in sessions) and time.monotonic() < deadline:
        time.sleep(0.05)
    running = [
        p
        for p in map(str, sessions)
        if Path(f"/proc/{p}").exists() and " Z " not in Path(f"/proc/{p}/stat").read_text()
    ]
    assert running == []


def test_error_of_the_pieces_is_raised_here() -> None:
    def pieces() -> Iterator[int]:
        yield from range(9)
        raise PipelineError("a file is not UTF-8")

    with pytest.raises(PipelineError, match="not UTF-8"):
        list(map_pieces(square, pieces()))


def test_script_without_a_main_guard_runs_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os\nfrom pipeline.parallel import map_pieces\nos.sched_getaffinity = lambda _: {0, 1}\n"
        "print(sum(map_pieces(len, ['ab'] * 10)))\n"
    )
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    run = subprocess.run(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert (run.stdout, run.returncode) == ("20\n", 0), run.stderr
