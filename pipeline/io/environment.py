"""How results were made: the command, the date, the machine and the software."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Dict

from pipeline.io.processes import count_cores

_PACKAGES = {"sentiment-pipeline": "sentiment-pipeline", "mxnet": "MXNet", "numpy": "numpy"}


def describe_run(command: str) -> Dict[str, str]:
    """Return the command, the date, the machine and the software versions."""
    cores, threads = count_cores(), os.environ.get("OMP_NUM_THREADS", "1")  # by default
    versions = []
    for package, name in _PACKAGES.items():
        try:
            versions.append(f"{name} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:  # none is needed: a checkout, ONNX
            continue
    return {
        "Command": command,
        "Date": datetime.date.today().isoformat(),
        "Machine": f"{_processor()}, {cores} core{'s' * (cores > 1)}, OMP_NUM_THREADS={threads}",
        "Software": ", ".join([*versions, f"Python {platform.python_version()}"]),
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8", errors="replace") if information.is_file() else ""
    named = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return named[1].strip() if named else platform.machine()
