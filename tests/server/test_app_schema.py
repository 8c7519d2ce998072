"""Schemathesis: requests made up from the OpenAPI description find no server error, and no answer it does not allow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("schemathesis", minversion="4")

from tests.server.serving import Explainer, serving


def test_schema_keeps_what_it_promises(tmp_path: Path) -> None:
    schemathesis = Path(sys.executable).with_name("schemathesis")
    with serving(Explainer(), characters=200, texts=4) as server:
        # A text of blanks is a string as any other, and is refused all the same.
        found = subprocess.run(
            [schemathesis, "run", f"{server.url}/openapi.json", "--max-examples=25", "--seed=1", "--no-color",
             "--exclude-checks=positive_data_acceptance", "--workers=1"],
            cwd=tmp_path, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
    assert found.returncode == 0, found.stdout
    assert "3 selected / 3 total" in found.stdout
