"""Stage 3, embed: a vocabulary and a GloVe file become an embedding matrix."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Dict, Iterator, List, Optional, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.io.encoding import HEAD_SIZE, find_encoding
from pipeline.io.input import open_input
from pipeline.io.processes import map_pieces
from pipeline.io.progress import tqdm
from pipeline.recipe import Embed, Recipe
from pipeline.text.glove import Found, VectorFinder, read_blocks, read_pieces, read_shape
from pipeline.text.ppmi import learn_vectors
from pipeline.text.vocabulary import Vocabulary


@dataclass
class Coverage:
    """What was found in a GloVe file, and what was wrong with it.

    Attributes
    ----------
    vocabulary_share : float
        Share of the vocabulary's words that have a vector.
    running_share : float
        The same, each word counted as often as it occurs in the counted reviews.
    skipped : dict
        For each kind of line that was left out: how many, and the number of the first.
    missing : list of str
        The most frequent words without a vector, twenty at most.
    """

    file: str
    dimension: int
    lines: int = 0
    found: int = 0
    vocabulary_share: float = 0.0
    running_share: float = 0.0
    skipped: Dict[str, Dict[str, int]] = field(default_factory=dict)
    missing: List[str] = field(default_factory=list)

    def skip(self, kind: str, line: int) -> None:
        """Count a line that is left out."""
        entry = self.skipped.setdefault(kind, {"lines": 0, "first": line})
        entry["lines"] += 1

    def to_dict(self) -> Dict[str, Any]:
        """Return the figures, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return the report for the screen."""
        text = (
            f"{self.file}: {self.lines:,} lines of {self.dimension} numbers; {self.found:,} words found, "
            f"{self.vocabulary_share:.2%} of the vocabulary, {self.running_share:.2%} of the running words"
        )
        for kind, entry in self.skipped.items():
            text += f"\n{self.file}: {entry['lines']:,} lines left out: {kind} (the first is line {entry['first']:,})"
        return text


def make_embedding(
    vocabulary: Vocabulary, encoded: Encoded, glove: Path, recipe: Recipe
) -> Tuple[np.ndarray, Optional[Coverage]]:
    """Make the matrix that a recipe's network begins with.

    Parameters
    ----------
    vocabulary : Vocabulary
    encoded : Encoded
        Read if ``embed.ppmi_dim`` asks for vectors out of its training part.
    glove : Path
        Read if ``embed.glove`` names a file.
    recipe : Recipe

    Returns
    -------
    matrix : ndarray of float32, shape (len(vocabulary), D)
        D: GloVe's numbers or ``embed.dim``, and ``embed.ppmi_dim`` more on the same scale.
    coverage : Coverage or None

    Raises
    ------
    PipelineError
        As from `embed_vocabulary`.
    """
    options, coverage = recipe.embed, None
    if options.glove:
        matrix, coverage = embed_vocabulary(vocabulary, glove, options)
    else:
        matrix = random_embedding(vocabulary, options.dim, recipe.train.seed)
    parts = [matrix]
    if options.ppmi_dim:
        learnt = learn_vectors(encoded, len(vocabulary), options.ppmi_dim)
        parts.append(learnt * (matrix.std() / (learnt.std() or 1)))
    if options.normalize:
        parts = [normalize_vectors(part, vocabulary) for part in parts]
    return np.hstack(parts), coverage


def normalize_vectors(matrix: np.ndarray, vocabulary: Vocabulary) -> np.ndarray:
    """Shift and scale each dimension to mean 0 and variance 1, weighted by token frequency (Miyato et al., 2017).

    Parameters
    ----------
    matrix : ndarray of float32, shape (len(vocabulary), D)
    vocabulary : Vocabulary

    Returns
    -------
    ndarray of float32, shape (len(vocabulary), D)
        Tokens without a vector, whose rows are 0, keep it: it is the mean.
    """
    tokens = vocabulary.row_words()
    known = matrix.any(axis=1)
    weights = np.zeros(len(matrix))
    weights[[row for row, _ in tokens]] = vocabulary.counts[: len(tokens)]
    weights = weights * known / (weights * known).sum()
    mean = weights @ matrix
    deviation = np.sqrt(weights @ (matrix - mean) ** 2)
    return ((matrix - mean) / np.maximum(deviation, 1e-6) * known[:, np.newaxis]).astype(np.float32)


def embed_vocabulary(vocabulary: Vocabulary, glove: Path, options: Embed) -> Tuple[np.ndarray, Coverage]:
    """Look up the vocabulary's vectors in one pass over a GloVe file.

    Parameters
    ----------
    vocabulary : Vocabulary
    glove : Path
        A ``.txt`` of lines "word number number ...", with blanks or tabs between them, or that file packed by zip,
        gzip, bzip2 or xz, which is read as it is.
    options : Embed
        ``member`` says which file of a zip that holds several.

    Returns
    -------
    matrix : ndarray of float32, shape (len(vocabulary), D)
        Zeros for the padding, ``<unk>`` and words that GloVe lacks.
    coverage : Coverage

    Raises
    ------
    PipelineError
        If the file is missing, empty or not GloVe's format, or holds none of the words.

    Notes
    -----
    Memory does not grow with the file.
    """
    if not glove.is_file():
        raise PipelineError(
            f"{glove}: no such file; fetch it with scripts/fetch_data.py (42B.300d: --source stanford), "
            "or name another: --glove FILE"
        )
    rows = {word.encode("utf-8", "surrogatepass"): row for row, word in vocabulary.row_words()}
    found = np.zeros(len(vocabulary), bool)
    choose = partial(_choose_member, options.member)
    size = glove.stat().st_size
    with tqdm(total=size, unit="B", unit_scale=True, desc="GloVe", leave=False) as bar, open_input(
        glove, bar.update, choose
    ) as (name, file, packed):
        encoding = find_encoding(file.peek(HEAD_SIZE)[:HEAD_SIZE])
        if encoding != "utf-8-sig":
            raise PipelineError(f"{name}: {encoding.upper()}; convert it: iconv -f {encoding} -t utf-8 OLD > NEW")
        header, dimension = read_shape(name, file)
        coverage = Coverage(name, dimension)
        matrix = np.zeros((len(vocabulary), dimension), np.float32)
        finder = VectorFinder(rows, dimension)
        if not packed:
            bar.reset()  # the beginning is read again
        for piece in _find_packed(finder, file) if packed else _find_plain(finder, glove, file.tell(), size):
            vectors = iter(piece.vectors)
            for position, row, problem in zip(piece.positions, piece.rows, piece.problems):
                vector = next(vectors) if row >= 0 and not problem else None
                number = coverage.lines + position + 1
                if number == 1 and header:
                    problem = "a header"
                elif row >= 0 and found[row]:
                    problem = "a word that came before"
                elif vector is not None:
                    matrix[row], found[row] = vector, True
                if problem:
                    coverage.skip(problem, number)
            coverage.lines += piece.lines
            if piece.endless:
                raise PipelineError(f"{name}, line {coverage.lines}: a line without an end; not a GloVe file")
            bar.update(0 if packed else piece.size)
    _summarise(coverage, vocabulary, found)
    if not found.any():
        raise PipelineError(f"{coverage}\n{glove}: holds none of the vocabulary's {len(rows):,} words")
    return matrix, coverage


def _find_plain(finder: VectorFinder, path: Path, begin: int, end: int) -> Iterator[Found]:
    """Yield what is found in each piece of a file."""
    return map_pieces(finder, read_pieces(path, begin, end), most=2)  # for memory: each takes some 40 MB


def _find_packed(finder: VectorFinder, file: BinaryIO) -> Iterator[Found]:
    """Yield what is found in each piece of a stream: this process unpacks, and another would wait for it."""
    return map(finder, (partial(iter, [block]) for block in read_blocks(file, sys.maxsize)))


def random_embedding(vocabulary: Vocabulary, dimension: int, seed: int) -> np.ndarray:
    """Return vectors to learn from nothing, uniform from -0.05 to 0.05 as Keras's `Embedding` begins.

    Returns
    -------
    ndarray of float32, shape (len(vocabulary), dimension)
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    return generator.uniform(-0.05, 0.05, (len(vocabulary), dimension)).astype(np.float32)


def _summarise(coverage: Coverage, vocabulary: Vocabulary, found: np.ndarray) -> None:
    words = vocabulary.row_words()
    counts = vocabulary.counts[: len(words)]
    hits = [bool(found[row]) for row, _ in words]
    coverage.found = sum(hits)
    coverage.vocabulary_share = sum(hits) / max(len(words), 1)
    coverage.running_share = sum(count for count, hit in zip(counts, hits) if hit) / max(vocabulary.running_words, 1)
    coverage.missing = [word for (_, word), hit in zip(words, hits) if not hit][:20]


def _choose_member(member: str, path: Path, names: List[str]) -> str:
    texts = sorted(name for name in names if name.lower().endswith(".txt"))
    if member in texts:
        return member
    if not member and len(texts) == 1:
        return texts[0]
    listed = ", ".join(texts) or "none"
    raise PipelineError(f"{path}: which file? Name it with embed.member; there are: {listed}")
