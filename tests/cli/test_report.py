"""The command report as a user calls it."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from pipeline.cli.main import main
from tests.report.conftest import data, trained

__all__ = ["data", "trained"]  # fixtures


def test_report_is_written_into_the_folder_or_where_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "tiny", "--device", "cpu"]) == 0
    assert capsys.readouterr().out == "data/tiny/report.html: the report\n"
    content = (data / "tiny/report.html").read_text(encoding="utf-8")
    assert content.startswith("<!doctype html>\n")
    assert content.endswith("</html>\n")
    before = sorted(data.rglob("*"))
    data.rename("elsewhere")
    assert main(["report", "tiny", "--data", "elsewhere", "--output", "new/page.HTML", "--device", "cpu"]) == 0
    assert Path("new/page.HTML").read_text(encoding="utf-8") == content
    assert len(sorted(Path("elsewhere").rglob("*"))) == len(before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "error: data/nothing: no such folder; expected the name of a trained recipe (found: tiny)\n"),
        (["../data"], "error: report ../data: expected the name of a folder, other than raw\n"),
        (["raw"], "error: report raw: expected the name of a folder, other than raw\n"),
        (["tiny", "--output", "data"], "error: data: is a folder; expected a file name\n"),
        (["tiny", "--output", "page.pdf"], "error: --output page.pdf: expected a name that ends in .html\n"),
    ],
)
def test_report_refuses_in_a_sentence(
    data: Path, arguments: List[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *arguments]) == 2
    assert capsys.readouterr().err == message


def test_report_of_what_is_not_evaluated_says_the_command(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "tiny/bundle/metrics.json").unlink()
    assert main(["report", "tiny"]) == 2
    assert "run: sentiment evaluate tiny (with the options" in capsys.readouterr().err
    assert not (data / "tiny/report.html").exists()
