"""Stage 4, train: encoded reviews and an embedding matrix become a trained network."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import numpy as np
from tqdm import tqdm

from pipeline.batches import in_order, pad
from pipeline.checkpoint import load_checkpoint, save_checkpoint
from pipeline.engine import import_gluonnlp, mx, seed_everything
from pipeline.errors import PipelineError
from pipeline.index import Encoded
from pipeline.metrics import measure
from pipeline.network import SentimentNetwork, build_network, initialize, to_device
from pipeline.predict import predict
from pipeline.recipe import Recipe

History = List[Dict[str, float]]
_READ_EVERY = 20  # batches between two readings of the loss, since a reading waits for the network


def train_network(
    encoded: Encoded,
    embedding: np.ndarray,
    recipe: Recipe,
    devices: Sequence[Any],
    checkpoints: Optional[Path] = None,
    made_from: Any = None,
) -> Tuple[SentimentNetwork, History]:
    """Train the recipe's network on the split ``train``.

    Parameters
    ----------
    encoded : Encoded
    embedding : ndarray of float32, shape (V, D)
    recipe : Recipe
    devices : sequence of mxnet.Context
        Each batch is split over them.
    checkpoints : Path, optional
        A folder for a checkpoint after each epoch; one found there is continued from.
    made_from : JSON value
        The inputs and settings. A checkpoint made from others is not used.

    Returns
    -------
    network : SentimentNetwork
    history : list of dict
        For each epoch the mean loss and accuracy while it was trained on, and those on the validation reviews
        after it, if there are any.

    Raises
    ------
    PipelineError
        If there are no reviews to train on, or the loss stops being a number.

    Notes
    -----
    All generators are seeded anew before each epoch from the recipe's seed and the epoch's number: MXNet cannot
    save its own, and so a resumed training ends with the very parameters of one that was never stopped.
    """
    rows = encoded.rows("train")
    if recipe.network.masked:
        rows = rows[encoded.lengths[rows] > 0]  # nothing to read in them
    if len(rows) < (recipe.train.batch_size if recipe.train.drop_last else 1):
        raise PipelineError(f"{len(rows)} reviews to train on; expected at least one whole batch")
    seed_everything(recipe.train.seed)
    network = build_network(recipe, (embedding.shape[0], embedding.shape[1]))
    initialize(network, recipe, embedding, list(devices))
    trainer = mx.gluon.Trainer(
        network.collect_params(),
        recipe.train.optimizer,
        {"learning_rate": recipe.train.learning_rate},
        update_on_kvstore=False,  # the optimizer's states stay here, where a checkpoint can save them
    )
    history: History = load_checkpoint(checkpoints, network, trainer, made_from) if checkpoints else []
    for epoch in range(len(history), recipe.train.epochs):
        seed_everything(recipe.train.seed, epoch)
        figures = _train_epoch(network, trainer, encoded, rows, recipe, devices, epoch)
        figures.update(_validate(network, recipe, encoded, devices[0]))
        history.append({"epoch": epoch + 1, **figures})
        print("  ".join(f"{key} {value:{'d' if key == 'epoch' else '.4f'}}" for key, value in history[-1].items()))
        if checkpoints:
            save_checkpoint(checkpoints, network, trainer, made_from, history)
    return network, history


def _train_epoch(
    network: SentimentNetwork,
    trainer: Any,
    encoded: Encoded,
    rows: np.ndarray,
    recipe: Recipe,
    devices: Sequence[Any],
    epoch: int,
) -> Dict[str, float]:
    batches = list(_order(encoded.lengths[rows], recipe))
    loss_of = _loss(recipe)
    loss_sum, correct, seen = 0.0, 0.0, 0
    unread: List[Tuple[Any, Any]] = []
    with tqdm(total=len(batches), desc=f"epoch {epoch + 1}/{recipe.train.epochs}", unit="batch", leave=False) as bar:
        for number, positions in enumerate(batches, 1):
            _set_learning_rate(trainer, recipe, (epoch + (number - 1) / len(batches)) / recipe.train.epochs)
            with mx.autograd.record():
                results = [
                    (network(*inputs), labels, weights)
                    for inputs, labels, weights in _load(encoded, rows[positions], recipe, devices)
                ]
                losses = [loss_of(scores, labels) * weights for scores, labels, weights in results]
            mx.autograd.backward(losses)
            _update(network, trainer, recipe, len(positions))
            seen += len(positions)
            for loss, (scores, labels, weights) in zip(losses, results):
                answers = scores.argmax(axis=1) if scores.shape[1] > 1 else scores[:, 0] > 0
                unread.append((loss.sum(), ((answers == labels) * weights).sum()))
            bar.update()
            if number % _READ_EVERY == 0 or number == len(batches):
                loss_sum += sum(float(loss.asscalar()) for loss, _ in unread)
                correct += sum(float(hits.asscalar()) for _, hits in unread)
                unread.clear()
                if not math.isfinite(loss_sum):
                    raise PipelineError(
                        f"epoch {epoch + 1}, batch {number}: the loss is no longer a number; "
                        f"try a smaller train.learning_rate (now {recipe.train.learning_rate}) or train.clip=1"
                    )
                bar.set_postfix(loss=f"{loss_sum / seen:.4f}", accuracy=f"{correct / seen:.4f}")
    return {"loss": loss_sum / seen, "accuracy": correct / seen}


def _loss(recipe: Recipe) -> Any:
    if recipe.network.outputs == 1:
        return mx.gluon.loss.SigmoidBinaryCrossEntropyLoss()
    return mx.gluon.loss.SoftmaxCrossEntropyLoss()


def _order(lengths: np.ndarray, recipe: Recipe) -> Iterator[np.ndarray]:
    """Yield the positions of each batch of one epoch."""
    options = recipe.train
    if options.bucketed:
        cut = np.minimum(lengths, recipe.index.steps)
        longest = np.unique(np.quantile(cut, np.linspace(0, 1, 21)[1:], method="higher")).tolist()  # 20 like buckets
        sampler = import_gluonnlp().data.FixedBucketSampler(
            cut.tolist(), options.batch_size, num_buckets=None, bucket_keys=longest, shuffle=True
        )
        yield from (np.array(batch) for batch in sampler)
        return
    order = np.random.permutation(len(lengths)) if options.shuffle else np.arange(len(lengths))
    for batch in in_order(len(lengths), options.batch_size, options.drop_last):
        yield order[batch]


def _load(
    encoded: Encoded, rows: np.ndarray, recipe: Recipe, devices: Sequence[Any]
) -> Iterator[Tuple[List[Any], Any, Any]]:
    """Yield the network's inputs, the labels (N,) and the loss's weights (N,) of a batch's part for each device.

    Every device has to take part in every step. One that is left without a review gets the batch's first, with
    weight 0.
    """
    for device, part in zip(devices, np.array_split(rows, len(devices))):
        taken = part if len(part) else rows[:1]
        block = pad([encoded[row] for row in taken], recipe.index, recipe.network)
        labels = mx.nd.array(encoded.labels[taken], device, "float32")
        yield to_device(block, recipe, device), labels, mx.nd.full(len(taken), bool(len(part)), device)


def _update(network: SentimentNetwork, trainer: Any, recipe: Recipe, batch_size: int) -> None:
    """Add up the devices' gradients, limit their norm, and let the optimizer take its step."""
    trainer.allreduce_grads()
    if recipe.train.clip:
        trained = [p for p in network.collect_params().values() if p.grad_req != "null"]
        for gradients in zip(*(parameter.list_grad() for parameter in trained)):  # of one device
            mx.gluon.utils.clip_global_norm(list(gradients), recipe.train.clip * batch_size, check_isfinite=False)
    trainer.update(batch_size)


def _set_learning_rate(trainer: Any, recipe: Recipe, progress: float) -> None:
    if recipe.train.schedule == "cosine":
        trainer.set_learning_rate(recipe.train.learning_rate * (1 + math.cos(math.pi * progress)) / 2)


def _validate(network: SentimentNetwork, recipe: Recipe, encoded: Encoded, device: Any) -> Dict[str, float]:
    rows = encoded.rows("validation")
    if not len(rows):
        return {}
    figures = measure(encoded.labels[rows], predict(network, recipe, [encoded[row] for row in rows], device))
    return {"validation_loss": figures["loss"], "validation_accuracy": figures["accuracy"]}
