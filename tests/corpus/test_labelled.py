"""Labelled texts from tables and folders, the ugly ones too."""

from __future__ import annotations

import io
import os
import shlex
import sys
from pathlib import Path
from typing import List, Optional, Tuple

import pyarrow as pa
import pytest
from pyarrow import parquet

from pipeline.corpus.classes import SENTIMENT
from pipeline.corpus.labelled import (
    Labelled,
    Table,
    check_label_map,
    list_sentiment_folders,
    read_labelled,
    read_labelled_rows,
)
from pipeline.errors import PipelineError
from pipeline.io.tables import PLAIN, Format

BOTH = [("Great fun.", 1), ("A bore.", 0)]


def read(table: Table) -> List[Tuple[str, int]]:
    return [(row.text, row.label) for row in read_labelled(table, SENTIMENT)]


def read_folder(folder: Path, form: Format = PLAIN) -> List[Tuple[str, int]]:
    rows = read_labelled(Table(folder, form=form), SENTIMENT, folders=list_sentiment_folders(folder))
    return [(row.text, row.label) for row in rows]


def test_csv_has_its_labels_in_any_common_way(tmp_path: Path) -> None:
    labels = ["positive", "NEG", " 1 ", "0.0", "True", "false", "pos", "Negative"]
    lines = "".join(f"{label},film {row}\n" for row, label in enumerate(labels))
    (tmp_path / "a.csv").write_text(f"stars,review\n{lines}")
    found = list(read_labelled(Table(tmp_path / "a.csv", "review", "stars"), SENTIMENT))
    assert [row.label for row in found] == [1, 0, 1, 0, 1, 0, 1, 0]
    assert found[0] == Labelled("film 0", 1, (), 1, "\0001")


@pytest.mark.parametrize(("positive", "negative"), [("1", "0"), ("true", "false"), ("1.0", "0.0"), ('"pos"', '"neg"')])
def test_jsonl_has_numbers_and_truth_values_too(tmp_path: Path, positive: str, negative: str) -> None:
    content = f'{{"label": {positive}, "text": "Great fun."}}\n{{"text": "A bore.", "label": {negative}}}\n'
    (tmp_path / "a.jsonl").write_text(content)
    assert read(Table(tmp_path / "a.jsonl")) == BOTH


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
    assert read(Table(tmp_path / "a.csv", label_map=given)) == BOTH


@pytest.mark.parametrize(
    "given",
    ["", "4", "4=pos,", "4=good", "=pos", "4=pos,4=neg", "4=pos,4.0=pos", "4=pos\n0=neg", "4" * 200_000],
)
def test_label_map_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(PipelineError, match=r"^--label-map .*: expected (each label once|names among|one line)"):
        check_label_map(given, SENTIMENT)


def test_unknown_label_is_told_with_all_there_are_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"fine,{label}\n" for label in (1, 5, 2, 2, 3)))
    with pytest.raises(PipelineError) as caught:
        read(Table(tmp_path / "a.csv"))
    assert str(caught.value) == (
        f"{tmp_path / 'a.csv'}, row 2: label: expected positive or negative, pos or neg, 1 or 0, found '5'; "
        "there are '1', '2', '3', '5': say what they mean, such as --label-map 5=pos,1=neg"
    )
    with pytest.raises(PipelineError, match=r"row 1: label: expected one of 5, 4, found '1'; name its class with"):
        read(Table(tmp_path / "a.csv", label_map="5=pos,4=neg"))
    with pytest.raises(PipelineError, match=r"row 1: label: expected one of good, bad, found '1'; .*: name the cl"):
        list(read_labelled(Table(tmp_path / "a.csv"), ("good", "bad")))


def test_classes_besides_negative_and_positive_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\n" + "".join(f"fine,{label}\n" for label in ("pos", "neg", "neutral")))
    with pytest.raises(PipelineError, match=r"row 3: .* found 'neutral'; .* or take their rows out of the table$"):
        read(Table(tmp_path / "a.csv"))


