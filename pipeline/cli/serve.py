"""The command ``serve``: a trained network over HTTP, and a page to try it on."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import fields
from typing import Any

from pipeline.cli.options import MODEL
from pipeline.errors import PipelineError
from pipeline.server.limits import Limits
from pipeline.server.serve import listen, make_server, written


def add_command(commands: Any) -> None:
    """Add the command to the command line's subparsers."""
    serve = commands.add_parser("serve", help="answer over HTTP, with a page to try it on")
    serve.add_argument("--model", help=MODEL)
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

        from pipeline.server.app import create_app
    except ImportError as error:
        raise PipelineError(f'the server needs FastAPI and uvicorn ({error}): pip install ".[serve]"') from None
    from pipeline.classifier import SentimentClassifier

    limits = Limits(**{limit.name: getattr(options, limit.name) for limit in fields(Limits)})
    with listen(options.host, options.port) as listening:
        classifier = SentimentClassifier.load(options.model, options.device)
        name = classifier.bundle.recipe.name
        app = create_app(classifier, limits, name)
        address = f"http://{written(options.host)}:{listening.getsockname()[1]}"
        server = make_server(app, limits, f"{name} answers at {address} (page), {address}/docs (HTTP); Ctrl-C stops it")
        with contextlib.suppress(KeyboardInterrupt):  # it has ended in order by then, and tells of the signal
            server.run(sockets=[listening])
        print("stopped", file=sys.stderr)
