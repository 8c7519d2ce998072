"""Start the scheduler, servers and workers of a distributed training on this machine."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence

from pipeline.errors import PipelineError


class Process(NamedTuple):
    """A process and its log file, which contains its standard error."""

    name: str
    handle: subprocess.Popen
    log: Path


def launch(command: Sequence[str], workers: int, servers: int, logs: Path) -> None:
    """Run a command as scheduler, servers and workers until all have ended.

    Parameters
    ----------
    command : sequence of str
        Must call `pipeline.distributed.cluster.join`.
    workers, servers : int
    logs : Path
        Folder for the log files, which are appended to.

    Raises
    ------
    PipelineError
        If a process fails; the others are killed first.
    """
    names = ["scheduler", *(f"server {i}" for i in range(servers)), *(f"worker {i}" for i in range(workers))]
    logs.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        environment = _environment(workers, servers)
        processes = [stack.enter_context(_start(name, command, environment, logs)) for name in names]
        for process in processes:
            print(f"{process.name}: process {process.handle.pid}, {process.log}", flush=True)
        _wait_for_all(processes)


def _environment(workers: int, servers: int) -> Dict[str, str]:
    """Return the environment of the processes without their role; they listen on the loopback address only."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "TQDM_DISABLE": "1",
        **os.environ,
        "DMLC_PS_ROOT_URI": "127.0.0.1",
        "DMLC_PS_ROOT_PORT": str(port),
        "DMLC_NODE_HOST": "127.0.0.1",
        "DMLC_NUM_WORKER": str(workers),
        "DMLC_NUM_SERVER": str(servers),
    }


@contextlib.contextmanager
def _start(name: str, command: Sequence[str], environment: Dict[str, str], logs: Path) -> Iterator[Process]:
    """Start a process; kill it at the end of the block if it is still running."""
    log = logs / f"{name.replace(' ', '-')}.log"
    with open(log, "ab") as file:  # append to the logs of earlier runs
        handle = subprocess.Popen(
            command,
            env={**environment, "DMLC_ROLE": name.partition(" ")[0]},
            stdin=subprocess.DEVNULL,
            stderr=file,
            start_new_session=True,  # Ctrl-C goes to the launcher only, which then kills them
            preexec_fn=_kill_with_parent,
        )
    try:
        yield Process(name, handle, log)
    finally:
        handle.kill()  # MXNet ignores other signals while it waits
        handle.wait()


def _kill_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _wait_for_all(processes: List[Process]) -> None:
    """Wait until all processes have succeeded.

    Raises
    ------
    PipelineError
        As soon as one has failed.
    """
    while any(process.handle.poll() != 0 for process in processes):
        for process in processes:
            if process.handle.poll():
                raise PipelineError(_describe_failure(process))
        time.sleep(0.1)


def _describe_failure(process: Process) -> str:
    code = process.handle.returncode
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    last_line = process.log.read_text(errors="replace").strip().rpartition("\n")[2]
    log = f"{process.log}{': ' * bool(last_line)}{last_line}"
    return f"{process.name} {how} ({log}); the other processes were stopped; resume with --resume"
