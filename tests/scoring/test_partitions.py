"""Predictions for the frames of a table, compared with `infer_sentiment`."""

from __future__ import annotations

import functools
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest

from pipeline import infer_sentiment
from pipeline.errors import PipelineError
from pipeline.export.onnx import export_bundle
from pipeline.model.bundle import SHIPPED
from pipeline.recipe import Recipe
from pipeline.scoring.partitions import new_columns, score_frame, score_partitions
from tests.conftest import save_random_bundle

ADDED = ["label", "probability", "positive", "words", "unknown", "cut", "error"]
TEXTS = [
    "A great film, I loved it.",
    None,
    "",
    "好电影",
    "Awful,\nboring and dull. 😀",
    " \n",
    float("nan"),
    5,
    b"great",
]
ERRORS = {
    1: "expected a text, found none",
    2: "no words in it",
    5: "no words in it",
    6: "expected a text, found none",
    7: "expected a text, found 5",
    8: "expected a text, found b'great'",
}
INDEX = [7, 7, 3, 0, 1, 2, 9, 8, 5]  # in no order, and not unique


def test_pandas_frame_keeps_its_rows_index_and_columns() -> None:
    frame = pandas.DataFrame({"id": range(9), "text": pandas.Series(TEXTS, dtype=object)}).set_axis(INDEX)
    (scored,) = score_partitions([frame])
    assert scored.index.tolist() == INDEX
    assert scored.columns.tolist() == ["id", "text", *ADDED]
    assert frame.columns.tolist() == ["id", "text"]
    pandas.testing.assert_frame_equal(scored[["id", "text"]], frame)
    assert {row: error for row, error in enumerate(scored["error"]) if isinstance(error, str)} == ERRORS
    nulls = scored[["label", "probability", "positive", "words", "unknown", "cut"]].isna()
    assert nulls.all(axis=1).tolist() == [row in ERRORS for row in range(9)]
    assert nulls.any(axis=1).tolist() == [row in ERRORS for row in range(9)]
    assert scored["label"].dropna().tolist() == ["positive", "unsure", "negative"]


def test_probabilities_are_those_of_infer_sentiment() -> None:
    texts = ["A great film, I loved it.", "好电影", "Awful, boring and dull. 😀", "It was a plot. " * 400]
    (scored,) = score_partitions([pandas.DataFrame({"text": texts})])
    expected = infer_sentiment(texts)
    assert scored["positive"].tolist() == pytest.approx([answer.positive for answer in expected], abs=1e-5)
    assert scored["probability"].tolist() == pytest.approx([answer.probability for answer in expected], abs=1e-5)
    for field in ("label", "words", "unknown", "cut"):
        assert scored[field].tolist() == [getattr(answer, field) for answer in expected]


@pytest.mark.parametrize("kind", [pyarrow.RecordBatch, pyarrow.Table])
def test_arrow_frame_gives_one_of_the_same_kind(kind: Any) -> None:
    frame = kind.from_pydict({"text": ["A great film, I loved it.", None, "dull"], "id": [1, 2, 3]})
    (scored,) = score_partitions([frame])
    assert isinstance(scored, kind)
    assert scored.select(["text", "id"]).equals(frame)
    assert scored.schema.names == ["text", "id", *ADDED]
    assert [str(scored.schema.field(name).type) for name in ADDED] == [
        *("string", "double", "double", "int64", "double", "bool", "string")
    ]
    first, second, third = scored.to_pylist()
    assert (first["label"], first["words"], first["error"], third["label"]) == ("positive", 8, None, "negative")
    assert second == {**dict.fromkeys(ADDED), "text": None, "id": 2, "error": "expected a text, found none"}


