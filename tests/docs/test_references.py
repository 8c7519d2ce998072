"""Links, files and recipe fields that the documentation names exist."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Set

import pytest

from pipeline.recipe import sections
from pipeline.recipes import QUICK
from tests.docs.pages import PAGES, ROOT, name_of, read_page

FIELDS = {
    f"{section}.{option.name}" for section in sections(QUICK) for option in dataclasses.fields(getattr(QUICK, section))
}
FOLDERS = ("pipeline/", "scripts/", "tests/", "docs/")


def anchors_of(text: str) -> Set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)]+)\)", read_page(page)):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(read_page(target)), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    known = {path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")}
    for name in re.findall(r"`([\w/]+\.py)`", read_page(page)):
        assert (ROOT / name).is_file() if name.startswith(FOLDERS) else Path(name).name in known, name


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_recipe_fields_that_are_named_exist(page: Path) -> None:
    start = "|".join(map(re.escape, sections(QUICK)))
    for field in re.findall(rf"(?:`|--set[ =])((?:{start})\.\w+)(?==|`|\s)", read_page(page)):
        assert field in FIELDS or field.endswith((".py", ".npy", ".json", ".onnx", ".params", ".safetensors")), field


def test_wrong_references_are_found() -> None:
    assert "network.units" not in FIELDS
    assert anchors_of("## What is `best`, now?\n") == {"what-is-best-now"}
