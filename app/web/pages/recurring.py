"""A recurring batch for its lead: its form, and what pauses, resumes and ends it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.actions.recurring import change_recurring, delete_recurring, pause_recurring
from app.actions.turn import Caller
from app.db.tables.planned import RecurringBatch
from app.db.words import Role
from app.errors import Failure, NotFound
from app.review.batches.recurring import plan_of, recurring_of, schedule_of
from app.web.asker import Here
from app.web.example_filters import parameters
from app.web.failures import status_of
from app.web.forms import FormInput, nothing_kept_if_refused
from app.web.notices import done
from app.web.pages.new_batch import BatchForm, new_page, recurring_plan
from app.web.pages.repeating import repeat_fields
from app.web.payloads import PathId
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()

RECURRING = "/p/{slug}/batches/recurring/{recurring_id}"


class PauseForm(FormInput):
    paused: bool


def _form_of(row: RecurringBatch) -> BatchForm:
    """The form as it was sent when the plan was kept, and checked."""
    plan = plan_of(row)
    return BatchForm.model_construct(
        None,
        **{
            **repeat_fields(schedule_of(row), row.due_days),
            "by": plan.by,
            "size": plan.size,
            "label": plan.given_label_id or 0,
            "suggested": plan.suggested_id or 0,
            "view": plan.view_id or 0,
            "most_each": "" if plan.most_each is None else plan.most_each,
            "filter": "" if plan.wanted is None else urlencode(parameters(plan.wanted)),
            "person": list(plan.people),
            "reads": "until_sure" if plan.until_sure else plan.reads,
            "mode": plan.mode,
            "routing": plan.routing,
            "audit_share": plan.audit_share,
            "second_share": "" if plan.second_share is None else plan.second_share,
            "most_errors": plan.most_errors,
            "known_share": plan.known_share,
            "name": row.name,
        },
    )


def _page(
    request: Request, caller: Caller, here: Here, form: BatchForm, problem: Failure | None = None
) -> Response:
    page = new_page(caller, here, form, problem, path=request.url.path)
    status = status_of(problem) if problem else 200
    return render(request, "batches/new.html", page, at=here, status=status)


@router.get(RECURRING)
def recurring_batch(request: Request, slug: str, recurring_id: PathId, caller: Looking) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    row = recurring_of(caller.session, here.project.id, recurring_id)
    return _page(request, caller, here, _form_of(row))


@router.post(RECURRING)
def set_recurring_batch(
    request: Request,
    slug: str,
    recurring_id: PathId,
    form: Annotated[BatchForm, Form()],
    caller: Acting,
) -> Response:
    """Keep it, or show the form again with what it would bring."""
    only_shown = form.step in ("pick", "preview")
    problem = None if only_shown else _keep(caller, slug, recurring_id, form)
    if only_shown or problem is not None:
        here = at(caller, slug, Role.LEAD)
        return _page(request, caller, here, form, problem)
    return done(f"/p/{slug}/batches", "recurring_changed")


def _keep(caller: Caller, slug: str, recurring_id: int, form: BatchForm) -> Failure | None:
    """Change it, or say what keeps it as it is."""
    try:
        with nothing_kept_if_refused(caller.session):
            plan = recurring_plan(form, caller.who.id)
            change_recurring(caller, slug, recurring_id, plan)
    except NotFound:
        raise
    except Failure as problem:
        return problem
    return None


@router.post(RECURRING + "/state")
def pause_recurring_batch(
    slug: str, recurring_id: PathId, form: Annotated[PauseForm, Form()], caller: Acting
) -> Response:
    pause_recurring(caller, slug, recurring_id, paused=form.paused)
    return done(f"/p/{slug}/batches", "recurring_paused" if form.paused else "recurring_resumed")


@router.post(RECURRING + "/delete")
def end_recurring_batch(
    slug: str, recurring_id: PathId, form: Annotated[FormInput, Form()], caller: Acting
) -> Response:
    delete_recurring(caller, slug, recurring_id)
    return done(f"/p/{slug}/batches", "recurring_deleted")
