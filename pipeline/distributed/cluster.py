"""Data-parallel training in several processes, on one machine or many, with MXNet's parameter server.

The scheduler, servers and workers are started with the same command and MXNet's environment variables (``DMLC_ROLE``
and others); `pipeline.distributed.launch` does that on one machine. Each worker computes the gradient of its part of
each batch, the servers sum the gradients, and all workers take the same step.
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
HEARTBEAT_INTERVAL, HEARTBEAT_TIMEOUT = 5, 30  # seconds
_SCHEDULER, _ALL = 1, 7  # MXNet's ids of process groups
_FIRST_SUM_KEY = 100_000  # key of our own sums in MXNet's store, above the keys of the parameters


@dataclass
class Cluster:
    """Rank and key-value store of this worker; by default it is the only worker."""

    rank: int = 0  # only the worker of rank 0 writes files and prints
    workers: int = 1
    store: Any = None  # mxnet.kvstore.KVStore, which sums the values of the workers
    watchdog: Optional[_Watchdog] = None
    _keys: Set[int] = field(default_factory=set)

    def shard(self, rows: np.ndarray) -> np.ndarray:
        """Return this worker's part of a batch; it can be empty."""
        return rows[self.rank :: self.workers]

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Sum the values of all workers, all of which must call this method.

        Parameters
        ----------
        values : ndarray of numbers, shape (N,)

        Returns
        -------
        ndarray of float64, shape (N,)
            In float32 precision, the store's.
        """
        if self.store is None:
            return values
        from pipeline.mx.engine import mx

        array, key = mx.nd.array(values), _FIRST_SUM_KEY + len(values)
        if key not in self._keys:
            self.store.init(key, array)
            self._keys.add(key)
        self.store.pushpull(key, array)
        total = array.asnumpy().astype("float64")
        self._reset_watchdog()
        return total

    def broadcast_parameters(self, trainer: Any) -> None:
        """Copy the parameters of rank 0 to all workers.

        By default MXNet's trainer does this during the first step. Then a worker's first gradients can overtake its
        request for the parameters, and it silently uses gradients as parameters.

        Parameters
        ----------
        trainer : mxnet.gluon.Trainer
        """
        if self.store is not None:
            from pipeline.mx.engine import mx

            trainer._init_kvstore()
            trainer._init_params()
            mx.nd.waitall()
            self._reset_watchdog()

    def barrier(self) -> None:
        """Wait until all workers have called this method."""
        if self.store is not None:
            self.store._barrier()
            self._reset_watchdog()

    def rank_0_first(self, action: Callable[[], T]) -> T:
        """Run a function on the worker of rank 0, then on all others."""
        if self.rank:
            self.barrier()
        result = action()
        if not self.rank:
            self.barrier()
        return result

    def check_same(self, value: Any) -> None:
        """Check that all workers have the same JSON value.

        Raises
        ------
        PipelineError
            If they do not.
        """
        import numpy as np

        digest = np.frombuffer(hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest(), np.uint8)
        if (self.sum(digest) != digest * float(self.workers)).any():
            raise PipelineError(
                "the workers differ in recipe, data, version of the stage or checkpoint; start all with the same "
                "command, on a shared folder or identical copies"
            )

    def _reset_watchdog(self) -> None:
        if self.watchdog:
            self.watchdog.reset()


SINGLE_WORKER = Cluster()


@contextlib.contextmanager
def join(minutes: float = 10) -> Iterator[Cluster]:
    """Join the processes that train together, if MXNet's environment variables are set.

    The scheduler and the servers run until all workers are done, and exit in this function. Standard output of
    workers other than rank 0 is discarded.

    Parameters
    ----------
    minutes : float
        Timeout for waiting for the other workers.

    Yields
    ------
    Cluster

    Raises
    ------
    PipelineError
        If a variable is missing or invalid, or this process cannot listen on its address.
    """
    if "DMLC_ROLE" not in os.environ:
        yield SINGLE_WORKER
        return
    role = _check_variables()
    os.environ.setdefault("PS_HEARTBEAT_INTERVAL", str(HEARTBEAT_INTERVAL))
    watchdog = _Watchdog(role, minutes)
    watchdog.start()
    try:
        store = _connect(role)
        if role != "worker":
            _serve(store, watchdog)
            sys.exit()
    except RuntimeError as error:
        raise _explain(error, role) from None
    watchdog.store = store
    watchdog.reset()
    try:
        with contextlib.redirect_stdout(open(os.devnull, "w") if store.rank else sys.stdout):
            cluster = Cluster(store.rank, store.num_workers, store, watchdog)
            yield cluster
            cluster.barrier()  # the worker of rank 0 has written everything
        _close(store, watchdog)
    except BaseException:
        atexit.register(_exit_now, 2)  # at exit, MXNet would wait for the other processes, which wait for this one
        raise


def _check_variables() -> str:
    role = os.environ["DMLC_ROLE"]
    if role not in ("scheduler", "server", "worker"):
        raise PipelineError(f"DMLC_ROLE={role}: expected scheduler, server or worker")
    for name in VARIABLES:
        if not os.environ.get(name):
            raise PipelineError(f"{name} is not set; DMLC_ROLE={role} requires it (see docs/scale.md)")
        if name != VARIABLES[0] and not os.environ[name].isdecimal():
            raise PipelineError(f"{name}={os.environ[name]}: expected a whole number")
    return role


def _connect(role: str) -> Any:
    """Return MXNet's store; a worker's is connected to all other processes."""
    os.environ["DMLC_ROLE"] = "worker"  # otherwise the import itself runs MXNet's server, which unpickles commands
    from pipeline.mx.engine import mx

    os.environ["DMLC_ROLE"] = role
    return mx.kv.create("dist_sync")


def _explain(error: RuntimeError, role: str) -> Exception:
    """Convert MXNet's error on an unusable address to one that names the variable."""
    if not any(reason in str(error) for reason in ("bind failed", "failed to get ip")):
        return error
    names = VARIABLES[:2] if role == "scheduler" else ("DMLC_NODE_HOST", "DMLC_INTERFACE")
    found = ", ".join(f"{name}={os.environ[name]}" for name in names if name in os.environ)
    return PipelineError(
        f"{found or 'DMLC_NODE_HOST is not set'}: the {role} cannot listen on this address; expected an address "
        f"of this machine{' as numbers, and a free port' if role == 'scheduler' else ''}; see docs/scale.md"
    )


