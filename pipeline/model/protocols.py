"""What a network must offer to the rest of the package."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Protocol, Sequence

import numpy as np

from pipeline.mx.types import Array, Device, Parameter
from pipeline.recipe import Recipe
from pipeline.text.ngrams import NGrams


class Network(Protocol):
    """What prediction needs of a network: `SentimentNetwork`, `Ensemble` and `OnnxNetwork` have it."""

    ngrams: Optional[NGrams]  # of its n-gram model, if it has one
    streams: int  # number of batches computed at the same time

    def start(self, batch: Sequence[np.ndarray], device: Device, stream: int) -> Callable[[], np.ndarray]:
        """Begin to compute the logits of a batch.

        Parameters
        ----------
        batch : sequence of ndarray
            As from `pipeline.model.batches.batchify`.
        device : mxnet.Context, or None for an OnnxNetwork
        stream : int
            As for `pipeline.mx.engine.run_in_stream`.

        Returns
        -------
        callable
            Waits for the logits and returns them: float32, shape (N, ``recipe.num_logits``).
        """


class GluonNetwork(Network, Protocol):
    """What training, saving and explaining need besides: `SentimentNetwork` and `Ensemble` have it."""

    recipe: Recipe
    single_example: Optional[Callable[..., Array]]  # computes single reviews; see `compile_single_example`

    @property
    def embedding(self) -> Any:
        """The embedding layer, mxnet.gluon.nn.Embedding; of an ensemble the first LSTM's."""

    def __call__(self, *inputs: Array) -> Array:
        """Return the logits, (N, ``recipe.num_logits``), of what `pipeline.model.network.to_device` returns."""

    def embed(self, ids: Array) -> Array:
        """Return the embeddings, (N, T, C), of ids (N, T)."""

    def forward_from_embeddings(self, embeddings: Array, lengths: Optional[Array] = None) -> Array:
        """Return the logits of `embed`'s result, for gradients with respect to it."""

    def collect_params(self, select: Optional[str] = None) -> Dict[str, Parameter]:
        """Return the parameters, those whose names match a regular expression."""

    def initialize(self, init: Any = ..., ctx: Any = ...) -> None:
        """Initialise the parameters on one device or several."""

    def hybridize(self, active: bool = True) -> None:
        """Have Gluon compile the network when it is next called."""

    def save_parameters(self, filename: str) -> None:
        """Write the parameters in MXNet's format."""
