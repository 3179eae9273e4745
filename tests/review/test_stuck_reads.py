"""A read that nobody may do goes to the leads, whatever bars the others."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.accounts import Membership
from app.db.tables.datasets import Example
from app.db.tables.review import Decision, Disagreement, ReadDue
from app.db.words import Due, Question, ReadReason, Role, Status, Verdict
from tests.review.conftest import World, source_of
from tests.steps import give_back, skip, undo


def admin(world: World) -> Member:
    """Leads without being a member: nobody who would be asked to read."""
    made = world.person("admin", Role.LEAD)
    with writing(world.engine) as session:
        session.execute(
            update(Membership)
            .where(Membership.person_id == made.person_id)
            .values(left_at=world.now)
        )
    return Member(made.person_id, made.pseudonym, made.name, True, world.project_id, Role.LEAD)


@pytest.mark.parametrize("how", ["give back", "skip", "answer"])
def test_an_answer_undone_while_another_holds_the_second_read_leaves_a_first_read(
    team: World, how: str
) -> None:
    lead, anna, ben = team.person("lead", Role.LEAD), team.person("anna"), team.person("ben")
    batch = team.batch(lead, size=1, audit_share=0)
    card = team.claim(anna, batch).cards[0]
    said = team.answer(anna, card["lease"], Verdict.RELABEL, team.labels[2])
    second = team.claim(ben, batch).cards[0]["lease"]
    with writing(team.engine) as session:
        undo(session, anna, key="undo-key-1", seq=said.seq, now=team.now, rng=team.rng)
    if how == "answer":
        assert team.answer(ben, second).status is Status.CONFIRMED
        assert [row.read_reason for row in team.all(Decision)][-1] is ReadReason.FIRST
        return
    with writing(team.engine) as session:
        if how == "skip":
            skip(session, ben, second, now=team.now)
        else:
            give_back(session, ben, [second], now=team.now)
    again = team.claim(anna, batch).cards
    assert [one["example"] for one in again] == [card["example"]]
    assert team.answer(anna, again[0]["lease"]).status is Status.CONFIRMED


def test_that_first_read_is_the_one_owed_and_is_asked_for_once(team: World) -> None:
    lead, anna, ben = team.person("lead", Role.LEAD), team.person("anna"), team.person("ben")
    batch = team.batch(lead, size=1, audit_share=0)
    with writing(team.engine) as session:
        give_back(session, anna, [team.claim(anna, batch).cards[0]["lease"]], now=team.now)
    owed = team.claim(anna, batch).cards[0]["lease"]
    said = team.answer(anna, owed, Verdict.RELABEL, team.labels[2])
    second = team.claim(ben, batch).cards[0]["lease"]
    with writing(team.engine) as session:
        undo(session, anna, key="undo-key-1", seq=said.seq, now=team.now, rng=team.rng)
    team.answer(ben, second, Verdict.RELABEL, team.labels[2])
    reasons = [due.reason for due in team.all(ReadDue, ReadDue.done_at.is_(None))]
    assert reasons == [Due.CONFIRM]


def test_a_second_read_only_the_giver_of_the_label_could_do_goes_to_the_leads(team: World) -> None:
    lead, anna, ben = admin(team), team.person("anna"), team.person("ben")
    with writing(team.engine) as session:
        source = source_of(session, team.project_id, ben.person_id)
        session.execute(
            update(Example).where(Example.project_id == team.project_id).values(source_id=source)
        )
    batch = team.batch(lead, size=1, audit_share=0)
    card = team.claim(anna, batch).cards[0]
    team.answer(anna, card["lease"], Verdict.RELABEL, team.labels[2])
    assert team.claim(ben, batch).cards == []
    cases = team.all(Disagreement, Disagreement.settled_at.is_(None))
    assert [(case.kind, case.example_id) for case in cases] == [(Question.STUCK, card["example"])]
