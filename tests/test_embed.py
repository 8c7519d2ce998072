from __future__ import annotations

import bz2
import functools
import gzip
import json
import lzma
import re
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any, Callable, Dict

import numpy as np
import pytest

from pipeline.corpus.encoded import Encoded
from pipeline.embed import Coverage, embed_vocabulary, make_embedding, normalize_vectors, random_embedding
from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Index, Recipe, override
from pipeline.text.vocabulary import Vocabulary

WORDS = {"the": 50, "cat": 20, ".": 10, "unheard-of": 15, "naïve": 4, "cat's": 1}
SIX_LINES = """\
the 0.5 -1 2e-3
, 9 9 9
. 0.25 0.5 0.75
cat 1 2 3
naïve -0.125 0 1
dog 9 9 9
"""


def make_vocabulary(words: dict[str, int], **options: Any) -> Vocabulary:
    return Vocabulary(list(words), list(words.values()), Index(**{"vocab_size": 0, **options}))


def embed(path: Path, content: str | bytes, words: dict[str, int] = WORDS) -> tuple[np.ndarray, Coverage]:
    """Write a GloVe file and look the words up in it."""
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return embed_vocabulary(make_vocabulary(words), path, Embed())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "glove.txt"


def test_vectors_stand_in_their_words_rows(path: Path) -> None:
    matrix, coverage = embed(path, SIX_LINES)
    assert matrix.dtype == np.float32
    assert matrix.tolist() == [
        [0, 0, 0],  # <pad>
        [0, 0, 0],  # <unk>
        [0.5, -1, np.float32(0.002)],  # the
        [1, 2, 3],  # cat
        [0.25, 0.5, 0.75],  # .
        [0, 0, 0],  # unheard-of
        [-0.125, 0, 1],  # naïve
        [0, 0, 0],  # cat's
    ]
    assert coverage.skipped == {}


def test_coverage_counts_words_and_tokens(path: Path) -> None:
    _, coverage = embed(path, SIX_LINES)
    assert json.loads(json.dumps(coverage.to_dict())) == {
        "file": str(path),
        "format": "text",
        "dim": 3,
        "lines": 6,
        "found": 4,
        "vocabulary_coverage": 4 / 6,
        "token_coverage": 0.84,
        "skipped": {},
        "missing": ["unheard-of", "cat's"],
    }


def test_coverage_prints_what_was_found_and_what_was_left_out(path: Path) -> None:
    _, coverage = embed(path, SIX_LINES + "cat 4 5 6\nthe 7 8 9\n")
    assert str(coverage) == (
        f"{path}: 8 lines of 3 numbers; 4 words found, 66.67% of the vocabulary, 84.00% of the tokens\n"
        f"{path}: 2 lines left out: a word that came before (the first is line 7)"
    )


def test_coverage_names_twenty_missing_words_at_most(path: Path) -> None:
    path.write_text("the 1 2\n")
    words = {f"w{i:02}": 99 - i for i in range(30)}
    _, coverage = embed_vocabulary(make_vocabulary({**words, "the": 1}), path, Embed())
    assert coverage.missing == [f"w{i:02}" for i in range(20)]


def test_rare_words_share_the_row_of_the_last_word(path: Path) -> None:
    path.write_text("the 1 1\nplain 2 2\nrare 3 3\n")
    vocabulary = make_vocabulary({"the": 6, "plain": 2, "rare": 1, "odd": 1}, vocab_size=3, oov="last_id")
    matrix, coverage = embed_vocabulary(vocabulary, path, Embed())
    assert matrix.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert (coverage.found, coverage.vocabulary_coverage, coverage.token_coverage) == (2, 1.0, 0.8)


def test_special_rows_stay_zero_though_glove_has_their_names(path: Path) -> None:
    path.write_text("<unk> 9 9\n<pad> 9 9\n<start> 9 9\nthe 1 2\n")
    matrix, _ = embed_vocabulary(make_vocabulary({"the": 1}, bos=True), path, Embed())
    assert matrix.tolist() == [[0, 0], [0, 0], [0, 0], [1, 2]]


