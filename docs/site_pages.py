"""What Sphinx does not do by itself: notebooks that were run, links to code, an ``index.html`` in the site's folder."""

from __future__ import annotations

import functools
import importlib
import re
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

_NAVIGATIONS: Dict[Tuple[str, str], str] = {}
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


def share_navigation(app: Any, page: str, template: str, context: Any, doctree: Any) -> None:
    """Make the navigation of the pages with source code once for each folder: none of them is in it itself."""
    if page.startswith("_modules/"):
        make = context["toctree"]
        context["toctree"] = lambda **options: _navigation(page.rpartition("/")[0], make, options)


def _navigation(folder: str, make: Callable[..., str], options: Dict[str, Any]) -> str:
    key = (folder, repr(sorted(options.items())))
    if key not in _NAVIGATIONS:
        _NAVIGATIONS[key] = make(**options)
    return _NAVIGATIONS[key]


def write_front_page(app: Any, error: Any) -> None:
    """Write an ``index.html`` that leads to the front page."""
    if error is None and app.builder.format == "html":
        Path(app.outdir, "index.html").write_text(FRONT_PAGE.format(title=app.config.html_title), encoding="utf-8")


def compile_template_once(folder: Path) -> None:
    """Have numpydoc compile its template once. It does so for each of 3,500 docstrings, in a fifth of the build's time.

    Parameters
    ----------
    folder : Path
        Where the compiled template is kept.
    """
    from jinja2 import FileSystemBytecodeCache
    from numpydoc import docscrape_sphinx

    folder.mkdir(parents=True, exist_ok=True)
    cache = FileSystemBytecodeCache(str(folder))
    environment = functools.partial(docscrape_sphinx.SandboxedEnvironment, bytecode_cache=cache)
    docscrape_sphinx.SandboxedEnvironment = environment


def setup(app: Any) -> dict:
    """Register what is above with Sphinx."""
    compile_template_once(Path(app.doctreedir))
    app.connect("source-read", change_source)
    app.connect("autodoc-process-docstring", describe_field)
    app.connect("html-page-context", share_navigation, priority=400)  # before Furo's, which calls it
    app.connect("build-finished", write_front_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
