from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from pipeline.corpus.encoded import Encoded
from pipeline.corpus.reviews import Review
from pipeline.errors import PipelineError
from pipeline.index import index_reviews
from pipeline.recipe import Index


def test_loaded_ids_stay_in_the_file(tmp_path: Path) -> None:
    Encoded(np.arange(2_000_000, dtype=np.int32), *(np.arange(3, dtype=kind) for kind in "qbbq")).save(tmp_path / "e")
    tracemalloc.start()
    try:
        loaded = Encoded.load(tmp_path / "e")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert loaded.ids[-1] == 1_999_999
    assert peak < 4e6 < loaded.ids.nbytes


def make_encoded() -> Encoded:
    reviews = [
        Review("0", 1, "held_out", 1, "a"),
        Review("1", 0, "train", 2, "b a"),
        Review("2", 1, "train", 0, ""),
        Review("3", 0, "held_out", 0, "c"),
        Review("4", 0, "train", 1, "a b c"),
        Review("5", 1, "test", 0, "a a"),
    ]
    return index_reviews(reviews, Index(tokenizer="alphanumeric", vocab_size=0, vocab_from="all"))[1]


def test_encoded_reviews_keep_labels_splits_and_places() -> None:
    encoded = make_encoded()
    assert encoded.labels.tolist() == [1, 0, 1, 0, 0, 1]
    assert encoded.splits.tolist() == [2, 0, 0, 2, 0, 3]
    assert encoded.positions.tolist() == [1, 2, 0, 0, 1, 0]
    kinds = [array.dtype for array in (encoded.ids, encoded.offsets, encoded.labels, encoded.splits, encoded.positions)]
    assert kinds == [np.int32, np.int64, np.int16, np.int8, np.int64]


@pytest.mark.parametrize(
    ("split", "rows"), [("train", [2, 4, 1]), ("held_out", [3, 0]), ("test", [5]), ("validation", [])]
)
def test_rows_of_a_split_stand_in_its_order(split: str, rows: list[int]) -> None:
    assert make_encoded().rows(split).tolist() == rows


def test_rows_of_several_splits_stand_one_split_after_the_other() -> None:
    assert make_encoded().rows("held_out", "validation", "train").tolist() == [3, 0, 2, 4, 1]


def test_encoded_reviews_come_back_as_they_were_saved(tmp_path: Path) -> None:
    encoded = make_encoded()
    encoded.save(tmp_path / "encoded.npz")
    loaded = Encoded.load(tmp_path / "encoded.npz")
    for name, array in vars(encoded).items():
        assert np.array_equal(getattr(loaded, name), array)
        assert getattr(loaded, name).dtype == array.dtype
    assert [path.name for path in tmp_path.iterdir()] == ["encoded.npz"]


@pytest.mark.parametrize(
    "damage", ["cut", "flipped", "empty", "text", "one array", "missing array", "pickle", "compressed"]
)
def test_damaged_encoded_reviews_are_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "encoded.npz"
    encoded = make_encoded()
    encoded.save(path)
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        place = content.index(encoded.ids.tobytes())
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    elif damage in ("empty", "text"):
        path.write_bytes(b"" if damage == "empty" else b"words\n")
    elif damage == "one array":
        with open(path, "wb") as file:
            np.save(file, encoded.ids)
    elif damage == "missing array":
        np.savez(path, ids=encoded.ids, offsets=encoded.offsets, labels=encoded.labels, splits=encoded.splits)
    elif damage == "pickle":
        np.savez(path, **{**vars(encoded), "ids": np.array([object()])})
    else:
        np.savez_compressed(path, **vars(encoded))
    with pytest.raises(PipelineError, match=r"encoded\.npz: damaged \(.*\); run the stage index again"):
        Encoded.load(path)


def test_missing_encoded_reviews_name_the_stage(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match=r"encoded\.npz: no such file; the stage index makes it"):
        Encoded.load(tmp_path / "encoded.npz")
