"""A worker gives way to people: what it computes runs when they leave the machine idle."""

from __future__ import annotations

import os
import sys
import threading

NICENESS = 10
"""Of 0 (like everybody) to 19: beside one that answers people, about a tenth of a core."""

_LIBRARIES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


def give_way() -> None:
    """From now on this thread, and all that it starts, come last, for cores and disks alike.

    For threads that compute. One that writes must not come last: while it waits for a core in the
    middle of a transaction, everybody who answers waits for its lock. Only Linux ranks threads;
    elsewhere this is left to whoever starts the worker.
    """
    if sys.platform == "linux":
        me = threading.get_native_id()
        lower = max(NICENESS, os.getpriority(os.PRIO_PROCESS, me))
        os.setpriority(os.PRIO_PROCESS, me, lower)


def hold_libraries(threads: int) -> None:
    """Let numerical libraries use so many threads: those that are loaded, and those that will be.

    Children are told by the same variables; what somebody set stays.
    """
    # Loaded here: the parser of files gives way too, and has no numerical library to hold.
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

    for name in _LIBRARIES:
        os.environ.setdefault(name, str(threads))
    threadpool_limits(limits=threads)
