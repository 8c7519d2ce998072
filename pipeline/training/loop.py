"""The training loop: batches, gradients, updates of the parameters, and the metrics of an epoch."""

from __future__ import annotations

import math
import time
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import SPLITS, TRAINING_SPLITS
from pipeline.distributed.cluster import SINGLE_WORKER, Cluster
from pipeline.errors import PipelineError
from pipeline.io.forks import one_thread
from pipeline.io.progress import tqdm
from pipeline.metrics import measure
from pipeline.model.batches import batchify
from pipeline.model.ensemble import Ensemble, build_network
from pipeline.model.network import SentimentNetwork, initialize, pad_to_few_lengths, to_device
from pipeline.model.predict import predict_encoded
from pipeline.model.protocols import GluonNetwork
from pipeline.mx.engine import make_generator, memory_advice, mx, run_in_stream, seed_mxnet
from pipeline.mx.mixed_precision import backward, scale_losses
from pipeline.mx.types import Array, Device, Parameter, Trainer
from pipeline.recipe import Recipe
from pipeline.text.ngrams import count_ngrams
from pipeline.training.adversarial import adversarial_backward
from pipeline.training.loss import make_loss, weigh_classes
from pipeline.training.sampling import crop, epoch_batches

Callback = Callable[[Dict[str, float]], None]  # takes the metrics of some steps, or of an epoch
_READ_EVERY = 20  # batches between two reads of the loss, since reading waits for the computation


