"""The vectors that were found in a file, and what was wrong with the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict

import numpy as np

from pipeline.errors import PipelineError

MAX_DIM = 1 << 16


def check_vectors(path: Path) -> None:
    """Check that a file of word vectors is there, before anything takes time.

    Raises
    ------
    PipelineError
        If it is not; says what to do.
    """
    if not path.is_file():
        raise PipelineError(
            f"{path}: no such file; fetch GloVe with: sentiment fetch_data glove (42B.300d: --source stanford), name "
            "another file of word vectors (--vectors FILE; vectors= in Python), or begin with random ones "
            "(--set embed.vectors=)"
        )


@dataclass
class Vectors:
    """The vectors of the wanted words, and what was wrong with the file.

    Attributes
    ----------
    format : str
        "text", "word2vec binary", "fastText binary", "gluonnlp npz", or "TokenEmbedding" of what is in memory.
    matrix : ndarray of float32, shape (rows, D)
        Zeros where nothing was found.
    found : ndarray of bool, shape (rows,)
    lines : int
        All lines of a text file, a header included; all words of a binary file.
    skipped : dict
        For each kind of line or word that was left out: how many, and the number of the first.
    """

    format: str
    matrix: np.ndarray
    found: np.ndarray
    lines: int = 0
    skipped: Dict[str, Dict[str, int]] = field(default_factory=dict)

    @classmethod
    def zeros(cls, kind: str, num_rows: int, dim: int) -> Vectors:
        """Return vectors of which none is found yet."""
        return cls(kind, np.zeros((num_rows, dim), np.float32), np.zeros(num_rows, bool))

    def skip(self, problem: str, number: int) -> None:
        """Count a line, or a word of a binary file, that is left out."""
        entry = self.skipped.setdefault(problem, {"lines": 0, "first": number})
        entry["lines"] += 1

    def add(self, row: int, vector: np.ndarray, number: int) -> None:
        """Take the vector of a wanted word, unless its row is filled or a number is not finite."""
        if self.found[row]:
            self.skip("a word that came before", number)
        elif not np.isfinite(vector).all():
            self.skip("a number that is not finite", number)
        else:
            self.matrix[row], self.found[row] = vector, True
