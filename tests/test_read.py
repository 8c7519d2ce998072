from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from pipeline import read
from pipeline.corpus.labelled import Table
from pipeline.corpus.reviews import Review, load_reviews, save_reviews
from pipeline.corpus.training_table import read_labelled_texts, split_texts
from pipeline.errors import PipelineError
from pipeline.read import read_reviews, read_table
from pipeline.recipe import Read

WHOLE = Read(held_out=0.0)
SPLITS = ("train", "validation", "held_out")


def make_folder(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
    return folder


def numbered(folder: Path, positive: int, negative: int) -> list[str]:
    """Write that many reviews, and return their names in the order of reading."""
    names = [f"train/pos/{i:03}.txt" for i in range(positive)] + [f"train/neg/{i:03}.txt" for i in range(negative)]
    make_folder(folder, dict.fromkeys(names, "text"))
    return names


def in_split(reviews: list[Review], split: str) -> list[str]:
    found = sorted((review for review in reviews if review.split == split), key=lambda review: review.position)
    assert [review.position for review in found] == list(range(len(found)))
    return [review.file for review in found]


def test_reviews_come_positive_first_and_sorted_by_name(tmp_path: Path) -> None:
    texts = {"train/neg/1_2.txt": "d", "train/pos/9_8.txt": "b", "train/pos/10_7.txt": "a", "train/neg/0_3.txt": "c"}
    assert list(read_reviews(make_folder(tmp_path, texts), WHOLE)) == [
        Review("train/pos/10_7.txt", 1, "train", 0, "a"),
        Review("train/pos/9_8.txt", 1, "train", 1, "b"),
        Review("train/neg/0_3.txt", 0, "train", 2, "c"),
        Review("train/neg/1_2.txt", 0, "train", 3, "d"),
    ]


def test_reviews_are_read_one_at_a_time(tmp_path: Path) -> None:
    numbered(tmp_path, 1, 1)
    reviews = iter(read_reviews(tmp_path, WHOLE))
    assert next(reviews).file == "train/pos/000.txt"
    (tmp_path / "train/neg/000.txt").write_text("changed")
    assert next(reviews).text == "changed"


def test_text_keeps_every_character(tmp_path: Path) -> None:
    text = ' "Maß" <br />\r\n\n\u2028\x85\t\U0001f600e\u0301\x00 end\n'
    make_folder(tmp_path, {"train/pos/a.txt": text, "train/neg/a.txt": ""})
    assert [review.text for review in read_reviews(tmp_path, WHOLE)] == [text, ""]


@pytest.mark.parametrize(("held_out", "seed", "sizes"), [(0.3, 42, (49, 21)), (0.5, 7, (35, 35)), (0.01, 42, (69, 1))])
def test_held_out_reviews_are_those_of_scikit_learn(
    tmp_path: Path, held_out: float, seed: int, sizes: tuple[int, int]
) -> None:
    names = numbered(tmp_path, 30, 40)
    reviews = list(read_reviews(tmp_path, Read(held_out=held_out, seed=seed)))
    train, rest = train_test_split(names, test_size=held_out, random_state=seed)
    assert [review.file for review in reviews] == names
    assert (in_split(reviews, "train"), in_split(reviews, "held_out")) == (train, rest)
    assert (len(train), len(rest)) == sizes


def test_validation_reviews_are_taken_out_of_what_is_left(tmp_path: Path) -> None:
    names = numbered(tmp_path, 25, 25)
    reviews = list(read_reviews(tmp_path, Read(held_out=0.2, validation=0.25, seed=3)))
    rest, held_out = train_test_split(names, test_size=0.2, random_state=3)
    train, validation = train_test_split(rest, test_size=0.25, random_state=3)
    assert in_split(reviews, "held_out") == held_out
    assert in_split(reviews, "validation") == validation
    assert in_split(reviews, "train") == train
    assert (len(train), len(validation), len(held_out)) == (30, 10, 10)
    without = list(read_reviews(tmp_path, Read(held_out=0.2, seed=3)))
    assert in_split(without, "held_out") == held_out


def test_random_order_moves_the_reviews_and_their_labels_together(tmp_path: Path) -> None:
    names = numbered(tmp_path, 10, 20)
    reviews = list(read_reviews(tmp_path, Read(seed=3, order="random")))
    assert [review.file for review in reviews] != names
    assert sorted(review.file for review in reviews) == sorted(names)
    assert all(review.label == {"pos": 1, "neg": 0}[review.file.split("/")[1]] for review in reviews)
    assert reviews == list(read_reviews(tmp_path, Read(seed=3, order="random")))


def test_validation_without_held_out_reviews(tmp_path: Path) -> None:
    names = numbered(tmp_path, 5, 5)
    reviews = list(read_reviews(tmp_path, Read(held_out=0.0, validation=0.2)))
    train, validation = train_test_split(names, test_size=0.2, random_state=42)
    assert (in_split(reviews, "train"), in_split(reviews, "validation")) == (train, validation)
    assert in_split(reviews, "held_out") == []


def test_labels_follow_the_folder_whatever_the_split(tmp_path: Path) -> None:
    numbered(tmp_path, 10, 10)
    for review in read_reviews(tmp_path, Read(held_out=0.3, validation=0.3)):
        assert review.label == {"pos": 1, "neg": 0}[review.file.split("/")[1]]


def test_test_folder_is_read_behind_train_and_never_split(tmp_path: Path) -> None:
    numbered(tmp_path, 2, 2)
    make_folder(tmp_path, {"test/neg/0_1.txt": "bad", "test/pos/1_9.txt": "good", "test/pos/0_8.txt": "fine"})
    assert list(read_reviews(tmp_path, Read(held_out=0.5)))[4:] == [
        Review("test/pos/0_8.txt", 1, "test", 0, "fine"),
        Review("test/pos/1_9.txt", 1, "test", 1, "good"),
        Review("test/neg/0_1.txt", 0, "test", 2, "bad"),
    ]


def test_other_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    names = numbered(tmp_path, 1, 1)
    others = ["train/unsup/0_0.txt", "train/pos/notes.md", "train/pos/deep/0_9.txt", "train/urls_pos.txt", "README"]
    make_folder(tmp_path, dict.fromkeys(others, ""))
    for name in others:
        (tmp_path / name).write_bytes(b"\xff: would be refused")
    (tmp_path / "train/pos/folder.txt").mkdir()
    (tmp_path / "train/neg/gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "train/neg/itself.txt").symlink_to("itself.txt")
    assert [review.file for review in read_reviews(tmp_path, WHOLE)] == names


def test_what_macos_and_editors_leave_is_not_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As in https://github.com/martin-ueding/geo-activity-playground/issues/83."""
    names = numbered(tmp_path, 2, 1)
    for name in ("._000.txt", "._001.txt", ".000.txt.swp", "000.txt~"):
        (tmp_path / "train/pos" / name).write_bytes(b"\0\5\x16\7\xb0")
    os.mkfifo(tmp_path / "train/neg/pipe.txt")
    (tmp_path / "train/neg/0_1.TXT").write_text("text")
    reviews = read_reviews(tmp_path, WHOLE)
    assert [review.file for review in reviews] == [*names, "train/neg/0_1.TXT"]
    assert list(reviews) == list(reviews)
    assert caplog.messages == [
        f"{tmp_path}/train/pos: skipped 4 files that are not reviews: .000.txt.swp, ._000.txt, ._001.txt, 000.txt~",
        f"{tmp_path}/train/neg: skipped folders, pipes and broken links: pipe.txt",
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_utf16_is_read(tmp_path: Path, encoding: str) -> None:
    numbered(tmp_path, 1, 1)
    (tmp_path / "train/pos/000.txt").write_bytes("Un café, naïve\r\n".encode(encoding))
    assert [review.text for review in read_reviews(tmp_path, WHOLE)] == ["Un café, naïve\r\n", "text"]


def test_links_to_reviews_are_followed(tmp_path: Path) -> None:
    names = numbered(tmp_path, 1, 1)
    (tmp_path / "train/neg/999.txt").symlink_to(tmp_path / "train/pos/000.txt")
    assert [review.file for review in read_reviews(tmp_path, WHOLE)] == [*names, "train/neg/999.txt"]


@pytest.mark.parametrize("missing", ["train", "train/pos", "train/neg", "test/neg"])
def test_missing_folder_is_named_with_what_was_expected(tmp_path: Path, missing: str) -> None:
    texts = {f"{part}/{kind}/0.txt": "text" for part in ("train", "test") for kind in ("pos", "neg")}
    make_folder(tmp_path, {name: text for name, text in texts.items() if not name.startswith(missing)})
    named = "train/pos" if missing == "train" else missing
    with pytest.raises(PipelineError, match=rf"/{named}: no such folder; expected reviews as \.txt files in pos/"):
        list(read_reviews(tmp_path, WHOLE))


def test_empty_folder_is_named(tmp_path: Path) -> None:
    make_folder(tmp_path, {"train/pos/0.txt": "text", "train/neg/0.html": "text"})
    with pytest.raises(PipelineError, match=r"/train/neg: no \.txt files; expected one file per review"):
        list(read_reviews(tmp_path, WHOLE))


def test_text_that_is_not_utf8_is_named_with_its_byte(tmp_path: Path) -> None:
    numbered(tmp_path, 1, 1)
    (tmp_path / "train/neg/000.txt").write_bytes("a café".encode("latin-1"))
    with pytest.raises(PipelineError, match=r"/train/neg/000\.txt: not UTF-8 text \(byte 5 is 0xe9\); convert it"):
        list(read_reviews(tmp_path, WHOLE))


def test_mark_in_front_is_no_text_but_counts_as_bytes(tmp_path: Path) -> None:
    numbered(tmp_path, 1, 1)
    path = tmp_path / "train/pos/000.txt"
    path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbfgood")
    assert next(iter(read_reviews(tmp_path, WHOLE))).text == "\ufeffgood"  # one mark, not two
    path.write_bytes(b"\xef\xbb\xbfgood\xe9")
    with pytest.raises(PipelineError, match=r"byte 7 is 0xe9"):
        list(read_reviews(tmp_path, WHOLE))


def test_reviews_are_the_same_by_one_process_and_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(tmp_path, 20, 13)
    numbered(tmp_path / "moved", 3, 4)
    (tmp_path / "moved" / "train").rename(tmp_path / "test")
    whole = list(read_reviews(tmp_path, Read(held_out=0.3, order="random")))
    assert [review.split for review in whole[-7:]] == ["test"] * 7
    monkeypatch.setattr(read, "_FILES", 4)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    reviews = read_reviews(tmp_path, Read(held_out=0.3, order="random"))
    assert list(reviews) == whole
    save_reviews(tmp_path / "reviews.jsonl", reviews)
    assert list(load_reviews(tmp_path / "reviews.jsonl")) == whole


def test_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    numbered(tmp_path, 2, 1)
    reviews = iter(read_reviews(tmp_path, WHOLE))
    next(reviews)
    (tmp_path / "train/pos/001.txt").unlink()
    with pytest.raises(PipelineError, match=r"/train/pos/001\.txt: cannot be read \(No such file or directory\)$"):
        list(reviews)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Read(held_out=0.9), r"read\.held_out=0\.9: too few reviews to split"),
        (Read(held_out=0.3, validation=0.3), r"read\.validation=0\.3: too few reviews to split"),
    ],
)
def test_too_few_reviews_to_split_names_the_field(tmp_path: Path, options: Read, message: str) -> None:
    numbered(tmp_path, 1, 1)
    with pytest.raises(PipelineError, match=message):
        list(read_reviews(tmp_path, options))


