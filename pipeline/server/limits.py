"""The server's limits, and the middleware that checks each request against them before anything else."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, field, fields
from typing import Any, Awaitable, Callable, Dict, List, MutableMapping

from pipeline.errors import PipelineError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


BUSY = "too much to do just now: try again in a second"

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """Limits on requests and on the queue; the help texts are shown by the command line."""

    characters: int = field(default=20_000, metadata={"help": "characters in a text"})
    texts: int = field(default=256, metadata={"help": "texts in a request"})
    body: int = field(default=4 * 2**20, metadata={"help": "bytes in a request's body"})
    requests: int = field(default=256, metadata={"help": "concurrent requests; more get status 503"})
    batch: int = field(default=64, metadata={"help": "texts of several requests in one batch"})
    waiting: int = field(default=1024, metadata={"help": "texts in the queue; more get status 503"})
    seconds: int = field(default=30, metadata={"help": "seconds until a request times out"})

    def __post_init__(self) -> None:
        for one in fields(self):
            if getattr(self, one.name) < 1:
                raise PipelineError(f"{one.name} {getattr(self, one.name)}: expected 1 or more {one.metadata['help']}")
        if self.texts > self.waiting:
            raise PipelineError(f"texts {self.texts}: a request could never be taken, as only {self.waiting} may wait")


class Refused(Exception):
    """A request that is refused.

    Parameters
    ----------
    status : int
        The HTTP status, 400 or more.
    message : str
        Shown to the client.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.headers = {"retry-after": "1"} if status == 503 else {}


class _ClientLeft(Exception):
    """The client has closed the connection."""


class Guard:
    """ASGI middleware that reads the body, within the limits of size and time, and adds headers to the response.

    Parameters
    ----------
    app : ASGI application
    limits : Limits
    """

    def __init__(self, app: Callable[[Any, Receive, Send], Awaitable[None]], limits: Limits) -> None:
        self.app, self.limits = app, limits
        self._requests = 0

    async def __call__(self, scope: Dict[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        self._requests += 1
        try:
            await self._answer(scope, receive, _with_headers(send))
        finally:
            self._requests -= 1

    async def _answer(self, scope: Dict[str, Any], receive: Receive, send: Send) -> None:
        try:
            if self._requests > self.limits.requests:
                raise Refused(503, BUSY)
            messages = await asyncio.wait_for(self._read(scope, receive), self.limits.seconds)
        except _ClientLeft:
            return _LOGGER.debug("%s %r: the client left before it had sent everything", scope["method"], scope["path"])
        except Refused as refusal:
            return await _refuse(send, refusal)
        except asyncio.TimeoutError:
            return await _refuse(send, Refused(408, f"the request took longer than {self.limits.seconds} seconds"))
        messages.reverse()

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._run(scope, receive, replay, send)

    async def _run(self, scope: Dict[str, Any], receive: Receive, replay: Receive, send: Send) -> None:
        """Run the application, and cancel it if the client leaves before the response: nobody would read it."""
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        running = asyncio.ensure_future(self.app(scope, replay, note_start))
        leaving = asyncio.ensure_future(_wait_for_disconnect(receive))
        try:
            await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if started or running.done():
                await running
        finally:
            running.cancel()
            leaving.cancel()
            await asyncio.gather(running, leaving, return_exceptions=True)

    async def _read(self, scope: Dict[str, Any], receive: Receive) -> List[Message]:
        """Return all messages of a request's body; what content-length says is trusted only if it is too large."""
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        self._check(int(announced) if announced.isdigit() else 0)
        messages: List[Message] = []
        read = 0
        while not messages or messages[-1].get("more_body"):
            messages.append(await receive())
            if messages[-1]["type"] == "http.disconnect":
                raise _ClientLeft
            read += len(messages[-1].get("body", b""))
            self._check(read)
        return messages

    def _check(self, size: int) -> None:
        if size > self.limits.body:
            raise Refused(413, f"the request is too large: at most {self.limits.body:,} bytes are accepted")


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", []), *added]}
        await send(message)

    return send_with_headers


async def _refuse(send: Send, refusal: Refused) -> None:
    body = json.dumps({"error": refusal.message}).encode()
    headers = [
        *((name.encode(), value.encode()) for name, value in refusal.headers.items()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # the rest of the body is not read
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
