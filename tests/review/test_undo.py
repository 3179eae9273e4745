"""Undo and redo of what a lead ruled: what the ruling had settled is open again, or settled."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.accounts.membership import Member
from app.db.engine import writing
from app.db.tables.review import Disagreement
from app.db.words import Question, Role, Status, Verdict
from app.errors import Conflict
from app.review.answering.answers import Recorded, Submission
from app.review.books.forgotten import misread
from tests.review.conftest import World
from tests.steps import leave, redo, settle, undo


@dataclass
class Ruling:
    """One example that two readers answered and a lead ruled on."""

    team: World
    lead: Member
    example: int
    ruled: Recorded

    def open_kinds(self) -> list[Question]:
        return [case.kind for case in self.team.all(Disagreement) if case.settled_at is None]

    def status(self) -> Status:
        return self.team.example(self.example).status

    def rule(self, verdict: Verdict, label: int | None = None) -> Recorded:
        return rule(self.team, self.lead, self.example, verdict, label)

    def undo(self, ruled: Recorded | None = None) -> None:
        seq = (ruled or self.ruled).seq
        with writing(self.team.engine) as session:
            undo(session, self.lead, key=f"u{seq}", seq=seq, now=self.team.now, rng=self.team.rng)

    def redo(self) -> None:
        with writing(self.team.engine) as session:
            redo(session, self.lead, key="redo", seq=self.ruled.seq, now=self.team.now)


def rule(
    team: World, lead: Member, example: int, verdict: Verdict, label: int | None = None
) -> Recorded:
    team.keys += 1
    answer = Submission(
        key=f"ruling-{team.keys}", verdict=verdict, example_id=example, label_id=label
    )
    with writing(team.engine) as session:
        return settle(session, lead, answer, now=team.now)


def read_twice(team: World, second: Verdict, *, last: Verdict) -> Ruling:
    """Ann relabels, Bob says something else, Lea rules."""
    ann, bob, lea = team.person("ann"), team.person("bob"), team.person("lea", Role.LEAD)
    batch = team.batch(lea, size=1, audit_share=0)
    card = team.claim(ann, batch, want=1).cards[0]
    team.answer(ann, card["lease"], Verdict.RELABEL, team.labels[1])
    team.answer(bob, team.claim(bob, batch, want=1).cards[0]["lease"], second)
    label = team.labels[1] if last is Verdict.RELABEL else None
    return Ruling(team, lea, card["example"], rule(team, lea, card["example"], last, label))


def test_a_disagreement_whose_ruling_is_undone_is_open_again(team: World) -> None:
    case = read_twice(team, Verdict.REMOVE, last=Verdict.CONFIRM)
    assert (case.status(), case.open_kinds()) == (Status.CONFIRMED, [])
    case.undo()
    assert (case.status(), case.open_kinds()) == (
        Status.DISAGREEMENT,
        [Question.DISAGREEMENT],
    )
    (opened,) = team.all(Disagreement)
    assert opened.settled_by is None and opened.settled_seq is None


def test_a_ruling_that_stands_again_settles_what_it_had_settled(team: World) -> None:
    case = read_twice(team, Verdict.REMOVE, last=Verdict.CONFIRM)
    case.undo()
    case.redo()
    assert (case.status(), case.open_kinds()) == (Status.CONFIRMED, [])
    (settled,) = team.all(Disagreement)
    assert (settled.settled_by, settled.settled_seq) == (case.lead.person_id, case.ruled.seq)


def test_another_ruling_settles_what_an_undone_one_opened(team: World) -> None:
    case = read_twice(team, Verdict.REMOVE, last=Verdict.CONFIRM)
    case.undo()
    again = case.rule(Verdict.RELABEL, team.labels[1])
    assert (case.status(), case.open_kinds()) == (Status.RELABELED, [])
    case.undo(again)
    assert (case.status(), case.open_kinds()) == (
        Status.DISAGREEMENT,
        [Question.DISAGREEMENT],
    )


def test_the_earlier_of_two_rulings_stands_when_the_later_is_undone(team: World) -> None:
    case = read_twice(team, Verdict.REMOVE, last=Verdict.CONFIRM)
    case.undo(case.rule(Verdict.RELABEL, team.labels[1]))
    assert (case.status(), case.open_kinds()) == (Status.CONFIRMED, [])


def test_a_change_that_was_not_confirmed_is_listed_again(team: World) -> None:
    case = read_twice(team, Verdict.CONFIRM, last=Verdict.RELABEL)
    assert case.open_kinds() == []
    case.undo()
    assert (case.status(), case.open_kinds()) == (Status.CONFIRMED, [Question.NOT_CONFIRMED])


def test_a_ruling_sent_twice_leaves_a_case_open_that_its_undo_opened(team: World) -> None:
    case = read_twice(team, Verdict.REMOVE, last=Verdict.CONFIRM)
    case.undo()
    team.keys -= 1
    assert case.rule(Verdict.CONFIRM).outcome == "repeated"
    assert case.open_kinds() == [Question.DISAGREEMENT]


def test_what_a_lead_left_as_it_is_stays_settled(team: World) -> None:
    case = read_twice(team, Verdict.CONFIRM, last=Verdict.RELABEL)
    case.undo()
    (listed,) = team.all(Disagreement)
    with writing(team.engine) as session:
        leave(session, case.lead, listed.id, now=team.now)
    case.undo(case.rule(Verdict.RELABEL, team.labels[1]))
    assert (case.status(), case.open_kinds()) == (Status.CONFIRMED, [])


def test_of_two_answers_that_were_undone_one_is_redone(team: World) -> None:
    """Both would be reads of one person, which measure nothing and would count as two."""
    ann, _ = team.person("ann"), team.person("ben")
    batch = team.batch(ann, size=1, audit_share=0)
    lease = team.claim(ann, batch, want=1).cards[0]["lease"]
    given = []
    for label in (1, 2):
        said = team.answer(ann, lease, Verdict.RELABEL, team.labels[label])
        with writing(team.engine) as session:
            key = f"undo-key-{label}"
            back = undo(session, ann, key=key, seq=said.seq, now=team.now, rng=team.rng)
        assert back.card is not None
        lease = back.card["lease"]
        given.append(said.seq)
    with writing(team.engine) as session:
        redo(session, ann, key="redo-key-1", seq=given[0], now=team.now)
    with writing(team.engine) as session, pytest.raises(Conflict, match="Another answer"):
        redo(session, ann, key="redo-key-2", seq=given[1], now=team.now)
    with writing(team.engine) as session:
        assert misread(session, team.project_id) == []


def test_a_change_of_mind_that_was_undone_is_redone(team: World) -> None:
    """It takes the place of the answer that stands."""
    ann, _ = team.person("ann"), team.person("ben")
    batch = team.batch(ann, size=1, audit_share=0)
    card = team.claim(ann, batch, want=1).cards[0]
    first = team.answer(ann, card["lease"])
    second = team.answer(ann, None, Verdict.RELABEL, team.labels[1], supersedes=first.seq)
    with writing(team.engine) as session:
        undo(session, ann, key="undo-key-1", seq=second.seq, now=team.now, rng=team.rng)
    with writing(team.engine) as session:
        redo(session, ann, key="redo-key-1", seq=second.seq, now=team.now)
    assert team.example(card["example"]).status is Status.PENDING
