"""The report: every reference value beside the computed one, as one HTML file with figures, and as Markdown."""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Sequence

from pipeline.io.output import new_file
from pipeline.io.templates import render
from pipeline.lectures.comparison import Comparison
from pipeline.plots.html import CaptionedFigure, figure_values, style_sheet

VERDICTS = {"agrees": "✓", "differs": "✗", "not comparable": "~", "not available": "∅", "no reference": "+"}
COLUMNS = ("Quantity", "Reference", "Computed", "Agrees", "Note")
TITLE = "The lectures' values reproduced"
_TEMPLATE = Path(__file__).with_name("templates") / "report.html"


def write_report(
    comparisons: Sequence[Comparison],
    figures: Sequence[CaptionedFigure],
    html_path: Path,
    markdown_path: Path,
    about: Mapping[str, str],
) -> None:
    """Write the report as HTML and as Markdown.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Grouped by lecture, in order of first appearance.
    figures : sequence of CaptionedFigure
        For the HTML file; from `pipeline.lectures.figures.draw_figures`.
    html_path, markdown_path : Path
    about : dict of str
        How the report was made: `pipeline.io.environment.describe_run`.
    """
    with new_file(html_path) as temporary:
        temporary.write_text(to_html(comparisons, figures, about), encoding="utf-8")
    with new_file(markdown_path) as temporary:
        temporary.write_text(to_markdown(comparisons, about), encoding="utf-8")


def summarise(comparisons: Sequence[Comparison]) -> str:
    """Count how many reference values are reproduced, and say why the others are not."""
    count = Counter(comparison.verdict for comparison in comparisons)
    references = len(comparisons) - count["no reference"]
    others = {
        "differs": ("differs", "differ"),
        "not comparable": ("cannot be compared, since the lecture's data is not at hand",),
        "not available": ("cannot be computed with the data at hand",),
        "no reference": ("computed value has no reference value", "computed values have no reference value"),
    }
    rest = "; ".join(f"{count[word]} {said[-(count[word] > 1)]}" for word, said in others.items() if count[word])
    return f"{count['agrees']} of {references} reference values agree." + (f" {rest}." if rest else "")


def show(value: Any) -> str:
    """Format a value for the tables.

    >>> [show(value) for value in (0.8285322359396433, 111525, True, None, "5000 x 300")]
    ['0.82853', '111,525', 'yes', '–', '5000 x 300']
    """
    if value is None or isinstance(value, bool):
        return {None: "–", True: "yes", False: "no"}[value]
    if isinstance(value, (list, tuple)):
        return ", ".join(map(show, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:.5g}" if isinstance(value, float) else str(value)


def by_lecture(comparisons: Sequence[Comparison]) -> Dict[str, List[Comparison]]:
    """Group comparisons by lecture."""
    groups: Dict[str, List[Comparison]] = {}
    for comparison in comparisons:
        groups.setdefault(comparison.lecture, []).append(comparison)
    return groups


def to_html(comparisons: Sequence[Comparison], figures: Sequence[CaptionedFigure], about: Mapping[str, str]) -> str:
    """Return the report as one HTML page that loads nothing."""
    lectures = [
        {"name": name, "rows": [_values(one) for one in group], "counts": Counter(one.verdict for one in group)}
        for name, group in by_lecture(comparisons).items()
    ]
    found = {comparison.verdict for comparison in comparisons}
    return render(
        _TEMPLATE,
        style=style_sheet(),
        title=TITLE,
        summary=summarise(comparisons),
        about=about,
        verdicts=[verdict for verdict in VERDICTS if verdict in found],
        columns=COLUMNS,
        lectures=lectures,
        figures=[figure_values(f"figure-{number}", figure) for number, figure in enumerate(figures)],
    )


def _values(comparison: Comparison) -> List[str]:
    """Return the cells of a comparison's row."""
    quantity, verdict, note = comparison.quantity, comparison.verdict, comparison.note
    return [quantity, show(comparison.reference), show(comparison.computed), f"{VERDICTS[verdict]} {verdict}", note]


def to_markdown(comparisons: Sequence[Comparison], about: Mapping[str, str]) -> str:
    """Return the report as Markdown: the tables, without the figures."""
    lines = [f"# {TITLE}", "", _escape(summarise(comparisons)), ""]
    lines += [f"- {_escape(key)}: {_escape(value)}" for key, value in about.items()]
    for name, group in by_lecture(comparisons).items():
        lines += ["", f"## {_escape(name)}", "", to_table(group)]
    return "\n".join(lines) + "\n"


def to_table(comparisons: Iterable[Comparison]) -> str:
    """Return comparisons as a table in Markdown."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(map(_escape, _values(comparison))) + " |" for comparison in comparisons]
    return "\n".join(lines)


def _escape(text: str) -> str:
    """Escape HTML and Markdown syntax."""
    text = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*|~$\[\]]|(?<!\w)_|_(?!\w))", r"\\\1", text)