@functools.lru_cache(maxsize=None)
def make_big_glove() -> str:
    """Make 5,000 lines as GloVe's are, more than is read at once: words of any script, some twice."""
    random = np.random.Generator(np.random.PCG64(5))
    lines = []
    for i in range(5000):
        word = "".join(random.choice(list("abcé日.'-\u0085\u00a0\U0001f600"), random.integers(1, 4)))
        lines.append(f"{word if i % 2 else i} " + " ".join(f"{x:.5g}" for x in random.normal(size=25)) + "\n")
    return "".join(lines)


def read_all(content: str) -> dict[str, np.ndarray]:
    """Read a GloVe file the obvious way: all of it, into a dictionary."""
    vectors: dict[str, np.ndarray] = {}
    for line in content.split("\n")[:-1]:
        word, *numbers = line.split(" ")
        vectors.setdefault(word, np.array([float(x) for x in numbers]))
    return vectors


def test_words_that_begin_alike_are_told_apart(path: Path) -> None:
    words = [letter * length for length in range(1, 20) for letter in ("a", "\0")]
    words += ["aaaaaaab", "aaaaaaaab", "a\0", "é日é日", "é日é"]
    lines = [f"{word} {number}\n" for number, word in enumerate(words, 1)]
    for wanted in words:  # the last lines end within 8 bytes of the file's end
        matrix, coverage = embed(path, "".join(lines[::-1]), {wanted: 1})
        assert matrix[2:].tolist() == [[words.index(wanted) + 1]]
        assert (coverage.lines, coverage.found, coverage.skipped) == (len(words), 1, {})


