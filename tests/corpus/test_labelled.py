"""Labelled texts from tables and folders, the ugly ones too."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import List

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.corpus.labelled import parse_label_map, read_labelled
from pipeline.errors import PipelineError
from pipeline.io.tables import Format

BOTH = [("Great fun.", 1, ()), ("A bore.", 0, ())]


def test_csv_has_its_labels_in_any_common_way(tmp_path: Path) -> None:
    labels = ["positive", "NEG", " 1 ", "0.0", "True", "false", "pos", "Negative"]
    lines = "".join(f"{label},film {row}\n" for row, label in enumerate(labels))
    (tmp_path / "a.csv").write_text(f"stars,review\n{lines}")
    found = list(read_labelled(tmp_path / "a.csv", "review", "stars"))
    assert [label for _, label, _ in found] == [1, 0, 1, 0, 1, 0, 1, 0]
    assert found[0].text == "film 0"


@pytest.mark.parametrize(("positive", "negative"), [("1", "0"), ("true", "false"), ("1.0", "0.0"), ('"pos"', '"neg"')])
def test_jsonl_has_numbers_and_truth_values_too(tmp_path: Path, positive: str, negative: str) -> None:
    content = f'{{"label": {positive}, "text": "Great fun."}}\n{{"text": "A bore.", "label": {negative}}}\n'
    (tmp_path / "a.jsonl").write_text(content)
    assert list(read_labelled(tmp_path / "a.jsonl", "text", "label")) == BOTH


@pytest.mark.parametrize(
    ("labels", "given"),
    [
        (["4", "0"], "4=pos,0=neg"),  # Sentiment140
        (["1", "-1"], "1=pos,-1=neg"),
        (["2", "1"], "2=positive, 1=negative"),  # Yelp, Amazon: "1" is not what it is without a map
        (["4.0", "0.0"], "4=1,0=0"),
        (["LABEL_1", "LABEL_0"], "LABEL_1=pos,label_0=neg"),
        (["a=b", "c"], "a=b=pos,c=neg"),
    ],
)
def test_labels_mean_what_the_map_says(tmp_path: Path, labels: List[str], given: str) -> None:
    (tmp_path / "a.csv").write_text(f"text,label\nGreat fun.,{labels[0]}\nA bore.,{labels[1]}\n")
    assert list(read_labelled(tmp_path / "a.csv", "text", "label", labels=parse_label_map(given))) == BOTH


@pytest.mark.parametrize("given", ["", "4", "4=pos,", "4=good", "=pos", "4=pos,4=neg", "4=pos,4.0=pos"])
def test_label_map_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(PipelineError, match=r"^--label-map .*: expected (each label once|names among)"):
        parse_label_map(given)


def test_unknown_label_is_told_with_all_there_are_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"fine,{label}\n" for label in (1, 5, 2, 2, 3)))
    with pytest.raises(PipelineError) as caught:
        list(read_labelled(tmp_path / "a.csv", "text", "label"))
    assert str(caught.value) == (
        f"{tmp_path / 'a.csv'}, row 2: label: expected positive or negative, pos or neg, 1 or 0, found '5'; "
        "there are '1', '2', '3', '5': say what they mean, such as --label-map \"5=pos,1=neg\""
    )
    with pytest.raises(PipelineError, match=r"row 1: label: expected one of 5, 4, found '1'; .*: name the classes of"):
        list(read_labelled(tmp_path / "a.csv", "text", "label", labels=parse_label_map("5=pos,4=neg")))


def test_classes_besides_negative_and_positive_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"fine,{label}\n" for label in ("pos", "neg", "neutral")))
    with pytest.raises(PipelineError, match=r"row 3: .* found 'neutral'; .* or take their rows out of the table$"):
        list(read_labelled(tmp_path / "a.csv", "text", "label"))


def test_labels_take_no_underscores(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\nfine,0_1\n")
    with pytest.raises(PipelineError, match=r"row 1: label: .* found '0_1'"):
        list(read_labelled(tmp_path / "a.csv", "text", "label"))


def test_fasttext_has_its_labels_before_the_texts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("__label__pos Great fun.\n\n__label__neg\tA bore.\n")
    assert list(read_labelled(tmp_path / "a.txt", "text", "label")) == BOTH
    (tmp_path / "a.train").write_text("__label__2 Great fun.\n__label__1 A bore.\n")
    labels = parse_label_map("__label__2=pos,1=neg")
    assert list(read_labelled(tmp_path / "a.train", "", "", Format("fasttext"), labels)) == BOTH
    for line, problem in (
        ("none here", "label: .* found none"),
        ("__label__pos __label__neg two", r"2 labels \(pos, neg\); expected one"),
    ):
        (tmp_path / "a.train").write_text(line)
        with pytest.raises(PipelineError, match=f"a.train, row 1: {problem}"):
            list(read_labelled(tmp_path / "a.train", "", "", Format("fasttext")))


def test_folder_leaves_out_what_is_no_review(tmp_path: Path) -> None:
    for name, text in (("pos/b.TXT", "Great fun."), ("neg/a.txt", "A bore.")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(text.encode("utf-16"))
    (tmp_path / "pos/._b.txt").write_bytes(b"\0\5\x16\7")
    (tmp_path / "pos/gone.txt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "neg/pipe.txt")  # would be waited for
    assert list(read_labelled(tmp_path, "text", "label")) == BOTH


def test_folder_is_read_in_the_encoding_that_is_given(tmp_path: Path) -> None:
    for kind in ("pos", "neg"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "1.txt").write_bytes("un café".encode("latin-1"))
    found = read_labelled(tmp_path, "text", "label", Format(encoding="latin-1"))
    assert list(found) == [("un café", 1, ()), ("un café", 0, ())]
    with pytest.raises(PipelineError, match="a folder of reviews takes no option of a table but --encoding"):
        read_labelled(tmp_path, "text", "label", Format(header=False))


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
    with pytest.raises(PipelineError, match=r"neg/a\.txt: not UTF-8 text \(byte 2 is 0xe9\); convert it"):
        list(read_labelled(tmp_path, "text", "label"))
    (tmp_path / "neg/a.txt").unlink()
    with pytest.raises(PipelineError, match=r"neg: no \.txt files; expected one file per review$"):
        list(read_labelled(tmp_path, "text", "label"))


def test_standard_input_is_read_as_it_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.BytesIO(b"text,label\nGreat fun.,1\nA bore.,0\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given))
    assert list(read_labelled(Path("-"), "text", "label", Format("csv"))) == BOTH


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv",
            "text,label\nfine,1\nfine,4\n",
            r"a\.csv, row 2: label: expected positive or .*, found '4'; there are",
        ),
        ("a.csv", "text,label\nfine,\n", r"a\.csv, row 1: label: .* found none$"),
        ("a.csv", "text,label\nfine\n", r"a\.csv, row 1: expected 2 fields, as in the header, found 1$"),
        (
            "a.csv",
            "text,sentiment\nfine,1\n",
            r"no column 'label'; found 'text', 'sentiment' \(--label-column\); if",
        ),
        ("a.csv", "review,label\nfine,1\n", r"no column 'text'; found 'review', 'label' \(--column\); if"),
        ("a.jsonl", '{"text": "fine", "label": null}', r"a\.jsonl, row 1: label: .* found none$"),
        ("a.jsonl", '{"text": "fine", "label": [1]}', r"a\.jsonl, row 1: label: .* found \[1\]; there are '\[1\]': .*"),
        ("a.jsonl", '{"text": null, "label": 1}', r"a\.jsonl, row 1: expected a text, found none$"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text": "a"}', r"a\.jsonl, row 2: no field 'label'$"),
        ("a.txt", "fine\n", r"a\.txt: plain text has no labels"),
    ],
)
def test_first_row_without_a_text_or_label_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(PipelineError, match=message):
        list(read_labelled(tmp_path / name, "text", "label"))


def test_lines_of_standard_input_have_no_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Great fun.\n")))
    with pytest.raises(PipelineError, match=r"^standard input: plain text has no labels; .*--input-format"):
        list(read_labelled(Path("-"), "text", "label"))
    with pytest.raises(PipelineError, match=r"nowhere\.csv: no such file"):
        read_labelled(Path("nowhere.csv"), "text", "label")
