"""A read that nobody may do goes to the leads, whatever bars the others."""

from __future__ import annotations

from sqlalchemy import update

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.accounts import Membership
from app.db.tables.datasets import Example
from app.db.tables.review import Disagreement
from app.db.words import Question, Role, Verdict
from tests.review.conftest import World, source_of


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
