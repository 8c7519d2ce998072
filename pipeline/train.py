"""Stage 4, train: train a network on encoded reviews and an embedding matrix."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.distributed.cluster import SINGLE_WORKER, Cluster
from pipeline.errors import PipelineError
from pipeline.io.forks import one_thread
from pipeline.io.progress import tqdm
from pipeline.metrics import measure, smooth
from pipeline.model.batches import batchify, in_order
from pipeline.model.checkpoint import load_checkpoint, save_checkpoint
from pipeline.model.ensemble import Ensemble, build_network, calibrate
from pipeline.model.network import SentimentNetwork, initialize, to_device
from pipeline.model.parameters import get_parameters, set_parameters
from pipeline.model.predict import predict, score
from pipeline.model.protocols import GluonNetwork
from pipeline.mx.engine import (
    global_numpy_seed,
    import_gluonnlp,
    make_generator,
    memory_advice,
    mx,
    run_in_stream,
    seed_mxnet,
)
from pipeline.mx.mixed_precision import backward, mixed_precision, scale_losses
from pipeline.mx.types import Array, Device, Parameter, Trainer
from pipeline.recipe import Recipe
from pipeline.text.ngrams import count_ngrams

History = List[Dict[str, float]]
Report = Callable[[Dict[str, float]], None]  # is called with figures of some steps, or of an epoch
_READ_EVERY = 20  # batches between two reads of the loss, since reading waits for the computation


def train_network(
    encoded: Encoded,
    embedding: np.ndarray,
    recipe: Recipe,
    devices: Sequence[Device],
    checkpoints: Optional[Path] = None,
    made_from: object = None,
    cluster: Cluster = SINGLE_WORKER,
    on_step: Optional[Report] = None,
    on_epoch: Optional[Report] = None,
) -> Tuple[Union[SentimentNetwork, Ensemble], History]:
    """Train the recipe's network on the split ``train``.

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
    rows = _choose_rows(encoded, recipe)
    with mixed_precision(devices) if recipe.train.mixed_precision else contextlib.nullcontext():
        with one_thread():
            network, trainer = _begin(encoded, embedding, recipe, devices, cluster)
            history: History = []
            best: Optional[Mapping[str, np.ndarray]] = None  # parameters, with early stopping
            if checkpoints:
                history, best = cluster.rank_0_first(lambda: load_checkpoint(checkpoints, network, trainer, made_from))
            cluster.check_same([made_from, history])
            cluster.broadcast_parameters(trainer)
        weights = _weigh_classes(encoded.labels[rows], recipe)
        report = None if cluster.rank else on_step
        loop = _Loop(network, trainer, encoded, rows, recipe, devices, cluster, weights, report)
        while len(history) < recipe.train.epochs and not _stops_early(history, recipe):
            epoch = len(history)
            with memory_advice("a smaller train.batch_size"):
                history.append({"epoch": epoch + 1, **loop.run_epoch(epoch), **loop.evaluate()})
            with one_thread():
                print("  ".join(f"{k} {value:{'d' if k == 'epoch' else '.4f'}}" for k, value in history[-1].items()))
                if recipe.train.early_stopping and _find_best(history) == epoch:
                    best = get_parameters(network)
                if checkpoints and cluster.rank == 0:
                    save_checkpoint(checkpoints, network, trainer, made_from, history, best)
            if on_epoch and not cluster.rank:
                on_epoch(history[-1])
    if best is not None:
        history = _keep_best(network, best, history, recipe)
    if recipe.train.mixed_precision:
        network.hybridize()  # discards the graph traced in float16
    if recipe.train.calibrate:
        rows = np.concatenate([encoded.rows("validation"), encoded.rows("sentences")])
        rows = rows[encoded.lengths[rows] > 0]
        logits = score(network, recipe, [encoded[row] for row in rows], devices[0])
        with one_thread():
            lengths = np.minimum(encoded.lengths[rows], recipe.index.max_length)
            calibrate(network, logits, lengths, encoded.labels[rows])
    return network, history


