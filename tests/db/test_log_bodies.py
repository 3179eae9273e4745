"""Every event that Relabel writes holds what `log_bodies` says of its kind, and nothing else."""

from __future__ import annotations

import random
from contextlib import suppress

import orjson
from sqlalchemy import Engine, select

from app.actions.withdrawing import withdraw_from_console
from app.datasets.guidelines import Written, write_rule
from app.datasets.labels import retire_label
from app.db import log_bodies as say
from app.db.engine import reading, writing
from app.db.log import lock_project
from app.db.tables.datasets import Example
from app.db.tables.review import Event
from app.db.words import EventKind, Status
from app.errors import Failure
from app.review.books.bulk_labels import NewLabel, set_labels
from tests.releases.worlds import History, bring, erase, logged_world, make_alike, release

DATA_OF = {
    EventKind.IMPORT: say.ImportData,
    EventKind.SCHEMA: say.SchemaData,
    EventKind.POLICY: say.PolicyData,
    EventKind.GUIDELINE: say.GuidelineData,
    EventKind.EPOCH: say.EpochData,
    EventKind.DECISION: say.AnswerData,
    EventKind.ADJUDICATE: say.AnswerData,
    EventKind.UNDO: say.ReversalData,
    EventKind.REDO: say.ReversalData,
    EventKind.REOPEN: say.ReopenData,
    EventKind.SKIP: say.SkipData,
    EventKind.REFER: say.ReferData,
    EventKind.RESUME: say.ResumeData,
    EventKind.ERASE: say.EraseData,
    EventKind.RELEASE: say.ReleaseData,
    EventKind.WITHDRAW: say.WithdrawData,
    EventKind.BULK: say.BulkData,
}
OF_COPIES = {"with"}  # only where an answer came with that to an identical example


def test_bodies_hold_what_is_said_of_them(engine: Engine, tmp_path) -> None:
    assert DATA_OF.keys() == set(EventKind)
    world = logged_world(engine, examples=40, confirmations=2)
    make_alike(world, world.examples[:9])
    history = History(world, random.Random(4))
    for _ in range(12):
        for deed in (history.claim, history.skip, history.claim, history.refer, history.resume):
            with suppress(Failure):
                deed()
        history.live(20)
    with writing(engine) as session:
        a, b, _ = world.labels
        lock = lock_project(session, world.project_id)
        retire_label(lock, b, replaced_by=a, actor=None, now=world.now)
        unread = session.scalars(select(Example.id).where(Example.status == Status.UNREVIEWED))
        set_labels(lock, [next(unread)], NewLabel(1, a, None, None, world.now))
        write_rule(lock, [a], Written("Like this.", None, None, None, world.now))
        lock.save()
    erase(world, world.examples[3])
    release(world, tmp_path / "made")
    bring(world, examples=2)
    with writing(engine) as session:
        withdraw_from_console(session, "letters", None, now=world.now)
    with reading(engine) as session:
        events = [orjson.loads(body) for body in session.scalars(select(Event.body))]
    for event in events:
        assert event.keys() == say.Body.__annotations__.keys()
        kind = EventKind(event["kind"])
        missing = DATA_OF[kind].__annotations__.keys() - event["data"].keys()
        assert not event["data"].keys() - DATA_OF[kind].__annotations__.keys(), kind
        assert missing <= OF_COPIES, kind
        if kind is EventKind.RELEASE:
            assert event["data"]["counts"].keys() == say.Counts.__annotations__.keys()
        if kind is EventKind.SCHEMA:
            keys = say.LabelSaid.__annotations__.keys()
            assert all(label.keys() == keys for label in event["data"]["labels"])
    assert any("with" in event["data"] for event in events)
    assert {EventKind(event["kind"]) for event in events} == set(DATA_OF)
