"""Watch the memory of long runs: a server, many trainings in one process, and a million scored texts.

    python -m scripts.soak --json docs/results/soak.json    # an hour, by default

Each run is a process of its own. Its resident memory is recorded at equal distances.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pipeline.io.environment import describe_run
from pipeline.io.output import read_json, write_json
from pipeline.io.progress import tqdm
from scripts.load import OURS, TOLERANCE, resident_memory, run_server

WORDS = "a great film fun bad boring dull loved hated the plot acting it was and very never again story cast".split()
PARTS = 20  # of a run: memory is recorded after each


def make_text(numbers: random.Random, most: int = 40) -> str:
    """Return a text of 1 to `most` words."""
    return " ".join(numbers.choices(WORDS, k=numbers.randint(1, most)))


def soak_fit(amount: int, record: Callable[[], None]) -> None:
    """Call `SentimentClassifier.fit` so many times on a few texts."""
    from pipeline.classifier import SentimentClassifier
    from pipeline.recipe import Embed, Network, Recipe, Train

    numbers = random.Random(0)
    recipe = Recipe(
        name="soak",
        embed=Embed(vectors="", dim=20),
        network=Network(hidden_size=16, bidirectional=True, pooling="max_mean"),
        train=Train(epochs=1, batch_size=16),
    )
    for number in tqdm(range(1, amount + 1), unit="fit"):
        texts = [make_text(numbers) for _ in range(200)]
        SentimentClassifier(recipe, device="cpu").fit(texts, [i % 2 for i in range(200)]).predict(texts[:20])
        if number % max(1, amount // PARTS) == 0:
            record()


def soak_score(amount: int, record: Callable[[], None]) -> None:
    """Score so many texts in one process, in frames of 10,000."""
    import pandas as pd

    from pipeline.scoring.partitions import score_partitions

    numbers, size = random.Random(0), min(10_000, amount)

    def frames() -> Iterator[Any]:
        for first in range(0, amount, size):
            yield pd.DataFrame({"id": range(first, first + size), "text": [make_text(numbers) for _ in range(size)]})

    scored = 0
    with tqdm(total=amount, unit="text") as bar:
        for frame in score_partitions(frames()):
            assert frame["error"].isna().all()
            scored += len(frame)
            bar.update(len(frame))
            if scored // size % max(1, amount // size // PARTS) == 0:
                record()


def soak_server(minutes: float, rate: float) -> Dict[str, Any]:
    """Send requests of all kinds to a server for so many minutes; return what was sent, and the server's memory."""
    log: Dict[str, Any] = {}
    with run_server(OURS, log) as server:
        figures = asyncio.run(_send_all(server.port, server.process.pid, minutes, rate))
    return {**figures, "server exit code": log["exit code"]}


async def _send_all(port: int, pid: int, minutes: float, rate: float) -> Dict[str, Any]:
    """Send requests from eight clients, `rate` a second in all."""
    end = time.monotonic() + 60 * minutes
    counts: Dict[str, int] = {}
    memory: List[float] = []
    clients = 8

    async def watch() -> None:
        for part in range(1, PARTS + 1):
            await asyncio.sleep(max(0.0, end - 60 * minutes * (PARTS - part) / PARTS - time.monotonic()))
            memory.append(resident_memory(pid))

    async def client(seed: int) -> None:
        numbers = random.Random(seed)
        while time.monotonic() < end:
            kind = numbers.choice(list(_REQUESTS))
            with contextlib.suppress(ConnectionError):  # the server may close first after a bad request
                result = await _REQUESTS[kind](port, numbers)
                counts[f"{kind}: {result}"] = counts.get(f"{kind}: {result}", 0) + 1
            await asyncio.sleep(numbers.expovariate(rate / clients))

    await asyncio.gather(watch(), *(client(seed) for seed in range(clients)))
    return {
        "minutes": minutes,
        "requests": sum(counts.values()),
        "answers": dict(sorted(counts.items())),
        "MiB": memory,
    }


