"""Words and their ids."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property
from itertools import chain, islice, product, repeat
from pathlib import Path
from typing import Iterable, List, Sequence, Tuple

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.output import read_json, write_json
from pipeline.recipe import Index
from pipeline.text.tokenizers import TOKENIZERS

PADDING = "<pad>"
START = "<start>"
UNKNOWN = "<unk>"
_ELONGATED = re.compile(r"([^\W\d_])\1\1")  # a letter three times or more
_RUNS = re.compile(r"(.)\1*", re.DOTALL)


class Vocabulary:
    """Words and their ids. Training and inference encode through this one class.

    Parameters
    ----------
    words : sequence of str
        Distinct words, the most frequent first.
    counts : sequence of int
        How often each occurred. ``running_words`` is the sum over all words counted, those left out too.
    options : Index
        ``rows`` limits the ids. Rarer words become ``<unk>`` and so do words never seen; with
        ``rare="last_id"`` they share the last id, and words never seen are dropped, as in lecture 8.
    rare_count : int
        How often words occurred that are not among `words`.

    Notes
    -----
    gluonnlp's ``Vocab`` orders ties by alphabet only and drops the counts of what it leaves out; and text is
    prepared here without MXNet. With ``ties="alphabetical"`` both give the same order (a test compares them).
    """

    def __init__(self, words: Sequence[str], counts: Sequence[int], options: Index, rare_count: int = 0) -> None:
        self.options = options
        self.special = [PADDING] + [START] * options.bos + [UNKNOWN] * (options.oov == "unk")
        if options.vocab_size and options.vocab_size <= len(self.special):
            raise PipelineError(f"index.vocab_size: expected more than {len(self.special)}, found {options.vocab_size}")
        room = options.vocab_size - len(self.special) if options.vocab_size else len(words)
        kept = len(words) if options.oov == "last_id" else min(room, len(words))
        self.words, self.counts = list(words[:kept]), [int(count) for count in counts[:kept]]
        self.running_words = sum(map(int, counts)) + rare_count
        self._last = min(room, len(words)) - 1 + len(self.special)
        first = len(self.special)
        self._ids = dict(zip(self.words, chain(range(first, self._last), repeat(self._last))))
        self._unseen = self.special.index(UNKNOWN) if UNKNOWN in self.special else -1

    def __len__(self) -> int:
        """Return the number of ids, which is the number of rows of the embedding."""
        return self._last + 1

    def id(self, word: str) -> int:
        """Return a word's id; -1 for a word that is dropped."""
        return self._ids[word] if word in self._ids else self._id_of_elongated(word)

    def _id_of_elongated(self, word: str) -> int:
        """Return the id of "good" for "goooood" and of "so" for "sooo"; of an unknown word otherwise."""
        if self.options.tokenizer == "ptb" and _ELONGATED.search(word):
            runs = [run.group() for run in _RUNS.finditer(word)]
            choices = [(run[:2], run[0]) if len(run) > 2 else (run,) for run in runs]
            for letters in islice(product(*choices), 16):
                if "".join(letters) in self._ids:
                    return self._ids["".join(letters)]
        return self._unseen

    def split(self, text: str) -> List[str]:
        """Split a text into words as the recipe says."""
        return TOKENIZERS[self.options.tokenizer](text)

    def knows(self, word: str) -> bool:
        """Tell whether a word has an id of its own."""
        shared = len(self.special) + len(self.words) > len(self)  # the last id
        row = self.id(word)
        return row != self._unseen and not (shared and row == self._last)

    def knows_any(self, ids: np.ndarray) -> bool:
        """Tell whether one of the ids belongs to a single word, and not to a mark of punctuation.

        A word holds a letter or a digit, or is a symbol such as an emoji (Unicode's category So).
        """
        return bool(self._is_word[ids].any())

    @cached_property
    def _is_word(self) -> np.ndarray:
        """For every id whether `knows_any` counts it, bool, shape (ids,)."""
        found = np.zeros(len(self), bool)
        found[[row for row, word in self.row_words() if self.knows(word) and any(map(_is_ptb, word))]] = True
        return found

    def encode(self, words: Iterable[str]) -> np.ndarray:
        """Look up the ids of words.

        Returns
        -------
        ndarray of int32, shape (ids,)
            ``<start>`` in front if the recipe has it; without the words that are dropped.
        """
        start = [self.special.index(START)] if self.options.bos else []
        ids = self.ids_of(words)
        return np.concatenate([np.array(start, np.int32), ids[ids >= 0]])

    def ids_of(self, words: Iterable[str]) -> np.ndarray:
        """Look up each word's id, int32; -1 for a word that is dropped."""
        known = self._ids
        return np.fromiter((known[word] if word in known else self.id(word) for word in words), np.int32)

    def decode(self, ids: Iterable[int]) -> List[str]:
        """Return the words of ids. An id that several words share gives the most frequent of them."""
        names = self.special + self.words
        return [names[i] for i in ids]

    def row_words(self) -> List[Tuple[int, str]]:
        """Return (id, word) for every row that stands for a word of its own: what GloVe can fill."""
        return list(enumerate(self.words[: len(self) - len(self.special)], len(self.special)))

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON."""
        rare_count = self.running_words - sum(self.counts)
        write_json(path, {"words": self.words, "counts": self.counts, "rare_count": rare_count})

    @classmethod
    def load(cls, path: Path, options: Index) -> Vocabulary:
        """Read what `save` wrote.

        Raises
        ------
        PipelineError
            If the file is missing or is not a vocabulary.
        """
        value = read_json(path)
        words, counts = (value.get(key) for key in ("words", "counts")) if isinstance(value, dict) else (None, None)
        if not isinstance(words, list) or not isinstance(counts, list) or len(words) != len(counts):
            raise PipelineError(f"{path}: not a vocabulary (expected as many words as counts)")
        if not all(isinstance(word, str) for word in words) or not all(isinstance(count, int) for count in counts):
            raise PipelineError(f"{path}: not a vocabulary (a word is not text, or a count is not a whole number)")
        if not isinstance(value.get("rare_count"), int):
            raise PipelineError(f"{path}: not a vocabulary (expected rare_count, a whole number)")
        return cls(words, counts, options, value["rare_count"])


def _is_ptb(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) == "So"
