from __future__ import annotations

import io
import pickle
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.text.pretrained.npz import is_zip, read_npz
from pipeline.text.pretrained.vectors import Vectors
from tests.text.pretrained.samples import WORDS, row_of, write_npz


def read(content: bytes, wanted: Dict[bytes, int]) -> Vectors:
    return read_npz("any", io.BytesIO(content), wanted, len(wanted))


def make(tokens: Any, matrix: Any, **more: Any) -> bytes:
    """Return the arrays as numpy's `savez` writes them."""
    file = io.BytesIO()
    np.savez(file, idx_to_token=tokens, idx_to_vec=matrix, **more)
    return file.getvalue()


def make_pickled(tokens: List[str], protocol: int) -> bytes:
    """Return an embedding whose tokens are pickled with another protocol than numpy takes."""
    header, array = io.BytesIO(), np.array(tokens, object)
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    matrix = io.BytesIO()
    np.save(matrix, np.arange(len(tokens) * 2, dtype=np.float32).reshape(-1, 2))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("idx_to_token.npy", header.getvalue() + pickle.dumps(array, protocol))
        archive.writestr("idx_to_vec.npy", matrix.getvalue())
    return file.getvalue()


@pytest.mark.parametrize("compress", [True, False])
def test_file_of_gluonnlp_is_read(tmp_path: Path, compress: bool) -> None:
    content = write_npz(tmp_path / "vectors.npz", WORDS, compress)
    vectors = read(content, row_of("日本", "none", "the", "naïve"))
    assert vectors.matrix.tolist() == [[-1, np.float32(0.001), 7], [0, 0, 0], [1, 2, 3], [0.5, -0.25, 0]]
    assert vectors.found.tolist() == [True, False, True, True]
    assert (vectors.format, vectors.lines, vectors.skipped) == ("gluonnlp npz", 4, {})  # and <unk>


def test_many_tokens_are_read_as_gluonnlp_reads_them(tmp_path: Path) -> None:
    from pipeline.mx.engine import import_gluonnlp

    generator = np.random.Generator(np.random.PCG64(0))
    characters = [chr(code) for code in (*range(1, 0x180), 0x65E5, 0xFFFD, 0x1F600)]
    words = [*characters, *("numpy", "O8", "ndarray", "a b"), *(f"w{i}" for i in range(5000))]
    random = generator.normal(size=(len(words), 30)).astype(np.float32)
    write_npz(tmp_path / "vectors.npz", dict(zip(words, random.tolist())))
    expected = import_gluonnlp().embedding.TokenEmbedding.from_file(str(tmp_path / "vectors.npz"))
    vectors = read((tmp_path / "vectors.npz").read_bytes(), row_of(*words))
    assert (vectors.matrix == expected[words].asnumpy()).all()
    assert vectors.found.all()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_tokens_of_any_protocol_of_pickle_are_read(protocol: int) -> None:
    tokens = ["O8", "|", "numpy", "\ud800", *(f"word {i}" for i in range(2500))]
    vectors = read(
        make_pickled(tokens, protocol), {t.encode("utf-8", "surrogatepass"): i for i, t in enumerate(tokens)}
    )
    assert vectors.found.all()
    assert vectors.matrix[:, 0].tolist() == list(range(0, 2 * len(tokens), 2))
    assert read(make_pickled(["a"], protocol), {b"a": 0}).matrix.tolist() == [[0, 1]]


def test_token_that_came_before_and_numbers_that_are_not_finite_are_left_out() -> None:
    tokens = np.array(["a", "b", "a", "".join(["b", "c"]), "".join(["b", "c"])], object)
    matrix = np.array([[1, 2], [np.inf, 0], [3, 4], [5, 6], [7, 8]], np.float64)
    vectors = read(make(tokens, matrix), {b"a": 0, b"b": 1, b"bc": 2})
    assert vectors.matrix.tolist() == [[1, 2], [0, 0], [5, 6]]
    assert vectors.skipped == {
        "a number that is not finite": {"lines": 1, "first": 2},
        "a word that came before": {"lines": 2, "first": 3},
    }


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("ran"),))


