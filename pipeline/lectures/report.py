"""The report: every published figure with ours beside it, as one HTML file with pictures, and as Markdown."""

from __future__ import annotations

import datetime
import html
import io
import os
import platform
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

import numpy as np

import pipeline
from pipeline.io.output import new_file
from pipeline.lectures.facts import Fact
from pipeline.lectures.gallery import Picture
from pipeline.lectures.page import frame
from pipeline.plots.drawing import PALETTE

VERDICTS = {"agrees": "✓", "differs": "✗", "not comparable": "~", "not to be had": "∅", "ours alone": "+"}
COLUMNS = ("Fact", "Published", "Ours", "Agrees", "Why")
TITLE = "What the lectures print, and what comes out here"


def write_report(
    facts: Sequence[Fact],
    pictures: Sequence[Picture],
    html_path: Path,
    markdown_path: Path,
    about: Mapping[str, str],
) -> None:
    """Write the report in both forms.

    Parameters
    ----------
    facts : sequence of Fact
        Shown lecture by lecture, in the order in which the lectures first come.
    pictures : sequence of Picture
        For the HTML form, as `pipeline.lectures.gallery.make_pictures` draws them.
    html_path, markdown_path : Path
    about : dict of str
        How it was made, as `describe_run` tells.
    """
    with new_file(html_path) as temporary:
        temporary.write_text(to_html(facts, pictures, about), encoding="utf-8")
    with new_file(markdown_path) as temporary:
        temporary.write_text(to_markdown(facts, about), encoding="utf-8")


def describe_run(command: str) -> Dict[str, str]:
    """Return by what, when and on what kind of machine a report is made."""
    from pipeline.mx.engine import mx  # late: it takes a second to load

    cores, threads = len(os.sched_getaffinity(0)), os.environ.get("OMP_NUM_THREADS", "1")  # by default
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
    """Return in words how many of the published figures agree, and what became of the others."""
    count = Counter(fact.verdict for fact in facts)
    published = len(facts) - count["ours alone"]
    others = {
        "differs": ("differs", "differ"),
        "not comparable": ("cannot be compared, since other data is at hand",),
        "not to be had": ("cannot be had with the data at hand",),
        "ours alone": ("more is ours alone", "more are ours alone"),
    }
    rest = "; ".join(f"{count[word]} {said[-(count[word] > 1)]}" for word, said in others.items() if count[word])
    return f"{count['agrees']} of {published} published figures agree." + (f" {rest}." if rest else "")


