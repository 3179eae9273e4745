"""What an act costs: SQL statements, and how often the project is locked."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import Connection, Engine, event, select

from app.db.engine import reading
from app.db.tables.review import Disagreement
from tests.web.cast import Cast
from tests.web.seeded import Seeded, answer, claim, open_batch, seed, statements

MOST = {"claim": 13, "confirm": 12, "relabel": 13, "skip": 14, "undo": 14, "settle": 14}
"""Statements an act may take, transactions' ends left out, but the look at who asks included.

A change writes down one more than a confirm: the second read that it waits for.
"""


@pytest.fixture
def seeded(cast: Cast) -> Seeded:
    no_coins = random.Random(4)  # whose first numbers ask for no further read
    cast.app.state = replace(cast.app.state, rng=no_coins)  # type: ignore[assignment]
    return seed(cast, count=60)


def key() -> str:
    return str(uuid.uuid4())


def costs(engine: Engine, act: Callable[[], Response]) -> tuple[int, int]:
    """Statements and locks of one request."""
    with statements(engine) as sent:
        reply = act()
    assert reply.status_code == 200, reply.text
    plain = [sql for sql in sent if not sql.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]
    heads = [sql for sql in plain if sql.startswith("SELECT") and "project.log_hash" in sql]
    locks = [sql for sql in heads if "project.about" not in sql]  # a lock reads heads alone
    return len(plain), len(locks)


def test_a_claim(cast: Cast, seeded: Seeded, engine: Engine) -> None:
    batch = open_batch(cast, size=30, audit_share=50)
    url = f"/api/v1/batches/{batch}/claim"
    most, locks = costs(engine, lambda: cast.reviewer.post(url, json={"want": 8}))
    assert (most <= MOST["claim"], locks) == (True, 1), most


@pytest.mark.parametrize("verdict", ["confirm", "relabel"])
def test_an_answer_with_refill(cast: Cast, seeded: Seeded, engine: Engine, verdict: str) -> None:
    batch = open_batch(cast, size=30, audit_share=0)
    cards = claim(cast.reviewer, batch, 8)
    held = [card["lease"] for card in cards]
    body = {"key": key(), "lease": held[0], "verdict": verdict, "want": 8, "held": held[1:]}
    if verdict == "relabel":
        body["label"] = next(one for one in seeded.labels if one != cards[0]["given"])
    most, locks = costs(engine, lambda: cast.reviewer.post("/api/v1/decisions", json=body))
    assert (most <= MOST[verdict], locks) == (True, 1), most


def test_a_skip_with_refill(cast: Cast, seeded: Seeded, engine: Engine) -> None:
    batch = open_batch(cast, size=30, audit_share=0)
    held = [card["lease"] for card in claim(cast.reviewer, batch, 8)]
    body = {"key": key(), "lease": held[0], "want": 8, "held": held[1:]}
    most, locks = costs(engine, lambda: cast.reviewer.post("/api/v1/leases/skip", json=body))
    assert (most <= MOST["skip"], locks) == (True, 1), most


def test_an_undo(cast: Cast, seeded: Seeded, engine: Engine) -> None:
    batch = open_batch(cast, size=30, audit_share=0)
    for card in claim(cast.reviewer, batch, 3):
        answer(cast.reviewer, card["lease"], "relabel", label=seeded.labels[-1])
    body = {"key": key(), "batch": batch}
    most, locks = costs(engine, lambda: cast.reviewer.post("/api/v1/undo", json=body))
    assert (most <= MOST["undo"], locks) == (True, 1), most


def test_the_undo_of_a_skip(cast: Cast, seeded: Seeded, engine: Engine) -> None:
    batch = open_batch(cast, size=30, audit_share=0)
    first, second = claim(cast.reviewer, batch, 2)
    answer(cast.reviewer, first["lease"], "confirm")
    skipped = {"key": key(), "lease": second["lease"]}
    cast.reviewer.post("/api/v1/leases/skip", json=skipped)
    body = {"key": key(), "batch": batch}
    most, locks = costs(engine, lambda: cast.reviewer.post("/api/v1/undo", json=body))
    assert (most <= MOST["undo"], locks) == (True, 1), most


def test_no_statement_of_the_desk_reads_a_whole_table(
    cast: Cast, seeded: Seeded, engine: Engine
) -> None:
    """What a person pays for an answer does not grow with what others did before."""
    if engine.dialect.name != "sqlite":
        pytest.skip("SQLite says how it will read; PostgreSQL reads small tables whole")
    batch = open_batch(cast, size=30, audit_share=50)
    with plans(engine) as seen:
        cards = claim(cast.reviewer, batch, 8)
        answer(cast.reviewer, cards[0]["lease"], "confirm", want=8)
        answer(cast.reviewer, cards[1]["lease"], "relabel", label=seeded.labels[-1], want=8)
        body = {"key": key(), "lease": cards[2]["lease"], "want": 8}
        assert cast.reviewer.post("/api/v1/leases/skip", json=body).status_code == 200
        body = {"key": key(), "batch": batch}
        assert cast.reviewer.post("/api/v1/undo", json=body).status_code == 200
        assert claim(cast.second, batch, 8)
    reads = {line for lines in seen.values() for line in lines}
    assert any("ix_lease_skipped" in line for line in reads), reads
    grow = {"decision", "event", "example", "lease", "read_due", "reversal", "score", "serve"}
    whole = {line for line in reads if line.startswith("SCAN ") and _table(line) in grow}
    assert not whole, [sql for sql, lines in seen.items() if whole & set(lines)]


def _table(plan_line: str) -> str:
    """The table of a line such as `SCAN lease_1`, whatever name it has in the statement."""
    return plan_line.split()[1].rstrip("0123456789").rstrip("_")


@contextmanager
def plans(engine: Engine) -> Iterator[dict[str, list[str]]]:
    """Every statement that is sent, and how SQLite reads for it."""
    seen: dict[str, list[str]] = {}

    def explain(
        connection: Connection, _cursor: object, sql: str, values: Any, _context: object, many: bool
    ) -> None:
        if sql.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
            raw: Any = connection.connection.dbapi_connection
            rows = raw.execute(f"EXPLAIN QUERY PLAN {sql}", values[0] if many else values)
            seen[sql] = [row[3] for row in rows]

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", explain)


def test_a_ruling(cast: Cast, seeded: Seeded, engine: Engine) -> None:
    batch = open_batch(cast, size=1, audit_share=0)
    card = claim(cast.reviewer, batch)[0]
    answer(cast.reviewer, card["lease"], "relabel", label=seeded.labels[1])
    answer(cast.second, claim(cast.second, batch)[0]["lease"], "remove", reason="no_label")
    with reading(engine) as session:
        case = session.scalars(select(Disagreement.id)).one()
    url = f"/api/v1/projects/{cast.project.slug}/disagreements/{case}/settle"
    body = {"key": key(), "verdict": "confirm"}
    most, locks = costs(engine, lambda: cast.lead.post(url, json=body))
    assert (most <= MOST["settle"], locks) == (True, 1), most
