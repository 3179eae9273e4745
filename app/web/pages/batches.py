"""Batches for their lead: the list, a new one, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.actions.batches import BatchChange, change
from app.db.tables.review import Batch
from app.db.words import BatchState, Role, Routing
from app.insights.batch_outlook import FEWEST_ANSWERS
from app.insights.batch_pace import BatchPace, pace_of
from app.insights.batch_routing import Routed, routed_now
from app.insights.batches import PAGE, BatchDetail, BatchRow, batch_detail, batch_rows
from app.insights.checks import Check, check_of, names_of_each
from app.insights.recurring import RecurringShown, recurring_shown
from app.review.batches.batch import batch_of
from app.review.batches.rules.registry import rule_of
from app.review.books.progress import PersonInBatch, people_in_batch
from app.web.asker import Here
from app.web.charts.bars import Bar, Bars
from app.web.charts.numbers import Axis
from app.web.forms import FormInput
from app.web.notices import done
from app.web.pages.new_batch import people_here
from app.web.payloads import Id
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()

Number = Annotated[int, Field(ge=1, le=10**9)]
MOST_PEOPLE = 200


class StateForm(FormInput):
    state: BatchState


class PeopleForm(FormInput):
    person: list[Id] = Field(default_factory=list, max_length=1_000)
    routing: Routing | None = None


@dataclass(frozen=True, slots=True)
class BatchesPage:
    slug: str
    open: list[BatchRow]
    recurring: list[RecurringShown]
    closed: list[BatchRow]
    later: int | None


@dataclass(frozen=True, slots=True)
class BatchPage:
    slug: str
    detail: BatchDetail
    pace: BatchPace
    parts: list[PersonInBatch]
    by_person: Bars
    people: list[tuple[int, str, str]]
    asked: frozenset[int]
    routed: Routed
    fell: str
    check: Check | None  # of a batch that drew so many of each label or source
    few: int = FEWEST_ANSWERS  # fewer say nothing, of a batch or of a person

    @property
    def batch(self) -> Batch:
        return self.detail.row.batch


Before = Annotated[int | None, Query(ge=1, le=10**9)]


@router.get("/p/{slug}/batches")
def batches(request: Request, slug: str, caller: Looking, before: Before = None) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    running, session = (BatchState.OPEN, BatchState.PAUSED), caller.session
    current = [] if before else batch_rows(session, here.project.id, running, limit=500)
    closed = batch_rows(session, here.project.id, (BatchState.CLOSED,), before=before)
    later = closed[-1].batch.number if len(closed) == PAGE else None
    again = [] if before else recurring_shown(session, here.project.id)
    page = BatchesPage(here.project.slug, current, again, closed, later)
    return render(request, "batches/batches.html", page, at=here)


def _fell(detail: BatchDetail) -> str:
    """Why the batch is smaller than it was, or than was asked for."""
    batch = detail.row.batch
    asked = batch.rule.get("size", 0)
    words = []
    if asked > detail.began_with and rule_of(batch.rule).each is None:
        words.append(f"{asked:,} were asked for, {detail.began_with:,} fit.")
    if batch.size < detail.began_with:
        lost = detail.began_with - batch.size
        words.append(
            f"{detail.began_with:,} fell to {batch.size:,}: {lost:,} went out elsewhere, "
            "or were erased or changed with their group, and no other example fits."
        )
    return " ".join(words)


def _by_person(parts: Sequence[PersonInBatch]) -> Bars:
    """By name: it says who has read how much, and ranks nobody."""
    bars = tuple(
        Bar(part.name, part.answers, note=f"holds {part.holds:,} now" if part.holds else "")
        for part in parts
    )
    return Bars("Progress by person", "Name", Axis("answers"), bars, most=MOST_PEOPLE)


def _page(session: Session, here: Here, shown: Batch) -> BatchPage:
    detail = batch_detail(session, shown)
    parts = people_in_batch(session, shown)
    return BatchPage(
        here.project.slug,
        detail,
        pace_of(session, detail.row),
        parts,
        _by_person(parts),
        people_here(session, here),
        frozenset(person for person, _ in detail.row.people),
        routed_now(session, here.project.id, shown.routing),
        _fell(detail),
        check_of(session, shown, names_of_each(session, shown)),
    )


@router.get("/p/{slug}/batches/{number}")
def batch(request: Request, slug: str, number: Number, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    shown = batch_of(caller.session, here.project.id, number)
    page = _page(caller.session, here, shown)
    return render(request, "batches/batch.html", page, at=here)


STATE_NOTICES = {
    BatchState.OPEN: "batch_opened",
    BatchState.PAUSED: "batch_paused",
    BatchState.CLOSED: "batch_closed",
}


@router.post("/p/{slug}/batches/{number}/state")
def set_batch_state(
    slug: str, number: Number, form: Annotated[StateForm, Form()], caller: Acting
) -> Response:
    here = at(caller, slug, Role.LEAD)
    asked = batch_of(caller.session, here.project.id, number)
    change(caller, asked.id, BatchChange(state=form.state))
    return done(f"/p/{here.project.slug}/batches/{number}", STATE_NOTICES[form.state])


@router.post("/p/{slug}/batches/{number}/people")
def set_batch_people(
    slug: str, number: Number, form: Annotated[PeopleForm, Form()], caller: Acting
) -> Response:
    here = at(caller, slug, Role.LEAD)
    asked = batch_of(caller.session, here.project.id, number)
    change(caller, asked.id, BatchChange(people=form.person, routing=form.routing))
    return done(f"/p/{here.project.slug}/batches/{number}", "batch_people")
