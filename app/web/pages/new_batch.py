"""A new batch: the form, what it would bring, and the batch it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field
from sqlalchemy.orm import Session

from app.accounts.membership import members_of
from app.actions.batches import make
from app.actions.recurring import add_recurring
from app.actions.turn import Caller
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.db.words import Mode, Role, Routing
from app.errors import Failure, Invalid, NotFound
from app.insights.batch_preview import Preview, preview
from app.insights.batch_routing import Routed, routed_now
from app.insights.choices import choices
from app.insights.filter_words import WITHOUT, filter_words
from app.review.batches.plan import MOST_ERRORS, BatchPlan, due_time
from app.review.batches.recurring import RecurringPlan
from app.review.batches.rules.registry import RULES
from app.review.batches.rules.rule import Rule
from app.review.batches.views import views_of
from app.web.asker import Here
from app.web.example_filters import LONGEST_FILTER, read_filter
from app.web.failures import status_of
from app.web.forms import nothing_kept_if_refused
from app.web.notices import done
from app.web.pages.repeating import CHOICES, DAYS_OF_WEEK, NEVER, RepeatForm
from app.web.payloads import LARGEST_ID, Id
from app.web.render import render
from app.web.rule_names import RuleName
from app.web.who import Acting, Looking, at, at_page, viewer_of

router = APIRouter()

Label = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class BatchForm(RepeatForm):
    """A new batch; `example` holds what was picked by hand, `step` says which button.

    `review` makes it and sits down at its desk.
    """

    step: Literal["pick", "preview", "create", "review"] = "create"
    by: RuleName = "priority"
    size: int = 100
    label: Label = 0
    suggested: Label = 0
    view: Label = 0
    most_each: int | Literal[""] = ""
    filter: str = Field(default="", max_length=LONGEST_FILTER)
    example: list[Id] = Field(default_factory=list, max_length=1_000)
    person: list[Id] = Field(default_factory=list, max_length=1_000)
    reads: Literal["until_sure"] | int = 1
    mode: Mode = Mode.EVERYTHING
    routing: Routing = Routing.ANYONE
    audit_share: int | None = None
    second_share: int | Literal[""] = ""
    most_errors: int = MOST_ERRORS
    known_share: int = 0
    due: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=1_000)


@dataclass(frozen=True, slots=True)
class NewBatchPage:
    slug: str
    form: BatchForm
    labels: list[tuple[str, str]]
    suggestions: list[tuple[str, str]]
    views: list[tuple[str, str]]
    people: list[tuple[int, str, str]]
    preview: Preview | None
    filter: str  # in words
    routed: Routed
    problem: Failure | None = None
    path: str = ""  # of the recurring batch that is changed; else a new one is made

    @property
    def choices(self) -> list[tuple[str, str]]:
        """How often; what is made again and again already goes on."""
        return [one for one in CHOICES if one[0] != NEVER or not self.path]

    @property
    def weekdays(self) -> list[tuple[str, str]]:
        return DAYS_OF_WEEK

    @property
    def rules(self) -> list[Rule]:
        """What can be picked by; a rule that is not offered only where it is chosen already."""
        return [
            rule
            for rule in RULES.values()
            if rule.name == self.form.by or (rule.offered and (self.views or not rule.asks_view))
        ]

    @property
    def share(self) -> int:
        """The share that is chosen, or else the advised one."""
        if self.form.audit_share is not None:
            return self.form.audit_share
        return self.preview.advised if self.preview else 10


def people_here(session: Session, here: Here) -> list[tuple[int, str, str]]:
    return [
        (person.id, person.name, role.value)
        for person, role, _ in members_of(session, here.project.id)
        if person.disabled_at is None
    ]


def new_page(
    caller: Caller,
    here: Here,
    form: BatchForm,
    problem: Failure | None = None,
    *,
    path: str = "",
) -> NewBatchPage:
    """The form with what it would bring now."""
    session = caller.session
    labels = [
        (str(one), name) for one, name in shown_names(labels_of(session, here.project.id)).items()
    ]
    brings: Preview | None = None
    words = ""
    try:
        plan = _plan(form, caller.who.id, due=None)
        if plan.wanted is not None:
            words = ", ".join(filter_words(plan.wanted, choices(session, here.project.id)).values())
        brings = preview(session, here.project, plan, viewer_of(caller))
    except Failure as failure:
        problem = problem or failure
    given = [*labels, ("0", WITHOUT)]
    return NewBatchPage(
        here.project.slug,
        form,
        given,
        [("0", "Choose a label"), *labels],
        [(str(view.id), view.name) for view in views_of(session, here.project.id)],
        people_here(session, here),
        brings,
        words,
        routed_now(session, here.project.id, form.routing),
        problem=problem,
        path=path,
    )


def _plan(form: BatchForm, viewer: int, *, due: datetime | None) -> BatchPlan:
    return BatchPlan(
        name=form.name,
        by=form.by,
        size=form.size,
        given_label_id=form.label or None,
        suggested_id=form.suggested or None,
        wanted=read_filter(form.filter, viewer),
        view_id=form.view or None,
        most_each=None if form.most_each == "" else form.most_each,
        most_errors=form.most_errors,
        known_share=form.known_share,
        example_ids=tuple(form.example),
        mode=form.mode,
        reads=1 if form.reads == "until_sure" else form.reads,
        until_sure=form.reads == "until_sure",
        routing=form.routing,
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
    suggested: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    filter: Annotated[str, Query(max_length=LONGEST_FILTER)] = "",
) -> BatchForm:
    """The form as a link to it fills it in."""
    return BatchForm(by=by, size=size, label=label, suggested=suggested, filter=filter)


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
    page = new_page(caller, here, form)
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
    page = new_page(caller, here, form, problem)
    status = status_of(problem) if problem else 200
    return render(request, "batches/new.html", page, at=here, status=status)


def recurring_plan(form: BatchForm, viewer: int) -> RecurringPlan:
    return RecurringPlan(_plan(form, viewer, due=None), form.schedule, form.days_to_due)


def _create(caller: Caller, here: Here, form: BatchForm) -> Response:
    if form.repeats:
        with nothing_kept_if_refused(caller.session):
            add_recurring(caller, here.project.slug, recurring_plan(form, caller.who.id))
        return done(f"/p/{here.project.slug}/batches", "recurring_added")
    with nothing_kept_if_refused(caller.session):
        plan = _plan(form, caller.who.id, due=_due(form.due, caller.now))
        batch = make(caller, here.project.id, plan)
    if form.step == "review":
        return RedirectResponse(f"/review/{batch.id}", 303)
    return done(f"/p/{here.project.slug}/batches/{batch.number}", "batch_created")
