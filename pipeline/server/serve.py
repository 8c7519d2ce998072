"""Run the web application: open the port, start the server and stop it."""

from __future__ import annotations

import ipaddress
import json
import socket
import sys
from typing import TYPE_CHECKING, Any, List, Optional

from pipeline.errors import PipelineError
from pipeline.server.limits import Limits

if TYPE_CHECKING:
    import uvicorn


def make_server(app: Any, limits: Limits, greeting: str) -> uvicorn.Server:
    """Return a server that prints a line to standard error once it is ready; from then on it also stops cleanly."""
    import h11
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Server(uvicorn.Server):
        async def startup(self, sockets: Optional[List[socket.socket]] = None) -> None:
            await super().startup(sockets)
            print(greeting, file=sys.stderr, flush=True)

    class Protocol(H11Protocol):
        def send_400_response(self, msg: str) -> None:
            """Refuse what is not HTTP with an error in JSON, as all refusals are."""
            body = json.dumps({"error": msg}).encode()
            headers = [
                ("content-type", "application/json"),
                ("content-length", str(len(body))),
                ("connection", "close"),
            ]
            response = h11.Response(status_code=400, headers=headers, reason="Bad Request")
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
            self.transport.close()

    return Server(
        uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=limits.seconds,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """Open the port, before the network is loaded, which takes seconds."""
    if not 0 <= port < 2**16:
        raise PipelineError(f"--port {port}: expected a number from 0 to 65535")
    try:
        (family, _, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        listening = socket.create_server(address[:2], family=family, backlog=2048)
        # Connections inherit it. asyncio sets it for sockets that it makes itself: without it the body of an answer
        # waits some 40 ms until the client has acknowledged the head.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise PipelineError(f"cannot listen at {host}, port {port} ({error}); name others: --host, --port") from None
    if not ipaddress.ip_address(address[0]).is_loopback:
        print(
            f"note: anyone who can reach this machine at {host} can send requests; there is no password",
            file=sys.stderr,
        )
    return listening


def format_host(host: str) -> str:
    """Return a host as it is written in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host
