"""A process that performs requests at the store; it may be killed at any moment."""

from __future__ import annotations

import os
import random
import signal
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine

import app.db.tables.all  # noqa: F401  # foreign keys need every table
from app import failpoints
from app.accounts.people import Who
from app.db.engine import open_engine
from app.errors import Failure
from bench.chaos import mutants, steps
from bench.chaos.timing import shorten_leases


def work(pipe: Connection, url: str, mutant: str, seed: int, hurried: bool = True) -> None:
    """Answer requests until the pipe ends: (phase, reply) for each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hurried:
        shorten_leases()
    mutants.plant(mutant)
    perform = mutants.performing(mutant, pipe)
    failpoints.arm("", seed=seed)
    engine = open_engine(url, pool_size=2)
    rng = random.Random(seed)
    while True:
        try:
            request: dict[str, Any] = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)
        failpoints.arm(request["failpoint"])
        answer = _answer(engine, request, rng, perform)
        try:
            if answer is not None:
                pipe.send(answer)
        except OSError:
            os._exit(0)


def _answer(
    engine: Engine, request: dict[str, Any], rng: random.Random, perform: mutants.Perform
) -> tuple[str, dict[str, Any]] | None:
    name, body = request["name"], request["body"]
    person, pseudonym, known_as = request["who"]
    who = Who(person, pseudonym, known_as, email="", is_admin=False)
    try:
        if name == "look":
            return "ok", steps.look(engine, body["project"], who.id)
        reply = perform(engine, who, name, body, rng)
        return None if reply is None else ("ok", reply)  # None: it was sent already
    except Failure as refused:
        return "fail", {"code": refused.code}
    except Exception as broken:  # the fate of the whole request is unknown
        return "info", {"error": f"{type(broken).__name__}: {broken}"[:300]}
