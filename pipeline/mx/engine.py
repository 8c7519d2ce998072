"""The one module that imports MXNet and gluonnlp: ``from pipeline.mx.engine import mx``.

MXNet 1.9.1 is its last release and does not work with current numpy and Python as it is. The workarounds are applied
here, before it is imported; ``docs/mxnet.md`` lists them, and the environment variables.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, Optional, TypeVar

import numpy as np

from pipeline.errors import PipelineError
from pipeline.io.forks import after_fork_in_parent, at_fork, before_fork, one_thread
from pipeline.io.processes import count_cores
from pipeline.io.streams import keep_standard_descriptors
from pipeline.mx.types import Device

T = TypeVar("T")
INSTALL = (
    'pip install ".[cpu]" (or, for an NVIDIA GPU, ".[cu102]", ".[cu112]" or ".[cu117]") with a Python from 3.8 to 3.12'
)
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_MOST_STREAMS = 8
_FLUSH = 0x8040  # two bits of MXCSR, the register that controls SSE: for what is read, and for what comes out


def _count_streams() -> int:
    """Return how many streams of operators the cores allow."""
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    if not threads.isdecimal() or not int(threads):  # MXNet would end the process
        raise PipelineError(f"OMP_NUM_THREADS={threads}: expected a whole number, 1 or more; unset it for 1")
    return max(1, min(count_cores() // int(threads), _MOST_STREAMS))


def _import_mxnet() -> ModuleType:
    # By default MXNet uses half of the logical cores, whose threads wait for each other at every step of an LSTM. With
    # one thread, results do not depend on the number of cores either. A value that the user has set is kept.
    workers = str(STREAMS + 1)  # one more, for copies and other short operators
    keep_standard_descriptors()  # MXNet writes messages to descriptor 2, whatever file that is
    with _defaults(OMP_NUM_THREADS="1", MXNET_CPU_WORKER_NTHREADS=workers), _hidden("scipy", "sklearn"):
        mxnet = _try_import()
        _keep_memory()
        _start_flushing(mxnet, mxnet.cpu())
    return mxnet


def _try_import() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old spellings in MXNet's own source
        if "bool" not in vars(np):  # numpy 1.24 removed the alias that MXNet's modules still name
            np.bool = bool  # type: ignore[attr-defined]
        try:
            import mxnet

            return mxnet
        except ImportError as error:
            if error.name == "mxnet":
                alone = "a bundle that was exported to ONNX runs without it"
                raise PipelineError(f"MXNet is not installed: {INSTALL}; {alone}") from None
            if error.name == "distutils":
                message = 'MXNet needs distutils, which Python 3.12 took out: pip install "setuptools<80"'
                raise PipelineError(message) from None
            raise PipelineError(f"MXNet is installed but does not load ({error}): {INSTALL}") from error
        except (OSError, AttributeError) as error:  # a missing shared library; another numpy than it knows
            raise PipelineError(f"MXNet is installed but does not load ({error}): {INSTALL}") from error


@contextlib.contextmanager
def _defaults(**values: str) -> Iterator[None]:
    """Set environment variables that are not set, in the block only, because other libraries read them too."""
    missing = {name: value for name, value in values.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]


def _keep_memory() -> None:
    """Have glibc keep freed memory for later allocations.

    MXNet allocates every array anew. By default glibc maps each large one and unmaps it again, which takes a sixth of
    the time of training. The option numbers are those of glibc's ``malloc.h``.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        for option, value in ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_ARENA_MAX, 1)):
            libc.mallopt(option, value)


def _start_flushing(mxnet: ModuleType, device: Device) -> None:
    """Start MXNet's threads for a device with subnormal numbers flushed to 0, as in TensorFlow.

    Gradients that are propagated through hundreds of steps become subnormal (below 1e-38), and x86 processors compute
    with such numbers up to a hundred times slower. A thread inherits the settings of the one that starts it; those of
    this thread are restored.
    """
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return
    libm, own, flushing = ctypes.CDLL("libm.so.6"), (ctypes.c_uint32 * 8)(), (ctypes.c_uint32 * 8)()
    libm.fegetenv(own)
    libm.fegetenv(flushing)
    flushing[7] |= _FLUSH  # the last word of glibc's fenv_t is MXCSR
    libm.fesetenv(flushing)
    try:
        mxnet.nd.zeros(1, ctx=device).wait_to_read()  # the first array starts the threads
    finally:
        libm.fesetenv(own)


@contextlib.contextmanager
def _hidden(*packages: str) -> Iterator[None]:
    """Hide packages from the imports in the block, unless they have been imported already.

    MXNet imports scikit-learn and scipy.stats if it can, for a deprecated class and for quantization, which work
    without them; they take as long to import as MXNet itself.
    """
    hidden: Dict[str, Optional[ModuleType]] = {name: None for name in packages if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]  # None: not to be found
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name)


