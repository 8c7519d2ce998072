"""Baseline networks in idiomatic PyTorch, run in a separate process.

    python torch_baseline.py INPUT.npz OUTPUT.npz

INPUT contains a task, weights and data. OUTPUT gets the seconds that the task took and its results. Subnormal numbers
are flushed to 0 unless ``flush_denormal`` in INPUT is 0; ``threads`` sets the number of threads.
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
    """An LSTM on features (N, T, C) with a dense layer on the last state, or on the max if bidirectional."""

    def __init__(self, arrays: Arrays) -> None:
        super().__init__()
        self.lstm, self.dense = _layers(arrays)
        for name, parameter in self.lstm.named_parameters():
            parameter.requires_grad = not name.startswith("bias_hh")  # as in Keras, which has a single bias

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits (N, 2)."""
        hidden, _ = self.lstm(inputs)  # (N, T, U)
        return self.dense(hidden.max(dim=1).values if self.lstm.bidirectional else hidden[:, -1])


class ReviewNetwork(torch.nn.Module):
    """Embedding, LSTM on packed sequences, max and mean pooling, dense layer."""

    def __init__(self, arrays: Arrays) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding.from_pretrained(torch.from_numpy(arrays["embedding"]), freeze=False)
        self.lstm, self.dense = _layers(arrays)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return logits (N, 2) of padded ids (N, T)."""
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)  # (N, T, U), 0 in the padding
        padding = torch.arange(ids.shape[1])[None, :] >= lengths[:, None]  # (N, T)
        largest = hidden.masked_fill(padding[:, :, None], -1).max(dim=1).values
        return self.dense(torch.cat([largest, hidden.sum(dim=1) / lengths[:, None]], dim=1))


def train(arrays: Arrays) -> Arrays:
    """Train repeatedly on one batch; return the loss of each step."""
    network = Network(arrays)
    optimizer = _optimizer(network, arrays)
    inputs, labels = torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["labels"])
    losses: List[torch.Tensor] = []
    for step in range(int(arrays["warm_up"]) + int(arrays["repeats"])):
        if step == arrays["warm_up"]:
            start = time.perf_counter()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(inputs), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return {"seconds": time.perf_counter() - start, "losses": torch.stack(losses).numpy()}


@torch.inference_mode()
def infer(arrays: Arrays) -> Arrays:
    """Return the logits of one batch."""
    network, inputs = Network(arrays).eval(), torch.from_numpy(arrays["inputs"])
    for _ in range(int(arrays["warm_up"])):
        network(inputs)
    start = time.perf_counter()
    for _ in range(int(arrays["repeats"])):
        scores = network(inputs)
    return {"seconds": time.perf_counter() - start, "scores": scores.numpy()}


def train_reviews(arrays: Arrays) -> Arrays:
    """Train for one epoch; return the loss of each batch."""
    network = ReviewNetwork(arrays)
    optimizer = _optimizer(network, arrays)
    losses = []
    start = time.perf_counter()
    for ids, lengths, labels in _batches(arrays):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(ids, lengths), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), float(arrays["clip_norm"]))
        optimizer.step()
        losses.append(loss.item())
    return {"seconds": time.perf_counter() - start, "losses": np.array(losses)}


@torch.inference_mode()
def predict_reviews(arrays: Arrays) -> Arrays:
    """Return the probability of "positive" for each review, in batch order."""
    network = ReviewNetwork(arrays).eval()
    ids, lengths, _ = next(_batches(arrays))
    network(ids, lengths)
    start = time.perf_counter()
    positive = [_positive(network(ids, lengths)) for ids, lengths, _ in _batches(arrays)]
    return {"seconds": time.perf_counter() - start, "positive": torch.cat(positive).numpy()}


def _positive(scores: torch.Tensor) -> torch.Tensor:
    """Return the probabilities of "positive", (N,), from logits (N, 2) or (N, 1)."""
    others = scores.new_zeros(len(scores), 2 - scores.shape[1])
    return torch.cat([others, scores], dim=1).softmax(dim=1)[:, 1]


def _layers(arrays: Arrays) -> Tuple[torch.nn.LSTM, torch.nn.Linear]:
    """Return the LSTM and the dense layer with the given weights; PyTorch has the same gate order as Gluon."""
    units, inputs = arrays["forward_h2h_weight"].shape[1], arrays["forward_i2h_weight"].shape[1]
    lstm = torch.nn.LSTM(inputs, units, bidirectional="backward_i2h_weight" in arrays, batch_first=True)
    names = {"i2h_weight": "weight_ih_l0", "h2h_weight": "weight_hh_l0", "i2h_bias": "bias_ih_l0"}
    dense = torch.nn.Linear(arrays["dense_weight"].shape[1], len(arrays["dense_weight"]))
    with torch.no_grad():
        for ours, theirs in {**names, "h2h_bias": "bias_hh_l0"}.items():
            for direction, suffix in (("forward", ""), ("backward", "_reverse"))[: 1 + lstm.bidirectional]:
                getattr(lstm, theirs + suffix).copy_(torch.from_numpy(arrays[f"{direction}_{ours}"]))
        dense.weight.copy_(torch.from_numpy(arrays["dense_weight"]))
        dense.bias.copy_(torch.from_numpy(arrays["dense_bias"]))
    return lstm, dense


def _optimizer(network: torch.nn.Module, arrays: Arrays) -> torch.optim.Optimizer:
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[str(arrays["optimizer"])]
    return kind([p for p in network.parameters() if p.requires_grad], lr=float(arrays["learning_rate"]))


def _batches(arrays: Arrays) -> Iterator[Tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield ids (N, T), lengths (N,) and labels (N,), in batches of the given sizes."""
    reviews = np.split(arrays["ids"], np.cumsum(arrays["lengths"])[:-1])
    end = 0
    for size in arrays["sizes"].tolist():
        start, end = end, end + size
        sequences = [torch.from_numpy(review) for review in reviews[start:end]]
        lengths, labels = (torch.from_numpy(arrays[name][start:end]) for name in ("lengths", "labels"))
        yield pad_sequence(sequences, batch_first=True), lengths, labels


def count_subnormal() -> int:
    """Return how many subnormal numbers are left of a million that all threads compute; 0 if all threads flush them."""
    product = torch.full((1_000_000,), 1e-30) * 1e-10
    return int(torch.count_nonzero(product.view(torch.int32)))


TASKS = {"train": train, "infer": infer, "train_reviews": train_reviews, "predict_reviews": predict_reviews}

if __name__ == "__main__":
    with np.load(sys.argv[1]) as file:
        arrays = dict(file)
    # As in pipeline.mx.engine; much faster where gradients vanish. It applies to this thread and to those that it
    # starts later, so it comes before the first operator, which starts PyTorch's other threads.
    flushing = torch.set_flush_denormal(bool(arrays.get("flush_denormal", True)))  # False: no such processor
    if "threads" in arrays:
        torch.set_num_threads(int(arrays["threads"]))
    outputs = TASKS[str(arrays["task"])](arrays)
    if flushing and arrays.get("flush_denormal", True) and count_subnormal():
        raise RuntimeError("subnormal numbers are not flushed to 0 in all threads")
    np.savez(sys.argv[2], **outputs)
