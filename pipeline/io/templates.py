"""HTML and Markdown from Jinja2 templates. What is put into HTML is escaped."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

_NOT_IN_HTML = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(template: Path, **values: Any) -> str:
    """Fill in a template.

    Parameters
    ----------
    template : Path
        Its folder holds what it includes.
    **values
        The template's variables. In a template whose name ends in ``.html`` they are escaped, unless they are of
        `markupsafe.Markup`. Characters that HTML does not allow (control characters, lone surrogates) are replaced by
        U+FFFD.
    """
    return str(_environment(template.parent).get_template(template.name).render(values))


@lru_cache(maxsize=None)
def _environment(folder: Path) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # takes a while to load

    return Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=lambda name: name is None or name.endswith(".html"),
        undefined=StrictUndefined,  # a misspelt variable is an error
        finalize=_replace_invalid,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _replace_invalid(value: Any) -> Any:
    """Replace the characters that HTML does not allow in a variable's text; `Markup` stays as it is."""
    return value if not isinstance(value, str) or hasattr(value, "__html__") else _NOT_IN_HTML.sub("\ufffd", value)