def show(value: Any) -> str:
    """Return a figure as the tables show it.

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
    """Return the report as one HTML page that needs nothing else."""
    groups = by_lecture(facts)
    details = "".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>\n" for key, value in about.items())
    sections = [
        _section(f"lecture-{number}", name, _table(group)) for number, (name, group) in enumerate(groups.items())
    ]
    if pictures:
        drawn = [_figure(f"figure-{number}", picture) for number, picture in enumerate(pictures)]
        sections.append(_section("figures", "Figures", "\n".join(drawn)))
    body = [
        f"<header>\n<h1>{html.escape(TITLE)}</h1>",
        f'<p class="lead">{html.escape(summarise(facts))}</p>',
        f'<dl class="about">\n{details}</dl>\n</header>',
        _overview(groups, pictures),
        "<main>",
        *sections,
        "</main>",
    ]
    return frame(TITLE, "\n".join(body))


def _section(anchor: str, name: str, content: str) -> str:
    heading = f'<h2 id="{anchor}">{html.escape(name)}</h2>'
    return f'<section aria-labelledby="{anchor}">\n{heading}\n{content}\n</section>'


def _overview(groups: Mapping[str, Sequence[Fact]], pictures: Sequence[Picture]) -> str:
    """Return links to all parts, and how often each verdict fell."""
    counts = {name: Counter(fact.verdict for fact in facts) for name, facts in groups.items()}
    verdicts = [verdict for verdict in VERDICTS if any(count[verdict] for count in counts.values())]
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Lecture", *verdicts))
    rows = []
    for number, (name, count) in enumerate(counts.items()):
        cells = "".join(f'<td class="{_kind(word) if count[word] else "none"}">{count[word]}</td>' for word in verdicts)
        link = f'<a href="#lecture-{number}">{html.escape(name)}</a>'
        rows.append(f'<tr><th scope="row">{link}</th>{cells}</tr>')
    links = [f'<a href="#figure-{number}">{html.escape(one.title)}</a>' for number, one in enumerate(pictures)]
    end = f"\n<p>Figures: {' · '.join(links)}</p>" if links else ""
    table = f"<thead><tr>{head}</tr></thead>\n<tbody>\n" + "\n".join(rows) + "\n</tbody>"
    return f'<nav aria-label="Parts of this report">\n<table class="overview">\n{table}\n</table>{end}\n</nav>'


def _table(facts: Sequence[Fact]) -> str:
    """Return a table; its roles are spelt out, since narrow screens do not show it as one."""
    head = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in COLUMNS)
    body = "".join(f'<tr role="row">{"".join(map(_cell, COLUMNS, _values(fact)))}</tr>\n' for fact in facts)
    return (
        f'<table class="facts" role="table">\n<thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{body}</tbody>\n</table>'
    )


def _cell(column: str, text: str) -> str:
    content, kind = html.escape(text), ""
    if column == "Fact":
        return f'<th role="rowheader" scope="row">{content}</th>'
    if column == "Agrees":
        sign, _, verdict = content.partition(" ")
        content, kind = f'<span aria-hidden="true">{sign}</span> {verdict}', f' class="verdict {_kind(verdict)}"'
    elif column != "Why" and len(text) > 80:
        kind = ' class="long"'
    return f'<td role="cell" data-label="{column}"{kind}>{content}</td>'


def _kind(verdict: str) -> str:
    return verdict.replace(" ", "-")


def _values(fact: Fact) -> List[str]:
    """Return what stands in a fact's columns."""
    return [fact.fact, show(fact.published), show(fact.ours), f"{VERDICTS[fact.verdict]} {fact.verdict}", fact.why]


def _figure(anchor: str, picture: Picture) -> str:
    title, caption = html.escape(picture.title), html.escape(picture.caption)
    words = f'<figcaption><h3 id="{anchor}">{title}</h3><p>{caption}</p></figcaption>'
    if picture.figure is None:
        return f"<figure>{words}</figure>"
    plot = to_svg(picture.figure, anchor, picture.alt)
    return (
        f'<figure>{words}\n<div class="plot" role="group" aria-labelledby="{anchor}" tabindex="0">{plot}</div></figure>'
    )


def to_svg(figure: Any, name: str, alt: str) -> str:
    """Return a figure as SVG for a page: text as text, colours as the page's, no id that another figure has.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Put before every id.
    alt : str
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*missing from.* font")  # the browser has fonts for all scripts
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    box = re.search(r'viewBox="[^"]+"', text)
    inside = text[text.index(">", text.index("<svg")) + 1 :]
    inside = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", inside, flags=re.DOTALL)
    inside = re.sub(r'( id="|xlink:href="#|href="#|url\(#)', rf"\g<1>{name}-", inside).replace("xlink:href", "href")
    inside = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", inside)  # the family is the page's
    inside = re.sub(r"font-family: [^;\"]*;? ?", "", inside)
    for colour, value in {**PALETTE, "paper": "#ffffff"}.items():
        inside = inside.replace(value, f"var(--{colour})")
    return f'<svg role="img" aria-label="{html.escape(alt)}" {box[0] if box else ""}>{inside.strip()}'


def to_markdown(facts: Sequence[Fact], about: Mapping[str, str]) -> str:
    """Return the report as Markdown: the tables, without the figures."""
    lines = [f"# {TITLE}", "", _escape(summarise(facts)), ""]
    lines += [f"- {_escape(key)}: {_escape(value)}" for key, value in about.items()]
    for name, group in by_lecture(facts).items():
        lines += ["", f"## {_escape(name)}", "", "| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
        lines += ["| " + " | ".join(map(_escape, _values(fact))) + " |" for fact in group]
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    """Keep text from being read as HTML or as Markdown's marks."""
    text = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*|~$\[\]]|(?<!\w)_|_(?!\w))", r"\\\1", text)