def find_learning_rate(
    encoded: Encoded,
    embedding: np.ndarray,
    recipe: Recipe,
    devices: Sequence[Device],
    lowest: float = 1e-5,
    highest: float = 1.0,
    steps: int = 100,
) -> Tuple[np.ndarray, np.ndarray]:
    """Train a new network for some steps, with a learning rate that rises exponentially (Smith, 2017).

    A good learning rate is one at which the loss falls steeply, well below that at which it begins to rise.
    `pipeline.plots.figures.learning_rate_curve` draws the result.

    Parameters
    ----------
    encoded, embedding, recipe, devices
        As for `train_network`, whose results do not change: it seeds all generators. The recipe's own learning rate
        and schedule are not used.
    lowest, highest : float
        Learning rates of the first and of the last step.
    steps : int

    Returns
    -------
    rates : ndarray of float64, shape (N,)
        The learning rate of each step. N is less than `steps` if training diverged: the moving average of the loss
        exceeded 4 times its minimum, or the loss was not finite.
    losses : ndarray of float64, shape (N,)
        The mean loss of each step's batch before the step.

    Raises
    ------
    PipelineError
        If an argument is out of its range; as from `train_network`.
    """
    if not (0 < lowest < highest < math.inf and steps > 1):
        raise PipelineError(
            "find_learning_rate: expected 0 < lowest < highest, and 2 or more steps; "
            f"found lowest={lowest}, highest={highest}, steps={steps}"
        )
    rows, seed = _choose_rows(encoded, recipe), recipe.train.seed
    rates, losses = np.geomspace(lowest, highest, steps), []
    with mixed_precision(devices) if recipe.train.mixed_precision else contextlib.nullcontext():
        with one_thread():
            network, trainer = _begin(encoded, embedding, recipe, devices, SINGLE_WORKER)
            seed_mxnet(seed, 0, SINGLE_WORKER.rank, streams=recipe.train.num_streams)
        weights = _weigh_classes(encoded.labels[rows], recipe)
        loop = _Loop(network, trainer, encoded, rows, recipe, devices, SINGLE_WORKER, weights)
        generator = make_generator(seed, 0, 1)  # of random crops, as in the first epoch
        epochs = (_order(encoded.lengths[rows], recipe, make_generator(seed, epoch)) for epoch in itertools.count())
        batches = itertools.chain.from_iterable(epochs)
        for rate in tqdm(rates, desc="learning rates", unit="batch", leave=False):
            with memory_advice("a smaller train.batch_size"), one_thread():
                positions = next(batches)
                trainer.set_learning_rate(rate)
                found, _ = loop.step(rows[positions], generator)
                loss = sum(float(values.asnumpy()[0]) for values in found) / len(positions)
            if not math.isfinite(loss):
                break
            losses.append(loss)
            averages = smooth(losses)
            if averages[-1] > 4 * averages.min():
                break
    if not losses:
        raise PipelineError("the loss is not finite before the first step; expected finite word vectors")
    return rates[: len(losses)], np.array(losses)


def _begin(
    encoded: Encoded, embedding: np.ndarray, recipe: Recipe, devices: Sequence[Device], cluster: Cluster
) -> Tuple[Union[SentimentNetwork, Ensemble], Trainer]:
    """Return the initialised network, and its trainer."""
    ngrams, ratios = None, None
    if recipe.ngram_model.max_n:
        ngrams, ratios = count_ngrams(encoded, len(embedding), recipe.ngram_model)
    seed_mxnet(recipe.train.seed)
    network = build_network(recipe, (embedding.shape[0], embedding.shape[1]), ngrams)
    with memory_advice("fewer network.hidden_size, or a smaller index.max_length"):
        initialize(network, recipe, embedding, list(devices))
    if recipe.train.num_streams > 1 or recipe.train.adversarial_norm:
        for parameter in _trained(network):
            parameter.grad_req = "add"
    if ngrams:
        network.ngram_model.ratio.weight.set_data(mx.nd.array(ratios).expand_dims(1))
    trainer = mx.gluon.Trainer(
        network.collect_params(),
        recipe.train.optimizer,
        {"learning_rate": recipe.train.learning_rate},
        cluster.store or "device",
        update_on_kvstore=False,  # keeps the optimizer's state here, where a checkpoint can save it
    )
    if recipe.train.mixed_precision:
        scale_losses(trainer)
    return network, trainer


def _find_best(history: History) -> int:
    """Return the position of the first epoch with the lowest validation loss."""
    return int(np.argmin([entry["validation_loss"] for entry in history]))


def _stops_early(history: History, recipe: Recipe) -> bool:
    """Tell whether the validation loss has not improved for as many epochs as the recipe allows."""
    patience = recipe.train.early_stopping
    return bool(patience and history) and len(history) - 1 - _find_best(history) >= patience


