"""Answers whose lease ran out, when the example went round meanwhile."""

from __future__ import annotations

from app.db.engine import writing
from app.db.tables.review import ReadDue
from app.db.words import Role, Status
from app.review.leases import LEASE_TIME, skip
from tests.review.conftest import World


def test_an_example_skipped_meanwhile_is_not_read_first_again(team: World) -> None:
    lead, anna, ben = team.person("lead", Role.LEAD), team.person("anna"), team.person("ben")
    batch = team.batch(lead, size=1, audit_share=0)
    mine = team.claim(anna, batch).cards[0]
    team.later(seconds=LEASE_TIME.total_seconds() + 1)
    taken = team.claim(ben, batch).cards[0]
    with writing(team.engine) as session:
        skip(session, ben, taken["lease"], now=team.now)
    late = team.answer(anna, mine["lease"])
    assert (late.outcome, late.status) == ("stored", Status.CONFIRMED)
    assert team.all(ReadDue, ReadDue.done_at.is_(None)) == []
    assert team.claim(lead, batch).cards == []
    assert team.claim(ben, batch).cards == []
    assert taken["example"] == mine["example"]
