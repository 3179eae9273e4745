"""In which batch an answer counts is told as it is written: it is what the rows say, one by one."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.db.engine import reading
from app.db.migrate import climb
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision, Reversal
from app.db.words import EventKind, ReadReason, Status, Verdict
from app.insights.label_counts import LabelCounts, label_counts
from app.review.books.progress import Done, done_of
from tests.db.test_migrations import go_back
from tests.review.simulation import Simulation, simulate


@pytest.fixture(params=[False, True], ids=["apart", "alike"])
def lived(engine: Engine, request: pytest.FixtureRequest) -> Simulation:
    """A project after all that people do in it: skips, undoes, rulings, erasures."""
    simulation = simulate(engine, 3, alike=request.param)
    simulation.look_each = 40
    simulation.finish(simulation.world.batch(simulation.lead, size=80))
    return simulation


def test_what_counts_in_a_batch_is_what_its_rows_say(lived: Simulation, engine: Engine) -> None:
    with reading(engine) as session:
        batches = session.scalars(select(Batch.id)).all()
        told, expected = done_of(session, batches), _one_by_one(session)
    assert told == expected
    assert sum(done.reads for done in told.values()) > 60
    assert sum(done.changed for done in told.values()) > 5


def test_answers_given_before_are_counted_as_those_given_since(
    lived: Simulation, engine: Engine
) -> None:
    with reading(engine) as session:
        before = _counted(session)
    assert len(set(before.values())) > 1
    engine.dispose()
    go_back(engine, "0024")
    climb(engine)
    with reading(engine) as session:
        assert _counted(session) == before


def test_labels_are_counted_as_their_examples_say(lived: Simulation, engine: Engine) -> None:
    with reading(engine) as session:
        told = label_counts(session, lived.world.project_id)
        expected = LabelCounts()
        for example in session.scalars(select(Example).where(Example.status != Status.ERASED)):
            if example.given_label_id is not None:
                expected.given[example.given_label_id] += 1
                expected.unread[example.given_label_id] += example.status is Status.UNREVIEWED
            if example.final_label_id is not None:
                expected.final[example.final_label_id] += 1
    assert +told.given == +expected.given
    assert +told.unread == +expected.unread
    assert +told.final == +expected.final
    assert len(told.final) > 1


def _counted(session: Session) -> dict[int, int | None]:
    return dict(session.execute(select(Decision.seq, Decision.counted_batch_id)).all())


def _one_by_one(session: Session) -> dict[int, Done]:
    """First reads that stand, by the batch of their serve, else by that of the answer."""
    last: dict[int, EventKind] = {}
    for row in session.scalars(select(Reversal).order_by(Reversal.seq)):
        if row.decision_seq is not None and row.kind in (EventKind.UNDO, EventKind.REDO):
            last[row.decision_seq] = row.kind
    answers = session.scalars(select(Decision).order_by(Decision.seq)).all()
    standing = [one for one in answers if last.get(one.seq) is not EventKind.UNDO]
    replaced = {one.supersedes for one in standing}
    serves = {row.serve_seq: row.batch_id for row in session.scalars(select(Serve))}
    given = dict(session.execute(select(Example.id, Example.given_label_id)).all())
    reads: dict[int, set[int]] = defaultdict(set)
    changed: dict[int, set[int]] = defaultdict(set)
    for one in standing:
        look = one.read_reason is ReadReason.FIRST and one.with_seq is None
        if not look or one.seq in replaced:
            continue
        served = serves.get(one.serve_seq) if one.serve_seq is not None else None
        batch = one.batch_id if served is None else served
        if batch is None:
            continue
        reads[batch].add(one.example_id)
        same = one.verdict is Verdict.RELABEL and one.label_id == given[one.example_id]
        if one.verdict is not Verdict.CONFIRM and not same:
            changed[batch].add(one.example_id)
    counts = Counter({batch: len(examples) for batch, examples in reads.items()})
    return {batch: Done(count, len(changed[batch])) for batch, count in counts.items()}
