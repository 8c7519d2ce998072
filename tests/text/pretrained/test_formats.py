from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from typing import Callable, Dict

import numpy as np
import pytest

from pipeline.embed import Coverage, embed_vocabulary
from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Index
from pipeline.text.pretrained.formats import read_vectors
from pipeline.text.vocabulary import Vocabulary
from tests.text.pretrained.samples import (
    FASTTEXT_BINARY,
    FASTTEXT_WORDS,
    GENSIM_BINARY,
    GENSIM_TEXT,
    WORDS,
    row_of,
    write_npz,
)

GLOVE = "".join(f"{word} {' '.join(map(str, vector))}\n" for word, vector in WORDS.items()).encode()
FASTTEXT_TEXT = b"3 3\n" + GLOVE.replace(b"\n", b" \n")  # its lines end in a blank
VOCABULARY = Vocabulary(["the", "日本", "naïve", "none"], [4, 3, 2, 1], Index())


@pytest.fixture
def contents(tmp_path: Path) -> Dict[str, bytes]:
    """Return the same vectors in each format."""
    npz = write_npz(tmp_path / "made.npz", WORDS)
    (tmp_path / "made.npz").unlink()
    return {"glove": GLOVE, "word2vec": GENSIM_TEXT, "fasttext": FASTTEXT_TEXT, "binary": GENSIM_BINARY, "npz": npz}


def embed(path: Path, content: bytes) -> Coverage:
    path.write_bytes(content)
    matrix, coverage = embed_vocabulary(VOCABULARY, path, Embed())
    assert matrix.tolist() == [[0] * 3, [0] * 3, [1, 2, 3], [-1, np.float32(0.001), 7], [0.5, -0.25, 0], [0] * 3]
    assert (coverage.found, coverage.missing) == (3, ["none"])
    return coverage


PACK: Dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
FORMATS = {"glove": "text", "word2vec": "text", "fasttext": "text", "binary": "word2vec binary", "npz": "gluonnlp npz"}


@pytest.mark.parametrize("packed", [*PACK, ".zip"])
@pytest.mark.parametrize("kind", FORMATS)
def test_format_is_found_from_the_content_whatever_the_name(
    tmp_path: Path, contents: Dict[str, bytes], kind: str, packed: str
) -> None:
    for suffix in (".txt", ".vec", ".bin", ".npz"):
        if packed == ".zip":
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"vectors{suffix}", contents[kind])
                archive.writestr("README.md", "not this one")
            coverage = embed(tmp_path / "vectors.zip", file.getvalue())
            assert coverage.file == f"{tmp_path}/vectors.zip:vectors{suffix}"
        else:
            coverage = embed(tmp_path / "vectors.any", PACK[packed](contents[kind]))
        assert coverage.format == FORMATS[kind]


@pytest.mark.parametrize("pack", PACK.values())
def test_fasttext_binary_is_read_packed_or_not(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / "model").write_bytes(pack(FASTTEXT_BINARY))
    matrix, coverage = embed_vocabulary(VOCABULARY, tmp_path / "model", Embed())
    np.testing.assert_allclose(matrix[3], FASTTEXT_WORDS["日本"], atol=2e-8)
    assert str(coverage) == (
        f"{tmp_path}/model: fastText binary, 7 words of 5 numbers; 3 words found, 75.00% of the vocabulary, "
        "90.00% of the tokens"
    )


@pytest.mark.parametrize("kind", ["glove", "word2vec", "fasttext", "npz"])
def test_gluonnlp_reads_the_same_vectors(tmp_path: Path, contents: Dict[str, bytes], kind: str) -> None:
    from pipeline.mx.engine import import_gluonnlp

    path = tmp_path / ("vectors.npz" if kind == "npz" else "vectors.txt")
    path.write_bytes(contents[kind])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "skipped likely header line"
        expected = import_gluonnlp().embedding.TokenEmbedding.from_file(str(path))
    with open(path, "rb") as file:
        vectors = read_vectors(str(path), file, row_of(*WORDS), 3)
    assert (vectors.matrix == expected[list(WORDS)].asnumpy()).all()