def test_file_name_that_is_not_utf8_comes_back(tmp_path: Path) -> None:
    numbered(tmp_path, 1, 1)
    name = os.fsencode(tmp_path) + b"/train/pos/caf\xe9.txt"
    try:
        with open(name, "w") as file:
            file.write("text")
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    reviews = list(read_reviews(tmp_path, WHOLE))
    save_reviews(tmp_path / "reviews.jsonl", reviews)
    assert list(load_reviews(tmp_path / "reviews.jsonl")) == reviews
    assert os.fsencode(reviews[1].file) == b"train/pos/caf\xe9.txt"


def grouped(folder: Path) -> list[str]:
    """Write 60 reviews of 20 films, and return their names."""
    names = numbered(folder, 30, 30)
    rows = [f"{name},{number % 20}" for number, name in enumerate(names)]
    (folder / "groups.csv").write_text("\n".join(["file,group", *rows]) + "\n")
    return names


def test_split_by_film_keeps_every_film_in_one_split(tmp_path: Path) -> None:
    film_of = {name: number % 20 for number, name in enumerate(grouped(tmp_path))}
    reviews = list(read_reviews(tmp_path, Read(split="film", held_out=0.3, validation=0.2)))
    films = {
        split: {film_of[name] for name in in_split(reviews, split)} for split in ("train", "validation", "held_out")
    }
    assert [len(found) for found in films.values()] == [11, 3, 6]
    assert len(set().union(*films.values())) == 20


