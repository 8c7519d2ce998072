"""The pages of the documentation and the blocks in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Iterator, List, NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "data" / "README.md"]
PAGES += [ROOT / "notebooks" / "README.md"]
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


def find_output(text: str, block: Block) -> str:
    """Return the code of the block ``text`` right after another, "" if there is none."""
    after = next(find_blocks(text[block.end :]), None)
    adjacent = after and after.kind == "text" and not text[block.end : block.end + after.start].strip()
    return after.code if after and adjacent else ""


def tokens_of(line: str) -> List[str]:
    """Return the words and operators of a shell command."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    return list(lexer)
