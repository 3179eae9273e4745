"""A group got another label with one act: what its releases say, and that they are proved."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, select

from app.actions.bulk_fixing import apply_from_console, undo_from_console
from app.actions.bulk_starting import BulkAsked, start_from_console
from app.audit.bulk_fixes import fix_of
from app.db.engine import reading, writing
from app.db.tables.audit import AuditEpoch, AuditKey, BulkFix
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Batch, Event
from app.db.words import BulkState, EventKind, Role, Status, Verdict
from app.errors import Conflict
from app.releases.options import What
from app.releases.verify import verify
from app.review.batches.filters import Filter
from app.review.books.standing import folded
from tests.releases import third_party
from tests.releases.worlds import History, logged_world, release
from tests.review.conftest import World
from tests.steps import retire

LETTERS = "letters"


def ready(world: World, *, wrong: int = 0, floor: float = 0.8) -> BulkFix:
    """Alpha is to be beta; the sample was read blind, and so many of it were alpha after all."""
    alpha, beta, _ = world.labels
    with writing(world.engine) as session:
        asked = BulkAsked(Filter(given=alpha), alpha, beta, floor=floor)
        fix = start_from_console(session, LETTERS, asked)
    people = [world.person(f"reader{n}x{fix.row.number}") for n in range(2)]
    with reading(world.engine) as session:
        batch = session.get_one(Batch, fix.row.batch_id)
    for who in people:
        while cards := world.claim(who, batch, want=8).cards:
            for card in cards:
                bad = card["example"] in fix.row.sampled[:wrong]
                world.answer(who, card["lease"], Verdict.RELABEL, alpha if bad else beta)
    return fix.row


def state(world: World, row: BulkFix) -> BulkState:
    with reading(world.engine) as session:
        return fix_of(session, world.project_id, row.number).state


def applied(world: World) -> BulkFix:
    row = ready(world)
    with writing(world.engine) as session:
        told = apply_from_console(session, LETTERS, row.number)
    assert (told.changed, told.left) == (len(row.example_ids) - row.checks, row.checks)
    return row


def rows_of(directory: Path) -> dict[str, dict[str, str]]:
    with (directory / "data.csv").open() as file:
        return {line["id"]: line for line in csv.DictReader(file)}


def proved(directory: Path) -> dict[str, dict[str, str]]:
    assert verify(directory).problems.listed == []
    third_party.verify(directory)
    return rows_of(directory)


def keys(world: World, examples: list[int]) -> set[str]:
    return {world.example(one).key for one in examples}


def test_a_release_has_the_new_labels_and_says_that_nobody_read_them(
    engine: Engine, tmp_path: Path
) -> None:
    world = logged_world(engine, examples=120)
    row = applied(world)
    changed = keys(world, [one for one in row.example_ids if one not in row.sampled])
    rows = proved(release(world, tmp_path / "one"))
    said = {
        key: (one["label"], one["relabel_given"], one["relabel_status"], one["relabel_verdict"])
        for key, one in rows.items()
    }
    assert {key for key, one in said.items() if one == ("beta", "alpha", "unreviewed", "bulk")} == (
        changed
    )
    sampled = keys(world, row.sampled)
    assert {said[key] for key in sampled} == {("beta", "alpha", "relabeled", "relabel")}
    assert not any(rows[key]["relabel_by"] or rows[key]["relabel_at"] for key in changed)
    only_final = proved(release(world, tmp_path / "final", what=What.FINAL))
    assert set(only_final) == sampled


def test_undone_the_release_is_as_it_was(engine: Engine, tmp_path: Path) -> None:
    world = logged_world(engine, examples=120)
    row = applied(world)
    left = [one for one in row.example_ids if one not in row.sampled]
    lead = world.person("lea", Role.LEAD)
    world.answer(lead, None, Verdict.CONFIRM, example_id=left[0])
    with writing(world.engine) as session:
        told = undo_from_console(session, LETTERS, row.number)
    assert (told.changed, told.left) == (len(left) - 1, 1)
    assert state(world, row) is BulkState.UNDONE
    rows = proved(release(world, tmp_path / "two"))
    kept = rows[world.example(left[0]).key]
    assert (kept["label"], kept["relabel_status"], kept["relabel_verdict"]) == (
        "beta",
        "relabeled",
        "confirm",
    )
    for key in keys(world, left[1:]):
        one = rows[key]
        assert (one["label"], one["relabel_status"], one["relabel_verdict"]) == (
            "alpha",
            "unreviewed",
            "",
        )


def test_each_changed_example_has_its_event_and_a_new_epoch_knows_its_label(
    engine: Engine,
) -> None:
    world = logged_world(engine, examples=120)
    row = applied(world)
    _, beta, _ = world.labels
    left = {one for one in row.example_ids if one not in row.sampled}
    with reading(engine) as session:
        bodies = session.scalars(select(Event.body).where(Event.kind == EventKind.BULK))
        said = [orjson.loads(body)["data"] for body in bodies]
        assert {one["example"] for one in said} == left
        assert all(one == {"bulk": 1, "example": one["example"], "labels": [beta]} for one in said)
        project = session.get_one(Project, world.project_id)
        epoch = session.get_one(AuditEpoch, project.epoch_id)
        assert epoch.reason == "bulk fix"
        opened = select(AuditKey.label_at_open).where(
            AuditKey.epoch_id == epoch.id, AuditKey.example_id.in_(left)
        )
        assert set(session.scalars(opened)) == {beta}
        for example in session.scalars(select(Example)):
            fold = folded(session, world.project_id, example.id)
            assert (example.bulk_label_id,) == (fold.bulk or (None,))
            assert example.status is fold.status


def test_it_is_refused_when_too_many_of_the_checks_fail(engine: Engine) -> None:
    world = logged_world(engine, examples=120)
    row = ready(world, wrong=2)
    assert state(world, row) is BulkState.REFUSED
    with writing(engine) as session, pytest.raises(Conflict, match="not right often enough"):
        apply_from_console(session, LETTERS, row.number)


def test_what_somebody_answered_between_keeps_its_answer(engine: Engine, tmp_path: Path) -> None:
    world = logged_world(engine, examples=120)
    row = ready(world)
    alpha, beta, gamma = world.labels
    one, two, three = [one for one in row.example_ids if one not in row.sampled][:3]
    lead = world.person("lea", Role.LEAD)
    world.answer(lead, None, Verdict.CONFIRM, example_id=one)
    world.answer(lead, None, Verdict.RELABEL, gamma, example_id=two)
    with writing(engine) as session:
        told = apply_from_console(session, LETTERS, row.number)
    assert told.left == row.checks + 2
    ends = [(world.example(x).status, world.example(x).final_label_id) for x in (one, two, three)]
    assert ends == [
        (Status.CONFIRMED, alpha),
        (Status.RELABELED, gamma),
        (Status.UNREVIEWED, None),
    ]
    assert world.example(three).bulk_label_id == beta
    proved(release(world, tmp_path / "between"))


def test_a_label_that_was_merged_meanwhile(engine: Engine, tmp_path: Path) -> None:
    world = logged_world(engine, examples=120)
    row = ready(world)
    _, beta, gamma = world.labels
    lead = world.person("lea", Role.LEAD)
    with writing(engine) as session:
        retire(session, lead, beta, replaced_by=gamma, now=world.now)
    assert state(world, row) is BulkState.READY, "what was read as beta is gamma now"
    with writing(engine) as session:
        apply_from_console(session, LETTERS, row.number)
    changed = next(one for one in row.example_ids if one not in row.sampled)
    assert world.example(changed).bulk_label_id == gamma
    rows = proved(release(world, tmp_path / "merged"))
    assert rows[world.example(changed).key]["label"] == "gamma"


def test_both_labels_became_one(engine: Engine) -> None:
    world = logged_world(engine, examples=120)
    row = ready(world)
    alpha, beta, _ = world.labels
    lead = world.person("lea", Role.LEAD)
    with writing(engine) as session:
        retire(session, lead, alpha, replaced_by=beta, now=world.now)
    with writing(engine) as session, pytest.raises(Conflict, match="one label now"):
        apply_from_console(session, LETTERS, row.number)


def test_a_group_that_was_emptied_meanwhile(engine: Engine) -> None:
    world = logged_world(engine, examples=120)
    row = ready(world)
    lead = world.person("lea", Role.LEAD)
    for one in row.example_ids:
        if one not in row.sampled:
            world.answer(lead, None, Verdict.CONFIRM, example_id=one)
    with writing(engine) as session, pytest.raises(Conflict, match="every example of it"):
        apply_from_console(session, LETTERS, row.number)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_around_it_the_release_is_proved(
    engine: Engine, tmp_path: Path, seed: int
) -> None:
    world = logged_world(engine, examples=120, confirmations=1 + seed % 2)
    row = ready(world)
    history = History(world, random.Random(seed))
    history.live(40)
    with writing(engine) as session:
        apply_from_console(session, LETTERS, row.number)
    history.live(120)
    proved(release(world, tmp_path / "applied"))
    with writing(engine) as session:
        undo_from_console(session, LETTERS, row.number)
    history.live(60)
    proved(release(world, tmp_path / "undone"))
    with reading(engine) as session:
        for example in session.scalars(select(Example)):
            fold = folded(session, world.project_id, example.id)
            assert (example.bulk_label_id,) == (fold.bulk or (None,))
            assert example.status is fold.status
