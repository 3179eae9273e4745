"""What disturbs a run: kills, pauses longer than a lease, immediate stops of the database."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bench.chaos.doors import PATIENCE, StoreDoor
from bench.chaos.history import History
from bench.chaos.reviewer import Tally

PAUSE = 3.0  # seconds; a lease of a run lasts two
SHARE = 0.92  # faults come while this much of the work is done


@dataclass(frozen=True)
class Fault:
    """One disturbance, and how many of it a run is to see."""

    name: str
    count: int
    strike: Callable[[], bool]


class Nemesis(threading.Thread):
    """Strikes when the run has got so far, so that a run of any size sees them all."""

    def __init__(
        self, faults: list[Fault], tally: Tally, history: History, *, target: int, seed: int
    ) -> None:
        super().__init__(daemon=True)
        rng = random.Random(f"nemesis-{seed}")
        self.tally, self.history = tally, history
        self.plan = sorted(
            (
                (rng.random() * SHARE * target, fault)
                for fault in faults
                for _ in range(fault.count)
            ),
            key=lambda pair: pair[0],
        )
        self.struck: dict[str, int] = {fault.name: 0 for fault in faults}

    def run(self) -> None:
        for after, fault in self.plan:
            while self.tally.acknowledged < after:
                if self.tally.calm.is_set():
                    return
                time.sleep(0.002)
            for _ in range(200):
                if fault.strike():
                    self.struck[fault.name] += 1
                    self.history.fault(fault.name)
                    break
                time.sleep(0.01)


def kill_one(doors: list[StoreDoor], rng: random.Random) -> bool:
    """`kill -9` of one of the run's own processes."""
    alive = [door for door in doors if door.process is not None and door.process.is_alive()]
    if not alive:
        return False
    process = rng.choice(alive).process
    assert process is not None
    process.kill()
    return True


def pause_one(doors: list[StoreDoor], rng: random.Random) -> bool:
    """Stop a process for longer than a lease; its reviewer gives it up and asks another."""
    alive = [door for door in doors if door.process is not None and door.process.is_alive()]
    if not alive:
        return False
    door = rng.choice(alive)
    assert door.process is not None and door.process.pid is not None
    pid = door.process.pid
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
        door.patience = 0.5
        time.sleep(PAUSE)
        os.kill(pid, signal.SIGCONT)
    door.patience = PATIENCE
    return True
