"""Files of parameters: MXNet's format, read and written without MXNet."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Dict

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.model.parameters import read_arrays, write_arrays

ARRAYS: Dict[str, np.ndarray] = {
    "embedding.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "schön": np.full((1, 2, 1), 0.5, np.float16),
    "": np.zeros(1, np.float32),
}
ONE = struct.pack("<QQQIiIqiiif", 0x112, 0, 1, 0xF993FAC9, 0, 1, 1, 1, 0, 0, 2.5)  # one array, [2.5]
NAME = struct.pack("<QQ", 1, 1) + b"a"


def assert_same(found: Dict[str, np.ndarray], expected: Dict[str, np.ndarray]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)


def test_arrays_are_written_as_mxnet_writes_them(tmp_path: Path) -> None:
    from pipeline.mx.engine import mx

    write_arrays(tmp_path / "ours", ARRAYS)
    mx.nd.save(str(tmp_path / "mxnets"), {name: mx.nd.array(v, dtype=v.dtype) for name, v in ARRAYS.items()})
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "mxnets").read_bytes()
    assert_same({name: v.asnumpy() for name, v in mx.nd.load(str(tmp_path / "ours")).items()}, ARRAYS)


@pytest.mark.parametrize("arrays", [ARRAYS, {}, {"turned": np.arange(6, dtype=np.float32).reshape(2, 3).T}])
def test_arrays_come_back_as_they_were_written(tmp_path: Path, arrays: Dict[str, np.ndarray]) -> None:
    write_arrays(tmp_path / "a", arrays)
    assert_same(read_arrays(tmp_path / "a"), arrays)


def test_format_is_the_one_written_out_here(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(ONE + NAME)
    assert_same(read_arrays(tmp_path / "a"), {"a": np.array([2.5], np.float32)})


def test_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    whole = ONE + NAME
    for size in range(len(whole)):
        (tmp_path / "a").write_bytes(whole[:size])
        with pytest.raises(PipelineError, match=r"/a: not a file of parameters, or damaged \("):
            read_arrays(tmp_path / "a")


@pytest.mark.parametrize("place", range(0, len(ONE) - 4))
@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_every_flipped_byte_before_the_numbers_is_noticed(tmp_path: Path, place: int, flip: int) -> None:
    content = bytearray(ONE + NAME)
    content[place] ^= flip
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(PipelineError, match="not a file of parameters, or damaged"):
        read_arrays(tmp_path / "a")


def with_shape(*shape: int) -> bytes:
    return struct.pack(f"<QQQIiI{len(shape)}qiii", 0x112, 0, 1, 0xF993FAC9, 0, len(shape), *shape, 1, 0, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ends 16 bytes too soon"),
        (b"\x80\x02PK" * 100, "does not begin as one"),
        (struct.pack("<QQQ", 0x112, 0, 2**63), "ends before 9223372036854775808 things that it promises"),
        (with_shape(2**62, 2**62), "bytes too soon"),
        (with_shape(10**9), "ends 4000000000 bytes too soon"),
        (with_shape(-1), r"shape \(-1,\)"),
        (with_shape(*[1] * 9), "1 to 8 dimensions"),
        (ONE + struct.pack("<Q", 2**40), "that it promises"),
        (ONE + struct.pack("<QQ", 1, 2**64 - 1), "that it promises"),
        (ONE + struct.pack("<Q", 0), "1 arrays and 0 names"),
        (ONE + struct.pack("<QQ", 1, 1) + b"\xff", "utf-8"),
        (ONE + NAME + b"\0", "1 bytes too many"),
    ],
)
def test_hostile_file_is_refused_before_memory_is_taken(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(PipelineError, match=message):
        read_arrays(tmp_path / "a")


def test_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a", {"a": np.zeros(1, np.float32), "b": np.ones(1, np.float32)})
    content = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(content[:-1] + b"a")
    with pytest.raises(PipelineError, match="2 arrays and 2 names"):
        read_arrays(tmp_path / "a")
