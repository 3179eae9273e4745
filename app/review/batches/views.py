"""Saved views: filters of the list of examples that a project keeps by name."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.datasets.names import checked_name, letters_of
from app.db.tables.planned import LONGEST_VIEW_NAME, SavedView
from app.errors import Conflict, NotFound
from app.review.batches.filters import filter_from
from app.review.batches.plan import BatchPlan
from app.review.batches.rules.registry import rule_named

MOST_VIEWS = 100  # of one project: more are no list to choose from


def views_of(session: Session, project_id: int) -> list[SavedView]:
    """By name, as people sort names."""
    views = session.scalars(select(SavedView).where(SavedView.project_id == project_id))
    return sorted(views, key=lambda view: (letters_of(view.name), view.id))


def view_of(session: Session, project_id: int, view_id: int) -> SavedView:
    view = session.get(SavedView, view_id)
    if view is None or view.project_id != project_id:
        raise NotFound("There is no such view any more.", next_step="Choose another one.")
    return view


def view_named(session: Session, project_id: int, name: str) -> SavedView:
    """By its name, written as people do."""
    views = views_of(session, project_id)
    for view in views:
        if letters_of(view.name) == letters_of(name):
            return view
    listed = ", ".join(view.name for view in views) or "none"
    raise NotFound(f"There is no view {name!r}.", next_step=f"Views that are here: {listed}.")


def free_name(session: Session, project_id: int, name: str, *, own: int | None = None) -> str:
    """The name as it is kept, if no other view reads like it."""
    name = checked_name(
        name,
        of="view",
        longest=LONGEST_VIEW_NAME,
        next_step="Type a short name in one line.",
        code="view_name",
    )
    for view in views_of(session, project_id):
        if view.id != own and letters_of(view.name) == letters_of(name):
            raise Conflict(
                f"There is a view {view.name!r} already.",
                next_step="Choose another name, or rename that one first.",
                code="view_taken",
            )
    return name


def with_its_view(session: Session, project_id: int, plan: BatchPlan) -> BatchPlan:
    """The plan with the filter that its view stands for now, where its rule asks for a view."""
    if not rule_named(plan.by).asks_view:
        return plan
    if plan.view_id is None:
        return replace(plan, wanted=None)
    view = view_of(session, project_id, plan.view_id)
    return replace(plan, wanted=filter_from(view.filter), view=view.name)
