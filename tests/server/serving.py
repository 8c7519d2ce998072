"""A server on 127.0.0.1, with a classifier that needs no network and does as it is told."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import uvicorn

from pipeline.errors import PipelineError
from pipeline.model.predictor import Sentiment
from pipeline.server.app import create_app
from pipeline.server.limits import Limits
from pipeline.server.serve import make_server

UNKNOWN = "\u597d\u7535\u5f71"


class Classifier:
    """Calls a text with "good" in it positive, is unsure of Chinese, and remembers what it was asked together."""

    classes: Sequence[str] = ("negative", "positive")

    def __init__(self) -> None:
        self.batches: List[List[str]] = []
        self.started, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def try_infer(self, texts: List[str]) -> List[Optional[Sentiment]]:
        if any("crash" in text for text in texts):
            raise RuntimeError("secret of the engine")
        self.started.set()
        self.go_on.wait(10)
        self.batches.append(list(texts))
        return [answer(text) if text.split() else None for text in texts]


def answer(text: str) -> Sentiment:
    if text == UNKNOWN:
        return Sentiment("unsure", 0.5, {"negative": 0.5, "positive": 0.5}, 1, 1.0, False)
    if "good" in text:
        return Sentiment("positive", 0.9, {"negative": 0.1, "positive": 0.9}, len(text.split()), 0.5, False)
    return Sentiment("negative", 0.75, {"negative": 0.75, "positive": 0.25}, len(text.split()), 0.0, len(text) > 1000)


@dataclass
class Explanation:
    fields: Dict[str, Any]

    def to_dict(self) -> Dict[str, Any]:
        return self.fields


class Explainer(Classifier):
    """Explains too: every "good" adds 2, every other word takes 0.5."""

    def explain(self, text: str, target: Optional[str] = None) -> Explanation:
        if text == UNKNOWN or self.try_infer([text]) == [None]:
            raise PipelineError("text 0: no words in it; see /home/secret")
        words, offsets, start = text.split(), [], 0
        for word in words:
            start = text.index(word, start)
            offsets.append((start, start + len(word)))
            start += len(word)
        attributions = [2.0 if word == "good" else -0.5 for word in words]
        logit = sum(attributions)
        probabilities = [1 / (1 + 2.718281828 ** -sum(attributions[:end])) for end in range(1, len(words) + 1)]
        return Explanation(
            {
                "words": words,
                "attributions": attributions,
                "offsets": offsets,
                "logit": logit,
                "baseline_logit": 0.0,
                "prefix_probabilities": probabilities,
                "target_probability": probabilities[-1],
                "label": "positive" if logit > 0 else "negative",
                "probability": max(probabilities[-1], 1 - probabilities[-1]),
                "text": text,
                "target": target or "positive",
                "other": "positive" if target == "negative" else "negative",
                "known": [True] * len(words),
                "other_attributions": {},
                "residual": 0.0,
                "num_unread": 0,
            }
        )


@dataclass
class Running:
    """A running server."""

    port: int
    server: uvicorn.Server
    thread: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: Any = None, headers: Optional[Dict[str, str]] = None
    ) -> Tuple[int, Any, http.client.HTTPMessage]:
        """Return an answer's status, its JSON (or its bytes), and its headers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
        if content and (answer.getheader("content-type") or "").startswith("application/json"):
            return answer.status, json.loads(content), answer.headers
        return answer.status, content, answer.headers

    def post(self, path: str, value: Any) -> Tuple[int, Any]:
        return self.ask("POST", path, json.dumps(value), {"content-type": "application/json"})[:2]


@contextlib.contextmanager
def serving(classifier: Classifier, **limits: int) -> Iterator[Running]:
    """Run a server in a thread."""
    allowed = Limits(**limits)
    listening = socket.create_server(("127.0.0.1", 0))
    server = make_server(create_app(classifier, allowed, "fake", getattr(classifier, "explain", None)), allowed, "")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    classifier.batches.clear()  # the server has tried it
    classifier.started.clear()
    try:
        yield Running(listening.getsockname()[1], server, thread)
    finally:
        classifier.go_on.set()
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
