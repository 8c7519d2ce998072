"""The commands infer and doctor as a user calls them, with the bundle that comes with the package."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, List

import pytest

from pipeline import SentimentClassifier
from pipeline.cli import infer
from pipeline.cli.main import main
from pipeline.model.bundle import SHIPPED

ROOT = Path(__file__).parents[2]
ROWS = 'text,id\n"A great film, I loved it.",1\n"",2\nToo,many,fields\n"Awful, boring and dull.",4\n'
ANSWERS = [("1", "positive", ""), ("2", "", "no words in it"), ("3", "", "expected 2 fields"), ("4", "negative", "")]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that holds nothing but a few reviews."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # of other processes
    Path("reviews.csv").write_text(ROWS)
    return tmp_path


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "pipeline", *arguments], input=given, capture_output=True)


MODEL = "model: small (comes with the package)\n"  # on standard error


def answers(text: str) -> List[Any]:
    return [(row["row"], row["label"], row["error"][:14]) for row in csv.DictReader(io.StringIO(text))]


def test_infer_says_sentences_about_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", "A great film.", "Awful, boring and dull."]) == 0
    good, bad = capsys.readouterr().out.splitlines()
    assert good.startswith("Glad you liked it! (positive, 9")
    assert bad == "Sorry you didn't like it (negative, 100.0%)"


def test_infer_is_unsure_alike_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    """An emoji, Chinese and punctuation are words or marks that the network does not know."""
    texts = ["\U0001f3ac", "\u597d\u7535\u5f71", "!!!"]
    assert main(["infer", *texts]) == 0
    told = "Not sure: no word that the network knows (unsure, 50.0%)\n"
    assert capsys.readouterr() == (told * 3, MODEL)
    assert main(["infer", "--format", "csv", *texts]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "1,unsure,0.5,0.5,1,1.0,False,",
        "2,unsure,0.5,0.5,1,1.0,False,",
        "3,unsure,0.5,0.5,3,0.0,False,",
    ]
    assert main(["infer", "--json", "--strict", texts[0]]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "row": 1, "label": "unsure", "probability": 0.5, "positive": 0.5, "words": 1, "unknown": 1.0, "cut": False,
        "error": None,
    }  # fmt: skip


def test_infer_keeps_rows_aligned_and_reports_bad_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", "--input", "reviews.csv"]) == 0
    out, err = capsys.readouterr()
    assert answers(out) == [(row, label, error[:14]) for row, label, error in ANSWERS]
    assert err.splitlines() == [
        MODEL.strip(),
        "reviews.csv, row 2: no words in it",
        "reviews.csv, row 3: expected 2 fields, as in the header, found 3",
        "2 of 4 rows without a prediction",
    ]


def test_infer_writes_csv_and_json_lines_alike(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", "--input", "reviews.csv", "--output", "new/answers.csv"]) == 0
    assert main(["infer", "--input", "reviews.csv", "--output", "answers.jsonl"]) == 0
    assert main(["infer", "--input", "reviews.csv", "--output", "answers.out", "--format", "csv"]) == 0
    assert capsys.readouterr().out == ""
    table = list(csv.DictReader(io.StringIO(Path("new/answers.csv").read_text())))
    lines = [json.loads(line) for line in Path("answers.jsonl").read_text().splitlines()]
    assert Path("answers.out").read_bytes() == Path("new/answers.csv").read_bytes()
    assert [list(line) for line in lines] == [list(row) for row in table] == [list(infer.FIELDS)] * 4
    assert [float(row["positive"]) for row in table if row["label"]] == [lines[0]["positive"], lines[3]["positive"]]
    assert lines[1] == {**dict.fromkeys(infer.FIELDS), "row": 2, "error": "no words in it"}
    alone = SentimentClassifier.load(SHIPPED).infer(["A great film, I loved it."])[0].positive
    assert lines[0]["positive"] == pytest.approx(lines[0]["probability"])
    assert lines[0]["positive"] == pytest.approx(alone, abs=1e-7)  # in batches of other sizes, sums round otherwise


@pytest.mark.parametrize("output", ["-", "/dev/stdout", "/dev/fd/1"])
def test_infer_writes_to_standard_output_by_its_names(capfd: pytest.CaptureFixture[str], output: str) -> None:
    assert main(["infer", "--input", "reviews.csv", "--output", output, "--format", "csv"]) == 0
    assert answers(capfd.readouterr().out) == [(row, label, error[:14]) for row, label, error in ANSWERS]


def test_infer_writes_through_a_link_and_into_devices(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("answers.csv").write_text("of yesterday")
    for name, target in {"link": "answers.csv", "null": "/dev/null", "full": "/dev/full"}.items():
        Path(name).symlink_to(target)
    for output, code in {"link": 0, "null": 0, "full": 2, ".": 2}.items():
        assert main(["infer", "--input", "reviews.csv", "--output", output, "--format", "csv"]) == code
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert errors == [
        "error: full: No space left on device; what was there before is untouched",
        "error: .: is a folder; expected a file name",
    ]
    assert answers(Path("answers.csv").read_text()) == [(row, label, error[:14]) for row, label, error in ANSWERS]
    assert sorted(path.name for path in folder.iterdir() if path.is_symlink()) == ["full", "link", "null"]


def test_infer_strict_stops_at_the_first_bad_row(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("answers.csv").write_text("of yesterday")
    assert main(["infer", "--input", "reviews.csv", "--output", "answers.csv", "--strict"]) == 2
    assert capsys.readouterr().err == f"{MODEL}error: reviews.csv, row 2: no words in it\n"
    assert Path("answers.csv").read_text() == "of yesterday"
    assert sorted(path.name for path in folder.iterdir()) == ["answers.csv", "reviews.csv"]


def test_infer_reads_standard_input() -> None:
    done = run("infer", "--json", given=b"\xef\xbb\xbfgreat film\n\n\xff\nawful\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["row"], line["label"]) for line in lines] == [(1, "positive"), (3, None), (4, "negative")]
    assert done.stderr.splitlines() == [
        MODEL.strip().encode(),
        b"standard input, row 3: not UTF-8 text (at character 1)",
        b"1 of 3 rows without a prediction; what is not UTF-8 needs --encoding, such as --encoding latin-1",
    ]


def test_infer_answers_nothing_to_empty_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    assert main(["infer"]) == 0
    assert capsys.readouterr() == ("", MODEL)


@pytest.mark.parametrize(
    ("kind", "given"), [("csv", 'id,review\n1,"A great\nfilm"\n2,\n'), ("jsonl", '{"review": "A great film"}\n{}\n')]
)
def test_infer_reads_a_table_from_standard_input(
    kind: str, given: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
    assert main(["infer", "--input-format", kind, "--column", "review"]) == 0
    printed = capsys.readouterr()
    found = [(row["row"], row["label"]) for row in csv.DictReader(io.StringIO(printed.out))]
    assert found == [("1", "positive"), ("2", "")]
    assert printed.err.startswith(MODEL + "standard input, row 2: no")


def test_infer_reads_a_pipe_by_its_name() -> None:
    command = f'{sys.executable} -m pipeline infer --input <(echo "A great film") --input-format txt --json'
    done = subprocess.run(["bash", "-c", command], capture_output=True)
    assert json.loads(done.stdout)["label"] == "positive"


def test_infer_without_standard_input_says_so() -> None:
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m pipeline infer <&-"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "error: standard input: closed\n")


def test_infer_ends_quietly_when_nobody_reads_on(folder: Path) -> None:
    Path("many.txt").write_text("great film\n" * 5000)
    command = f"{sys.executable} -m pipeline infer --input many.txt; echo $? >&2"
    done = subprocess.run(["bash", "-c", f"({command}) | head -1"], capture_output=True, text=True)
    assert done.stdout == "row,label,probability,positive,words,unknown,cut,error\n"
    assert done.stderr == f"{MODEL}141\n"


def test_infer_treats_bytes_of_an_argument_as_those_of_standard_input(capsys: pytest.CaptureFixture[str]) -> None:
    """Python makes a lone surrogate of such a byte."""
    assert main(["infer", "A great film.", "caf\udce9", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [json.loads(line)["error"] for line in out.splitlines()] == [None, "not UTF-8 text (at character 4)"]
    assert err.startswith(f"{MODEL}arguments, row 2: not UTF-8 text (at character 4)\n")
    assert main(["explain", "caf\udce9"]) == 2
    assert capsys.readouterr().err == "error: the review: not UTF-8 text (at character 4)\n"


def test_infer_reads_what_powershell_writes(capsys: pytest.CaptureFixture[str]) -> None:
    for encoding in ("utf-16", "utf-16-le"):
        Path("reviews.txt").write_bytes("A great film.\r\nAwful, boring and dull.\r\n".encode(encoding))
        assert main(["infer", "--input", "reviews.txt"]) == 0
        out, err = capsys.readouterr()
        assert answers(out) == [("1", "positive", ""), ("2", "negative", "")]
        assert err == MODEL


def test_infer_reads_a_table_as_the_options_say(capsys: pytest.CaptureFixture[str]) -> None:
    Path("reviews.dat").write_bytes("1:A great film, señor\n2:Awful: dull\n".encode("latin-1"))
    options = ["--input-format", "csv", "--no-header", "--delimiter", ":", "--encoding", "latin-1"]
    assert main(["infer", "--input", "reviews.dat", "--column", "2", *options]) == 0
    assert answers(capsys.readouterr().out) == [("1", "positive", ""), ("2", "", "expected 2 fie")]
    Path("reviews.tsv.gz").write_bytes(gzip.compress(b"A great film\t5\n"))
    assert main(["infer", "--input", "reviews.tsv.gz", "--no-header"]) == 0
    assert answers(capsys.readouterr().out) == [("1", "positive", "")]


@pytest.mark.parametrize("name", ["reviews.csv", "my reviews.txt", "reviews.csv.gz"])
def test_name_of_a_file_is_no_review(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(name).touch()
    quoted = f"'{name}'" if " " in name else name
    assert main(["infer", name]) == 2
    told = f"error: {name}: that is a file; to read it: sentiment infer --input {quoted}\n"
    assert capsys.readouterr().err == told
    assert main(["explain", name]) == 2
    assert capsys.readouterr().err == f"error: {name}: that is a file; to read it: sentiment explain < {quoted}\n"


def test_infer_reads_a_folder_and_names_its_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe, a folder and a dangling link named .txt, and macOS's ._ files, are no reviews."""
    (folder / "own/deep.txt").mkdir(parents=True)
    os.mkfifo(folder / "own/pipe.txt")
    (folder / "own/link.txt").symlink_to("nowhere")
    for name, content in {
        "a.txt": b"A great film, I loved it.",
        "b.TXT": b"Awful, boring and dull.\nBad.",
        "c.txt": b"caf\xe9",
        "._a.txt": b"\x00\x05\x16\x07",
    }.items():
        (folder / "own" / name).write_bytes(content)
    assert main(["infer", "--input", "own"]) == 0
    out, err = capsys.readouterr()
    found = [(row["file"], row["row"], row["label"]) for row in csv.DictReader(io.StringIO(out))]
    assert found == [("a.txt", "1", "positive"), ("b.TXT", "2", "negative"), ("c.txt", "3", "")]
    assert "own/c.txt: not UTF-8 text" in err
    assert main(["infer", "--input", "own", "--json", "--encoding", "latin-1"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["file"], line["label"]) for line in lines][:2] == [("a.txt", "positive"), ("b.TXT", "negative")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "reviews.csv", "--column", "review"], "reviews.csv: no column 'review'; found 'text', 'id'"),
        (["--input", "reviews.csv", "a film"], "--input reviews.csv: or reviews as arguments, not both"),
        (["--input-format", "csv", "a film"], "--input-format csv: or reviews as arguments, not both"),
        (["--input-format", "parquet"], "standard input: parquet is not supported; use --input FILE"),
        (["--input-format", "csv", "--column", "text"], "standard input: no column 'text'; found 'review'"),
        (["--encoding", "latin-1", "a film"], "--encoding latin-1: or reviews as arguments, not both"),
        (["--no-header", "a film"], "--no-header: or reviews as arguments, not both"),
        (["--input", "reviews.csv", "--encoding", "latin-99"], "encoding 'latin-99': unknown; expected a name such as"),
        (["--input", "reviews.csv", "--delimiter", ";;"], "--delimiter ;;: expected one character, or tab"),
        (["--input", "."], ".: no .txt files; expected one file per review"),
        (["--input", ".", "--delimiter", ";"], ".: is a folder; format, delimiter and header options do not apply"),
        (["--input", "nowhere.csv"], "nowhere.csv: no such file"),
        (["--input", "reviews.csv", "--output", "answers.xlsx"], "--output answers.xlsx: expected a name that ends in"),
        (
            ["--input", "reviews.csv", "--output", "reviews.csv"],
            "reviews.csv: is also an input; choose another name",
        ),
        (["a film", "--output", "answers"], "--output answers: expected a name that ends in .csv or .jsonl"),
        (["a film", "--device", "tpu"], "device 'tpu': expected auto, cpu, gpu"),
        (["a film", "--model", "nowhere"], "nowhere: no bundle there"),
    ],
)
def test_infer_refuses_in_a_sentence(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: List[str],
    message: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"review\nfine\n")))
    assert main(["infer", *arguments]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"error: {message}")
    assert out == ""
    assert [path.name for path in folder.iterdir()] == ["reviews.csv"]


def test_infer_labels_uncertain_predictions_unsure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", "A great film, I loved it.", "--threshold", "1"]) == 0
    assert capsys.readouterr().out.startswith("Not sure (unsure, ")
    assert main(["infer", "A great film, I loved it.", "--threshold", "80"]) == 2
    assert "threshold: expected a probability from 0 to 1, found 80.0" in capsys.readouterr().err
