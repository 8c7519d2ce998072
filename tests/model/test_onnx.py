"""Threads that share a network in ONNX, and copies of it."""

from __future__ import annotations

import copy
import pickle
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pytest

from pipeline import clear_cache, infer_sentiment
from pipeline.export.onnx import export_bundle
from pipeline.io.forks import one_thread
from pipeline.model.bundle import Bundle, load_bundle
from pipeline.model.predictor import Predictor
from pipeline.recipe import Recipe
from tests.conftest import save_random_bundle


class Session:
    """A session whose runs end only when two of them are running at the same time."""

    def __init__(self, session: Any) -> None:
        self.session, self.both = session, threading.Barrier(2, timeout=20)

    def get_inputs(self) -> Any:
        return self.session.get_inputs()

    def run(self, *arguments: Any) -> Any:
        self.both.wait()
        return self.session.run(*arguments)


def load_onnx(recipe: Recipe, folder: Path) -> Bundle:
    save_random_bundle(folder / "bundle", recipe)
    export_bundle(folder / "bundle", folder / "onnx")
    return load_bundle(folder / "onnx")


@pytest.mark.parametrize("copy_of", [copy.deepcopy, lambda predictor: pickle.loads(pickle.dumps(predictor))])
def test_copies_predict_alike(tiny: Recipe, tmp_path: Path, copy_of: Callable[[Predictor], Predictor]) -> None:
    predictor, texts = Predictor(load_onnx(tiny, tmp_path)), ["a great film", "it was bad", "zebra"]
    shutil.rmtree(tmp_path / "onnx")
    twin = copy_of(predictor)
    assert twin.bundle.network is not predictor.bundle.network
    assert np.array_equal(twin.predict_proba(texts), predictor.predict_proba(texts))
    assert twin.infer(texts) == predictor.infer(texts)


def test_predictions_of_two_threads_overlap(tiny: Recipe, tmp_path: Path) -> None:
    bundle = load_onnx(tiny, tmp_path)
    predictor, texts = Predictor(bundle), ["a great film", "it was bad"]
    expected = predictor.predict_proba(texts)
    bundle.network._session = Session(bundle.network._session)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: predictor.predict_proba(texts), range(2)))
    assert [np.array_equal(probabilities, expected) for probabilities in found] == [True, True]


def test_loaded_bundle_predicts_while_another_thread_has_gluons_lock(tiny: Recipe, tmp_path: Path) -> None:
    load_onnx(tiny, tmp_path)
    expected = infer_sentiment("a great film", model=tmp_path / "onnx")
    with one_thread(), ThreadPoolExecutor(1) as pool:
        found = pool.submit(infer_sentiment, "a great film", model=tmp_path / "onnx").result(20)
    assert found == expected
    clear_cache()
