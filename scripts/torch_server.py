"""Serve the LSTM of the shipped bundle with FastAPI and PyTorch, as a baseline for ``python -m scripts.load``.

    python -m scripts.torch_server

The network has the same weights, without the n-gram model that ours has besides. The vocabulary and the tokenizer are
ours. FastAPI calls the endpoint in one of its threads, so that several requests are answered at the same time; each is
a batch of its own.
"""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import Dict, List

import numpy as np
import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from pipeline.model.batches import truncate
from pipeline.model.bundle import PARAMETERS, SHIPPED, VOCABULARY, load_recipe
from pipeline.model.parameters import load_arrays
from pipeline.text.vocabulary import Vocabulary
from scripts.benchmark.torch_baseline import ReviewNetwork


class Text(BaseModel):
    """What a request sends."""

    text: str


def load_lstm() -> Dict[str, np.ndarray]:
    """Return the parameters of the shipped bundle's LSTM by the names that `torch_baseline` uses."""
    arrays = {name: array.astype(np.float32) for name, array in load_arrays(SHIPPED / PARAMETERS).items()}
    lstm = {
        f"{direction}_{kind}": arrays[f"lstms.0.layers.0.{direction}_lstm._unfused.0.{kind}"]
        for direction in ("forward", "backward")
        for kind in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias")
    }
    names = {"embedding": "embedding.weight", "dense_weight": "dense.weight", "dense_bias": "dense.bias"}
    return {**lstm, **{name: arrays[f"lstms.0.{theirs}"] for name, theirs in names.items()}}


def create_app() -> FastAPI:
    """Return the application, with one endpoint, ``/v1/sentiment``."""
    recipe = load_recipe(SHIPPED)
    vocabulary = Vocabulary.load(SHIPPED / VOCABULARY, recipe.index)
    network = ReviewNetwork(load_lstm()).eval()
    app = FastAPI()

    @app.post("/v1/sentiment")
    def predict(body: Text) -> Dict[str, List[Dict[str, float]]]:
        ids = truncate(vocabulary.encode(vocabulary.split(body.text)), recipe.index)
        with torch.inference_mode():
            score = network(torch.from_numpy(ids.astype(np.int64))[None], torch.tensor([len(ids)]))  # (1, 1)
        return {"results": [{"positive": float(score.sigmoid())}]}

    return app


if __name__ == "__main__":
    torch.set_num_threads(1)  # as ours; requests are answered in parallel already
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as `pipeline.server.serve.listen`
        print(f"listening at http://127.0.0.1:{listening.getsockname()[1]}", file=sys.stderr, flush=True)
        with contextlib.suppress(KeyboardInterrupt):  # raised again after a clean stop
            uvicorn.Server(uvicorn.Config(create_app(), log_level="warning")).run(sockets=[listening])
