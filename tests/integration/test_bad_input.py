"""Bad input in bulk, at every door: one sentence and exit code 2, or the tolerance that is documented.

What a single function makes of bad input is in its module's tests; here it comes by the command line.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli.main import main
from pipeline.errors import PipelineError
from pipeline.io.output import read_json, write_json
from pipeline.io.tables import Row, read_rows
from pipeline.model.bundle import MANIFEST, load_bundle, write_manifest
from pipeline.model.parameters import load_arrays, save_arrays
from pipeline.recipe import Recipe, from_dict, override, sections, to_dict
from pipeline.recipes import QUICK, RECIPES
from tests.conftest import GLOVE, REVIEWS, TINY, save_random_bundle


@pytest.fixture(autouse=True)
def tiny_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES, "tiny", replace(TINY, read=replace(TINY.read, held_out=0.0)))


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that has to end with one sentence and exit code 2; return the sentence."""
    capsys.readouterr()
    assert main([str(argument) for argument in arguments]) == 2
    error = capsys.readouterr().err.rpartition("\r")[2]
    error = "\n".join(line for line in error.split("\n") if not line.startswith("model: "))
    assert error.startswith("error: ")
    assert "Traceback" not in error
    assert len(error) < 1000
    return error


# Folders of reviews


def make_reviews(raw: Path, **texts: bytes) -> Path:
    """Write reviews, named by their class and number: pos0, neg0, neg1."""
    for name, text in texts.items():
        path = raw / f"train/{name[:3]}/{name[3:]}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return raw


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"pos0": b"good", "neg0": "caf\xe9".encode("latin-1")}, "neg/0.txt: not UTF-8 text (byte 3 is 0xe9)"),
        ({"pos0": "good".encode("utf-16")[:-1], "neg0": b"bad"}, "pos/0.txt: not UTF-16 text (byte 8 is 0x64)"),
        ({"pos0": b"good"}, "train/neg: no such folder; expected reviews as .txt files"),
        ({"neg0": b"bad"}, "train/pos: no such folder; expected reviews as .txt files"),
    ],
)
def test_reviews_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], texts: Dict[str, bytes], message: str
) -> None:
    reviews = make_reviews(tmp_path / "reviews", **texts)
    assert message in refused(capsys, "read", "tiny", "--reviews", reviews, "--data", tmp_path)
    assert not (tmp_path / "tiny/reviews.jsonl").exists()


def test_reviews_that_cannot_be_opened_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reviews = make_reviews(tmp_path / "reviews", pos0=b"good", neg0=b"bad")
    arguments = "read", "tiny", "--reviews", reviews, "--data", tmp_path
    for mode, path in ((0o000, reviews / "train/neg/0.txt"), (0o000, reviews / "train/neg")):
        path.chmod(mode)
        if not os.access(path, os.R_OK):  # root may read anything
            assert "cannot be read" in refused(capsys, *arguments) or path.is_dir()
        path.chmod(0o755)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert "train/neg: Permission denied; what was there before is untouched" in refused(capsys, *arguments)


def test_reviews_of_nothing_are_refused_by_the_next_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reviews = make_reviews(tmp_path / "reviews", pos0=b"", neg0=b" \n")
    options = "--reviews", str(reviews), "--data", str(tmp_path)
    assert main(["read", "tiny", *options]) == 0
    assert "2 reviews without a single word" in refused(capsys, "index", "tiny", *options)


def test_reviews_with_odd_bytes_and_neighbours_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reviews = make_reviews(tmp_path / "reviews", pos0=b"\xef\xbb\xbfgood film", neg0=b"a\0bad\0film", neg1=b"")
    (reviews / "train/pos/folder.txt").mkdir()
    (reviews / "train/pos/gone.txt").symlink_to("nowhere")
    os.mkfifo(reviews / "train/neg/pipe.txt")
    options = "--reviews", str(reviews), "--data", str(tmp_path)
    assert main(["read", "tiny", *options]) == 0
    assert "train: 1 positive and 2 negative reviews" in capsys.readouterr().out
    assert main(["index", "tiny", *options]) == 0
    vocabulary = read_json(tmp_path / "tiny/vocabulary.json")
    assert vocabulary["words"] == ["\0", "film", "a", "bad", "good"]  # no mark before "good"