def test_labels_take_no_underscores(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\nfine,0_1\n")
    with pytest.raises(PipelineError, match=r"row 1: label: .* found '0_1'"):
        read(Table(tmp_path / "a.csv"))


def test_fasttext_has_its_labels_before_the_texts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("__label__pos Great fun.\n\n__label__neg\tA bore.\n")
    assert read(Table(tmp_path / "a.txt")) == BOTH
    (tmp_path / "a.train").write_text("__label__2 Great fun.\n__label__1 A bore.\n")
    table = Table(tmp_path / "a.train", form=Format("fasttext"))
    assert read(table._replace(label_map="__label__2=pos,1=neg")) == BOTH
    (tmp_path / "a.train").write_text("none here")
    assert read(table) == []  # but a warning
    (tmp_path / "a.train").write_text("__label__pos __label__neg two")
    with pytest.raises(PipelineError, match=r"a.train, row 1: 2 labels \(pos, neg\); expected one"):
        read(table)


def test_folder_leaves_out_what_is_no_review(tmp_path: Path) -> None:
    for name, text in (("pos/b.TXT", "Great fun."), ("neg/a.txt", "A bore.")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(text.encode("utf-16"))
    (tmp_path / "pos/._b.txt").write_bytes(b"\0\5\x16\7")
    (tmp_path / "pos/gone.txt").symlink_to("nowhere")
    os.mkfifo(tmp_path / "neg/pipe.txt")  # would be waited for
    assert read_folder(tmp_path) == BOTH


def test_folder_is_read_in_the_encoding_that_is_given(tmp_path: Path) -> None:
    for kind in ("pos", "neg"):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "1.txt").write_bytes("un café".encode("latin-1"))
    assert read_folder(tmp_path, Format(encoding="latin-1")) == [("un café", 1), ("un café", 0)]
    with pytest.raises(PipelineError, match="a folder of texts takes no option of a table but --encoding"):
        read_folder(tmp_path, Format(header=False))
    with pytest.raises(PipelineError, match="a folder of texts takes no option of a table but --encoding"):
        list(read_labelled(Table(tmp_path), SENTIMENT, ["kind"]))


def test_parquet_is_read_whatever_its_columns_order(tmp_path: Path) -> None:
    table = pa.table({"label": [1, 0], "id": [7, 8], "text": ["Great fun.", "A bore."]})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert read(Table(tmp_path / "a.parquet")) == BOTH


def test_folder_has_its_labels_in_the_names_of_folders(tmp_path: Path) -> None:
    for name, text in (("pos/b.txt", "Great fun."), ("neg/a.txt", "\ufeffA bore."), ("neg/notes.md", "not this")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_folder(tmp_path) == BOTH
    (tmp_path / "neg/a.txt").write_bytes(b"ca\xe9")
    with pytest.raises(PipelineError, match=r"neg/a\.txt: not UTF-8 text \(byte 2 is 0xe9\); convert it"):
        read_folder(tmp_path)
    (tmp_path / "neg/a.txt").unlink()
    with pytest.raises(PipelineError, match=r"neg: no \.txt files; expected one file per review$"):
        read_folder(tmp_path)


def test_standard_input_is_read_as_it_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.BytesIO(b"text,label\nGreat fun.,1\nA bore.,0\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given))
    assert read(Table(Path("-"), form=Format("csv"))) == BOTH


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.csv",
            "text,label\nfine,1\nfine,4\n",
            r"a\.csv, row 2: label: expected positive or .*, found '4'; there are",
        ),
        ("a.csv", "text,label\nfine\n", r"a\.csv, row 1: expected 2 fields, as in the header, found 1$"),
        (
            "a.csv",
            "text,sentiment\nfine,1\n",
            r"no column 'label'; found 'text', 'sentiment' \(--label-column\); if",
        ),
        ("a.csv", "review,label\nfine,1\n", r"no column 'text'; found 'review', 'label' \(--column\); if"),
        ("a.jsonl", '{"text": "fine", "label": [1]}', r"a\.jsonl, row 1: label: expected one, found \[1\]"),
        ("a.jsonl", '{"text": "a", "label": 1}\n{"text": "a"}', r"a\.jsonl, row 2: no field 'label'$"),
        ("a.txt", "fine\n", r"a\.txt: plain text has no labels"),
    ],
)
def test_first_row_that_cannot_be_read_is_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(PipelineError, match=message):
        read(Table(tmp_path / name))


