"""Where folds, neighbour searches and score shards are worked on: threads here, or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Value = TypeVar("Value")

WORKERS = 2
"""Threads that work side by side; no result depends on their number."""


@dataclass(frozen=True)
class Shared(Generic[Value]):
    """A large value that many calls read; a pool may keep copies of it near its workers."""

    value: Value


class Pool(Protocol):
    """Runs calls beside each other. What a call returns must follow from its arguments alone."""

    def share(self, value: Value, /) -> Shared[Value]:
        """Make a value known once, to be an argument of many calls."""
        ...

    def submit(self, function: Callable[..., Value], /, *arguments: object) -> Future[Value]:
        """Begin a call; shared arguments arrive as their values."""
        ...


class Threads:
    """The pool of one machine."""

    def __init__(self, executor: ThreadPoolExecutor) -> None:
        self._executor = executor

    def share(self, value: Value, /) -> Shared[Value]:
        return Shared(value)

    def submit(self, function: Callable[..., Value], /, *arguments: object) -> Future[Value]:
        return self._executor.submit(function, *opened(arguments))


def opened(arguments: tuple[object, ...]) -> list[object]:
    """The arguments with shared ones replaced by their values."""
    return [one.value if isinstance(one, Shared) else one for one in arguments]


@contextmanager
def threads(
    workers: int = WORKERS, *, begin: Callable[[], None] | None = None
) -> Iterator[Threads]:
    """Threads for a while; left early, what has not begun is not begun any more.

    Each calls `begin` first.
    """
    executor = ThreadPoolExecutor(workers, initializer=begin)
    try:
        yield Threads(executor)
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()
