"""A Dask cluster as the place where folds, neighbours and score shards are worked on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

import structlog

from app.errors import ClusterAway
from app.jobs.courtesy import give_way
from app.learning.pool import WORKERS, Pool, Shared, Value, opened, threads

RETRIES = 3
"""Times the cluster repeats a call whose worker died, before it is handed back."""

ATTEMPTS = 3
"""Times a call is handed to the cluster, its arguments sent anew, before it is made here."""

AT_ONCE = 16
"""Calls out at a time: enough to keep some tens of cores busy with folds."""

CONNECT_SECONDS = 10

PATIENCE_SECONDS = 10
"""How often a call that takes long asks whether any worker is there."""

_log = structlog.get_logger("relabel.cluster")


class Remote(Protocol):
    """A call or a value on the cluster, as Dask's client hands it out."""

    @property
    def status(self) -> str: ...

    def result(self, timeout: float) -> object: ...

    def cancel(self) -> None: ...


class Client(Protocol):
    """What is used of Dask's client, which ships no types."""

    def submit(
        self, function: Callable[..., object], /, *arguments: object, retries: int, pure: bool
    ) -> Remote: ...

    def scatter(self, values: list[object], *, broadcast: bool, hash: bool) -> list[Remote]: ...

    def nthreads(self) -> Mapping[str, int]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Scattered(Shared[Value]):
    """A shared value, and where the cluster keeps its copies; lost copies are sent again."""

    places: list[Remote] = field(default_factory=list, compare=False)
    turn: threading.Lock = field(default_factory=threading.Lock, compare=False)


class Cluster:
    """Calls as futures with retries. A lost worker costs time, never the result."""

    def __init__(self, client: Client, executor: ThreadPoolExecutor) -> None:
        self._client = client
        self._executor = executor
        self._left = threading.Event()

    def share(self, value: Value, /) -> Shared[Value]:
        return Scattered(value)

    def submit(self, function: Callable[..., Value], /, *arguments: object) -> Future[Value]:
        return self._executor.submit(self._call, function, arguments)

    def leave(self) -> None:
        """Give up what is out; whoever waits for it hears that it was cancelled."""
        self._left.set()
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _call(self, function: Callable[..., Value], arguments: tuple[object, ...]) -> Value:
        """On the cluster; here, if the cluster cannot."""
        for _ in range(ATTEMPTS):
            try:
                sent = [self._sent(one) for one in arguments]
                future = self._client.submit(function, *sent, retries=RETRIES, pure=False)
                value = cast(Value, self._awaited(future))
            except lost() as error:
                if self._left.is_set():
                    raise
                _log.warning("cluster_lost_a_call", reason=repr(error)[:300])
            else:
                return value
        return function(*opened(arguments))

    def _sent(self, argument: object) -> object:
        """Copies on every worker, so that one that dies takes none with it."""
        if not isinstance(argument, Scattered):
            return argument
        with argument.turn:
            copies = argument.places
            if not copies or copies[-1].status != "finished":
                copies += self._client.scatter([argument.value], broadcast=True, hash=False)
            return copies[-1]

    def _awaited(self, future: Remote) -> object:
        """The result, however long it takes, as long as there is a worker."""
        while True:
            try:
                return future.result(timeout=PATIENCE_SECONDS)
            except TimeoutError:
                if future.status != "pending" or not self._client.nthreads():
                    future.cancel()
                    raise


def lost() -> tuple[type[BaseException], ...]:
    """What says that a worker or the way to it is gone, and nothing about the call itself."""
    from distributed.client import FutureCancelledError
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    return (CancelledError, FutureCancelledError, KilledWorker, CommClosedError, TimeoutError)


@contextmanager
def pool_at(address: str, *, workers: int = WORKERS) -> Iterator[Pool]:
    """The cluster at this address, or so many threads of this machine without one."""
    if not address:
        with threads(workers, begin=give_way) as here:
            yield here
        return
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise ClusterAway(
            "RELABEL_DASK names a cluster, and the packages for it are not installed.",
            next_step="Install relabel[dask], or unset RELABEL_DASK.",
        ) from error
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ClusterAway(
            f"No Dask scheduler answers at {address}.",
            next_step="Start it, or unset RELABEL_DASK to score on this machine.",
        ) from error
    cluster = Cluster(client, ThreadPoolExecutor(AT_ONCE, initializer=give_way))
    try:
        yield cluster
    finally:
        cluster.leave()
