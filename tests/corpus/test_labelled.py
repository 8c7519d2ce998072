"""Labelled texts from tables and folders, the ugly ones too."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.corpus.labelled import read_labelled
from pipeline.errors import PipelineError

BOTH = [("Great fun.", 1), ("A bore.", 0)]


def test_csv_has_its_labels_in_any_common_way(tmp_path: Path) -> None:
    labels = ["positive", "NEG", " 1 ", "0.0", "True", "false", "pos", "Negative"]
    lines = "".join(f"{label},film {row}\n" for row, label in enumerate(labels))
    (tmp_path / "a.csv").write_text(f"stars,review\n{lines}")
    found = list(read_labelled(tmp_path / "a.csv", "review", "stars"))
    assert [label for _, label in found] == [1, 0, 1, 0, 1, 0, 1, 0]
    assert found[0].text == "film 0"


@pytest.mark.parametrize(("positive", "negative"), [("1", "0"), ("true", "false"), ("1.0", "0.0"), ('"pos"', '"neg"')])
def test_jsonl_has_numbers_and_truth_values_too(tmp_path: Path, positive: str, negative: str) -> None:
    content = f'{{"label": {positive}, "text": "Great fun."}}\n{{"text": "A bore.", "label": {negative}}}\n'
    (tmp_path / "a.jsonl").write_text(content)
    assert list(read_labelled(tmp_path / "a.jsonl", "text", "label")) == BOTH


def test_parquet_is_read_whatever_its_columns_order(tmp_path: Path) -> None:
    table = pa.table({"label": [1, 0], "id": [7, 8], "text": ["Great fun.", "A bore."]})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert list(read_labelled(tmp_path / "a.parquet", "text", "label")) == BOTH


def test_folder_has_its_labels_in_the_names_of_folders(tmp_path: Path) -> None:
    for name, text in (("pos/b.txt", "Great fun."), ("neg/a.txt", "\ufeffA bore."), ("neg/notes.md", "not this")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert list(read_labelled(tmp_path, "text", "label")) == BOTH
    (tmp_path / "neg/a.txt").write_bytes(b"ca\xe9")
    with pytest.raises(PipelineError, match=r"neg/a\.txt: not UTF-8 text \(at character 3\)$"):
        list(read_labelled(tmp_path, "text", "label"))
    (tmp_path / "neg/a.txt").unlink()
    with pytest.raises(PipelineError, match=r"neg: no \.txt files there; expected reviews in .*/pos and .*/neg$"):
        list(read_labelled(tmp_path, "text", "label"))


def test_standard_input_is_read_as_it_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.BytesIO(b"text,label\nGreat fun.,1\nA bore.,0\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given))
    assert list(read_labelled(Path("-"), "text", "label", "csv")) == BOTH


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "text,label\nfine,1\nfine,4\n", r"a\.csv, row 2: label: expected positive or .*, found '4'$"),
        ("a.csv", "text,label\nfine,\n", r"a\.csv, row 1: label: .* found none$"),
        ("a.csv", "text,label\nfine\n", r"a\.csv, row 1: expected 2 fields, as in the header, found 1$"),
        ("a.csv", "text,sentiment\nfine,1\n", r"no column 'label'; there are 'text', 'sentiment' \(--label-column\)$"),
        ("a.csv", "review,label\nfine,1\n", r"no column 'text'; there are 'review', 'label' \(--column\)$"),
        ("a.jsonl", '{"text": "fine", "label": null}', r"a\.jsonl, row 1: label: .* found none$"),
        ("a.jsonl", '{"text": "fine", "label": [1]}', r"a\.jsonl, row 1: label: .* found \[1\]$"),
        ("a.jsonl", '{"text": null, "label": 1}', r"a\.jsonl, row 1: expected a text, found none$"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text": "a"}', r"a\.jsonl, row 2: no field 'label' in it$"),
        ("a.txt", "fine\n", r"a\.txt: lines of text have no labels"),
    ],
)
def test_first_row_without_a_text_or_label_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(PipelineError, match=message):
        list(read_labelled(tmp_path / name, "text", "label"))


def test_lines_of_standard_input_have_no_labels() -> None:
    with pytest.raises(PipelineError, match=r"^standard input: lines of text have no labels; .*--input-format"):
        read_labelled(Path("-"), "text", "label")
    with pytest.raises(PipelineError, match=r"nowhere\.csv: no such file"):
        read_labelled(Path("nowhere.csv"), "text", "label")
