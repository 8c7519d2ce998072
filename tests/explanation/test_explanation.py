"""Explanations as data, in the terminal and as HTML."""

from __future__ import annotations

import html.parser
import json
import re
import sys
from pathlib import Path
from typing import List

import numpy as np
import pytest

import pipeline
from pipeline import explain, infer_sentiment
from pipeline.explanation.explanation import Explanation
from tests.conftest import TINY, save_random_bundle

UGLY = "A GREAT film…<br />&NotEqualTilde; <script>alert('1')</script> \x1b[31m \ud800 bad 🎬\n\"the\" plot"


def make(text: str = "Bad, GREAT film", **changes: object) -> Explanation:
    values = {
        "text": text,
        "label": "positive",
        "probability": 0.75,
        "target_probability": 0.75,
        "words": ("bad", "great", "film"),
        "offsets": ((0, 3), (5, 10), (11, 15)),
        "known": (True, True, False),
        "attributions": np.array([-0.5, 2.0, 0.1]),
        "prefix_probabilities": np.array([0.25, 0.7, 0.75]),
        "other_attributions": {"<pad>": -0.25},
        "logit": 1.0986,
        "baseline_logit": -0.25,
        "residual": -0.0014,
        "num_unread": 0,
    }
    return Explanation(**{**values, **changes})  # type: ignore[arg-type]


class Reader(html.parser.HTMLParser):
    """Collect what a browser would show as the text, the tags, and the table's rows."""

    def __init__(self) -> None:
        super().__init__()
        self.open: List[str] = []
        self.tags: List[str] = []
        self.text = ""
        self.inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "path", "br"):
            self.open.append(tag)
        self.inside |= tag == "p" and ("class", "text") in attrs  # type: ignore[operator]

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.inside &= tag != "p"

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside else ""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explanation") / "bundle"
    save_random_bundle(folder, TINY)
    return folder


def test_pieces_are_the_whole_text_in_order() -> None:
    segments = make("Bad, GREAT film!").segments()
    assert [segment.text for segment in segments] == ["Bad", ", ", "GREAT", " ", "film", "!"]
    assert [segment.word_indices for segment in segments] == [(0,), (), (1,), (), (2,), ()]
    assert [segment.weight for segment in segments] == [-0.25, 0, 1, 0, 0.05, 0]


def test_pieces_join_words_that_share_characters() -> None:
    segments = make("a&NotEqualTilde;b", offsets=((0, 1), (1, 16), (1, 16))).segments()
    assert [(segment.text, segment.word_indices, segment.attribution) for segment in segments] == [
        ("a", (0,), -0.5),
        ("&NotEqualTilde;", (1, 2), 2.1),
        ("b", (), 0.0),
    ]


def test_pieces_without_attributions_have_no_weight() -> None:
    assert {segment.weight for segment in make(attributions=np.zeros(3)).segments()} == {0.0}


def test_strongest_words_come_first_and_have_the_sign() -> None:
    explanation = make(attributions=np.array([-0.5, 0.0, -2.0]))
    assert explanation.strongest(-1) == [2, 0]
    assert explanation.strongest(-1, 1) == [2]
    assert explanation.strongest(1) == []


def test_explanation_as_data_is_json() -> None:
    found = json.loads(json.dumps(make().to_dict()))
    assert found["words"] == ["bad", "great", "film"]
    assert found["offsets"] == [[0, 3], [5, 10], [11, 15]]
    assert (found["attributions"], found["prefix_probabilities"]) == ([-0.5, 2.0, 0.1], [0.25, 0.7, 0.75])
    assert set(found) == set(Explanation.__dataclass_fields__)


def test_terminal_without_colour_puts_large_attributions_in_brackets() -> None:
    assert str(make(attributions=np.array([-1, 2.0, 0.1]))).splitlines() == [
        "positive, 75.0%",
        "",
        "[-Bad], [+GREAT] film",
        "",
        "for positive  great +2.00, film +0.10",
        "for negative  bad -1.00",
        "other         baseline -0.25, <pad> -0.25",
        "word by word  ▃▆▇  25% to 75% positive",
    ]