def _keep_best(
    network: Union[SentimentNetwork, Ensemble], best: Mapping[str, np.ndarray], history: History, recipe: Recipe
) -> History:
    """Set the parameters of the best epoch; return the history with a mark at that epoch."""
    with one_thread():
        set_parameters(network, best)
    kept = _find_best(history)
    if _stops_early(history, recipe):
        print(f"stopped early: no lower validation loss since epoch {kept + 1}")
    print(f"kept the parameters of epoch {kept + 1}: validation loss {history[kept]['validation_loss']:.4f}")
    return [{**entry, "kept": True} if number == kept else entry for number, entry in enumerate(history)]


def _choose_rows(encoded: Encoded, recipe: Recipe) -> np.ndarray:
    """Return the rows of the training reviews; check that there are enough for training and calibration."""
    rows = encoded.rows("train")
    if recipe.network.masked:
        rows = rows[encoded.lengths[rows] > 0]  # skip reviews without a token
    if len(rows) < (recipe.train.batch_size if recipe.train.drop_last else 1):
        raise PipelineError(f"{len(rows)} reviews to train on; expected at least one full batch")
    if recipe.train.calibrate and len(np.unique(encoded.labels[encoded.rows("validation")])) < 2:
        raise PipelineError(
            "train.calibrate: expected validation reviews of both classes; try a larger read.validation"
        )
    if recipe.train.early_stopping and not len(encoded.rows("validation")):
        raise PipelineError("train.early_stopping: found no validation reviews; try a larger read.validation")
    return rows


