"""A text with the attribution of each of its words, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

import numpy as np


class Segment(NamedTuple):
    """A part of the text: a word, several words that share characters, or what stands between words."""

    text: str
    word_indices: Tuple[int, ...]  # into `AttributedText.words`; empty between words
    attribution: float  # sum over the words
    weight: float  # the attribution divided by the largest absolute one of all segments: from -1 to 1


@dataclass(frozen=True, eq=False)
class AttributedText:
    """A network's prediction for a text, and the attribution of each word.

    Attributions are in units of the logit of `target`, whose sigmoid is the probability of `target`: the log-odds
    against all other classes. They come from integrated gradients (`pipeline.explanation.attribution`) with zero
    vectors as the baseline, and
    ``baseline_logit + attributions.sum() + sum(other_attributions.values()) + residual == logit``.

    Attributes
    ----------
    text : str
    label : str
        "positive" or "negative"; the likeliest class, or the median of stars, if the network has others.
    probability : float
        Of the label.
    target_probability : float
        Probability of `target`, from 0 to 1.
    words : tuple of str
        The T words that the network reads, as its tokenizer makes them.
    offsets : tuple of (int, int)
        The words' positions in the text: ``text[start:end]``. In order, but two words may have the same offsets.
    known : tuple of bool
        Whether the word is in the vocabulary.
    attributions : ndarray of float64, shape (T,)
        Of each word.
    prefix_probabilities : ndarray of float64, shape (T,)
        Probability of `target` of the first 1 to T words, each prefix answered like a text of its own; the same for all
        classes as long as no word is known.
    other_attributions : dict of str to float
        Of what is no word of the text: ``<start>``; ``<pad>`` if the network does not mask the padding; ``<cut>``, the
        n-grams beyond the words that the LSTM reads.
    logit, baseline_logit : float
        Of the text, and of as many zero vectors without n-grams.
    residual : float
        What the attributions lack to ``logit - baseline_logit``: the error of the numerical integration.
    num_unread : int
        Words of the text that are not in `words`: truncated, or dropped as unknown.
    target : str
        The class that attributions larger than zero speak for: the one that was asked for, or "positive"; of two other
        classes the second, and of several the likeliest.
    other : str
        What attributions smaller than zero speak for: of two classes the other one.
    """

    text: str
    label: str
    probability: float
    target_probability: float
    words: Tuple[str, ...]
    offsets: Tuple[Tuple[int, int], ...]
    known: Tuple[bool, ...]
    attributions: np.ndarray
    prefix_probabilities: np.ndarray
    other_attributions: Dict[str, float]
    logit: float
    baseline_logit: float
    residual: float
    num_unread: int
    target: str = "positive"
    other: str = "negative"

    def to_dict(self) -> Dict[str, Any]:
        """Return all attributes, ready for JSON."""
        arrays = {name: getattr(self, name).tolist() for name in ("attributions", "prefix_probabilities")}
        return {**asdict(self), **arrays}

    def segments(self) -> List[Segment]:
        """Split the whole text into words and what stands between them; joined, the segments are the text."""
        groups = [
            (start, end, words, float(self.attributions[words].sum())) for start, end, words in self._group_overlaps()
        ]
        largest = max([abs(attribution) for *_, attribution in groups], default=0) or 1
        segments, position = [], 0
        for start, end, words, attribution in groups:
            if position < start:
                segments.append(Segment(self.text[position:start], (), 0.0, 0.0))
            segments.append(Segment(self.text[start:end], tuple(words), attribution, attribution / largest))
            position = end
        return segments + [Segment(self.text[position:], (), 0.0, 0.0)] * (position < len(self.text))

    def _group_overlaps(self) -> Iterator[Tuple[int, int, List[int]]]:
        """Yield start, end and word indices; words whose offsets overlap are one group."""
        start, end, words = 0, 0, []  # type: Tuple[int, int, List[int]]
        for word, offsets in enumerate(self.offsets):
            if words and offsets[0] >= end:
                yield start, end, words
                words = []
            start, end, words = (start if words else offsets[0]), offsets[1], [*words, word]
        if words:
            yield start, end, words

    def strongest(self, sign: int, count: int = 6) -> List[int]:
        """Return the indices of the words with the largest attributions of one sign, largest first.

        Parameters
        ----------
        sign : int
            1 for words that speak for `target`, -1 for `other`.
        count : int
            Of words, at most.

        Returns
        -------
        list of int
        """
        order = np.argsort(-sign * self.attributions, kind="stable")[:count]
        return [int(word) for word in order if sign * self.attributions[word] > 0]