def test_binary_file_tells_what_was_left_out_by_words(tmp_path: Path) -> None:
    content = GENSIM_BINARY.replace(b"3 3", b"4 3") + b"the " + bytes(12)
    assert str(embed(tmp_path / "vectors.bin", content)) == (
        f"{tmp_path}/vectors.bin: word2vec binary, 4 words of 3 numbers; 3 words found, 75.00% of the vocabulary, "
        f"90.00% of the tokens\n{tmp_path}/vectors.bin: 1 words left out: a word that came before "
        "(the first is word 4)"
    )


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "glove"])
def test_file_that_is_cut_is_refused(tmp_path: Path, contents: Dict[str, bytes], kind: str) -> None:
    content, line = contents[kind], contents[kind].rfind(b"\n", 0, -1) + 1
    (tmp_path / "vectors").write_bytes(content[:line] if FORMATS[kind] == "text" else content[:-3])
    message = {
        "text": r"vectors, line 3: the file ends after 2 vectors, its header says 3; fetch it again$",
        "word2vec binary": r"vectors, byte 55: the file ends within vector 3 of 3; fetch it again$",
        "gluonnlp npz": r"vectors: a damaged zip file \(File is not a zip file\); fetch it again$",
    }[FORMATS[kind]]
    with pytest.raises(PipelineError, match=message):
        embed_vocabulary(VOCABULARY, tmp_path / "vectors", Embed())


@pytest.mark.parametrize("content", [b"\x89HDF\r\n\x1a\n" + bytes(99), b"\x80\x04\x95", b"\x93NUMPY\1\0v\0{'d'}", b""])
def test_other_formats_are_refused_with_what_was_found_and_those_that_are_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vectors").write_bytes(content)
    with pytest.raises(PipelineError) as caught:
        embed_vocabulary(VOCABULARY, tmp_path / "vectors", Embed())
    assert str(caught.value) == (
        f"{tmp_path}/vectors, line 1: expected a word and its numbers, found {io.BytesIO(content).readline()[:60]!r}; "
        "the formats that are read are text of GloVe, word2vec or fastText, binary files of word2vec or fastText, "
        "and gluonnlp's .npz"
    )


def test_npz_of_other_arrays_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "vectors.npz", words=np.array(["the"]), vectors=np.ones((1, 3)))
    with pytest.raises(PipelineError, match=r"vectors\.npz: expected the arrays .* found vectors\.npy, words\.npy$"):
        embed_vocabulary(VOCABULARY, tmp_path / "vectors.npz", Embed())


def test_zip_with_several_files_asks_which(tmp_path: Path, contents: Dict[str, bytes]) -> None:
    with zipfile.ZipFile(tmp_path / "crawl.zip", "w") as archive:
        archive.writestr("crawl.vec", FASTTEXT_TEXT)
        archive.writestr("crawl.bin", GENSIM_BINARY)
        archive.writestr("crawl.npz", contents["npz"])
    with pytest.raises(PipelineError, match=r"which file\? .* there are: crawl\.bin, crawl\.npz, crawl\.vec$"):
        embed_vocabulary(VOCABULARY, tmp_path / "crawl.zip", Embed())
    for member, kind in (("crawl.vec", "text"), ("crawl.bin", "word2vec binary"), ("crawl.npz", "gluonnlp npz")):
        assert embed_vocabulary(VOCABULARY, tmp_path / "crawl.zip", Embed(member=member))[1].format == kind


@pytest.mark.parametrize("kind", ["word2vec", "fasttext"])
def test_memory_does_not_grow_with_a_binary_file(tmp_path: Path, kind: str) -> None:
    numbers = np.full(50, 0.1, "<f4").tobytes()
    if kind == "word2vec":
        content = b"50000 50\n" + b"".join(b"w%d " % i + numbers for i in range(50_000))
    else:
        rows = np.array([50_000, 50], "<i8").tobytes() + numbers * 50_000
        header = np.array([793712314, 12, 50, 5, 5, 1, 5, 1, 1, 2, 0, 3, 6, 100, 0, 0, 50_000, 50_000, 0], "<i4")
        words = b"".join(b"w%d\0" % i + bytes(9) for i in range(50_000))
        content = header.tobytes() + np.array([9, -1], "<i8").tobytes() + words + b"\0" + rows
    (tmp_path / "vectors.bin").write_bytes(content)
    del content
    with open(tmp_path / "vectors.bin", "rb") as file:
        tracemalloc.start()
        try:
            vectors = read_vectors("any", file, {b"w49999": 0}, 1)
            assert tracemalloc.get_traced_memory()[1] < 2.5e6
        finally:
            tracemalloc.stop()
    assert vectors.matrix.tolist() == [[np.float32(0.1)] * 50]
