"""Stage 3, embed: a vocabulary and a file of pretrained vectors become an embedding matrix."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.io.input import open_input
from pipeline.io.progress import tqdm
from pipeline.recipe import Embed, Recipe
from pipeline.text.ppmi import learn_vectors
from pipeline.text.pretrained.embedding import read_embedding
from pipeline.text.pretrained.formats import read_vectors
from pipeline.text.pretrained.vectors import Vectors, check_vectors
from pipeline.text.vocabulary import UNKNOWN, Vocabulary


def make_embedding(
    vocabulary: Vocabulary, encoded: Encoded, vectors: Any, recipe: Recipe
) -> Tuple[np.ndarray, Optional[Coverage]]:
    """Make the matrix that a recipe's network begins with.

    Parameters
    ----------
    vocabulary : Vocabulary
    encoded : Encoded
        Read if ``embed.ppmi_dim`` asks for vectors out of its training part.
    vectors : Path or gluonnlp.embedding.TokenEmbedding or gluonnlp.Vocab
        As for `embed_vocabulary`. A file is read if ``embed.vectors`` names one; an embedding is used in any case.
    recipe : Recipe

    Returns
    -------
    matrix : ndarray of float32, shape (len(vocabulary), D)
        D: the numbers of the file or embedding, or ``embed.dim``, and ``embed.ppmi_dim`` more on the same scale.
    coverage : Coverage or None

    Raises
    ------
    PipelineError
        As from `embed_vocabulary`.
    """
    options, coverage = recipe.embed, None
    if options.vectors or not isinstance(vectors, Path):
        matrix, coverage = embed_vocabulary(vocabulary, vectors, options)
    else:
        matrix = random_embedding(vocabulary, options.dim, recipe.train.seed)
    parts = [matrix]
    if options.ppmi_dim:
        learned = learn_vectors(encoded, len(vocabulary), options.ppmi_dim)
        parts.append(learned * (matrix.std() / (learned.std() or 1)))
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
    if not known.any():
        return matrix
    weights = np.zeros(len(matrix))
    weights[[row for row, _ in tokens]] = vocabulary.counts[: len(tokens)]
    weights = weights * known / (weights * known).sum()
    mean = weights @ matrix
    deviation = np.sqrt(weights @ (matrix - mean) ** 2)
    return ((matrix - mean) / np.maximum(deviation, 1e-6) * known[:, np.newaxis]).astype(np.float32)


@dataclass
class Coverage:
    """What was found in a file of word vectors or an embedding, and what was wrong with it.

    Attributes
    ----------
    format : str
        As in `pipeline.text.pretrained.vectors.Vectors`.
    lines : int
        Of a binary file or an embedding: words.
    vocabulary_coverage : float
        Fraction of the vocabulary's words that have a vector.
    token_coverage : float
        The same, each word counted as often as it occurs in the counted reviews.
    skipped : dict
        For each kind of line (of a binary file: word) that was left out: how many, and the number of the first.
    missing : list of str
        The most frequent words without a vector, twenty at most.
    """

    file: str
    format: str
    dim: int
    lines: int
    found: int
    vocabulary_coverage: float
    token_coverage: float
    skipped: Dict[str, Dict[str, int]]
    missing: List[str]

    def to_dict(self) -> Dict[str, Any]:
        """Return the fields, ready for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return the report for the screen."""
        kind, unit = ("", "line") if self.format == "text" else (f"{self.format}, ", "word")
        text = (
            f"{self.file}: {kind}{self.lines:,} {unit}s of {self.dim} numbers; {self.found:,} words found, "
            f"{self.vocabulary_coverage:.2%} of the vocabulary, {self.token_coverage:.2%} of the tokens"
        )
        for problem, entry in self.skipped.items():
            text += f"\n{self.file}: {entry['lines']:,} {unit}s left out: {problem} "
            text += f"(the first is {unit} {entry['first']:,})"
        return text


def embed_vocabulary(
    vocabulary: Vocabulary, vectors: Any, options: Embed, required: bool = True
) -> Tuple[np.ndarray, Coverage]:
    """Look up the vocabulary's vectors in a file of pretrained vectors, in one pass, or in an embedding of gluonnlp.

    Parameters
    ----------
    vocabulary : Vocabulary
    vectors : Path or gluonnlp.embedding.TokenEmbedding or gluonnlp.Vocab
        GloVe's text, or one of the other formats of `pipeline.text.pretrained.formats.read_vectors`, found from the
        content; or that file packed by zip, gzip, bzip2 or xz, which is read as it is. Or an embedding, or a
        vocabulary that one is attached to.
    options : Embed
        ``member`` says which file of a zip that holds several.
    required : bool
        Whether vectors of none of the words are an error.

    Returns
    -------
    matrix : ndarray of float32, shape (len(vocabulary), D)
        Zeros for the padding, ``<unk>`` and words that the file lacks. An embedding with an unknown token gives its
        vector to ``<unk>`` and to words that it lacks.
    coverage : Coverage

    Raises
    ------
    PipelineError
        If the file is missing, damaged or of another format, or holds none of the words.

    Notes
    -----
    Memory does not grow with the file.
    """
    words = vocabulary.row_words()
    if not isinstance(vectors, Path):
        unknown = vocabulary.special.index(UNKNOWN) if UNKNOWN in vocabulary.special else None
        found = read_embedding(vectors, dict(words), len(vocabulary), unknown)
        return _check_found("gluonnlp", found, vocabulary, required)
    check_vectors(vectors)
    row_of = {word.encode("utf-8", "surrogatepass"): row for row, word in words}
    bar = tqdm(total=vectors.stat().st_size, unit="B", unit_scale=True, desc="vectors", leave=False)
    with bar, open_input(vectors, bar.update, partial(_choose_member, options.member)) as (name, file):
        found = read_vectors(name, file, row_of, len(vocabulary))
    return _check_found(name, found, vocabulary, required)


def _check_found(name: str, vectors: Vectors, vocabulary: Vocabulary, required: bool) -> Tuple[np.ndarray, Coverage]:
    """Return the matrix and its coverage; refuse vectors of none of the words if they are required."""
    coverage = _measure_coverage(name, vectors, vocabulary)
    if required and not coverage.found:
        raise PipelineError(f"{coverage}\n{name}: holds none of the vocabulary's {len(vocabulary.row_words()):,} words")
    return vectors.matrix, coverage


_SUFFIXES = (".txt", ".vec", ".bin", ".npz")  # of the files in a zip that can be meant


def _choose_member(member: str, path: Path, names: List[str]) -> str:
    """Return the file of a zip to read; "" for a zip that is itself an ``.npz``."""
    if names and all(name.endswith(".npy") for name in names):
        return ""
    found = sorted(name for name in names if name.lower().endswith(_SUFFIXES))
    if member in found:
        return member
    if not member and len(found) == 1:
        return found[0]
    listed = ", ".join(found) or "none"
    raise PipelineError(f"{path}: which file? Name it with embed.member; there are: {listed}")


def _measure_coverage(name: str, vectors: Vectors, vocabulary: Vocabulary) -> Coverage:
    """Count the vocabulary's words that have a vector."""
    words = vocabulary.row_words()
    hits = [bool(vectors.found[row]) for row, _ in words]
    running = sum(count for count, hit in zip(vocabulary.counts, hits) if hit)
    return Coverage(
        file=name,
        format=vectors.format,
        dim=vectors.matrix.shape[1],
        lines=vectors.lines,
        found=sum(hits),
        vocabulary_coverage=sum(hits) / max(len(words), 1),
        token_coverage=running / max(vocabulary.num_tokens, 1),
        skipped=vectors.skipped,
        missing=[word for (_, word), hit in zip(words, hits) if not hit][:20],
    )


def random_embedding(vocabulary: Vocabulary, dim: int, seed: int) -> np.ndarray:
    """Return vectors to learn from nothing, uniform from -0.05 to 0.05 as Keras's `Embedding` begins.

    Returns
    -------
    ndarray of float32, shape (len(vocabulary), dim)
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    return generator.uniform(-0.05, 0.05, (len(vocabulary), dim)).astype(np.float32)
