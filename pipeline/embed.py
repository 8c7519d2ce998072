"""Stage 3, embed: a vocabulary and a GloVe file become an embedding matrix."""

from __future__ import annotations

import codecs
import contextlib
import io
import lzma
import struct
import zipfile
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Dict, Iterable, Iterator, List, Optional, Set, Tuple

import numpy as np
from tqdm import tqdm

from pipeline.cooccurrence import learn_vectors
from pipeline.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Recipe
from pipeline.vocabulary import Vocabulary

_BLOCK = 1 << 18  # bytes of lines that are looked at together: few enough for the processor's cache
_EACH = np.uint64(0x0101010101010101)  # 1 in each byte
_LONGEST = 1 << 20  # bytes of a line
_WIDEST = 1 << 16  # numbers of a line
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(OSError, OverflowError, UnicodeDecodeError),  # bzip2; places that no file has; names
    RuntimeError,  # encrypted, or packed in a way that Python cannot unpack
)


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
        Read if ``embed.learnt`` asks for vectors out of its training part.
    glove : Path
        Read if ``embed.glove`` names a file.
    recipe : Recipe

    Returns
    -------
    matrix : ndarray of float32, shape (len(vocabulary), D)
        D: GloVe's numbers or ``embed.dimension``, and ``embed.learnt`` more on the same scale.
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
        matrix = random_embedding(vocabulary, options.dimension, recipe.train.seed)
    if options.learnt:
        learnt = learn_vectors(encoded, len(vocabulary), options.learnt)
        matrix = np.hstack([matrix, learnt * (matrix.std() / (learnt.std() or 1))])
    return matrix, coverage


def embed_vocabulary(vocabulary: Vocabulary, glove: Path, options: Embed) -> Tuple[np.ndarray, Coverage]:
    """Look up the vocabulary's vectors in one pass over a GloVe file.

    Parameters
    ----------
    vocabulary : Vocabulary
    glove : Path
        A ``.txt`` of lines "word number number ...", or a ``.zip`` of it, which is read as it is.
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
    Only lines that begin as one of the vocabulary's words, and those without the right number of blanks, are taken
    apart, and nothing else is kept: memory does not grow with the file.
    """
    rows = {word.encode("utf-8", "surrogatepass"): row for row, word in vocabulary.row_words()}
    found = np.zeros(len(vocabulary), bool)
    with _open_glove(glove, options.member) as (name, size, file), np.errstate(
        over="ignore"
    ):  # too large: inf, refused
        header, dimension = _read_shape(name, file)
        coverage = Coverage(name, dimension)
        matrix = np.zeros((len(vocabulary), dimension), np.float32)
        wanted = _Wanted(rows)
        for before, block, lines in _blocks(name, file, size):
            coverage.lines = before + len(lines)
            lengths = np.fromiter(map(len, lines), np.int64, len(lines))
            begins = np.cumsum(lengths) - lengths
            odd = _find_odd(block, begins, dimension)
            for i in sorted({*wanted.find(block, begins), *odd}):
                number, row = before + i + 1, rows.get(lines[i].partition(b" ")[0])
                if row is None and i not in odd:
                    continue
                if number == 1 and header:
                    problem = "a header"
                elif row is not None and found[row]:
                    problem = "a word that came before"
                else:
                    numbers, problem = _parse(lines[i], dimension)
                    if row is not None and numbers is not None:
                        matrix[row], found[row] = numbers, True
                if problem:
                    coverage.skip(problem, number)
    _summarise(coverage, vocabulary, found)
    if not found.any():
        raise PipelineError(f"{coverage}\n{glove}: holds none of the vocabulary's {len(rows):,} words")
    return matrix, coverage


def random_embedding(vocabulary: Vocabulary, dimension: int, seed: int) -> np.ndarray:
    """Return vectors to learn from nothing, uniform from -0.05 to 0.05 as Keras's `Embedding` begins.

    Returns
    -------
    ndarray of float32, shape (len(vocabulary), dimension)
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    return generator.uniform(-0.05, 0.05, (len(vocabulary), dimension)).astype(np.float32)


def _parse(line: bytes, dimension: int) -> Tuple[Optional[np.ndarray], str]:
    """Return a line's numbers, or None and what is wrong with it."""
    fields = line.split()
    if len(fields) > dimension + 1:
        return None, "a word with blanks in it" if not _is_number(fields[1]) else "more numbers than the first line"
    if len(fields) < dimension + 1:
        return None, "fewer numbers than the first line"
    try:
        numbers = np.array(fields[1:], np.float32)
    except ValueError:
        return None, "something else than a number"
    return (numbers, "") if np.isfinite(numbers).all() else (None, "a number that is not finite")


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _read_shape(name: str, file: BinaryIO) -> Tuple[bool, int]:
    """Return whether the first line is a header ("400000 50", as word2vec writes), and the dimension."""
    line = file.readline(_WIDEST)
    mark = len(codecs.BOM_UTF8) if line.startswith(codecs.BOM_UTF8) else 0
    fields = line[mark:].split()
    file.seek(mark)
    if len(fields) == 2 and all(part.isdigit() for part in fields):
        if not 1 <= int(fields[1][:20]) <= _WIDEST:
            raise PipelineError(f"{name}, line 1: expected a header of 1 to {_WIDEST} numbers, found {line[:60]!r}")
        return True, int(fields[1])
    if len(fields) < 2 or not line.endswith(b"\n") or not _is_number(fields[-1]):
        raise PipelineError(f"{name}, line 1: expected a word and its numbers, found {line[:60]!r}")
    return False, len(fields) - 1


