from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest

from pipeline.embed import embed_vocabulary
from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Index
from pipeline.text.pretrained import lines
from pipeline.text.pretrained.lines import read_lines
from pipeline.text.pretrained.vectors import Vectors
from pipeline.text.vocabulary import Vocabulary


def read(content: bytes, row_of: dict[bytes, int], num_rows: int = 4) -> Vectors:
    return read_lines("any", io.BytesIO(content), row_of, num_rows)


def test_lines_of_wanted_words_are_read_and_odd_ones_counted() -> None:
    vectors = read(b"a 1 2\nc 0 0\nb 1 x\nd 0 0 0\na 5 6", {b"a": 3, b"b": 1})
    assert vectors.matrix.tolist() == [[0, 0], [0, 0], [0, 0], [1, 2]]
    assert vectors.found.tolist() == [False, False, False, True]
    assert vectors.lines == 5
    assert vectors.skipped == {
        "something else than a number": {"lines": 1, "first": 3},
        "more numbers than the first line": {"lines": 1, "first": 4},
        "a word that came before": {"lines": 1, "first": 5},
    }


def test_file_without_a_wanted_word_has_no_vector() -> None:
    vectors = read(b"b 1 2\n", {b"a": 0}, num_rows=1)
    assert (vectors.lines, vectors.matrix.tolist(), vectors.found.tolist()) == (1, [[0, 0]], [False])


def test_first_line_may_be_that_of_a_wanted_word_behind_a_byte_order_mark() -> None:
    vectors = read(b"\xef\xbb\xbfa 1 2\nb 1 2\n", {b"a": 1})
    assert (vectors.lines, vectors.matrix[1].tolist(), vectors.skipped) == (2, [1, 2], {})


def test_lines_are_counted_to_the_end_of_a_long_file(tmp_path: Path) -> None:
    lines = "".join(f"w{i % 90} {i} 1 2\n" for i in range(200))
    (tmp_path / "glove.txt").write_text(f"6 3\n{lines}of two 1 2 3\nw95 1 2\nw96 1 2 3")
    vocabulary = Vocabulary([f"w{i}" for i in range(0, 100, 3)], [1] * 34, Index())
    matrix, coverage = embed_vocabulary(vocabulary, tmp_path / "glove.txt", Embed())
    assert coverage.skipped == {
        "a header": {"lines": 1, "first": 1},
        "a word that came before": {"lines": 30 + 7, "first": 92},
        "a word with blanks in it": {"lines": 1, "first": 202},
        "fewer numbers than the first line": {"lines": 1, "first": 203},
    }
    assert (coverage.lines, coverage.found) == (204, 31)
    assert matrix[[2, 3, 31, 32, 33, 34]].tolist() == [[0, 1, 2], [3, 1, 2], [87, 1, 2], [0] * 3, [0] * 3, [1, 2, 3]]


def test_line_without_an_end_is_named_by_its_number_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_LONGEST", 1000)
    content = b"a 1 2\n" * 100 + b"b 1 " + b"1" * 5000 + b"\na 1 2\n"
    with pytest.raises(PipelineError, match=r"^any, line 101: a line without an end; not a file of word vectors$"):
        read(content, {b"a": 0})


def test_odd_lines_under_a_wide_header_take_no_memory_each(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_bytes(b"9 60000\n" + b"xx\n" * 100_000)
    tracemalloc.start()
    try:
        with pytest.raises(PipelineError, match="100,000 lines left out: fewer numbers than the first line"):
            embed_vocabulary(Vocabulary(["a", "xx"], [1, 1], Index()), path, Embed())
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()


def test_number_that_is_not_finite_leaves_the_others_in_their_rows() -> None:
    vectors = read(b"a 1 2\nb 1 1e99\nc 5 6\n", {b"a": 0, b"b": 1, b"c": 2}, num_rows=3)
    assert vectors.skipped == {"a number that is not finite": {"lines": 1, "first": 2}}
    assert vectors.matrix.tolist() == [[1, 2], [0, 0], [5, 6]]
