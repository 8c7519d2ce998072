from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.soak import main


def test_soak_records_the_memory_of_each_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main("--minutes 0.05 --rate 40 --fits 2 --texts 200 --json found.json".split())
    found = json.loads(Path("found.json").read_text())
    assert [len(found[name]["MiB"]) for name in ("fit", "score", "server")] == [2, 1, 20]
    assert 50 < found["server"]["MiB"][-1] < 2000
    answers = found["server"]["answers"]
    assert set(answers) <= {"leaves: left", "long: 200", "no JSON: 422", "short: 200", "too large: 422"}
    assert found["server"]["requests"] == sum(answers.values()) > 5
    assert found["server"]["server exit code"] == 0
    assert capsys.readouterr().out.count("MiB") == 3