def import_gluonnlp() -> ModuleType:
    """Import gluonnlp, which only training and `load_gluon` need.

    Raises
    ------
    PipelineError
        If it is missing or broken; says what to install.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import gluonnlp
        except ImportError as error:
            raise PipelineError(f"gluonnlp does not load ({error}); it needs a C compiler: {INSTALL}") from error
    return gluonnlp


STREAMS = _count_streams()
mx: Any = _import_mxnet()
_threads: Dict[int, ThreadPoolExecutor] = {}


def _start_again() -> None:
    _start_flushing(mx, mx.cpu())  # MXNet ends its threads before a fork


def _start_in_child() -> None:
    _threads.clear()
    _start_again()


def _register_at_c_fork() -> object:
    """Have the C library's forks wait too; return objects that must not be garbage-collected.

    MXNet stops and starts its threads whenever the C library forks, and hangs if another thread is computing.
    Python's hooks are not called when `subprocess` forks and executes a program in C: before Python 3.10, or with
    ``user``.
    """
    libc, handler = ctypes.CDLL(None), ctypes.CFUNCTYPE(None)
    handlers = handler(before_fork), handler(after_fork_in_parent)
    if hasattr(libc, "__register_atfork"):  # glibc's name for pthread_atfork
        libc["__register_atfork"](*handlers, None, None)
    return handlers


at_fork(after_in_parent=_start_again, after_in_child=_start_in_child)
_c_handlers = _register_at_c_fork()  # after MXNet's own: called before them, and after them once the fork is over


def run_in_stream(stream: int, function: Callable[..., T], *arguments: Any) -> T:
    """Call a function that pushes operators to MXNet's engine, in the thread of a stream, and return its result.

    Operators are computed asynchronously. MXNet never runs two CPU operators at a time that were pushed by the same
    thread and use a random generator, as the LSTM always does. So each stream except the first has its own thread.

    Parameters
    ----------
    stream : int
        Its number, from 0 on.
    function : callable
    *arguments
        Of the function.
    """
    if not stream:
        return function(*arguments)
    if stream not in _threads:
        _threads[stream] = ThreadPoolExecutor(1, f"stream {stream}")
    return _threads[stream].submit(function, *arguments).result()


def find_devices(names: str = "auto") -> list[Device]:
    """Return the MXNet contexts that a ``--device`` value names.

    Parameters
    ----------
    names : str
        ``auto`` (the first GPU, or the CPU where there is none), ``cpu``, ``gpu``, or a list such as
        ``gpu:0,gpu:1`` over which each batch is split.

    Raises
    ------
    PipelineError
        If a name is not a device, or the GPU is not there.
    """
    gpus = mx.context.num_gpus()
    if names == "auto":
        return [mx.gpu(0) if gpus else mx.cpu()]
    devices = []
    kinds = {name.strip().partition(":")[0] for name in names.split(",")}
    if kinds == {"cpu", "gpu"}:  # besides, MXNet's optimizers count the steps of cpu(0) and gpu(0) as one device's
        raise PipelineError(f"device {names!r}: a CPU would only slow the GPUs down; name devices of one kind")
    for name in names.split(","):
        kind, _, number = name.strip().partition(":")
        if kind not in ("cpu", "gpu") or not (number or "0").isdecimal():
            raise PipelineError(f"device {name!r}: expected auto, cpu, gpu or a list such as gpu:0,gpu:1")
        if kind == "gpu" and int(number or 0) >= gpus:
            raise PipelineError(f"device {name!r}: MXNet sees {gpus} GPUs; use cpu, or install a GPU wheel of MXNet")
        devices.append(mx.Context(kind, int(number or 0)))
    if len(set(devices)) < len(devices):
        raise PipelineError(f"device {names!r}: a device is named twice")
    for device in devices:
        if device.device_type == "cpu":
            with one_thread():
                _start_flushing(mx, device)
    return devices


@contextlib.contextmanager
def memory_advice(remedy: str) -> Iterator[None]:
    """Raise an error with advice if a device runs out of memory in the block.

    Raises
    ------
    PipelineError
        In place of MXNet's own error.
    """
    try:
        yield
    except mx.base.MXNetError as error:
        if not any(sign in str(error) for sign in ("out of memory", "cudaMalloc", "Failed to allocate")):
            raise
        raise PipelineError(f"the device's memory ran out: try {remedy}") from None


def seed_mxnet(*seed: int, streams: int = 1) -> None:
    """Seed MXNet's generators, of initialisers and dropout: each stream has one of its own."""
    for stream, own in enumerate(np.random.SeedSequence(seed).generate_state(streams).tolist()):
        run_in_stream(stream, mx.random.seed, own % 2**31)


def make_generator(*seed: int) -> np.random.Generator:
    """Return a numpy generator; other seeds give independent random numbers."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


@contextlib.contextmanager
def global_numpy_seed(seed: int) -> Iterator[None]:
    """Seed numpy's global generator in the block, and restore its state: for gluonnlp's samplers, which use it."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)
