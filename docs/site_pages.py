"""What Sphinx does not do by itself: notebooks that were run, links to code, an ``index.html`` in the site's folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, List

FRONT_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url=docs/index.html">
<title>{title}</title>
<p><a href="docs/index.html">{title}</a></p>
</html>
"""


def read_notebook(text: str) -> Any:
    """Return a notebook from its text, which is JSON if it was run, and Python in the percent format if not."""
    import jupytext

    return jupytext.reads(text, "ipynb" if text.startswith("{") else "py:percent")


def change_source(app: Any, page: str, source: List[str]) -> None:
    """Take ``notebooks/NAME.py`` as it was run, from ``data/notebooks/NAME.ipynb`` if that is there.

    In other pages, links to Python files that are no notebooks are marked as links to files, not to pages.
    """
    folder, _, name = page.rpartition("/")
    ran = Path(app.srcdir, "data", "notebooks", f"{name}.ipynb")
    if folder != "notebooks":
        source[0] = re.sub(r"\]\((?!https?:|[./]*notebooks/)([^)\s]+\.py)\)", r"](path:\1)", source[0])
    elif ran.is_file():
        source[0] = ran.read_text(encoding="utf-8")


def write_front_page(app: Any, error: Any) -> None:
    """Write an ``index.html`` that leads to the front page."""
    if error is None and app.builder.format == "html":
        Path(app.outdir, "index.html").write_text(FRONT_PAGE.format(title=app.config.html_title), encoding="utf-8")


def setup(app: Any) -> dict:
    """Register what is above with Sphinx."""
    app.connect("source-read", change_source)
    app.connect("build-finished", write_front_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