def test_split_by_film_is_scikit_learns(tmp_path: Path) -> None:
    names = grouped(tmp_path)
    groups = [number % 20 for number in range(60)]
    splitter = GroupShuffleSplit(n_splits=1, test_size=0.3, random_state=7)
    _, held_out = next(splitter.split(names, groups=[f"group {group}" for group in groups]))
    reviews = list(read_reviews(tmp_path, Read(split="film", held_out=0.3, seed=7)))
    assert in_split(reviews, "held_out") == [names[i] for i in held_out]


def test_split_by_film_is_random_where_no_film_is_known(tmp_path: Path) -> None:
    numbered(tmp_path, 6, 6)
    by_film, at_random = (list(read_reviews(tmp_path, Read(split=kind))) for kind in ("film", "random"))
    assert by_film == at_random


def test_sentences_of_a_folder_with_splits_stand_behind_the_reviews(tmp_path: Path) -> None:
    numbered(tmp_path / "reviews", 2, 1)
    texts = {"train/pos/0.txt": "good", "train/neg/0.txt": "bad", "test/pos/0.txt": "no"}
    texts.update({"validation/pos/0.txt": "fun", "validation/neg/0.txt": "dull"})
    sentences = make_folder(tmp_path / "short", texts)
    reviews = list(read_reviews(tmp_path / "reviews", WHOLE, sentences))
    assert [(review.text, review.label, review.split, review.position) for review in reviews[3:]] == [
        ("good", 1, "train", 3),
        ("bad", 0, "train", 4),
        ("fun", 1, "sentences", 0),
        ("dull", 0, "sentences", 1),
    ]