async def _post(port: int, body: bytes, read: bool = True, cut: int = 0) -> Any:
    """Send a request, the last `cut` bytes excepted; return the status and the answer, or leave without them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = (
            "POST /v1/sentiment HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n"
        )
        writer.write((f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)[: -cut or None])
        await writer.drain()
        if not read:
            return "left"
        answer = await reader.read()
        return int(answer.split(b" ", 2)[1]), answer.partition(b"\r\n\r\n")[2]
    finally:
        writer.close()


async def _one(port: int, numbers: random.Random, most: int = 40) -> str:
    """Ask for one text twice, alone and in a batch of others; the probabilities must agree."""
    texts = [make_text(numbers, most) for _ in range(numbers.randint(1, 30))]
    alone = await _post(port, json.dumps({"text": texts[0]}).encode())
    together = await _post(port, json.dumps({"texts": texts}).encode())
    if alone[0] != 200 or together[0] != 200:
        return f"{alone[0]} {together[0]}"
    probabilities = [json.loads(body)["results"][0]["positive"] for _, body in (alone, together)]
    return "200" if abs(probabilities[0] - probabilities[1]) <= TOLERANCE else "wrong"


async def _long(port: int, numbers: random.Random) -> str:
    return await _one(port, numbers, 2000)


async def _no_json(port: int, numbers: random.Random) -> str:
    return str((await _post(port, b"{" * numbers.randint(1, 5000)))[0])


async def _too_large(port: int, numbers: random.Random) -> str:
    return str((await _post(port, json.dumps({"text": "a" * 30_000}).encode()))[0])


async def _leaves(port: int, numbers: random.Random) -> str:
    """Disconnect before the answer, or before the whole body was sent."""
    body = json.dumps({"texts": [make_text(numbers) for _ in range(50)]}).encode()
    return str(await _post(port, body, read=False, cut=numbers.choice([0, 100])))


_REQUESTS = {"short": _one, "long": _long, "no JSON": _no_json, "too large": _too_large, "leaves": _leaves}


def run_here(name: str, amount: int) -> Dict[str, Any]:
    """Run `fit` or `score` in this process; return its memory after each part."""
    memory: List[float] = []
    start = time.perf_counter()
    {"fit": soak_fit, "score": soak_score}[name](amount, lambda: memory.append(resident_memory(os.getpid())))
    return {"amount": amount, "seconds": round(time.perf_counter() - start), "MiB": memory}


def main(arguments: Sequence[str]) -> None:
    """Run all, each in its own process, and write what was measured after each."""
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="of the server (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=6, help="clients' requests a second (default: %(default)s)")
    parser.add_argument("--fits", type=int, default=100, help="(default: %(default)s)")
    parser.add_argument("--texts", type=int, default=1_000_000, help="to score (default: %(default)s)")
    parser.add_argument("--only", action="append", choices=("fit", "score", "server"), help="can be repeated")
    parser.add_argument("--json", type=Path, help="file for the results as JSON; those of other runs in it are kept")
    parser.add_argument("--here", nargs=2, metavar=("NAME", "AMOUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.here:
        print(json.dumps(run_here(options.here[0], int(options.here[1]))))
        return
    results: Dict[str, Any] = read_json(options.json) if options.json and options.json.exists() else {}
    about = describe_run(shlex.join(["python", "-m", "scripts.soak", *arguments]))
    for name, amount in (("fit", options.fits), ("score", options.texts), ("server", options.minutes)):
        if options.only and name not in options.only:
            continue
        if name == "server":
            results[name] = soak_server(options.minutes, options.rate)
        else:
            command = [sys.executable, __file__, "--here", name, str(amount)]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
            with tempfile.TemporaryDirectory() as folder:
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=folder, env=environment)
            results[name] = json.loads(done.stdout.splitlines()[-1])
        results[name]["about"] = about
        print(f"{name}: {json.dumps(results[name])}", flush=True)
        if options.json:
            write_json(options.json, results)


if __name__ == "__main__":
    main(sys.argv[1:])
