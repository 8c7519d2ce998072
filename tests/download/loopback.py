"""A web server on 127.0.0.1 that simulates broken connections, timeouts, errors and missing Range support."""

from __future__ import annotations

import contextlib
import http.server
import threading
from typing import Iterator


class Server(http.server.ThreadingHTTPServer):
    """Files to serve, failures to simulate, and the requests received."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.files: dict[str, bytes] = {}
        self.ranges = True  # answer Range requests
        self.refusals: list[int] = []  # status codes of the next responses
        self.cuts: list[int] = []  # the next responses end before this byte of the file
        self.silent = False  # after a cut, keep the connection open without sending
        self.released = threading.Event()
        self.requests: list[tuple[str, str | None]] = []  # path, Range header
        self.sent = 0  # bytes of content


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, byte_range = self.server, self.headers.get("Range")
        server.requests.append((self.path, byte_range))
        body = server.files.get(self.path, b"")
        start = int(byte_range[len("bytes=") : -1]) if byte_range and server.ranges else 0
        if server.refusals:
            return self.send_error(server.refusals.pop(0))
        if self.path not in server.files:
            return self.send_error(404)
        if start and start >= len(body):
            return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        cut = server.cuts.pop(0) if server.cuts else None
        server.sent += len(body[start:cut])
        self.wfile.write(body[start:cut])
        if cut is not None and server.silent:
            server.released.wait(10)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