def _close(store: Any, watchdog: _Watchdog) -> None:
    """Disconnect from the other processes; the interpreter's exit would be too late."""
    from pipeline.mx.engine import mx

    watchdog.store = None
    mx.base.check_call(mx.base._LIB.MXKVStoreFree(store.handle))
    store.handle = None


def _serve(store: Any, watchdog: _Watchdog) -> None:
    """Run the scheduler or server until all workers are done."""
    from mxnet.kvstore.kvstore_server import KVStoreServer

    class Server(KVStoreServer):
        def _controller(self) -> Callable[..., None]:
            return lambda *command: None  # MXNet's own unpickles whatever it receives; we need no commands

    # Delayed because querying the store before MXNet's server runs would crash it.
    timer = threading.Timer(HEARTBEAT_INTERVAL, setattr, (watchdog, "store", store))
    timer.daemon = True
    timer.start()
    Server(store).run()
    timer.cancel()
    watchdog.store = None


class _Watchdog(threading.Thread):
    """Exit this process if another one has died or a timeout is exceeded.

    All processes exchange heartbeats with the scheduler. The scheduler exits if a process has died, and the others
    exit if the scheduler has.

    Parameters
    ----------
    role : str
        Role of this process.
    minutes : float
        Timeout between two calls of `reset` by a worker; for other roles, until all processes are connected.
    """

    def __init__(self, role: str, minutes: float) -> None:
        super().__init__(daemon=True)
        self.store: Any = None  # set once it can be queried
        self._role, self._minutes = role, minutes
        self._group = _ALL if role == "scheduler" else _SCHEDULER
        self.reset()

    def reset(self) -> None:
        """Restart the timeout."""
        self._last = time.monotonic()

    def run(self) -> None:
        """Check the other processes until this one ends."""
        while True:
            time.sleep(HEARTBEAT_INTERVAL)
            if self.store is not None and _count_dead(self.store, self._group, HEARTBEAT_TIMEOUT):
                _abort(f"no heartbeat from another process for {HEARTBEAT_TIMEOUT} seconds")
            if self.store is not None and self._role != "worker" and _count_dead(self.store, self._group, -1):
                self.reset()  # connected: no timeout from now on
            if time.monotonic() - self._last > 60 * self._minutes:
                _abort(f"waited more than {self._minutes:g} minutes for the other processes (--timeout)")


def _count_dead(store: Any, group: int, seconds: int) -> int:
    """Count the processes without a heartbeat for so many seconds; 0 before they are connected."""
    from pipeline.mx.engine import mx

    count = ctypes.c_int()
    mx.base._LIB.MXKVStoreGetNumDeadNode(store.handle, group, ctypes.byref(count), seconds)
    return count.value


def _abort(reason: str) -> None:
    print(f"error: {reason}; resume from the last checkpoint with --resume", file=sys.stderr)
    _exit_now(2)


def _exit_now(code: int) -> None:
    """Exit without the handshake that MXNet's store waits for."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)
