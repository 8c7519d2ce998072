"""Texts and labels as callers hand them over: they become lists, or an error says what was expected."""

from __future__ import annotations

from numbers import Number
from typing import Any, Iterable, List, Mapping

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.tables import NOT_UTF8


def check_texts(texts: Iterable[str]) -> List[str]:
    """Return texts as a list.

    Raises
    ------
    PipelineError
        If it is a single string or not a single column, or an element is not a text.
    """
    texts = to_list(texts, "texts")
    for number, text in enumerate(texts):
        check_text(text, f"text {number}")
    return texts


def check_text(text: object, name: str) -> None:
    """Refuse what is not a string, or holds an unpaired surrogate, which cannot be encoded as UTF-8."""
    if not isinstance(text, str):
        raise PipelineError(f"{name}: expected a string, found {describe(text)}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        found = f"{text[error.start]!r} at character {error.start + 1:,}"
        raise PipelineError(f"{name}: {NOT_UTF8} ({found}); decode its bytes with the encoding they have") from None


def to_list(values: Iterable[Any], what: str) -> List[Any]:
    """Return ordered values as a list; refuse what iterates over something else than the values that are meant."""
    if isinstance(values, str):
        raise PipelineError(f"expected several {what}, found one: put it in a list, [{values[:20]!r}]")
    if isinstance(values, _BYTES) or not isinstance(values, Iterable):
        raise PipelineError(f"expected {what}, found {describe(values)}")
    if isinstance(values, Mapping):
        raise PipelineError(f"expected {what}, found a {type(values).__name__}: put its values in a list")
    if isinstance(values, (set, frozenset)):
        raise PipelineError(f"expected {what} in an order, found a {type(values).__name__}: put them in a list")
    if getattr(values, "ndim", 1) != 1:
        shape = getattr(values, "shape", "unknown")
        found, advice = ("an array", "take its item()") if shape == () else ("a table", "take the column that is meant")
        raise PipelineError(f"expected one column of {what}, found {found} of shape {shape}: {advice}")
    return values.to_pylist() if hasattr(values, "to_pylist") else list(values)  # Arrow's elements are scalars


_BYTES = (bytes, bytearray, memoryview)


def describe(value: object) -> str:
    """Describe a value that is not what was expected, and what to do with it."""
    if isinstance(value, _BYTES):
        return 'bytes: decode them first, b"...".decode("utf-8")'
    if is_missing(value):
        return f"{value}, a missing value: drop or fill it"
    kind = type(value).__name__
    if isinstance(value, int) and value.bit_length() > 64:  # Python may refuse to print it
        return kind
    return f"{value} ({kind})" if isinstance(value, (Number, np.generic)) else kind


def is_missing(value: object) -> bool:
    """Tell whether a value is None, NaN, or one of pandas' missing values, without importing pandas."""
    return not isinstance(value, (str, int)) and str(value) in ("None", "nan", "<NA>", "NaT")
