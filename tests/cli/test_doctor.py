"""The command doctor, on a sound installation and on broken ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

from pipeline.cli import doctor
from pipeline.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # of other processes
    return tmp_path


def test_doctor_finds_nothing_wrong_here(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "ok     MXNet 1.9.1\n" in out
    assert "note   data/raw: no reviews, which training needs\n       -> sentiment fetch_data reviews\n" in out
    assert "ok     model: small (comes with the package), accuracy 0.9" in out
    assert out.endswith("\nEverything that is required works.\n")


def test_doctor_tells_a_damaged_bundle(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "data/mine/bundle").mkdir(parents=True)
    (folder / "data/mine/bundle/bundle.json").write_text('{"format": 9}')
    found = next(doctor.check_bundles(Path("data")))
    assert (found.level, found.text) == (doctor.FAULT, "data/mine/bundle: does not predict")
    assert found.advice.startswith("data/mine/bundle: a bundle of format 9; this version reads format 3")


@pytest.mark.parametrize(
    ("stub", "advice"),
    [
        ("raise ModuleNotFoundError('No', name='mxnet')", 'MXNet is not installed: pip install ".[cpu]"'),
        ("raise OSError('libgomp.so.1: not found')", "MXNet is installed but does not load (libgomp.so.1: not found)"),
        ("import os; os.kill(os.getpid(), 11)", "it crashed with signal 11: install MXNet anew"),
        ("import os; os._exit(3)", "it ended without a message"),
        ("raise RuntimeError('odd')", "RuntimeError: odd"),
    ],
)
def test_doctor_survives_a_broken_mxnet(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stub: str, advice: str
) -> None:
    (folder / "broken").mkdir()
    (folder / "broken/mxnet.py").write_text(stub)
    monkeypatch.setenv("PYTHONPATH", f"{folder / 'broken'}{os.pathsep}{ROOT}")
    monkeypatch.setattr(doctor, "_version", lambda package: "1.0" if package == "numpy" else None)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert f"FAULT  MXNet does not work\n       -> {advice}" in out
    assert "small: does not predict" in out
    assert out.endswith("\n1 broken\n")


def test_doctor_asks_for_mxnet_only_where_onnxruntime_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 1))
    for version, level in (("1.17", doctor.NOTE), (None, doctor.FAULT)):
        monkeypatch.setattr(doctor, "_version", lambda package, version=version: version)
        (found,) = doctor.check_python(Path())
        assert found == (level, "Python 3.13.1, where MXNet does not run", "use Python 3.8 to 3.12")


def test_doctor_refuses_numpy_2_only_beside_mxnet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", {"numpy": "2.1.0"}.get)
    (found,) = doctor.check_numpy(Path())
    assert found == (doctor.FAULT, "numpy 2.1.0, with which MXNet does not work", 'pip install "numpy>=1.22,<2"')
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert list(doctor.check_numpy(Path())) == []


def test_doctor_goes_on_after_a_file_that_it_cannot_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def check_unreadable(data: Path) -> Iterator[doctor.Finding]:
        yield doctor.Finding(doctor.OK, "first")
        raise PermissionError(13, "Permission denied", "data/raw")

    monkeypatch.setattr(doctor, "CHECKS", (check_unreadable, lambda data: [doctor.Finding(doctor.OK, "last")]))
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert out == "ok     first\nFAULT  data/raw: Permission denied\nok     last\n\n1 broken\n"


@pytest.mark.parametrize("module", ["numpy", "sklearn", "joblib", "tqdm"])
def test_doctor_tells_a_missing_package(module: str) -> None:
    code = f"""
import sys
from pipeline.cli import doctor, main as cli
sys.modules[{module!r}] = None
doctor.CHECKS = (doctor.check_packages, doctor.check_data)
sys.exit(cli.main(["doctor"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    package = "scikit-learn" if module == "sklearn" else module
    assert (done.returncode, done.stderr) == (1, "")
    assert f'FAULT  {package} is not installed\n       -> pip install "{package}' in done.stdout
    assert "broken" in done.stdout


def test_doctor_tells_a_package_that_does_not_load(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tqdm.py").write_text("raise ImportError('made for another Python')")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "tqdm", raising=False)
    found = list(doctor.check_packages(Path()))
    advice = 'pip install --force-reinstall "tqdm"'
    assert found[-1] == (doctor.FAULT, "tqdm does not load (made for another Python)", advice)
    assert [level for level, _, _ in found[:-1]] == [doctor.OK] * 5


@pytest.mark.parametrize(
    ("threads", "load", "level"),
    [("many", 0, "note"), ("0", 0, "note"), ("2", 99, "note"), (None, 99, "ok"), ("1", 99, "ok")],
)
def test_doctor_looks_at_threads(monkeypatch: pytest.MonkeyPatch, threads: str, load: float, level: str) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0, 0))
    monkeypatch.delenv("OMP_NUM_THREADS") if threads is None else monkeypatch.setenv("OMP_NUM_THREADS", threads)
    (found,) = doctor.check_threads(Path())
    assert found.level == level
