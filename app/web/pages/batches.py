"""Batches for their lead: the list, a new one, and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.accounts.membership import members_of
from app.actions.batches import BatchChange, change, make
from app.actions.turn import Caller
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.db.tables.review import Batch
from app.db.words import BatchState, Mode, Role
from app.errors import Failure, Invalid, NotFound
from app.insights.batch_preview import Preview, preview
from app.insights.batches import PAGE, BatchDetail, BatchRow, batch_detail, batch_rows
from app.insights.checks import Check, check_of, names_of_each
from app.review.batches.batch import batch_of
from app.review.batches.plan import MOST_ERRORS, BatchPlan, due_time
from app.review.batches.rules.registry import RULES, rule_of
from app.review.batches.rules.rule import Rule
from app.review.books.progress import PersonInBatch, people_in_batch
from app.web.asker import Here
from app.web.failures import status_of
from app.web.forms import FormInput, nothing_kept_if_refused
from app.web.notices import done
from app.web.payloads import LARGEST_ID
from app.web.render import render
from app.web.rule_names import RuleName
from app.web.who import Acting, Looking, at, at_page, viewer_of

router = APIRouter()

FormId = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Number = Annotated[int, Field(ge=1, le=10**9)]
Label = Annotated[int, Field(ge=0, le=LARGEST_ID)]
FEW_ANSWERS = 20  # fewer say nothing about a person


class BatchForm(FormInput):
    """A new batch; `example` holds what was picked by hand, `step` says which button.

    `review` makes it and sits down at its desk.
    """

    step: Literal["pick", "preview", "create", "review"] = "create"
    by: RuleName = "priority"
    size: int = 100
    label: Label = 0
    example: list[FormId] = Field(default_factory=list, max_length=1_000)
    person: list[FormId] = Field(default_factory=list, max_length=1_000)
    reads: Literal["until_sure"] | int = 1
    mode: Mode = Mode.EVERYTHING
    audit_share: int | None = None
    second_share: int | Literal[""] = ""
    most_errors: int = MOST_ERRORS
    known_share: int = 0
    due: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=1_000)


class StateForm(FormInput):
    state: BatchState


class PeopleForm(FormInput):
    person: list[FormId] = Field(default_factory=list, max_length=1_000)


@dataclass(frozen=True, slots=True)
class BatchesPage:
    slug: str
    open: list[BatchRow]
    closed: list[BatchRow]
    later: int | None


@dataclass(frozen=True, slots=True)
class NewBatchPage:
    slug: str
    form: BatchForm
    labels: list[tuple[str, str]]
    people: list[tuple[int, str, str]]
    preview: Preview | None
    problem: Failure | None = None

    @property
    def rules(self) -> list[Rule]:
        """What can be picked by; a rule that is not offered only where it is chosen already."""
        return [rule for rule in RULES.values() if rule.offered or rule.name == self.form.by]

    @property
    def share(self) -> int:
        """The share that is chosen, or else the advised one."""
        if self.form.audit_share is not None:
            return self.form.audit_share
        return self.preview.advised if self.preview else 10


@dataclass(frozen=True, slots=True)
class BatchPage:
    slug: str
    detail: BatchDetail
    parts: list[PersonInBatch]
    people: list[tuple[int, str, str]]
    asked: frozenset[int]
    fell: str
    check: Check | None  # of a batch that drew so many of each label or source
    few: int = FEW_ANSWERS

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
    page = BatchesPage(here.project.slug, current, closed, later)
    return render(request, "batches/batches.html", page, at=here)


def _people(session: Session, here: Here) -> list[tuple[int, str, str]]:
    return [
        (person.id, person.name, role.value)
        for person, role, _ in members_of(session, here.project.id)
        if person.disabled_at is None
    ]


def _new_page(
    caller: Caller, here: Here, form: BatchForm, problem: Failure | None = None
) -> NewBatchPage:
    session = caller.session
    labels = [
        (str(one), name) for one, name in shown_names(labels_of(session, here.project.id)).items()
    ]
    brings: Preview | None = None
    try:
        brings = preview(session, here.project, _plan(form, due=None), viewer_of(caller))
    except Failure as failure:
        problem = problem or failure
    choices = [*labels, ("0", "Without a label")]
    return NewBatchPage(
        here.project.slug, form, choices, _people(session, here), brings, problem=problem
    )


def _plan(form: BatchForm, *, due: datetime | None) -> BatchPlan:
    return BatchPlan(
        name=form.name,
        by=form.by,
        size=form.size,
        given_label_id=form.label or None,
        most_errors=form.most_errors,
        known_share=form.known_share,
        example_ids=tuple(form.example),
        mode=form.mode,
        reads=1 if form.reads == "until_sure" else form.reads,
        until_sure=form.reads == "until_sure",
        audit_share=form.audit_share,
        second_share=None if form.second_share == "" else form.second_share,
        people=tuple(form.person),
        due_at=due,
    )


def _due(text: str, now: datetime) -> datetime | None:
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            "The due date is not a date.", next_step="Write it like 2026-05-31."
        ) from None
    return due_time(day, now=now)


def chosen_form(
    by: RuleName = "priority",
    size: Annotated[int, Query(ge=1, le=1_000_000)] = 100,
    label: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> BatchForm:
    """The form as a link to it fills it in."""
    return BatchForm(by=by, size=size, label=label)


@router.get("/p/{slug}/batches/new")
def new_batch_page(
    request: Request,
    slug: str,
    caller: Looking,
    form: Annotated[BatchForm, Depends(chosen_form)],
) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    if RULES[form.by].asks_examples:
        return RedirectResponse(f"/p/{here.project.slug}/examples", 303)
    page = _new_page(caller, here, form)
    return render(request, "batches/new.html", page, at=here)


@router.post("/p/{slug}/batches/new")
def new_batch(
    request: Request, slug: str, form: Annotated[BatchForm, Form()], caller: Acting
) -> Response:
    """Make the batch, or show the form again with what it would bring."""
    here, problem = at(caller, slug, Role.LEAD), None
    try:
        if form.step in ("create", "review"):
            return _create(caller, here, form)
    except NotFound:
        raise
    except Failure as failure:
        problem = failure
    page = _new_page(caller, here, form, problem)
    status = status_of(problem) if problem else 200
    return render(request, "batches/new.html", page, at=here, status=status)


def _create(caller: Caller, here: Here, form: BatchForm) -> Response:
    with nothing_kept_if_refused(caller.session):
        batch = make(caller, here.project.id, _plan(form, due=_due(form.due, caller.now)))
    if form.step == "review":
        return RedirectResponse(f"/review/{batch.id}", 303)
    return done(f"/p/{here.project.slug}/batches/{batch.number}", "batch_created")


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


@router.get("/p/{slug}/batches/{number}")
def batch(request: Request, slug: str, number: Number, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    shown = batch_of(caller.session, here.project.id, number)
    detail = batch_detail(caller.session, shown)
    page = BatchPage(
        here.project.slug,
        detail,
        people_in_batch(caller.session, shown),
        _people(caller.session, here),
        frozenset(person for person, _ in detail.row.people),
        _fell(detail),
        check_of(caller.session, shown, names_of_each(caller.session, shown)),
    )
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
    change(caller, asked.id, BatchChange(people=form.person))
    return done(f"/p/{here.project.slug}/batches/{number}", "batch_people")
