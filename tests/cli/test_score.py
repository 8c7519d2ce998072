"""The command score, with the bundle that comes with the package."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from pipeline.cli.main import main


def test_score_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    Path("reviews.csv").write_text("text,id\ngreat,1\n,2\n")
    assert main(["score", "reviews.csv", "--output", "scored", "--workers", "1"]) == 0
    out, err = capsys.readouterr()
    assert re.fullmatch(r"scored: 2 texts in 1 parts in [\d.]+ s, [\d,]+ texts a second; 1 without a prediction\n", out)
    assert err == "model: small (comes with the package)\n"
    assert main(["score", "reviews.csv", "--output", "scored", "--workers", "1"]) == 0
    assert capsys.readouterr().out.endswith("; 0 without a prediction; 1 parts were there already\n")


def test_errors_are_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("reviews.csv").write_text("text\ngreat\n")
    assert main(["score", "reviews.csv", "--output", "scored", "--column", "review"]) == 2
    assert capsys.readouterr().err.endswith("error: reviews.csv: no column 'review'; found 'text'\n")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "dask", None)
        assert main(["score", "reviews.csv", "--output", "scored", "--engine", "dask"]) == 2
    assert 'pip install ".[dask]"' in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "pyarrow.csv", None)
    assert main(["score", "reviews.csv", "--output", "other", "--workers", "1"]) == 2
    assert capsys.readouterr().err.endswith('error: scoring tables needs pyarrow: pip install "pyarrow<19"\n')