@pytest.mark.parametrize("packed", [False, True])
def test_matrix_equals_that_of_a_dictionary_of_all_lines(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "glove.txt"
    path.write_bytes(make_big_glove().encode("utf-8"))
    vectors = read_all(make_big_glove())
    assert 2500 < len(vectors) < 5000
    words = [*sorted(vectors)[::3], "none", "of", "these"]
    if packed:
        with zipfile.ZipFile(tmp_path / "glove.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, "glove.25d.txt")
        path = tmp_path / "glove.zip"
    vocabulary = make_vocabulary(dict.fromkeys(words, 1))
    matrix, coverage = embed_vocabulary(vocabulary, path, Embed())
    assert matrix.shape == (len(words) + 2, 25)
    for word in words:
        assert np.isclose(matrix[vocabulary.id(word)], vectors.get(word, np.zeros(25)), rtol=1e-6, atol=0).all()
    assert (coverage.lines, coverage.found) == (5000, len(words) - 3)
    assert set(coverage.skipped) == {"a word that came before"}


def test_memory_does_not_grow_with_the_file(path: Path) -> None:
    numbers = b" 0.12345" * 50 + b"\n"
    path.write_bytes(b"the" + numbers + b"".join(b"%d" % i + numbers for i in range(20_000)))
    vocabulary = make_vocabulary({"the": 1})
    assert path.stat().st_size > 8e6
    tracemalloc.start()
    try:
        embed_vocabulary(vocabulary, path, Embed())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2.5e6


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("cat 7 8", "fewer numbers than the first line"),
        ("cat", "fewer numbers than the first line"),
        ("cat ", "fewer numbers than the first line"),
        ("dog 7 8", "fewer numbers than the first line"),
        ("", "fewer numbers than the first line"),
        ("cat 7 8 9 10", "more numbers than the first line"),
        ("dog 7 8 9 10", "more numbers than the first line"),
        ("cat 7 eight 9", "something else than a number"),
        ("cat 7 8 9\ufffd", "something else than a number"),
        ("cat 7 1_0 9", "something else than a number"),  # float("1_0") is 10
        ("cat 7 8 _9", "something else than a number"),
        ("cat\t7\teight\t9", "something else than a number"),
        ("cat 7 nan 9", "a number that is not finite"),
        ("cat 7 8 inf", "a number that is not finite"),
        ("cat -Infinity 8 9", "a number that is not finite"),
        ("cat 7 1e39 9", "a number that is not finite"),  # finite, but not as float32
        ("cat and dog 7 8 9", "a word with blanks in it"),
        ("cat cat 7 8 9", "a word with blanks in it"),
        ("at name@domain.com 7 8 9", "a word with blanks in it"),
        ("the 7 8 9", "a word that came before"),
        ("the 7 8", "a word that came before"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_bad_line_is_left_out_counted_and_not_in_the_way(path: Path, line: str, problem: str, end: str) -> None:
    content = end.join(["the 0.5 1 2", line, "cat 1 2 3", ""])
    matrix, coverage = embed(path, content, {"the": 2, "cat": 1})
    assert matrix[2:].tolist() == [[0.5, 1, 2], [1, 2, 3]]
    assert coverage.skipped == {problem: {"lines": 1, "first": 2}}
    assert coverage.lines == 3


def test_word_with_blanks_does_not_take_the_place_of_its_first_part(path: Path) -> None:
    matrix, coverage = embed(path, "the 1 2 3\n. . . 7 8 9\n. 4 5 6\n.. . 7 8 9\n", {"the": 1, ".": 1})
    assert matrix[2:].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert coverage.skipped == {"a word with blanks in it": {"lines": 2, "first": 2}}


@pytest.mark.parametrize("more", [2**8, 2**16, 2**18])
def test_line_with_numbers_beyond_any_count_is_left_out(path: Path, more: int) -> None:
    _, coverage = embed(path, f"the 1 2\nodd{' 0' * (2 + more)}\ncat 3 4\n")
    assert coverage.skipped == {"more numbers than the first line": {"lines": 1, "first": 2}}
    assert (coverage.found, coverage.lines) == (2, 3)


def test_bad_lines_are_counted_by_kind_with_the_first_of_each(path: Path) -> None:
    _, coverage = embed(path, "the 1 2\ncat x 1\ndog 1\ncat y 1\nthe 3 4\nthe 5\n")
    assert coverage.skipped == {
        "something else than a number": {"lines": 2, "first": 2},
        "fewer numbers than the first line": {"lines": 1, "first": 3},
        "a word that came before": {"lines": 2, "first": 5},
    }


@pytest.mark.parametrize(
    "content",
    [
        "the 1 2\ncat 3 4",  # no newline at the end
        "the 1 2\r\ncat 3 4\r\n",
        "the 1 2 \ncat 3 4 \n",
        "the 1 2  \r\ncat 3 4\t\n",
        "the  1  2\ncat  3  4\n",
        "the 1 2\ncat 3.0e+00 +4.\n",
        "the\t1\t2\ncat\t3\t4\n",
        "the 1\t2\ncat\t3 4\r\n",
    ],
)
def test_blanks_and_line_ends_do_not_matter(path: Path, content: str) -> None:
    matrix, coverage = embed(path, content, {"the": 2, "cat": 1})
    assert matrix[2:].tolist() == [[1, 2], [3, 4]]
    assert (coverage.dim, coverage.lines, coverage.skipped) == (2, 2, {})


def test_header_gives_the_dimension_and_no_vector(path: Path) -> None:
    matrix, coverage = embed(path, "2 3\ncat 1 2 3\n2 4 5 6\n", {"cat": 1, "2": 1})
    assert matrix[2:].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert (coverage.dim, coverage.skipped) == (3, {"a header": {"lines": 1, "first": 1}})


def test_file_without_any_of_the_words_is_refused_with_the_coverage(path: Path) -> None:
    with pytest.raises(PipelineError) as caught:
        embed(path, "dog 1 2\nbird 3\ncat nan 1\n")
    assert str(caught.value) == (
        f"{path}: 3 lines of 2 numbers; 0 words found, 0.00% of the vocabulary, 0.00% of the tokens\n"
        f"{path}: 1 lines left out: fewer numbers than the first line (the first is line 2)\n"
        f"{path}: 1 lines left out: a number that is not finite (the first is line 3)\n"
        f"{path}: holds none of the vocabulary's 6 words"
    )


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "b''"),
        (b"\n", "b'\\n'"),
        (b"the\n", "b'the\\n'"),
        (b"the cat sat on the mat\n", "b'the cat sat on the mat\\n'"),
        (b"\x00\x01\x02" * 100_000, "b'\\x00\\x01"),
        (b"the" + b" 1" * 100_000, "b'the 1 1 1"),  # no end of line in sight
        (b"<!DOCTYPE html>\n<p>404</p>\n", "b'<!DOCTYPE html>"),
    ],
)
def test_file_that_is_not_glove_is_refused_with_its_first_line(path: Path, content: bytes, found: str) -> None:
    message = re.escape(f"{path}, line 1: expected a word and its numbers, found {found}")
    with pytest.raises(PipelineError, match=f"^{message}") as caught:
        embed(path, content)
    assert len(str(caught.value)) < 600