class TrainingLoop:
    """A new network and what trains it: `run_epoch` is called once for each epoch, from 0 on.

    Parameters
    ----------
    encoded : Encoded
        The splits ``train`` and ``generated`` are trained on.
    embedding : ndarray of float32, shape (V, D)
    recipe : Recipe
    devices : sequence of mxnet.Context
    cluster : Cluster
    on_step : callable, optional
        As for `pipeline.train.train_network`.

    Attributes
    ----------
    network : SentimentNetwork or Ensemble
        Initialised.
    trainer : mxnet.gluon.Trainer
    rows : ndarray of int64
        Rows of the training reviews in `encoded`.

    Raises
    ------
    PipelineError
        If there are no reviews to train on, to calibrate with or to stop early by.
    """

    def __init__(
        self,
        encoded: Encoded,
        embedding: np.ndarray,
        recipe: Recipe,
        devices: Sequence[Device],
        cluster: Cluster = SINGLE_WORKER,
        on_step: Optional[Callback] = None,
    ) -> None:
        self.encoded, self.recipe, self.devices, self.cluster = encoded, recipe, devices, cluster
        self.rows = _find_training_rows(encoded, recipe)
        self.on_step = None if cluster.rank else on_step
        self._class_weights = weigh_classes(encoded.labels[self.rows], recipe)  # (K,)
        self._loss = make_loss(recipe.network.num_outputs)
        self._adds_gradients = recipe.train.num_streams > 1 or recipe.train.adversarial_norm > 0
        with one_thread():
            self.network = _make_network(encoded, embedding, recipe, devices)
            if self._adds_gradients:
                for parameter in _trained(self.network):
                    parameter.grad_req = "add"
            self.trainer = _make_trainer(self.network, recipe, cluster)

    def run_epoch(self, epoch: int) -> Dict[str, float]:
        """Train for one epoch; return the mean training loss and accuracy."""
        options, rank = self.recipe.train, self.cluster.rank
        with one_thread():
            order = make_generator(options.seed, epoch)
            batches = list(epoch_batches(self.encoded.lengths[self.rows], self.recipe, order))
            # Workers share the order, not the dropout.
            seed_mxnet(options.seed, epoch, rank, streams=count_streams(self.recipe))
        crops = make_generator(options.seed, epoch, rank + 1)  # with rank 0 it would be the generator of the order
        totals, seen = np.zeros(2), 0  # loss and correct predictions; reviews
        title = f"epoch {epoch + 1}/{options.epochs}"
        with tqdm(total=len(batches), desc=title, unit="batch", leave=False) as bar:
            for first in range(0, len(batches), _READ_EVERY):
                some, start = batches[first : first + _READ_EVERY], time.perf_counter()
                unread: List[Array] = []
                for number, positions in enumerate(some, first + 1):
                    measured = self.on_step is not None and number == first + len(some)
                    with one_thread():  # other threads can predict or fork between batches
                        self._set_learning_rate((epoch + (number - 1) / len(batches)) / options.epochs)
                        found, norm = self.step(self.rows[positions], crops, measured)
                    unread += found
                    bar.update()
                with one_thread():
                    sums = self.cluster.sum(sum(values.asnumpy().astype(np.float64) for values in unread))
                count = sum(map(len, some))
                totals, seen = totals + sums, seen + count
                self._check_loss(totals[0], f"epoch {epoch + 1}, batch {number}")
                bar.set_postfix(loss=f"{totals[0] / seen:.4f}", accuracy=f"{totals[1] / seen:.4f}")
                if self.on_step:
                    seconds = time.perf_counter() - start
                    metrics = {"step": epoch * len(batches) + number, "epoch": epoch + 1, "loss": sums[0] / count,
                               "accuracy": sums[1] / count, "learning_rate": self.trainer.learning_rate,
                               "gradient_norm": norm, "examples_per_second": count / seconds}  # fmt: skip
                    self.on_step(metrics)
        return {"loss": totals[0] / seen, "accuracy": totals[1] / seen}

    def step(self, rows: np.ndarray, crops: np.random.Generator, measured: bool = False) -> Tuple[List[Array], float]:
        """Train on one batch.

        Parameters
        ----------
        rows : ndarray of int
            Of the batch's reviews.
        crops : numpy.random.Generator
            Of random crops.
        measured : bool
            Whether to compute the norm of the gradient.

        Returns
        -------
        list of arrays (2,)
            Each part's summed loss and number of correct predictions.
        float
            The norm of the mean loss's gradient before clipping if it is to be `measured`, otherwise 0.
        """
        if self._adds_gradients:
            self.network.collect_params().zero_grad()
        sums = [self._compute_gradients(*part) for part in self._load(rows, crops)]
        return sums, self._update(len(rows), measured)

    def evaluate(self) -> Dict[str, float]:
        """Return loss and accuracy on ``train.eval_split``; empty if that split has no reviews.

        All workers return the metrics of the worker of rank 0, so that they all stop after the same epoch.
        """
        split = self.recipe.train.eval_split
        rows = self.encoded.rows(split)
        if not len(rows):
            return {}
        found = predict_encoded(self.network, self.recipe, self.encoded, rows, self.devices[0])
        metrics = measure(self.encoded.labels[rows], found)
        own = np.array([metrics["loss"], metrics["accuracy"]])
        loss, accuracy = self.cluster.sum(own * (self.cluster.rank == 0)).tolist()
        return {f"{split}_loss": loss, f"{split}_accuracy": accuracy}

    def _load(self, rows: np.ndarray, crops: np.random.Generator) -> Iterator[Tuple[int, List[Array], Array, Array]]:
        """Yield the first stream, inputs, labels (N,) and weights of the losses (N, M) of each part of a batch.

        Every device must take part in every step, so a device without a review gets the first one with weight 0.
        """
        options = self.recipe.train
        for device, own in zip(self.devices, np.array_split(self.cluster.shard(rows), len(self.devices))):
            streams = options.num_streams if device.device_type == "cpu" else 1
            parts = np.array_split(own if len(own) else rows[:1], streams)
            for stream, part in enumerate(part for part in parts if len(part)):
                sequences = [crop(self.encoded[row], options.random_crop_prob, crops) for row in part]
                batch = pad_to_few_lengths(batchify(sequences, self.recipe, self.network.ngrams), self.recipe)
                inputs = to_device(batch, self.recipe, device)
                labels, first = self.encoded.labels[part], stream * self.recipe.network.ensemble_size
                weights = float(len(own) > 0) * self._loss_weights(part)
                yield first, inputs, mx.nd.array(labels, device, "float32"), mx.nd.array(weights, device, "float32")

    def _loss_weights(self, rows: np.ndarray) -> np.ndarray:
        """Return the weights of reviews in the loss of each model, (N, M): the mean, where none is left out."""
        options = self.recipe
        models = options.network.ensemble_size + (options.ngram_model.max_n > 0)
        weights = np.repeat(self._class_weights[self.encoded.labels[rows], np.newaxis] / models, models, axis=1)
        if options.ngram_model.max_n and not options.ngram_model.generated:
            weights[self.encoded.splits[rows] == SPLITS.index("generated"), -1] = 0
        return weights

    def _compute_gradients(self, stream: int, inputs: List[Array], labels: Array, weights: Array) -> Array:
        """Compute, or with several streams add, the gradients of some reviews; return loss and correct ones, (2,)."""
        norm = self.recipe.train.adversarial_norm
        if norm:
            logits, loss = adversarial_backward(
                self.network, self.trainer, self._loss, norm, inputs, labels, weights, stream
            )
        else:
            logits, loss = run_in_stream(stream, self._backward, inputs, labels, weights)
        total = logits.reshape((0, -1, self.recipe.network.num_outputs)).sum(axis=1)  # (N, num_outputs)
        predictions = total[:, 0] > 0 if self.recipe.network.num_outputs == 1 else total.argmax(axis=1)
        return mx.nd.stack(loss.sum(), ((predictions == labels) * (weights[:, 0] > 0)).sum()).reshape(2)

    def _backward(self, inputs: List[Array], labels: Array, weights: Array) -> Tuple[Array, Array]:
        """Compute the gradients of some reviews; return logits (N, num_logits) and losses (N,)."""
        with mx.autograd.record():
            logits = self.network(*inputs).astype("float32", copy=False)
            loss = (self._loss(logits, labels) * weights).sum(axis=1)
        backward(loss, self.trainer)
        return logits, loss

    def _update(self, batch_size: int, measured: bool) -> float:
        """Sum the gradients of all devices and workers, clip their norm, and update the parameters.

        Returns the norm of the mean loss's gradient before clipping if it is to be `measured`, otherwise 0.
        """
        self.trainer.allreduce_grads()
        norm = None
        if self.recipe.train.clip_norm or measured:
            # The gradients are sums over the batch, multiplied by the loss scale of mixed precision.
            scale = batch_size / self.trainer._scale
            largest = self.recipe.train.clip_norm * scale or math.inf  # infinity: multiplies by 1
            for gradients in zip(*(parameter.list_grad() for parameter in _trained(self.network))):  # of one device
                norm = mx.gluon.utils.clip_global_norm(list(gradients), largest, check_isfinite=False)
        self.trainer.update(batch_size)
        return norm.asscalar().item() / scale if measured and norm is not None else 0.0

    def _set_learning_rate(self, progress: float) -> None:
        """Set the learning rate of the schedule; `progress` goes from 0 to 1 over all epochs."""
        if self.recipe.train.lr_schedule == "cosine":
            self.trainer.set_learning_rate(self.recipe.train.learning_rate * (1 + math.cos(math.pi * progress)) / 2)

    def _check_loss(self, loss: float, where: str) -> None:
        """Raise an error if the loss is not finite."""
        if not math.isfinite(loss):
            rate = self.recipe.train.learning_rate
            advice = f"try a smaller train.learning_rate (now {rate}) or train.clip_norm=1"
            raise PipelineError(f"{where}: the loss is not finite; {advice}")


