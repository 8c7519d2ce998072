"""Benchmarks of the text stages on ``data/raw``: each function prepares one comparison."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Callable, Dict, Tuple

import numpy as np

from pipeline.embed import embed_vocabulary
from pipeline.errors import PipelineError
from pipeline.index import index_reviews
from pipeline.model.batches import pad
from pipeline.read import read_reviews
from pipeline.recipe import Embed, Index
from pipeline.recipes import LECTURE8
from pipeline.text.vocabulary import Vocabulary
from scripts.benchmark import lecture_text
from scripts.benchmark.timing import Comparison, MemoryMonitor, Timed, timed

_INDEX = replace(LECTURE8.index, count_first="")  # both count the reviews in the order of their names
_SHARED_ROW = Index(tokenizer="alphanumeric", vocab_size=0, oov="last_id")  # row 0 for the padding, then one per word
_LINES, _EVERY, _DIM = 1_900_000, 95, 300  # of the generated file; every 95th word is looked up


def text(raw: Path) -> Comparison:
    """Convert review files to padded id arrays as lecture 8 does."""
    folder = raw / "aclImdb"
    if not (folder / "train").is_dir():
        raise PipelineError(f"{folder}: no reviews; fetch them with scripts/fetch_data.py reviews")
    return Comparison(timed(_encode_folder, folder), timed(lecture_text.encode_folder, folder), _difference)


def _encode_folder(folder: Path) -> Tuple[np.ndarray, np.ndarray]:
    _, encoded = index_reviews(read_reviews(folder, LECTURE8.read), _INDEX)
    rows = encoded.rows("train", "held_out")
    ids, _ = pad([encoded[row] for row in rows], LECTURE8.index, LECTURE8.network)
    return ids, encoded.labels[rows]


def _difference(ours: Tuple[Any, ...], baseline: Tuple[Any, ...]) -> str:
    """Compare the arrays of two results for exact equality."""
    differing = [i for i, (one, other) in enumerate(zip(ours, baseline)) if not np.array_equal(one, other)]
    return f"arrays {differing} of {len(ours)}" if differing else ""


def glove(raw: Path) -> Comparison:
    """Load the vectors of 5,000 words of GloVe 6B.50d, against the lecture's loader."""

    def load(file: Path, vocabulary: Vocabulary) -> np.ndarray:
        return lecture_text.create_emb(lecture_text.load_glove_index(file), vocabulary.words, 50).astype(np.float32)

    return _compare_glove(raw, load)


def glove_gluonnlp(raw: Path) -> Comparison:
    """Load the same vectors, against gluonnlp's `TokenEmbedding.from_file`."""
    from pipeline.mx.engine import import_gluonnlp

    loader = import_gluonnlp().embedding.TokenEmbedding

    def load(file: Path, vocabulary: Vocabulary) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            embedding = loader.from_file(str(file))
        return np.vstack([np.zeros(50, np.float32), embedding[vocabulary.words].asnumpy()])

    return _compare_glove(raw, load)


def _compare_glove(raw: Path, load: Callable[[Path, Vocabulary], np.ndarray]) -> Comparison:
    file = raw / "glove.6B.50d.txt"
    if not file.is_file():
        raise PipelineError(f"{file}: no such file; fetch it with scripts/fetch_data.py glove")
    with open(file, encoding="utf-8") as lines:
        words = [line.partition(" ")[0] for number, line in enumerate(lines) if number % 80 == 0]
    vocabulary = Vocabulary(words, [1] * len(words), _SHARED_ROW)

    def embed() -> np.ndarray:
        return embed_vocabulary(vocabulary, file, Embed())[0]

    return Comparison(
        timed(embed), timed(load, file, vocabulary), lambda ours, baseline: _difference((ours,), (baseline,))
    )


def glove_large(raw: Path) -> Comparison:
    """Load the vectors of 20,000 words from a generated file of GloVe 42B.300d's size, against reading its bytes.

    The file of 5 GB is written to the temporary folder (``TMPDIR``) and removed afterwards. Both sides run in
    subprocesses and read it from disk, not from the page cache.
    """
    if shutil.disk_usage(tempfile.gettempdir()).free < 6e9:
        raise PipelineError(f"{tempfile.gettempdir()}: less than 6 GB free; set TMPDIR= to another folder")
    file = tempfile.NamedTemporaryFile(suffix=".txt")  # noqa: SIM115 (removed with the comparison)
    vectors = generate_glove(file, _LINES)  # type: ignore[arg-type]
    expected = _digest(vectors[np.arange(0, _LINES, _EVERY) % len(vectors)])

    def difference(ours: Dict[str, Any], baseline: Dict[str, Any]) -> str:
        if ours["vectors"] != expected or baseline["bytes"] != os.path.getsize(file.name):
            return "vectors or number of bytes differ from what was written"
        return f"{ours['extra_MB']} MB of extra memory; expected less than 100" if ours["extra_MB"] >= 100 else ""

    return Comparison(
        lambda: _run_in_subprocess("find_vectors", file.name),
        lambda: _run_in_subprocess("read_bytes", file.name),
        difference,
        details=lambda ours, baseline: {"extra_MB": ours["extra_MB"], "file_bytes": baseline["bytes"]},
    )


def generate_glove(file: BinaryIO, lines: int) -> np.ndarray:
    """Write lines "w0 number number ...", "w1 ..." with 1,000 repeating vectors; return these vectors."""
    numbers = np.random.Generator(np.random.PCG64(0)).normal(0, 0.4, (1000, _DIM))
    ends = [" " + " ".join(f"{number:.5f}" for number in row) + "\n" for row in numbers]
    for first in range(0, lines, len(ends)):
        file.write("".join(f"w{first + i}{end}" for i, end in enumerate(ends[: lines - first])).encode())
    file.flush()
    return np.array([end.split() for end in ends], np.float32)  # (1000, _DIM)


def find_vectors(path: str) -> Dict[str, Any]:
    """Load the vector of every 95th word; return seconds, memory of all processes and a digest."""
    words = [f"w{i}" for i in range(0, _LINES, _EVERY)]
    vocabulary = Vocabulary(words, [1] * len(words), _SHARED_ROW)
    _drop_from_cache(path)
    with MemoryMonitor() as memory:
        start = time.perf_counter()
        matrix, _ = embed_vocabulary(vocabulary, Path(path), Embed())
        seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "extra_MB": round((memory.peak - memory.initial) / 1e6, 1),
        "vectors": _digest(matrix[1:]),
    }


def read_bytes(path: str) -> Dict[str, Any]:
    """Read a file into a fixed buffer; return the seconds and the number of bytes."""
    _drop_from_cache(path)
    start, count, buffer = time.perf_counter(), 0, bytearray(1 << 20)
    with open(path, "rb", buffering=0) as file:
        for read in iter(lambda: file.readinto(buffer), 0):
            count += read
    return {"seconds": time.perf_counter() - start, "bytes": count}


def _drop_from_cache(path: str) -> None:
    """Drop a file from the system's page cache."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())  # unwritten pages cannot be dropped
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def _run_in_subprocess(function: str, path: str) -> Timed:
    """Call a function of this module in a subprocess."""
    code = f"import json, sys; from {__name__} import {function}; print(json.dumps({function}(sys.argv[1])))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", code, path], env=environment, stdout=subprocess.PIPE, check=True)
    result = json.loads(run.stdout)
    return Timed(result["seconds"], result)
