"""The HTTP interface, asked over a socket."""

from __future__ import annotations

import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Iterator

import pytest

pytest.importorskip("fastapi")

from tests.server.serving import Classifier, Explainer, Running, serving

JSON = {"content-type": "application/json"}
GOOD = {
    "label": "positive",
    "probability": 0.9,
    "positive": 0.9,
    "words": 2,
    "unknown": 0.5,
    "cut": False,
    "message": "Glad you liked it!",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving(Explainer(), characters=100, texts=3, body=2000) as running:
        yield running


def test_app_answers_one_text(server: Running) -> None:
    assert server.post("/v1/sentiment", {"text": "good film"}) == (200, {"results": [GOOD]})


def test_app_answers_many_texts_in_order_and_one_without_a_word_by_an_error(server: Running) -> None:
    status, answer = server.post("/v1/sentiment", {"texts": ["good film", " ", "bad"]})
    assert status == 200
    assert answer["results"][:2] == [GOOD, {"error": "no word in this text"}]
    assert answer["results"][2]["message"] == "Sorry you didn't like it"
    assert server.post("/v1/sentiment", {"texts": []}) == (200, {"results": []})


def test_app_explains_a_text(server: Running) -> None:
    status, answer = server.post("/v1/explain", {"text": "a good film"})
    assert status == 200
    assert answer["words"] == ["a", "good", "film"]
    assert answer["spans"] == [[0, 1], [2, 6], [7, 11]]
    assert (answer["added"], answer["score"], answer["label"]) == ([-0.5, 2.0, -0.5], 1.0, "positive")


def test_app_says_that_a_model_cannot_explain() -> None:
    with serving(Classifier()) as server:
        message = "this model gives answers, but cannot explain them"
        assert server.post("/v1/explain", {"text": "good"}) == (501, {"error": message})
        assert not server.ask("GET", "/health")[1]["explains"]


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/v1/sentiment", {"text": " "}, 422, "no word in this text"),
        ("/v1/explain", {"text": ""}, 422, "no word in this text"),
        ("/v1/sentiment", {"text": "x" * 101}, 422, "text: String should have at most 100 characters"),
        ("/v1/sentiment", {"texts": ["a", "x" * 101]}, 422, "texts.1: String should have at most 100 characters"),
        ("/v1/sentiment", {"texts": list("abcd")}, 422, "texts: List should have at most 3 items"),
        ("/v1/sentiment", {"texts": ["a", None]}, 422, "texts.1: Input should be a valid string"),
        ("/v1/sentiment", {"texts": "abc"}, 422, "texts: Input should be a valid array"),
        ("/v1/sentiment", {"text": "a", "texts": ["b"]}, 422, "text: Extra inputs are not permitted"),
        ("/v1/sentiment", {}, 422, "text: Field required"),
        ("/v1/sentiment", ["text"], 422, "Input should be"),
        ("/v1/explain", {"texts": ["a"]}, 422, "text: Field required"),
        ("/v1/sentiment", {"text": "x" * 2000}, 413, "the request is too large: at most 2,000 bytes are taken"),
        ("/v1/nothing", {"text": "a"}, 404, "Not Found"),
        ("/health", {"text": "a"}, 405, "Method Not Allowed"),
    ],
)
def test_app_refuses_what_is_too_much_or_wrong(
    server: Running, path: str, body: Any, status: int, message: str
) -> None:
    found, answer = server.post(path, body)
    assert found == status
    assert list(answer) == ["error"]
    assert answer["error"].startswith(message)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": NaN}', b"[" * 1900])
def test_app_refuses_what_is_not_json(server: Running, body: bytes) -> None:
    status, answer, _ = server.ask("POST", "/v1/sentiment", body, JSON)
    assert (status, list(answer)) == (422, ["error"])


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_app_takes_json_alone(server: Running, kind: str) -> None:
    status, answer, _ = server.ask("POST", "/v1/sentiment", b'{"text": "a"}', {"content-type": kind})
    assert (status, answer) == (415, {"error": "expected JSON: say content-type: application/json"})
    assert (
        server.ask("POST", "/v1/sentiment", b'{"text": "a"}', {"content-type": "Application/JSON; charset=utf-8"})[0]
        == 200
    )


def exchange(server: Running, *parts: bytes) -> bytes:
    """Send raw bytes, and return all that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        while True:
            block = connection.recv(65536)
            if not block:
                return answer
            answer += block


HEAD = b"POST /v1/sentiment HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def test_app_refuses_a_large_body_before_it_is_sent(server: Running) -> None:
    answer = exchange(server, HEAD + b"content-length: 1000000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer


def test_app_refuses_a_large_body_of_unknown_length_without_waiting_for_its_end(server: Running) -> None:
    chunk = b"400\r\n" + b"x" * 0x400 + b"\r\n"
    assert exchange(server, HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk, chunk).startswith(b"HTTP/1.1 413 ")


def test_app_gives_up_a_body_that_does_not_come() -> None:
    with serving(Classifier(), seconds=1) as server:
        answer = exchange(server, HEAD + b'content-length: 20\r\n\r\n{"text"')
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the request took longer than 1 seconds" in answer


def test_app_survives_a_caller_that_hangs_up(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(HEAD + b'content-length: 20\r\n\r\n{"text"')
    assert server.post("/v1/sentiment", {"text": "good film"})[0] == 200


def test_app_hides_what_went_wrong_inside() -> None:
    with serving(Explainer()) as server:
        for path in ("/v1/sentiment", "/v1/explain"):
            status, answer, _ = server.ask("POST", path, json.dumps({"text": "crash"}), JSON)
            assert (status, answer) == (500, {"error": "the server failed at this request; its log says why"})
        assert server.post("/v1/sentiment", {"text": "good film"})[0] == 200


def test_app_answers_together_what_arrives_meanwhile_and_turns_away_what_has_no_room() -> None:
    classifier = Classifier()
    with serving(classifier, texts=2, waiting=3) as server, ThreadPoolExecutor(5) as pool:
        classifier.go_on.clear()
        first = pool.submit(server.post, "/v1/sentiment", {"text": "good film"})
        assert classifier.started.wait(10)
        others = [pool.submit(server.post, "/v1/sentiment", {"text": f"text {number}"}) for number in range(4)]
        assert next(as_completed(others, 10)).result() == (
            503,
            {"error": "too much to do just now: try again in a second"},
        )
        assert server.ask("POST", "/v1/sentiment", b'{"text": "a"}', JSON)[2]["retry-after"] == "1"
        classifier.go_on.set()
        assert first.result(10)[0] == 200
        assert sorted(other.result(10)[0] for other in others) == [200, 200, 200, 503]
    assert [len(batch) for batch in classifier.batches] == [1, 3]


def test_app_gives_up_waiting_for_the_engine() -> None:
    classifier = Classifier()
    with serving(classifier, seconds=1) as server:
        classifier.go_on.clear()
        assert server.post("/v1/sentiment", {"text": "good"})[0] == 503


def test_app_turns_away_more_requests_than_it_may_hold() -> None:
    classifier = Classifier()
    with serving(classifier, requests=1) as server, ThreadPoolExecutor(1) as pool:
        classifier.go_on.clear()
        first = pool.submit(server.post, "/v1/sentiment", {"text": "good film"})
        assert classifier.started.wait(10)
        assert server.ask("GET", "/health")[0] == 503
        classifier.go_on.set()
        assert first.result(10)[0] == 200
        assert server.ask("GET", "/health")[0] == 200


def test_app_stopped_answers_what_it_has_accepted() -> None:
    classifier = Classifier()
    with serving(classifier, batch=1) as server, ThreadPoolExecutor(8) as pool:
        classifier.go_on.clear()
        asked = [pool.submit(server.post, "/v1/sentiment", {"text": "good film"}) for _ in range(8)]
        assert classifier.started.wait(10)
        while len(server.server.server_state.tasks) < 8:
            pass
        server.server.should_exit = True
        threading.Timer(0.3, classifier.go_on.set).start()
        assert [answer.result(10) for answer in asked] == [(200, {"results": [GOOD]})] * 8
        server.thread.join(10)
        with pytest.raises(ConnectionRefusedError):
            server.post("/v1/sentiment", {"text": "good film"})


def test_app_runs_the_engine_in_one_thread() -> None:
    seen = set()

    class Watched(Explainer):
        def try_infer(self, texts: Any) -> Any:
            seen.add(threading.get_ident())
            return super().try_infer(texts)

    with serving(Watched()) as server, ThreadPoolExecutor(8) as pool:
        paths = ["/v1/sentiment", "/v1/explain"] * 20
        assert {status for status, _ in pool.map(lambda path: server.post(path, {"text": "good"}), paths)} == {200}
    assert len(seen) == 1


def test_app_says_how_it_is(server: Running) -> None:
    status, health, _ = server.ask("GET", "/health")
    assert status == 200
    assert (health["ready"], health["model"], health["explains"]) == (True, "fake", True)
    assert health["limits"]["characters"] == 100


def test_app_describes_itself_with_its_limits(server: Running) -> None:
    _, description, _ = server.ask("GET", "/openapi.json")
    assert sorted(description["paths"]) == ["/health", "/v1/explain", "/v1/sentiment"]
    body = description["paths"]["/v1/sentiment"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    one, many = body["oneOf"]
    assert one["properties"]["text"]["maxLength"] == 100
    assert many["properties"]["texts"]["maxItems"] == 3


@pytest.mark.parametrize("path", ["/", "/docs", "/static/style.css", "/static/script.js", "/static/icon.svg"])
def test_app_serves_its_pages_with_nothing_from_elsewhere(server: Running, path: str) -> None:
    status, content, headers = server.ask("GET", path)
    assert status == 200
    addresses = set(re.findall(rb"(?:https?:)?//[\w.-]+\.\w+[\w./]*", content))
    assert addresses <= {b"http://www.w3.org/2000/svg"}  # a name, not an address
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/static/", "/static/../app.py", "/static/%2e%2e/app.py", "/static/%00", "/static/x"])
def test_app_serves_nothing_else(server: Running, path: str) -> None:
    assert server.ask("GET", path)[:2] == (404, {"error": "Not Found"})
