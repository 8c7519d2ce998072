"""The report: every reference value with ours beside it, as one HTML file with figures, and as Markdown."""

from __future__ import annotations

import datetime
import html
import os
import platform
import re
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Sequence

import numpy as np

import pipeline
from pipeline.io.output import new_file
from pipeline.io.processes import count_cores
from pipeline.io.templates import render
from pipeline.lectures.facts import Fact
from pipeline.plots.pictures import Picture, picture_values, style_sheet

VERDICTS = {"agrees": "✓", "differs": "✗", "not comparable": "~", "not available": "∅", "no reference": "+"}
COLUMNS = ("Fact", "Reference", "Ours", "Agrees", "Why")
TITLE = "The lectures' figures reproduced"
_TEMPLATE = Path(__file__).with_name("templates") / "report.html"


def write_report(
    facts: Sequence[Fact],
    pictures: Sequence[Picture],
    html_path: Path,
    markdown_path: Path,
    about: Mapping[str, str],
) -> None:
    """Write the report as HTML and as Markdown.

    Parameters
    ----------
    facts : sequence of Fact
        Grouped by lecture, in order of first appearance.
    pictures : sequence of Picture
        For the HTML file; from `pipeline.lectures.gallery.make_pictures`.
    html_path, markdown_path : Path
    about : dict of str
        How the report was made: `describe_run`.
    """
    with new_file(html_path) as temporary:
        temporary.write_text(to_html(facts, pictures, about), encoding="utf-8")
    with new_file(markdown_path) as temporary:
        temporary.write_text(to_markdown(facts, about), encoding="utf-8")


def describe_run(command: str) -> Dict[str, str]:
    """Return the command, the date, the machine and the software versions."""
    from pipeline.mx.engine import mx  # takes a second to load

    cores, threads = count_cores(), os.environ.get("OMP_NUM_THREADS", "1")  # by default
    versions = f"MXNet {mx.__version__}, numpy {np.__version__}, Python {platform.python_version()}"
    return {
        "Command": command,
        "Date": datetime.date.today().isoformat(),
        "Machine": f"{_processor()}, {cores} core{'s' * (cores > 1)}, OMP_NUM_THREADS={threads}",
        "Software": f"sentiment-pipeline {pipeline.__version__}, {versions}",
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8", errors="replace") if information.is_file() else ""
    named = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.machine()


def summarise(facts: Sequence[Fact]) -> str:
    """Count how many reference values are reproduced, and say why the others are not."""
    count = Counter(fact.verdict for fact in facts)
    references = len(facts) - count["no reference"]
    others = {
        "differs": ("differs", "differ"),
        "not comparable": ("cannot be compared, since the lecture's data is not at hand",),
        "not available": ("cannot be computed with the data at hand",),
        "no reference": ("figure of ours has no reference value", "figures of ours have no reference value"),
    }
    rest = "; ".join(f"{count[word]} {said[-(count[word] > 1)]}" for word, said in others.items() if count[word])
    return f"{count['agrees']} of {references} reference values agree." + (f" {rest}." if rest else "")


def show(value: Any) -> str:
    """Format a figure for the tables.

    >>> [show(value) for value in (0.8285322359396433, 111525, True, None, "5000 x 300")]
    ['0.82853', '111,525', 'yes', '–', '5000 x 300']
    """
    if value is None or isinstance(value, bool):
        return {None: "–", True: "yes", False: "no"}[value]
    if isinstance(value, (list, tuple)):
        return ", ".join(map(show, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:.5g}" if isinstance(value, float) else str(value)


def by_lecture(facts: Sequence[Fact]) -> Dict[str, List[Fact]]:
    """Group facts by lecture."""
    groups: Dict[str, List[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.lecture, []).append(fact)
    return groups


def to_html(facts: Sequence[Fact], pictures: Sequence[Picture], about: Mapping[str, str]) -> str:
    """Return the report as one HTML page that loads nothing."""
    lectures = [
        {"name": name, "rows": [_values(fact) for fact in group], "counts": Counter(fact.verdict for fact in group)}
        for name, group in by_lecture(facts).items()
    ]
    found = {fact.verdict for fact in facts}
    return render(
        _TEMPLATE,
        style=style_sheet(),
        title=TITLE,
        summary=summarise(facts),
        about=about,
        verdicts=[verdict for verdict in VERDICTS if verdict in found],
        columns=COLUMNS,
        lectures=lectures,
        figures=[picture_values(f"figure-{number}", picture) for number, picture in enumerate(pictures)],
    )


def _values(fact: Fact) -> List[str]:
    """Return the cells of a fact's row."""
    return [fact.fact, show(fact.reference), show(fact.ours), f"{VERDICTS[fact.verdict]} {fact.verdict}", fact.why]


def to_markdown(facts: Sequence[Fact], about: Mapping[str, str]) -> str:
    """Return the report as Markdown: the tables, without the figures."""
    lines = [f"# {TITLE}", "", _escape(summarise(facts)), ""]
    lines += [f"- {_escape(key)}: {_escape(value)}" for key, value in about.items()]
    for name, group in by_lecture(facts).items():
        lines += ["", f"## {_escape(name)}", "", to_table(group)]
    return "\n".join(lines) + "\n"


def to_table(facts: Iterable[Fact]) -> str:
    """Return facts as a table in Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(map(_escape, _values(fact))) + " |" for fact in facts]
    return "\n".join(lines)


def _escape(text: str) -> str:
    """Escape HTML and Markdown syntax."""
    text = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*|~$\[\]]|(?<!\w)_|_(?!\w))", r"\\\1", text)
