"""Tables to train on, as people have them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, List, Optional, Tuple

import pandas as pd
import pytest

from pipeline.corpus.classes import SENTIMENT
from pipeline.corpus.labelled import Table
from pipeline.corpus.training_table import (
    find_classes,
    guess_columns,
    read_labelled_texts,
    read_labels,
    split_texts,
)
from pipeline.errors import PipelineError
from pipeline.io.tables import Format


def write(name: str, content: str, encoding: str = "utf-8") -> Path:
    Path(name).write_bytes(content.encode(encoding))
    return Path(name)


def test_table_of_kaggle() -> None:
    path = write("IMDB Dataset.csv", 'review,sentiment\n"Great, ""really"" great.<br />Yes.",positive\nBad.,negative\n')
    assert guess_columns(path) == ("review", "sentiment")
    found = read_labelled_texts(path, "review", "sentiment")
    assert found == (['Great, "really" great.<br />Yes.', "Bad."], [1, 0], SENTIMENT, [], [1, 2])


def test_sheet_of_excel_with_a_mark_and_semicolons() -> None:
    path = write("sheet.csv", "\ufeffComment;Category\r\nA goal!;Sport\r\nCafé crème;Food\r\nA draw;sport\r\n")
    assert guess_columns(path) == ("Comment", "Category")
    found = read_labelled_texts(path, "Comment", "Category")
    assert found.texts == ["A goal!", "Café crème", "A draw"]
    assert (found.classes, found.labels) == (("Food", "Sport"), [1, 0, 1])


def test_sentiment140_without_header_in_latin_1() -> None:
    line = '"{}","1","Mon Apr 06","NO_QUERY","me","{}"\n'
    path = write("train.csv", line.format(0, "d\xe9sol\xe9 :(") + line.format(4, "oh y\xe9s"), "latin-1")
    form = Format(encoding="latin-1", header=False)
    found = read_labelled_texts(path, "6", "1", form)
    assert (found.texts, found.classes, found.labels) == (["désolé :(", "oh yés"], ("0", "4"), [0, 1])
    assert read_labelled_texts(path, "6", "1", form, "4=pos,0=neg").classes == SENTIMENT


def test_json_lines_parquet_and_compressed_files() -> None:
    rows = [{"id": 1, "text": "A", "stars": 5}, {"id": 2, "text": "B", "stars": 1}, {"id": 3, "text": "C", "stars": 10}]
    path = write("rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    expected: Any = (["A", "B", "C"], [1, 0, 2], ("1", "5", "10"), [], [1, 2, 3])
    assert read_labelled_texts(path, *guess(path)) == expected
    Path("rows.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert read_labelled_texts(Path("rows.jsonl.gz"), *guess(Path("rows.jsonl.gz"))) == expected
    pd.DataFrame(rows).to_parquet("rows.parquet")
    assert read_labelled_texts(Path("rows.parquet"), *guess(Path("rows.parquet"))) == expected


def guess(path: Path) -> Tuple[str, str]:
    text, label = guess_columns(path)
    assert text
    assert label
    return text, label


def test_lines_of_fasttext() -> None:
    path = write("topics.txt", "__label__World a b\n__label__Sports c d\n")
    found = read_labelled_texts(path, "text", "label", Format(kind="fasttext"))
    assert found == (["a b", "c d"], [1, 0], ("Sports", "World"), [], [1, 2])


def test_folder_with_a_folder_for_each_class() -> None:
    for name, text in (("sad/1.txt", "oh no"), ("happy/1.txt", "yes"), ("happy/2.txt", "yay")):
        Path("mood", name).parent.mkdir(parents=True, exist_ok=True)
        Path("mood", name).write_text(text)
    assert read_labelled_texts(Path("mood"), "", "") == (
        ["yes", "yay", "oh no"],
        [0, 0, 1],
        ("happy", "sad"),
        [],
        ["happy/1.txt", "happy/2.txt", "sad/1.txt"],
    )
    Path("empty").mkdir()
    with pytest.raises(PipelineError, match="empty: no folders in it; expected one for each class"):
        read_labelled_texts(Path("empty"), "", "")


def test_none_may_be_a_class() -> None:
    found = read_labelled_texts(write("t.csv", "text,label\na,NONE\nnone,favor\n"), "text", "label")
    assert (found.texts, found.classes) == (["a", "none"], ("favor", "NONE"))


def test_rows_without_a_text_or_a_label_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    path = write("gaps.csv", "text,label\na,1\n,1\nb,NaN\nc,0.0\n  ,0\nd,\ne,1.0\n")
    found = read_labelled_texts(path, "text", "label")
    assert (found.texts, found.labels) == (["a", "c", "e"], [1, 0, 1])
    assert caplog.messages == ["gaps.csv: left out rows without a text or a label: 4 (rows 2, 3, 5, 6)"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["TRUE", "false"], SENTIMENT),
        (["Positive", "NEG"], SENTIMENT),
        (["10", "9", "1.0"], ("1", "9", "10")),
        (["-1", "0", "1"], ("-1", "0", "1")),
        (["b", "A", "a"], ("A", "b")),
        (["yes", "no"], ("no", "yes")),
    ],
)
def test_find_classes(labels: List[str], classes: Any) -> None:
    assert find_classes(labels, "table") == classes


@pytest.mark.parametrize(
    ("content", "label_map", "message"),
    [
        ("text,label\na,1\nb,1\n", None, "t.csv: expected labels of two to 1,000 classes, found 1: '1'; --label-col"),
        ("text,label\na,1\nb,1\n", "1=pos,0=neg,1=x", "--label-map 1=pos,0=neg,1=x: expected each label once"),
        ("text,label\na,1\nb,7\n", "1=pos,0=neg", "t.csv, row 2: label: expected one of 1, 0, found '7'"),
        ("text,label\na,1,2\nb,7\n", None, "t.csv, row 1: expected 2 fields, as in the header, found 3"),
        ("text,lable\na,1\nb,7\n", None, r"t.csv: no column 'label'; found 'text', 'lable' \(--label-column\)"),
        ("text,label\na,unsure\nb,sure\n", None, "t.csv: a class is called unsure, as predictions below"),
        ("text,label\n", None, "t.csv: expected labels of two to 1,000 classes, found 0: none"),
    ],
)
def test_what_is_wrong_is_named(content: str, label_map: Optional[str], message: str) -> None:
    path = write("t.csv", content)
    with pytest.raises(PipelineError, match=message):
        read_labelled_texts(path, "text", "label", label_map=label_map)


def test_labels_to_evaluate_on_must_be_known() -> None:
    path = write("t.csv", "text,label\na,cold\nb,hot\n")
    with pytest.raises(PipelineError, match=r"t\.csv, row 2: label: expected one of cold, warm, found 'hot'"):
        read_labelled_texts(path, "text", "label", classes=("cold", "warm"))
    assert read_labelled_texts(path, "text", "label", classes=("hot", "cold")).labels == [1, 0]


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("id,tweet,target", ("tweet", "target")),
        ("Review Text,Rating", ("Review Text", "Rating")),
        ("text,author,when", ("text", None)),
        ("a,b", (None, None)),
        ("title,text,label", ("text", "label")),
        ("Id,Review Text,Rating,Recommended", ("Review Text", "Rating")),
        ("reviewID,reviewText,starRating", ("reviewText", "starRating")),
        ("tweet_id,airline_sentiment,airline_sentiment_confidence,text", ("text", "airline_sentiment")),
        ("review_headline,review_body,star_rating,helpful_votes", ("review_body", "star_rating")),
        ("first text,second text,user score,critic score", (None, None)),
    ],
)
def test_guess_columns(header: str, columns: Tuple[Optional[str], Optional[str]]) -> None:
    assert guess_columns(write("t.csv", f"{header}\n1,2,3\n")) == columns


def test_labels_are_read_without_the_texts() -> None:
    path = write("t.csv", "text,label,by\na,B,x\nb,a,y\nc,b,x\n,a,z\nd,A,w\n")
    found = read_labels(Table(path))
    assert (found.ids.tolist(), found.ids.dtype, found.classes, found.groups) == (
        [1, 0, 1, 0],
        "int16",
        ("a", "B"),
        None,
    )
    groups = read_labels(Table(path, group_column="by")).groups
    assert groups is not None
    assert groups.tolist() == [1, 2, 1, 0]  # of w, x, y


def test_column_of_other_values_than_labels_is_refused_before_all_of_it_is_read() -> None:
    path = write("t.csv", "text,id\n" + "".join(f"word,{number}\n" for number in range(1002)) + "broken\n")
    message = (
        r"t\.csv: expected labels of two to 1,000 classes, found more than 1,000: '0', '1', '2'; --label-column names"
    )
    with pytest.raises(PipelineError, match=message):
        read_labels(Table(path, "text", "id"))


def test_text_or_label_in_another_encoding_is_told() -> None:
    for row in ("caf\xe9,food", "cafe,caf\xe9"):
        path = write("t.csv", f"text,label\na,b\n{row}\n", "latin-1")
        with pytest.raises(PipelineError, match=r"^t\.csv, row 2: not UTF-8 .*; name the encoding, such as --enc"):
            read_labels(Table(path))
        assert len(read_labels(Table(path, form=Format(encoding="latin-1"))).classes) == 2


def test_folder_takes_no_option_of_a_table() -> None:
    Path("mood/sad").mkdir(parents=True)
    with pytest.raises(PipelineError, match="mood: a folder of texts takes no option of a table but --encoding"):
        read_labels(Table(Path("mood"), group_column="author"))


def test_split_keeps_the_fractions_of_the_classes() -> None:
    path = write("t.csv", "text,label\n" + "".join(f"w{i},{'rare' if i % 10 == 0 else 'often'}\n" for i in range(100)))
    texts = read_labelled_texts(path, "text", "label")
    parts = split_texts(texts, 0.2, seed=0)
    assert {name: (len(part.texts), part.labels.count(1)) for name, part in parts.items()} == {
        "train": (80, 8),
        "held_out": (20, 2),
    }
    assert set(parts["train"].texts) | set(parts["held_out"].texts) == set(texts.texts)
    assert split_texts(texts, 0, seed=0) == {"train": texts}


def test_split_keeps_a_group_together() -> None:
    rows = "".join(f"w{i},{i % 2},author {i // 4}\n" for i in range(40))
    texts = read_labelled_texts(write("t.csv", f"text,label,by\n{rows}"), "text", "label", group_column="by")
    parts = split_texts(texts, 0.3, seed=1)
    assert len(parts["held_out"].texts) == 12
    assert not set(parts["train"].groups) & set(parts["held_out"].groups)


def test_split_of_too_few_texts_says_so() -> None:
    texts = read_labelled_texts(write("t.csv", "text,label\na,1\nb,0\n"), "text", "label")
    with pytest.raises(PipelineError, match=r"--held-out 0\.2: too few texts to split"):
        split_texts(texts, 0.2, seed=0)


def test_row_without_a_group_has_a_group_of_its_own() -> None:
    rows = ["a,pos,Ann", "b,neg,", "c,pos,nan", "d,neg,Ann", "e,pos, "]
    path = write("groups.csv", "text,label,author\n" + "\n".join(rows) + "\n")
    groups = read_labelled_texts(path, "text", "label", group_column="author").groups
    assert [groups.count(group) for group in groups] == [2, 1, 1, 2, 1]
    found = read_labels(Table(path, "text", "label", group_column="author")).groups
    assert found is not None
    assert [found.tolist().count(group) for group in found] == [2, 1, 1, 2, 1]
    assert found[0] == found[3]


@pytest.mark.parametrize("value", ["[1, 2]", '{"a": 1}', '["pos"]', "[]"])
def test_label_that_is_no_single_value_is_named(value: str) -> None:
    path = write("rows.jsonl", f'{{"text": "A", "label": "pos"}}\n{{"text": "B", "label": {value}}}\n')
    with pytest.raises(PipelineError, match=r"^rows\.jsonl, row 2: label: expected one, found [\[{]"):
        read_labelled_texts(path, "text", "label")


@pytest.mark.parametrize(
    ("header", "guessed"),
    [
        ("review,review", ("review", None)),
        ("label,label", (None, "label")),
        ("review,review,x", ("review", "x")),
        ("a,a", (None, None)),
    ],
)
def test_columns_of_one_name_are_no_traceback(header: str, guessed: tuple[str | None, str | None]) -> None:
    assert guess_columns(write("twice.csv", header + "\n1,2,3\n")) == guessed