def test_junk_behind_a_sound_beginning_is_left_out(path: Path) -> None:
    junk = np.random.Generator(np.random.PCG64(3)).integers(0, 256, 50_000).astype(np.uint8).tobytes()
    matrix, coverage = embed(path, b"the 1 2 3 4\n" + junk + b"\ncat 5 6 7 8\n", {"the": 1, "cat": 1})
    assert matrix[2:].tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    # A line of a word that nobody asked for passes for sound if it has as many blanks.
    assert 100 < sum(entry["lines"] for entry in coverage.skipped.values()) <= coverage.lines - 2


@pytest.mark.parametrize("name", ["glove.txt", "glove.zip", "."])
def test_missing_file_is_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        PipelineError,
        match=r": no such file; fetch GloVe with: sentiment fetch_data glove .* \(--vectors FILE; vectors=",
    ):
        embed_vocabulary(make_vocabulary(WORDS), tmp_path / name, Embed())


def make_zip(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name if "/" in name else name.replace("_", "."), content)
    return path


def test_zip_with_one_text_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "glove.zip", README_md="the 9 9 9", glove_3d_txt=SIX_LINES)
    matrix, coverage = embed_vocabulary(make_vocabulary(WORDS), path, Embed())
    expected, _ = embed(tmp_path / "glove.txt", SIX_LINES)
    assert np.array_equal(matrix, expected)
    assert (coverage.file, coverage.lines, coverage.dim) == (f"{path}:glove.3d.txt", 6, 3)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["glove.txt", "glove.zip"]


PACK: Dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("kind", [*PACK, ".ZIP"])
def test_packed_file_is_read_as_it_is(tmp_path: Path, kind: str) -> None:
    content = make_big_glove().encode()
    path = tmp_path / f"glove.txt{kind}"
    if kind in PACK:
        path.write_bytes(PACK[kind](content))
    else:
        make_zip(path, GLOVE_TXT=make_big_glove(), **{"__MACOSX/._GLOVE.TXT": "junk"})
    words = dict.fromkeys([*sorted(read_all(make_big_glove()))[::3], "none"], 1)
    matrix, coverage = embed_vocabulary(make_vocabulary(words), path, Embed())
    expected, plain = embed(tmp_path / "glove.txt", content, words)
    assert (matrix == expected).all()
    assert (coverage.lines, coverage.found, coverage.skipped) == (5000, plain.found, plain.skipped)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(PipelineError, match=rf"glove\.txt\{kind}: a damaged .* file \(.+\); fetch it again$"):
        embed_vocabulary(make_vocabulary(words), path, Embed())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be"])
def test_file_in_utf16_is_refused_with_what_to_do(path: Path, encoding: str) -> None:
    with pytest.raises(PipelineError) as caught:
        embed(path, SIX_LINES.encode(encoding))
    told = encoding.upper()
    assert str(caught.value) == f"{path}: {told}; convert it: iconv -f {encoding} -t utf-8 OLD > NEW"


def test_first_line_with_an_underscore_in_a_number_is_refused(path: Path) -> None:
    with pytest.raises(PipelineError, match=r"line 1: expected a word and its numbers, found b'the 1 2_0"):
        embed(path, "the 1 2_0\n")
    matrix, _ = embed(path, "a_b 1 2\nthe 3 4\n", {"a_b": 2, "the": 1})
    assert matrix[2:].tolist() == [[1, 2], [3, 4]]  # a word may have them


