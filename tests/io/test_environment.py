from __future__ import annotations

import importlib.metadata
import platform
import re
from typing import Any

import pytest

from pipeline.io.environment import describe_run


def test_describe_run_names_the_command_and_not_the_host() -> None:
    about = describe_run("python scripts/reproduce.py --all")
    assert about["Command"] == "python scripts/reproduce.py --all"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", about["Date"])
    assert re.fullmatch(r"sentiment-pipeline \S+, MXNet 1\.9\.1, numpy \S+, Python 3\.\S+", about["Software"])
    assert not platform.node() or platform.node() not in " ".join(about.values())


def test_describe_run_needs_no_mxnet(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.metadata.version

    def find_others(name: str) -> Any:
        if name == "mxnet":
            raise importlib.metadata.PackageNotFoundError(name)
        return find(name)

    monkeypatch.setattr(importlib.metadata, "version", find_others)
    assert re.fullmatch(r"sentiment-pipeline \S+, numpy \S+, Python 3\.\S+", describe_run("")["Software"])