def test_sentences_of_a_table_are_all_trained_on(tmp_path: Path) -> None:
    numbered(tmp_path / "reviews", 1, 1)
    (tmp_path / "short.csv").write_text("label,text\npos,good\n0,bad\n")
    reviews = list(read_reviews(tmp_path / "reviews", WHOLE, tmp_path / "short.csv"))
    assert [(review.text, review.label, review.split, review.position) for review in reviews[2:]] == [
        ("good", 1, "train", 2),
        ("bad", 0, "train", 3),
    ]


def test_sentences_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    numbered(tmp_path / "reviews", 1, 1)
    with pytest.raises(PipelineError, match=r"/short: no such folder or table; sentiment fetch_data fetches"):
        list(read_reviews(tmp_path / "reviews", WHOLE, tmp_path / "short"))


def write_table(rows: list[str], header: str = "text,label", name: str = "table.csv") -> Table:
    Path(name).write_text("\n".join([header, *rows, ""]))
    return Table(Path(name), group_column=header.split(",")[2] if header.count(",") > 1 else None)


def test_rows_of_a_table_become_reviews_in_their_order() -> None:
    table = write_table(["so-so,3", ",3", "great,5", "bad,1"])
    reviews, classes = read_table(table, WHOLE)
    expected = [
        Review("table.csv:1", 1, "train", 0, "so-so"),
        Review("table.csv:3", 2, "train", 1, "great"),
        Review("table.csv:4", 0, "train", 2, "bad"),
    ]
    assert (list(reviews), classes) == (expected, ("1", "3", "5"))
    assert list(reviews) == expected


