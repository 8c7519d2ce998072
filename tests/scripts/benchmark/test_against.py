from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from scripts.benchmark import against, machine, rows
from scripts.benchmark.__main__ import main
from scripts.benchmark.against import NO_SUCH_ROW, describe_checkout, find_command, run_against

# A checkout whose command writes the next of its figures, or ends with an error.
BENCHMARK = """
import json, os, pathlib, sys
assert pathlib.Path.cwd() == pathlib.Path(__file__).resolve().parents[2]
assert os.environ["PYTHONPATH"].split(os.pathsep)[0] == os.getcwd()
options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert options["--repeats"] == "1" and pathlib.Path(options["--data"]).is_absolute(), options
with open("../order", "a") as file:
    file.write(pathlib.Path.cwd().name + " ")
figures = pathlib.Path("figures")
first, *rest = figures.read_text().split(",")
figures.write_text(",".join(rest))
if not first.isdigit():
    sys.exit("Traceback …\\nerror: " + first)
row = {"name": options["--only"], "ours": int(first), "baseline": 100, "ratio": 100 / int(first)}
pathlib.Path(options["--json"]).write_text(json.dumps([row]))
"""


def write_checkout(folder: Path, figures: str) -> Path:
    file = folder / "scripts/benchmark/__main__.py"
    file.parent.mkdir(parents=True)
    (folder / "scripts/__init__.py").touch()
    file.write_text(BENCHMARK)
    (folder / "figures").write_text(figures)
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for this checkout: 4, 5 and 10."""
    folder = write_checkout(tmp_path / "new", "4,5,10")
    monkeypatch.setattr(against, "_ROOT", folder)
    return folder


@pytest.mark.parametrize(
    ("unit", "speed_up", "limits"), [("s", 3, [2, 4]), ("words/s", pytest.approx(1 / 3), [0.25, 0.5])]
)
def test_checkouts_take_turns(unit: str, speed_up: float, limits: list[float], here: Path, tmp_path: Path) -> None:
    other = write_checkout(tmp_path / "old", "8,15,40")
    figures = run_against("text", unit, other, tmp_path, 3, int)
    assert figures == {
        "ours": 5,
        "ours_range": [4, 10],
        "baseline": 100,
        "baseline_range": [100, 100],
        "ratio": 20,
        "ratio_range": [10, 25],
        "other": 15,
        "other_range": [8, 40],
        "speed_up": speed_up,
        "speed_up_range": limits,
    }
    assert (tmp_path / "order").read_text() == "new old old new new old "


def test_a_row_that_the_other_lacks_is_reported(here: Path, tmp_path: Path) -> None:
    other = write_checkout(tmp_path / "old", "text: no such benchmark; expected one of cores")
    figures = run_against("text", "s", other, tmp_path, 2, int)
    assert figures["other_error"] == NO_SUCH_ROW
    assert figures["ours"] == 4.5
    assert "other" not in figures
    assert (tmp_path / "order").read_text() == "new old new "  # the other is not asked again


def test_a_failure_of_the_other_is_reported(here: Path, tmp_path: Path) -> None:
    other = write_checkout(tmp_path / "old", "8,benchmark text: no reviews")
    figures = run_against("text", "s", other, tmp_path, 2, int)
    assert figures["other_error"] == "error: benchmark text: no reviews"
    assert "speed_up" not in figures


def test_a_failure_of_this_checkout_is_an_error(here: Path, tmp_path: Path) -> None:
    (here / "figures").write_text("benchmark text: no reviews")
    other = write_checkout(tmp_path / "old", "8")
    with pytest.raises(PipelineError, match="no reviews"):
        run_against("text", "s", other, tmp_path, 1, int)


def test_a_recorded_failure_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    (folder / "scripts/benchmark").mkdir(parents=True)
    (folder / "scripts/__init__.py").touch()
    code = 'import pathlib, sys; pathlib.Path(sys.argv[-1]).write_text(\'[{"error": "no reviews"}]\'); sys.exit(2)'
    (folder / "scripts/benchmark/__main__.py").write_text(code)
    monkeypatch.setattr(against, "_ROOT", folder)
    with pytest.raises(PipelineError, match=r"^no reviews$"):
        run_against("text", "s", folder, tmp_path, 1, int)


@pytest.mark.parametrize(
    ("figures", "code", "end"),
    [
        ("8,8", 0, "; old: 8 s; 1.8 times as fast (1.6–2) as old"),
        ("text: no such benchmark", 0, "; old: no such benchmark"),
        ("no reviews", 2, "; old: error: no reviews"),
    ],
)
def test_command_compares_with_another_checkout(
    figures: str,
    code: int,
    end: str,
    here: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(machine, "_busy_seconds", lambda: None)
    monkeypatch.setattr(rows, "describe_checkout", lambda path: path.name)
    other = write_checkout(tmp_path / "old", figures)
    command = ["--only", "text", "--repeats", "2", "--against", str(other), "--json", str(tmp_path / "speed.json")]
    assert main(command) == code
    assert capsys.readouterr().out.rstrip().endswith(end)
    (row,) = json.loads((tmp_path / "speed.json").read_text())
    assert row["against"] == "old"


def test_find_command_refuses_other_folders(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no scripts/benchmark in it; expected a checkout of this project"):
        find_command(tmp_path)


def test_describe_checkout_gives_the_commit(tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    assert describe_checkout(folder) == "checkout"
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.check_call([*git, "init", "--quiet"])
    (folder / "file").write_text("one")
    subprocess.check_call([*git, "add", "file"])
    subprocess.check_call([*git, "commit", "--quiet", "--message", "one"])
    commit = subprocess.check_output([*git, "rev-parse", "--short", "HEAD"], text=True).strip()
    assert describe_checkout(folder) == commit
    (folder / "file").write_text("two")
    assert describe_checkout(folder) == f"{commit}-dirty"
