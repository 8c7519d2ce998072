"""The command ``doctor``: check the installation, and say how to repair it."""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Callable, Iterator, NamedTuple, Optional

from pipeline.errors import PipelineError
from pipeline.io.processes import count_cores

OK, NOTE, FAULT = "ok", "note", "FAULT"
_NUMPY = "numpy>=1.22,<2"  # what MXNet asks for


class Finding(NamedTuple):
    """What one check found."""

    level: str  # OK; NOTE: works, with a limit or an advice; FAULT: does not work
    text: str
    advice: str = ""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``doctor``."""
    parser = commands.add_parser("doctor", help="check the installation; exit code 1 if something is broken")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of all data (default: data)")
    parser.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    faults = 0
    for check in CHECKS:
        for level, text, advice in _catch(check(options.data)):
            faults += level == FAULT
            print(f"{level:<5}  {text}", *([f"       -> {advice}"] if advice else []), sep="\n", flush=True)
    print(f"\n{faults} broken" if faults else "\nEverything that is required works.")
    return 1 if faults else 0


def _catch(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield what a check finds; a file that it cannot read is a fault, and the next checks go on."""
    try:
        yield from findings
    except OSError as error:
        yield Finding(FAULT, f"{error.filename or 'the system'}: {error.strerror or error}")


def check_python(data: Path) -> Iterator[Finding]:
    """Check Python itself."""
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 8) <= sys.version_info < (3, 13):
        yield Finding(OK, f"Python {version}")
    else:
        yield Finding(_gluon_missing(), f"Python {version}, where MXNet does not run", "use Python 3.8 to 3.12")


def check_packages(data: Path) -> Iterator[Finding]:
    """Check the required packages by importing them."""
    modules = {"sklearn": "scikit-learn"}
    for module in ("numpy", "sklearn", "joblib", "jinja2", "safetensors", "tqdm"):
        package = modules.get(module, module)
        requirement = _NUMPY if module == "numpy" and find_spec("mxnet") else package
        try:
            importlib.import_module(module)
        except Exception as error:  # a package built for another Python or numpy may raise anything
            if isinstance(error, ModuleNotFoundError) and error.name == module:
                yield Finding(FAULT, f"{package} is not installed", f'pip install "{requirement}"')
            else:
                advice = f'pip install --force-reinstall "{requirement}"'
                yield Finding(FAULT, f"{package} does not load ({error})", advice)
        else:
            yield Finding(OK, f"{package} {_version(package)}")


def check_numpy(data: Path) -> Iterator[Finding]:
    """Check the version of numpy: MXNet works with numpy 1 only."""
    version = _version("numpy") or ""
    if version.startswith("2.") and find_spec("mxnet"):
        yield Finding(_gluon_missing(), f"numpy {version}, with which MXNet does not work", f'pip install "{_NUMPY}"')


def check_mxnet(data: Path) -> Iterator[Finding]:
    """Check MXNet, its GPUs and gluonnlp, in processes of their own: a broken library can end its process."""
    answer, error = _run(_TRY_MXNET)
    if error:
        yield Finding(_gluon_missing(), "MXNet does not work", error)
        return
    version, gpus = json.loads(answer)
    yield Finding(OK, f"MXNet {version}")
    if gpus:
        yield Finding(OK, f"{gpus} GPUs: --device auto takes the first")
    elif shutil.which("nvidia-smi"):
        advice = 'install MXNet for your version of CUDA: ".[cu102]", ".[cu112]" or ".[cu117]" in place of ".[cpu]"'
        yield Finding(NOTE, "there seems to be an NVIDIA GPU, but MXNet sees none", advice)
    else:
        yield Finding(OK, "no GPU: everything runs on the CPU")
    _, error = _run("from pipeline.mx.engine import import_gluonnlp; import_gluonnlp()")
    if error:
        yield Finding(NOTE, "gluonnlp does not work: inference does not need it, training does", error)
    else:
        yield Finding(OK, f"gluonnlp {_version('gluonnlp')}")


