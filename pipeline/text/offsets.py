"""Where in a text its tokens stand: what `pipeline.text.tokenizers` does, with every character's origin kept."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Callable, Dict, List, NamedTuple, Pattern

from pipeline.text.tokenizers import _BREAK, _DOTS, _ESCAPED_TWICE, _KERAS_BLANKS, _PTB, compose, simplify


class Word(NamedTuple):
    """A word as a tokenizer returns it, and where it comes from: ``text[start:end]``."""

    word: str
    start: int
    end: int


class _Traced(NamedTuple):
    """A text made of another one: character i comes from ``[starts[i]:ends[i]]`` there."""

    text: str
    starts: List[int]
    ends: List[int]


def _trace(text: str) -> _Traced:
    return _Traced(text, list(range(len(text))), list(range(1, len(text) + 1)))


def _rewrite(traced: _Traced, function: Callable[[str], str]) -> _Traced:
    """Apply a function that changes characters, and composes each only with the marks that follow it.

    What becomes of a character with its marks comes from all of them. Only the length is taken from there: a Greek
    sigma in lower case depends on where it stands in its word.
    """
    if traced.text.isascii():  # sooner: no character becomes two, or none
        return traced._replace(text=function(traced.text))
    begins = [i for i, character in enumerate(traced.text) if not i or _stands_alone(function(character))]
    starts: List[int] = []
    ends: List[int] = []
    for begin, end in zip(begins, [*begins[1:], len(traced.text)]):
        length = len(function(traced.text[begin:end]))
        starts += [traced.starts[begin]] * length
        ends += [traced.ends[end - 1]] * length
    return _Traced(function(traced.text), starts, ends)


def _stands_alone(text: str) -> bool:
    """Say whether a text never composes with what is before it: it begins with no mark, vowel or end of a syllable."""
    return bool(text) and unicodedata.category(text[0])[0] != "M" and not "\u1160" <= text[0] <= "\u11ff"


def _replace(traced: _Traced, pattern: Pattern[str], new: Callable[[str], str]) -> _Traced:
    """Do what ``pattern.sub`` does; every character of a replacement comes from all that it replaces."""
    parts: List[str] = []
    starts: List[int] = []
    ends: List[int] = []
    at = 0
    for match in pattern.finditer(traced.text):
        replacement, (start, end) = new(match.group()), match.span()
        parts += [traced.text[at:start], replacement]
        starts += traced.starts[at:start] + [traced.starts[start]] * len(replacement)
        ends += traced.ends[at:start] + [traced.ends[end - 1]] * len(replacement)
        at = end
    return _Traced("".join([*parts, traced.text[at:]]), starts + traced.starts[at:], ends + traced.ends[at:])


def _find(traced: _Traced, pattern: Pattern[str]) -> List[Word]:
    found = pattern.finditer(traced.text)
    return [Word(match.group(), traced.starts[match.start()], traced.ends[match.end() - 1]) for match in found]


_NEWLINE, _BR, _NOT_LETTER = re.compile("\n"), re.compile("<br />"), re.compile("[^a-z0-9 ]")
_UNBROKEN = re.compile("[^ ]+")
_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")  # what html.unescape looks at


def _alphanumeric(text: str) -> List[Word]:
    traced = _replace(_rewrite(_trace(text), str.lower), _NEWLINE, lambda _: "")
    return _find(_replace(_replace(traced, _BR, lambda _: " "), _NOT_LETTER, lambda _: ""), _UNBROKEN)


def _keras(text: str) -> List[Word]:
    traced = _rewrite(_trace(text), str.lower)
    return _find(traced._replace(text=traced.text.translate(_KERAS_BLANKS)), _UNBROKEN)


def _ptb(text: str) -> List[Word]:
    traced = _replace(_rewrite(_trace(text), compose), _ESCAPED_TWICE, lambda _: "&")
    traced = _rewrite(_replace(traced, _ENTITY, html.unescape), simplify)
    traced = _replace(traced._replace(text=traced.text.replace("`", "'")), _BREAK, lambda _: " ")
    return _find(_replace(traced, _DOTS, lambda _: "..."), _PTB)


_FINDERS: Dict[str, Callable[[str], List[Word]]] = {"alphanumeric": _alphanumeric, "keras": _keras, "ptb": _ptb}


def find_words(text: str, tokenizer: str) -> List[Word]:
    """Return a text's words and their places.

    Parameters
    ----------
    text : str
    tokenizer : str
        A name in `pipeline.text.tokenizers.TOKENIZERS`.

    Returns
    -------
    list of Word
        The tokenizer's words in order. Places never go backward, but two words may share one (an HTML entity that
        stands for two marks), and a place may hold more than its word (letters that were dropped from it).

    Examples
    --------
    >>> find_words("Don't!<br />Who&#39;s", "ptb")
    [Word(word='do', start=0, end=2), Word(word="n't", start=2, end=5), Word(word='!', start=5, end=6),
    Word(word='who', start=12, end=15), Word(word="'s", start=15, end=21)]
    """
    return _FINDERS[tokenizer](text)