TOKENS, MATRIX = np.array(["a", "b"], object), np.ones((2, 3), np.float32)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (make(np.array(["a", "b"]), MATRIX), r"idx_to_token\.npy: expected a list of strings, found an array of <U1,"),
        (make(TOKENS.reshape(2, 1), MATRIX), r"found an array of object, shape \(2, 1\)"),
        (make(np.array(["a", 5], object), MATRIX), r"byte [\d,]+: expected a pickled list of strings \(BININT1 among"),
        (make(np.array(["a", Evil()], object), MATRIX), r"expected a pickled list of strings \(GLOBAL among them\)"),
        (make(np.array(["a", "b" * 70_000], object), MATRIX), r"pickled list of strings \(a string of 70,000 bytes\)"),
        (
            make(TOKENS, np.ones((3, 3))),
            r"idx_to_vec\.npy: expected 2 vectors of 1 to 65536 numbers, found .* \(3, 3\)",
        ),
        (make(TOKENS, np.ones(2)), r"expected 2 vectors"),
        (make(TOKENS, np.ones((2, 0))), r"expected 2 vectors"),
        (make(TOKENS, np.ones((2, 3), int)), r"expected 2 vectors of 1 to 65536 numbers, found an array of int64"),
        (make(TOKENS, np.asfortranarray(MATRIX)), r"idx_to_vec\.npy: an array in Fortran order; save numpy"),
    ],
)
def test_arrays_of_another_kind_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(PipelineError, match=rf"^any:idx_to_.*{message}|^any:{message}"):
        read(content, {b"a": 0})
    assert not Path("ran").exists()


def change_member(content: bytes, name: str, change: Any) -> bytes:
    """Return the zip with another content of a member, whose checksum is right."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.namelist():
            new.writestr(member, change(old.read(member)) if member == name else old.read(member))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("idx_to_token", lambda old: old[:-20], r"any:idx_to_token\.npy, byte \d+: expected a pickled list of strings"),
        ("idx_to_token", lambda old: b"", r"any:idx_to_token\.npy: not an array as numpy writes it \(EOF"),
        ("idx_to_token", lambda old: b"\x93NUMPY\3" + old[7:], r"not an array .* \(version \(3, 0\) of numpy's"),
        ("idx_to_token", lambda old: old.replace(b"(2,)", b"(3,)"), r": expected 3 tokens, found 2; the file is"),
        ("idx_to_vec", lambda old: old + b"0", r"byte 152: more follows than 2 vectors of 3 numbers; the file is"),
        ("idx_to_vec", lambda old: old[:-1], r"any:idx_to_vec\.npy, byte 151: the file ends within its matrix"),
    ],
)
def test_arrays_that_are_cut_or_damaged_are_refused(name: str, change: Any, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        read(change_member(make(TOKENS, MATRIX), f"{name}.npy", change), {b"a": 0})


@pytest.mark.parametrize("damage", ["cut", "changed", "tokens alone", "empty"])
def test_zip_that_is_damaged_or_holds_other_files_is_refused(damage: str) -> None:
    content = make(TOKENS, MATRIX)
    if damage == "cut":
        content = content[:-50]
    elif damage == "changed":
        at = content.index(MATRIX.tobytes())
        content = content[:at] + b"\1" + content[at + 1 :]
    else:
        file = io.BytesIO()
        np.savez(file, **({"idx_to_token": TOKENS} if damage == "tokens alone" else {}))
        content = file.getvalue()
    with pytest.raises(PipelineError) as caught:
        read(content, {b"a": 0})
    expected = "expected the arrays of gluonnlp's TokenEmbedding.serialize, idx_to_token.npy and idx_to_vec.npy, found "
    assert (
        str(caught.value)
        == {
            "cut": "any: a damaged npz file (File is not a zip file); fetch it again",
            "changed": "any: a damaged npz file (Bad CRC-32 for file 'idx_to_vec.npy'); fetch it again",
            "tokens alone": f"any: {expected}idx_to_token.npy",
            "empty": f"any: {expected}nothing",
        }[damage]
    )


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    words = [f"w{i}" for i in range(40_000)]
    content = make(np.array(words, object), np.ones((len(words), 50), np.float32))
    (tmp_path / "vectors.npz").write_bytes(content)
    assert len(content) > 8e6
    with open(tmp_path / "vectors.npz", "rb") as file:
        tracemalloc.start()
        try:
            assert read_npz("any", file, {b"w39999": 0}, 1).found.all()
            assert tracemalloc.get_traced_memory()[1] < 2.5e6
        finally:
            tracemalloc.stop()


def test_zip_is_told_by_its_first_bytes() -> None:
    assert is_zip(make(TOKENS, MATRIX))
    assert is_zip(b"PK\5\6" + bytes(18))
    assert not is_zip(b"PK 1 2\n")
