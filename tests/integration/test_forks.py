"""Forks while other threads are at work: apache/mxnet#10948, microsoft/onnxruntime#9800 and #31961."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.export.onnx import export_bundle
from pipeline.recipe import Recipe
from tests.conftest import save_random_bundle

ROOT = Path(__file__).parents[2]
BEGIN = """
import faulthandler, gc, multiprocessing, os, signal, subprocess, sys, threading, traceback
from dataclasses import replace
from pathlib import Path
import numpy as np
from pipeline import SentimentClassifier, infer_sentiment

folder, texts = Path(sys.argv[1]), ["a great film", "it was bad", "the plot was fun, and it was good"] * 20

def repeat(function, *arguments):
    def run():
        while True:
            function(*arguments)
            done.set()
    done = threading.Event()
    threading.Thread(target=run, daemon=True).start()
    assert done.wait(60)

def fork(function, *arguments):
    "Call a function in a child; a child that hangs, fails or crashes ends with another code than 0."
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    faulthandler.register(signal.SIGALRM, chain=True)
    signal.alarm(20)
    try:
        function(*arguments)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)

def check(classifier):
    assert np.abs(classifier.predict_proba(texts) - expected).max() < 1e-6
"""
END = """
print("done", flush=True)
os._exit(0)  # the threads are still at work
"""


def run(code: str, *arguments: object) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", BEGIN + code + END, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert (done.stdout[-5:], done.returncode) == ("done\n", 0), done.stderr
    assert "Traceback" not in done.stderr, done.stderr


@pytest.fixture(params=["mxnet", "onnx"])
def bundle(request: pytest.FixtureRequest, tiny: Recipe, tmp_path: Path) -> Path:
    """Return the folder of a bundle of ten words, for each engine."""
    save_random_bundle(tmp_path / "mxnet", tiny)
    if request.param == "onnx":
        export_bundle(tmp_path / "mxnet", tmp_path / "onnx")
    return tmp_path / request.param


def test_fork_while_threads_predict(bundle: Path) -> None:
    """The child and the parent answer as before, whichever way the process forks."""
    code = """
classifier = SentimentClassifier.load(folder)
expected = classifier.predict_proba(texts)
for path in folder.iterdir():
    path.unlink()  # nothing is read again
repeat(check, classifier)
repeat(check, classifier)
for _ in range(10):
    assert fork(check, classifier) == 0
    check(classifier)

def fork_again():
    repeat(check, classifier)
    assert fork(check, classifier) == 0

assert fork(fork_again) == 0

def forget():
    global classifier
    del classifier
    gc.collect()

assert fork(forget) == 0
process = multiprocessing.get_context("fork").Process(target=check, args=[classifier])
process.start()
process.join(20)
assert process.exitcode == 0
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert np.abs(np.array(pool.map_async(infer, texts).get(20)) - expected[:, 1]).max() < 1e-6
for vfork in (True, False):  # False: as before Python 3.10, and as with user=
    subprocess._USE_VFORK = vfork
    for options in ({}, {"preexec_fn": lambda: None}) * 10:
        assert subprocess.run(["echo"], stdout=subprocess.PIPE, timeout=20, **options).stdout == b"\\n"
check(classifier)
"""
    infer = "def infer(text):\n    return classifier.infer([text])[0].positive\n"
    run(infer + code, bundle)


def test_fork_while_a_thread_loads_and_before_anything_is_loaded(bundle: Path) -> None:
    code = """
def load():
    infer_sentiment("a great film", model=folder)
    SentimentClassifier.load(folder)

threading.Thread(target=load, daemon=True).start()  # imports MXNet or onnxruntime, too
for _ in range(3):
    assert fork(load) == 0
repeat(load)
for _ in range(10):
    assert fork(load) == 0
"""
    run(code, bundle)


@pytest.mark.parametrize("bundle", ["mxnet"], indirect=True)
def test_fork_while_a_thread_trains(bundle: Path) -> None:
    """Training goes on with the same numbers, and does not wait until it ends for a fork, nor a fork for it."""
    code = """
from pipeline.recipe import Embed
from tests.conftest import REVIEWS, TINY

classifier = SentimentClassifier.load(folder)
expected = classifier.predict_proba(texts)
recipe = replace(TINY, embed=Embed(vectors="", dim=4), train=replace(TINY.train, epochs=20))

def train(recipe):
    learner = SentimentClassifier(recipe, device="cpu").fit(list(REVIEWS.values()), [1, 1, 1, 0, 0, 0])
    return learner.predict_proba(texts), learner.history_

def train_beside():
    found.append(train(recipe))

undisturbed, history = train(recipe)
found = []
trains = threading.Thread(target=train_beside)
trains.start()
forks = 0
while trains.is_alive() or forks < 3:
    forks += trains.is_alive()
    assert fork(check, classifier) == 0
    check(classifier)
    if not trains.is_alive() and forks < 3:
        raise SystemExit(f"training was over after {forks} forks")
(disturbed, again), = found
assert history == again and np.array_equal(undisturbed, disturbed)
brief = replace(recipe, train=replace(recipe.train, epochs=2))
repeat(train, brief)
for _ in range(3):
    assert fork(train, brief) == 0
"""
    run(code, bundle)


def test_a_thread_of_onnxruntime_does_not_wait_for_another(tiny: Recipe, tmp_path: Path) -> None:
    """Both are in the engine at the same time, so that neither barrier breaks."""
    import threading

    from pipeline import SentimentClassifier

    save_random_bundle(tmp_path / "mxnet", tiny)
    export_bundle(tmp_path / "mxnet", tmp_path / "onnx")
    classifier = SentimentClassifier.load(tmp_path / "onnx")
    session, both = classifier.bundle.network._session, threading.Barrier(2, timeout=20)

    class Watched:
        def run(self, *arguments: object) -> object:
            both.wait()
            return session.run(*arguments)

        def get_inputs(self) -> object:
            return session.get_inputs()

    classifier.bundle.network._session = Watched()
    expected = []
    threads = [
        threading.Thread(target=lambda: expected.append(classifier.predict(["a great film"]).tolist()), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(expected) == 2
    assert expected[0] == expected[1]
