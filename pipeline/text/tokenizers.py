"""Tokenizers: functions from a text to a list of words."""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from functools import lru_cache
from typing import Callable, Dict, List, Match

_DROPPED = bytes(set(range(128)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789 "))


def alphanumeric(text: str) -> List[str]:
    """Lecture 8's tokenizer: lower case, ``<br />`` becomes a space, all but ASCII letters and digits is removed.

    Newlines are removed without adding a space, as in the lecture.

    >>> alphanumeric("Who'd see it?<br />I would.")
    ['whod', 'see', 'it', 'i', 'would']
    """
    # bytes.translate is much faster than the lecture's regular expression [^A-Za-z0-9 ]+
    plain = text.lower().replace("\n", "").replace("<br />", " ").encode("ascii", "ignore")
    return plain.translate(None, _DROPPED).decode("ascii").split()


_KERAS_BLANKS = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def keras(text: str) -> List[str]:
    """Keras's Tokenizer, used for its IMDB data set: punctuation except apostrophes becomes spaces.

    >>> keras("Who'd see it?<br />I would.")
    ["who'd", 'see', 'it', 'br', 'i', 'would']
    """
    return [word for word in text.lower().translate(_KERAS_BLANKS).split(" ") if word]


_ESCAPED_TWICE = re.compile(r"&(?:(?:amp|#38|#x26);)+(?=#?\w{1,32};)", re.IGNORECASE)  # &amp;#39; and &amp;amp;quot;
_BREAK = re.compile(r"<br\s*/?>")
_DOTS = re.compile(r"\.\.+")
_MANY_MARKS = re.compile(
    r"[^\x00-\u02ff][^\w\s\x00-\x7f]{31,}"
)  # also matches symbols, which re cannot distinguish from marks
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_TYPED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u2032\u2035\u00b4\u02b9\u02bc\u02c8\u02ca\u02cb\x91\x92", "'"),
        **dict.fromkeys("\u0384\u055a\u05f3\u1fbd\u1fbf\ua78c", "'"),  # Greek, Armenian, Hebrew and Latin letters
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u02ba\u05f4\u301d\u301e\x84\x93\x94", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\x96\x97", "-"),
        **dict.fromkeys("\u2044\u2215", "/"),
        "\x85": "...",  # this and the other C1 codes are Windows-1252 characters, undecoded
        "\u2800": " ",  # blank Braille pattern
    }
)
_DROPPED_MARKS = re.compile(  # besides category Cf: grapheme joiner, fillers, variation selectors, skin tones
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
)
EMOTICON = re.compile(r"[:;=]['^-]?[)(\]\[|/\\dp](?![\w/])|</?3(?!\w)|\^_*\^|-_+-")  # in lower case
_PTB = re.compile(
    r"[a-z]+(?= |[,.](?![0-9]))"  # fast path for most words
    r"|[a-z]+(?=n't\b)|n't\b|'(?:s|re|ve|ll|d|m)\b"  # do n't, it 's: as GloVe's corpora were split
    r"|[^\W_]+(?:[.,:/][0-9]+)*"  # words of any script; 7.5, 1,000, 8/10
    rf"|{EMOTICON.pattern}"
    r"|\.\.\.|[^\w\s]"  # single punctuation characters
)


def ptb(text: str) -> List[str]:
    """Penn Treebank rules, as for GloVe's corpora (Pennington et al., 2014): contractions split, punctuation kept.

    Words are lower case. Text that looks the same gives the same words: composed and decomposed accents, full-width
    letters and ligatures, all apostrophes and quotation marks, with or without invisible characters. An emoticon is one
    word, and so is an emoji, whatever its skin tone.

    >>> ptb("I didn't like it!<br />It's 8/10......")
    ['i', 'did', "n't", 'like', 'it', '!', 'it', "'s", '8/10', '...']
    >>> ptb("Loved it \U0001f44d\U0001f3fd\U0001f44d :-) (him: not so much)")
    ['loved', 'it', '\U0001f44d', '\U0001f44d', ':-)', '(', 'him', ':', 'not', 'so', 'much', ')']
    """
    if not text.isascii():
        text = compose(text)
    if "&" in text:
        text = html.unescape(_ESCAPED_TWICE.sub("&", text))
    plain = (text.lower() if text.isascii() else simplify(text)).replace("`", "'")
    if "<" in plain:
        plain = _BREAK.sub(" ", plain)
    if ".." in plain:
        plain = _DOTS.sub("...", plain)
    return _PTB.findall(plain)


def compose(text: str) -> str:
    """Return the text in Unicode normalization form NFC."""
    return unicodedata.normalize("NFC", _MANY_MARKS.sub(_order_marks, text))


def _order_marks(match: Match[str]) -> str:
    """Sort combining marks into canonical order, so that `unicodedata.normalize` takes linear time.

    It uses insertion sort: 20,000 marks in the worst order take 0.5 s, ten times as many 40 s.
    """
    decomposed = "".join(unicodedata.normalize("NFD", character) for character in match.group())
    runs = itertools.groupby(decomposed, lambda character: unicodedata.combining(character) > 0)
    return "".join(mark for _, run in runs for mark in sorted(run, key=unicodedata.combining))


def simplify(text: str) -> str:
    """Return the text in lower case, with one form for all characters that look alike.

    >>> simplify("ＧＲＥＡＴ, don´t miss the \ufb01nale…")
    "great, don't miss the finale..."
    """
    return compose(_NOT_ASCII.sub(lambda match: _simplify_character(match.group()), text).lower())


@lru_cache(maxsize=2**14)
def _simplify_character(character: str) -> str:
    """Return the character's NFKC form, with exceptions.

    Plain NFKC would turn "8½" into "8 1⁄2", "Oscar™" into "oscartm", "№" into "no", and "´" into a space with an
    accent. GloVe 6B has vectors for "½" and "ª", and no word with an invisible character.
    """
    typed = character.translate(_TYPED)
    if typed != character:
        return typed
    category = unicodedata.category(character)
    if category == "Cf" or _DROPPED_MARKS.match(character):
        return ""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    form = unicodedata.normalize("NFKC", character)
    if category in ("No", "So") or kind in ("<super>", "<sub>") or form[0] == " ":
        return character
    return form.translate(_TYPED)


TOKENIZERS: Dict[str, Callable[[str], List[str]]] = {"alphanumeric": alphanumeric, "keras": keras, "ptb": ptb}