def test_table_of_several_chunks_and_text_that_is_not_utf8() -> None:
    damaged = pyarrow.Array.from_buffers(
        pyarrow.string(), 1, [None, pyarrow.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00"), pyarrow.py_buffer(b"\xe9!")]
    )
    frame = pyarrow.table({"text": pyarrow.chunked_array([["great"], damaged, []])})
    (scored,) = score_partitions([frame])
    assert scored["label"].to_pylist() == ["positive", None]
    assert scored["error"].to_pylist() == [None, "expected a text, found b'\\xe9!'"]


def test_empty_frames_have_the_types_of_full_ones() -> None:
    full = pandas.DataFrame({"text": ["great", "dull"]})
    empty, scored, no_text = score_partitions([full[:0], full, pandas.DataFrame({"text": [None]}, dtype=object)])
    assert len(empty) == 0
    assert empty.dtypes[ADDED].tolist() == scored.dtypes[ADDED].tolist() == no_text.dtypes[ADDED].tolist()
    batch = pyarrow.RecordBatch.from_pydict({"text": ["great"]})
    empty, scored, none = score_partitions([batch[:0], batch, pyarrow.RecordBatch.from_pydict({"text": [None]})])
    assert empty.num_rows == 0
    assert empty.schema == scored.schema
    assert none.schema.names == scored.schema.names
    assert list(score_partitions([])) == []


def test_frames_are_taken_one_at_a_time() -> None:
    taken = []

    def frames() -> Any:
        for number in range(3):
            taken.append(number)
            yield pandas.DataFrame({"text": ["great"]})

    next(score_partitions(frames()))
    assert taken == [0]


def test_other_classes_have_probabilities_as_json(tiny: Recipe, tmp_path: Path) -> None:
    recipe = replace(tiny, network=replace(tiny.network, num_outputs=3))
    save_random_bundle(tmp_path / "bundle", recipe)
    scored = score_frame(pandas.DataFrame({"text": ["a great film", ""]}), tmp_path / "bundle")
    assert scored.columns.tolist() == ["text", "label", "probability", "probabilities", *ADDED[3:]]
    assert scored.columns[1:].tolist() == new_columns(tmp_path / "bundle")
    probabilities = json.loads(scored["probabilities"][0])
    assert list(probabilities) == ["0", "1", "2"]
    assert sum(probabilities.values()) == pytest.approx(1)
    assert probabilities[scored["label"][0]] == scored["probability"][0] == max(probabilities.values())
    assert scored["probabilities"].isna().tolist() == [False, True]


def test_columns_and_prefix() -> None:
    frame = pandas.DataFrame({"label": [1], "review": ["great"]})
    with pytest.raises(PipelineError, match=r"^no column 'text'; found 'label', 'review'$"):
        score_frame(frame)
    with pytest.raises(PipelineError, match=r"^there is a column 'label' already; rename it, or choose a prefix$"):
        score_frame(frame, column="review")
    scored = score_frame(frame, column="review", prefix="said_")
    assert scored.columns.tolist() == ["label", "review", *(f"said_{name}" for name in ADDED)]
    assert scored["said_label"].tolist() == ["positive"]
    with pytest.raises(PipelineError, match=r"^several columns 'a'; found 'a', 'a'$"):
        score_frame(pandas.DataFrame([["x", "y"]], columns=["a", "a"]), column="a")
    with pytest.raises(PipelineError, match=r"^expected a pandas DataFrame, .* found a dict$"):
        score_frame({"text": ["great"]})
    with pytest.raises(PipelineError, match=r"^nowhere: no bundle there"):
        score_frame(frame, "nowhere")


def test_a_bundle_is_loaded_once_and_again_when_it_is_replaced(tiny: Recipe, tmp_path: Path, monkeypatch: Any) -> None:
    from pipeline.scoring.partitions import Predictor

    loaded, load = [], Predictor.load

    def count(path: Path, *given: Any, **options: Any) -> Predictor:
        loaded.append(path)
        return load(path, *given, **options)

    monkeypatch.setattr(Predictor, "load", count)
    frame = pandas.DataFrame({"text": ["a great film"]})
    save_random_bundle(tmp_path / "bundle", tiny)
    before = [scored["positive"][0] for scored in score_partitions([frame, frame], tmp_path / "bundle")]
    assert len(loaded) == 1
    save_random_bundle(tmp_path / "bundle", replace(tiny, network=replace(tiny.network, hidden_size=4)))
    assert score_frame(frame, tmp_path / "bundle")["positive"][0] != before[0]
    assert len(loaded) == 2


def test_a_pickle_holds_the_bundles_path_and_works_without_mxnet(tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    export_bundle(tmp_path / "bundle", tmp_path / "onnx")
    task = pickle.dumps(functools.partial(score_frame, model=str(tmp_path / "onnx")))
    assert len(task) < 500
    here = score_frame(pandas.DataFrame({"text": ["a great film"]}), tmp_path / "bundle")["positive"][0]
    code = f"""
import pickle, sys
import pandas
score = pickle.loads({task!r})
for model in (score, lambda frame: score(frame, model={str(SHIPPED)!r})):
    print(model(pandas.DataFrame({{"text": ["a great film"]}}))["positive"][0])
print([name for name in ("mxnet", "gluonnlp", "sklearn.base") if name in sys.modules])
"""
    root = str(Path(__file__).parents[2])
    there, _, imported = (
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {root!r})\n{code}"],
            stdout=subprocess.PIPE,
            check=True,
        )
        .stdout.decode()
        .splitlines()
    )
    assert float(there) == pytest.approx(here, abs=1e-6)
    assert imported == "[]"
