from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from pipeline.errors import PipelineError
from pipeline.io import processes
from pipeline.io.processes import map_pieces


def square(number: int) -> tuple[int, int]:
    if number < 0:
        raise PipelineError(f"{number}: expected 0 or more")
    time.sleep(0.01)  # so that another process gets some, too
    return number**2, os.getpid()


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


def test_many_pieces_come_back_in_order_from_this_process_and_another() -> None:
    results = list(map_pieces(square, iter(range(200))))
    assert [result for result, _ in results] == [number**2 for number in range(200)]
    processes = {process for _, process in results}
    assert os.getpid() in processes
    assert len(processes) == 2


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_pieces_are_done_in_this_process(count: int) -> None:
    assert list(map_pieces(square, iter(range(count)))) == [(number**2, os.getpid()) for number in range(count)]


def test_workers_do_all_pieces_however_few() -> None:
    for count in (1, 30):
        results = list(map_pieces(square, iter(range(count)), workers=2))
        assert [result for result, _ in results] == [number**2 for number in range(count)]
        assert os.getpid() not in {process for _, process in results}
    assert len({process for _, process in results}) == 2


def test_one_core_does_all_pieces_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert list(map_pieces(square, iter(range(30)))) == [(number**2, os.getpid()) for number in range(30)]


def test_pieces_are_read_as_needed() -> None:
    read = []

    def pieces() -> Iterator[int]:
        for number in range(300):
            read.append(number)
            yield number

    results = map_pieces(square, pieces())
    assert next(results)[0] == 0
    assert len(read) <= processes._AHEAD + 1
    assert [result for result, _ in results] == [number**2 for number in range(1, 300)]


@pytest.mark.parametrize("number", [4, 150])
def test_error_in_any_process_is_raised_here(number: int) -> None:
    pieces = [*range(number), -1, *range(100)]
    with pytest.raises(PipelineError, match=r"^-1: expected 0 or more$"):
        list(map_pieces(square, pieces))


def fail_in_another(here: int, number: int) -> int:
    if os.getpid() != here:
        raise PipelineError(f"piece {number}: in another process")
    time.sleep(0.01)
    return number


def test_error_in_another_process_is_raised_here() -> None:
    with pytest.raises(PipelineError, match=r"^piece \d+: in another process$"):
        list(map_pieces(partial(fail_in_another, os.getpid()), range(1000)))


def end_in_another(here: int, how: Callable[[], None], number: int) -> int:
    if os.getpid() != here:
        how()
    time.sleep(0.01)
    return number


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    os._exit(3)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (kill_myself, r"^a helping process ended with exit code -9; was there enough memory\?$"),
        (leave, r"^a helping process ended with exit code 3; see above$"),
    ],
)
def test_process_that_ends_before_its_time_is_an_error(how: Callable[[], None], message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        list(map_pieces(partial(end_in_another, os.getpid(), how), range(1000)))


def print_and_wait(number: int) -> None:
    print(number)
    time.sleep(0.01)


def test_what_a_function_prints_is_no_result() -> None:
    assert list(map_pieces(print_and_wait, range(100))) == [None] * 100


def test_processes_end_with_this_one(tmp_path: Path) -> None:
    script = (
        "import os, signal\nfrom pipeline.io.processes import map_pieces\nos.sched_getaffinity = lambda _: {0, 1, 2}\n"
        "sessions = {os.getsid(0)}\n"
        "for session in map_pieces(os.getsid, [0] * 1_000_000):\n"
        "    sessions.add(session)\n"
        "    if len(sessions) == 3: break\n"
        "print(*(sessions - {os.getsid(0)}), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
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


def test_processes_end_when_nobody_wants_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def spy(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", spy)
    results = map_pieces(square, range(1000))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_error_of_the_pieces_is_raised_here() -> None:
    def pieces() -> Iterator[int]:
        yield from range(9)
        raise PipelineError("a file is not UTF-8")

    with pytest.raises(PipelineError, match="not UTF-8"):
        list(map_pieces(square, pieces()))


def test_script_without_a_main_guard_runs_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os\nfrom pipeline.io.processes import map_pieces\nos.sched_getaffinity = lambda _: {0, 1}\n"
        "print(sum(map_pieces(len, ['ab'] * 10)))\n"
    )
    path = os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])
    run = subprocess.run(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True
    )
    assert (run.stdout, run.returncode) == ("20\n", 0), run.stderr


@pytest.mark.parametrize("name", ["pipeline.py", "pickle.py", "selectors.py"])
def test_files_of_the_current_folder_are_not_in_the_way(tmp_path: Path, name: str) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / name).write_text("raise SystemExit(1)")
    (tmp_path / "scripts" / "run.py").write_text(
        "import os, sys\n"
        f"sys.path.insert(1, {str(Path(__file__).parents[2])!r})\n"
        "from pipeline.io.processes import map_pieces\n"
        "os.sched_getaffinity = lambda _: {0, 1}\n"
        "print(sum(map_pieces(len, ['ab'] * 10_000)))\n"
    )
    run = subprocess.run([sys.executable, "scripts/run.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (run.stdout, run.stderr, run.returncode) == ("20000\n", "", 0)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_processes_say_nothing_when_this_one_is_ended(end: signal.Signals) -> None:
    script = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"sys.path.insert(1, {str(Path(__file__).parents[2])!r})\n"
        "from pipeline.io.processes import map_pieces\n"
        "os.sched_getaffinity = lambda _: {0, 1}\n"
        "try:\n"
        "    for number, process in enumerate(map_pieces(len, ['ab' * 100_000] * 1_000_000)):\n"
        f"        if number == 2000: os.kill(os.getpid(), {int(end)})\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True)
    assert (run.stderr, run.returncode) == ("", 130 if end == signal.SIGINT else -end)
