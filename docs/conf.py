"""Settings of the documentation's site; ``bash scripts/docs.sh`` builds it.

The source folder is the project's root, so that a link between two files leads to the same place on GitHub and here.
"""

import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from pipeline import __version__

project = "Sentiment pipeline"
copyright = "its authors, Apache-2.0"
release = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "numpydoc", "site_pages"]

root_doc = "docs/index"
include_patterns = ["*.md", "data/README.md", "docs/**.md", "docs/**.rst", "notebooks/*.md", "notebooks/*.py"]
exclude_patterns = [".*", "build", "data/[!R]*", "dist", "pipeline", "scripts", "tests"]  # not even searched

# A page loads everything from the site itself.
html_theme = "furo"
html_title = f"{project} {release}"
html_favicon = "../pipeline/server/static/icon.svg"
html_copy_source = False
html_show_copyright = False
# Excerpts of the pages that a search finds are fetched, which a browser refuses for pages opened from the disk.
html_js_files = [
    (None, {"body": 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'})
]
highlight_language = "none"
pygments_style = "friendly"

# Headings have GitHub's anchors.
myst_heading_anchors = 4

# Notebooks are not run here. site_pages takes what scripts/notebooks.py has run, with the outputs.
nb_execution_mode = "off"
nb_custom_formats = {".py": "site_pages.read_notebook"}
nb_render_markdown_format = "myst"  # has tables
nb_ipywidgets_js: dict = {}  # loaded from another host

# What is not installed, and imported with the modules, is replaced by a stand-in.
_IMPORTED = ("mxnet", "gluonnlp", "fastapi", "pydantic", "starlette")
autodoc_mock_imports = [name for name in _IMPORTED if importlib.util.find_spec(name) is None]
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
default_role = "py:obj"  # `name` in a docstring is a link if there is such a name

numpydoc_show_class_members = False  # autodoc lists them