def test_one_review_of_each_class_makes_a_bundle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    reviews = make_reviews(tmp_path / "reviews", pos0=b"good film", neg0=b"bad film")
    (tmp_path / "glove.txt").write_text(GLOVE)
    options = "--reviews", str(reviews), "--vectors", str(tmp_path / "glove.txt"), "--data", str(tmp_path)
    assert main(["run", "tiny", "--device", "cpu", *options]) == 0
    assert main(["run", "tiny", "--device", "cpu", *options, "--set", "read.held_out=0.5"]) == 0  # one class in each
    assert "held_out" in capsys.readouterr().out
    assert "few reviews" in refused(capsys, "run", "tiny", *options, "--set", "read.held_out=0.9")


# GloVe files


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder in which the stages read and index have been run."""
    data = tmp_path_factory.mktemp("indexed")
    for name, text in REVIEWS.items():
        path = data / "raw/aclImdb" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECIPES, "tiny", replace(TINY, read=replace(TINY.read, held_out=0.0)))
        for stage in ("read", "index"):
            assert main([stage, "tiny", "--data", str(data)]) == 0
    return data


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.txt", b"", "expected a word and its numbers, found b''"),
        ("cut.txt", b"great 1 2", "expected a word and its numbers, found b'great 1 2'"),
        ("junk.txt", bytes(range(256)) * 50, "expected a word and its numbers"),
        ("nan.txt", b"great nan nan\nfun 1 inf\n", "left out: a number that is not finite (the first is line 1)"),
        (
            "narrow.txt",
            b"zebra 1 2 3\ngreat 1 2\n",
            "fewer numbers than the first line (the first is line 2)",
        ),
        ("header.txt", b"0 2\n", "holds none of the vocabulary's"),
        ("short.vec", b"2 2\ngreat 1 2\n", "line 2: the file ends after 1 vectors, its header says 2; fetch it again"),
        ("cut.bin", b"1 2\ngreat \0\0\0", "byte 13: the file ends within vector 1 of 1; fetch it again"),
        ("ngram_model.txt", b"1 9999999999\n", "expected a header of 1 to 65536 numbers"),
        ("empty.zip", b"", "a damaged zip file"),
        ("text.zip", b"great 1 2\n", "a damaged zip file"),
        ("folder", b"", "no such file"),
    ],
)
def test_glove_is_refused(
    indexed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.write_bytes(content)
    assert message in refused(capsys, "embed", "tiny", "--data", indexed, "--vectors", path)
    assert not (indexed / "tiny/embedding.npy").exists()


def test_glove_whose_name_is_not_utf8_is_taken(
    indexed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(indexed, tmp_path / "data")
    path = tmp_path / "gl\udcffve.txt"
    try:
        path.write_text(GLOVE)
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    options = ["--data", str(tmp_path / "data"), "--reviews", str(indexed / "raw/aclImdb")]
    assert main(["embed", "tiny", *options, "--vectors", str(path)]) == 0
    assert read_json(tmp_path / "data/tiny/coverage.json")["file"] == str(path)


# What stages leave for one another


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"settings": [], "inputs": {}, "outputs": {}}'])
def test_damaged_record_of_a_stage_has_it_run_again(
    indexed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    shutil.copytree(indexed, tmp_path / "data")
    (tmp_path / "data/tiny/.stages/index.json").write_bytes(content)
    options = "--data", tmp_path / "data", "--reviews", indexed / "raw/aclImdb"
    assert "run the stage index first (its record is damaged)" in refused(capsys, "embed", "tiny", *options)
    assert main(["index", "tiny", *map(str, options)]) == 0


# Bundles


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of random numbers."""
    path = tmp_path_factory.mktemp("sound") / "bundle"
    save_random_bundle(path, TINY)
    return path


@pytest.fixture
def bundle(sound: Path, tmp_path: Path) -> Path:
    """Return a copy that a test may spoil."""
    shutil.copytree(sound, tmp_path / "bundle")
    return tmp_path / "bundle"


def vouch(bundle: Path) -> None:
    """Write a manifest for a bundle as it is now, as somebody would who means harm."""
    shape = read_json(bundle / MANIFEST)["embedding"]
    (bundle / MANIFEST).unlink()
    write_manifest(bundle, tuple(shape))


NAMES = ["network.safetensors", "vocabulary.json", "recipe.json", "history.json", MANIFEST]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", ["missing", "emptied", "cut", "longer", "flipped", "folder"])
def test_bundle_with_a_bad_file_is_refused(
    bundle: Path, capsys: pytest.CaptureFixture[str], name: str, damage: str
) -> None:
    content = (bundle / name).read_bytes()
    half = len(content) // 2
    (bundle / name).unlink()
    if damage == "folder":
        (bundle / name).mkdir()
    elif damage != "missing":
        flipped = content[:half] + bytes([content[half] ^ 0x80]) + content[half + 1 :]
        versions = {"emptied": b"", "cut": content[:half], "longer": content + b"}", "flipped": flipped}
        (bundle / name).write_bytes(versions[damage])
    assert "bundle" in refused(capsys, "infer", "a film", "--model", bundle, "--device", "cpu")