def check_extras(data: Path) -> Iterator[Finding]:
    """Check the packages that only some commands need."""
    for package, use, requirement in (
        ("onnxruntime", "running exported networks without MXNet", "onnxruntime"),
        ("fastapi", "the server", "fastapi>=0.110"),
        ("uvicorn", "the server", "uvicorn>=0.25"),
        ("pyarrow", "fetching GloVe, reading .parquet", "pyarrow<19"),
        ("matplotlib", "plots", "matplotlib"),
        ("adjustText", "labels in plots of word vectors", "adjustText"),
        ("tensorboardX", "--log tensorboard", "tensorboardX>=2.6.2"),
    ):
        version = _version(package)
        if version:
            yield Finding(OK, f"{package} {version} ({use})")
        else:
            yield Finding(NOTE, f"{package} is not installed ({use})", f'if you need it: pip install "{requirement}"')


def check_threads(data: Path) -> Iterator[Finding]:
    """Check the number of threads, and the load of the machine."""
    cores, threads = count_cores(), os.environ.get("OMP_NUM_THREADS")
    text = f"{cores} cores, OMP_NUM_THREADS={'1 by default' if threads is None else threads}"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows has none
    if threads is not None and not (threads.isdecimal() and 1 <= int(threads) <= cores):
        yield Finding(NOTE, text, f"a whole number from 1 to {cores} is best; unset it for 1")
    elif load > cores / 2 and threads not in (None, "1"):
        advice = "threads that wait for one another are slow beside other programs: OMP_NUM_THREADS=1 may be faster"
        yield Finding(NOTE, f"{text}; others keep {load:.1f} of them busy", advice)
    else:
        yield Finding(OK, text)


def check_data(data: Path) -> Iterator[Finding]:
    """Check the data that training needs."""
    raw = data / "raw"
    for what, there in (("reviews", (raw / "aclImdb/train").is_dir()), ("glove", any(raw.glob("glove.*")))):
        if there:
            yield Finding(OK, f"{raw}: {what}")
        else:
            yield Finding(NOTE, f"{raw}: no {what}, which training needs", f"sentiment fetch_data {what}")


def check_bundles(data: Path) -> Iterator[Finding]:
    """Check every bundle: load it and predict a text, in a process of its own."""
    from pipeline.model.bundle import SHIPPED

    for path in [*sorted(path.parent for path in data.glob("*/bundle/bundle.json")), SHIPPED]:
        described, error = _run(_TRY_BUNDLE, str(path))
        if error:
            level = NOTE if _run(_TRY_MXNET)[1] else FAULT  # a broken MXNet is reported above
            yield Finding(level, f"{path}: does not predict", error)
        else:
            yield Finding(OK, f"model: {described.strip()}{_accuracy(path)}")


CHECKS: tuple[Callable[[Path], Iterator[Finding]], ...] = (
    check_python,
    check_packages,
    check_numpy,
    check_mxnet,
    check_extras,
    check_threads,
    check_data,
    check_bundles,
)

_TRY_MXNET = """
import json
from pipeline.mx.engine import mx
assert mx.nd.ones(3).sum().asscalar() == 3
print(json.dumps([mx.__version__, mx.context.num_gpus()]))
"""
_TRY_BUNDLE = """
import pathlib, sys
from pipeline.model.bundle import describe_bundle
from pipeline.model.predictor import Predictor
path = pathlib.Path(sys.argv[1])
predictor = Predictor.load(path)
predictor.infer(["A great film."])
print(describe_bundle(path, predictor.bundle.recipe))
"""


def _run(code: str, *arguments: str) -> tuple[str, str]:
    """Run Python code in another process; return its output, and a sentence on why it failed, or ""."""
    try:
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return "", "no result within two minutes"
    if done.returncode < 0:
        return "", f"it crashed with signal {-done.returncode}: install MXNet anew, for this machine's processor"
    last = (done.stderr.strip().splitlines() or ["it ended without a message"])[-1]
    return done.stdout, last.replace(f"{PipelineError.__module__}.{PipelineError.__name__}: ", "") * (
        done.returncode > 0
    )


def _version(package: str) -> Optional[str]:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _gluon_missing() -> str:
    """Return the level of a missing MXNet: exported networks need onnxruntime only."""
    return NOTE if _version("onnxruntime") else FAULT


def _accuracy(bundle: Path) -> str:
    from pipeline.model.bundle import load_metrics

    try:
        return f", accuracy {load_metrics(bundle)['held_out']['accuracy']:.4f} on held-out reviews"
    except (PipelineError, KeyError, TypeError):
        return ", not evaluated"
