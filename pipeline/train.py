"""Stage 4, train: train a network on encoded reviews and an embedding matrix."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.distributed.cluster import SINGLE_WORKER, Cluster
from pipeline.io.forks import one_thread
from pipeline.io.input import warn_once
from pipeline.model.checkpoint import load_checkpoint, save_checkpoint
from pipeline.model.ensemble import Ensemble, calibrate
from pipeline.model.network import SentimentNetwork
from pipeline.model.parameters import get_parameters, set_parameters
from pipeline.model.predict import compute_logits
from pipeline.mx.engine import memory_advice
from pipeline.mx.mixed_precision import mixed_precision
from pipeline.mx.types import Device
from pipeline.recipe import Recipe
from pipeline.training.loop import Callback, TrainingLoop

History = List[Dict[str, float]]
_ENOUGH_TO_CALIBRATE = 50  # texts; with fewer there is a warning


def train_network(
    encoded: Encoded,
    embedding: np.ndarray,
    recipe: Recipe,
    devices: Sequence[Device],
    checkpoints: Optional[Path] = None,
    made_from: object = None,
    cluster: Cluster = SINGLE_WORKER,
    on_step: Optional[Callback] = None,
    on_epoch: Optional[Callback] = None,
    verbose: bool = True,
) -> Tuple[Union[SentimentNetwork, Ensemble], History]:
    """Train the recipe's network on the splits ``train`` and ``generated``.

    Parameters
    ----------
    encoded : Encoded
    embedding : ndarray of float32, shape (V, D)
    recipe : Recipe
    devices : sequence of mxnet.Context
        Each batch is split across them.
    checkpoints : Path, optional
        Folder for a checkpoint after each epoch; training resumes from one found there.
    made_from : JSON value
        Settings and digests of the inputs; a checkpoint with others is not used.
    cluster : Cluster
        Workers across which each batch is split first.
    on_step : callable, optional
        Called every 20 batches and at the end of each epoch with a dictionary: ``step`` (batches since training
        began), ``epoch``, the mean ``loss`` and ``accuracy`` since the last call, ``learning_rate``,
        ``gradient_norm`` (of the last batch's mean loss, before clipping) and ``examples_per_second``.
    on_epoch : callable, optional
        Called after each epoch with its entry of the history. Of several workers, only that of rank 0 calls these two.
    verbose : bool
        Whether to print a line for each epoch, and which epoch was kept.

    Returns
    -------
    network : SentimentNetwork or Ensemble
    history : list of dict
        For each epoch the mean training loss and accuracy, and those on ``train.eval_split`` after the epoch if that
        split has reviews. With early stopping, ``kept`` is true in the entry of the epoch whose parameters the
        network has, and missing in the others.

    Raises
    ------
    PipelineError
        If there are no reviews to train on, to calibrate with or to stop early by, the loss is not finite, a device
        runs out of memory, or mixed precision is used on a CPU.

    Notes
    -----
    Random numbers depend on the recipe's seed and the epoch's number alone: MXNet's generator, whose state cannot be
    saved, is seeded before each epoch, and numpy's are made anew. So resumed training ends with exactly the parameters
    of training that was never stopped.
    """
    history: History = []
    best: Optional[Mapping[str, np.ndarray]] = None  # parameters of the best epoch, with early stopping
    with mixed_precision(devices) if recipe.train.mixed_precision else contextlib.nullcontext():
        loop = TrainingLoop(encoded, embedding, recipe, devices, cluster, on_step)
        network, trainer = loop.network, loop.trainer
        with one_thread():
            if checkpoints:
                history, best = cluster.rank_0_first(lambda: load_checkpoint(checkpoints, network, trainer, made_from))
            cluster.check_same([made_from, history])
            cluster.broadcast_parameters(trainer)
        while len(history) < recipe.train.epochs and not _stops_early(history, recipe):
            epoch = len(history)
            with memory_advice("a smaller train.batch_size"):
                history.append({"epoch": epoch + 1, **loop.run_epoch(epoch), **loop.evaluate()})
            with one_thread():
                if verbose:
                    print(_format_epoch(history[-1]))
                if recipe.train.early_stopping and _find_best(history) == epoch:
                    best = get_parameters(network)
                if checkpoints and cluster.rank == 0:
                    save_checkpoint(checkpoints, network, trainer, made_from, history, best)
            if on_epoch and not cluster.rank:
                on_epoch(history[-1])
    if best is not None:
        history = _keep_best(network, best, history, recipe, verbose)
    if recipe.train.mixed_precision:
        network.hybridize()  # discards the graph traced in float16
    if recipe.train.calibrate:
        _calibrate(network, encoded, recipe, devices[0])
    return network, history


def _format_epoch(entry: Mapping[str, float]) -> str:
    return "  ".join(f"{name} {value:{'d' if name == 'epoch' else '.4f'}}" for name, value in entry.items())


def _find_best(history: History) -> int:
    """Return the position of the first epoch with the lowest validation loss."""
    return int(np.argmin([entry["validation_loss"] for entry in history]))


def _stops_early(history: History, recipe: Recipe) -> bool:
    """Tell whether the validation loss has not improved for as many epochs as the recipe allows."""
    patience = recipe.train.early_stopping
    return bool(patience and history) and len(history) - 1 - _find_best(history) >= patience


def _keep_best(
    network: Union[SentimentNetwork, Ensemble],
    best: Mapping[str, np.ndarray],
    history: History,
    recipe: Recipe,
    verbose: bool,
) -> History:
    """Set the parameters of the best epoch; return the history with a mark at that epoch."""
    with one_thread():
        set_parameters(network, best)
    kept = _find_best(history)
    if verbose and _stops_early(history, recipe):
        print(f"stopped early: no lower validation loss since epoch {kept + 1}")
    if verbose:
        print(f"kept the parameters of epoch {kept + 1}: validation loss {history[kept]['validation_loss']:.4f}")
    return [{**entry, "kept": True} if number == kept else entry for number, entry in enumerate(history)]


def _calibrate(network: Ensemble, encoded: Encoded, recipe: Recipe, device: Device) -> None:
    """Fit the weights of the ensemble's models on reviews and sentences that were not trained on."""
    rows = encoded.rows("validation", "sentences")
    rows = rows[encoded.lengths[rows] > 0]
    if len(rows) < _ENOUGH_TO_CALIBRATE:
        warn_once(
            f"train.calibrate: {len(rows)} texts are few to fit the ensemble's weights on; try more read.validation"
        )
    logits = compute_logits(network, recipe, [encoded[row] for row in rows], device)
    with one_thread():
        lengths = np.minimum(encoded.lengths[rows], recipe.index.max_length)
        calibrate(network, logits, lengths, encoded.labels[rows])
