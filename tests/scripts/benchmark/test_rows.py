from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import PipelineError
from scripts.benchmark import machine, rows
from scripts.benchmark.__main__ import add_row, main
from scripts.benchmark.rows import BENCHMARKS, Benchmark, run_benchmarks, show
from scripts.benchmark.text import generate_glove, read_bytes
from scripts.benchmark.timing import Comparison, Timed


def fixed(ours: float, baseline: float) -> Any:
    return lambda raw: Comparison(lambda: Timed(ours, 1), lambda: Timed(baseline, 1), lambda a, b: "")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> dict[str, Benchmark]:
    benchmarks = {
        "swift": Benchmark(fixed(1, 12), "the tortoise", "s", 8),
        "slow": Benchmark(fixed(2, 1), "the hare", "s", 1.5),
        "large": Benchmark(fixed(1, 1), "the elephant", "s", 1, opt_in=True),
    }
    monkeypatch.setattr(rows, "BENCHMARKS", benchmarks)
    monkeypatch.setattr(machine, "_busy_seconds", lambda: None)  # no warnings of what else runs
    return benchmarks


def write_reviews(folder: Path) -> None:
    for kind, word in (("pos", "great"), ("neg", "bad")):
        (folder / "train" / kind).mkdir(parents=True)
        for i in range(20):
            text = f"A {word} film no. {i},\nisn't it?<br />" + "Caf\u00e9 " * i * 30
            (folder / "train" / kind / f"{i}_7.txt").write_text(text, encoding="utf-8")


def test_run_benchmarks_yields_results_and_goals(table: dict[str, Benchmark]) -> None:
    rows = list(run_benchmarks([], Path(), 3))
    assert [row["name"] for row in rows] == ["swift", "slow"]
    assert rows[0].pop("other_load", -1) is None
    assert rows[0] == {
        "name": "swift",
        "ours": 1,
        "ours_range": [1, 1],
        "baseline": 12,
        "baseline_range": [12, 12],
        "baseline_name": "the tortoise",
        "ratio": 12,
        "ratio_range": [12, 12],
        "goal": 8,
        "unit": "s",
        "repeats": 3,
    }


def test_run_benchmarks_keeps_the_order_of_names(table: dict[str, Benchmark]) -> None:
    assert [row["name"] for row in run_benchmarks(["large", "swift"], Path(), 1)] == ["large", "swift"]


def test_run_benchmarks_refuses_unknown_names_first(table: dict[str, Benchmark]) -> None:
    with pytest.raises(PipelineError, match=r"^swfit: no such benchmark; expected one of swift, slow, large$"):
        next(run_benchmarks(["swift", "swfit"], Path(), 1))


def test_missing_baseline_names_the_extra(table: dict[str, Benchmark]) -> None:
    def prepare(raw: Path) -> Comparison:
        import tortoise_of_no_package  # type: ignore[import-not-found]

        return tortoise_of_no_package.run()

    table["swift"] = table["swift"]._replace(prepare=prepare)
    missing, other = run_benchmarks([], Path(), 1)
    assert missing["error"] == 'tortoise_of_no_package is missing: pip install ".[benchmark]"'
    assert other["ratio"] == 0.5


def test_show_reports_missed_goals(table: dict[str, Benchmark]) -> None:
    assert [show(row) for row in run_benchmarks([], Path(), 1)] == [
        "swift: 1 s; the tortoise: 12 s; 12 times as fast (goal 8)",
        "slow: 2 s; the hare: 1 s; 0.5 times as fast (goal 1.5, missed)",
    ]


def test_text_agrees_with_the_lecture(tmp_path: Path) -> None:
    write_reviews(tmp_path / "aclImdb")
    (row,) = run_benchmarks(["text"], tmp_path, 1)
    assert row["ratio"] > 0


def test_text_without_reviews_names_the_command(tmp_path: Path) -> None:
    (row,) = run_benchmarks(["text"], tmp_path, 1)
    assert row["error"] == f"{tmp_path}/aclImdb: no reviews; fetch them with scripts/fetch_data.py reviews"


