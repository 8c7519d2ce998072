"""Fuzz a reader with atheris; stops at the first input that raises anything but a PipelineError.

    pip install ".[cpu,fuzz]"
    python scripts/fuzz.py glove -max_total_time=3600      # or zip, bundle, rows; for one hour

Other options are passed to libFuzzer. A failing input is written to a file `crash-...`; pass its name to repeat it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Callable, Dict

os.environ.setdefault("OMP_NUM_THREADS", "1")

import atheris

with atheris.instrument_imports(include=["pipeline", "zipfile", "csv", "json"]):
    import zipfile

    import numpy as np

    from pipeline.embed import embed_vocabulary
    from pipeline.errors import PipelineError
    from pipeline.io.tables import read_rows
    from pipeline.model.bundle import NGRAMS, PARAMETERS, SHIPPED, load_bundle, write_manifest
    from pipeline.recipe import Embed, Index
    from pipeline.text.vocabulary import Vocabulary

VOCABULARY = Vocabulary(["the", "great", "film"], [3, 2, 1], Index(vocab_size=0))
GLOVE = b"the 1 2 3\ngreat 0.5 -1e3 2\nfilm nan 1 2\n2 3\n\xff \x00 1 2\n"
WORD2VEC = b"2 2\nthe " + np.array([1, -2], "<f4").tobytes() + b"\ngreat " + np.array([np.nan, 3], "<f4").tobytes()
ROWS = b'text,stars\n"a ""great"" film",3\nbad,1\n{"text": "a film", "stars": [1, null]}\n'


def try_glove(path: Path, data: bytes) -> None:
    """Look words up in a file of word vectors."""
    path.write_bytes(data)
    matrix, _ = embed_vocabulary(VOCABULARY, path, Embed())
    assert np.isfinite(matrix).all()


def try_rows(path: Path, data: bytes) -> None:
    """Read the rows of a file of each kind."""
    for kind in (".csv", ".tsv", ".txt", ".jsonl", ".csv.gz"):
        path.with_suffix(kind).write_bytes(data)
        for row in read_rows(path.with_suffix(kind), "text"):
            row.text.encode("utf-8")


_FILES = (PARAMETERS, "vocabulary.json", "recipe.json", "bundle.json", NGRAMS)


def try_bundle(path: Path, data: bytes) -> None:
    """Load a bundle with one fuzzed file, chosen by the first byte, and a manifest with matching checksums."""
    name = _FILES[data[0] % len(_FILES)] if data else PARAMETERS
    valid = {file.name: file.read_bytes() for file in SHIPPED.iterdir()}
    path.mkdir(exist_ok=True)
    for file, content in valid.items():
        (path / file).write_bytes(data[1:] if file == name else content)
    if name != "bundle.json":
        (path / "bundle.json").unlink()
        write_manifest(path, json.loads(valid["bundle.json"])["embedding"])
    load_bundle(path, "cpu")


def make_zip(content: bytes) -> bytes:
    """Return a zip containing a GloVe file."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("glove.txt", content)
        file.seek(0)
        return file.read()


def make_npz() -> bytes:
    """Return an embedding as gluonnlp writes it."""
    file = io.BytesIO()
    tokens, matrix = np.array(["<unk>", "the", "great"], object), np.eye(3, dtype=np.float32)
    np.savez(file, unknown_token="<unk>", idx_to_token=tokens, idx_to_vec=matrix)
    return file.getvalue()


def make_fasttext() -> bytes:
    """Return a model as fastText writes it: two words, one row for n-grams."""
    numbers = [793712314, 12, 2, 5, 5, 1, 5, 1, 1, 2, 1, 3, 6, 100, 0, 0, 2, 2, 0]
    words = b"".join(word + b"\0" + bytes(9) for word in (b"the", b"great"))
    matrix = b"\0" + np.array([3, 2], "<i8").tobytes() + np.ones(6, "<f4").tobytes()
    return np.array(numbers, "<i4").tobytes() + np.array([9, -1], "<i8").tobytes() + words + matrix


def bundle_files() -> Dict[str, bytes]:
    """Return a valid input of `try_bundle` for each file of the shipped bundle."""
    return {name: bytes([i]) + (SHIPPED / name).read_bytes()[:4000] for i, name in enumerate(_FILES)}


TARGETS: Dict[str, Callable[[Path, bytes], None]] = {
    "glove": try_glove,
    "zip": try_glove,
    "rows": try_rows,
    "bundle": try_bundle,
}
NAMES = {"glove": "g.txt", "zip": "g.zip", "rows": "r.csv", "bundle": "bundle"}


def seeds(target: str) -> Dict[str, bytes]:
    """Return valid inputs for the corpus."""
    if target == "bundle":
        return bundle_files()
    if target == "glove":
        return {"0": GLOVE, "1": WORD2VEC, "2": make_fasttext(), "3": make_npz()}
    return {"0": {"zip": make_zip(GLOVE), "rows": ROWS}[target]}


def main() -> None:
    """Run the command."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"{__doc__}\nexpected one of {', '.join(TARGETS)}")
    target = sys.argv.pop(1)
    folder = Path(tempfile.mkdtemp(prefix="fuzz"))
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, content in seeds(target).items():
        (corpus / name).write_bytes(content)

    def run_once(data: bytes) -> None:
        with contextlib.suppress(PipelineError), contextlib.redirect_stderr(io.StringIO()):  # without progress bars
            TARGETS[target](folder / NAMES[target], data)

    atheris.Setup([*sys.argv, str(corpus)], run_once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