def test_bundle_whose_files_are_swapped_is_refused(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [name for name in NAMES if name != MANIFEST]
    for one, other in zip(names, names[1:] + names[:1]):
        spoilt = bundle.with_name("spoilt")
        shutil.copytree(bundle, spoilt)
        shutil.copy(bundle / one, spoilt / other)
        assert "damaged" in refused(capsys, "infer", "a film", "--model", spoilt, "--device", "cpu")
        if other != "history.json":  # which nobody reads
            vouch(spoilt)
            refused(capsys, "infer", "a film", "--model", spoilt, "--device", "cpu")
        shutil.rmtree(spoilt)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 9}, "a bundle of format 9; this version reads format 3"),
        ({"format": "3"}, "a bundle of format 3; this version reads format 3"),
        ({"embedding": [12, 0]}, "bundle.json: damaged"),
        ({"embedding": [12, -4]}, "bundle.json: damaged"),
        ({"embedding": [True, 4]}, "bundle.json: damaged"),
        ({"embedding": [12, 4, 1]}, "bundle.json: damaged"),
        ({"embedding": [12, 10**12]}, "embedding.weight: expected (12, 1000000000000), found (12, 4)"),
        ({"embedding": [10**12, 4]}, "the embedding has 1000000000000 rows, the vocabulary 12 ids"),
        ({"sha256": {"../recipe.json": "0"}}, "is missing"),
        ({"sha256": []}, "bundle.json: damaged"),
    ],
)
def test_bundle_with_a_hostile_manifest_is_refused(
    bundle: Path, capsys: pytest.CaptureFixture[str], changes: Dict[str, Any], message: str
) -> None:
    manifest = read_json(bundle / MANIFEST)
    sha256 = {**manifest["sha256"], **changes["sha256"]} if isinstance(changes.get("sha256"), dict) else None
    write_json(bundle / MANIFEST, {**manifest, **changes, **({"sha256": sha256} if sha256 else {})})
    if "../recipe.json" in (sha256 or {}):
        (bundle.parent / "recipe.json").write_text("{}")
        message = "'../recipe.json' is not the name of a file in this folder"
    assert message in refused(capsys, "infer", "a film", "--model", bundle, "--device", "cpu")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: {**arrays, "more": np.zeros(1, np.float32)}, "(more: expected no such parameter, found (1,))"),
        (lambda arrays: {**arrays, "dense.bias": np.zeros(3, np.float32)}, "(dense.bias: expected (2,), found (3,))"),
        (lambda arrays: {**arrays, "dense.bias": np.zeros((2, 1), np.float32)}, "expected (2,), found (2, 1)"),
        (lambda arrays: {**arrays, "dense.bias": np.full(2, np.nan, np.float32)}, "a number that is not finite"),
        (lambda arrays: {k: v for k, v in arrays.items() if k != "dense.bias"}, "expected (2,), found None"),
        (lambda arrays: {}, "not this network's parameters"),
    ],
)
def test_parameters_of_another_network_are_refused(
    bundle: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[Dict[str, np.ndarray]], Dict[str, np.ndarray]],
    message: str,
) -> None:
    arrays = {name: array.copy() for name, array in load_arrays(bundle / "network.safetensors").items()}
    save_arrays(bundle / "network.safetensors", change(arrays))
    vouch(bundle)
    assert message in refused(capsys, "infer", "a film", "--model", bundle, "--device", "cpu")


def test_parameters_that_promise_too_much_never_reach_mxnet(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = (bundle / "network.safetensors").read_bytes()
    for length in (2**40, 2**63, 7):  # of the header
        (bundle / "network.safetensors").write_bytes(struct.pack("<Q", length) + content[8:])
        vouch(bundle)
        message = refused(capsys, "infer", "a film", "--model", bundle, "--device", "cpu")
        assert "network.safetensors: not a safetensors file, or damaged" in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network.hidden_size", 65_536),
        ("network.hidden_size", 10**12),
        ("network.num_layers", 8),
        ("network.ensemble_size", 8),
        ("network.num_outputs", 1000),
        ("network.pooling", "flatten"),
        ("network.bidirectional", False),
        ("ngram_model.max_n", 2),
        ("index.vocab_size", 3),
        ("index.max_length", 10**18),
        ("train.seed", float("nan")),
    ],
)
def test_recipe_of_another_network_is_refused_before_memory_is_taken(
    bundle: Path, capsys: pytest.CaptureFixture[str], name: str, value: object
) -> None:
    recipe = read_json(bundle / "recipe.json")
    section, _, field = name.partition(".")
    recipe[section][field] = value
    (bundle / "recipe.json").write_text(json.dumps(recipe))
    vouch(bundle)
    refused(capsys, "infer", "a film", "--model", bundle, "--device", "cpu")


