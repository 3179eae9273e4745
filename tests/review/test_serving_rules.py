"""Claims of reviewers who may not judge everything, and what is never served twice."""

from __future__ import annotations

import random

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.audit import AuditKey, Serve
from app.db.tables.review import ReadDue
from app.db.words import Role, Stream, Verdict
from tests.review.conftest import World, add_examples, source_of
from tests.steps import open_epoch, undo


def with_own_labels(world: World, who: Member, count: int) -> list[int]:
    """More examples, whose labels this person gave."""
    with writing(world.engine) as session:
        source = source_of(session, world.project_id, who.person_id)
        added = add_examples(session, world.project_id, world.labels, count=count, source_id=source)
        open_epoch(session, world.project_id, reason="import", now=world.now, rng=random.Random(5))
    return added


def test_a_draw_the_reviewer_may_not_judge_makes_no_batch_longer(world: World) -> None:
    lead, anna, ben = world.person("lead", Role.LEAD), world.person("anna"), world.person("ben")
    with_own_labels(world, ben, 20)
    batch = world.batch(lead, size=8, audit_share=100)
    world.claim(ben, batch)
    world.claim(anna, batch)
    served = world.all(Serve, Serve.batch_id == batch.id)
    assert len(served) == 8
    assert world.all(ReadDue)  # some were drawn for Ben, who may not judge them


def test_draws_are_served_in_the_order_of_their_keys_whoever_may_judge_them(world: World) -> None:
    lead, ben = world.person("lead", Role.LEAD), world.person("ben")
    with_own_labels(world, ben, 20)
    batch = world.batch(lead, size=8, audit_share=100)
    world.claim(ben, batch)
    keys = {row.example_id: row.key for row in world.all(AuditKey)}
    drawn = world.all(Serve, Serve.stream == Stream.AUDIT)
    order = [keys[serve.example_id] for serve in sorted(drawn, key=lambda row: row.serve_seq)]
    assert len(order) == 8
    assert order == sorted(order)


def test_own_labels_in_front_leave_no_reviewer_idle(world: World) -> None:
    lead, ben = world.person("lead", Role.LEAD), world.person("ben")
    own = with_own_labels(world, ben, 20)
    batch = world.batch(
        lead, by="hand", example_ids=(*own, *world.examples), size=40, audit_share=0
    )
    cards = world.claim(ben, batch).cards
    assert len(cards) == 8
    assert {card["example"] for card in cards} <= set(world.examples)


def test_what_was_undone_is_owed_and_no_new_batch_takes_it(world: World) -> None:
    lead, anna = world.person("lead", Role.LEAD), world.person("anna", Role.EXPERT)
    example = world.examples[3]
    said = world.answer(anna, example_id=example, verdict=Verdict.CONFIRM)
    with writing(world.engine) as session:
        open_epoch(
            session, world.project_id, reason="guideline", now=world.now, rng=random.Random(5)
        )
    with writing(world.engine) as session:
        undo(session, anna, key="undo-key-1", seq=said.seq, now=world.now, rng=world.rng)
    batch = world.batch(lead, size=20, audit_share=0)
    handed = [card["example"] for card in world.claim(lead, batch, want=20).cards]
    assert batch.size == 19
    assert handed.count(example) == 1  # owed, once


def test_what_was_served_in_an_earlier_epoch_is_carried_into_each_new_one(world: World) -> None:
    lead, anna = world.person("lead", Role.LEAD), world.person("anna")
    batch = world.batch(lead, size=3, audit_share=0)
    card = world.claim(anna, batch, want=1).cards[0]
    said = world.answer(anna, card["lease"])
    for seed in (1, 2):
        with writing(world.engine) as session:
            open_epoch(
                session,
                world.project_id,
                reason="guideline",
                now=world.now,
                rng=random.Random(seed),
            )
        if seed == 1:
            with writing(world.engine) as session:
                undo(session, anna, key="undo-key-1", seq=said.seq, now=world.now, rng=world.rng)
    carried = world.all(Serve, Serve.stream == Stream.CARRIED)
    assert [serve.example_id for serve in carried] == [card["example"]]
