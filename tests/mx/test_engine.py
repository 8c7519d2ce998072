from __future__ import annotations

import os
import platform
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import List

import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.mx.engine import (
    _count_streams,
    find_devices,
    global_numpy_seed,
    make_generator,
    memory_advice,
    mx,
    run_in_stream,
    seed_mxnet,
)
from pipeline.recipe import Recipe
from tests.conftest import save_random_bundle

OWN = ("OMP_NUM_THREADS", "MXNET_CPU_WORKER_NTHREADS")  # what the engine sets, and this process has it already


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in OWN}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**kept, **environment})


def test_import_pipeline_loads_no_mxnet() -> None:
    done = run("import sys, pipeline; print('mxnet' in sys.modules, 'numpy' in sys.modules, pipeline.infer_sentiment)")
    assert done.stdout.startswith("False False <function infer_sentiment")


def test_import_pipeline_unknown_name_is_an_attribute_error() -> None:
    done = run("import pipeline; pipeline.sentiment")
    assert "AttributeError: module 'pipeline' has no attribute 'sentiment'" in done.stderr


THREADS = """
import ctypes, os
os.sched_getaffinity = lambda _: {0, 1, 2}
before = dict(os.environ)
from pipeline.mx import engine
print(ctypes.CDLL(engine.mx.libinfo.find_lib_path()[0]).omp_get_max_threads(), engine.STREAMS)
engine.import_gluonnlp()
print(os.environ == before)
"""


def test_engine_import_is_silent_takes_one_thread_for_mxnet_alone_and_a_stream_for_each_core() -> None:
    done = run(THREADS)
    assert done.stdout == "1 3\nTrue\n"
    assert done.stderr == ""


def test_engine_import_leaves_the_users_thread_count() -> None:
    assert run(THREADS, OMP_NUM_THREADS="3").stdout == "3 1\nTrue\n"


@pytest.mark.skipif((sys.platform, platform.machine()) != ("linux", "x86_64"), reason="SSE's register alone is set")
def test_mxnet_takes_tiny_numbers_for_zero_and_numpy_does_not() -> None:
    tiny = np.float32(1e-30)
    for device in find_devices("cpu:0,cpu:7"):
        assert (mx.nd.full(8, tiny, device) * 1e-10).asnumpy().tolist() == [0] * 8
    assert tiny * np.float32(1e-10) == np.float32(1e-40) > 0


@pytest.fixture(scope="module")
def lines_before_and_after_a_fork() -> List[str]:
    """Return lines of a process before a fork, its child, and it again: a product of tiny numbers, and a stream's."""
    code = """
import os
from pipeline.mx.engine import mx, run_in_stream
def show(name):
    print(name, (mx.nd.full(1, 1e-30) * 1e-10).asscalar(), run_in_stream(1, lambda: "streams"), flush=True)
show("before")
if not os.fork():
    show("child")
    os._exit(0)
os.wait()
show("parent")
"""
    return run(code).stdout.splitlines()


@pytest.mark.skipif((sys.platform, platform.machine()) != ("linux", "x86_64"), reason="SSE's register alone is set")
def test_mxnet_takes_tiny_numbers_for_zero_after_a_fork(lines_before_and_after_a_fork: List[str]) -> None:
    found = [line.split()[:2] for line in lines_before_and_after_a_fork]
    assert found == [["before", "0.0"], ["child", "0.0"], ["parent", "0.0"]]


def test_run_in_stream_works_after_a_fork(lines_before_and_after_a_fork: List[str]) -> None:
    found = [line.split()[::2] for line in lines_before_and_after_a_fork]
    assert found == [["before", "streams"], ["child", "streams"], ["parent", "streams"]]


@pytest.mark.parametrize("threads", ["x", "4,2", "0", "-1", "²"])
def test_thread_count_that_is_none_is_an_error_and_not_the_end_of_the_process(threads: str) -> None:
    done = run(
        "import pipeline.errors\ntry: import pipeline.mx.engine\nexcept pipeline.errors.PipelineError as e: print(e)",
        OMP_NUM_THREADS=threads,
    )
    assert done.stdout == f"OMP_NUM_THREADS={threads}: expected a whole number, 1 or more; unset it for 1\n"


BLOCK = """
import sys
class Block:
    def find_spec(self, name, path, target=None):
        if name == {name!r}:
            raise {error}
sys.meta_path.insert(0, Block())
from pipeline.cli.main import main
sys.exit(main(["infer", "a text", "--model", {model!r}]))
"""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("ModuleNotFoundError('No', name='mxnet')", 'error: MXNet is not installed: pip install ".[cpu]"'),
        (
            "ModuleNotFoundError('No', name='distutils')",
            "error: MXNet needs distutils, which Python 3.12 took out",
        ),
        ("OSError('libgomp.so.1: not found')", "error: MXNet is installed but does not load (libgomp.so.1: not found)"),
        ("AttributeError('no bool')", "error: MXNet is installed but does not load (no bool): pip install"),
    ],
)
def test_missing_or_broken_mxnet_is_one_sentence(error: str, message: str, tiny: Recipe, tmp_path: Path) -> None:
    save_random_bundle(tmp_path / "bundle", tiny)
    done = run(BLOCK.format(name="mxnet", error=error, model=str(tmp_path / "bundle")))
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_missing_gluonnlp_is_one_sentence() -> None:
    error = "ModuleNotFoundError('No module named gluonnlp', name='gluonnlp')"
    code = BLOCK.format(name="gluonnlp", error=error, model="")
    code = (
        code.partition("from pipeline.cli.main")[0]
        + "from pipeline.mx.engine import import_gluonnlp\nimport_gluonnlp()"
    )
    assert "PipelineError: gluonnlp does not load (No module named gluonnlp); it needs a C compiler" in run(code).stderr


