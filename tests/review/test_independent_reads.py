"""Nobody reads an example twice: a further read is another person's, or nobody's."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.log import lock_project
from app.db.tables.review import Batch, Disagreement, ReadDue
from app.db.words import Due, Role, Verdict, WhyDone
from app.errors import Invalid
from app.review.books.dues import owe
from tests.review.conftest import World
from tests.steps import list_stuck, reopen


def owe_recheck(team: World, example: int, by: int) -> None:
    with writing(team.engine) as session:
        lock = lock_project(session, team.project_id)
        owe(lock, example, Due.RECHECK, now=team.now, first_by=by)
        lock.save()


class Read(NamedTuple):
    """An example that two people have read, apart in what they said."""

    example: int
    batch: Batch
    ann: Member
    bob: Member
    lea: Member


def read_by_two(team: World) -> Read:
    ann, bob, lea = team.person("ann"), team.person("bob"), team.person("lea", Role.LEAD)
    batch = team.batch(lea, size=1, audit_share=0)
    card = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    team.answer(bob, team.claim(bob, batch, want=1).cards[0]["lease"])
    return Read(card["example"], batch, ann, bob, lea)


def test_a_recheck_goes_to_nobody_whose_answer_stands(team: World) -> None:
    read = read_by_two(team)
    owe_recheck(team, read.example, read.bob.person_id)
    assert team.claim(read.ann, read.batch).cards == []
    cleo = team.person("cleo")
    assert [c["example"] for c in team.claim(cleo, read.batch).cards] == [read.example]


def test_who_answered_beside_its_history_gives_no_recheck_either(team: World) -> None:
    read = read_by_two(team)
    team.answer(read.lea, example_id=read.example, verdict=Verdict.CONFIRM)
    owe_recheck(team, read.example, read.bob.person_id)
    with writing(team.engine) as session:
        list_stuck(session, team.project_id, now=team.now)
    ended = [due.done_why for due in team.all(ReadDue) if due.reason is Due.RECHECK]
    assert ended == [WhyDone.NO_READER]


def test_after_a_reopening_everybody_may_read_again(team: World) -> None:
    ann, lea = team.person("ann"), team.person("lea", Role.LEAD)
    batch = team.batch(lea, size=1, audit_share=0)
    card = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, card["lease"])
    with writing(team.engine) as session:
        reopen(session, lea, card["example"], key="reopen", now=team.now)
    assert [c["example"] for c in team.claim(ann, batch).cards] == [card["example"]]
    assert team.all(Disagreement) == []


def test_a_blind_answer_is_not_changed_into_a_bare_confirm(team: World) -> None:
    """Who never saw the given label has none to confirm, at the second thought as at the first."""
    ann, ben = team.person("ann"), team.person("ben")
    batch = team.batch(ann, size=1, audit_share=0)
    card = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    blind = team.claim(ben, batch, want=1).cards[0]
    said = team.answer(ben, blind["lease"], Verdict.RELABEL, team.labels[1])
    with pytest.raises(Invalid):
        team.answer(ben, supersedes=said.seq, verdict=Verdict.CONFIRM)
