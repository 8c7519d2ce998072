"""Files of parameters: safetensors."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any, Dict

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.model.parameters import load_arrays, save_arrays

ARRAYS: Dict[str, np.ndarray] = {
    "embedding.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "schön": np.full((1, 2, 1), 0.5, np.float16),
    "": np.zeros(1, np.float32),
}


def with_header(header: Any, data: bytes = bytes(4)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(shape: Any = (1,), dtype: str = "F32", offsets: Any = (0, 4)) -> Dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


ONE = with_header({"a": entry()}, struct.pack("<f", 2.5))


def assert_same(found: Dict[str, np.ndarray], expected: Dict[str, np.ndarray]) -> None:
    assert set(found) == set(expected)
    for name, array in expected.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("arrays", [ARRAYS, {}, {"transposed": np.arange(6, dtype=np.float32).reshape(2, 3).T}])
def test_arrays_come_back_as_they_were_written(tmp_path: Path, arrays: Dict[str, np.ndarray]) -> None:
    save_arrays(tmp_path / "a", arrays)
    assert_same(load_arrays(tmp_path / "a"), arrays)


def test_format_is_the_one_written_out_here(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(ONE)
    assert_same(load_arrays(tmp_path / "a"), {"a": np.array([2.5], np.float32)})


def test_file_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    for size in range(len(ONE)):
        (tmp_path / "a").write_bytes(ONE[:size])
        with pytest.raises(PipelineError, match=r"/a: not a safetensors file, or damaged \("):
            load_arrays(tmp_path / "a")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02PK" * 100,
        struct.pack("<Q", 2**63) + b"{}",
        with_header(b"[]"),
        with_header(b"\xff\xff"),
        with_header({"a": entry(shape=(2**62, 2**62))}),
        with_header({"a": entry(shape=(10**9,))}),
        with_header({"a": entry(shape=(-1,))}),
        with_header({"a": entry(offsets=(0, 2**40))}),
        with_header({"a": entry(offsets=(4, 0))}),
        with_header({"a": entry(dtype="F77")}),
        ONE + b"\0",
    ],
)
def test_hostile_file_is_refused_before_memory_is_taken(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(PipelineError, match=r"/a: not a safetensors file, or damaged \("):
        load_arrays(tmp_path / "a")


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.bool_])
def test_numbers_of_another_type_are_refused(tmp_path: Path, dtype: type) -> None:
    save_arrays(tmp_path / "a", {"x": np.zeros(2, dtype)})
    with pytest.raises(PipelineError, match=r"/a: x: expected float32 or float16, found "):
        load_arrays(tmp_path / "a")