def test_find_devices_lists_cpus() -> None:
    assert find_devices("cpu:0, cpu:1") == [mx.cpu(0), mx.cpu(1)]
    assert find_devices("cpu") == [mx.cpu(0)]


@pytest.mark.skipif(mx.context.num_gpus() > 0, reason="there is a GPU")
def test_find_devices_without_a_gpu() -> None:
    assert find_devices("auto") == [mx.cpu(0)]
    with pytest.raises(PipelineError, match="device 'gpu:0': MXNet sees 0 GPUs"):
        find_devices("gpu:0,gpu:1")


@pytest.mark.parametrize("names", ["tpu", "", "cpu:one", "cpu:-1", "cpu,"])
def test_find_devices_refuses_what_is_no_device(names: str) -> None:
    with pytest.raises(PipelineError, match="expected auto, cpu, gpu or a list"):
        find_devices(names)


def test_find_devices_refuses_a_device_named_twice() -> None:
    with pytest.raises(PipelineError, match="named twice"):
        find_devices("cpu,cpu:0")


@pytest.mark.parametrize("names", ["cpu,gpu:0", "gpu:1, cpu:0"])
def test_find_devices_refuses_a_mixed_list(names: str) -> None:
    with pytest.raises(PipelineError, match="a CPU would only slow the GPUs down; name devices of one kind"):
        find_devices(names)


@pytest.mark.parametrize("sign", ["cudaMalloc retry failed: out of memory", "Failed to allocate CPU Memory"])
def test_memory_advice_says_what_to_do(sign: str) -> None:
    expected = r"^the device's memory ran out: try a smaller batch$"
    with pytest.raises(PipelineError, match=expected), memory_advice("a smaller batch"):
        raise mx.base.MXNetError(f"[12:00:00] src/storage/./pooled_storage_manager.h:187: {sign}")


def test_memory_advice_leaves_other_errors_alone() -> None:
    with pytest.raises(mx.base.MXNetError, match=r"(?i)shape"), memory_advice("nothing"):
        mx.nd.concat(mx.nd.ones((2, 1)), mx.nd.ones((3, 1)), dim=1)


def test_seed_mxnet_repeats_mxnets_generator_alone() -> None:
    def draw() -> float:
        return float(mx.nd.random.uniform().asscalar())

    state = repr(np.random.get_state()), random.getstate()
    seed_mxnet(3, 1)
    first = draw()
    seed_mxnet(3, 1)
    assert draw() == first
    seed_mxnet(3, 2)
    assert draw() != first
    assert (repr(np.random.get_state()), random.getstate()) == state


def test_make_generator_depends_on_every_seed() -> None:
    first = make_generator(3, 1).uniform(size=3).tolist()
    assert make_generator(3, 1).uniform(size=3).tolist() == first
    assert len({tuple(make_generator(*seed).uniform(size=3)) for seed in ((3, 1), (3, 2), (4, 1), (3, 1, 1))}) == 4


def test_global_numpy_seed_is_of_the_block_alone() -> None:
    np.random.seed(5)
    state = repr(np.random.get_state())
    found = []
    for _ in range(2):
        with global_numpy_seed(7):
            found.append(np.random.rand())
    assert found == [np.random.RandomState(7).rand()] * 2
    assert repr(np.random.get_state()) == state


def test_seed_mxnet_seeds_every_stream_differently() -> None:
    def draw() -> list[float]:
        return [float(run_in_stream(stream, mx.nd.random.uniform).asscalar()) for stream in range(3)]

    seed_mxnet(3, streams=3)
    first = draw()
    seed_mxnet(3, streams=3)
    assert draw() == first
    assert len(set(first)) == 3
    seed_mxnet(3)
    assert draw()[0] == first[0]  # however many streams there are


def test_run_in_stream_has_a_thread_for_each_stream_but_the_first() -> None:
    here = threading.current_thread()
    found = [run_in_stream(stream, threading.current_thread) for stream in (0, 1, 2, 1)]
    assert found[0] is here
    assert found[1] is found[3]
    assert len({here, *found}) == 3


def test_run_in_stream_raises_what_the_function_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        run_in_stream(1, lambda: 1 // 0)


@pytest.mark.parametrize(("threads", "expected"), [("", 3), ("1", 3), ("2", 1), ("9", 1)])
def test_streams_are_as_many_as_the_cores_are_enough_for(
    threads: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if threads:
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
    assert _count_streams() == expected
