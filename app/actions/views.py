"""Saved views of the list of examples: kept, renamed, deleted; for every lead of the project."""

from __future__ import annotations

from app.accounts.activity import ActivityKind
from app.actions.activity import note
from app.actions.turn import Caller, work_by_slug
from app.db.tables.planned import SavedView
from app.db.words import Role
from app.errors import Conflict, Invalid
from app.review.batches.filters import Filter, stored_filter
from app.review.batches.views import MOST_VIEWS, free_name, view_of, views_of


def save_view(caller: Caller, slug: str, name: str, wanted: Filter | None) -> SavedView:
    """Keep what the list is narrowed to."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        session, project_id = turn.session, turn.project_id
        if wanted is None or not wanted.named:
            raise Invalid(
                "No filter is set.",
                next_step="Narrow the list of examples first, then save what it shows.",
                code="no_filter",
            )
        if len(views_of(session, project_id)) >= MOST_VIEWS:
            raise Conflict(
                f"A project keeps {MOST_VIEWS} views at most.",
                next_step="Delete one that nobody needs any more.",
                code="too_many_views",
            )
        view = SavedView(
            project_id=project_id,
            name=free_name(session, project_id, name),
            filter=stored_filter(wanted),
            made_by=turn.member.person_id,
            made_at=turn.now,
        )
        session.add(view)
        session.flush()
        note(turn, ActivityKind.VIEW_SAVED, view=view.id, name=view.name)
        return view


def rename_view(caller: Caller, slug: str, view_id: int, name: str) -> SavedView:
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        view = view_of(turn.session, turn.project_id, view_id)
        was = view.name
        view.name = free_name(turn.session, turn.project_id, name, own=view.id)
        if view.name != was:
            note(turn, ActivityKind.VIEW_RENAMED, view=view.id, name=view.name, was=was)
        turn.session.flush()
        return view


def delete_view(caller: Caller, slug: str, view_id: int) -> None:
    """Batches that were made of it stay as they are."""
    with work_by_slug(caller, slug, Role.LEAD) as turn:
        view = view_of(turn.session, turn.project_id, view_id)
        note(turn, ActivityKind.VIEW_DELETED, view=view.id, name=view.name)
        turn.session.delete(view)
        turn.session.flush()
