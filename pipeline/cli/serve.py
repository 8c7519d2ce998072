"""The command ``serve``: predictions and explanations over HTTP, and a page to try them."""

from __future__ import annotations

import argparse
import contextlib
import functools
import sys
from dataclasses import fields

from pipeline.cli.options import MODEL, load_predictor
from pipeline.errors import PipelineError
from pipeline.server.limits import Limits
from pipeline.server.serve import format_host, listen, make_server


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line's subparsers."""
    serve = commands.add_parser("serve", help="serve predictions over HTTP, with a page to try them")
    serve.add_argument("--model", help=MODEL)
    serve.add_argument("--device", default="auto", help="auto, cpu or gpu")
    serve.add_argument(
        "--host", default="127.0.0.1", help="address to listen at (default: %(default)s, this machine only)"
    )
    serve.add_argument("--port", type=int, default=8000, help="0 chooses a free port (default: %(default)s)")
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
    from pipeline.explanation.explain import explain_prediction
    from pipeline.model.bundle import SHIPPED, describe_bundle, find_bundle

    limits = Limits(**{limit.name: getattr(options, limit.name) for limit in fields(Limits)})
    with listen(options.host, options.port) as listening:
        predictor = load_predictor(options)
        recipe, path = predictor.bundle.recipe, find_bundle(options.model)
        name = describe_bundle(path, recipe) if path == SHIPPED else recipe.name  # no path of this machine to clients
        explain = functools.partial(explain_prediction, predictor) if predictor.has_gradients else None
        app = create_app(predictor, limits, name, explain)
        address = f"http://{format_host(options.host)}:{listening.getsockname()[1]}"
        server = make_server(app, limits, f"listening at {address} (page), {address}/docs (API); Ctrl-C stops it")
        with contextlib.suppress(KeyboardInterrupt):  # raised again after a clean stop
            server.run(sockets=[listening])
        print("stopped", file=sys.stderr)
