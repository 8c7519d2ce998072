"""The stages on files: what each reads and writes below ``data/<name>/``.

Modules are imported when their stage runs: to find that all is up to date takes no MXNet.
"""

from __future__ import annotations

import csv

from pipeline.io.output import named_if_full, new_file, read_json, write_json
from pipeline.workflow.runner import Stage, Workspace, state_of


def read(work: Workspace) -> None:
    """Make ``reviews.jsonl`` of the folder of reviews, and ``splits.json``, which says how they were split."""
    from pipeline.corpus.groups import GROUPS, group_files
    from pipeline.corpus.reviews import save_reviews
    from pipeline.read import read_reviews

    reviews = read_reviews(work.reviews, work.recipe.read, work.sentences)
    by_film = work.recipe.read.split == "film" and bool(group_files(work.reviews))
    if work.recipe.read.split == "film" and not by_film:
        print(f"{work.reviews}: has no {GROUPS}, so the split is random: reviews of one film may be in two splits")
    write_json(work.folder / "splits.json", {"split": "film" if by_film else "random"})
    for split, (positive, negative) in save_reviews(work.folder / "reviews.jsonl", reviews).items():
        print(f"{split}: {positive:,} positive and {negative:,} negative reviews")


def index(work: Workspace) -> None:
    """Make ``vocabulary.json`` and ``encoded.npz`` of the reviews."""
    from pipeline.corpus.reviews import load_reviews
    from pipeline.index import index_reviews

    reviews = load_reviews(work.folder / "reviews.jsonl")
    with named_if_full(work.folder):
        vocabulary, encoded = index_reviews(reviews, work.recipe.index, scratch=work.folder)
    vocabulary.save(work.folder / "vocabulary.json")
    encoded.save(work.folder / "encoded.npz")
    words = encoded.lengths
    print(f"{len(vocabulary):,} ids; reviews of {words.min()} to {words.max()} words, {words.mean():.5f} on average")


def embed(work: Workspace) -> None:
    """Make ``embedding.npy`` and ``coverage.json`` of the vocabulary, GloVe and, if asked for, the reviews."""
    from pipeline.corpus.encoded import Encoded
    from pipeline.embed import make_embedding
    from pipeline.io.arrays import save_array
    from pipeline.text.vocabulary import Vocabulary

    vocabulary = Vocabulary.load(work.folder / "vocabulary.json", work.recipe.index)
    encoded = Encoded.load(work.folder / "encoded.npz")
    matrix, coverage = make_embedding(vocabulary, encoded, work.glove, work.recipe)
    if coverage:
        print(coverage)
    print(f"{matrix.shape[0]:,} vectors of {matrix.shape[1]} numbers to begin with")
    with new_file(work.folder / "embedding.npy") as temporary:
        save_array(temporary, matrix)
    write_json(work.folder / "coverage.json", coverage.to_dict() if coverage else {})


def train(work: Workspace) -> None:
    """Make ``bundle/`` of the encoded reviews and the embedding; go on from a checkpoint of the same settings."""
    import numpy as np

    from pipeline.corpus.encoded import Encoded
    from pipeline.model.bundle import check_target, save_bundle
    from pipeline.model.checkpoint import remove_checkpoints
    from pipeline.mx.engine import find_devices
    from pipeline.text.vocabulary import Vocabulary
    from pipeline.train import train_network

    folder, recipe = work.folder, work.recipe
    if not work.cluster.rank:
        check_target(folder / "bundle")  # now, and not after the training
    network, history = train_network(
        Encoded.load(folder / "encoded.npz"),
        np.load(folder / "embedding.npy", allow_pickle=False),
        recipe,
        find_devices(work.device),
        work.checkpoints,
        state_of(TRAIN, work),
        work.cluster,
    )
    if work.cluster.rank:
        return
    vocabulary = Vocabulary.load(folder / "vocabulary.json", recipe.index)
    save_bundle(folder / "bundle", network, vocabulary, recipe, history)
    remove_checkpoints(work.checkpoints)
    print(f"{folder / 'bundle'}: the trained network, ready for infer_sentiment")


def evaluate(work: Workspace) -> None:
    """Make ``bundle/metrics.json`` and ``predictions.csv`` of the bundle and the encoded reviews."""
    from pipeline.corpus.encoded import Encoded
    from pipeline.evaluate import evaluate_bundle
    from pipeline.model.bundle import load_bundle
    from pipeline.mx.engine import memory_advice

    encoded = Encoded.load(work.folder / "encoded.npz")
    with memory_advice("--device cpu"):
        metrics, answers = evaluate_bundle(load_bundle(work.folder / "bundle", work.device), encoded)
    with new_file(work.folder / "predictions.csv") as temporary, open(temporary, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["split", "review", "label", "positive"])
        for split, probabilities in answers.items():
            for row, positive in zip(encoded.rows(split), probabilities[:, 1]):
                writer.writerow([split, row, encoded.labels[row], f"{positive:.6f}"])
    write_json(work.folder / "bundle" / "metrics.json", {**read_json(work.folder / "splits.json"), **metrics})


READ = Stage("read", read, ("read",), ("reviews", "sentences"), ("reviews.jsonl", "splits.json"), 3)
INDEX = Stage("index", index, ("index",), ("reviews.jsonl",), ("vocabulary.json", "encoded.npz"), 2)
EMBED = Stage(
    name="embed",
    run=embed,
    sections=("index", "embed"),
    inputs=("vocabulary.json", "encoded.npz", "glove"),
    outputs=("embedding.npy", "coverage.json"),
    version=1,
)
TRAIN = Stage(
    name="train",
    run=train,
    sections=("index", "embed", "network", "ngram_model", "train", "evaluate"),
    inputs=("vocabulary.json", "encoded.npz", "embedding.npy"),
    outputs=("bundle/bundle.json",),
    version=2,
)
EVALUATE = Stage(
    name="evaluate",
    run=evaluate,
    sections=("index", "network", "ngram_model", "evaluate"),
    inputs=("bundle/bundle.json", "encoded.npz", "splits.json"),
    outputs=("bundle/metrics.json", "predictions.csv"),
    version=1,
)
STAGES = (READ, INDEX, EMBED, TRAIN, EVALUATE)