@pytest.mark.parametrize("name", ["glove", "glove_gluonnlp"])
def test_glove_agrees_with_the_baselines(name: str, tmp_path: Path) -> None:
    random = np.random.Generator(np.random.PCG64(1))
    lines = [f"w{i} " + " ".join(f"{number:.5g}" for number in random.normal(size=50)) for i in range(250)]
    (tmp_path / "glove.6B.50d.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (row,) = run_benchmarks([name], tmp_path, 1)
    assert row["ratio"] > 0


def test_glove_without_file_names_the_command(tmp_path: Path) -> None:
    (row,) = run_benchmarks(["glove"], tmp_path, 1)
    assert row["error"].startswith(f"{tmp_path}/glove.6B.50d.txt: no such file; fetch it with")


def test_generate_glove_writes_the_returned_vectors(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    with open(path, "wb") as file:
        vectors = generate_glove(file, 1003)
    assert vectors.shape == (1000, 300)
    with open(path, encoding="utf-8") as lines:
        words, numbers = zip(*(line.split(" ", 1) for line in lines))
    assert words == tuple(f"w{i}" for i in range(1003))
    assert (np.array(numbers[1002].split(), np.float32) == vectors[2]).all()
    assert read_bytes(str(path))["bytes"] == path.stat().st_size


def test_command_writes_results_with_machine_and_date(
    table: dict[str, Benchmark], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--only", "swift", "--repeats", "2", "--json", str(tmp_path / "speed.json")]) == 0
    assert "12 times as fast" in capsys.readouterr().out
    (row,) = json.loads((tmp_path / "speed.json").read_text())
    assert (row["name"], row["ratio"], row["repeats"]) == ("swift", 12, 2)
    assert set(row["about"]) == {"Command", "Date", "Machine", "Software"}


def test_each_row_is_written_when_it_is_measured(table: dict[str, Benchmark], tmp_path: Path) -> None:
    def stop(raw: Path) -> Comparison:
        assert [row["name"] for row in json.loads(file.read_text())] == ["swift"]
        raise KeyboardInterrupt

    file = tmp_path / "speed.json"
    table["slow"] = table["slow"]._replace(prepare=stop)
    assert main(["--json", str(file)]) == 130
    assert [row["name"] for row in json.loads(file.read_text())] == ["swift"]


def test_a_failed_row_is_recorded_and_the_others_are_measured(
    table: dict[str, Benchmark], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(raw: Path) -> Comparison:
        raise ValueError("out of breath")

    file = tmp_path / "speed.json"
    table["swift"] = table["swift"]._replace(prepare=fail)
    assert main(["--json", str(file)]) == 2
    output = capsys.readouterr()
    assert output.out.splitlines()[0] == "swift: failed: ValueError: out of breath"
    assert output.err.split("\r")[-1] == "error: failed, as reported above: swift\n"
    failed, measured = json.loads(file.read_text())
    assert (failed["name"], failed["error"]) == ("swift", "ValueError: out of breath")
    assert (measured["name"], measured["ratio"]) == ("slow", 0.5)


def test_add_row_replaces_the_row_of_that_name(tmp_path: Path) -> None:
    file = tmp_path / "speed.json"
    rows: list[dict[str, Any]] = [
        {"name": "text", "ratio": 5},
        {"name": "glove", "ratio": 9},
        {"name": "text", "error": "no reviews"},  # keeps what was measured
        {"name": "text", "error": "still none"},
        {"name": "glove", "ratio": 8},
        {"name": "glove", "ratio": 8, "against": "0123abc"},
    ]
    for row in rows:
        add_row(file, row)
    assert json.loads(file.read_text()) == [rows[0], rows[3], rows[4], rows[5]]
    add_row(file, {"name": "text", "ratio": 6})
    assert json.loads(file.read_text()) == [rows[4], rows[5], {"name": "text", "ratio": 6}]


@pytest.mark.parametrize("content", ['{"name": "text"}', "[1]", '["name"]', "text: 5 s", ""])
def test_command_leaves_other_files_alone(
    content: str, table: dict[str, Benchmark], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notes.json"
    file.write_text(content)
    assert main(["--json", str(file)]) == 2
    output = capsys.readouterr()
    assert output.err.startswith(f"error: {file}")
    assert output.out == ""
    assert file.read_text() == content


def test_command_warns_of_other_load(
    table: dict[str, Benchmark],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def end(self: machine.OtherLoad, *exception: object) -> None:
        self.cores = 0.75

    monkeypatch.setattr(machine.OtherLoad, "__exit__", end)
    assert main(["--only", "swift", "--json", str(tmp_path / "speed.json")]) == 0
    lines = capsys.readouterr().err.replace("\r", "\n").split("\n")  # the bar is cleared first, if there is one
    assert any(line.startswith("warning: swift: other processes used 0.8 cores meanwhile;") for line in lines)
    assert json.loads((tmp_path / "speed.json").read_text())[0]["other_load"] == 0.75


@pytest.mark.parametrize("arguments", [["--repeats", "0"], ["--only", "nothing"], ["--against", "nowhere"]])
def test_command_refuses_invalid_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_every_benchmark_has_a_goal_and_a_baseline() -> None:
    assert all(line.goal > 0 and line.baseline_name and line.unit for line in BENCHMARKS.values())
