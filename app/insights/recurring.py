"""Recurring batches as a lead reads them: by which rule, when, for whom, what came of it last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.tables.planned import RecurringBatch
from app.db.tables.review import Batch
from app.insights.batches import rule_words
from app.insights.choices import Choices, choices
from app.insights.filter_words import filter_words
from app.review.batches.plan import BatchPlan, stored
from app.review.batches.recurring import plan_of, recurring_in, schedule_of
from app.review.batches.repeats import day_words
from app.review.batches.views import views_of
from app.review.books.cases import names_of

GONE_VIEW = "a view that was deleted"


@dataclass(frozen=True, slots=True)
class RecurringShown:
    """`made` is the batch it made last, `note` what came of its last time besides."""

    row: RecurringBatch
    plan: BatchPlan
    name: str
    rule: str
    when: str
    people: tuple[tuple[int, str], ...]
    made: tuple[int, str] | None  # number and name
    note: str

    @property
    def paused(self) -> bool:
        return self.row.paused_at is not None


def recurring_shown(session: Session, project_id: int) -> list[RecurringShown]:
    """All of a project; as many statements, however many there are."""
    rows = recurring_in(session, project_id)
    if not rows:
        return []
    names = choices(session, project_id)
    views = {view.id: view.name for view in views_of(session, project_id)}
    named = {one for row in rows for one in (*row.plan["people"], *row.plan.get("left", ()))}
    people = names_of(session, named)
    last = {row.last_batch_id for row in rows if row.last_batch_id is not None}
    made = {
        one: (number, name)
        for one, number, name in session.execute(
            select(Batch.id, Batch.number, Batch.name).where(Batch.id.in_(last))
        )
    }
    return [_shown(row, names, views, people, made.get(row.last_batch_id or 0)) for row in rows]


def _shown(
    row: RecurringBatch,
    names: Choices,
    views: Mapping[int, str],
    people: Mapping[int, str],
    made: tuple[int, str] | None,
) -> RecurringShown:
    plan = plan_of(row)
    if plan.view_id is not None:
        plan = replace(plan, words=views.get(plan.view_id, GONE_VIEW))
    elif plan.wanted is not None:
        plan = replace(plan, words=", ".join(filter_words(plan.wanted, names).values()))
    kept = stored(plan)
    if plan.words:
        kept["words"] = plan.words
    rule = rule_words(kept, dict(names.labels))
    named = ((person, people.get(person, "somebody")) for person in row.plan["people"])
    size = f"{plan.size:,}"
    return RecurringShown(
        row,
        plan,
        row.name or f"{rule}, {size}",
        rule,
        schedule_of(row).words,
        tuple(sorted(named, key=lambda one: (one[1], one[0]))),
        made,
        _said(row, people),
    )


def _said(row: RecurringBatch, people: Mapping[int, str]) -> str:
    """Of its last time, where it is worth a word: "Monday 30 Nov 2026: nothing to review"."""
    left = sorted(people.get(person, "somebody") for person in row.plan.get("left", ()))
    note = f"without {', '.join(left)}, who left the project" if left else row.note
    if row.made_for is None or not note:
        return ""
    return f"{row.made_for:%A} {day_words(row.made_for)}: {note}"
