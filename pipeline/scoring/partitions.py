"""Score partitions of a table: what Dask, Spark and Ray call in their workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Sequence, TypeVar, Union

from pipeline.corpus.classes import Classes, is_sentiment
from pipeline.errors import PipelineError
from pipeline.io.tables import Record, Row, text_of, to_python
from pipeline.io.values import is_missing
from pipeline.model.bundle import find_bundle, load_classes
from pipeline.model.predictor import Predictor, load_cached, predict_rows

Frame = TypeVar("Frame")

# The columns that are added, with their pandas types.
_TYPES = {
    "label": "string",
    "probability": "float64",
    "positive": "float64",  # of negative and positive
    "probabilities": "string",  # of other classes: a JSON object
    "words": "Int64",
    "unknown": "float64",
    "cut": "boolean",
    "error": "string",
}


def score_partitions(
    frames: Iterable[Frame], model: Union[str, Path, None] = None, column: str = "text", prefix: str = ""
) -> Iterator[Frame]:
    """Add predictions to the frames of a table, one frame at a time.

    Parameters
    ----------
    frames : iterable of pandas.DataFrame, pyarrow.RecordBatch or pyarrow.Table
    model : str or Path, optional
        As for `pipeline.model.bundle.find_bundle`, on the machine where this runs. The bundle is loaded once in each
        process, and again when it is replaced. Its ONNX network is used if it has one and onnxruntime is installed;
        MXNet is not needed then.
    column : str
        Name of the column of texts.
    prefix : str
        Put before the names of the new columns.

    Yields
    ------
    frame of the same kind
        The rows, index and columns of the input in their order, followed by ``label``, ``probability``, ``positive``
        (or ``probabilities``, a JSON object, if the bundle has other classes than negative and positive), ``words``,
        ``unknown``, ``cut`` and ``error``. `pipeline.model.predictor.Sentiment` explains them. A row without a text,
        or without a word in it, has an ``error`` and nulls.

    Raises
    ------
    PipelineError
        If there is no such bundle or column, a new column is there already, or a frame is of another kind.
    """
    for frame in frames:
        yield score_frame(frame, model, column, prefix)


def score_frame(frame: Frame, model: Union[str, Path, None] = None, column: str = "text", prefix: str = "") -> Frame:
    """Add predictions to one frame; see `score_partitions`."""
    table: Any = frame
    is_pandas = hasattr(table, "iloc") and hasattr(table, "columns")
    if not is_pandas and not hasattr(table, "from_arrays"):
        kind = type(table).__name__
        raise PipelineError(f"expected a pandas DataFrame, a pyarrow RecordBatch or a pyarrow Table, found a {kind}")
    names = list(table.columns if is_pandas else table.schema.names)
    predictor = load_cached(model, "cpu", prefer_onnx=True)
    fields = _fields(predictor.bundle.classes)
    check_columns(names, column, [prefix + field for field in fields])
    values = table[column] if is_pandas else map(to_python, table.column(names.index(column)))
    added = _predict(predictor, values, fields)
    return _add_to_pandas(table, added, prefix) if is_pandas else _add_to_arrow(table, added, prefix)


def new_columns(model: Union[str, Path, None], prefix: str = "") -> List[str]:
    """Return the names of the columns that `score_partitions` adds."""
    return [prefix + field for field in _fields(load_classes(find_bundle(model)))]


def check_columns(names: Sequence[Any], column: str, added: Sequence[str]) -> None:
    """Check that a table has the column of texts, and none of those to be added.

    Raises
    ------
    PipelineError
        Names the column and those that were found.
    """
    if names.count(column) != 1:
        found = ", ".join(map(repr, names)) or "none"
        raise PipelineError(f"{'several columns' if column in names else 'no column'} {column!r}; found {found}")
    for name in added:
        if name in names:
            raise PipelineError(f"there is a column {name!r} already; rename it, or choose a prefix")


def _fields(classes: Classes) -> List[str]:
    other = "probabilities" if is_sentiment(classes) else "positive"
    return [field for field in _TYPES if field != other]


def _predict(predictor: Predictor, values: Iterable[Any], fields: Sequence[str]) -> Dict[str, List[Any]]:
    """Return the new columns, each as long as `values`."""
    added: Dict[str, List[Any]] = {field: [] for field in fields}
    for row, prediction in predict_rows(predictor, map(_row_of, values)):
        found = prediction.to_dict() if prediction else {"error": row.error}
        if "probabilities" in found:
            found["probabilities"] = json.dumps(found["probabilities"])
        for field, column in added.items():
            column.append(found.get(field))
    return added


def _row_of(value: Any) -> Row:
    return text_of(Record(0, [None if is_missing(value) else value]))


def _add_to_pandas(frame: Any, added: Dict[str, List[Any]], prefix: str) -> Any:
    from pandas import Series

    # Without their index, which need not be unique.
    return frame.assign(
        **{prefix + field: Series(values, dtype=_TYPES[field]).array for field, values in added.items()}
    )


def _add_to_arrow(table: Any, added: Dict[str, List[Any]], prefix: str) -> Any:
    import pyarrow

    types = {"string": "string", "float64": "float64", "Int64": "int64", "boolean": "bool"}
    schema, arrays = table.schema, list(table.columns)
    for field, values in added.items():
        array = pyarrow.array(values, types[_TYPES[field]])
        schema = schema.append(pyarrow.field(prefix + field, array.type))
        arrays.append(array)
    return type(table).from_arrays(arrays, schema=schema)