def test_lines_of_standard_input_have_no_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Great fun.\n")))
    with pytest.raises(PipelineError, match=r"^standard input: plain text has no labels; .*--input-format"):
        read(Table(Path("-")))
    with pytest.raises(PipelineError, match=r"nowhere\.csv: no such file"):
        read(Table(Path("nowhere.csv")))


def test_rows_without_a_text_or_a_label_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = ['{"text": null, "label": 1}', '{"text": "Great fun.", "label": 1}', '{"text": "x", "label": null}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    assert read(Table(tmp_path / "a.jsonl")) == BOTH[:1]
    (message,) = caplog.messages
    assert message.endswith("a.jsonl: left out rows without a text or a label: 2 (rows 1, 3)")


def test_folders_of_other_names_are_classes_too(tmp_path: Path) -> None:
    for name, text in (("Positive/1.txt", "Great fun."), ("negative/1.txt", "A bore.")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert read_folder(tmp_path) == BOTH
    (tmp_path / "unsup").mkdir()  # left alone
    (tmp_path / "unsup/1.txt").write_text("Not known.")
    assert read_folder(tmp_path) == BOTH
    with pytest.raises(PipelineError, match=r"unsup/1\.txt: label: expected positive or negative.*, found 'unsup'"):
        read(Table(tmp_path))


def test_files_of_a_folder_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name, text in (("pos/1.txt", "Great fun."), ("neg/1.txt", ""), ("neg/2.txt", "A bore.")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert [row.place for row in read_labelled_rows(Table(tmp_path))] == ["neg/2.txt", "pos/1.txt"]
    assert caplog.messages == [f"{tmp_path}: left out files without a text or a label: 1 (files neg/1.txt)"]


@pytest.mark.parametrize("group", ["by", None])
def test_every_column_must_be_readable(tmp_path: Path, group: Optional[str]) -> None:
    (tmp_path / "a.csv").write_bytes(b"text,label,by\nGreat fun.,1,x\nA bore.,0,sch\xf6n\n")
    table = Table(tmp_path / "a.csv", group_column=group)
    with pytest.raises(PipelineError, match=r"a\.csv, row 2: not UTF-8 text .*--encoding latin-1"):
        list(read_labelled(table, SENTIMENT, [] if group else ["by"]))


def test_labels_with_commas_can_be_mapped_as_the_message_says(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,label\nGreat fun.,"yes, very"\nA bore.,"no, not"\n')
    with pytest.raises(PipelineError) as caught:
        read(Table(tmp_path / "a.csv"))
    _, given = shlex.split(str(caught.value).partition("such as ")[2])
    assert given == '"yes, very=pos","no, not=neg"'
    assert read(Table(tmp_path / "a.csv", label_map=given)) == BOTH


def test_folder_of_aclimdb_has_folders_that_are_left_alone(tmp_path: Path) -> None:
    for name, text in (("pos/1.txt", "Great fun."), ("neg/1.txt", "A bore."), ("unsup/1.txt", "Not known.")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert read_folder(tmp_path) == BOTH


def test_rows_have_groups_and_further_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("kind,by,text,label\nidiom,ann,Great fun.,1\n,,A bore.,0\n")
    table = Table(tmp_path / "a.csv")
    assert [row[3:] for row in read_labelled_rows(table._replace(group_column="by"), ["kind"])] == [
        ("ann", ("idiom",)),
        ("\0002", ("",)),
    ]
    assert [row[3:] for row in read_labelled_rows(table, ["kind", "by"])] == [
        ("\0001", ("idiom", "ann")),
        ("\0002", ("", "")),
    ]
