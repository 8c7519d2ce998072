"""Several processes, on one machine or many, that train one network: MXNet's parameter server.

A scheduler, some servers and the workers are started with the same command and MXNet's own variables, ``DMLC_ROLE``
and its like; `pipeline.distributed.launch` does that on one machine. Every worker computes the gradient of its share
of each batch, the servers add the shares up, and all workers take the same step with the sum.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import hashlib
import json
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional, Set, TypeVar

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")
VARIABLES = ("DMLC_PS_ROOT_URI", "DMLC_PS_ROOT_PORT", "DMLC_NUM_WORKER", "DMLC_NUM_SERVER")
BEAT, SILENCE = 5, 30  # seconds between two signs of life; without one for so long a process is taken for dead
_SCHEDULER, _ALL = 1, 7  # MXNet's names of groups of processes
_SUMS = 100_000  # keys for our own sums in MXNet's store, far above those of the parameters


@dataclass
class Cluster:
    """Place of this process among the workers that train together; by default it is the only one."""

    rank: int = 0  # the worker of rank 0 alone writes and prints
    workers: int = 1
    store: Any = None  # mxnet.kvstore.KVStore, which adds up what the workers hand in
    watch: Optional[_Watch] = None
    _keys: Set[int] = field(default_factory=set)

    def share(self, rows: np.ndarray) -> np.ndarray:
        """Return this worker's part of a batch, maybe none."""
        return rows[self.rank :: self.workers]

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Add up the values of all workers; they all have to call it.

        Parameters
        ----------
        values : ndarray of numbers, shape (N,)

        Returns
        -------
        ndarray of float64, shape (N,)
            With the precision of float32, which is what the store keeps.
        """
        if self.store is None:
            return values
        from pipeline.mx.engine import mx

        array, key = mx.nd.array(values), _SUMS + len(values)
        if key not in self._keys:
            self.store.init(key, array)
            self._keys.add(key)
        self.store.pushpull(key, array)
        found = array.asnumpy().astype("float64")
        self._progress()
        return found

    def begin(self, trainer: Any) -> None:
        """Give all workers the parameters of rank 0.

        Left to itself, MXNet's trainer does so during the first step. But then a worker's first gradients can
        overtake its request for the parameters, and it goes on with gradients in their place, without a word.

        Parameters
        ----------
        trainer : mxnet.gluon.Trainer
        """
        if self.store is not None:
            from pipeline.mx.engine import mx

            trainer._init_kvstore()
            trainer._init_params()
            mx.nd.waitall()
            self._progress()

    def wait(self) -> None:
        """Wait until all workers are here."""
        if self.store is not None:
            self.store._barrier()
            self._progress()

    def rank_0_first(self, action: Callable[[], T]) -> T:
        """Do something on the worker of rank 0, and only then on all others."""
        if self.rank:
            self.wait()
        result = action()
        if not self.rank:
            self.wait()
        return result

    def check_same(self, value: Any) -> None:
        """Make sure that all workers have the same JSON value.

        Raises
        ------
        PipelineError
            If they do not.
        """
        import numpy as np

        digest = np.frombuffer(hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest(), np.uint8)
        if (self.sum(digest) != digest * float(self.workers)).any():
            raise PipelineError(
                "the workers differ in recipe, data, code or checkpoint: start all with the same command, on one "
                "shared folder or on equal copies"
            )

    def _progress(self) -> None:
        if self.watch:
            self.watch.progress()


ALONE = Cluster()


@contextlib.contextmanager
def join(minutes: float = 10) -> Iterator[Cluster]:
    """Take this process's place among those that train together, if MXNet's variables give it one.

    The scheduler and the servers serve until all is done, and end in here. What a worker of another rank than 0
    prints goes nowhere.

    Parameters
    ----------
    minutes : float
        How long to wait for the other workers.

    Yields
    ------
    Cluster

    Raises
    ------
    PipelineError
        If a variable is missing or wrong, or names an address where this process cannot listen.
    """
    if "DMLC_ROLE" not in os.environ:
        yield ALONE
        return
    role = _check_variables()
    os.environ.setdefault("PS_HEARTBEAT_INTERVAL", str(BEAT))
    watch = _Watch(role, minutes)
    watch.start()
    try:
        store = _connect(role)
        if role != "worker":
            _serve(store, watch)
            sys.exit()
    except RuntimeError as error:
        raise _explain(error, role) from None
    watch.store = store
    watch.progress()
    try:
        with contextlib.redirect_stdout(open(os.devnull, "w") if store.rank else sys.stdout):
            cluster = Cluster(store.rank, store.num_workers, store, watch)
            yield cluster
            cluster.wait()  # the worker of rank 0 has written everything
        _close(store, watch)
    except BaseException:
        atexit.register(_leave, 2)  # MXNet would wait at the exit for the others, which wait for this one
        raise


def _check_variables() -> str:
    role = os.environ["DMLC_ROLE"]
    if role not in ("scheduler", "server", "worker"):
        raise PipelineError(f"DMLC_ROLE={role}: expected scheduler, server or worker")
    for name in VARIABLES:
        if not os.environ.get(name):
            raise PipelineError(f"{name} is not set, which DMLC_ROLE={role} needs; see docs/scale.md")
        if name != VARIABLES[0] and not os.environ[name].isdecimal():
            raise PipelineError(f"{name}={os.environ[name]}: expected a whole number")
    return role


def _connect(role: str) -> Any:
    """Return MXNet's store; a worker's is connected to all other processes."""
    os.environ["DMLC_ROLE"] = "worker"  # or the import itself would serve, without our watch, and run pickles
    from pipeline.mx.engine import mx

    os.environ["DMLC_ROLE"] = role
    return mx.kv.create("dist_sync")


def _explain(error: RuntimeError, role: str) -> Exception:
    """Say which variable is at fault, if MXNet (whose errors these are) cannot listen for the others."""
    if not any(reason in str(error) for reason in ("bind failed", "failed to get ip")):
        return error
    names = VARIABLES[:2] if role == "scheduler" else ("DMLC_NODE_HOST", "DMLC_INTERFACE")
    found = ", ".join(f"{name}={os.environ[name]}" for name in names if name in os.environ)
    return PipelineError(
        f"{found or 'DMLC_NODE_HOST is not set'}: this {role} cannot listen there; expected an address of this "
        f"machine's own{', in numbers, and a free port' if role == 'scheduler' else ''}; see docs/scale.md"
    )


def _close(store: Any, watch: _Watch) -> None:
    """Say farewell to the other processes now: at the interpreter's exit it would be too late for that."""
    from pipeline.mx.engine import mx

    watch.store = None
    mx.base.check_call(mx.base._LIB.MXKVStoreFree(store.handle))
    store.handle = None


