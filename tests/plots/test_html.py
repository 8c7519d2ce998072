"""Figures as SVG inside a page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipeline.plots.figures import signed_bars
from pipeline.plots.html import CaptionedFigure, figure_values, style_sheet, to_svg

pytest.importorskip("matplotlib")


def bars(word: str) -> Any:
    return signed_bars({word: 0.5, "好电影": -0.25, "🎬": 1})


def test_svg_keeps_text_as_text_and_takes_the_pages_colours() -> None:
    svg = to_svg(bars("<unk>"), "one", "")
    assert "&lt;unk&gt;</text>" in svg
    assert "好电影</text>" in svg
    assert "var(--positive)" in svg
    assert "DejaVu" not in svg
    assert not re.search(r"#0072b2|#c25300|#ffffff|<metadata|<style", svg)
    assert svg == to_svg(bars("<unk>"), "one", "")  # the same each time


def test_figure_values_escape_what_screens_are_told() -> None:
    values = figure_values("one", CaptionedFigure("Bars", "<caption>", 'three "bars" <b>', bars("a")))
    assert 'aria-label="three &quot;bars&quot; &lt;b&gt;"' in values["svg"]
    assert values["caption"] == "<caption>"  # the template escapes it
    assert figure_values("two", CaptionedFigure("Bars", "Left out."))["svg"] == ""


def test_style_sheet_has_the_colours_of_the_figures_and_loads_nothing() -> None:
    used = set(re.findall(r"var\(--([a-z]+)\)", to_svg(bars("a"), "one", "")))
    assert {"positive", "negative"} <= used <= set(re.findall(r"--([a-z]+): #", style_sheet()))
    assert not re.search(r"https?://|@import|url\(", style_sheet())
