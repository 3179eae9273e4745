"""Planted bugs that break a rule of reading and deciding; each was in the product once."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.accounts.turn import Turn
from app.actions import answering
from app.actions import turn as turns
from app.db.tables.datasets import Example
from app.db.tables.review import Batch, Decision, ReadDue
from app.review.answering import answers, decisions, direct_answers, late_answers
from app.review.answering import undo as undoing
from app.review.answering.answers import Asked, Submission
from app.review.books import may, standing
from app.review.books.coins import RECHECK_SHARE, Coins
from app.review.books.fold import Answer, Folded
from app.review.serving import owed as owing
from app.review.serving.cards import beside, card_query, evidence, shown
from app.review.serving.desk import Desk
from bench.chaos.mutant import Mutant, Otherwise, swap


def _past_the_serve() -> None:
    swap(direct_answers, "_served", lambda turn, asked, about: asked)
    swap(answers, "check_served", lambda *given: None)


def _skip_freezes() -> None:
    swap(owing, "_rested", lambda: ReadDue.skipper_id.is_(None))


def _redo_forgets() -> None:
    swap(undoing, "_owe_as_answered", lambda *given: None)


def _reads_twice() -> None:
    swap(may, "has_read", lambda *given: false())
    swap(decisions, "may_answer", lambda *given: True)


def _filter_after_limit() -> None:
    due = owing._due

    def of_the_first(desk: Desk, limit: int, *, put_aside: bool) -> list[owing.Owed]:
        oldest = (
            select(ReadDue.id)
            .where(ReadDue.project_id == desk.lock.project_id, ReadDue.done_at.is_(None))
            .order_by(ReadDue.id)
            .limit(limit)
        )
        seen = set(desk.session.scalars(oldest))
        return [one for one in due(desk, limit, put_aside=put_aside) if one.due_id in seen]

    swap(owing, "_due", of_the_first)


def _coins_twice() -> None:
    def at_every_answer(
        rng: random.Random, state: Folded, said: Answer, *, before: Coins, second_share: int
    ) -> Coins:
        return Coins(rng.random() < second_share / 100, rng.random() < RECHECK_SHARE)

    swap(decisions, "throw", at_every_answer)


def _recorded_anew() -> None:
    record = answers.record

    def of_the_newest(
        turn: Turn, answer: Submission, asked: Asked, *more: Any, **named: Any
    ) -> None:
        run_id = turn.lock.run_id
        query = card_query(run_id).where(Example.id == asked.example_id)
        row = turn.session.execute(query).one()
        sent = evidence(row, beside(turn.session, [row]), rule="", bare=False)
        record(turn, answer, replace(asked, run_id=run_id, shown=shown(sent)), *more, **named)

    swap(decisions, "record", of_the_newest)


def _still_served() -> None:
    opened = turns._at

    def in_use(*given: Any) -> Turn:
        turn = opened(*given)
        turn.lock.archived = False
        return turn

    def anybodys(session: Session, member: Member, batch_id: int) -> Batch:
        return session.get_one(Batch, batch_id)

    swap(turns, "_at", in_use)
    swap(answering, "readable_batch", anybodys)


def _labels_by_id() -> None:
    for module in (standing, late_answers):
        swap(module, "label_mapping", lambda *given: {})


def _by_the_clock() -> None:
    taken = decisions._taken

    def since_its_time(turn: Turn, row: Any) -> bool:
        before = select(func.max(Decision.seq)).where(
            Decision.example_id == row.example_id, Decision.at <= row.created_at
        )
        opened = turn.session.scalar(before) or row.opened_seq
        return taken(turn, Otherwise(row, opened_seq=opened))  # type: ignore[arg-type]  # a row

    swap(decisions, "_taken", since_its_time)


RULE_BUGS = (
    Mutant(
        "past_serve", "doors past the step that serves an example", _past_the_serve, "serve_step"
    ),
    Mutant("skip_freezes", "what is skipped waits for the batch's end", _skip_freezes, "skipped"),
    Mutant("redo_forgets", "a redo does not bring back what was owed", _redo_forgets, "redone"),
    Mutant(
        "reads_twice", "one person reads twice as if independent", _reads_twice, "one_read_each"
    ),
    Mutant(
        "late_filter",
        "the oldest reads are taken, then those one may not give are left out",
        _filter_after_limit,
        "behind_others",
    ),
    Mutant("coins_twice", "coins fall with every answer", _coins_twice, "coins_fall"),
    Mutant("shown_anew", "recorded is what the newest ranking says", _recorded_anew, "as_shown"),
    Mutant("still_served", "archived, or off the batch, and served", _still_served, "put_away"),
    Mutant("labels_by_id", "labels are compared by their ids", _labels_by_id, "retired"),
    Mutant("by_clock", "who was first is asked of the clock", _by_the_clock, "clock_steps"),
)
