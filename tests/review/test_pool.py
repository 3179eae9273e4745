"""An unserved example leaves the pool of the open audit through a serve, and no other way."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.audit import epochs
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.datasets import DataImport, Project
from app.db.tables.review import Decision, Event, ReadDue
from app.db.words import (
    Due,
    EventKind,
    ImportState,
    Mode,
    ReadReason,
    Role,
    Status,
    Stream,
    Verdict,
)
from app.errors import Conflict, KeyReused, NotFound
from app.review.answering import answers
from app.review.answering.answers import Asked, Submission
from app.review.books.forgotten import forgotten
from app.review.books.pool import Unserved
from tests.acting import acting
from tests.review.conftest import World
from tests.steps import redo, reopen, settle, undo


def ruling(world: World, example: int, key: str = "ruling-1") -> Submission:
    return Submission(
        key=key, verdict=Verdict.RELABEL, example_id=example, label_id=world.labels[1]
    )


def left(world: World) -> tuple[int, int]:
    """What is unserved as the project counts it, and as the keys and serves say."""
    with reading(world.engine) as session:
        project = session.get_one(Project, world.project_id)
        keys = set(session.scalars(select(AuditKey.example_id)))
        served = set(session.scalars(select(Serve.example_id)))
        return project.unserved, len(keys - served)


def test_a_ruling_on_what_was_never_served_is_a_serve(world: World) -> None:
    lead, example = world.person("lead", Role.LEAD), world.examples[3]
    with writing(world.engine) as session:
        said = settle(session, lead, ruling(world, example), now=world.now)
    assert said.status is Status.RELABELED
    (serve,) = world.all(Serve)
    assert (serve.example_id, serve.stream, serve.unserved_before) == (example, Stream.DIRECT, 20)
    assert left(world) == (19, 19)
    assert world.all(Decision)[0].serve_seq == serve.serve_seq


def test_undoing_such_a_ruling_leaves_it_owed_and_out_of_the_pool(world: World) -> None:
    lead, example = world.person("lead", Role.LEAD), world.examples[3]
    with writing(world.engine) as session:
        said = settle(session, lead, ruling(world, example), now=world.now)
    with writing(world.engine) as session:
        undo(session, lead, key="undo-key-1", seq=said.seq, now=world.now, rng=world.rng)
        assert forgotten(session, world.project_id) == []
    assert [(due.example_id, due.reason) for due in world.all(ReadDue)] == [(example, Due.REOPENED)]
    assert left(world) == (19, 19)


def test_what_nobody_has_decided_is_not_opened_again(world: World) -> None:
    lead = world.person("lead", Role.LEAD)
    with writing(world.engine) as session, pytest.raises(Conflict, match="open already"):
        reopen(session, lead, world.examples[0], key="open-it-1", now=world.now)
    assert [event.kind for event in world.all(Event)] == [EventKind.EPOCH]
    assert (world.all(ReadDue), left(world)) == ([], (20, 20))


@pytest.mark.parametrize("door", ["direct", "ruling"])
def test_rows_of_an_import_under_way_cannot_be_answered(world: World, door: str) -> None:
    lead = world.person("lead", Role.LEAD)
    with writing(world.engine) as session:
        session.execute(update(DataImport).values(state=ImportState.IMPORTING))
    with writing(world.engine) as session, pytest.raises(NotFound):
        if door == "ruling":
            settle(session, lead, ruling(world, world.examples[0]), now=world.now)
        else:
            world.answer(lead, example_id=world.examples[0])
    assert world.all(Decision) == []


def test_record_refuses_an_example_of_the_open_pool_without_a_serve(world: World) -> None:
    lead = world.person("lead", Role.LEAD)
    asked = Asked(world.examples[0], Mode.EVERYTHING, ReadReason.FIRST)
    with pytest.raises(Unserved), acting(world.engine, lead, now=world.now) as turn:
        answers.record(turn, Submission(key="k" * 8, verdict=Verdict.CONFIRM), asked)
    assert world.all(Decision) == []


@pytest.mark.parametrize("table", ["serve", "audit_key"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET example_id = example_id", "DELETE FROM {}"])
def test_serves_and_the_keys_of_an_open_epoch_stay(world: World, table: str, verb: str) -> None:
    lead = world.person("lead", Role.LEAD)
    world.claim(lead, world.batch(lead, size=2, audit_share=0), want=2)
    before = len(world.all(AuditKey)), len(world.all(Serve))
    with pytest.raises(DBAPIError), world.engine.begin() as connection:
        connection.execute(text(verb.format(table)))
    assert (len(world.all(AuditKey)), len(world.all(Serve))) == before == (20, 2)


def test_keys_may_go_before_their_epoch_opens(world: World) -> None:
    with writing(world.engine) as session:
        epoch = epochs.prepare_epoch(session, world.project_id, reason="import")
        epochs.write_keys(session, epoch, after=0, rng=random.Random(1))
    with world.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM audit_key WHERE epoch_id = {epoch}"))
    assert world.all(AuditKey, AuditKey.epoch_id == epoch) == []


def test_what_is_undone_just_before_an_epoch_opens_is_in_its_pool(world: World) -> None:
    lead = world.person("lead", Role.LEAD)
    batch = world.batch(lead, size=1, audit_share=0)
    card = world.claim(lead, batch, want=1).cards[0]
    said = world.answer(lead, card["lease"])
    with writing(world.engine) as session:
        epoch = epochs.prepare_epoch(session, world.project_id, reason="guideline")
        after: int | None = 0
        while after is not None:
            after = epochs.write_keys(session, epoch, after=after, rng=random.Random(2))
    with writing(world.engine) as session:
        undo(session, lead, key="undo-key-1", seq=said.seq, now=world.now, rng=world.rng)
    with writing(world.engine) as session:
        lock = lock_project(session, world.project_id)
        epochs.start_epoch(lock, epoch, now=world.now, rng=random.Random(3))
        lock.save()
        assert forgotten(session, world.project_id) == []
    keyed = {key.example_id for key in world.all(AuditKey, AuditKey.epoch_id == epoch)}
    assert card["example"] in keyed
    carried = world.all(Serve, Serve.epoch_id == epoch)
    assert [(one.example_id, one.stream) for one in carried] == [(card["example"], Stream.CARRIED)]


def test_redo_brings_back_what_was_owed(team: World) -> None:
    lead, ann, _ = team.person("lead", Role.LEAD), team.person("ann"), team.person("ben")
    batch = team.batch(lead, size=1, audit_share=0, reads=3)
    card = team.claim(ann, batch, want=1).cards[0]
    said = team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    owed = [(due.reason, due.created_by_seq) for due in team.all(ReadDue)]
    assert owed == [(Due.COIN, said.seq), (Due.THIRD, said.seq)]
    with writing(team.engine) as session:
        undo(session, ann, key="undo-key-1", seq=said.seq, now=team.now, rng=team.rng)
    assert team.all(ReadDue, ReadDue.done_at.is_(None)) == []
    with writing(team.engine) as session:
        redo(session, ann, key="redo-key-1", seq=said.seq, now=team.now)
        assert forgotten(session, team.project_id) == []
    still = team.all(ReadDue, ReadDue.done_at.is_(None))
    assert [(due.reason, due.created_by_seq) for due in still] == owed


def test_the_same_key_for_another_undo_is_refused(world: World) -> None:
    ann = world.person("ann")
    batch = world.batch(ann, size=2, audit_share=0)
    one, two = (world.answer(ann, c["lease"]) for c in world.claim(ann, batch, want=2).cards)
    with writing(world.engine) as session:
        first = undo(session, ann, key="undo-key-1", seq=two.seq, now=world.now, rng=world.rng)
    with writing(world.engine) as session:
        again = undo(session, ann, key="undo-key-1", seq=two.seq, now=world.now, rng=world.rng)
    assert again.seq == first.seq
    with writing(world.engine) as session, pytest.raises(KeyReused):
        undo(session, ann, key="undo-key-1", seq=one.seq, now=world.now, rng=world.rng)
    with writing(world.engine) as session, pytest.raises(KeyReused):
        redo(session, ann, key="undo-key-1", seq=two.seq, now=world.now)