def _serve(store: Any, watch: _Watch) -> None:
    """Serve until all workers are done."""
    from mxnet.kvstore.kvstore_server import KVStoreServer

    class Server(KVStoreServer):
        def _controller(self) -> Callable[..., None]:
            return lambda *command: None  # MXNet's own unpickles what anybody sends; nothing here needs a command

    later = threading.Timer(BEAT, setattr, (watch, "store", store))  # before MXNet serves, a look would crash it
    later.daemon = True
    later.start()
    Server(store).run()
    later.cancel()
    watch.store = None


class _Watch(threading.Thread):
    """Ends this process if another one has died, or the others let it wait too long.

    All processes send the scheduler signs of life, and it answers. So the scheduler notices who has died, and ends;
    and all others notice that.

    Parameters
    ----------
    role : str
        Of this process.
    minutes : float
        The longest time from one `progress` of a worker to the next; for the others, until all are connected.
    """

    def __init__(self, role: str, minutes: float) -> None:
        super().__init__(daemon=True)
        self.store: Any = None  # once it may be looked at
        self._role, self._minutes = role, minutes
        self._group = _ALL if role == "scheduler" else _SCHEDULER
        self.progress()

    def progress(self) -> None:
        """Begin to wait anew."""
        self._last = time.monotonic()

    def run(self) -> None:
        """Look around until the process ends."""
        while True:
            time.sleep(BEAT)
            if self.store is not None and _count_silent(self.store, self._group, SILENCE):
                _give_up(f"one of the other processes gave no sign of life for {SILENCE} seconds")
            if self.store is not None and self._role != "worker" and _count_silent(self.store, self._group, -1):
                self.progress()  # connected: from then on it is not for them to hurry
            if time.monotonic() - self._last > 60 * self._minutes:
                _give_up(f"the other processes let this one wait for more than {self._minutes:g} minutes (--timeout)")


def _count_silent(store: Any, group: int, seconds: int) -> int:
    """Count the processes without a sign of life for so long; none before they are connected."""
    from pipeline.mx.engine import mx

    count = ctypes.c_int()
    mx.base._LIB.MXKVStoreGetNumDeadNode(store.handle, group, ctypes.byref(count), seconds)
    return count.value


def _give_up(reason: str) -> None:
    print(f"error: {reason}; go on from the last checkpoint with --resume", file=sys.stderr)
    _leave(2)


def _leave(code: int) -> None:
    """End this process without the farewells that MXNet's store waits for."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)
