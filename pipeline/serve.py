"""The command ``serve``: a trained network over HTTP, and a page to try it on."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import json
import socket
import sys
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Optional

from pipeline.errors import PipelineError
from pipeline.limits import Limits

if TYPE_CHECKING:
    import uvicorn


def add_command(commands: Any) -> None:
    """Add the command to the command line's subparsers."""
    serve = commands.add_parser("serve", help="answer over HTTP, with a page to try it on")
    serve.add_argument(
        "--model", type=Path, help="a bundle's folder (default: the newest in data/, or the one that comes along)"
    )
    serve.add_argument("--device", default="auto", help="auto, cpu or gpu")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s, this machine)")
    serve.add_argument("--port", type=int, default=8000, help="0 takes a free one (default: %(default)s)")
    limits = serve.add_argument_group("limits")
    for limit in fields(Limits):
        help_text = f"{limit.metadata['help']} (default: %(default)s)"
        limits.add_argument(f"--{limit.name}", type=int, default=limit.default, metavar="N", help=help_text)
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> None:
    try:
        import uvicorn  # noqa: F401

        from pipeline.app import create_app
    except ImportError as error:
        raise PipelineError(f'the server needs FastAPI and uvicorn ({error}): pip install ".[serve]"') from None
    from pipeline.classifier import SentimentClassifier

    limits = Limits(**{limit.name: getattr(options, limit.name) for limit in fields(Limits)})
    with _listen(options.host, options.port) as listening:
        classifier = SentimentClassifier.load(options.model, options.device)
        name = classifier.bundle.recipe.name
        app = create_app(classifier, limits, name)
        address = f"http://{_written(options.host)}:{listening.getsockname()[1]}"
        server = make_server(app, limits, f"{name} answers at {address} (page), {address}/docs (HTTP); Ctrl-C stops it")
        with contextlib.suppress(KeyboardInterrupt):  # it has ended in order by then, and tells of the signal
            server.run(sockets=[listening])
        print("stopped", file=sys.stderr)


def make_server(app: Any, limits: Limits, greeting: str) -> uvicorn.Server:
    """Return a server that greets once it answers: from then on it ends in order, too."""
    import h11
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Server(uvicorn.Server):
        async def startup(self, sockets: Optional[List[socket.socket]] = None) -> None:
            await super().startup(sockets)
            print(greeting, file=sys.stderr, flush=True)

    class Protocol(H11Protocol):
        def send_400_response(self, msg: str) -> None:
            """Refuse what is not HTTP in JSON, like all that is refused."""
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


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before the network is loaded: that takes seconds."""
    if not 0 <= port < 2**16:
        raise PipelineError(f"--port {port}: expected a number from 0 to 65535")
    try:
        (family, _, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        listening = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise PipelineError(f"cannot listen at {host}, port {port} ({error}); name others: --host, --port") from None
    if not ipaddress.ip_address(address[0]).is_loopback:
        print(f"note: whoever reaches this machine at {host} can ask; there is no password", file=sys.stderr)
    return listening


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
