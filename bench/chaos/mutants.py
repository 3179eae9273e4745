"""The planted bugs. Each changes the real functions, in the run's own processes only."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.accounts.people import Who
from app.accounts.turn import Turn
from app.actions import turn as turns
from app.actions.turn import Caller
from app.db import log
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import Project
from app.db.tables.review import Event
from app.errors import LeaseLost
from app.failpoints import reach
from app.review.answering import decisions, direct_answers
from app.review.answering.lease_look import look_at_lease
from app.review.serving import hand_out as serving
from app.review.serving.desk import Desk
from bench.chaos import steps
from bench.chaos.mutant import Mutant, Otherwise, swap
from bench.chaos.rule_bugs import RULE_BUGS
from bench.chaos.timing import LEASE

WINDOW = 0.004  # seconds between a look and the step that trusts it
LONG_WINDOW = 0.04  # for looks that seldom meet
BETWEEN = 0.5  # two looks of one release
Body = dict[str, Any]
Perform = Callable[[Engine, Who, str, Body, random.Random], Body | None]


def _unrepeated(*given: Any, **named: Any) -> Otherwise:
    """A row that never remembers that its key came before."""
    return Otherwise(look_at_lease(*given, **named), repeated_seq=None)


def _no_key() -> None:
    taken = decisions._taken

    def unfenced(turn: Turn, row: Any) -> bool:
        try:
            return taken(turn, row)
        except LeaseLost:
            return False

    swap(decisions, "look_at_lease", _unrepeated)
    swap(decisions, "_taken", unfenced)
    swap(decisions, "repeated", lambda *given: None)


def _taken_too_early() -> None:
    asked = Desk.asked

    def ahead(desk: Desk, **more: object) -> Body:
        early = replace(desk.turn, now=desk.turn.now + LEASE / 4 * 3)
        return asked(replace(desk, turn=early), **more)

    swap(Desk, "asked", ahead)


def _lost_update() -> None:
    swap(direct_answers, "bring_in_line", lambda *given, **named: None)


def _hash_of_other_bytes() -> None:
    def chain(previous: bytes, body: bytes) -> bytes:
        return hashlib.sha256(previous + json.dumps(json.loads(body)).encode()).digest()

    swap(log, "chain", chain)


_remembered: dict[str, Any] = {}


def _remembering(module: Any, name: str) -> None:
    """Make a function answer with what it said in the look before, if there was one."""
    original = getattr(module, name)

    def stale(*given: Any, **named: Any) -> Any:
        if name in _remembered:
            return _remembered.pop(name)
        found = original(*given, **named)
        _remembered["seen " + name] = found
        return found

    setattr(module, name, stale)


def _stale_claim(which: str, window: float) -> Perform:
    """Look in one transaction, take in another, and never look again."""

    def perform(engine: Engine, who: Who, name: str, body: Body, rng: random.Random) -> Body:
        if name == "claim":
            _remembered.clear()
            with reading(engine) as session:
                now = database_now(session)
            with Session(engine) as session:
                steps.claim(Caller(session, who, now, random.Random(0)), body)
            seen = _remembered.pop("seen " + which, None)
            if seen is not None:
                _remembered[which] = seen
            time.sleep(window)
        refill = {"want": 0} if name == "submit" else {}  # only claims hand out
        done = steps.perform(engine, who, name, body | refill, rng)
        _remembered.clear()
        return done

    return perform


def _counting(engine: Engine, who: Who, name: str, body: Body, rng: random.Random) -> Body:
    """The next number is the count of what was there a moment ago."""
    if name == "submit":
        with reading(engine) as session:
            counted = session.scalar(select(func.count()).select_from(Event)) or 0
        _remembered["count"] = counted
        time.sleep(WINDOW)
    done = steps.perform(engine, who, name, body, rng)
    _remembered.clear()
    return done


def _number_from_count() -> None:
    opened = turns._at

    def counted(*given: Any) -> Turn:
        turn = opened(*given)
        if "count" in _remembered:
            turn.lock.log_seq = _remembered["count"]
        return turn

    swap(turns, "_at", counted)


def _hasty(pipe: Connection) -> Perform:
    """Say that it is stored, then store it."""

    def perform(engine: Engine, who: Who, name: str, body: Body, rng: random.Random) -> Body | None:
        if name != "submit":
            return steps.perform(engine, who, name, body, rng)
        with reading(engine) as session:
            now = database_now(session)
        with writing(engine) as session:
            reply = steps.submit(Caller(session, who, now, rng), body)
            pipe.send(("ok", reply))
            reach("submit.before_commit")
        reach("submit.after_commit")
        return None

    return perform


def _early_ranking() -> None:
    """Serve a run as soon as it is begun."""
    from app.ranking import run as ranking
    from app.ranking.store import begin

    def at_once(session: Session, job: Any, arguments: Any, *, now: Any) -> Any:
        made = begin(session, job, arguments, now=now)
        session.get_one(Project, job.project_id).run_id = made.id
        session.flush()
        return made

    swap(ranking, "begin", at_once)


def _replayed_rows() -> None:
    """Start the rows again from the first, whatever is there."""
    from app.datasets import commit, meeting

    swap(commit, "_last_row", lambda session, import_id: 0)
    swap(meeting, "_residents", lambda session, project_id, keys, names: {})


def _two_snapshots() -> None:
    """Name the seq of one look, and write the rows of a later one."""
    from app.releases import build
    from app.releases.snapshot import snapshot
    from app.releases.write_data import write_data

    earlier = [0]

    @contextmanager
    def twice(engine: Engine, project_id: int, **named: Any) -> Iterator[Any]:
        with snapshot(engine, project_id, **named) as found:
            earlier[0] = found.up_to
        time.sleep(BETWEEN)
        with snapshot(engine, project_id, **named) as found:
            yield found

    def misnamed(*given: Any) -> Body:
        return {**write_data(*given), "up_to": earlier[0]}

    swap(build, "snapshot", twice)
    swap(build, "write_data", misnamed)


MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant("no_key", "a retry is a new answer", _no_key),
        Mutant("ack_before_commit", "the reply leaves before the commit"),
        Mutant(
            "racy_claim",
            "looks, then takes what may be gone",
            lambda: _remembering(serving, "pick"),
            decisions=300,
            failpoints=3,
        ),
        Mutant("lease_off_by_one", "takes leases before they run out", _taken_too_early),
        Mutant("lost_update", "a changed answer leaves the status as it was", _lost_update),
        Mutant(
            "two_snapshots",
            "a release names one seq and holds the rows of another",
            _two_snapshots,
            "release",
        ),
        Mutant("seq_from_count", "the next number is a count taken earlier", _number_from_count),
        Mutant("other_bytes", "the hash is over other bytes than are stored", _hash_of_other_bytes),
        Mutant(
            "no_recheck",
            "owed reads are taken without a second look",
            lambda: _remembering(serving, "owed"),
            decisions=300,
            failpoints=3,
        ),
        Mutant("new_key", "every try comes with a key of its own"),
        Mutant("replayed_import", "a chunk of rows is stored again", _replayed_rows, "import"),
        Mutant(
            "half_switched", "a ranking is served before it is complete", _early_ranking, "score"
        ),
        *RULE_BUGS,
    )
}


def plant(name: str) -> None:
    """Change this process; without a name nothing changes."""
    if name in MUTANTS:
        MUTANTS[name].plant()


def performing(name: str, pipe: Connection) -> Perform:
    """How this process performs requests."""
    special: dict[str, Perform] = {
        "racy_claim": _stale_claim("pick", WINDOW),
        "no_recheck": _stale_claim("owed", LONG_WINDOW),
        "seq_from_count": _counting,
    }
    if name == "ack_before_commit":
        return _hasty(pipe)
    return special.get(name, steps.perform)
