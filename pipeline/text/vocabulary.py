"""The vocabulary: token ids of words."""

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
from pipeline.text.tokenizers import EMOTICON, TOKENIZERS

PADDING = "<pad>"
START = "<start>"
UNKNOWN = "<unk>"
_ELONGATED = re.compile(r"([^\W\d_])\1\1")  # a letter three times or more
_KEPT = re.compile(r"(.)\1+$|[ivxlcdm]+$")  # if it is in the vocabulary: www and zzz, numerals such as viii
_RUNS = re.compile(r"(.)\1*", re.DOTALL)


class Vocabulary:
    """Mapping between words and token ids.

    Parameters
    ----------
    words : sequence of str
        Distinct words, the most frequent first.
    counts : sequence of int
        Frequency of each word.
    options : Index
        ``vocab_size`` limits the number of ids. With ``oov="unk"``, all other words become ``<unk>``. With
        ``oov="last_id"`` (lecture 8), the rarer words share the last id and words never seen are dropped.
    oov_count : int
        Total frequency of the words that are not in `words`.

    Attributes
    ----------
    num_tokens : int
        Number of tokens in the corpus: the sum of all counts and `oov_count`.

    Raises
    ------
    PipelineError
        If ``vocab_size`` leaves no id for a word.

    Notes
    -----
    gluonnlp's ``Vocab`` only breaks ties alphabetically, drops the counts of excluded words and requires MXNet. With
    ``tie_break="alphabetical"`` both give the same order, which a test checks.
    """

    def __init__(self, words: Sequence[str], counts: Sequence[int], options: Index, oov_count: int = 0) -> None:
        self.options = options
        self.special = [PADDING] + [START] * options.bos + [UNKNOWN] * (options.oov == "unk")
        if options.vocab_size and options.vocab_size <= len(self.special):
            raise PipelineError(f"index.vocab_size: expected more than {len(self.special)}, found {options.vocab_size}")
        room = options.vocab_size - len(self.special) if options.vocab_size else len(words)
        kept = len(words) if options.oov == "last_id" else min(room, len(words))
        self.words, self.counts = list(words[:kept]), [int(count) for count in counts[:kept]]
        self.num_tokens = sum(map(int, counts)) + oov_count
        self._last = min(room, len(words)) - 1 + len(self.special)
        first = len(self.special)
        self._ids = dict(zip(self.words, chain(range(first, self._last), repeat(self._last))))
        self._unseen = self.special.index(UNKNOWN) if UNKNOWN in self.special else -1
        if options.tokenizer == "ptb":
            own = {word: self._ids[word] for word in self.words if _ELONGATED.search(word) and not _KEPT.match(word)}
            self._ids.update({word: self._id_of_elongated(word, id_) for word, id_ in own.items()})

    def __len__(self) -> int:
        """Return the number of ids, equal to the number of rows of the embedding."""
        return self._last + 1

    def id(self, word: str) -> int:
        """Return a word's id; -1 for a word that is dropped."""
        return self._ids[word] if word in self._ids else self._id_of_elongated(word, self._unseen)

    def _id_of_elongated(self, word: str, otherwise: int) -> int:
        """Return the id of "good" for "goooood", and of "so" for "sooo": of the most frequent word it may stretch."""
        if self.options.tokenizer != "ptb" or not _ELONGATED.search(word):
            return otherwise
        runs = [run.group() for run in _RUNS.finditer(word)]
        choices = [(run[:2], run[0]) if len(run) > 2 else (run,) for run in runs]
        short = map("".join, islice(product(*choices), 16))
        return min((self._ids[word] for word in short if word in self._ids), default=otherwise)

    def split(self, text: str) -> List[str]:
        """Tokenize a text with the recipe's tokenizer."""
        return TOKENIZERS[self.options.tokenizer](text)

    def knows(self, word: str) -> bool:
        """Return whether a word has its own id."""
        shared = len(self.special) + len(self.words) > len(self)  # the last id
        row = self.id(word)
        return row != self._unseen and not (shared and row == self._last)

    def knows_any(self, ids: np.ndarray) -> bool:
        """Return whether any of the ids belongs to a single word other than punctuation.

        A word contains a letter, a digit or a symbol such as an emoji (Unicode category So), or is an emoticon.
        """
        return bool(self._is_word[ids].any())

    @cached_property
    def _is_word(self) -> np.ndarray:
        """Mask of the ids that `knows_any` accepts, bool, shape (vocab_size,)."""
        mask = np.zeros(len(self), bool)
        mask[[row for row, word in self.row_words() if self.knows(word) and _is_word(word)]] = True
        return mask

    def encode(self, words: Iterable[str]) -> np.ndarray:
        """Look up the ids of words.

        Returns
        -------
        ndarray of int32, shape (ids,)
            Preceded by ``<start>`` with ``bos``; without dropped words.
        """
        start = [self.special.index(START)] if self.options.bos else []
        ids = self.ids_of(words)
        return np.concatenate([np.array(start, np.int32), ids[ids >= 0]])

    def ids_of(self, words: Iterable[str]) -> np.ndarray:
        """Look up each word's id, int32; -1 for a word that is dropped."""
        known = self._ids
        return np.fromiter((known[word] if word in known else self.id(word) for word in words), np.int32)

    def decode(self, ids: Iterable[int]) -> List[str]:
        """Return the words of ids; an id shared by several words gives the most frequent one."""
        names = self.special + self.words
        return [names[i] for i in ids]

    def row_words(self) -> List[Tuple[int, str]]:
        """Return (id, word) for every id except the special tokens': the rows that GloVe can fill."""
        return list(enumerate(self.words[: len(self) - len(self.special)], len(self.special)))

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON."""
        oov_count = self.num_tokens - sum(self.counts)
        write_json(path, {"words": self.words, "counts": self.counts, "oov_count": oov_count})

    @classmethod
    def load(cls, path: Path, options: Index) -> Vocabulary:
        """Read a vocabulary written by `save`.

        Raises
        ------
        PipelineError
            If the file is missing or not a vocabulary.
        """
        value = read_json(path)
        words, counts = (value.get(key) for key in ("words", "counts")) if isinstance(value, dict) else (None, None)
        if not isinstance(words, list) or not isinstance(counts, list) or len(words) != len(counts):
            raise PipelineError(f"{path}: not a vocabulary (expected as many words as counts)")
        if not all(isinstance(word, str) for word in words) or not all(isinstance(count, int) for count in counts):
            raise PipelineError(f"{path}: not a vocabulary (a word is not text, or a count is not a whole number)")
        if not isinstance(value.get("oov_count"), int):
            raise PipelineError(f"{path}: not a vocabulary (expected oov_count, a whole number)")
        return cls(words, counts, options, value["oov_count"])


def _is_word(text: str) -> bool:
    """Return whether a token is more than punctuation."""
    letters = any(character.isalnum() or unicodedata.category(character) == "So" for character in text)
    return letters or bool(EMOTICON.fullmatch(text))
