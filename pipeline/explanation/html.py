"""An explanation as HTML: the coloured text, the prefix probabilities as a curve, and a table of all words."""

from __future__ import annotations

from pathlib import Path

from pipeline.explanation.attributed_text import AttributedText
from pipeline.io.templates import render

_TEMPLATES = Path(__file__).with_name("templates")


def render_fragment(explanation: AttributedText) -> str:
    """Return an HTML fragment, its style sheet included."""
    return _render("explanation.html", explanation)


def render_page(explanation: AttributedText) -> str:
    """Return a whole HTML page."""
    return _render("page.html", explanation)


def _render(template: str, explanation: AttributedText) -> str:
    probabilities = explanation.prefix_probabilities.tolist()
    return render(
        _TEMPLATES / template,
        explanation=explanation,
        words=list(zip(explanation.words, explanation.known, explanation.attributions.tolist(), probabilities)),
        probabilities=probabilities,
    )
