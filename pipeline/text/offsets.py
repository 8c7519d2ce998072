"""Tokenize with character offsets, giving the same tokens as `pipeline.text.tokenizers`."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Callable, Dict, List, NamedTuple, Pattern

from pipeline.text.tokenizers import _BREAK, _DOTS, _ESCAPED_TWICE, _KERAS_BLANKS, _PTB, compose, simplify


class Word(NamedTuple):
    """A token and its offsets in the text, ``text[start:end]``."""

    word: str
    start: int
    end: int


class _Aligned(NamedTuple):
    """A rewritten text with offsets: character i comes from ``[starts[i]:ends[i]]`` of the original."""

    text: str
    starts: List[int]
    ends: List[int]


def _align(text: str) -> _Aligned:
    return _Aligned(text, list(range(len(text))), list(range(1, len(text) + 1)))


def _rewrite(aligned: _Aligned, function: Callable[[str], str]) -> _Aligned:
    """Apply a function that maps characters and composes each only with the combining marks after it.

    The result of a character with its marks is aligned with all of them. The function is applied to each such group
    only to get the length of its result, because the lower case of a Greek sigma depends on its context.
    """
    if aligned.text.isascii():  # faster: every character maps to one character
        return aligned._replace(text=function(aligned.text))
    begins = [i for i, character in enumerate(aligned.text) if not i or _starts_group(function(character))]
    starts: List[int] = []
    ends: List[int] = []
    for begin, end in zip(begins, [*begins[1:], len(aligned.text)]):
        length = len(function(aligned.text[begin:end]))
        starts += [aligned.starts[begin]] * length
        ends += [aligned.ends[end - 1]] * length
    return _Aligned(function(aligned.text), starts, ends)


def _starts_group(text: str) -> bool:
    """Return whether a text never composes with the text before it (no combining mark or Hangul vowel or final)."""
    return bool(text) and unicodedata.category(text[0])[0] != "M" and not "\u1160" <= text[0] <= "\u11ff"


def _replace(aligned: _Aligned, pattern: Pattern[str], new: Callable[[str], str]) -> _Aligned:
    """Replace as ``pattern.sub`` does; each character of a replacement is aligned with the whole match."""
    parts: List[str] = []
    starts: List[int] = []
    ends: List[int] = []
    at = 0
    for match in pattern.finditer(aligned.text):
        replacement, (start, end) = new(match.group()), match.span()
        parts += [aligned.text[at:start], replacement]
        starts += aligned.starts[at:start] + [aligned.starts[start]] * len(replacement)
        ends += aligned.ends[at:start] + [aligned.ends[end - 1]] * len(replacement)
        at = end
    return _Aligned("".join([*parts, aligned.text[at:]]), starts + aligned.starts[at:], ends + aligned.ends[at:])


def _find(aligned: _Aligned, pattern: Pattern[str]) -> List[Word]:
    found = pattern.finditer(aligned.text)
    return [Word(match.group(), aligned.starts[match.start()], aligned.ends[match.end() - 1]) for match in found]


_NEWLINE, _BR, _NOT_LETTER = re.compile("\n"), re.compile("<br />"), re.compile("[^a-z0-9 ]")
_UNBROKEN = re.compile("[^ ]+")
_ENTITY = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)")  # what html.unescape matches


def _alphanumeric(text: str) -> List[Word]:
    aligned = _replace(_rewrite(_align(text), str.lower), _NEWLINE, lambda _: "")
    return _find(_replace(_replace(aligned, _BR, lambda _: " "), _NOT_LETTER, lambda _: ""), _UNBROKEN)


def _keras(text: str) -> List[Word]:
    aligned = _rewrite(_align(text), str.lower)
    return _find(aligned._replace(text=aligned.text.translate(_KERAS_BLANKS)), _UNBROKEN)


def _ptb(text: str) -> List[Word]:
    aligned = _replace(_rewrite(_align(text), compose), _ESCAPED_TWICE, lambda _: "&")
    aligned = _rewrite(_replace(aligned, _ENTITY, html.unescape), simplify)
    aligned = _replace(aligned._replace(text=aligned.text.replace("`", "'")), _BREAK, lambda _: " ")
    return _find(_replace(aligned, _DOTS, lambda _: "..."), _PTB)


_FINDERS: Dict[str, Callable[[str], List[Word]]] = {"alphanumeric": _alphanumeric, "keras": _keras, "ptb": _ptb}


def find_words(text: str, tokenizer: str) -> List[Word]:
    """Tokenize a text and return the tokens with their offsets.

    Parameters
    ----------
    text : str
    tokenizer : str
        A name in `pipeline.text.tokenizers.TOKENIZERS`.

    Returns
    -------
    list of Word
        The tokens in order. Offsets never decrease, but two tokens can have the same ones (an HTML entity for two
        characters), and the text between them can be longer than the token (dropped characters).

    Examples
    --------
    >>> find_words("Don't!<br />Who&#39;s", "ptb")
    [Word(word='do', start=0, end=2), Word(word="n't", start=2, end=5), Word(word='!', start=5, end=6),
    Word(word='who', start=12, end=15), Word(word="'s", start=15, end=21)]
    """
    return _FINDERS[tokenizer](text)
