"""The command ``serve``, with the network that comes with the package."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterator, Tuple

import pytest

pytest.importorskip("fastapi")

from pipeline.cli.main import main
from pipeline.server.limits import Limits
from pipeline.server.serve import listen

TEXTS = ["A great film, I loved it.", "Dull, badly acted and far too long."]


@pytest.fixture
def served() -> Iterator[Tuple[subprocess.Popen[str], int]]:
    """Run the command on a free port; yield its process and the port."""
    command = [sys.executable, "-m", "pipeline", "serve", "--port", "0", "--device", "cpu"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr
        try:
            assert process.stderr.readline() == "model: small (comes with the package)\n"
            line = process.stderr.readline()
            found = re.match(r"listening at http://127\.0\.0\.1:(\d+) ", line)
            assert found, line
            yield process, int(found[1])
        finally:
            process.kill()


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a test of wrong options from serving for ever if they are taken."""
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: pytest.fail("it serves"))


def ask(port: int, text: str) -> Tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/v1/sentiment", json.dumps({"text": text}), {"content-type": "application/json"})
    answer = connection.getresponse()
    content = json.loads(answer.read())
    connection.close()
    return answer.status, content["results"][0]["label"]


def test_serve_answers_and_ends_with_all_it_accepted(served: Tuple[subprocess.Popen[str], int]) -> None:
    process, port = served
    assert [ask(port, text) for text in TEXTS] == [(200, "positive"), (200, "negative")]
    with ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(ask, port, "great " * 2000) for _ in range(40)]
        while not any(answer.done() for answer in asked):
            pass
        process.send_signal(signal.SIGTERM)
        answers = [answer.exception() or answer.result() for answer in asked]
    assert all(answer == (200, "positive") for answer in answers if not isinstance(answer, ConnectionError)), answers
    assert process.wait(30) in (0, -signal.SIGTERM)
    assert process.stderr
    assert process.stderr.read() == ""  # no traceback


def test_serve_docs_examples_answer_as_shown(served: Tuple[subprocess.Popen[str], int]) -> None:
    docs = (Path(__file__).parents[2] / "docs/serve.md").read_text().replace("127.0.0.1:8000", f"127.0.0.1:{served[1]}")
    blocks = re.findall(r"```(\w+)\n(.*?)```", docs, re.DOTALL)
    programs = [code for kind, code in blocks if kind == "python"]
    assert [run(sys.executable, "-c", code) for code in programs] == ["positive\nnegative\n"]
    commands = [code for kind, code in blocks if "curl" in code]
    if not shutil.which("curl"):
        pytest.skip("no curl: apt install curl")
    many, _, health = (json.loads(run("bash", "-c", code)) for code in commands)
    (shown,) = (json.loads(code) for kind, code in blocks if kind == "json")
    assert health["model"] == "small (comes with the package)"
    assert [sorted(result) for result in many["results"]] == [sorted(result) for result in shown["results"]]
    assert (many["results"][0]["label"], many["results"][1]) == ("positive", shown["results"][1])


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def test_serve_stopped_by_ctrl_c_says_a_sentence(served: Tuple[subprocess.Popen[str], int]) -> None:
    process, _ = served
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert process.stderr
    assert process.stderr.read() == "stopped\n"


def test_answers_do_not_wait_until_the_client_acknowledges_their_head() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_serve_refuses_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: cannot listen at 127.0.0.1, port {port} ([Errno 98]")
    assert error.endswith("name others: --host, --port\n")


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--port", "70000"], "--port 70000: expected a number from 0 to 65535"),
        (["--host", "no.such.host.invalid"], "cannot listen at no.such.host.invalid, port 8000"),
        (["--port", "0", "--texts", "0"], "texts 0: expected 1 or more texts in a request"),
        (["--port", "0", "--texts", "9", "--waiting", "8"], "texts 9: a request could never be taken"),
        (["--port", "0", "--model", "nowhere"], "nowhere: no bundle there"),
    ],
)
def test_serve_refuses_wrong_options(capsys: pytest.CaptureFixture[str], options: list[str], message: str) -> None:
    assert main(["serve", *options]) == 2
    assert message in capsys.readouterr().err


def test_serve_says_who_can_ask(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--host", "0.0.0.0", "--port", "0", "--model", "nowhere"]) == 2
    assert (
        "note: anyone who can reach this machine at 0.0.0.0 can send requests; there is no password"
        in capsys.readouterr().err
    )
    assert main(["serve", "--port", "0", "--model", "nowhere"]) == 2
    assert "note" not in capsys.readouterr().err


def test_serve_without_fastapi_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve", "--port", "0"]) == 2
    assert 'pip install ".[serve]"' in capsys.readouterr().err


def test_limits_are_what_the_docs_say() -> None:
    assert (Limits().characters, Limits().texts, Limits().body) == (20_000, 256, 4 * 2**20)
