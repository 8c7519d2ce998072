"""The stages on files from the command line, with six reviews and a GloVe file of six lines."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import pipeline.cli.main
import pipeline.train
from pipeline.cli.main import main
from pipeline.recipe import Recipe, sections
from pipeline.recipes import RECIPES
from pipeline.workflow.runner import Stage
from pipeline.workflow.stages import STAGES, TRAIN
from tests.io.test_tensorboard import read_events

NAMES = ["read", "index", "embed", "train", "evaluate"]


@pytest.fixture
def data(raw: Path, tiny: Recipe, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to a folder with ``data/raw`` and register the recipe tiny."""
    monkeypatch.chdir(raw.parent.parent)
    monkeypatch.setitem(RECIPES, "tiny", tiny)
    return raw.parent


def stages_run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """Run all stages; return those that were not up to date with the reason."""
    capsys.readouterr()
    assert main(["run", "tiny", "--device", "cpu", *arguments]) == 0
    lines = [line.partition(": ") for line in capsys.readouterr().out.splitlines()]
    reasons = {name: reason for name, _, reason in lines if name in NAMES and " reviews" not in reason}
    assert list(reasons) == NAMES
    return {name: reason for name, reason in reasons.items() if reason != "up to date"}


def test_run_writes_every_artefact(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert stages_run(capsys) == dict.fromkeys(NAMES, "not run yet")
    written = {path.relative_to(data / "tiny").as_posix() for path in (data / "tiny").rglob("*") if path.is_file()}
    assert written == {
        *(f".stages/{name}.json" for name in NAMES),
        *("reviews.jsonl", "vocabulary.json", "encoded.npz", "embedding.npy", "coverage.json", "predictions.csv"),
        "splits.json",
        *(f"bundle/{name}.json" for name in ("bundle", "history", "metrics", "recipe", "vocabulary")),
        *("bundle/network.safetensors", "bundle/MODEL_CARD.md"),
    }
    assert np.load(data / "tiny/embedding.npy").shape[1] == 3
    with open(data / "tiny/predictions.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["split"] for row in rows] == ["train"] * 3 + ["held_out"] * 3
    assert json.loads((data / "tiny/coverage.json").read_text())["found"] >= 3


def test_second_run_does_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages_run(capsys)
    parameters = (data / "tiny/bundle/network.safetensors").read_bytes()
    assert stages_run(capsys) == {}
    assert (data / "tiny/bundle/network.safetensors").read_bytes() == parameters


def test_run_detects_changed_files(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages_run(capsys)
    reviews = data / "raw/aclImdb/train"

    (reviews / "pos/0_9.txt").rename(reviews / "neg/9_1.txt")  # another label
    (reviews / "neg/0_1.txt").rename(reviews / "pos/9_9.txt")
    assert stages_run(capsys)["read"] == "reviews changed"

    (reviews / "pos/1_10.txt").write_text("Greater, greater fun.")
    assert list(stages_run(capsys)) == NAMES

    (reviews / "pos/readme.md").write_text("no review")
    assert stages_run(capsys) == {}

    (data / "raw/glove.6B.50d.txt").write_text("film 1 2 3\nplot 2 3 4\n")
    assert stages_run(capsys)["embed"] == "vectors changed"

    (data / "tiny/vocabulary.json").write_text("{}")
    assert stages_run(capsys) == {
        "index": "vocabulary.json is missing or was changed"
    }  # rewritten with the same content

    (data / "tiny/bundle/metrics.json").unlink()
    assert list(stages_run(capsys)) == ["evaluate"]


def test_run_detects_a_changed_setting(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages_run(capsys)
    changed = stages_run(capsys, "--set", "train.epochs=2")
    assert changed == {"train": "train.epochs changed from 3 to 2", "evaluate": "bundle/bundle.json changed"}
    measured = stages_run(capsys, "--set", "evaluate.drop_last=true", "--set", "train.epochs=2")
    assert measured == {"evaluate": "evaluate.drop_last changed from False to True"}
    assert stages_run(capsys, "--name", "other") == dict.fromkeys(NAMES, "not run yet")


def test_run_detects_the_seed_of_random_vectors(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ("--set", "embed.vectors=", "--set", "embed.dim=4")
    stages_run(capsys, *settings)
    first = (data / "tiny/embedding.npy").read_bytes()
    assert list(stages_run(capsys, *settings, "--set", "train.seed=1")) == ["embed", "train", "evaluate"]
    assert (data / "tiny/embedding.npy").read_bytes() != first


def test_an_evaluation_without_the_last_batch_needs_no_training(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = ("--set", "read.held_out=0", "--set", "train.batch_size=4")
    assert list(stages_run(capsys, *settings)) == NAMES
    metrics = data / "tiny/bundle/metrics.json"
    assert json.loads(metrics.read_text())["metrics"]["train"]["reviews"] == 6
    assert list(stages_run(capsys, *settings, "--set", "evaluate.drop_last=true")) == ["evaluate"]
    assert json.loads(metrics.read_text())["metrics"]["train"]["reviews"] == 4


@pytest.mark.parametrize(("names", "split"), [(("pos",), "random"), (("pos", "neg"), "film")])
def test_the_split_is_by_film_only_where_films_are_known(
    data: Path, capsys: pytest.CaptureFixture[str], names: tuple[str, ...], split: str
) -> None:
    for name in names:
        films = "".join(f"http://example.org/{film}\n" for film in range(3))
        (data / f"raw/aclImdb/train/urls_{name}.txt").write_text(films)
    assert main(["read", "tiny", "--set", "read.split=film"]) == 0
    assert ("has no groups.csv, so the split is random" in capsys.readouterr().out) == (split == "random")
    assert json.loads((data / "tiny/splits.json").read_text())["split"] == split


def test_run_detects_a_changed_version(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages_run(capsys)
    newer = TRAIN._replace(version=TRAIN.version + 1)
    monkeypatch.setattr(pipeline.cli.main, "STAGES", tuple(newer if stage is TRAIN else stage for stage in STAGES))
    assert stages_run(capsys) == {
        "train": f"version changed from {TRAIN.version} to {newer.version}",
        "evaluate": "bundle/metrics.json is missing or was changed",  # the new bundle has none yet
    }


@pytest.mark.parametrize("stage", STAGES, ids=NAMES)
def test_run_keeps_files_of_the_user(data: Path, capsys: pytest.CaptureFixture[str], stage: Stage) -> None:
    path = data / "mine" / stage.outputs[0]
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    for name in ("thesis.txt", "checkpoints/epoch-3/model.pt", "logs/worker-0.log"):
        (data / "mine" / name).parent.mkdir(parents=True, exist_ok=True)
        (data / "mine" / name).write_text("mine")
    before = {other for other in (data / "mine").rglob("*") if other.is_file()}
    assert main(["run", "tiny", "--name", "mine"]) == 2
    err = capsys.readouterr().err
    assert (
        ": not written by the stage" if stage.name != "evaluate" else "bundle: already contains metrics.json"
    ) in err
    assert path.name in err
    assert {other.read_text() for other in before} == {"mine"}
    path.unlink()
    assert main(["run", "tiny", "--name", "mine"]) == 0
    assert {other.read_text() for other in before - {path}} == {"mine"}


def test_unfinished_stage_is_run_again(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages_run(capsys)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.corpus.reviews.save_reviews", interrupted)
        assert main(["read", "tiny"]) == 130
    capsys.readouterr()
    assert stages_run(capsys) == {"read": "not finished"}


def interrupted(*arguments: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["raw.toml", "...toml"])
def test_recipe_of_a_file_is_not_the_raw_data(data: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (data.parent / name).write_text('base = "quick"\n')
    assert main(["run", name]) == 2
    assert "expected the name of a folder, other than raw" in capsys.readouterr().err
    assert not (data / "raw/.stages").exists()


def test_single_stage_requires_earlier_stages(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "tiny"]) == 2
    assert "run the stage read first (not run yet): sentiment read, same options" in capsys.readouterr().err
    for name in NAMES:
        assert main([name, "tiny"]) == 0
    assert "held_out" in capsys.readouterr().out
    assert stages_run(capsys) == {}
    assert main(["train", "tiny", "--set", "index.max_length=7"]) == 2
    assert "run the stage index first (index.max_length changed from 8 to 7)" in capsys.readouterr().err


def test_single_stage_runs_even_if_up_to_date(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages_run(capsys)
    assert main(["index", "tiny"]) == 0
    assert capsys.readouterr().out.startswith("index: requested")


def test_resumed_training_gives_the_same_bundle(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stages_run(capsys)
    stages_run(capsys, "--name", "twin", "--set", "train.epochs=1")
    save = pipeline.train.save_checkpoint

    def stop(*arguments: object) -> None:
        save(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.train, "save_checkpoint", stop)
        assert main(["run", "tiny", "--name", "twin"]) == 130
    assert "stopped; the same command goes on from here" in capsys.readouterr().err
    assert main(["train", "tiny", "--name", "twin", "--resume"]) == 0
    assert "epoch-001: training goes on after epoch 1" in capsys.readouterr().out
    for file in ("network.safetensors", "history.json", "bundle.json"):
        assert (data / "twin/bundle" / file).read_bytes() == (data / "tiny/bundle" / file).read_bytes()
    assert not (data / "twin/checkpoints").exists()


def test_log_holds_what_the_history_says(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stages_run(capsys)
    settings = ["--name", "logged", "--set", "read.validation=0.34", "--set", "train.epochs=2"]
    stages_run(capsys, *settings, "--log", "tensorboard")
    history = json.loads((data / "logged/bundle/history.json").read_text())
    events = read_events(data / "logged/tensorboard")
    for tag, name in {
        "epoch/loss": "loss",
        "epoch/accuracy": "accuracy",
        "train/loss": "loss",  # one report an epoch
        "validation/loss": "validation_loss",
        "validation/accuracy": "validation_accuracy",
    }.items():
        assert [value for _, value in events[tag]] == pytest.approx([entry[name] for entry in history], rel=1e-6), tag
    steps = [step for step, _ in events["epoch/loss"]]
    assert steps == [step for step, _ in events["train/gradient_norm"]] == [steps[0], 2 * steps[0]]
    assert [value for _, value in events["train/learning_rate"]] == pytest.approx([0.02, 0.02])
    assert main(["train", "tiny", *settings, "--log", "tensorboard"]) == 0
    assert {tag: len(values) for tag, values in read_events(data / "logged/tensorboard").items()} == {
        tag: len(values) for tag, values in events.items()
    }
    assert not (data / "tiny/tensorboard").exists()


@pytest.mark.parametrize("command", ["run", "train"])
def test_log_without_tensorboardx_is_refused_before_anything_else(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    assert main([command, "tiny", "--log", "tensorboard"]) == 2
    install = 'pip install ".[tensorboard]"'
    assert capsys.readouterr().err == f"error: --log tensorboard needs tensorboardX; install it with: {install}\n"
    assert not (data / "tiny").exists()


def test_model_card_has_the_metrics_once_evaluated(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = data / "tiny/bundle/MODEL_CARD.md"
    for stage in ("read", "index", "embed", "train"):
        assert main([stage, "tiny"]) == 0
    assert "Not evaluated yet." in card.read_text()
    assert "| held_out | 3 |\n" in card.read_text()
    assert main(["evaluate", "tiny"]) == 0
    values = json.loads((data / "tiny/bundle/metrics.json").read_text())["metrics"]["held_out"]
    assert f"| held_out | 3 | {values['accuracy']:.4f} | {values['loss']:.4f} |" in card.read_text()
    assert "`train/` was split at random." in card.read_text()
    card.write_text("mine")
    assert stages_run(capsys) == {}


def test_test_split_is_evaluated_where_it_exists(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in {"pos/1_9.txt": "great", "neg/1_1.txt": "bad"}.items():
        path = data / "raw/aclImdb/test" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    stages_run(capsys, "--set", "read.validation=0.34")
    metrics = json.loads((data / "tiny/bundle/metrics.json").read_text())
    assert metrics["split"] == "random"
    reviews = {split: values["reviews"] for split, values in metrics["metrics"].items()}
    assert reviews == {"train": 1, "validation": 2, "held_out": 3, "test": 2}


def test_embedding_without_pretrained_vectors(data: Path, capsys: pytest.CaptureFixture[str], tiny: Recipe) -> None:
    RECIPES["tiny"] = replace(tiny, embed=replace(tiny.embed, vectors="", dim=7))
    stages_run(capsys)
    matrix = np.load(data / "tiny/embedding.npy")
    assert matrix.shape[1] == 7
    assert np.abs(matrix).max() <= 0.05


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["run", "quik"],
            "quik: no such recipe (there are lecture8, lecture8_fixed, quick",
        ),
        (["run", "tiny", "--set", "train.epoch=3"], "train.epoch: no such field; did you mean train.epochs?"),
        (["run", "tiny", "--set", "train.epochs=many"], "train.epochs: expected a whole number, found 'many'"),
        (["run", "tiny", "--set", "train.epochs"], "train.epochs: expected section.field=value"),
        (["run", "tiny", "--name", "../elsewhere"], "--name ../elsewhere: expected the name of a folder"),
        (["run", "tiny", "--name", "raw"], "--name raw: expected the name of a folder"),
        (["run", "tiny", "--reviews", "nowhere"], "--reviews nowhere: no such file or folder"),
        (
            ["run", "tiny", "--vectors", "nowhere.txt"],
            "nowhere.txt: no such file; fetch GloVe with: sentiment",
        ),
        (["run", "tiny", "--device", "gpu:7"], "device 'gpu:7': MXNet sees"),
        (["infer", "film", "--model", "nowhere"], "nowhere: no bundle there"),
        (["fetch_data", "films"], "data 'films': expected reviews or glove or mnist"),
    ],
)
def test_bad_input_is_a_message_and_exit_code_2(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert f"error: {message}" in error
    assert "Traceback" not in error


def test_disk_error_is_a_message(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "tiny").write_text("a file where a folder should be")
    assert main(["run", "tiny"]) == 2
    assert "what was there before is untouched" in capsys.readouterr().err


@pytest.mark.parametrize("name", [*NAMES, "run", "infer", "fetch_data"])
def test_script_prints_its_help(name: str) -> None:
    script = Path(__file__).parents[2] / "scripts" / f"{name}.py"
    done = subprocess.run([sys.executable, str(script), "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: sentiment {name}")


def test_infer_command_takes_the_shipped_bundle_where_another_is_trained(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages_run(capsys)
    assert main(["infer", "a great film"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Glad you liked it! (positive, ")
    assert err == "model: small (comes with the package)\n"


def test_every_section_of_a_recipe_belongs_to_a_stage(tiny: Recipe) -> None:
    assert {section for stage in STAGES for section in stage.settings if "." not in section} == set(sections(tiny))
    assert set(TRAIN.settings) >= {"network", "ngram_model", "train"}


def test_reviews_have_two_classes(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(raw.parent)
    settings = ["--set", "network.num_outputs=3", "--set", "embed.vectors=", "--set", "read.sentences="]
    settings += ["--set", "read.generated=0", "--set", "read.held_out=0.34", "--set", "read.split=random"]
    assert main(["run", "quick", "--data", data, *settings]) == 2
    assert "network.num_outputs=3: reviews are negative or positive; set it to 1 or 2" in capsys.readouterr().err


TOPICS = {"Food": "hot soup", "Music": "a song", "Sport": "a goal"}
SETTINGS = "embed.vectors= embed.dim=8 train.epochs=8 train.learning_rate=0.05 read.validation=0.2".split()


@pytest.fixture
def table(data: Path) -> list[str]:
    """Write a table of three classes; return the options that train on it."""
    rows = [f"{text} {number % 4},{topic},{number // 4}" for number in range(24) for topic, text in TOPICS.items()]
    Path("topics.csv").write_text("\n".join(["comment,topic,author", *rows, ",,", ""]))
    named = ["--reviews", "topics.csv", "--column", "comment", "--label-column", "topic"]
    return [*named, "--name", "topics", *(f"--set={setting}" for setting in SETTINGS)]


def test_run_reads_a_table(data: Path, table: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tiny", *table]) == 0
    out = capsys.readouterr().out
    assert out.startswith("read: not run yet\ntrain: 37 texts: Food 13, Music 12, Sport 12\nvalidation: 10 texts: ")
    assert "\nheld_out:\nclass          texts  precision" in out
    told = "texts are trained on too, so its metrics are too good; sentiment check names them\n"
    assert f"held_out: 25 {told}" in out
    folder = data / "topics"
    assert json.loads((folder / "splits.json").read_text()) == {"split": "class", "classes": list(TOPICS)}
    metrics = json.loads((folder / "bundle/metrics.json").read_text())["metrics"]
    assert sorted(metrics) == ["held_out", "train", "validation"]
    assert metrics["held_out"]["accuracy"] == 1.0
    assert "| topics.csv" not in (folder / "bundle/MODEL_CARD.md").read_text()
    assert "- The texts in `topics.csv`" in (folder / "bundle/MODEL_CARD.md").read_text()
    with open(folder / "predictions.csv") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["split", "review", "label", "Food", "Music", "Sport"]
    assert len(rows) == 73
    held_out = [row for row in rows if row[0] == "held_out"]
    assert all(rows[0][3 + np.argmax(list(map(float, row[3:])))] == row[2] for row in held_out)
    assert main(["infer", "--model", "topics", "a song"]) == 0
    assert capsys.readouterr().out.startswith("Music (Music ")
    assert main(["run", "tiny", *table]) == 0
    assert capsys.readouterr().out.count(": up to date\n") == 5


def test_stages_go_on_with_the_table_that_was_read(
    data: Path, table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    table.append("--set=train.epochs=1")
    others = table[table.index("--name") :]
    assert main(["read", "tiny", *table]) == 0
    for name in NAMES[1:]:
        assert main([name, "tiny", *others]) == 0, name
        assert (
            f"reviews: {Path('topics.csv').resolve()}, as before; --reviews names others\n" in capsys.readouterr().err
        )
    assert main(["run", "tiny", *others]) == 0
    assert capsys.readouterr().out.count(": up to date\n") == 5
    Path("topics.csv").write_text(Path("topics.csv").read_text() + "warm soup,Food,9\n")
    assert main(["train", "tiny", *others]) == 2
    assert "run the stage read first (reviews changed)" in capsys.readouterr().err
    assert main(["run", "tiny", *others]) == 0
    assert "read: reviews changed\n" in capsys.readouterr().out
    assert main(["run", "tiny", *table, "--group", "author"]) == 0
    assert "read: table.group_column changed from None to author\n" in capsys.readouterr().out
    assert json.loads((data / "topics/bundle/metrics.json").read_text())["split"] == "group"
    Path("topics.csv").rename("other.csv")
    assert main(["run", "tiny", *others]) == 2
    assert (
        "topics.csv: no such file or folder, though it was read before; --reviews names others"
        in capsys.readouterr().err
    )
    assert main(["read", "tiny", "--name", "topics", "--reviews", str(data / "raw/aclImdb")]) == 0
    assert "train: 1 positive and 2 negative reviews" in capsys.readouterr().out


def test_stages_go_on_with_the_folder_that_was_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(data / "raw/aclImdb", "own")
    Path("own/train/pos/3_7.txt").write_text("Own fun.")
    Path("own/train/neg/3_3.txt").write_text("Own bore.")
    assert list(stages_run(capsys, "--name", "own", "--reviews", "own")) == NAMES
    assert stages_run(capsys, "--name", "own") == {}
    assert main(["train", "tiny", "--name", "own"]) == 0
    assert f"reviews: {Path('own').resolve()}, as before; --reviews names others\n" in capsys.readouterr().err
    assert '"own"' in (data / "own/bundle/vocabulary.json").read_text()
    Path("own").rename("moved")
    assert main(["run", "tiny", "--name", "own"]) == 2
    assert "own: no such file or folder, though it was read before; --reviews names others" in capsys.readouterr().err
    assert stages_run(capsys, "--name", "own", "--reviews", str(data / "raw/aclImdb"))["read"].startswith("reviews ")
    assert stages_run(capsys, "--name", "own") == {}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["nowhere", "nowhere.csv"])
def test_reviews_that_are_not_there_leave_nothing(data: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["run", "tiny", "--reviews", name]) == 2
    assert capsys.readouterr().err == f"error: --reviews {name}: no such file or folder\n"
    assert not (data / "tiny").exists()


@pytest.mark.parametrize("command", ["train", "run"])
def test_refused_training_keeps_the_bundle_and_the_checkpoints(
    data: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    stages_run(capsys)
    (data / "tiny/checkpoints").mkdir()
    (data / "tiny/checkpoints/epoch-001").write_text("kept")
    device = ["--device", "gpu:7"] + ["--set", "train.epochs=4"] * (command == "run")
    assert main([command, "tiny", *device]) == 2
    assert "device 'gpu:7': MXNet sees" in capsys.readouterr().err
    (data / "tiny/bundle/notes.txt").write_text("mine")
    assert main([command, "tiny", *device[2:]]) == 2
    assert "notes.txt" in capsys.readouterr().err
    (data / "tiny/bundle/notes.txt").unlink()
    assert (data / "tiny/checkpoints/epoch-001").read_text() == "kept"
    assert stages_run(capsys) == {}


def test_run_takes_a_folder_for_each_class_and_a_file_to_test_on(
    data: Path, table: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for topic, text in TOPICS.items():
        Path("own", topic).mkdir(parents=True)
        for number in range(4):
            Path("own", topic, f"{number}.txt").write_text(text)
    options = ["--reviews", "own", *table[table.index("--name") :], "--set=read.validation=0"]
    assert main(["run", "tiny", *options, "--test", "own"]) == 0
    counts = "12 texts: Food 4, Music 4, Sport 4\n"
    assert f"\ntrain: {counts}test: {counts}" in capsys.readouterr().out
    Path("own/Food/0.txt").write_text("cold soup")
    assert main(["index", "tiny", *options, "--test", "own"]) == 2
    assert "run the stage read first (reviews changed)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label-column", "kind"], "topics.csv: no column 'kind'; found 'comment', 'topic', 'author'"),
        (["--reviews", "data/raw/aclImdb"], "--column: is for a table; name it with --reviews"),
        (["--validation", "none.csv"], "none.csv: no such file"),
    ],
)
def test_run_on_a_table_refuses(
    table: list[str], arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "tiny", *table, *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("data/topics/vocabulary.json").exists()


STARS = (
    "--set embed.vectors= --set read.held_out=0.34 --set read.split=random --set train.epochs=1 "
    "--set train.calibrate=false --set read.validation=0 --set ngram_model.min_df=1".split()
)


def test_stages_of_stars(raw: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    (raw / "aclImdb/train/pos/3.txt").write_text("Great.")
    assert main(["run", "stars", "--data", str(raw.parent), "--device", "cpu", *STARS]) == 0
    out = capsys.readouterr().out
    assert caplog.messages == [f"{raw}/aclImdb/train: left out 1 of 7 reviews: their stars are not known"]
    counts = re.findall(r"^(?:train|held_out): \d reviews by stars: (.+)$", out, re.MULTILINE)
    assert sorted(", ".join(counts).split(", ")) == ["10: 1", "1: 1", "2: 1", "3: 1", "8: 1", "9: 1"]
    header = next(line for line in out.splitlines() if line.startswith("split "))
    assert header.split()[-2:] == ["within_one", "mean_absolute_error"]
    folder = raw.parent / "stars"
    metrics = json.loads((folder / "bundle/metrics.json").read_text())["metrics"]["held_out"]
    with open(folder / "predictions.csv") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["split", "review", "label", "1", "2", "3", "4", "7", "8", "9", "10"]
    assert sorted(int(row["label"]) for row in rows) == [1, 2, 3, 8, 9, 10]
    held_out = [row for row in rows if row["split"] == "held_out"]
    assert metrics["reviews"] == len(held_out)
    names = list(rows[0])[3:]
    medians = [names[np.argmax(np.cumsum([float(row[name]) for name in names]) >= 0.5)] for row in held_out]
    errors = [abs(int(median) - int(row["label"])) for median, row in zip(medians, held_out)]
    assert metrics["mean_absolute_error"] == pytest.approx(np.mean(errors))
    card = (folder / "bundle/MODEL_CARD.md").read_text()
    assert "They are in this order, and the answer is their median." in card
    assert "| within one | mean absolute error | calibration error |\n" in card
    shown = [f"{metrics[name]:.4f}" for name in ("within_one", "mean_absolute_error", "calibration_error")]
    assert f" {' | '.join(shown)} |\n" in card
    assert main(["infer", "a great film", "--model", str(folder / "bundle")]) == 0
    assert re.fullmatch(r"\d+ of 10 \(\d+ [\d.]+%, \d+ [\d.]+%, \d+ [\d.]+%\)\n", capsys.readouterr().out)


def test_stages_of_stars_need_eight_outputs(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(raw.parent), *STARS, "--set", "network.num_outputs=2"]
    assert main(["run", "stars", *arguments]) == 2
    assert 'network.num_outputs=2: reviews with read.labels="stars" are of 8 classes; set it to 8' in (
        capsys.readouterr().err
    )


def test_changed_stars_are_read_again(data: Path, capsys: pytest.CaptureFixture[str], tiny: Recipe) -> None:
    settings = ["--set", "read.labels=stars", "--set", "network.num_outputs=8", "--set", "train.epochs=1"]
    table = data / "raw/aclImdb/groups.csv"
    table.write_text("file,group,rating\ntrain/pos/0_9.txt,1,7\n")
    stages_run(capsys, *settings)
    table.write_text("file,group,rating\ntrain/pos/0_9.txt,1,10\n")
    assert stages_run(capsys, *settings)["read"] == "reviews changed"