@pytest.mark.parametrize("content", ["[" * 100_000, '{"name": ' + "1" * 5000 + "}", '"\\ud800"', "NaN", "nul\0"])
@pytest.mark.parametrize("name", ["recipe.json", "vocabulary.json", MANIFEST])
def test_json_that_is_meant_to_hurt_is_refused(
    bundle: Path, capsys: pytest.CaptureFixture[str], name: str, content: str
) -> None:
    (bundle / name).write_text(content)
    if name != MANIFEST:
        vouch(bundle)
    refused(capsys, "infer", "a film", "--model", bundle, "--device", "cpu")


@pytest.mark.parametrize("kind", ["pickle", "archive", "descending", "floats", "table", "none", "promise"])
def test_ngrams_that_are_none_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    from pipeline.model.bundle import _load_ngrams

    path = tmp_path / "ngrams.npy"
    arrays = {"descending": [3, 2], "floats": [1.0], "table": [[1, 2]], "none": np.zeros(0, np.int64)}
    if kind == "pickle":
        np.save(path, np.array([{"a": 1}], object), allow_pickle=True)
    elif kind == "archive":
        with open(path, "wb") as file:
            np.savez(file, keys=np.arange(3))
    elif kind == "promise":
        np.save(path, np.arange(3))
        path.write_bytes(path.read_bytes().replace(b"(3,), }", b"(3000000000000,), }", 1))
    else:
        np.save(path, np.array(arrays[kind]))
    with pytest.raises(PipelineError, match=r"ngrams\.npy: not the keys of an n-gram model"):
        _load_ngrams(path, 12, 2)


def test_bundle_that_is_sound_is_taken(bundle: Path) -> None:
    vouch(bundle)
    assert load_bundle(bundle, "cpu").recipe == TINY


# Recipes and --set

FIELDS = [f"{section}.{name}" for section in sections(QUICK) for name in to_dict(QUICK)[section]]


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(FIELDS), st.one_of(st.text(max_size=30), st.integers().map(str), st.floats().map(str)))
def test_setting_gives_a_recipe_or_a_sentence(name: str, value: str) -> None:
    with contextlib.suppress(PipelineError):
        recipe = override(QUICK, [f"{name}={value}"])
        assert from_dict(json.loads(json.dumps(to_dict(recipe)))) == recipe


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["name", "about", *sections(QUICK), "x"]), inner)
    ),
    max_leaves=10,
)


@settings(deadline=None, max_examples=100)
@given(JSON)
def test_any_json_gives_a_recipe_or_a_sentence(value: Any) -> None:
    with contextlib.suppress(PipelineError):
        assert isinstance(from_dict(value), Recipe)


# Rows of files


BEGINNINGS = [b'{"text": "a"}\n', b"text,b\n", b'"', b"\n", b'\\"a', b"__label__a ", b"\xff\xfe", b"a\0b\0", b"\x1f"]
PIECES = st.one_of(st.binary(max_size=12), st.sampled_from(BEGINNINGS))


@pytest.mark.parametrize("kind", ["txt", "csv", "tsv", "jsonl", "parquet", "fasttext", "csv.gz", "txt.zip"])
@settings(deadline=None, max_examples=60)
@given(pieces=st.lists(PIECES))
def test_any_bytes_give_rows_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, kind: str, pieces: List[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any.{kind}"
    path.write_bytes(b"".join(pieces))
    with contextlib.suppress(PipelineError):
        for row in read_rows(path, "text"):
            assert isinstance(row, Row)
            row.text.encode("utf-8")  # nothing else reaches the network


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv", b"text\ngood film\n\xff\xfe\n\0\n", 3),
        ("a.jsonl", b'{"text": "good film"}\n{"text": 3}\nnull\n[]\n{\n', 5),
        ("a.txt", b"good film\n\xff\xfe\n", 2),
    ],
)
def test_bad_rows_do_not_stop_the_others(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, rows: int
) -> None:
    (tmp_path / name).write_bytes(content)
    arguments = ["infer", "--input", str(tmp_path / name), "--model", str(sound), "--device", "cpu"]
    assert main([*arguments, "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(answers) == rows
    assert answers[0]["label"]
    assert all(answer["error"] for answer in answers[1:])
    assert f"{name}, row 2: " in refused(capsys, *arguments, "--strict", "--output", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
