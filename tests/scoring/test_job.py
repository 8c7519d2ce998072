"""Jobs: several processes, and what is kept of one that was stopped."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

from pipeline.errors import PipelineError
from pipeline.model.bundle import SHIPPED
from pipeline.recipe import Recipe
from pipeline.scoring import job
from pipeline.scoring.files import Part, Scored
from pipeline.scoring.job import Report, score_files
from tests.conftest import save_random_bundle

ROOT = Path(__file__).parents[2]
TEXTS = ["A great film, I loved it.", "Awful, boring and dull.", "", "好电影", "great", "dull", "a\nplot"]
LABELS = ["positive", "negative", "", "unsure", "positive", "negative"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with two files of reviews, of four parts and one."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # of other processes
    Path("in").mkdir()
    write(Path("in/a.csv"), TEXTS)
    write(Path("in/b.csv"), ["great"])


def write(path: Path, texts: List[str]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *enumerate(texts)])


def run(**options: Any) -> Report:
    return score_files(Path("in"), Path("out"), **{"rows": 2, "workers": 1, **options})


def read(name: str) -> List[Dict[str, str]]:
    with open(f"out/{name}", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def parts() -> List[str]:
    return sorted(path.name for path in Path("out").iterdir() if not path.name.startswith("_"))


def stop_after(count: int, monkeypatch: pytest.MonkeyPatch, how: BaseException) -> None:
    done: List[Part] = []

    def score_some(part: Part, **options: Any) -> Scored:
        if len(done) == count:
            raise how
        done.append(part)
        return score_part(part, **options)

    score_part = job.score_part
    monkeypatch.setattr(job, "score_part", score_some)


PARTS = [*(f"a-{number:05}.csv" for number in range(4)), "b-00000.csv"]


def test_unknown_engine_is_refused_before_anything_is_written() -> None:
    with pytest.raises(PipelineError, match=r"^engine: expected one of local, dask, found 'spark'$"):
        run(engine="spark")
    assert not Path("out").exists()


@pytest.mark.parametrize(("engine", "workers"), [("local", 1), ("local", 2), ("dask", 2)])
def test_engines_write_the_same_parts(engine: str, workers: int) -> None:
    assert run(engine=engine, workers=workers) == Report(8, 1, 5, 0)
    assert parts() == PARTS
    rows = [row for name in PARTS[:4] for row in read(name)]
    assert [row["id"] for row in rows] == [str(number) for number in range(7)]
    assert [row["text"] for row in rows] == TEXTS
    assert [row["label"] for row in rows][:6] == LABELS
    assert [row["error"] for row in rows] == ["", "", "no words in it", "", "", "", ""]
    assert float(rows[0]["positive"]) > 0.99
    assert json.loads(Path("out/_scoring.json").read_text())["complete"] is True


@pytest.mark.parametrize("how", [KeyboardInterrupt(), PipelineError("stop"), OSError("disk full")])
def test_a_stopped_job_goes_on_where_it_was(how: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(type(how)):
        stop_after(2, patch, how)
        run()
    assert parts() == PARTS[:2]
    assert json.loads(Path("out/_scoring.json").read_text())["complete"] is False
    times = {name: Path("out", name).stat().st_mtime_ns for name in PARTS[:2]}
    assert run(engine="dask", workers=2) == Report(4, 0, 3, 2)  # another engine may go on
    assert parts() == PARTS
    assert {name: Path("out", name).stat().st_mtime_ns for name in PARTS[:2]} == times
    assert run() == Report(0, 0, 0, 5)


def test_what_a_killed_process_left_half_written_is_removed() -> None:
    Path("out").mkdir()
    Path("out/.sentiment-0123456789abcdef.tmp").write_text('"id","te')
    assert run().parts == 5
    assert sorted(path.name for path in Path("out").iterdir()) == ["_scoring.json", *PARTS]


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_after_a_kill_no_process_goes_on_and_the_same_command_does(engine: str) -> None:
    write(Path("in/a.csv"), ["It was a plot. " * 50] * 2000)
    command = [sys.executable, "-m", "pipeline", "score", "in", "--output", "out", "--rows", "100", "--engine", engine]
    process = subprocess.Popen(command)
    try:
        while len(list(Path("out").glob("*.csv"))) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        workers = list(children(process.pid))
    finally:
        process.kill()
        process.wait()
    assert len(workers) >= 2
    end = time.monotonic() + 60
    while any(is_running(worker) for worker in workers):
        assert time.monotonic() < end, "a worker outlived its parent"
        time.sleep(0.02)
    kept = [path.name for path in Path("out").glob("*.csv")]
    assert 2 <= len(kept) < 21
    rows_kept = sum(len(read(name)) for name in kept)
    assert run(rows=100) == Report(2001 - rows_kept, 0, 21 - len(kept), len(kept))
    rows = [row["id"] for name in parts() if name.startswith("a-") for row in read(name)]
    assert rows == [str(number) for number in range(2000)]
    assert len(parts()) == 21  # what was half written is gone


def children(parent: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(path.parent.name)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def change_file() -> None:
    write(Path("in/a.csv"), [*TEXTS, "one more"])


def touch_file() -> None:
    os.utime("in/a.csv", ns=(1, 1))


def add_file() -> None:
    write(Path("in/c.csv"), TEXTS)


def remove_file() -> None:
    Path("in/b.csv").unlink()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (change_file, "out: the input a.csv has changed since its first parts were scored; name another folder"),
        (touch_file, "out: the input a.csv has changed since"),
        (add_file, "out: the input c.csv is new since"),
        (remove_file, "out: the input b.csv is gone since"),
    ],
)
def test_a_changed_input_is_refused(change: Callable[[], None], message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    before = {name: Path("out", name).read_bytes() for name in PARTS}
    change()
    with pytest.raises(PipelineError) as error:
        run()
    assert str(error.value).startswith(message)
    assert {name: Path("out", name).read_bytes() for name in PARTS} == before


def test_another_model_and_other_settings_are_refused(tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    run(model=tmp_path / "bundle")
    with pytest.raises(PipelineError, match=r"^out: its parts were scored with another model, or it has changed; name"):
        run(model=SHIPPED)
    with pytest.raises(PipelineError, match=r"^out: its parts were scored with other settings .*'rows': 2.*'rows': 3"):
        run(model=tmp_path / "bundle", rows=3)
    save_random_bundle(tmp_path / "bundle", replace(tiny, network=replace(tiny.network, hidden_size=4)))
    with pytest.raises(PipelineError, match=r"^out: its parts were scored with another model, or it has changed; name"):
        run(model=tmp_path / "bundle")


def test_other_folders_are_left_alone() -> None:
    Path("out").mkdir()
    Path("out/notes.txt").write_text("mine")
    with pytest.raises(PipelineError, match=r"^out: already contains notes\.txt; choose a new or empty folder$"):
        run()
    for output in ("in", "in/out", "in/../in/out"):
        with pytest.raises(PipelineError, match=f"^{output}: is inside the input; choose a folder outside in$"):
            score_files(Path("in"), Path(output))
    Path("out/notes.txt").rename("out/_scoring.json")
    Path("out/_scoring.json").write_text("[]")
    with pytest.raises(PipelineError, match=r"^out/_scoring\.json: not what this version writes there"):
        run()
    for name in ("rows", "workers"):
        with pytest.raises(PipelineError, match=f"^{name}: expected 1 or more, found 0$"):
            run(**{name: 0})


def test_a_job_that_has_scored_nothing_takes_a_mended_input() -> None:
    Path("bad").mkdir()
    Path("bad/a.csv").write_text("id,text\n1,good\n2\n")
    with pytest.raises(PipelineError, match="not CSV"):
        score_files(Path("bad"), Path("mended"), workers=1)
    assert [name for name in os.listdir("mended") if not name.startswith(".")] == ["_scoring.json"]
    Path("bad/a.csv").write_text("id,text\n1,good\n2,bad\n")
    assert score_files(Path("bad"), Path("mended"), workers=1).rows == 2


def test_a_missing_column_is_reported_before_anything_is_written() -> None:
    with pytest.raises(PipelineError, match=r"^in/a\.csv: no column 'review'; found 'id', 'text'$"):
        run(column="review")
    assert not Path("out").exists()
