"""HTML from templates: what is put in is escaped."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from pipeline.io.templates import render


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "one.html").write_text('<b title="{{ value }}">{{ value }}</b>\n')
    return tmp_path / "one.html"


def test_values_are_escaped(template: Path) -> None:
    found = render(template, value="""<script>'"&""")
    assert found == '<b title="&lt;script&gt;&#39;&#34;&amp;">&lt;script&gt;&#39;&#34;&amp;</b>\n'


def test_characters_that_html_does_not_allow_are_replaced(template: Path) -> None:
    assert render(template, value="a\x00\x1b\x7f\x9b\ud800\ufffe\tb\n🎬").count("\ufffd") == 2 * 6
    assert "\tb\n🎬" in render(template, value="\tb\n🎬")


def test_markup_is_left_as_it_is(template: Path) -> None:
    assert "<i>x</i></b>" in render(template, value=Markup("<i>x</i>"))


def test_missing_value_is_an_error(template: Path) -> None:
    with pytest.raises(UndefinedError, match="value"):
        render(template)
