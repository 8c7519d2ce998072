"""The command fit: from a table to a bundle that answers."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
from pathlib import Path
from typing import Any, Callable, List, Tuple

import pandas as pd
import pytest

import pipeline.train
from pipeline.cli.main import main
from pipeline.corpus.encoded import Encoded
from pipeline.errors import PipelineError
from pipeline.recipe import from_dict

WORDS = {"Food": "pizza soup salad", "Music": "song guitar choir", "Sport": "goal team match"}
SETTINGS = "embed.vectors= embed.dim=8 embed.ppmi_dim=0 network.hidden_size=8 train.learning_rate=0.05 train.epochs=8"
OPTIONS = [part for setting in SETTINGS.split() for part in ("--set", setting)]


@pytest.fixture
def table() -> str:
    """Return a sheet of three classes, with a row that has no label."""
    rows: List[List[str]] = [["Comment", "Category", "Author"]]
    for number in range(60):
        topic = sorted(WORDS)[number % 3]
        rows.append(
            [f"the {WORDS[topic].split()[number % 2]} and a {WORDS[topic].split()[2]}", topic, str(number // 6)]
        )
    with open("topics.csv", "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows([*rows, ["nothing", "", ""]])
    return "topics.csv"


def test_fit_trains_on_a_table_and_its_bundle_answers(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", *OPTIONS]) == 0
    out, err = capsys.readouterr()
    assert "topics.csv: --column Comment\ntopics.csv: --label-column Category\n" in err
    assert out.startswith(
        "read: not run yet\n"
        "train: 48 texts: Food 16, Music 16, Sport 16\nheld_out: 12 texts: Food 4, Music 4, Sport 4\n"
    )
    assert "\nheld_out:\nclass " in out
    assert out.endswith("trained; to use it: sentiment infer --model model TEXT\n")
    assert sorted(path.name for path in Path().iterdir()) == ["model", "topics.csv"]
    metrics = json.loads(Path("model/metrics.json").read_text())["metrics"]["held_out"]
    assert (metrics["reviews"], metrics["accuracy"], metrics["confusion"][0]) == (12, 1.0, [4, 0, 0])
    assert main(["infer", "--model", "model", "a goal", "soup"]) == 0
    assert [line.split(" ")[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["Sport", "(Sport"],
        ["Food", "(Food"],
    ]
    assert main(["infer", "--model", "model", "--json", "a goal"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["row", "label", "probability", "probabilities", "words", "unknown", "cut", "error"]
    assert (found["label"], list(found["probabilities"])) == ("Sport", ["Food", "Music", "Sport"])
    Path("more.csv").write_text("text,label\na goal,sport\nsoup,MUSIC\n")
    assert main(["evaluate", "--model", "model", "--input", "more.csv", "--failures"]) == 0
    failure, _, food, *_ = capsys.readouterr().out.splitlines()
    assert failure.split("\t")[0] == "Music"
    assert failure.endswith("\tsoup")
    assert food.split()[:2] == ["Food", "0"]


def test_fit_of_a_sentiment_with_a_test_file(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{text},{label}\n" for text, label in (("great fun", 4), ("a bad plot", 0)) * 8)
    Path("train.csv").write_text(f"text,label\n{rows}")
    Path("test.csv").write_text("text,label\nfun plot,4\n")
    map_ = ["--label-map", "4=pos,0=neg"]
    assert main(["fit", "train.csv", "--test", "test.csv", "--output", "model", *map_, *OPTIONS]) == 0
    out = capsys.readouterr().out
    assert "\ntrain: 16 texts: negative 8, positive 8\ntest: 1 texts: negative 0, positive 1\n" in out
    assert sorted(json.loads(Path("model/metrics.json").read_text())["metrics"]) == ["test", "train"]
    assert main(["infer", "--model", "model", "great fun"]) == 0
    assert capsys.readouterr().out.startswith("Glad you liked it! (positive, ")


GOOD, BAD = "a great film, great fun", "a bad film, bad plot"


def write_kaggle() -> None:
    with open("IMDB Dataset.csv", "w", newline="", encoding="utf-8") as file:
        rows = [[f'{GOOD}.<br /><br />"Yes", {i}', "positive"] for i in range(8)] + [[BAD, "negative"]] * 8
        csv.writer(file).writerows([["review", "sentiment"], *rows])


def write_sentiment140() -> None:
    row = '"{}","{}","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","me","@you {} d\xe9j\xe0 vu"\n'
    lines = [row.format(label, i, text) for i in range(8) for label, text in ((0, BAD), (4, GOOD))]
    Path("training.1600000.processed.noemoticon.csv").write_bytes("".join(lines).encode("latin-1"))


def write_excel() -> None:
    answers = [("Ja", GOOD), ("NEIN", BAD), ("ja", GOOD), ("nein", BAD), (" ", GOOD)] * 8
    rows = "".join(f"{text};{label}\r\n" for label, text in answers)
    Path("Mappe1.csv").write_bytes(f"Kommentar;Gut?\r\n{rows}".encode("utf-8-sig"))


def write_excel_unicode_text() -> None:
    rows = "".join(f'"{text}, ""so""\t"\t{label}\r\n' for label, text in (("WAHR", GOOD), ("FALSCH", BAD)) * 8)
    Path("Mappe1.txt").write_bytes(f"Text\tLabel\r\n{rows}".encode("utf-16"))


def write_stars() -> None:
    table = pd.DataFrame({"Review Text": [GOOD, BAD, None, "so-so, it was"] * 8, "Rating": [5.0, 1.0, 3.0, 3.0] * 8})
    table.loc[4, "Rating"] = float("nan")
    table.to_csv("Reviews.csv", index_label="Id")


def write_json_lines() -> None:
    rows = [{"text": text, "label": label} for text, label in ((GOOD, True), (BAD, False), (GOOD, None)) * 8]
    Path("rows.jsonl.gz").write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


def write_parquet() -> None:
    table = pd.DataFrame({"text": [GOOD, BAD, None] * 8, "label": [1, 0, 0] * 8, "idx": range(24)})
    table.to_parquet("train-00000-of-00001.parquet")


def write_fasttext() -> None:
    Path("cooking.train.txt").write_text(f"__label__yes {GOOD}\n__label__no {BAD}\n\n" * 8)


def write_folder() -> None:
    for i in range(8):
        for kind, text in (("like", GOOD), ("dislike", BAD)):
            Path("mail", kind).mkdir(parents=True, exist_ok=True)
            Path("mail", kind, f"{i}.txt").write_text(text)


SENTIMENT140 = "--no-header --encoding latin-1 --column 6 --label-column 1"


@pytest.mark.parametrize(
    ("write", "options", "classes", "answers"),
    [
        (write_kaggle, "", ["negative", "positive"], ["positive", "negative"]),
        (write_sentiment140, SENTIMENT140, ["0", "4"], ["4", "0"]),
        (
            write_sentiment140,
            f"{SENTIMENT140} --label-map 4=pos,0=neg",
            ["negative", "positive"],
            ["positive", "negative"],
        ),
        (write_excel, "--column Kommentar --label-column Gut?", ["Ja", "NEIN"], ["Ja", "NEIN"]),
        (write_excel_unicode_text, "--input-format tsv", ["FALSCH", "WAHR"], ["WAHR", "FALSCH"]),
        (write_stars, "", ["1", "3", "5"], ["5", "1"]),
        (write_json_lines, "", ["negative", "positive"], ["positive", "negative"]),
        (write_parquet, "", ["negative", "positive"], ["positive", "negative"]),
        (write_fasttext, "", ["no", "yes"], ["yes", "no"]),
        (write_folder, "", ["dislike", "like"], ["like", "dislike"]),
    ],
)
def test_fit_takes_the_files_that_people_have(
    write: Callable[[], None],
    options: str,
    classes: List[str],
    answers: List[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    write()
    (name,) = os.listdir()
    assert main(["fit", name, "--output", "model", *options.split(), *OPTIONS]) == 0, capsys.readouterr().err
    assert json.loads(Path("model/bundle.json").read_text())["classes"] == classes
    capsys.readouterr()
    assert main(["infer", "--model", "model", "--json", GOOD, BAD]) == 0
    assert [json.loads(line)["label"] for line in capsys.readouterr().out.splitlines()] == answers


@pytest.mark.parametrize(
    ("write", "options", "message"),
    [
        (
            write_sentiment140,
            "--encoding latin-1",
            "noemoticon.csv: no column 'text'; found '0', '0', 'Mon Apr 06 22:19:45 PDT 2009', 'NO_QUERY', 'me', '@you",
        ),
        (write_sentiment140, "--encoding latin-1", "if the first line is a row: --no-header"),
        (
            write_sentiment140,
            "--no-header --column 6 --label-column 1",
            "noemoticon.csv, row 1: not UTF-8 text (at character 28); name the encoding, such as --encoding latin-1",
        ),
        (write_excel, "", "Mappe1.csv: no column 'text'; found 'Kommentar', 'Gut?' (--column)"),
        (write_stars, "--label-column Grade", "Reviews.csv: no column 'Grade'; found 'Id', 'Review Text', 'Rating'"),
        (
            write_fasttext,
            "--input-format txt",
            "plain text has no labels; expected a table: name its format, such as --input-format tsv",
        ),
    ],
)
def test_fit_says_what_to_do_about_the_files_that_people_have(
    write: Callable[[], None], options: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write()
    (name,) = os.listdir()
    assert main(["fit", name, "--output", "model", *options.split(), *OPTIONS]) == 2
    assert message in capsys.readouterr().err


def test_output_inside_the_input_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("pos", "neg"):
        Path("texts", kind).mkdir(parents=True)
        Path("texts", kind, "1.txt").write_text("a text")
    assert main(["fit", "texts", "--output", "texts/model", *OPTIONS]) == 2
    assert "--output texts/model: is inside texts; choose a folder outside" in capsys.readouterr().err
    assert sorted(path.name for path in Path("texts").iterdir()) == ["neg", "pos"]


def test_fit_keeps_groups_together(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", "--group", "Author", "--held-out", "0.3", *OPTIONS]) == 0
    assert "\nheld_out: 18 texts: Food 6, Music 6, Sport 6\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--held-out", "1"], "--held-out 1.0: expected a fraction from 0 to 0.9"),
        (["--held-out", "0.95"], "--held-out 0.95: expected a fraction from 0 to 0.9"),
        (["--recipe", "smal"], "smal: no such recipe"),
        (["--label-column", "nothing"], "topics.csv: no column 'nothing'"),
        (["--set", "train.epoch=1"], "train.epoch: no such field"),
        (["--group", "writer"], "topics.csv: no column 'writer'; found 'Comment', 'Category', 'Author'"),
        (["--test", "none.csv"], "none.csv: no such file"),
        (["--validation", "none.csv"], "none.csv: no such file"),
        (["--label-map", "Food=pos\nMusic=neg"], r"--label-map 'Food=pos\nMusic=neg': expected one line"),
        (["--set", "read.split=film"], "read.split=film: is for a folder laid out as aclImdb; of a table, --group"),
        (["--vectors", "none.vec"], "none.vec: no such file; fetch GloVe with: sentiment fetch_data glove"),
        (["--set", "read.generated=9"], "topics.csv: the classes are Food, Music, Sport, but other sentences are"),
    ],
)
def test_fit_refuses(table: str, arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", "--set", "embed.vectors=", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert os.listdir() == ["topics.csv"]


@pytest.mark.parametrize("option", ["--test", "--validation"])
def test_fit_refuses_a_file_without_texts(table: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty.csv").write_text("Comment;Category;Author\n")
    assert main(["fit", table, "--output", "model", option, "empty.csv", *OPTIONS]) == 2
    assert f"empty.csv: no labelled text in it; expected one or more, or no {option}\n" in capsys.readouterr().err
    assert sorted(os.listdir()) == ["empty.csv", "topics.csv"]


def test_fit_refuses_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.csv")
    assert main(["fit", "pipe.csv", "--output", "model"]) == 2
    assert "pipe.csv: is read more than once; expected a file, not a pipe or a device" in capsys.readouterr().err


def test_fit_goes_on_after_a_kill(
    table: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["fit", table, "--output", "model", *OPTIONS]
    assert main([*command[:3], "whole", *command[4:]]) == 0
    save = pipeline.train.save_checkpoint

    def stop(*arguments: Any) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.train, "save_checkpoint", stop)
        assert main(command) == 130
    assert sorted(os.listdir()) == ["model.unfinished", "topics.csv", "whole"]
    capsys.readouterr()
    assert main(command) == 0
    out = capsys.readouterr().out
    assert out.startswith("read: up to date\nindex: up to date\nembed: up to date\ntrain: not finished\n")
    assert "epoch-001: training goes on after epoch 1" in out
    for name in ("network.safetensors", "history.json", "metrics.json"):
        assert Path("model", name).read_bytes() == Path("whole", name).read_bytes(), name
    assert sorted(os.listdir()) == ["model", "topics.csv", "whole"]


def test_fit_reads_a_changed_table_anew(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("none.txt").write_text("zebra 1 2\n")
    command = ["fit", table, "--output", "model", "--vectors", "none.txt"]
    assert main(command) == 2
    assert "none.txt: holds none of the vocabulary's" in capsys.readouterr().err
    with open(table, "a", encoding="utf-8") as file:
        file.write("a drum;Music;9\n")
    assert main([*command[:4], *OPTIONS]) == 0
    out = capsys.readouterr().out
    assert out.startswith("read: reviews changed\ntrain: 48 texts: ")
    assert json.loads(Path("model/metrics.json").read_text())["metrics"]["held_out"]["reviews"] == 13


def test_fit_leaves_other_files_beside_its_output(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("model.unfinished/checkpoints").mkdir(parents=True)
    assert main(["fit", table, "--output", "model", *OPTIONS]) == 2
    assert "model.unfinished: already contains checkpoints; choose a new or empty folder" in capsys.readouterr().err
    Path("model.unfinished/checkpoints").rmdir()
    Path("none.txt").write_text("zebra 1 2\n")
    assert main(["fit", table, "--output", "model", "--vectors", "none.txt"]) == 2
    Path("model.unfinished/mine.txt").write_text("mine")
    assert main(["fit", table, "--output", "model", *OPTIONS]) == 0
    assert "model.unfinished: not removed, since it also holds mine.txt\n" in capsys.readouterr().out
    assert Path("model.unfinished/mine.txt").read_text() == "mine"


def test_fit_does_not_overwrite_other_files(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("model").mkdir()
    Path("model/mine.txt").write_text("mine")
    assert main(["fit", table, "--output", "model"]) == 2
    assert "mine.txt" in capsys.readouterr().err


@pytest.mark.parametrize("names", [("apple", "Banana", "Cherry"), ("2", "3", "10"), ("10", "9.5", "-1")])
def test_metrics_do_not_depend_on_how_classes_are_sorted(
    names: Tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["the pizza and a salad", "the song and a choir", "the goal and a match"]
    rows = "".join(f"{text},{name}\n" for text, name in zip(texts, names)) * 20
    Path("table.csv").write_text(f"text,label\n{rows}")
    assert main(["fit", "table.csv", "--output", "model", *OPTIONS]) == 0
    capsys.readouterr()
    assert json.loads(Path("model/metrics.json").read_text())["metrics"]["held_out"]["accuracy"] == 1.0
    assert main(["evaluate", "--model", "model", "--input", "table.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[4].split() == ["accuracy", "1.0000"]


def test_groups_stay_whole_in_the_validation_part(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def record(encoded: Encoded, *rest: Any, **options: Any) -> None:
        found.append(encoded)
        raise PipelineError("seen")

    monkeypatch.setattr("pipeline.train.train_network", record)
    stop = ["--set", "train.early_stopping=1", "--set", "read.validation=0.3", "--held-out", "0"]
    assert main(["fit", table, "--group", "Author", "--output", "model", *stop, *OPTIONS]) == 2
    assert sorted(len(found[0].rows(split)) for split in ("train", "validation")) == [18, 42]  # 3 and 7 authors of 6


@pytest.mark.parametrize(
    "settings",
    [
        ["--set", "train.early_stopping=1"],
        ["--set", "train.calibrate=true"],
        ["--set", "train.calibrate=true", "--set", "read.validation=0"],
    ],
)
def test_file_for_validation_is_enough_to_stop_or_calibrate_by(
    table: str, settings: List[str], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--validation", table, "--held-out", "0", *OPTIONS, *settings]
    assert main(["fit", table, "--output", "model", *options]) == 0, capsys.readouterr().err
    assert "\ntrain: 60 texts: Food 20, Music 20, Sport 20\nvalidation: 60 texts: " in capsys.readouterr().out


def test_columns_of_texts_and_labels_are_two(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["check"], ["fit", "--output", "model"]):
        assert main([*command, table, "--column", "Comment", "--label-column", "Comment"]) == 2
        err = capsys.readouterr().err
        assert err.endswith("error: --column Comment --label-column Comment: expected two different columns\n")
    Path("twice.csv").write_text("review,review\na,b\n")
    assert main(["fit", "twice.csv", "--output", "model", *OPTIONS]) == 2
    assert "error: twice.csv: " in capsys.readouterr().err


def test_groups_of_very_different_sizes_are_told(caplog: pytest.LogCaptureFixture) -> None:
    rows = [["text", "label", "author"], *([f"text {i}", "ab"[i % 2], "Ann" if i < 90 else f"{i}"] for i in range(100))]
    with open("authors.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    assert main(["fit", "authors.csv", "--group", "author", "--output", "model", *OPTIONS]) == 0
    (told,) = [message for message in caplog.messages if "groups" in message]
    assert re.fullmatch(r"read\.held_out=0\.2: groups differ in size: 27% of the groups have \d+% of the texts", told)


def test_card_names_what_was_trained_on(table: str) -> None:
    Path("my.vec").write_text("pizza 0.1 0.2\nsong 0.3 0.4\n")
    options = [part for part in OPTIONS if part != "embed.vectors="][1:]
    assert main(["fit", table, "--vectors", "my.vec", "--output", "model", *options]) == 0
    card = Path("model/MODEL_CARD.md").read_text()
    assert "It predicts which of these classes a text belongs to, and with which probabilities: Food, Music, Sp" in card
    assert "- The texts in `topics.csv`; what they are was not recorded\n" in card
    assert "- Pretrained word vectors: `my.vec`\n" in card
    assert "- `my.vec`: not recorded\n" in card
    assert "| train | 48 |\n| held_out | 12 |\n" in card
    assert "They were split at random, with the same fractions of all classes, unless a split had a file" in card
    assert "| held_out | 12 | 1.0000 |" in card
    for other in ("PDDL", "rotten", "generated", "glove.6B", "positive", "Not evaluated"):
        assert other not in card
    assert from_dict(json.loads(Path("model/recipe.json").read_text())).embed.vectors == str(Path("my.vec").resolve())


def test_evaluate_takes_a_folder_for_each_class(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", *OPTIONS]) == 0
    for kind in ("food", "Sport"):
        Path("folder", kind).mkdir(parents=True)
        Path("folder", kind, "1.txt").write_text(WORDS[kind.title()])
    capsys.readouterr()
    assert main(["evaluate", "--model", "model", "--input", "folder"]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()[1:4]] == [
        ["Food", "1"],
        ["Music", "0"],
        ["Sport", "1"],
    ]
    Path("folder", "Cars").mkdir()
    Path("folder", "Cars", "1.txt").write_text("an engine")
    assert main(["evaluate", "--model", "model", "--input", "folder"]) == 2
    assert "folder/Cars/1.txt: label: expected one of Food, Music, Sport, found 'Cars'" in capsys.readouterr().err


def test_check_looks_at_a_table(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", table]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "60 texts of 3 classes: Food 20, Music 20, Sport 20",
        "fewer than 50 texts: Food, Music, Sport",
    ]
    assert lines[3].startswith("copies of other texts: 54 (rows ")
    assert lines[-1].startswith("words without a vector: not checked; name a file with --vectors")
    Path("my.vec").write_text("pizza 0.1 0.2\nsong 0.3 0.4\n")
    assert main(["check", table, "--vectors", "my.vec"]) == 0
    assert " of the words have no vector in my.vec: a, and, the, " in capsys.readouterr().out
    assert main(["check", table, "--vectors", "none.vec"]) == 2
    assert "none.vec: no such file" in capsys.readouterr().err


SMALL = ["--recipe", "small", "--set", "read.validation=0.2", "--set", "ngram_model.min_df=2", *OPTIONS]


def test_fit_of_three_classes_with_an_ensemble(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", *SMALL]) == 0
    metrics = json.loads(Path("model/metrics.json").read_text())["metrics"]["held_out"]
    assert (metrics["reviews"], metrics["accuracy"], metrics["confusion"][2]) == (12, 1.0, [0, 0, 4])
    recipe = from_dict(json.loads(Path("model/recipe.json").read_text()))
    assert (recipe.network.num_outputs, recipe.ngram_model.max_n, recipe.train.calibrate) == (3, 3, True)
    assert "were not calibrated" not in Path("model/MODEL_CARD.md").read_text()
    capsys.readouterr()
    assert main(["infer", "--model", "model", "a goal", "soup"]) == 0
    answers = [line.split(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert answers == ["Sport", "Food"]
    assert main(["explain", "--model", "model", "the goal"]) == 0
    assert capsys.readouterr().out.startswith("Sport, ")
    Path("more.csv").write_text("text,label\na goal,sport\nsoup,food\na song,food\n")
    assert main(["evaluate", "--model", "model", "--input", "more.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:4] == ["Food", "2", "1.0000", "0.5000"]
    assert main(["export", "--model", "model", "--output", "exported"]) == 0
    assert main(["infer", "--model", "exported", "a song"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Music (")


def test_fit_of_stars_with_an_ensemble(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "the pizza,1\nthe soup,3\nthe salad,5\n" * 20
    Path("stars.csv").write_text(f"text,label\n{rows}")
    settings = ["--set", "read.labels=stars", "--set", "read.sentences=", "--set", "read.generated=0"]
    assert main(["fit", "stars.csv", "--output", "model", *SMALL, *settings]) == 0
    metrics = json.loads(Path("model/metrics.json").read_text())["metrics"]["held_out"]
    assert (metrics["accuracy"], metrics["within_one"], metrics["mean_absolute_error"]) == (1, 1, 0)
    capsys.readouterr()
    assert main(["infer", "--model", "model", "the soup"]) == 0
    assert capsys.readouterr().out.startswith("3 of 5 (")


def test_fit_of_stars_answers_of_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    rows = "the pizza,1\nthe soup,3\nthe salad,5\n" * 20
    Path("stars.csv").write_text(f"text,label\n{rows}")
    assert main(["fit", "stars.csv", "--output", "model", *OPTIONS, "--recipe", "stars"]) == 0
    assert "mean absolute error" in capsys.readouterr().out
    metrics = json.loads(Path("model/metrics.json").read_text())["metrics"]["held_out"]
    assert (metrics["accuracy"], metrics["within_one"], metrics["mean_absolute_error"]) == (1, 1, 0)
    assert main(["infer", "--model", "model", "the soup", "the salad"]) == 0
    assert [line.split(" (")[0] for line in capsys.readouterr().out.splitlines()] == ["3 of 5", "5 of 5"]


def test_fit_of_words_as_stars_is_refused(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fit", table, "--output", "model", *OPTIONS, "--recipe", "stars"]) == 2
    expected = 'read.labels="stars": expected classes that are numbers in ascending order, found Food, Music, Sport'
    assert expected in capsys.readouterr().err
    assert not Path("model").exists()
