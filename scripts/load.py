"""Load-test the server: many concurrent clients, every response compared with that of a single request.

The server is started on a free local port and stopped at the end. Clients keep their connections open.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import os
import platform
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import numpy as np
from tqdm import tqdm

from pipeline.io.output import write_json

TEXTS = [
    f"{opening}{film} {verdict}"
    for opening in ("", "I saw it twice: ", "To be honest, ", "My sister says ")
    for film in ("the film", "this old comedy", "the second half", "every song in it", "the plot")
    for verdict in ("is wonderful.", "is dull.", "was not what I expected", "made me laugh!", "bored me to tears.")
]
TOLERANCE = 1e-5  # of probabilities, which differ slightly between a batch and a single text


def main() -> None:
    """Run the server and the clients, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=64, help="number of concurrent clients (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="file for the results as JSON")
    options = parser.parse_args()
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline", "serve", "--port", "0"], stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr
            lines = server.stderr.readline() + server.stderr.readline()  # which model, and where it listens
            port = re.search(r":(\d+) \(page\)", lines)
            if not port:
                sys.exit(lines)
            results = asyncio.run(measure(int(port[1]), server.pid, options.requests, options.clients))
        finally:
            server.send_signal(signal.SIGINT)
            _, log = server.communicate()
    results = {**describe_run(), **results, "server exit code": server.returncode, "server log": log}
    print(json.dumps(results, indent=1))
    if options.json:
        write_json(options.json, results)


async def measure(port: int, pid: int, requests: int, clients: int) -> Dict[str, Any]:
    """Request each text once, then all of them repeatedly from many concurrent clients."""
    expected: List[Tuple[int, float, float]] = []
    await call(port, iter(range(len(TEXTS))), expected, tqdm(disable=True))
    reference = {index: positive for index, positive, _ in expected}
    answers: List[Tuple[int, float, float]] = []
    numbers = iter(range(requests))  # shared by all clients
    memory: List[int] = []
    with tqdm(total=requests, unit="request", mininterval=1) as progress:
        watching = asyncio.create_task(watch(pid, answers, requests, memory))
        start = time.perf_counter()
        await asyncio.gather(*(call(port, numbers, answers, progress) for _ in range(clients)))
        seconds = time.perf_counter() - start
        await watching
    times = np.array([taken for _, _, taken in answers])
    return {
        "requests": requests,
        "clients": clients,
        "texts per request": 1,
        "lost": requests - len(answers),
        "wrong": sum(abs(positive - reference[index]) > TOLERANCE for index, positive, _ in answers),
        "requests per second": round(requests / seconds, 1),
        "milliseconds": {f"{part}th percentile": round(1000 * np.percentile(times, part), 1) for part in (50, 90, 99)},
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


async def watch(pid: int, answers: List[Any], requests: int, memory: List[int]) -> None:
    """Record the server's memory after each tenth of the requests."""
    while len(memory) < 10:
        if len(answers) >= requests * (len(memory) + 1) // 10:
            memory.append(int(re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[0]) // 1024)
        await asyncio.sleep(0.05)


def describe_run() -> Dict[str, Any]:
    """Return command, date, machine and software of this run."""
    model = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) or [platform.processor()]
    return {
        "command": shlex.join(["python", "scripts/load.py", *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "machine": f"{model[0]}, {len(os.sched_getaffinity(0))} cores, {platform.system()}",
        "python": platform.python_version(),
        "load before": os.getloadavg()[0],
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "not set"),
    }


if __name__ == "__main__":
    main()
