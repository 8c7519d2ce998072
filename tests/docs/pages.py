"""The pages of the documentation and the blocks in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "data" / "README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md"))
_BLOCK = re.compile(r"(?:^<!-- not run: (?P<reason>.+?) -->\n)?^```(?P<kind>\w*)\n(?P<code>.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    """A fenced block: from the fence, or the comment before it that says why it is not run, to the closing fence."""

    start: int
    end: int
    kind: str  # the language
    code: str
    not_run: str  # the reason, "" if it is run


def read_page(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def find_blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order."""
    for found in _BLOCK.finditer(text):
        yield Block(found.start(), found.end(), found["kind"], found["code"], found["reason"] or "")
