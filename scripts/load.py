"""Load-test the server: many concurrent clients, every response compared with that of a single request.

    python -m scripts.load

Each server is started on a free local port and stopped at the end. Clients keep their connections open.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from pipeline.cli.main import run_command
from pipeline.errors import PipelineError
from pipeline.io.environment import describe_run
from pipeline.io.output import check_file, write_json
from pipeline.io.progress import tqdm
from scripts.benchmark.timing import summarise

TEXTS = [
    f"{opening}{film} {verdict}"
    for opening in ("", "I saw it twice: ", "To be honest, ", "My sister says ")
    for film in ("the film", "this old comedy", "the second half", "every song in it", "the plot")
    for verdict in ("is wonderful.", "is dull.", "was not what I expected", "made me laugh!", "bored me to tears.")
]
TOLERANCE = 1e-5  # of probabilities, which differ slightly between a batch and a single text
OURS = ["-m", "pipeline", "serve", "--port", "0"]
BASELINES = {"torch": ["-m", "scripts.torch_server"]}


class Server(NamedTuple):
    """A server that runs in a process of its own."""

    port: int
    process: subprocess.Popen[bytes]


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the servers and the clients, and print the results."""
    parser = argparse.ArgumentParser("python -m scripts.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=100_000, help="in each measurement (default: %(default)s)")
    parser.add_argument(
        "--clients", type=int, nargs="+", default=[64], metavar="N", help="numbers of concurrent clients (default: 64)"
    )
    parser.add_argument("--rounds", type=int, default=1, help="measurements of each server (default: %(default)s)")
    parser.add_argument("--baseline", choices=tuple(BASELINES), help="measure this server too, in turn with ours")
    parser.add_argument("--json", type=Path, help="file for the results as JSON")
    parser.set_defaults(run=_run)
    return run_command(parser, arguments)


def _run(options: argparse.Namespace) -> None:
    if min(options.requests, options.rounds, *options.clients) < 1:
        raise PipelineError("--requests, --clients, --rounds: expected 1 or more of each")
    check_file(options.json)
    commands = {"ours": OURS, **({options.baseline: BASELINES[options.baseline]} if options.baseline else {})}
    about = describe_run(shlex.join(["python", "-m", "scripts.load", *sys.argv[1:]]))
    results: Dict[str, Any] = {"about": about, "load before": os.getloadavg()[0], "servers": {}, "measurements": []}
    print(f"{'server':<8}{'clients':>8}{'requests/s':>12}{'p50 ms':>10}{'p99 ms':>10}{'lost':>6}{'wrong':>7}")
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(run_server(command, results["servers"].setdefault(name, {})))
            for name, command in commands.items()
        }
        for clients in options.clients:
            rounds: Dict[str, List[Dict[str, Any]]] = {name: [] for name in servers}
            for _ in range(options.rounds):
                for name, server in servers.items():
                    rounds[name].append(asyncio.run(measure(server, options.requests, clients)))
            for name, found in rounds.items():
                row = {"server": name, "clients": clients, "requests": options.requests, **combine(found)}
                results["measurements"].append(row)
                print(
                    f"{name:<8}{clients:>8}{row['requests per second']:>12,.1f}{row['p50 ms']:>10.1f}"
                    f"{row['p99 ms']:>10.1f}{row['lost']:>6}{row['wrong']:>7}",
                    flush=True,
                )
    if options.json:
        write_json(options.json, results)


