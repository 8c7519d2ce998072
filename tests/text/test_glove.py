from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.embed import embed_vocabulary
from pipeline.errors import PipelineError
from pipeline.recipe import Embed, Index
from pipeline.text import glove
from pipeline.text.glove import VectorFinder, read_pieces, read_shape
from pipeline.text.vocabulary import Vocabulary

quickly = settings(derandomize=True, deadline=None, max_examples=200)
lines = st.lists(st.sampled_from([b"a 1 2", b"bc 3 4\r", b"", b"odd", b"long 5 6.0000000000"]), min_size=1, max_size=20)


@quickly
@given(lines, st.booleans(), st.integers(1, 30), st.integers(8, 40))
@example([b"\xef\xbb\xbfa 1 2", b"b 1 2"], True, 5, 8)
@example([b"a 1 2"] * 5, True, 6, 12)  # every piece ends with a line
def test_every_line_is_in_the_piece_where_it_begins(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ended: bool, piece: int, block: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(b"\n".join([b"first 0 0", *lines]) + b"\n" * ended)
    with pytest.MonkeyPatch.context() as patch, open(path, "rb") as file:
        patch.setattr(glove, "_PIECE", piece)
        patch.setattr(glove, "_BLOCK", block)
        read_shape("any", file)
        pieces = [list(piece()) for piece in read_pieces(path, file.tell(), path.stat().st_size)]
    assert b"".join(b"".join(blocks) for blocks in pieces) == path.read_bytes()
    assert all(block.endswith(b"\n") for blocks in pieces for block in blocks[:-1])


def test_lines_found_are_those_of_wanted_words_and_odd_ones() -> None:
    finder = VectorFinder({b"a": 3, b"b": 1}, 2)
    found = finder(lambda: iter([b"a 1 2\nc 0 0\n", b"b 1 x\nd 0 0 0\na 5 6"]))
    assert (found.size, found.lines, found.endless) == (12 + 19, 5, False)
    assert (found.positions, found.rows) == ([0, 2, 3, 4], [3, 1, -1, 3])
    assert found.problems == ["", "something else than a number", "more numbers than the first line", ""]
    assert found.vectors.tolist() == [[1, 2], [5, 6]]


def test_piece_without_a_line_of_interest_has_no_vector() -> None:
    found = VectorFinder({b"a": 0}, 2)(lambda: iter([b"b 1 2\n"]))
    assert (found.lines, found.positions, found.vectors.shape) == (1, [], (0, 2))


CONTENT = "6 3\n" + "".join(f"w{i % 90} {i} 1 2\n" for i in range(200)) + "of two 1 2 3\nw95 1 2\nw96 1 2 3"


@pytest.mark.parametrize("cores", [1, 2])
def test_pieces_and_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    path = tmp_path / "glove.txt"
    path.write_text(CONTENT)
    vocabulary = Vocabulary([f"w{i}" for i in range(0, 100, 3)], [1] * 34, Index())
    matrix, coverage = embed_vocabulary(vocabulary, path, Embed())
    assert coverage.skipped == {
        "a header": {"lines": 1, "first": 1},
        "a word that came before": {"lines": 30 + 7, "first": 92},
        "a word with blanks in it": {"lines": 1, "first": 202},
        "fewer numbers than the first line": {"lines": 1, "first": 203},
    }
    monkeypatch.setattr(glove, "_PIECE", 37)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    again, coverage_again = embed_vocabulary(vocabulary, path, Embed())
    assert (again == matrix).all()
    assert coverage_again == coverage


def test_line_without_an_end_is_named_by_its_number_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("a 1 2\n" * 100 + "b 1 " + "1" * 5000 + "\na 1 2\n")
    monkeypatch.setattr(glove, "_PIECE", 200)
    monkeypatch.setattr(glove, "_LONGEST", 1000)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})  # another process would have the limit as it is
    with pytest.raises(PipelineError, match=r"glove\.txt, line 101: a line without an end; not a GloVe file$"):
        embed_vocabulary(Vocabulary(["a"], [1], Index()), path, Embed())


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
    found = VectorFinder({b"a": 0, b"b": 1, b"c": 2}, 2)(lambda: iter([b"a 1 2\nb 1 1e99\nc 5 6\n"]))
    assert found.problems == ["", "a number that is not finite", ""]
    assert found.vectors.tolist() == [[1, 2], [5, 6]]


def test_file_that_is_cut_off_while_it_is_read_ends_there(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_text("a 1 2\n")
    assert [list(lines()) for lines in read_pieces(path, 0, 500)] == [[b"a 1 2\n"]]
