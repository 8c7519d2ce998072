"""Adversarial training: gradients of reviews with perturbed embeddings (Miyato et al., 2017)."""

from __future__ import annotations

from typing import List, Sequence, Tuple, Union

from pipeline.model.ensemble import Ensemble
from pipeline.model.network import SentimentNetwork
from pipeline.mx.engine import mx
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
    labels, weights : arrays, (N,)

    Returns
    -------
    logits : array, (N, M * num_outputs)
        Of the reviews as they are.
    loss : array, (N,)
        Of the reviews as they are, weighted.
    """
    ids, lengths, *ngrams = inputs
    lstms: List[SentimentNetwork] = list(network.lstms) if isinstance(network, Ensemble) else [network]
    perturbations = [mx.nd.zeros((*ids.shape, lstm.embedding.weight.shape[1]), ids.context) for lstm in lstms]
    for perturbation in perturbations:
        perturbation.attach_grad()

    def forward() -> List[Array]:
        embedded = [lstm.embed(ids) + perturbation for lstm, perturbation in zip(lstms, perturbations)]
        return [lstm.forward_from_embeddings(each, lengths, exact=False) for lstm, each in zip(lstms, embedded)]

    with mx.autograd.record():
        logits = mx.nd.concat(*forward(), *([network.ngram_model(*ngrams)] if ngrams else []), dim=1)
        loss = loss_of(logits, labels) * weights
    backward(loss, trainer)
    perturbations = [perturb(perturbation.grad, lengths, norm) for perturbation in perturbations]
    with mx.autograd.record():
        perturbed_loss = loss_of(mx.nd.concat(*forward(), dim=1), labels) * weights
    backward(perturbed_loss, trainer)
    return logits, loss


def perturb(gradients: Array, lengths: Array, norm: float) -> Array:
    """Return a perturbation of embeddings along the gradients of the loss with respect to them, (N, T, C).

    It has norm `norm` for a review of 200 tokens; its square is proportional to the number of tokens, so that each
    token is moved as far in a short review as in a long one.
    """
    size = mx.nd.sqrt((gradients**2).sum(axis=(1, 2), keepdims=True)) + 1e-12  # (N, 1, 1)
    allowed = norm * mx.nd.sqrt(lengths / 200).reshape((-1, 1, 1))  # (N, 1, 1)
    return mx.nd.broadcast_mul(gradients, allowed / size)
