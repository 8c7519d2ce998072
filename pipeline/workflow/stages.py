"""The stages on files in ``data/<name>/``.

Modules are imported when their stage runs, so that checking what is up to date does not import MXNet.
"""

from __future__ import annotations

import contextlib
import csv
from typing import TYPE_CHECKING, Tuple

from pipeline.corpus.classes import SENTIMENT, STAR_CLASSES, Classes, class_values, is_sentiment
from pipeline.errors import PipelineError
from pipeline.io.output import name_if_disk_full, new_file, read_json, write_json
from pipeline.recipe import Recipe, for_classes
from pipeline.workflow.runner import Stage, Workspace, state_of

if TYPE_CHECKING:
    from pipeline.corpus.encoded import Encoded
    from pipeline.corpus.labelled import Table
    from pipeline.model.card import TrainingData

# What the stages write, below the workspace's folder.
REVIEWS, SPLIT_AND_CLASSES = "reviews.jsonl", "splits.json"
VOCABULARY, ENCODED = "vocabulary.json", "encoded.npz"
EMBEDDING, COVERAGE = "embedding.npy", "coverage.json"
PREDICTIONS = "predictions.csv"


def read(work: Workspace) -> None:
    """Make ``reviews.jsonl`` of the folder of reviews, and ``splits.json``: the split and the classes."""
    from pipeline.corpus.groups import GROUPS, has_groups
    from pipeline.corpus.reviews import save_reviews
    from pipeline.read import read_reviews

    if work.table:
        return _read_table(work, work.table)
    reviews = read_reviews(work.reviews, work.recipe.read, work.sentences)
    by_film = work.recipe.read.split == "film" and has_groups(work.reviews)
    if work.recipe.read.split == "film" and not by_film:
        print(f"{work.reviews}: has no {GROUPS}, so the split is random: reviews of one film may be in two splits")
    classes: Classes = STAR_CLASSES if work.recipe.is_ordered else SENTIMENT
    saved = save_reviews(work.folder / REVIEWS, reviews)
    write_json(work.folder / SPLIT_AND_CLASSES, {"split": "film" if by_film else "random", "classes": list(classes)})
    for split, counts in saved.items():
        if classes == STAR_CLASSES:
            each = ", ".join(f"{STAR_CLASSES[label]}: {count:,}" for label, count in counts.items())
            print(f"{split}: {sum(counts.values()):,} reviews by stars: {each}")
        else:
            print(f"{split}: {counts.get(1, 0):,} positive and {counts.get(0, 0):,} negative reviews")


def _read_table(work: Workspace, table: Table) -> None:
    """Make the same of a table."""
    from pipeline.corpus.reviews import load_reviews, save_reviews
    from pipeline.corpus.splits import count_trained_on
    from pipeline.read import read_table

    reviews, classes = read_table(table, work.recipe.read, work.sentences)
    if work.recipe.is_ordered:
        try:
            class_values(classes)
        except PipelineError as error:
            raise PipelineError(f"{table.path}: {error}; is --label-column the column of the numbers?") from None
    split = "group" if table.group_column else "class"
    saved = save_reviews(work.folder / REVIEWS, reviews)
    write_json(work.folder / SPLIT_AND_CLASSES, {"split": split, "classes": list(classes)})
    for split, counts in saved.items():
        each = ", ".join(f"{name} {counts.get(label, 0):,}" for label, name in enumerate(classes[:10]))
        print(f"{split}: {sum(counts.values()):,} texts: {each}{', ...' * (len(classes) > 10)}")
    for split, count in count_trained_on(load_reviews(work.folder / REVIEWS)).items():
        print(f"{split}: {count:,} texts are trained on too, so its metrics are too good; sentiment check names them")


def index(work: Workspace) -> None:
    """Write ``vocabulary.json`` and ``encoded.npz`` from the reviews."""
    from pipeline.corpus.reviews import load_reviews
    from pipeline.index import index_reviews

    reviews = load_reviews(work.folder / REVIEWS)
    with name_if_disk_full(work.folder):
        vocabulary, encoded = index_reviews(reviews, work.recipe.index, scratch=work.folder)
    vocabulary.save(work.folder / VOCABULARY)
    encoded.save(work.folder / ENCODED)
    lengths = encoded.lengths
    print(
        f"vocabulary size {len(vocabulary):,}; "
        f"reviews of {lengths.min()} to {lengths.max()} words, mean {lengths.mean():.5f}"
    )


def embed(work: Workspace) -> None:
    """Write ``embedding.npy`` and ``coverage.json`` from the vocabulary, word vectors and, for PPMI, reviews."""
    from pipeline.corpus.encoded import Encoded
    from pipeline.embed import make_embedding
    from pipeline.io.arrays import save_array
    from pipeline.text.vocabulary import Vocabulary

    vocabulary = Vocabulary.load(work.folder / VOCABULARY, work.recipe.index)
    encoded = Encoded.load(work.folder / ENCODED)
    matrix, coverage = make_embedding(vocabulary, encoded, work.vectors, work.recipe)
    if coverage:
        print(coverage)
    print(f"embedding matrix: {matrix.shape[0]:,} x {matrix.shape[1]}")
    with new_file(work.folder / EMBEDDING) as temporary:
        save_array(temporary, matrix)
    write_json(work.folder / COVERAGE, coverage.to_dict() if coverage else {})


