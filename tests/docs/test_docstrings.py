"""Docstrings have numpydoc's form, and the parameters that they describe are those of the function."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any, Iterator, List, Tuple

import pytest

import pipeline
from pipeline.classifier import SentimentClassifier
from pipeline.explanation.explanation import Explanation
from pipeline.model.predictor import Prediction, Predictor, Sentiment

validate = pytest.importorskip("numpydoc.validate").validate

# Not asked for: sections and sentences for what names and types already say.
LEFT_OUT = {
    "ES01",  # no extended summary
    "EX01",  # no examples
    "PR04",  # a parameter without a type, which its annotation says
    "PR07",  # a parameter without a description
    "RT01",  # no section Returns
    "RT03",  # a return value without a description
    "SA01",  # no section See Also
    "SS02",  # the summary of a class named tqdm begins with its name
    "SS05",  # it takes "Keras's" for a verb in the third person
    "YD01",  # no section Yields
}
FIRST = [
    SentimentClassifier,
    Explanation,
    Prediction,
    Sentiment,
    Predictor,
]  # what users call first, with the functions below
STAGES = ["read.read_reviews", "index.index_reviews", "embed.make_embedding", "train.train_network"]
STAGES += ["evaluate.evaluate_bundle", "recipe.override", "recipes.find_recipe"]


def public_names() -> Iterator[str]:
    """Yield the public functions, classes and methods of the package, where they are defined."""
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if module.name == "pipeline.__main__":
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if name[0] == "_" or getattr(value, "__module__", None) != module.name:
                continue
            if inspect.isfunction(value):
                yield f"{module.name}.{name}"
            if inspect.isclass(value):
                yield f"{module.name}.{name}"
                yield from (f"{module.name}.{name}.{method}" for method in methods_of(value))


def methods_of(kind: type) -> List[str]:
    """Return the public methods that a class defines."""
    kinds = (staticmethod, classmethod)
    return [
        name
        for name, value in vars(kind).items()
        if name[0] != "_" and (inspect.isfunction(value) or type(value) in kinds)
    ]


def find_errors(name: str) -> List[Tuple[str, str]]:
    """Return the codes and messages of what numpydoc finds, but for those that are left out."""
    result: Any = validate(name)
    left_out = set(LEFT_OUT)
    if "\nParameters\n---" not in inspect.cleandoc(result["docstring"] or ""):
        left_out.add("PR01")  # parameters that are not described; with a section, all of them must be
    return [(code, message) for code, message in result["errors"] if code not in left_out]


def test_docstrings_have_numpydocs_form_and_describe_the_parameters_there_are() -> None:
    names = list(public_names())
    assert len(names) > 350
    assert {name: found for name in names for found in [find_errors(name)] if found} == {}


def test_what_users_call_first_describes_all_parameters() -> None:
    names = [f"pipeline.{name}" for name in [*set(pipeline.__all__) - {"SentimentClassifier"}, *STAGES]]
    for kind in FIRST:
        names += [f"{kind.__module__}.{kind.__name__}.{method}" for method in methods_of(kind)]
    found = {name: message for name in names for code, message in validate(name)["errors"] if code == "PR01"}
    assert {name: message for name, message in found.items() if "_request" not in name} == {}  # scikit-learn's


def wrong(text: str, model: str = "") -> None:
    """Take two parameters.

    Parameters
    ----------
    model : str
    texts : str
    """


def test_wrong_parameters_are_found() -> None:
    codes = [code for code, _ in find_errors(f"{__name__}.wrong")]
    assert codes == ["PR01", "PR02"]
