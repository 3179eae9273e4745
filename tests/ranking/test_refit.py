"""The living queue: answers train the next ranking, and only the order of what waits changes."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, update

from app.db.engine import database_now, reading, writing
from app.db.tables.audit import Probe, Serve
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch, BatchMember, Lease
from app.db.words import BatchState, JobState, Role, Verdict
from app.ranking import refit
from app.ranking.refit import AFTER_FAILURE, start_due_refits, that_learnt
from app.ranking.runs import ScoringRequest, current_run, start_scoring
from app.settings import Settings
from app.worker import look_round, open_work
from tests.conftest import NOON
from tests.ranking.filled import Filled, fill
from tests.ranking.test_run import planted, score_now, texts_of
from tests.review.conftest import World
from tests.steps import open_epoch

LATER = timedelta(hours=2)


class Scored:
    """A ranked project with a lead, a batch, and wrong labels whose right one is known."""

    def __init__(self, engine: Engine, folder: Path, *, refit_after: int = 5) -> None:
        texts, labels, self.wrong = planted(120)
        self.engine, self.folder = engine, folder
        self.filled: Filled = fill(engine, texts_of(texts), labels)
        with writing(engine) as session:
            session.execute(update(Project).values(refit_after=refit_after))
            open_epoch(
                session, self.filled.project_id, reason="import", now=NOON, rng=random.Random(1)
            )
        score_now(engine, self.filled, folder)
        self.world = World(engine, self.filled.project_id)
        self.lead = self.world.person("ann", Role.LEAD)

    def read(self, count: int, batch: Batch) -> None:
        """Confirm some of the batch."""
        while count > 0 and (cards := self.world.claim(self.lead, batch, want=count).cards):
            for card in cards:
                self.world.answer(self.lead, card["lease"], Verdict.CONFIRM)
                count -= 1

    def due(self, *, after: timedelta = LATER) -> list[int]:
        with writing(self.engine) as session:
            return start_due_refits(session, now=database_now(session) + after)

    def work(self) -> ScoringRun:
        with writing(self.engine) as session:
            session.execute(update(Job).values(run_after=NOON))  # `due` looked from later on
        open_work(self.engine, Settings(data=self.folder)).until_idle()
        with reading(self.engine) as session:
            found = current_run(session, self.filled.project_id)
        assert found is not None
        return found


@pytest.fixture
def scored(engine: Engine, tmp_path: Path) -> Scored:
    return Scored(engine, tmp_path)


def test_enough_answers_rank_what_waits_again_and_say_what_changed(scored: Scored) -> None:
    batch = scored.world.batch(scored.lead, size=60, audit_share=0)
    scored.read(4, batch)
    assert scored.due() == []
    scored.read(1, batch)
    assert scored.due() == [scored.filled.project_id]
    run = scored.work()
    assert run.number == 2
    assert run.settings["refit"] is True
    changed = run.counts["changed"]
    assert (changed["run"], changed["answers"], changed["of"]) == (1, 5, 100)
    assert 0 <= changed["new"] <= changed["of"]
    assert scored.due() == []


def test_membership_stays_open_leases_stay_and_the_order_is_that_of_the_new_run(
    scored: Scored,
) -> None:
    batch = scored.world.batch(scored.lead, size=60, audit_share=0)
    scored.read(5, batch)
    held = scored.world.claim(scored.lead, batch, want=3).cards
    before = {row.example_id: row.waiting for row in scored.world.all(BatchMember)}
    leases = [(row.token, row.run_id, row.ended_at) for row in scored.world.all(Lease)]
    scored.due()
    run = scored.work()
    assert {row.example_id: row.waiting for row in scored.world.all(BatchMember)} == before
    assert [(row.token, row.run_id, row.ended_at) for row in scored.world.all(Lease)] == leases
    assert [card["lease"] for card in held] == [token for token, _, end in leases if end is None]
    scores = {row.example_id: row for row in scored.world.all(Score, Score.run_id == run.id)}
    waiting = [row for row in scored.world.all(BatchMember) if row.waiting]
    assert waiting
    assert all(row.priority == scores[row.example_id].priority for row in waiting)


def test_a_batch_read_to_its_end_is_learnt_from_however_small(scored: Scored) -> None:
    batch = scored.world.batch(scored.lead, size=2, audit_share=0)
    scored.read(1, batch)
    assert scored.due() == []
    scored.read(1, batch)
    assert scored.due() == [scored.filled.project_id]


def test_a_closed_batch_is_learnt_from(scored: Scored) -> None:
    batch = scored.world.batch(scored.lead, size=60, audit_share=0)
    scored.read(1, batch)
    with writing(scored.engine) as session:
        session.execute(update(Batch).values(state=BatchState.CLOSED))
    assert scored.due() == [scored.filled.project_id]


def test_with_0_it_starts_only_when_asked(engine: Engine, tmp_path: Path) -> None:
    scored = Scored(engine, tmp_path, refit_after=0)
    scored.read(6, scored.world.batch(scored.lead, size=6, audit_share=0))
    assert scored.due() == []


def test_without_new_answers_nothing_is_looked_at(scored: Scored) -> None:
    with reading(scored.engine) as session:
        assert that_learnt(session) == []
    look_round(scored.engine)
    assert len(scored.world.all(Job)) == 1


def test_what_waits_or_runs_already_is_not_asked_for_twice(scored: Scored) -> None:
    scored.read(5, scored.world.batch(scored.lead, size=60, audit_share=0))
    assert scored.due() == [scored.filled.project_id]
    assert scored.due() == []
    assert len(scored.world.all(Job, Job.state == JobState.WAITING)) == 1


def test_scoring_takes_no_more_than_half_of_the_time(scored: Scored) -> None:
    scored.read(5, scored.world.batch(scored.lead, size=60, audit_share=0))
    with writing(scored.engine) as session:
        job = session.scalars(select(Job)).one()
        assert job.finished_at is not None
        job.started_at = job.finished_at - LATER
    assert scored.due(after=LATER / 2) == []
    assert scored.due(after=LATER) == [scored.filled.project_id]


def test_after_a_failure_it_waits(scored: Scored) -> None:
    scored.read(5, scored.world.batch(scored.lead, size=60, audit_share=0))
    with writing(scored.engine) as session:
        session.execute(update(Job).values(state=JobState.DEAD))
    assert scored.due(after=AFTER_FAILURE / 2) == []
    assert scored.due(after=2 * AFTER_FAILURE) == [scored.filled.project_id]


def test_a_random_order_learns_nothing(scored: Scored) -> None:
    with writing(scored.engine) as session:
        session.execute(update(ScoringRun).values(method=refit.FIXED[0]))
    scored.read(5, scored.world.batch(scored.lead, size=60, audit_share=0))
    assert scored.due() == []


def test_settings_are_kept_and_unreliability_is_that_of_the_readers(scored: Scored) -> None:
    bob = scored.world.person("bob")
    batch = scored.world.batch(scored.lead, size=24, audit_share=0, second_share=100)
    scored.read(24, batch)
    turn = 0
    while cards := scored.world.claim(bob, batch).cards:
        for card in cards:
            verdict = Verdict.REMOVE if turn < 2 else Verdict.CONFIRM
            scored.world.answer(bob, card["lease"], verdict)
            turn += 1
    scored.due()
    assert scored.work().settings["eps"] == pytest.approx(2 * 2 / 24)


def test_an_unreliability_that_was_asked_for_stays(scored: Scored) -> None:
    with writing(scored.engine) as session:
        start_scoring(
            session,
            scored.filled.project_id,
            ScoringRequest(eps=0.3),
            created_by=None,
            now=NOON,
        )
    scored.work()
    scored.read(5, scored.world.batch(scored.lead, size=60, audit_share=0))
    scored.due()
    run = scored.work()
    assert (run.number, run.settings["eps"], run.settings["eps_measured"]) == (3, 0.3, False)


def test_the_audits_keys_are_never_read(scored: Scored) -> None:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        seen.append(statement)

    scored.read(5, scored.world.batch(scored.lead, size=60, audit_share=0))
    event.listen(scored.engine, "before_cursor_execute", note)
    scored.due()
    scored.work()
    event.remove(scored.engine, "before_cursor_execute", note)
    assert any("scoring_run" in statement for statement in seen)
    never = ("audit_key", f"{Serve.__tablename__}.", f"{Probe.__tablename__}.")
    assert [one for one in seen if any(table in one for table in never)] == []