def train(work: Workspace) -> None:
    """Write ``bundle/`` from the encoded reviews and the embedding; resume from a checkpoint of the same settings."""
    import numpy as np

    from pipeline.corpus.encoded import Encoded
    from pipeline.model.bundle import save_bundle
    from pipeline.model.checkpoint import remove_checkpoints
    from pipeline.mx.engine import find_devices
    from pipeline.text.vocabulary import Vocabulary
    from pipeline.train import train_network

    folder = work.folder
    recipe, classes = _find_classes(work)
    encoded = Encoded.load(folder / ENCODED)
    with contextlib.closing(work.log) if work.log else contextlib.nullcontext() as log:
        network, history = train_network(
            encoded,
            np.load(folder / EMBEDDING, allow_pickle=False),
            recipe,
            find_devices(work.device),
            work.checkpoints,
            state_of(TRAIN, work),
            work.cluster,
            log.on_step if log else None,
            log.on_epoch if log else None,
        )
    if work.cluster.rank:
        return
    vocabulary = Vocabulary.load(folder / VOCABULARY, recipe.index)
    data = _describe_data(work, encoded)
    save_bundle(folder / "bundle", network, vocabulary, recipe, history, classes=classes, data=data)
    remove_checkpoints(work.checkpoints)
    print(f"{folder / 'bundle'}: trained network for infer_sentiment")


def check_train(work: Workspace) -> None:
    """Check what a training needs besides its inputs: devices, and a place for the bundle.

    Raises
    ------
    PipelineError
        If there is no such device, or the recipe is for other classes, or ``bundle/`` has other files in it.
    """
    from pipeline.model.bundle import check_target
    from pipeline.mx.engine import find_devices

    find_devices(work.device)
    _find_classes(work)
    check_target(work.folder / "bundle")


def _find_classes(work: Workspace) -> Tuple[Recipe, Classes]:
    """Return the recipe for the classes of what was read, and these classes."""
    recipe, classes = work.recipe, tuple(read_json(work.folder / SPLIT_AND_CLASSES)["classes"])
    if work.table:
        recipe = for_classes(recipe, len(classes))
    elif recipe.num_classes != len(classes):
        found = f"network.num_outputs={recipe.network.num_outputs}"
        if recipe.is_ordered:
            raise PipelineError(f'{found}: reviews with read.labels="stars" are of {len(classes)} classes; set it to 8')
        raise PipelineError(f"{found}: reviews are negative or positive; set it to 1 or 2")
    return recipe, classes


def evaluate(work: Workspace) -> None:
    """Write ``bundle/metrics.json`` and ``predictions.csv`` from the bundle and the encoded reviews.

    Writes the bundle's model card again, with the metrics.
    """
    from pipeline.corpus.encoded import Encoded
    from pipeline.evaluate import evaluate_bundle
    from pipeline.model.bundle import load_bundle, write_card, write_metrics
    from pipeline.mx.engine import memory_advice

    encoded = Encoded.load(work.folder / ENCODED)
    with memory_advice("--device cpu"):
        bundle = load_bundle(work.folder / "bundle", work.device)
        metrics, predicted = evaluate_bundle(bundle, encoded, work.recipe.evaluate)
    binary = is_sentiment(bundle.classes)
    path = work.folder / PREDICTIONS
    with new_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["split", "review", "label", *(["positive"] if binary else bundle.classes)])
        for split, probabilities in predicted.items():
            for row, found in zip(encoded.rows(split), probabilities[:, 1:] if binary else probabilities):
                label = encoded.labels[row] if binary else bundle.classes[encoded.labels[row]]
                writer.writerow([split, row, label, *(f"{probability:.6f}" for probability in found)])
    write_metrics(work.folder / "bundle", metrics, read_json(work.folder / SPLIT_AND_CLASSES)["split"])
    write_card(work.folder / "bundle", _describe_data(work, encoded))


def _describe_data(work: Workspace, encoded: Encoded) -> TrainingData:
    """Return what the model card says of the reviews."""
    from pipeline.corpus.reviews import SPLITS
    from pipeline.model.card import TrainingData

    counts = {split: len(encoded.rows(split)) for split in SPLITS if len(encoded.rows(split))}
    path = work.table.path if work.table else work.reviews
    reviews = path.name or path.resolve().name
    return TrainingData(reviews, read_json(work.folder / SPLIT_AND_CLASSES)["split"], counts)


READ = Stage("read", read, ("read",), ("reviews", "sentences"), (REVIEWS, SPLIT_AND_CLASSES), 9)
INDEX = Stage("index", index, ("index",), (REVIEWS,), (VOCABULARY, ENCODED), 6)
EMBED = Stage(
    name="embed",
    run=embed,
    settings=("index", "embed", "train.seed"),
    inputs=(VOCABULARY, ENCODED, "vectors"),
    outputs=(EMBEDDING, COVERAGE),
    version=3,
)
TRAIN = Stage(
    name="train",
    run=train,
    settings=("index", "embed", "network", "ngram_model", "train"),
    inputs=(VOCABULARY, ENCODED, EMBEDDING, SPLIT_AND_CLASSES),
    outputs=("bundle/bundle.json",),
    version=8,
    check=check_train,
)
EVALUATE = Stage(
    name="evaluate",
    run=evaluate,
    settings=("evaluate",),
    inputs=("bundle/bundle.json", ENCODED, SPLIT_AND_CLASSES),
    outputs=("bundle/metrics.json", PREDICTIONS),
    version=3,
)
STAGES = (READ, INDEX, EMBED, TRAIN, EVALUATE)