def count_streams(recipe: Recipe) -> int:
    """Return the number of streams of a step: one for each part of the batch and LSTM."""
    return recipe.train.num_streams * recipe.network.ensemble_size


def _find_training_rows(encoded: Encoded, recipe: Recipe) -> np.ndarray:
    """Return the rows of the training reviews; check that there are enough for training and calibration."""
    rows = encoded.rows(*TRAINING_SPLITS)
    if recipe.network.masked:
        rows = rows[encoded.lengths[rows] > 0]  # skip reviews without a token
    if len(rows) < (recipe.train.batch_size if recipe.train.drop_last else 1):
        expected = f"a full batch of {recipe.train.batch_size} (train.drop_last)" if recipe.train.drop_last else "one"
        raise PipelineError(f"{len(rows)} reviews to train on; expected at least {expected}")
    if recipe.train.calibrate and len(np.unique(encoded.labels[encoded.rows("validation")])) < 2:
        raise PipelineError(
            "train.calibrate: expected validation reviews of two classes or more; try a larger read.validation"
        )
    if recipe.train.early_stopping and not len(encoded.rows("validation")):
        raise PipelineError("train.early_stopping: found no validation reviews; try a larger read.validation")
    return rows


def _make_network(
    encoded: Encoded, embedding: np.ndarray, recipe: Recipe, devices: Sequence[Device]
) -> Union[SentimentNetwork, Ensemble]:
    """Return the initialised network, with the n-grams of the training reviews if the recipe has an n-gram model."""
    ngrams, ratios = None, None
    if recipe.ngram_model.max_n:
        ngrams, ratios = count_ngrams(encoded, len(embedding), recipe.ngram_model, recipe.network.num_outputs)
    seed_mxnet(recipe.train.seed)
    network = build_network(recipe, (embedding.shape[0], embedding.shape[1]), ngrams)
    with memory_advice("a smaller network.hidden_size or index.max_length"):
        initialize(network, recipe, embedding, list(devices))
    if ngrams:
        network.ngram_model.ratio.weight.set_data(mx.nd.array(ratios))
    return network


def _make_trainer(network: GluonNetwork, recipe: Recipe, cluster: Cluster) -> Trainer:
    trainer = mx.gluon.Trainer(
        network.collect_params(),
        recipe.train.optimizer,
        {"learning_rate": recipe.train.learning_rate},
        cluster.store or "device",
        update_on_kvstore=False,  # keeps the optimizer's state here, where a checkpoint can save it
    )
    if recipe.train.mixed_precision:
        scale_losses(trainer)
    return trainer


def _trained(network: GluonNetwork) -> List[Parameter]:
    return [parameter for parameter in network.collect_params().values() if parameter.grad_req != "null"]
