"""The same networks in PyTorch, as its users write them: what ours is measured against, in a process of its own.

    python torch_baseline.py GIVEN.npz FOUND.npz

GIVEN holds a task, weights and data; FOUND gets the seconds that the task took and what it gave.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Dict, Iterator, List, Tuple

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

Arrays = Dict[str, Any]


class Network(torch.nn.Module):
    """An LSTM over features (N, T, C) and a dense layer on its last state, or on the largest if it is bidirectional."""

    def __init__(self, given: Arrays) -> None:
        super().__init__()
        self.lstm, self.dense = _layers(given)
        for name, parameter in self.lstm.named_parameters():
            parameter.requires_grad = not name.startswith("bias_hh")  # Keras has one bias only

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return scores (N, 2)."""
        hidden, _ = self.lstm(inputs)  # (N, T, U)
        return self.dense(hidden.max(dim=1).values if self.lstm.bidirectional else hidden[:, -1])


class ReviewNetwork(torch.nn.Module):
    """Embedding, LSTM over packed sequences, max and mean over the words, dense layer."""

    def __init__(self, given: Arrays) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding.from_pretrained(torch.from_numpy(given["embedding"]), freeze=False)
        self.lstm, self.dense = _layers(given)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return scores (N, 2) of padded ids (N, T)."""
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)  # (N, T, U), 0 in the padding
        padding = torch.arange(ids.shape[1])[None, :] >= lengths[:, None]  # (N, T)
        largest = hidden.masked_fill(padding[:, :, None], -1).max(dim=1).values
        return self.dense(torch.cat([largest, hidden.sum(dim=1) / lengths[:, None]], dim=1))


def train(given: Arrays) -> Arrays:
    """Train on one and the same batch; return the loss at each step."""
    network = Network(given)
    optimizer = _optimizer(network, given)
    inputs, labels = torch.from_numpy(given["inputs"]), torch.from_numpy(given["labels"])
    losses: List[torch.Tensor] = []
    for step in range(int(given["warm_up"]) + int(given["repeats"])):
        if step == given["warm_up"]:
            start = time.perf_counter()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(inputs), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {"seconds": time.perf_counter() - start, "losses": torch.stack(losses).numpy()}


@torch.inference_mode()
def infer(given: Arrays) -> Arrays:
    """Return the scores of one batch."""
    network, inputs = Network(given).eval(), torch.from_numpy(given["inputs"])
    for _ in range(int(given["warm_up"])):
        network(inputs)
    start = time.perf_counter()
    for _ in range(int(given["repeats"])):
        scores = network(inputs)
    return {"seconds": time.perf_counter() - start, "scores": scores.numpy()}


def train_reviews(given: Arrays) -> Arrays:
    """Train on batches of reviews, one after the other; return the loss of each."""
    network = ReviewNetwork(given)
    optimizer = _optimizer(network, given)
    losses = []
    start = time.perf_counter()
    for ids, lengths, labels in _batches(given):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(ids, lengths), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), float(given["clip"]))
        optimizer.step()
        losses.append(loss.item())
    return {"seconds": time.perf_counter() - start, "losses": np.array(losses)}


@torch.inference_mode()
def answer_reviews(given: Arrays) -> Arrays:
    """Return the probability of "positive" for each review, in the order of the batches."""
    network = ReviewNetwork(given).eval()
    ids, lengths, _ = next(_batches(given))
    network(ids, lengths)
    start = time.perf_counter()
    answers = [_positive(network(ids, lengths)) for ids, lengths, _ in _batches(given)]
    return {"seconds": time.perf_counter() - start, "positive": torch.cat(answers).numpy()}


def _positive(scores: torch.Tensor) -> torch.Tensor:
    """Return the probabilities of "positive", (N,), for scores (N, 2), or (N, 1) of that class alone."""
    others = scores.new_zeros(len(scores), 2 - scores.shape[1])
    return torch.cat([others, scores], dim=1).softmax(dim=1)[:, 1]


def _layers(given: Arrays) -> Tuple[torch.nn.LSTM, torch.nn.Linear]:
    """Return the LSTM and the dense layer with the given weights; gates are stored in Gluon's order here too."""
    units, inputs = given["forward_h2h_weight"].shape[1], given["forward_i2h_weight"].shape[1]
    lstm = torch.nn.LSTM(inputs, units, bidirectional="backward_i2h_weight" in given, batch_first=True)
    names = {"i2h_weight": "weight_ih_l0", "h2h_weight": "weight_hh_l0", "i2h_bias": "bias_ih_l0"}
    dense = torch.nn.Linear(given["dense_weight"].shape[1], len(given["dense_weight"]))
    with torch.no_grad():
        for ours, theirs in {**names, "h2h_bias": "bias_hh_l0"}.items():
            for direction, suffix in (("forward", ""), ("backward", "_reverse"))[: 1 + lstm.bidirectional]:
                getattr(lstm, theirs + suffix).copy_(torch.from_numpy(given[f"{direction}_{ours}"]))
        dense.weight.copy_(torch.from_numpy(given["dense_weight"]))
        dense.bias.copy_(torch.from_numpy(given["dense_bias"]))
    return lstm, dense


def _optimizer(network: torch.nn.Module, given: Arrays) -> torch.optim.Optimizer:
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[str(given["optimizer"])]
    return kind([p for p in network.parameters() if p.requires_grad], lr=float(given["learning_rate"]))


def _batches(given: Arrays) -> Iterator[Tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield ids (N, T), lengths (N,) and labels (N,), in batches of the given sizes."""
    reviews = np.split(given["ids"], np.cumsum(given["lengths"])[:-1])
    end = 0
    for size in given["sizes"].tolist():
        start, end = end, end + size
        sequences = [torch.from_numpy(review) for review in reviews[start:end]]
        lengths, labels = (torch.from_numpy(given[name][start:end]) for name in ("lengths", "labels"))
        yield pad_sequence(sequences, batch_first=True), lengths, labels


TASKS = {"train": train, "infer": infer, "train_reviews": train_reviews, "answer_reviews": answer_reviews}

if __name__ == "__main__":
    torch.set_flush_denormal(True)  # as ours does, see pipeline.mx.engine: many times as fast where gradients vanish
    with np.load(sys.argv[1]) as file:
        arrays = dict(file)
    np.savez(sys.argv[2], **TASKS[str(arrays["task"])](arrays))