def _weigh_classes(labels: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Return the weight of each class in the loss, float64, shape (K,)."""
    counts = np.bincount(labels, minlength=recipe.num_classes)
    if recipe.train.class_weight == "equal":
        return np.ones(len(counts))
    return len(labels) / (len(counts) * np.maximum(counts, 1))


class _Loop(NamedTuple):
    """The objects that every training step needs."""

    network: Union[SentimentNetwork, Ensemble]
    trainer: Trainer
    encoded: Encoded
    rows: np.ndarray  # rows of the training reviews
    recipe: Recipe
    devices: Sequence[Device]
    cluster: Cluster
    class_weights: np.ndarray  # (K,), of the loss
    on_step: Optional[Report] = None

    def run_epoch(self, epoch: int) -> Dict[str, float]:
        """Train for one epoch; return the mean training loss and accuracy."""
        epochs, rank = self.recipe.train.epochs, self.cluster.rank
        seed = [self.recipe.train.seed, epoch]
        with one_thread():
            batches = list(_order(self.encoded.lengths[self.rows], self.recipe, make_generator(*seed)))
            seed_mxnet(*seed, rank, streams=self.recipe.train.num_streams)  # workers share the order, not the dropout
        generator = make_generator(*seed, rank + 1)  # of random crops; with rank 0 it would be that of the order
        sums = np.zeros(2)  # loss, correct predictions
        seen, unread = 0, []
        reported, start = 0, time.perf_counter()  # reviews up to the last report, and its time
        with tqdm(total=len(batches), desc=f"epoch {epoch + 1}/{epochs}", unit="batch", leave=False) as bar:
            for number, positions in enumerate(batches, 1):
                read = number % _READ_EVERY == 0 or number == len(batches)
                with one_thread():  # other threads can predict or fork between batches
                    self.set_learning_rate((epoch + (number - 1) / len(batches)) / epochs)
                    found, norm = self.step(self.rows[positions], generator, read and self.on_step is not None)
                    unread += found
                    if read:
                        recent = self.cluster.sum(sum(values.asnumpy().astype(np.float64) for values in unread))
                        sums += recent
                        unread = []
                seen += len(positions)
                bar.update()
                if read:
                    self.check(sums[0], f"epoch {epoch + 1}, batch {number}")
                    bar.set_postfix(loss=f"{sums[0] / seen:.4f}", accuracy=f"{sums[1] / seen:.4f}")
                if read and self.on_step:
                    now, count = time.perf_counter(), seen - reported
                    figures = {"step": epoch * len(batches) + number, "epoch": epoch + 1, "loss": recent[0] / count,
                               "accuracy": recent[1] / count, "learning_rate": self.trainer.learning_rate,
                               "gradient_norm": norm, "examples_per_second": count / (now - start)}  # fmt: skip
                    self.on_step(figures)
                    reported, start = seen, time.perf_counter()
        return {"loss": sums[0] / seen, "accuracy": sums[1] / seen}

    def step(
        self, rows: np.ndarray, generator: np.random.Generator, measured: bool = False
    ) -> Tuple[List[Array], float]:
        """Train on one batch.

        Returns
        -------
        list of arrays (2,)
            Each part's summed loss and number of correct predictions.
        float
            The norm of the gradient if it is to be `measured`, otherwise 0.
        """
        if self.recipe.train.num_streams > 1 or self.recipe.train.adversarial_norm:
            self.network.collect_params().zero_grad()
        sums = [run_in_stream(stream, self.find_gradients, *part) for stream, *part in self.load(rows, generator)]
        return sums, self.update(len(rows), measured)

    def find_gradients(self, inputs: List[Array], labels: Array, weights: Array) -> Array:
        """Compute, or with several streams add, the gradients of some reviews; return loss and correct ones, (2,)."""
        if self.recipe.train.adversarial_norm:
            scores, loss = self.find_adversarial_gradients(inputs, labels, weights)
        else:
            with mx.autograd.record():
                scores = self.network(*inputs).astype("float32", copy=False)
                loss = _loss(self.recipe)(scores, labels) * weights
            backward(loss, self.trainer)
        answers = scores.sum(axis=1) > 0 if self.recipe.network.num_outputs == 1 else scores.argmax(axis=1)
        return mx.nd.stack(loss.sum(), ((answers == labels) * (weights > 0)).sum()).reshape(2)

    def find_adversarial_gradients(self, inputs: List[Array], labels: Array, weights: Array) -> Tuple[Array, Array]:
        """Add the gradients of some reviews, and of the same reviews with perturbed embeddings (Miyato et al., 2017).

        The embeddings of each review are perturbed in the direction in which the loss grows fastest. An n-gram model
        is trained on the reviews as they are.

        Returns
        -------
        Logits and loss of the reviews as they are.
        """
        ids, lengths, *ngrams = inputs
        lstms: List[SentimentNetwork] = list(self.network.members) if self.recipe.is_ensemble else [self.network]
        loss_of = _loss(self.recipe)
        perturbations = [mx.nd.zeros((*ids.shape, lstm.embedding.weight.shape[1]), ids.context) for lstm in lstms]
        for perturbation in perturbations:
            perturbation.attach_grad()

        def forward() -> List[Array]:
            embedded = [lstm.embed(ids) + perturbation for lstm, perturbation in zip(lstms, perturbations)]
            return [lstm.forward_from_embeddings(each, lengths, exact=False) for lstm, each in zip(lstms, embedded)]

        with mx.autograd.record():
            logits = mx.nd.concat(*forward(), *([self.network.ngram_model(*ngrams)] if ngrams else []), dim=1)
            loss = loss_of(logits, labels) * weights
        backward(loss, self.trainer)
        norm = self.recipe.train.adversarial_norm
        perturbations = [perturb(perturbation.grad, lengths, norm) for perturbation in perturbations]
        with mx.autograd.record():
            perturbed_loss = loss_of(mx.nd.concat(*forward(), dim=1), labels) * weights
        backward(perturbed_loss, self.trainer)
        return logits, loss

    def load(self, rows: np.ndarray, generator: np.random.Generator) -> Iterator[Tuple[int, List[Array], Array, Array]]:
        """Yield the stream, inputs, labels (N,) and loss weights (N,) of each part of a batch.

        Every device must take part in every step, so a device without a review gets the first one with weight 0.
        """
        for device, share in zip(self.devices, np.array_split(self.cluster.shard(rows), len(self.devices))):
            weight = float(len(share) > 0)
            streams = self.recipe.train.num_streams if device.device_type == "cpu" else 1
            parts = np.array_split(share if weight else rows[:1], streams)
            for stream, taken in enumerate(part for part in parts if len(part)):
                sequences = [crop(self.encoded[row], self.recipe.train.random_crop_prob, generator) for row in taken]
                block = batchify(sequences, self.recipe, self.network.ngrams)
                inputs = to_device(block, self.recipe, device)
                labels = mx.nd.array(self.encoded.labels[taken], device, "float32")
                weights = weight * self.class_weights[self.encoded.labels[taken]]  # (N,)
                yield stream, inputs, labels, mx.nd.array(weights, device, "float32")

    def update(self, batch_size: int, measured: bool = False) -> float:
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

    def set_learning_rate(self, progress: float) -> None:
        """Set the learning rate of the schedule; `progress` goes from 0 to 1 over all epochs."""
        if self.recipe.train.lr_schedule == "cosine":
            self.trainer.set_learning_rate(self.recipe.train.learning_rate * (1 + math.cos(math.pi * progress)) / 2)

    def check(self, loss: float, where: str) -> None:
        """Raise an error if the loss is not finite."""
        if not math.isfinite(loss):
            rate = self.recipe.train.learning_rate
            advice = f"try a smaller train.learning_rate (now {rate}) or train.clip_norm=1"
            raise PipelineError(f"{where}: the loss is not finite; {advice}")

    def evaluate(self) -> Dict[str, float]:
        """Return loss and accuracy on ``train.eval_split``; empty if that split has no reviews.

        All workers return the figures of the worker of rank 0, so that they all stop after the same epoch.
        """
        split = self.recipe.train.eval_split
        rows = self.encoded.rows(split)
        if not len(rows):
            return {}
        found = predict(self.network, self.recipe, [self.encoded[row] for row in rows], self.devices[0])
        figures = measure(self.encoded.labels[rows], found)
        own = np.array([figures["loss"], figures["accuracy"]])
        loss, accuracy = self.cluster.sum(own * (self.cluster.rank == 0)).tolist()
        return {f"{split}_loss": loss, f"{split}_accuracy": accuracy}


def _trained(network: GluonNetwork) -> List[Parameter]:
    return [parameter for parameter in network.collect_params().values() if parameter.grad_req != "null"]


def perturb(gradients: Array, lengths: Array, norm: float) -> Array:
    """Return a perturbation of embeddings along the gradients of the loss with respect to them, (N, T, C).

    It has norm `norm` for a review of 200 tokens; its square is proportional to the number of tokens, so that each
    token is moved as far in a short review as in a long one.
    """
    size = mx.nd.sqrt((gradients**2).sum(axis=(1, 2), keepdims=True)) + 1e-12  # (N, 1, 1)
    allowed = norm * mx.nd.sqrt(lengths / 200).reshape((-1, 1, 1))  # (N, 1, 1)
    return mx.nd.broadcast_mul(gradients, allowed / size)


def crop(
    sequence: np.ndarray, probability: float, generator: np.random.Generator, shortest: int = 5, sentence: int = 60
) -> np.ndarray:
    """Return a review, or with some probability a random crop of it, of a length that is log-uniform.

    A text of up to `sentence` tokens is never cropped: without the "not", "not bad" says the opposite.
    """
    if not probability or generator.uniform() >= probability or len(sequence) <= sentence:
        return sequence
    length = int(np.exp(generator.uniform(np.log(shortest), np.log(len(sequence)))))
    start = generator.integers(len(sequence) - length + 1)
    return sequence[start : start + length]


def _loss(recipe: Recipe) -> Callable[[Array, Array], Array]:
    if recipe.network.num_outputs > 1:
        cross_entropy: Callable[[Array, Array], Array] = mx.gluon.loss.SoftmaxCrossEntropyLoss()
        return cross_entropy
    each = mx.gluon.loss.SigmoidBinaryCrossEntropyLoss()
    # With an ensemble, each part has its own column of scores and thus its own loss.
    return lambda scores, labels: each(scores, mx.nd.broadcast_like(labels.expand_dims(1), scores))


def _order(lengths: np.ndarray, recipe: Recipe, generator: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the positions of the reviews of each batch of one epoch."""
    options = recipe.train
    if options.bucket_by_length:
        cut = np.minimum(lengths, recipe.index.max_length)
        # 20 buckets with the same number of reviews
        longest = np.unique(np.quantile(cut, np.linspace(0, 1, 21)[1:], method="higher")).tolist()
        sampler = import_gluonnlp().data.FixedBucketSampler(
            cut.tolist(), options.batch_size, num_buckets=None, bucket_keys=longest, shuffle=True
        )
        with global_numpy_seed(int(generator.integers(2**32))):  # the sampler knows no other generator
            batches = [np.array(batch) for batch in sampler]
        yield from batches
        return
    order = generator.permutation(len(lengths)) if options.shuffle else np.arange(len(lengths))
    for batch in in_order(len(lengths), options.batch_size, options.drop_last):
        yield order[batch]