def test_zip_with_several_files_asks_which(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "glove.zip", b_txt="the 2 2 2\n", a_txt="the 1 1\n", c_csv="the 3\n")
    for member in ("", "c.csv", "A.txt"):
        with pytest.raises(PipelineError, match=r"which file\? Name it with embed\.member; there are: a\.txt, b\.txt$"):
            embed_vocabulary(make_vocabulary(WORDS), path, Embed(member=member))
    assert embed_vocabulary(make_vocabulary(WORDS), path, Embed(member="a.txt"))[0][2].tolist() == [1, 1]
    assert embed_vocabulary(make_vocabulary(WORDS), path, Embed(member="b.txt"))[0][2].tolist() == [2, 2, 2]


def test_zip_without_a_text_file_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "glove.zip", README_md="the 9 9 9")
    with pytest.raises(PipelineError, match=r"glove\.zip: which file\? .*there are: none$"):
        embed_vocabulary(make_vocabulary(WORDS), path, Embed())


@pytest.mark.parametrize("damage", ["cut", "flipped", "overwritten", "beginning", "empty", "text"])
@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_damaged_zip_is_refused(tmp_path: Path, damage: str, compression: int) -> None:
    path = tmp_path / "glove.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("glove.txt", make_big_glove())
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    if damage == "cut":
        content = content[:half]
    elif damage == "flipped":
        content[half] ^= 0x10
    elif damage == "overwritten":
        content[half : half + 5000] = bytes(5000)
    elif damage == "beginning":
        content[30 + len("glove.txt")] = 0xFF  # the first byte behind the header: no such kind of block
    else:
        content = bytearray(b"" if damage == "empty" else b"the 1 2 3\n")
    path.write_bytes(content)
    with pytest.raises(PipelineError, match=r"glove\.zip: a damaged zip file \(.+\); fetch it again"):
        embed_vocabulary(make_vocabulary({"1": 1, "2": 1, "4": 1}), path, Embed())


