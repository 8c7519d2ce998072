"""The HTTP interface, asked over a socket."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, Callable, Iterator, Optional

import pytest

pytest.importorskip("fastapi")

from pipeline.errors import PipelineError
from pipeline.explanation.attributed_text import AttributedText
from pipeline.model.predictor import Prediction, Rating
from tests.server.serving import UNKNOWN, Classifier, Explainer, Running, serving

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


def test_app_is_unsure_of_a_text_without_a_known_word(server: Running) -> None:
    unsure = {
        "label": "unsure", "probability": 0.5, "positive": 0.5, "words": 1, "unknown": 1.0, "cut": False,
        "message": "Not sure: no word that the network knows",
    }  # fmt: skip
    assert server.post("/v1/sentiment", {"text": UNKNOWN}) == (200, {"results": [unsure]})
    assert server.post("/v1/sentiment", {"texts": ["good film", UNKNOWN]}) == (200, {"results": [GOOD, unsure]})


def test_app_explains_with_a_network_that_does_not_know_the_first_word_it_is_asked() -> None:
    class Foreign(Explainer):
        def explain(self, text: str, target: Optional[str] = None) -> Any:
            if text == "good":
                raise PipelineError("text: no words in it that the network knows (found 'good')")
            return super().explain(text, target)

    with serving(Foreign()) as server:
        assert server.ask("GET", "/health")[1]["explains"]
        assert server.post("/v1/explain", {"text": "good film"})[0] == 200


def test_app_explains_a_text(server: Running) -> None:
    status, answer = server.post("/v1/explain", {"text": "a good film"})
    assert status == 200
    assert answer["words"] == ["a", "good", "film"]
    assert answer["offsets"] == [[0, 1], [2, 6], [7, 11]]
    assert (answer["attributions"], answer["logit"], answer["label"]) == ([-0.5, 2.0, -0.5], 1.0, "positive")


def test_app_explains_the_class_that_is_asked_for(server: Running) -> None:
    answer = server.post("/v1/explain", {"text": "a good film", "target": "negative"})[1]
    assert (answer["target"], answer["other"], answer["label"]) == ("negative", "positive", "positive")
    assert server.post("/v1/explain", {"text": "good", "target": None})[1]["target"] == "positive"
    expected = {"error": "target: Input should be 'negative' or 'positive'"}
    for other in ("", "Negative", "sport", 1):
        assert server.post("/v1/explain", {"text": "good", "target": other}) == (422, expected), other
    (body,) = server.ask("GET", "/openapi.json")[1]["paths"]["/v1/explain"]["post"]["requestBody"]["content"].values()
    assert body["schema"]["properties"]["target"]["anyOf"][0]["enum"] == ["negative", "positive"]


def test_app_says_that_a_model_cannot_explain() -> None:
    with serving(Classifier()) as server:
        message = "this model predicts, but cannot explain its predictions"
        assert server.post("/v1/explain", {"text": "good"}) == (501, {"error": message})
        assert not server.ask("GET", "/health")[1]["explains"]


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/v1/sentiment", {"text": " "}, 422, "no word in this text"),
        ("/v1/explain", {"text": ""}, 422, "no word in this text that the network knows"),
        ("/v1/explain", {"text": UNKNOWN}, 422, "no word in this text that the network knows"),
        ("/v1/sentiment", {"text": "x" * 101}, 422, "text: String should have at most 100 characters"),
        ("/v1/sentiment", {"texts": ["a", "x" * 101]}, 422, "texts.1: String should have at most 100 characters"),
        ("/v1/sentiment", {"texts": list("abcd")}, 422, "texts: List should have at most 3 items"),
        ("/v1/sentiment", {"texts": ["a", None]}, 422, "texts.1: Input should be a valid string"),
        ("/v1/sentiment", {"texts": "abc"}, 422, "texts: Input should be a valid array"),
        ("/v1/sentiment", {"text": "a", "texts": ["b"]}, 422, 'expected an object with "text" or "texts"'),
        ("/v1/sentiment", {}, 422, 'expected an object with "text" or "texts"'),
        ("/v1/sentiment", ["text"], 422, 'expected an object with "text" or "texts"'),
        ("/v1/explain", {"texts": ["a"]}, 422, "text: Field required"),
        ("/v1/sentiment", {"text": "x" * 2000}, 413, "the request is too large: at most 2,000 bytes are accepted"),
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


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"text": "\xe9"}', b'{"text": "\\ud800"}', b'{"text": NaN}', b"[" * 1900]
)
def test_app_refuses_what_is_not_json(server: Running, body: bytes) -> None:
    status, answer, _ = server.ask("POST", "/v1/sentiment", body, JSON)
    assert (status, list(answer)) == (422, ["error"])


def test_app_takes_a_byte_order_mark(server: Running) -> None:
    """RFC 8259, 8.1: whoever reads JSON may pass over one."""
    body = json.dumps({"text": "good film"}).encode("utf-8-sig")
    assert server.ask("POST", "/v1/sentiment", body, JSON)[:2] == (200, {"results": [GOOD]})
    status, answer, _ = server.ask("POST", "/v1/sentiment", b"\xef\xbb\xbf" + body, JSON)
    assert (status, list(answer)) == (422, ["error"])


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("utf-32", "UTF-32"),
        ("utf-32-be", "UTF-32-BE"),
    ],
)
def test_app_takes_utf_8_alone(server: Running, encoding: str, name: str) -> None:
    body = json.dumps({"text": "good film"}).encode(encoding)
    message = f"expected JSON in UTF-8: this looks like {name}"
    assert server.ask("POST", "/v1/sentiment", body, JSON)[:2] == (415, {"error": message})


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


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ("content-length: -1", 400, "Invalid HTTP request received."),
        ("content-length: two", 400, "Invalid HTTP request received."),
        ("content-length: 1e1", 400, "Invalid HTTP request received."),
        ("content-length: \xb2", 400, "Invalid HTTP request received."),
        ("content-length: " + "9" * 5000, 400, "Invalid HTTP request received."),
        ("content-length: " + "9" * 19, 413, "the request is too large: at most 2,000 bytes are accepted"),
        ("content-length: 2\r\ncontent-length: 3", 400, "Invalid HTTP request received."),
        ("transfer-encoding: gzip, chunked", 400, "Invalid HTTP request received."),
        ("host: y", 400, "Invalid HTTP request received."),
        ("no colon", 400, "Invalid HTTP request received."),
        ("content-length: 0", 422, "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("x: y", 422, "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("transfer-encoding: chunked\r\n\r\n0", 422, "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("transfer-encoding: chunked\r\n\r\nno size", 400, "Invalid HTTP request received."),
        ("content-type: application/json", 415, "expected JSON: say content-type: application/json"),
        ("content-type: text/plain", 415, "expected JSON: say content-type: application/json"),
        ("content-encoding: gzip", 415, "expected a body that is not compressed: send no content-encoding"),
    ],
)
def test_app_refuses_odd_requests_in_json(
    server: Running, caplog: pytest.LogCaptureFixture, headers: str, status: int, message: str
) -> None:
    with logged(caplog):
        answer = exchange(server, HEAD + b"connection: close\r\n" + headers.encode("latin-1") + b"\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"error": message}
    assert b"content-type: application/json\r\n" in answer
    assert not any(record.exc_info for record in caplog.records)


@pytest.mark.parametrize("charset", ["latin-1", "UTF-16", '"windows-1252"', "nonsense", ""])
def test_app_refuses_other_charsets(server: Running, charset: str) -> None:
    kind = f"application/json; charset={charset}"
    status, answer, _ = server.ask("POST", "/v1/sentiment", b'{"text": "a"}', {"content-type": kind})
    said = charset.lower().strip('"')
    assert (status, answer) == (415, {"error": f"expected JSON in UTF-8: content-type says charset={said}"})


@contextlib.contextmanager
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Catch what uvicorn logs, and what the server does at level debug."""
    caplog.set_level(logging.DEBUG, "pipeline")
    logging.getLogger("uvicorn").addHandler(caplog.handler)
    try:
        yield
    finally:
        logging.getLogger("uvicorn").removeHandler(caplog.handler)


