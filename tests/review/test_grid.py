"""The grid: what is not marked is confirmed, what is marked is owed at the desk."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, insert

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Batch, BatchMember, Decision, ReadDue
from app.db.words import BatchState, Due, Mode, ReadReason, Role, RunState, Status, Stream, Verdict
from app.errors import Conflict
from app.review.answering.grid import GridPage, PageDone, confused_with, grid_numbers
from app.review.serving.hand_out import HandedOut
from tests.review.conftest import World, make_world
from tests.steps import answer_page, claim_page, give_back, set_state, take_back


def scored(world: World, quality: float = 0.99) -> None:
    """A run in which every given label is as likely right."""
    with writing(world.engine) as session:
        run = ScoringRun(
            project_id=world.project_id,
            number=1,
            state=RunState.COMPLETE,
            seed=1,
            started_at=world.now,
        )
        session.add(run)
        session.flush()
        rows = [
            {"run_id": run.id, "example_id": example, "priority": -1.0, "quality": quality}
            for example in world.examples
        ]
        session.execute(insert(Score), rows)
        session.get_one(Project, world.project_id).run_id = run.id


@pytest.fixture
def many(engine: Engine) -> World:
    """Sixty examples with each of three labels; all probably right."""
    world = make_world(engine, examples=180)
    scored(world)
    return world


def grid(world: World, lead: Member, **more: Any) -> Batch:
    return world.batch(lead, by="grid", given_label_id=world.labels[0], **{"size": 60, **more})


def tiles(world: World, who: Member, batch: Batch, want: int = 24, held: Any = ()) -> HandedOut:
    with writing(world.engine) as session:
        return claim_page(
            session, who, batch.id, want=want, held=held, now=world.now, rng=world.rng
        )


def press_enter(
    world: World,
    who: Member,
    batch: Batch,
    claimed: HandedOut,
    *,
    marked: int = 0,
    key: str = "page-1",
) -> PageDone:
    tokens = [card["lease"] for card in claimed.cards]
    page = GridPage(key, batch.id, tuple(tokens[marked:]), tuple(tokens[:marked]), 12.0)
    with writing(world.engine) as session:
        return answer_page(session, who, page, now=world.now, rng=world.rng)


def test_a_grid_holds_one_label_and_no_random_draws(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    batch = grid(many, ann, mode=Mode.BLIND)
    assert (batch.mode, batch.audit_share, batch.size) == (Mode.EVERYTHING, 0, 60)
    assert batch.name == "alpha, 60 probably right"
    claimed = tiles(many, ann, batch, want=48)
    assert len(claimed.cards) == 48
    shown = [many.example(card["example"]) for card in claimed.cards]
    assert {one.given_label_id for one in shown} == {many.labels[0]}
    assert set(claimed.cards[0]) == {"lease", "example", "key", "content"}


def test_what_is_not_marked_is_confirmed_and_the_rest_goes_to_the_desk(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    batch = grid(many, ann)
    claimed = tiles(many, ann, batch)
    done = press_enter(many, ann, batch, claimed, marked=3)
    assert (done.confirmed, done.marked, done.late, done.lost) == (21, 3, 0, [])
    given = many.all(Decision)
    assert {one.verdict for one in given} == {Verdict.CONFIRM}
    assert {one.stream for one in given} == {Stream.QUEUE}
    assert given[0].browser_seconds == pytest.approx(12 / 21)
    marked = {card["example"] for card in claimed.cards[:3]}
    at_desk = many.claim(ann, batch)
    assert {card["example"] for card in at_desk.cards} == marked
    many.answer(ann, at_desk.cards[0]["lease"], Verdict.RELABEL, many.labels[1])
    assert many.all(Decision)[-1].read_reason is ReadReason.FIRST
    assert many.example(at_desk.cards[0]["example"]).status is Status.RELABELED


def test_a_repeated_page_changes_nothing(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    batch = grid(many, ann)
    claimed = tiles(many, ann, batch)
    first = press_enter(many, ann, batch, claimed, marked=2)
    again = press_enter(many, ann, batch, claimed, marked=2)
    assert (again.confirmed, again.marked) == (first.confirmed, first.marked) == (22, 2)
    assert len(many.all(Decision)) == 22
    assert len(many.all(ReadDue)) == 2


def test_tiles_given_back_stay_on_the_grid_and_no_desk_takes_them(many: World) -> None:
    ann, bob = many.person("ann", Role.LEAD), many.person("bob")
    batch, other = grid(many, ann), many.batch(ann, size=5, audit_share=0)
    claimed = tiles(many, ann, batch)
    with writing(many.engine) as session:
        give_back(session, ann, [card["lease"] for card in claimed.cards], now=many.now)
    tile_ids = {card["example"] for card in claimed.cards}
    assert not tile_ids & {card["example"] for card in many.claim(bob, other).cards}
    assert many.claim(bob, batch).cards == []
    assert {card["example"] for card in tiles(many, bob, batch).cards} == tile_ids


def test_tiles_of_somebody_who_went_away_come_back_to_the_grid(many: World) -> None:
    ann, bob = many.person("ann", Role.LEAD), many.person("bob")
    batch = grid(many, ann, size=20)
    claimed = tiles(many, ann, batch)
    many.later(minutes=31)
    assert many.claim(bob, batch).cards == []
    again = tiles(many, bob, batch)
    assert {c["example"] for c in again.cards} == {c["example"] for c in claimed.cards}


def test_once_the_grid_is_closed_a_desk_takes_what_was_served(many: World) -> None:
    ann, bob = many.person("ann", Role.LEAD), many.person("bob")
    batch = grid(many, ann, size=20)
    claimed = tiles(many, ann, batch, want=4)
    with writing(many.engine) as session:
        set_state(session, session.get_one(Batch, batch.id), BatchState.CLOSED, now=many.now)
    other = many.batch(ann, size=5, audit_share=0)
    got = {card["example"] for card in many.claim(bob, other).cards}
    assert {card["example"] for card in claimed.cards} <= got


def test_a_page_is_taken_back_and_comes_again(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    batch = grid(many, ann)
    claimed = tiles(many, ann, batch)
    press_enter(many, ann, batch, claimed, marked=4)
    with writing(many.engine) as session:
        back = take_back(
            session, ann, key="undo-1", page_key="page-1", batch_id=batch.id, now=many.now,
            rng=many.rng,
        )  # fmt: skip
    assert [c["example"] for c in back] == [c["example"] for c in claimed.cards[4:]]
    assert many.example(back[0]["example"]).status is Status.UNREVIEWED
    held = [card["lease"] for card in back]
    assert tiles(many, ann, batch, want=20, held=held).cards == [], "they are held by their reader"
    page = GridPage("page-2", batch.id, tuple(held), (), 5.0)
    with writing(many.engine) as session:
        done = answer_page(session, ann, page, now=many.now, rng=many.rng)
    assert done.confirmed == 20


def test_a_sample_of_what_was_confirmed_goes_to_a_second_reader(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    many.person("bob")
    batch = grid(many, ann, second_share=50)
    press_enter(many, ann, batch, tiles(many, ann, batch))
    owed = many.all(ReadDue, ReadDue.reason == Due.COIN)
    assert 4 <= len(owed) <= 20
    assert {due.first_by for due in owed} == {ann.person_id}
    assert not any(due.on_grid for due in owed)


def test_too_many_likely_errors_make_no_grid(engine: Engine) -> None:
    world = make_world(engine, examples=90)
    scored(world, quality=0.90)
    ann = world.person("ann", Role.LEAD)
    with pytest.raises(Conflict, match=r"Too many likely errors for the grid: about 10\.0%"):
        grid(world, ann)
    assert grid(world, ann, most_errors=15).size == 30


def test_without_scores_there_is_no_grid(world: World) -> None:
    ann = world.person("ann", Role.LEAD)
    with pytest.raises(Conflict, match="needs scores"):
        grid(world, ann)


def test_a_ranking_that_expects_more_errors_ends_the_grid(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    batch = grid(many, ann)
    with writing(many.engine) as session:
        session.query(BatchMember).update({"priority": 0.8})
    claimed = tiles(many, ann, batch)
    assert (claimed.cards, claimed.state) == ([], "too_many_errors")


def test_the_desk_of_a_grid_serves_nothing_new_and_a_desk_batch_has_no_grid(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    assert many.claim(ann, grid(many, ann)).cards == []
    plain = many.batch(ann, size=5)
    with writing(many.engine) as session, pytest.raises(Conflict, match="not read on the grid"):
        claim_page(session, ann, plain.id, want=24, now=many.now, rng=many.rng)


def test_the_reader_sees_how_many_are_left_and_marked(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    batch = grid(many, ann)
    press_enter(many, ann, batch, tiles(many, ann, batch), marked=3)
    many.later(seconds=24)
    press_enter(many, ann, batch, tiles(many, ann, batch), key="page-2")
    many.later(seconds=24)
    press_enter(many, ann, batch, tiles(many, ann, batch), key="page-3")
    with writing(many.engine) as session:
        numbers = grid_numbers(session, session.get_one(Batch, batch.id), ann.person_id)
    assert numbers["marked"] == 3
    assert (numbers["done"], numbers["size"]) == (57, 60)
    assert numbers["seconds_left"] is not None


def test_labels_that_were_right_instead_stand_beside_the_grid(many: World) -> None:
    ann = many.person("ann", Role.LEAD)
    batch = many.batch(ann, by="label", given_label_id=many.labels[0], size=10)
    for card in many.claim(ann, batch, want=3).cards:
        many.answer(ann, card["lease"], Verdict.RELABEL, many.labels[2])
    with writing(many.engine) as session:
        assert confused_with(session, many.project_id, many.labels[0]) == [many.labels[2]]
        assert session.query(Example).count() == 180
