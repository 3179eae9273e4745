"""Answers whose lease ran out, when the example went round meanwhile."""

from __future__ import annotations

import pytest

from app.db.engine import writing
from app.db.tables.review import ReadDue
from app.db.words import Due, Role, Status, Verdict
from app.review.answering.answers import Recorded
from app.review.books.leases import LEASE_TIME
from tests.review.conftest import World
from tests.steps import refer, skip
from tests.web.cast import Cast
from tests.web.seeded import answer, claim, open_batch, seed


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


@pytest.mark.parametrize("role", [Role.EXPERT, Role.REVIEWER])
def test_sent_to_the_experts_meanwhile_an_experts_late_answer_is_the_experts(
    team: World, role: Role
) -> None:
    """Else the only expert has read it, and what is owed to experts is owed for ever."""
    lead, anna, ben = team.person("lead", Role.LEAD), team.person("anna", role), team.person("ben")
    team.person("judge", Role.EXPERT)
    batch = team.batch(lead, size=1, audit_share=0)
    mine = team.claim(anna, batch).cards[0]
    team.later(seconds=LEASE_TIME.total_seconds() + 1)
    taken = team.claim(ben, batch).cards[0]
    with writing(team.engine) as session:
        refer(session, ben, taken["lease"], note="", now=team.now)
    late = team.answer(anna, mine["lease"])
    assert (late.outcome, late.status) == ("stored", Status.CONFIRMED)
    left = [due.reason for due in team.all(ReadDue, ReadDue.done_at.is_(None))]
    assert left == ([] if role is Role.EXPERT else [Due.EXPERT])


Said = tuple[Verdict, int | None]
AGAIN = [
    ((Verdict.CONFIRM, None), (Verdict.CONFIRM, None), True),
    ((Verdict.RELABEL, 1), (Verdict.RELABEL, 1), True),
    ((Verdict.CONFIRM, None), (Verdict.RELABEL, 0), True),  # the given label, read blind
    ((Verdict.REMOVE, None), (Verdict.REMOVE, None), True),
    ((Verdict.CONFIRM, None), (Verdict.RELABEL, 1), False),
    ((Verdict.RELABEL, 1), (Verdict.RELABEL, 2), False),
    ((Verdict.CONFIRM, None), (Verdict.REMOVE, None), False),
]


def answer_late(team: World, his: Said, hers: Said) -> Recorded:
    """Ben takes what Anna held too long and answers; 119 seconds later she answers too."""
    lead, anna, ben = team.person("lead", Role.LEAD), team.person("anna"), team.person("ben")
    labels = [team.example(team.examples[0]).given_label_id, *team.labels[1:]]
    batch = team.batch(lead, by="hand", example_ids=(team.examples[0],), size=1, audit_share=0)
    mine = team.claim(anna, batch).cards[0]
    team.later(seconds=LEASE_TIME.total_seconds() + 1)
    taken = team.claim(ben, batch).cards[0]
    spoken = [(verdict, None if label is None else labels[label]) for verdict, label in (his, hers)]
    team.answer(ben, taken["lease"], *spoken[0])
    team.later(seconds=119)
    return team.answer(anna, mine["lease"], *spoken[1])


@pytest.mark.parametrize(("his", "hers", "same"), AGAIN)
def test_a_late_answer_is_told_when_another_differs_and_since_when(
    team: World, his: Said, hers: Said, same: bool
) -> None:
    late = answer_late(team, his, hers)
    expected = (None, None) if same else ("another_answered", 2)
    assert (late.outcome, late.message, late.minutes_ago) == ("late", *expected)


def test_the_reply_says_how_many_minutes_ago_another_answered(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    mine = claim(cast.reviewer, batch)[0]
    cast.step(minutes=31)
    taken = claim(cast.second, batch)[0]
    early = answer(cast.second, taken["lease"])
    assert (early["message"], early["minutes_ago"]) == (None, None)
    cast.step(seconds=5)
    late = answer(cast.reviewer, mine["lease"], "remove", reason="duplicate")
    assert (late["outcome"], late["message"], late["minutes_ago"]) == (
        "late",
        "another_answered",
        1,
    )


def test_an_example_that_another_only_holds_has_no_minutes(cast: Cast) -> None:
    seed(cast)
    batch = open_batch(cast, size=1, audit_share=0)
    mine = claim(cast.reviewer, batch)[0]
    cast.step(minutes=31)
    claim(cast.second, batch)
    late = answer(cast.reviewer, mine["lease"])
    assert (late["message"], late["minutes_ago"]) == ("went_to_someone", None)