def wait_for(condition: Callable[[], Any]) -> None:
    """Wait until it holds, for 10 seconds at most."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_app_notes_a_client_that_leaves_while_it_sends_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with serving(Classifier(), requests=1) as server, logged(caplog):
        for parts in (
            [HEAD + b"content-length: 1000\r\n\r\n", b'{"text": "'],
            [HEAD + b"content-length: 1000\r\n\r\n"],
            [HEAD + b"transfer-encoding: chunked\r\n\r\n", b'a\r\n{"text": "\r\n'],
            [HEAD + b"transfer-encoding: chunked\r\n\r\n", b'a\r\n{"te'],
        ):
            caplog.clear()
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                for part in parts:
                    connection.sendall(part)
            wait_for(lambda: not server.server.server_state.tasks and caplog.records)
            (record,) = caplog.records
            assert (record.levelname, record.exc_info) == ("DEBUG", None)
            assert record.getMessage() == "POST '/v1/sentiment': the client left before it had sent everything"
            assert server.post("/v1/sentiment", {"text": "good film"}) == (200, {"results": [GOOD]})


@pytest.mark.parametrize("path", [b"sentiment", b"explain"])
def test_app_says_nothing_of_a_client_that_leaves_before_its_answer(
    caplog: pytest.LogCaptureFixture, path: bytes
) -> None:
    classifier = Explainer()
    with serving(classifier, requests=1) as server, logged(caplog):
        classifier.go_on.clear()
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            body = b'{"text": "good film"}'
            connection.sendall(HEAD.replace(b"sentiment", path) + b"content-length: %d\r\n\r\n" % len(body) + body)
            assert classifier.started.wait(10)
        wait_for(lambda: not server.server.server_state.connections)
        classifier.go_on.set()
        wait_for(lambda: not server.server.server_state.tasks)
        assert server.post("/v1/sentiment", {"text": "good film"}) == (200, {"results": [GOOD]})
        assert caplog.records == []


@pytest.mark.parametrize("path", [b"sentiment", b"explain"])
def test_app_computes_nothing_for_clients_that_have_left(path: bytes) -> None:
    classifier = Explainer()
    with serving(classifier, batch=1, texts=1, waiting=4) as server, ThreadPoolExecutor(1) as pool:
        classifier.go_on.clear()
        first = pool.submit(server.post, "/v1/sentiment", {"text": "good film"})
        assert classifier.started.wait(10)
        body = b'{"text": "nobody waits"}'
        request = HEAD.replace(b"sentiment", path) + b"content-length: %d\r\n\r\n" % len(body) + body
        for _ in range(3):  # more than may wait, were they still waiting
            connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(4)]
            for connection in connections:
                connection.sendall(request)
            wait_for(lambda: len(server.server.server_state.tasks) == 5)
            for connection in connections:
                connection.close()
            wait_for(lambda: len(server.server.server_state.tasks) == 1)
        classifier.go_on.set()
        assert first.result(10) == (200, {"results": [GOOD]})
        assert server.post("/v1/sentiment", {"text": "good film"}) == (200, {"results": [GOOD]})
    assert classifier.batches == [["good film"]] * 2


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize(
    "path", ["/v1/sentiment/", "/v1/explain/", "/health/", "/docs/", "/openapi.json/", "/static", "//there.example/"]
)
def test_app_redirects_nobody(server: Running, method: str, path: str) -> None:
    body, headers = b'{"text": "good film"}', {"host": "there.example", "x-forwarded-host": "there.example", **JSON}
    status, answer, found = server.ask(method, path, body, headers)
    assert (status, answer) == (404, b"" if method == "HEAD" else {"error": "Not Found"})
    assert "location" not in found


@pytest.mark.parametrize("path", ["/", "/docs", "/health", "/openapi.json", "/static/style.css"])
def test_app_repeats_no_name_of_a_host(server: Running, path: str) -> None:
    headers = "host: there.example\r\nx-forwarded-host: there.example\r\nx-forwarded-proto: https\r\n"
    answer = exchange(server, f"GET {path} HTTP/1.1\r\n{headers}connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"there.example" not in answer


@pytest.mark.parametrize("path", ["/", "/docs", "/health", "/static/style.css"])
def test_app_answers_head_as_get_without_a_body(server: Running, path: str) -> None:
    status, content, headers = server.ask("HEAD", path)
    assert (status, content) == (200, b"")
    assert headers["content-length"] == server.ask("GET", path)[2]["content-length"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/v1/sentiment", ["POST"]),
        ("GET", "/v1/explain", ["POST"]),
        ("POST", "/health", ["GET"]),
        ("TRACE", "/docs", ["GET", "HEAD"]),
    ],
)
def test_app_says_which_methods_it_takes(server: Running, method: str, path: str, allowed: list[str]) -> None:
    status, answer, headers = server.ask(method, path)
    assert (status, answer) == (405, {"error": "Method Not Allowed"})
    assert sorted(headers["allow"].split(", ")) == allowed


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
    assert health["classes"] == ["negative", "positive"]
    assert health["limits"]["characters"] == 100


def test_app_describes_itself_with_its_limits(server: Running) -> None:
    _, description, _ = server.ask("GET", "/openapi.json")
    assert sorted(description["paths"]) == ["/health", "/v1/explain", "/v1/sentiment"]
    body = description["paths"]["/v1/sentiment"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    one, many = body["oneOf"]
    assert one["properties"]["text"]["maxLength"] == 100
    assert many["properties"]["texts"]["maxItems"] == 3
    schemas = description["components"]["schemas"]
    assert schemas["SentimentResponse"]["properties"]["label"]["enum"] == ["positive", "negative", "unsure"]
    assert schemas["PredictionResponse"]["properties"]["label"]["type"] == "string"
    fields = {field.name for field in dataclasses.fields(AttributedText)}
    assert set(schemas["ExplanationResponse"]["properties"]) == fields


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


@pytest.mark.parametrize("body", [{"text": "good film"}, {"texts": ["good film"]}])
def test_app_is_unsure_below_the_threshold(server: Running, body: dict[str, Any]) -> None:
    assert server.post("/v1/sentiment", {**body, "threshold": 0.9}) == (200, {"results": [GOOD]})
    unsure = {**GOOD, "label": "unsure", "message": "Not sure"}
    assert server.post("/v1/sentiment", {**body, "threshold": 0.95}) == (200, {"results": [unsure]})
    assert server.post("/v1/sentiment", {**body, "threshold": 1})[0] == 200
    for threshold in (-0.1, 1.1, True, "0.8"):
        assert server.post("/v1/sentiment", {**body, "threshold": threshold})[0] == 422
    assert server.post("/v1/explain", {**body, "threshold": 0.95})[0] == 422


class Topics(Classifier):
    """Finds the topic of a text."""

    def try_infer(self, texts: list[str]) -> Any:
        super().try_infer(texts)
        return [Prediction("World", 0.75, {"Sports": 0.25, "World": 0.75}, 2, 0.0, False) for _ in texts]


def test_app_answers_with_the_probabilities_of_other_classes() -> None:
    expected = {
        "label": "World",
        "probability": 0.75,
        "probabilities": {"Sports": 0.25, "World": 0.75},
        "words": 2,
        "unknown": 0.0,
        "cut": False,
        "message": "World",
    }
    with serving(Topics()) as running:
        assert running.post("/v1/sentiment", {"text": "an election"}) == (200, {"results": [expected]})
        unsure = {**expected, "label": "unsure", "message": "Not sure"}
        assert running.post("/v1/sentiment", {"text": "an election", "threshold": 0.8}) == (200, {"results": [unsure]})


class Stars(Classifier):
    """Finds the stars of a text."""

    def try_infer(self, texts: list[str]) -> Any:
        super().try_infer(texts)
        return [Rating("4", 0.25, {"1": 0.4, "4": 0.25, "10": 0.35}, 2, 0.0, False) for _ in texts]


def test_app_answers_of_how_many_stars() -> None:
    with serving(Stars()) as running:
        status, answer = running.post("/v1/sentiment", {"text": "not bad"})
    (found,) = answer["results"]
    assert (status, found["label"], found["message"]) == (200, "4", "4 of 10")
    assert (found["probability"], found["probabilities"]) == (0.25, {"1": 0.4, "4": 0.25, "10": 0.35})
