"""Adversarial training: gradients of reviews with perturbed embeddings (Miyato et al., 2017)."""

from __future__ import annotations

from typing import List, Sequence, Tuple, Union

from pipeline.model.ensemble import Ensemble
from pipeline.model.network import SentimentNetwork
from pipeline.mx.engine import mx, run_in_stream
from pipeline.mx.mixed_precision import backward
from pipeline.mx.types import Array, Trainer
from pipeline.training.loss import Loss


def adversarial_backward(
    network: Union[SentimentNetwork, Ensemble],
    trainer: Trainer,
    loss_of: Loss,
    norm: float,
    inputs: Sequence[Array],
    labels: Array,
    weights: Array,
    stream: int = 0,
) -> Tuple[Array, Array]:
    """Add the gradients of some reviews, and of the same reviews with perturbed embeddings.

    The embeddings of each review are perturbed in the direction in which the loss grows fastest. An n-gram model is
    trained on the reviews as they are.

    Parameters
    ----------
    network : SentimentNetwork or Ensemble
        Its parameters have ``grad_req="add"``.
    trainer : mxnet.gluon.Trainer
    loss_of : callable
        As from `make_loss`.
    norm : float
        As for `perturb`.
    inputs : sequence of arrays
        Ids (N, T), lengths (N,) and, with an n-gram model, n-grams (N, L).
    labels : array, (N,)
    weights : array, (N, M)
        Of the reviews' losses of each model.
    stream : int
        Of the first LSTM. On a CPU each further LSTM has the next one, since LSTMs share no parameters and can be
        computed at the same time.

    Returns
    -------
    logits : array, (N, M * num_outputs)
        Of the reviews as they are.
    loss : array, (N,)
        Of the reviews as they are, weighted, the sum over the models.
    """
    ids, lengths, *ngrams = inputs
    lstms: List[SentimentNetwork] = list(network.lstms) if isinstance(network, Ensemble) else [network]
    # Only LSTMs have a loss for perturbed embeddings, so each weighs more in the mean of those.
    more = weights.shape[1] / len(lstms)

    def train_lstm(lstm: SentimentNetwork, weights: Array) -> Tuple[Array, Array]:
        perturbation = mx.nd.zeros((*ids.shape, lstm.embedding.weight.shape[1]), ids.context)
        perturbation.attach_grad()
        with mx.autograd.record():
            logits = lstm.forward_from_embeddings(lstm.embed(ids) + perturbation, lengths, exact=False)
            loss = loss_of(logits, labels) * weights  # (N, 1)
        backward(loss, trainer)
        perturbation = perturb(perturbation.grad, lengths, norm)
        with mx.autograd.record():
            perturbed = lstm.forward_from_embeddings(lstm.embed(ids) + perturbation, lengths, exact=False)
            perturbed_loss = loss_of(perturbed, labels) * weights * more
        backward(perturbed_loss, trainer)
        return logits, loss

    results = []
    for i, lstm in enumerate(lstms):
        own = stream + i if ids.context.device_type == "cpu" else 0
        results.append(run_in_stream(own, train_lstm, lstm, weights[:, i : i + 1]))
    if ngrams:
        with mx.autograd.record():
            logits = network.ngram_model(*ngrams)
            loss = loss_of(logits, labels) * weights[:, -1:]
        backward(loss, trainer)
        results.append((logits, loss))
    logits_of_models, losses = zip(*results)
    return mx.nd.concat(*logits_of_models, dim=1), mx.nd.concat(*losses, dim=1).sum(axis=1)


def perturb(gradients: Array, lengths: Array, norm: float) -> Array:
    """Return a perturbation of embeddings along the gradients of the loss with respect to them, (N, T, C).

    It has norm `norm` for a review of 200 tokens; its square is proportional to the number of tokens, so that each
    token is moved as far in a short review as in a long one.
    """
    size = mx.nd.sqrt(mx.nd.square(gradients).sum(axis=(1, 2), keepdims=True)) + 1e-12  # (N, 1, 1)
    allowed = norm * mx.nd.sqrt(lengths / 200).reshape((-1, 1, 1))  # (N, 1, 1)
    return mx.nd.broadcast_mul(gradients, allowed / size)
