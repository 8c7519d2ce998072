"""Training by several processes on this machine: starts scheduler, servers and workers, and watches them."""

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
    """One of the processes, and the file with what it wrote to standard error."""

    name: str
    handle: subprocess.Popen
    log: Path


def launch(command: Sequence[str], workers: int, servers: int, logs: Path) -> None:
    """Run a command as a scheduler, some servers and some workers, until all have ended.

    Parameters
    ----------
    command : sequence of str
        It joins the others by `pipeline.distributed.cluster.join`.
    workers, servers : int
    logs : Path
        A folder for what each process writes to standard error, behind what is there.

    Raises
    ------
    PipelineError
        If one of them fails; the others are ended first.
    """
    names = ["scheduler", *(f"server {i}" for i in range(servers)), *(f"worker {i}" for i in range(workers))]
    logs.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        environment = _environment(workers, servers)
        processes = [stack.enter_context(_start(name, command, environment, logs)) for name in names]
        for process in processes:
            print(f"{process.name}: process {process.handle.pid}, {process.log}", flush=True)
        _watch(processes)


def _environment(workers: int, servers: int) -> Dict[str, str]:
    """Return the variables of the processes, but for their role: this machine alone can reach them."""
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
    """Start one process; end it, if it has not ended, when the block is left."""
    log = logs / f"{name.replace(' ', '-')}.log"
    with open(log, "ab") as file:  # behind what another run wrote
        handle = subprocess.Popen(
            command,
            env={**environment, "DMLC_ROLE": name.partition(" ")[0]},
            stdin=subprocess.DEVNULL,
            stderr=file,
            start_new_session=True,  # Ctrl-C is for the launcher, which then ends all of them
            preexec_fn=_end_with_parent,
        )
    try:
        yield Process(name, handle, log)
    finally:
        handle.kill()  # MXNet's processes heed no other signal while they wait
        handle.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _watch(processes: List[Process]) -> None:
    """Wait until all have ended well.

    Raises
    ------
    PipelineError
        As soon as one has not.
    """
    while any(process.handle.poll() != 0 for process in processes):
        for process in processes:
            if process.handle.poll():
                raise PipelineError(_complaint(process))
        time.sleep(0.1)


def _complaint(process: Process) -> str:
    code = process.handle.returncode
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    said = process.log.read_text(errors="replace").strip().rpartition("\n")[2]
    return f"{process.name} {how} ({process.log}{': ' * bool(said)}{said}); the others were ended, --resume goes on"