def test_terminal_in_colour_underlines_what_is_negative() -> None:
    text = make().to_terminal(colour=True).splitlines()[2]
    assert text == "\033[4;48;5;223;38;5;16mBad\033[0m, \033[48;5;25;38;5;231mGREAT\033[0m film"


@pytest.mark.parametrize(("tty", "no_color", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)])
def test_terminal_is_coloured_if_it_may(
    monkeypatch: pytest.MonkeyPatch, tty: bool, no_color: str, coloured: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: tty)
    monkeypatch.setenv("NO_COLOR", no_color)
    assert ("\033[" in make().to_terminal()) is coloured


def test_terminal_is_not_controlled_by_the_text() -> None:
    shown = make("Bad, \x1b]0;title\x07\x9b31m\u2028film\r\ud800").to_terminal(colour=False)
    assert not re.search("[\x1b\x07\x9b\r\ud800]", shown)


def test_terminal_draws_long_texts_in_sixty_bars() -> None:
    count = 400
    explanation = make(
        words=("a",) * count,
        offsets=tuple((i, i + 1) for i in range(count)),
        text="a" * count,
        attributions=np.ones(count),
        prefix_probabilities=np.linspace(0, 1, count),
        known=(True,) * count,
    )
    curve = explanation.to_terminal(colour=False).splitlines()[-1].split()[3]
    assert (len(curve), curve[0], curve[-1]) == (60, "▁", "█")


@pytest.mark.parametrize("page", [False, True])
@pytest.mark.parametrize("text", ["Bad, GREAT film", UGLY, "Bad, <GREAT & 'film'>", 'Bad, GREAT film" onclick="x'])
def test_html_shows_the_text_and_nothing_of_it_is_code(text: str, page: bool) -> None:
    reader = Reader()
    reader.feed(make(text, words=("bad", '"><script>', "film")).to_html(page))
    assert not reader.open
    assert reader.text == text.replace("\x1b", "\ufffd").replace("\ud800", "\ufffd")
    assert "script" not in reader.tags
    assert not {"img", "link", "a"} & set(reader.tags)


def test_html_needs_nothing_from_elsewhere() -> None:
    page = make().to_html(page=True)
    assert "http" not in page
    assert "url(" not in page
    assert page.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in page
    assert "prefers-color-scheme: dark" in page


def test_html_tells_signs_by_more_than_colour() -> None:
    fragment = make()._repr_html_()
    assert '<span class="against" style="--weight:0.25" title="-0.50, 25% up to here">Bad</span>' in fragment
    assert '<span class="for" style="--weight:1.00" title="+2.00, 70% up to here">GREAT</span>' in fragment
    assert "text-decoration: underline dotted" in fragment
    rows = re.findall(r"<th scope=row>(.*?)</th><td>(.*?)</td>", fragment)
    assert rows == [
        ("bad", "-0.500"),
        ("great", "+2.000"),
        ("film (unknown)", "+0.100"),
        ("baseline", "-0.250"),
        ("&lt;pad&gt;", "-0.250"),
        ("residual", "-0.001"),
        ("logit", "+1.099"),
    ]


def test_html_says_how_many_words_were_not_read() -> None:
    assert "<summary>All 3 words; 12 more were not read</summary>" in make(num_unread=12).to_html()


def test_explain_is_beside_infer_sentiment(model: Path) -> None:
    text = UGLY.replace("\ud800", "\ufffd")
    explanation = explain(text, model)
    assert explanation.target_probability == pytest.approx(infer_sentiment(text, model).positive, abs=1e-6)
    assert "".join(segment.text for segment in explanation.segments()) == text
    assert pipeline.explain is explain  # and no module of that name hides it
    Reader().feed(explanation.to_html())