def test_few_groups_of_one_size_are_not_said_to_differ(caplog: pytest.LogCaptureFixture) -> None:
    table = write_table([f"text {i},{'ab'[i % 2]},{i}" for i in range(16)], "text,label,by")
    reviews, _ = read_table(table, Read(held_out=0, validation=0.05))
    assert len(in_split(list(reviews), "validation")) == 1  # 6 % of the groups, and of the texts
    assert caplog.messages == []


def test_split_of_a_table_keeps_the_fractions_of_the_classes() -> None:
    table = write_table([f"w{i},{'rare' if i % 10 == 0 else 'often'}" for i in range(100)])
    reviews = list(read_table(table, Read(held_out=0.2, validation=0.25))[0])
    counts = {(split, label): 0 for split in SPLITS for label in (0, 1)}
    for review in reviews:
        counts[review.split, review.label] += 1
    assert list(counts.values()) == [54, 6, 18, 2, 18, 2]
    names = [name for split in SPLITS for name in in_split(reviews, split)]
    assert sorted(names) == sorted(f"table.csv:{row}" for row in range(1, 101))


def test_split_of_a_table_keeps_groups_together() -> None:
    table = write_table([f"w{i},{i % 2},author {i // 4}" for i in range(40)], "text,label,by")
    reviews = list(read_table(table, Read(held_out=0.3, validation=0.3, seed=1))[0])
    authors = {split: {int(name[10:]) // 4 for name in in_split(shift(reviews), split)} for split in SPLITS}
    assert {split: len(found) for split, found in authors.items()} == {"train": 4, "validation": 3, "held_out": 3}
    assert len(set.union(*authors.values())) == 10


@pytest.mark.parametrize("group", [None, "by"])
def test_held_out_texts_are_those_of_split_texts(group: str | None) -> None:
    """The command tune leaves out what fit evaluates on."""
    rows = [f"w{i},{'often' if i % 3 else 'rare'},author {(7 * i) % 13}" for i in range(60)]
    table = write_table(rows, "text,label,by")._replace(group_column=group)
    texts = read_labelled_texts(table.path, "text", "label", group_column=group)
    expected = split_texts(texts, 0.3, seed=42)["held_out"].texts
    reviews = [review for review in read_table(table, Read(held_out=0.3))[0] if review.split == "held_out"]
    assert [review.text for review in sorted(reviews, key=lambda review: review.position)] == expected


def shift(reviews: list[Review]) -> list[Review]:
    """Number the rows of a table from 0."""
    return [review._replace(file=f"table.csv:{int(review.file[10:]) - 1}") for review in reviews]


def test_files_of_their_own_are_for_validation_and_test() -> None:
    table = write_table([f"w{i},{'ham' if i % 2 else 'spam'}" for i in range(8)], name="train.csv")
    for name in ("dev.csv", "test.csv"):
        write_table([f"{name},spam", "other,HAM"], name=name)
    table = table._replace(validation=Path("dev.csv"), test=Path("test.csv"))
    reviews = list(read_table(table, Read(held_out=0.0, validation=0.1))[0])
    assert [in_split(reviews, split) for split in ("validation", "test")] == [
        ["dev.csv:1", "dev.csv:2"],
        ["test.csv:1", "test.csv:2"],
    ]
    assert [review.label for review in reviews[8:]] == [1, 0, 1, 0]
    assert len(in_split(reviews, "train")) == 8
    write_table(["a,spam", "b,eggs"], name="test.csv")
    with pytest.raises(
        PipelineError, match=r"^test\.csv, row 2: label: expected one of ham, spam, found 'eggs'; there are"
    ):
        list(read_table(table, WHOLE)[0])


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (["a,x", "b,y", "c,y"], Read(held_out=0.5), "the class 'x' has 1 text; expected 2 or more to split: add texts"),
        (["a,x", "b,y"] * 2, Read(held_out=0.2), r"read\.held_out=0\.2: too few reviews to split"),
        (
            ["a,x", "b,y"],
            Read(held_out=0, split="film"),
            r"read\.split=film: is for a folder .*--group names",
        ),
        (["a,x", "b,y"], Read(held_out=0, generated=5), "the classes are x, y, but other sentences are negative or"),
    ],
)
def test_table_that_cannot_be_split_says_why(rows: list[str], options: Read, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        read_table(write_table(rows), options)


def test_group_with_all_texts_of_a_class_is_told() -> None:
    rows = [f"w{i},{'rare' if i < 30 else 'often'},{min(i // 30, 1)}" for i in range(60)]
    message = r"table\.csv: all texts of '(rare|often)' are in groups that are not trained on; try a smaller fraction"
    with pytest.raises(PipelineError, match=message):
        read_table(write_table(rows, "text,label,by"), Read(held_out=0.5))


def test_table_that_changes_between_its_two_readings_is_told() -> None:
    table = write_table(["a,x", "b,y", "c,x"])
    for rows in (["a,x", "b,y"], ["a,x", "b,y", "c,y"], ["a,x", "b,y", "c,x", "d,x"]):
        reviews, _ = read_table(write_table(["a,x", "b,y", "c,x"]), WHOLE)
        write_table(rows)
        with pytest.raises(PipelineError, match=r"^table\.csv: it changed while it was read; run the command again$"):
            list(reviews)
    assert len(list(read_table(table, WHOLE)[0])) == 4


def test_sentences_stand_behind_a_table_of_positive_and_negative_texts() -> None:
    reviews, classes = read_table(write_table(["bad,neg", "good,pos"]), Read(held_out=0, generated=3))
    found = list(reviews)
    assert [(review.split, review.position) for review in found] == [
        ("train", 0),
        ("train", 1),
        ("generated", 0),
        ("generated", 1),
        ("generated", 2),
    ]
    assert found[2].file.startswith("generated/")
    assert classes == ("negative", "positive")


STARS = Read(labels="stars", split="film", held_out=0.3, seed=7)


def test_stars_are_the_labels_and_reviews_without_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    texts = {"train/pos/0_10.txt": "a", "train/pos/1_7.txt": "b", "train/pos/2.txt": "c", "train/neg/0_4.txt": "d"}
    make_folder(tmp_path, {**texts, "test/pos/9_8.txt": "e", "test/neg/0_1.txt": "f"})
    assert list(read_reviews(tmp_path, Read(labels="stars", held_out=0.0))) == [
        Review("train/pos/0_10.txt", 7, "train", 0, "a"),  # indices into 1, 2, 3, 4, 7, 8, 9, 10
        Review("train/pos/1_7.txt", 4, "train", 1, "b"),
        Review("train/neg/0_4.txt", 3, "train", 3, "d"),
        Review("test/pos/9_8.txt", 5, "test", 0, "e"),
        Review("test/neg/0_1.txt", 0, "test", 1, "f"),
    ]
    assert caplog.messages == [f"{tmp_path}/train: left out 1 of 4 reviews: their stars are not known"]


def test_stars_leave_every_review_in_its_split(tmp_path: Path) -> None:
    names = grouped(tmp_path)
    rows = [f"{name},{number % 20},{number % 4 + 1 if number % 5 else ''}" for number, name in enumerate(names)]
    (tmp_path / "groups.csv").write_text("\n".join(["file,group,rating", *rows]) + "\n")
    split_of = {review.file: review.split for review in read_reviews(tmp_path, replace(STARS, labels="sentiment"))}
    reviews = list(read_reviews(tmp_path, STARS))
    assert [review.file for review in reviews] == [name for number, name in enumerate(names) if number % 5]
    assert all(review.split == split_of[review.file] for review in reviews)
    assert [review.label for review in reviews] == [number % 4 for number in range(60) if number % 5]


def test_reviews_without_any_stars_are_an_error(tmp_path: Path) -> None:
    numbered(tmp_path, 2, 2)
    with pytest.raises(PipelineError, match=r"/train: no review has stars; expected names such as 123_7.txt, or a col"):
        list(read_reviews(tmp_path, Read(labels="stars")))
