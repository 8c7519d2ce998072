"""From a text to its words: three ways, each a plain function."""

from __future__ import annotations

import html
import re
from typing import Callable, Dict, List, Sequence, Tuple

_DROPPED = bytes(set(range(128)) - set(b"abcdefghijklmnopqrstuvwxyz0123456789 "))


def letters(text: str) -> List[str]:
    """Lecture 8: lower case, ``<br />`` to a blank, nothing but letters, digits and blanks.

    Newlines go without leaving a blank, as the lecture drops them on reading.

    >>> letters("Who'd see it?<br />I would.")
    ['whod', 'see', 'it', 'i', 'would']
    """
    return _space_letters(text).split()


def _space_letters(text: str) -> str:
    # bytes.translate does what the lecture's regular expression [^A-Za-z0-9 ]+ does, many times as fast
    plain = text.lower().replace("\n", "").replace("<br />", " ").encode("ascii", "ignore")
    return plain.translate(None, _DROPPED).decode("ascii")


_KERAS_BLANKS = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def keras(text: str) -> List[str]:
    """Keras's Tokenizer, with which its IMDB data set was made: punctuation to blanks, apostrophes stay.

    >>> keras("Who'd see it?<br />I would.")
    ["who'd", 'see', 'it', 'br', 'i', 'would']
    """
    return [word for word in _space_keras(text).split(" ") if word]


def _space_keras(text: str) -> str:
    return text.lower().translate(_KERAS_BLANKS)


_BREAK = re.compile(r"<br\s*/?>")
_DOTS = re.compile(r"\.\.+")
_TYPED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\x91\x92\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\x93\x94", '"'),
        **dict.fromkeys("\u2013\u2014\x96\x97", "-"),
    }
)
_SPOKEN = re.compile(
    r"[a-z]+(?= |[,.](?![0-9]))"  # most words, sooner than by the rules below
    r"|[a-z]+(?=n't\b)|n't\b|'(?:s|re|ve|ll|d|m)\b"  # do n't, it 's: as GloVe's corpora were split
    r"|[^\W_]+(?:[.,:/][0-9]+)*"  # words of any script; 7.5, 1,000, 8/10
    r"|\.\.\.|[^\w\s]"  # marks of punctuation, one by one
)


def spoken(text: str) -> List[str]:
    """Words as GloVe 6B has them: lower case, contractions split, marks of punctuation kept.

    After the Penn Treebank rules, with which GloVe's corpora were tokenised (Pennington et al., 2014).

    >>> spoken("I didn't like it!<br />It's 8/10......")
    ['i', 'did', "n't", 'like', 'it', '!', 'it', "'s", '8/10', '...']
    """
    if "&" in text:
        text = html.unescape(text)
    plain = text.lower().replace("`", "'")
    if "<" in plain:
        plain = _BREAK.sub(" ", plain)
    if not plain.isascii():
        plain = plain.translate(_TYPED)  # curly quotes and dashes, and Windows-1252's left undecoded
    if ".." in plain:
        plain = _DOTS.sub("...", plain)
    return _SPOKEN.findall(plain)


SPLITTERS: Dict[str, Callable[[str], List[str]]] = {"letters": letters, "keras": keras, "spoken": spoken}

_SPACERS: Dict[str, Callable[[str], str]] = {
    "letters": _space_letters,
    "keras": _space_keras,
    "spoken": lambda text: " ".join(spoken(text)),
}


def space_words(splitter: str, texts: Sequence[str]) -> Tuple[bytes, List[int]]:
    r"""Join texts to one, with blanks between words and nowhere within them: sooner than lists of words.

    Parameters
    ----------
    splitter : str
        A name in `SPLITTERS`.
    texts : sequence of str

    Returns
    -------
    joined : bytes
        UTF-8.
    lengths : list of int
        Of each text in bytes; one blank more is between two texts.

    Examples
    --------
    >>> space_words("spoken", ["I didn't.", "", "Café!"])
    (b"i did n't .  caf\xc3\xa9 !", [11, 0, 7])
    """
    spaced = [_SPACERS[splitter](text).encode("utf-8", "surrogatepass") for text in texts]
    return b" ".join(spaced), list(map(len, spaced))
