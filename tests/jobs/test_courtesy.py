"""What computes gives way; what writes does not."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.jobs.courtesy import NICENESS, give_way
from app.learning.pool import threads
from app.settings import Settings, usable_cores


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ranks threads")
def test_a_thread_that_gives_way_comes_last_and_its_process_does_not() -> None:
    before = niceness()
    with ThreadPoolExecutor(1, initializer=give_way) as behind:
        assert behind.submit(niceness).result() == max(NICENESS, before)
    with threads(2, begin=give_way) as pool:
        assert pool.submit(niceness).result() == max(NICENESS, before)
    assert niceness() == before


def test_a_worker_leaves_a_core_unless_it_is_told_a_number() -> None:
    assert Settings().threads == max(1, usable_cores() - 1)
    assert Settings(worker_threads=5).threads == 5
