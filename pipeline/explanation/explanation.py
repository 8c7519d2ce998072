"""Why a text got its answer: what each word added, and how the probability grew word by word."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

import numpy as np


class Piece(NamedTuple):
    """A stretch of the text: one word, or several that share characters, or what stands between words."""

    text: str
    words: Tuple[int, ...]  # their positions in `Explanation.words`; none between words
    added: float
    share: float  # what it added, as a share of the most that any piece did: from -1 to 1


@dataclass(frozen=True, eq=False)
class Explanation:
    """What each word of a text added to the answer.

    All parts are in units of the score: the logit of "positive" less the logit of "negative", of which the
    probability is the sigmoid. They come from integrated gradients (`pipeline.explanation.attribution`), against a text
    whose words say nothing: ``baseline + added.sum() + sum(rest.values()) + error == score``.

    Attributes
    ----------
    text : str
    label : str
        "positive" or "negative".
    probability : float
        Of the label, from 0.5 to 1.
    positive : float
        Probability of "positive", from 0 to 1.
    words : tuple of str
        The T words that the network read, as it read them.
    offsets : tuple of (int, int)
        Where they stand: ``text[start:end]``. In order, but two words may share a place.
    known : tuple of bool
        Whether the network knows the word, or takes it for any rare one.
    added : ndarray of float64, shape (T,)
        What each word added to the score.
    grown : ndarray of float64, shape (T,)
        Probability of "positive" after the first 1 to T of the words: what the network answers to that beginning
        alone, 0.5 as long as it knows none of them. A bidirectional network reads each beginning anew, both ways.
    rest : dict of str to float
        What else was added: ``<start>``, ``<pad>`` if the network reads the padding, and ``<cut>``, what the n-grams
        of a wide part beyond the words that an LSTM reads add.
    score, baseline : float
        Score of the text, and of as many zero vectors without n-grams.
    error : float
        What the parts lack to the difference between the two.
    unread : int
        Words of the text that are not among them: beyond the network's length, or dropped as never seen.
    """

    text: str
    label: str
    probability: float
    positive: float
    words: Tuple[str, ...]
    offsets: Tuple[Tuple[int, int], ...]
    known: Tuple[bool, ...]
    added: np.ndarray
    grown: np.ndarray
    rest: Dict[str, float]
    score: float
    baseline: float
    error: float
    unread: int

    def __str__(self) -> str:
        return self.to_terminal(colour=False)

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_dict(self) -> Dict[str, Any]:
        """Return all attributes, ready for JSON."""
        return {**asdict(self), "added": self.added.tolist(), "grown": self.grown.tolist()}

    def to_html(self, page: bool = False) -> str:
        """Return a fragment of HTML that needs nothing else, its style included; or a whole page.

        Signs are told by the kind of underline besides the colour, and there is a table of all words.
        """
        from pipeline.explanation import html as explanation_html

        return explanation_html.page(self) if page else explanation_html.render(self)

    def to_terminal(self, colour: Optional[bool] = None) -> str:
        """Return lines for a terminal.

        Parameters
        ----------
        colour : bool, optional
            By ANSI's codes; the words that count are put in brackets otherwise. By default, if standard output is
            a terminal and the environment has no NO_COLOR (https://no-color.org).
        """
        from pipeline.explanation import terminal as explanation_terminal

        return explanation_terminal.render(self, colour)

    def pieces(self) -> List[Piece]:
        """Return the whole text in pieces, in order: to be coloured as it was typed."""
        found = [(start, end, words, float(self.added[words].sum())) for start, end, words in self._places()]
        most = max([abs(added) for *_, added in found], default=0) or 1
        pieces, at = [], 0
        for start, end, words, added in found:
            if at < start:
                pieces.append(Piece(self.text[at:start], (), 0.0, 0.0))
            pieces.append(Piece(self.text[start:end], tuple(words), added, added / most))
            at = end
        return pieces + [Piece(self.text[at:], (), 0.0, 0.0)] * (at < len(self.text))

    def _places(self) -> Iterator[Tuple[int, int, List[int]]]:
        """Yield the places of words, those that overlap as one."""
        start, end, words = 0, 0, []  # type: Tuple[int, int, List[int]]
        for word, span in enumerate(self.offsets):
            if words and span[0] >= end:
                yield start, end, words
                words = []
            start, end, words = (start if words else span[0]), span[1], [*words, word]
        if words:
            yield start, end, words

    def strongest(self, sign: int, count: int = 6) -> List[int]:
        """Return the positions of the words that added the most (`sign` 1) or took the most (-1), the first first."""
        order = np.argsort(-sign * self.added, kind="stable")[:count]
        return [int(word) for word in order if sign * self.added[word] > 0]
