"""Sentences of reviews, to train on beside the reviews: short texts of the same domain."""

from __future__ import annotations

import re
from typing import List

import numpy as np

_BREAK = re.compile(r"(?<=[.!?])\s+|\s*<br />\s*")
_SHORTEST, _LONGEST = 4, 40  # words


def extract_sentences(text: str, count: int, generator: np.random.Generator) -> List[str]:
    """Return random sentences of a text, in their order.

    A sentence has 4 to 40 words and ends with ``.``, ``!`` or ``?`` before white space, or with ``<br />``. Labelled
    as its review it is a noisy example, as the bags of sentences of Amplayo (2019) have them.

    Parameters
    ----------
    text : str
    count : int
        How many; fewer if the text does not have so many.
    generator : numpy.random.Generator

    Returns
    -------
    list of str
        No sentence twice, and none of a text that is a single sentence.
    """
    parts = list(filter(None, _BREAK.split(text.strip())))
    found = [part for part in dict.fromkeys(parts) if _SHORTEST <= len(part.split()) <= _LONGEST]
    if len(parts) < 2:
        return []
    chosen = generator.permutation(len(found))[:count]
    return [found[i] for i in sorted(chosen)]
