"""Figures with their captions, as SVG inside an HTML page, and the style sheet that such a page shares."""

from __future__ import annotations

import html
import io
import re
import warnings
from pathlib import Path
from typing import Any, Dict, NamedTuple

from pipeline.plots.drawing import PALETTE

_STYLE_SHEET = Path(__file__).with_name("page.css")


class CaptionedFigure(NamedTuple):
    """A figure with its caption.

    Attributes
    ----------
    title, caption : str
    alt : str
        Description for screen readers.
    figure : matplotlib.figure.Figure or None
        None if it is left out; the caption says why.
    """

    title: str
    caption: str
    alt: str = ""
    figure: Any = None


def left_out(title: str, reason: str) -> CaptionedFigure:
    """Return a figure that is not drawn; its caption says why."""
    return CaptionedFigure(title, f"Left out: {reason}.")


def figure_values(anchor: str, captioned: CaptionedFigure) -> Dict[str, Any]:
    """Return a figure's values for a template: anchor, title, caption, and svg, which is empty if it is left out."""
    from markupsafe import Markup

    drawn = captioned.figure is not None
    svg = Markup(to_svg(captioned.figure, anchor, captioned.alt)) if drawn else ""  # to_svg escapes
    return {"anchor": anchor, "title": captioned.title, "caption": captioned.caption, "svg": svg}


def style_sheet() -> Any:
    """Return the style sheet of a page with figures, for a template; it defines the colours that `to_svg` names."""
    from markupsafe import Markup

    return Markup(_STYLE_SHEET.read_text(encoding="utf-8"))


def to_svg(figure: Any, name: str, alt: str) -> str:
    """Return a figure as SVG to be put into the page: text stays text, colours are CSS variables, ids are unique.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Prefix of every id.
    alt : str
        Description for screen readers.
    """
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*missing from.* font")  # the browser has fonts for them
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    box = re.search(r'viewBox="[^"]+"', text)
    inside = text[text.index(">", text.index("<svg")) + 1 :]
    inside = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", inside, flags=re.DOTALL)
    inside = re.sub(r'( id="|xlink:href="#|href="#|url\(#)', rf"\g<1>{name}-", inside).replace("xlink:href", "href")
    inside = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", inside)  # the page sets the font family
    inside = re.sub(r"font-family: [^;\"]*;? ?", "", inside)
    for colour, value in {**PALETTE, "paper": "#ffffff"}.items():
        inside = inside.replace(value, f"var(--{colour})")
    return f'<svg role="img" aria-label="{html.escape(alt)}" {box[0] if box else ""}>{inside.strip()}'