def _blocks(name: str, file: BinaryIO, size: int) -> Iterator[Tuple[int, bytes, List[bytes]]]:
    """Yield some lines at a time, joined and apart, and how many came before, under a progress bar of bytes."""
    before = 0
    with tqdm(total=size, unit="B", unit_scale=True, desc="GloVe", leave=False) as bar:
        for block in iter(lambda: file.read(_BLOCK), b""):
            rest = file.readline(_LONGEST)
            block += rest
            lines = io.BytesIO(block).readlines()
            if len(rest) == _LONGEST and not rest.endswith(b"\n"):
                raise PipelineError(f"{name}, line {before + len(lines)}: a line without an end; not a GloVe file")
            yield before, block, lines
            before += len(lines)
            bar.update(len(block))


def _find_odd(block: bytes, begins: np.ndarray, dimension: int) -> Set[int]:
    """Return the positions of the lines whose blanks are more or fewer than `dimension`, which hardly any are."""
    blanks = np.frombuffer(block, np.uint8) == ord(" ")
    # Small numbers are counted several times as fast. They overflow, but if all are right and so is the sum, none did.
    counts = np.add.reduceat(blanks.view(np.uint8), begins, dtype=np.min_scalar_type(dimension))
    if (counts == dimension).all() and np.count_nonzero(blanks) == dimension * len(begins):
        return set()
    counts = np.add.reduceat(blanks.view(np.uint8), begins, dtype=np.int64)
    return set(np.flatnonzero(counts != dimension).tolist())


class _Wanted:
    """Tells which lines may begin with one of some words: all that do, and a few that do not.

    Of a word the first 8 bytes count, the blank behind it included. What they are is marked in a table, at the place
    that multiplicative hashing gives (Knuth, The Art of Computer Programming, 6.4).
    """

    def __init__(self, words: Iterable[bytes]) -> None:
        starts = b"".join([(word + b" ")[:8].ljust(8) for word in words])
        self._bits = (len(starts) // 8).bit_length() + 4  # 16 places for each word, or more
        self._marked = np.zeros(1 << self._bits, bool)
        self._marked[self._places(np.frombuffer(starts, "<u8"))] = True

    def find(self, block: bytes, begins: np.ndarray) -> List[int]:
        """Return the positions of these lines."""
        # (bytes,): the 8 bytes from each on
        windows: np.ndarray = np.ndarray(len(block), "<u8", block + bytes(8), strides=(1,))
        return np.flatnonzero(self._marked[self._places(windows[begins])]).tolist()

    def _places(self, starts: np.ndarray) -> np.ndarray:
        no_blank = starts ^ _EACH * np.uint64(ord(" "))
        blank = (no_blank - _EACH) & ~no_blank & (_EACH << np.uint64(7))  # its lowest bit is in the first blank
        kept = starts & ~blank & (blank - np.uint64(1))
        return (kept * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(64 - self._bits)).view(np.int64)


def _summarise(coverage: Coverage, vocabulary: Vocabulary, found: np.ndarray) -> None:
    words = vocabulary.row_words()
    counts = vocabulary.counts[: len(words)]
    hits = [bool(found[row]) for row, _ in words]
    coverage.found = sum(hits)
    coverage.vocabulary_share = sum(hits) / max(len(words), 1)
    coverage.running_share = sum(count for count, hit in zip(counts, hits) if hit) / max(vocabulary.running_words, 1)
    coverage.missing = [word for (_, word), hit in zip(words, hits) if not hit][:20]


@contextlib.contextmanager
def _open_glove(path: Path, member: str) -> Iterator[Tuple[str, int, BinaryIO]]:
    """Open a GloVe file, or the one inside a zip; yields its name, its size in bytes and the stream."""
    if not path.is_file():
        raise PipelineError(
            f"{path}: no such file; fetch it with scripts/fetch_data.py (42B.300d: --source stanford), "
            "or name another: --glove FILE"
        )
    if path.suffix != ".zip":
        with open(path, "rb", buffering=_BLOCK >> 2) as file:
            yield str(path), path.stat().st_size, file
        return
    try:
        with zipfile.ZipFile(path) as archive:
            name = _choose_member(path, archive, member)
            with archive.open(name) as compressed:
                stream = io.BufferedReader(compressed, 1 << 20)  # type: ignore[type-var]
                yield f"{path}:{name}", archive.getinfo(name).file_size, stream
    except _ZIP_ERRORS as error:
        raise PipelineError(f"{path}: a damaged zip file ({error}); fetch it again") from None


def _choose_member(path: Path, archive: zipfile.ZipFile, member: str) -> str:
    names = sorted(name for name in archive.namelist() if name.endswith(".txt"))
    if member in names:
        return member
    if not member and len(names) == 1:
        return names[0]
    listed = ", ".join(names) or "none"
    raise PipelineError(f"{path}: which file? Name it with embed.member; there are: {listed}")