@pytest.mark.parametrize("kind", ["encrypted", "unknown method", "bzip2", "lzma", "far away"])
def test_zip_of_another_kind_is_refused(tmp_path: Path, kind: str) -> None:
    compression = {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}.get(kind, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(tmp_path / "glove.zip", "w", compression) as archive:
        archive.writestr("glove.txt", SIX_LINES * 20)
    content = bytearray((tmp_path / "glove.zip").read_bytes())
    listed = content.rindex(b"PK\1\2")
    if kind == "encrypted":
        content[6], content[listed + 8] = 1, 1
    elif kind == "unknown method":
        content[8], content[listed + 10] = 97, 97
    elif kind == "far away":
        content[-6:-2] = b"\xff\xff\xff\x7f"  # where the list of members is said to be
    else:
        content[52] ^= 0x55
    (tmp_path / "glove.zip").write_bytes(content)
    with pytest.raises(PipelineError, match=r"glove\.zip: a damaged zip file \(.+\); fetch it again"):
        embed_vocabulary(make_vocabulary(WORDS), tmp_path / "glove.zip", Embed())


@pytest.mark.parametrize("header", ["2 5000000000", "2 99999999999999999999999999", "2 0", "2 " + "9" * 5000])
def test_header_of_no_sensible_width_is_refused(path: Path, header: str) -> None:
    with pytest.raises(PipelineError, match=r"glove\.txt, line 1: expected a header of 1 to 65536 numbers, found b'2 "):
        embed(path, f"{header}\nthe 1 2\n")


def test_byte_order_mark_is_no_part_of_the_first_word(path: Path) -> None:
    assert embed(path, "\ufeffthe 1 2\ncat 3 4\n")[0][2:4].tolist() == [[1, 2], [3, 4]]
    matrix, coverage = embed(path, "\ufeff2 2\nthe 1 2\ncat 3 4\n")
    assert matrix[2:4].tolist() == [[1, 2], [3, 4]]
    assert coverage.skipped == {"a header": {"lines": 1, "first": 1}}


def test_bomb_in_a_zip_is_refused_in_little_memory(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "glove.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("glove.txt", b"the 1 2\n" + bytes(50_000_000))  # 50 kB in the zip
    tracemalloc.start()
    try:
        with pytest.raises(PipelineError, match=r"glove\.txt, line 2: a line without an end; not a file of word"):
            embed_vocabulary(make_vocabulary(WORDS), tmp_path / "glove.zip", Embed())
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


def test_random_embedding_is_uniform_and_the_same_twice() -> None:
    vocabulary = make_vocabulary({f"w{i}": 1 for i in range(998)})
    matrix = random_embedding(vocabulary, 40, seed=3)
    assert (matrix.shape, matrix.dtype) == ((1000, 40), np.float32)
    assert -0.05 <= matrix.min() < -0.0499
    assert 0.0499 < matrix.max() <= 0.05
    assert abs(matrix.mean()) < 0.0005
    assert matrix.std() == pytest.approx(0.1 / 12**0.5, rel=0.01)
    assert np.array_equal(matrix, random_embedding(vocabulary, 40, seed=3))
    assert (matrix == random_embedding(vocabulary, 40, seed=4)).mean() < 0.01


def test_embedding_is_gloves_vectors_and_beside_them_learnt_ones(path: Path) -> None:
    path.write_text(SIX_LINES, encoding="utf-8")
    vocabulary = make_vocabulary(WORDS)
    ids = vocabulary.encode(["the", "cat", "the", "naïve", "cat"])
    encoded = Encoded(ids, np.array([0, 3, 5]), *(np.zeros(2, np.int8) for _ in range(3)))
    recipe = Recipe("learned", embed=Embed(ppmi_dim=2))
    matrix, coverage = make_embedding(vocabulary, encoded, path, recipe)
    assert coverage is not None
    assert coverage.found == 4
    assert (matrix[:, :3] == embed_vocabulary(vocabulary, path, Embed())[0]).all()
    assert matrix.shape == (8, 5)
    assert matrix[:, 3:].std() == pytest.approx(matrix[:, :3].std(), rel=1e-4)
    assert matrix[2, 3:].any()
    assert not matrix[4, 3:].any()  # "." is in no review

    alone, nothing = make_embedding(vocabulary, encoded, path, override(recipe, ["embed.ppmi_dim=0", "embed.vectors="]))
    assert nothing is None
    assert (alone == random_embedding(vocabulary, 50, 0)).all()


def test_embedding_of_reviews_of_one_word_each_has_nothing_to_learn(path: Path) -> None:
    path.write_text(SIX_LINES, encoding="utf-8")
    vocabulary = make_vocabulary(WORDS)
    encoded = Encoded(np.array([2, 3]), np.array([0, 1, 2]), *(np.zeros(2, np.int8) for _ in range(3)))
    matrix, _ = make_embedding(vocabulary, encoded, path, Recipe("learned", embed=Embed(ppmi_dim=12)))
    assert matrix.shape == (8, 15)  # more numbers than ids
    assert not matrix[:, 3:].any()


def test_normalize_vectors_gives_mean_0_and_variance_1_over_the_tokens() -> None:
    vocabulary = make_vocabulary({"the": 3, "cat": 1, "odd": 5})
    matrix = np.array([[0, 0], [0, 0], [1, 4], [5, 2], [0, 0]], np.float32)  # <pad>, <unk>, the, cat, odd
    found = normalize_vectors(matrix, vocabulary)
    root = 3**0.5  # of the values 1, 1, 1, 5: mean 2, deviation root 3
    expected = np.array([[0, 0], [0, 0], [-1 / root, 1 / root], [root, -root], [0, 0]])
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.dtype == np.float32


def test_normalize_vectors_leaves_zeros_alone() -> None:
    vocabulary = make_vocabulary({"the": 3, "cat": 1})
    assert not normalize_vectors(np.zeros((4, 2), np.float32), vocabulary).any()