@contextlib.contextmanager
def run_server(command: List[str], log: Dict[str, Any]) -> Iterator[Server]:
    """Run a server as a Python process; at the end write its exit code and what it logged to `log`.

    Raises
    ------
    PipelineError
        If it does not start.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "log")  # not a pipe, which fills up when nobody reads it
        with open(file, "w") as errors, subprocess.Popen([sys.executable, *command], stderr=errors) as process:
            try:
                port = _wait_for_port(process, file, shlex.join(command))
                started = len(file.read_text())
                yield Server(port, process)
            finally:
                process.send_signal(signal.SIGINT)
        log.update({"exit code": process.returncode, "log": file.read_text()[started:]})


def _wait_for_port(process: subprocess.Popen[bytes], file: Path, command: str) -> int:
    """Return the port on which a server says that it listens."""
    while True:
        ended = process.poll() is not None
        text = file.read_text()
        port = re.search(r"http://127\.0\.0\.1:(\d+)\b.*\n", text)
        if port:
            return int(port[1])
        if ended:
            raise PipelineError(f"{command}: did not start: {text.strip() or 'no message'}")
        time.sleep(0.05)


def combine(rounds: Sequence[Dict[str, Any]]) -> Dict[str, Any]:
    """Return medians and ranges over the rounds, the sums of what was lost and wrong, and the last round's memory."""
    counted, memory = ("lost", "wrong"), "memory in MiB after each tenth"
    figures = summarise([{key: one[key] for key in one if key not in (*counted, memory)} for one in rounds])
    return {**figures, **{key: sum(one[key] for one in rounds) for key in counted}, memory: rounds[-1][memory]}


async def measure(server: Server, requests: int, clients: int) -> Dict[str, Any]:
    """Request each text once, then all of them repeatedly from concurrent clients."""
    port = server.port
    expected: List[Tuple[int, float, float]] = []
    await call(port, iter(range(len(TEXTS))), expected, tqdm(disable=True))
    if len(expected) < len(TEXTS):
        raise PipelineError(f"the server answered {len(expected)} of {len(TEXTS)} single requests")
    reference = {index: positive for index, positive, _ in expected}
    answers: List[Tuple[int, float, float]] = []
    numbers = iter(range(requests))  # shared by all clients
    memory: List[float] = []
    with tqdm(total=requests, unit="request", mininterval=1, leave=False) as progress:
        watching = asyncio.create_task(watch(server.process.pid, answers, requests, memory))
        start = time.perf_counter()
        await asyncio.gather(*(call(port, numbers, answers, progress) for _ in range(clients)))
        seconds = time.perf_counter() - start
        watching.cancel()
        memory.append(resident_memory(server.process.pid))
    if not answers:
        raise PipelineError(f"the server answered none of {requests:,} requests")
    times = np.array([taken for _, _, taken in answers])
    return {
        "lost": requests - len(answers),
        "wrong": sum(abs(positive - reference[index]) > TOLERANCE for index, positive, _ in answers),
        "requests per second": round(requests / seconds, 1),
        **{f"p{part} ms": round(1000 * float(np.percentile(times, part)), 2) for part in (50, 90, 99)},
        "memory in MiB after each tenth": memory,
    }


async def call(port: int, numbers: Iterator[int], answers: List[Tuple[int, float, float]], progress: tqdm) -> None:
    """Request texts on one connection; record the index, probability and seconds of each."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        index = number % len(TEXTS)
        body = json.dumps({"text": TEXTS[index]}).encode()
        start = time.perf_counter()
        head = "POST /v1/sentiment HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = re.search(r"content-length: (\d+)", head)
        content = await reader.readexactly(int(length[1]) if length else 0)
        if head.startswith("http/1.1 200 "):
            answers.append((index, json.loads(content)["results"][0]["positive"], time.perf_counter() - start))
        progress.update()
    writer.close()


async def watch(pid: int, answers: List[Any], requests: int, memory: List[float]) -> None:
    """Record the server's memory after each tenth of the requests but the last."""
    while len(memory) < 9:
        if len(answers) >= requests * (len(memory) + 1) // 10:
            memory.append(resident_memory(pid))
        await asyncio.sleep(0.05)


def resident_memory(pid: int) -> float:
    """Return the resident memory of a process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return round(int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) / 1024, 1)


if __name__ == "__main__":
    sys.exit(main())
