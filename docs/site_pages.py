"""What Sphinx does not do by itself: notebooks that were run, links to code, an ``index.html`` in the site's folder."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any, List

FRONT_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=docs/index.html">
<link rel="icon" href="_static/icon.svg">
<title>{title}</title>
<p><a href="docs/index.html">{title}</a></p>
</html>
"""


def read_notebook(text: str) -> Any:
    """Return a notebook from its text: JSON if it was run, otherwise Python in percent format.

    The cell that scripts/notebooks.py inserts loses the line that names a folder of this computer.
    """
    import jupytext

    notebook = jupytext.reads(text, "ipynb" if text.startswith("{") else "py:percent")
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.source = re.sub(r"^DATA = .*\n?", "", cell.source, flags=re.M).strip()
    return notebook


def change_source(app: Any, page: str, source: List[str]) -> None:
    """Take a notebook as it was run, from ``data/notebooks/html/NAME.ipynb``, unless its source has changed since.

    On other pages, mark links to Python files that are no notebooks as links to files, not to pages.
    """
    folder, _, name = page.rpartition("/")
    written = Path(app.env.doc2path(page))
    ran = Path(app.srcdir, "data", "notebooks", "html", f"{name}.ipynb")
    if written.suffix == ".md":
        source[0] = re.sub(r"\]\((?!https?:|[./]*notebooks/)([^)\s]+/[^)\s]+\.py)\)", r"](path:\1)", source[0])
    elif folder == "notebooks" and ran.is_file() and ran.stat().st_mtime > written.stat().st_mtime:
        source[0] = ran.read_text(encoding="utf-8")


def describe_field(app: Any, kind: str, name: str, value: Any, options: Any, lines: List[str]) -> None:
    """Add to a recipe's field which values it takes."""
    section, _, field = name.rpartition(".")
    module, _, section = section.rpartition(".")
    if kind == "attribute" and module == "pipeline.recipe":
        kind_of_section = getattr(importlib.import_module(module), section)
        allowed = kind_of_section.__dataclass_fields__[field].metadata
        if "choices" in allowed:
            lines += ["", "One of " + ", ".join(f'``"{choice}"``' for choice in allowed["choices"]) + "."]


def write_front_page(app: Any, error: Any) -> None:
    """Write an ``index.html`` that leads to the front page."""
    if error is None and app.builder.format == "html":
        Path(app.outdir, "index.html").write_text(FRONT_PAGE.format(title=app.config.html_title), encoding="utf-8")


def setup(app: Any) -> dict:
    """Register what is above with Sphinx."""
    app.connect("source-read", change_source)
    app.connect("autodoc-process-docstring", describe_field)
    app.connect("build-finished", write_front_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
