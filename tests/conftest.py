"""A world small enough to read: six reviews, a GloVe of six lines, a recipe that learns them in seconds."""

from __future__ import annotations

import os
from pathlib import Path
from typing import List

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tiny networks: threads would only wait for one another

from pipeline.recipe import Index, Network, Read, Recipe, Train

settings.register_profile("no deadline", deadline=None)  # on a busy machine any example can take long
settings.load_profile("no deadline")

# The files that take longest, longest first. They are begun first, so that none of them runs alone at the end.
SLOWEST = """
scripts/test_notebooks docs/test_site test_train distributed/test_launch integration/test_forks
scripts/benchmark/test_networks scripts/benchmark/test_reviews scripts/test_ship_bundle test_classifier
integration/test_trouble docs/test_shell_examples scoring/test_job cli/test_doctor cli/test_fit integration/test_jupyter
report/test_page io/test_streams scripts/test_large_corpus docs/test_python_blocks cli/test_infer model/test_ensemble
integration/test_other_systems workflow/test_stages
""".split()

REVIEWS = {
    "train/pos/0_9.txt": "A great film. I loved it!",
    "train/pos/1_10.txt": "Great, great fun.",
    "train/pos/2_8.txt": "I loved the plot.<br />Fun!",
    "train/neg/0_1.txt": "A bad film. I hated it!",
    "train/neg/1_2.txt": "Bad, bad plot.",
    "train/neg/2_3.txt": "I hated the film, no fun.",
}
GLOVE = """\
great 0.9 0.1 0.0
loved 0.8 0.0 0.2
fun 0.7 0.2 0.1
bad -0.9 0.1 0.0
hated -0.8 0.0 0.2
film 0.0 0.9 0.4
"""
TINY = Recipe(
    name="tiny",
    read=Read(held_out=0.34, seed=1),
    index=Index(tokenizer="ptb", vocab_size=30, max_length=8),
    network=Network(hidden_size=5, bidirectional=True, pooling="max_mean", dropout=0.1),
    train=Train(epochs=3, batch_size=2, learning_rate=0.02),
)


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest-xdist begin the files in this order, not those with the most tests first."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: List[pytest.Item]) -> None:
    """Move the tests of the slowest files to the front."""
    place = {f"tests/{name}.py": place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in a folder of its own: nothing may depend on what lies below ``data/``."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Raw data: ``aclImdb/`` with six reviews and ``glove.6B.50d.txt`` with six words."""
    folder = tmp_path / "data" / "raw"
    for name, text in REVIEWS.items():
        path = folder / "aclImdb" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "glove.6B.50d.txt").write_text(GLOVE, encoding="utf-8")
    return folder


@pytest.fixture
def tiny() -> Recipe:
    """Return a recipe for the six reviews."""
    return TINY


def save_random_bundle(path: Path, recipe: Recipe) -> None:
    """Write a bundle of ten words whose parameters are random numbers, large enough to make every word count."""
    import numpy as np

    from pipeline.corpus.classes import SENTIMENT
    from pipeline.model.bundle import save_bundle
    from pipeline.model.ensemble import build_network
    from pipeline.mx.engine import mx
    from pipeline.text.ngrams import NGrams
    from pipeline.text.vocabulary import Vocabulary

    words = "a bad film fun good great it plot the was".split()
    vocabulary = Vocabulary(words, range(len(words), 0, -1), recipe.index)
    random = np.random.RandomState(0)
    ids, longest = len(vocabulary), recipe.ngram_model.max_n
    ngrams = NGrams(np.array([*range(1, ids), *range(ids + 1, ids * ids, 2)]), ids, longest) if longest else None
    network = build_network(recipe, (ids, 4), ngrams)
    network.initialize()
    for parameter in network.collect_params().values():
        parameter.set_data(mx.nd.array(random.normal(0, 0.7, parameter.shape)))
    if ngrams:
        ratios = network.ngram_model.ratio.weight
        ratios.set_data(ratios.data() * (mx.nd.arange(len(ngrams)) > 0).expand_dims(1))  # the padding says nothing
    classes = SENTIMENT if recipe.num_classes == 2 else tuple(range(recipe.num_classes))
    save_bundle(path, network, vocabulary, recipe, [], classes=classes)
