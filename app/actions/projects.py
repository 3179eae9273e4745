"""What a lead may change about a project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.accounts.activity import ActivityKind, Detail
from app.accounts.turn import Turn
from app.actions.activity import note
from app.actions.turn import Caller, turn_by_slug
from app.audit.epochs import open_epoch
from app.datasets.asking import stop_imports
from app.datasets.import_lock import end_imports
from app.datasets.projects import archive_project, rename_project, set_confirmations
from app.db.tables.datasets import Project
from app.db.words import Role, WhyEnded
from app.errors import Invalid
from app.ranking.refit import MOST_REFIT_AFTER
from app.review.books.leaving import give_up_all
from app.review.books.may import check_in_use

LOWEST_TARGET, HIGHEST_TARGET = 0.1, 50.0  # per cent of labels that may stay wrong


@dataclass(frozen=True, slots=True)
class ProjectChange:
    """What is to be different; None leaves it as it is.

    `prove` says whether the target is to be proven: once most wrong labels seem found, most of
    what is handed out are random checks. `copies_together`: identical examples get one answer.
    """

    name: str | None = None
    confirmations: int | None = None
    target_percent: float | None = None
    prove: bool | None = None
    refit_after: int | None = None
    copies_together: bool | None = None
    archived: bool | None = None


def change_project(caller: Caller, slug: str, change: ProjectChange) -> Project:
    """Apply a change, and all that follows from it."""
    with turn_by_slug(caller, slug, Role.LEAD) as turn:
        # Read again under the lock: it was looked up by its name before.
        project = turn.session.get_one(Project, turn.project_id, populate_existing=True)
        if change.archived is False:  # first: nothing of the log changes while it is put away
            _archive(turn, archived=False)
        if change.target_percent is not None:
            project.target_bp = _basis_points(change.target_percent)
        if change.prove is not None:
            _prove(project, prove=change.prove, now=turn.now)
        if change.refit_after is not None:
            project.refit_after = _new_answers(change.refit_after)
        if change.copies_together is not None:
            project.copies_together = change.copies_together
        if change.name is not None and change.name != project.name:
            rename_project(turn.lock, change.name)
        if change.confirmations is not None:
            _confirm_by(turn, change.confirmations)
        if change.archived:
            _archive(turn, archived=True)
        note(turn, ActivityKind.PROJECT_CHANGED, **dict(_said(change)))
    return project


def _prove(project: Project, *, prove: bool, now: datetime) -> None:
    """Whether to turn to random checks, the next estimate says."""
    if prove != (project.target_chosen_at is not None):
        project.target_chosen_at = now if prove else None
    project.closing = project.closing and prove


def _confirm_by(turn: Turn, confirmations: int) -> None:
    """Another number of confirmations restarts the audit's estimate."""
    if confirmations != turn.lock.confirmations:
        check_in_use(turn.lock)
    actor = turn.member.pseudonym
    changed = set_confirmations(turn.lock, confirmations, actor=actor, now=turn.now)
    if changed and turn.lock.epoch_id is not None:
        open_epoch(turn.lock, reason="confirmations", now=turn.now, rng=turn.rng)


def _archive(turn: Turn, *, archived: bool) -> None:
    """Who holds examples of a project that is put away gives them back at once.

    A file that is being read or imported is given up.
    """
    if archive_project(turn.lock, archived=archived, now=turn.now) and archived:
        give_up_all(turn.lock, why=WhyEnded.ARCHIVED, now=turn.now)
        stop_imports(turn.session, turn.project_id, now=turn.now)
        end_imports(turn.lock, why="The project was archived.", now=turn.now)


_TOLD = (
    "name",
    "confirmations",
    "target_percent",
    "prove",
    "refit_after",
    "copies_together",
    "archived",
)


def _said(change: ProjectChange) -> Iterator[tuple[str, Detail]]:
    for name in _TOLD:
        value = getattr(change, name)
        if value is not None:
            yield name, value


def _basis_points(percent: float) -> int:
    if not LOWEST_TARGET <= percent <= HIGHEST_TARGET:  # false for NaN too
        raise Invalid(
            f"The target lies between {LOWEST_TARGET} and {HIGHEST_TARGET} per cent.",
            next_step="Choose a share of labels that may stay wrong, such as 5.",
            code="target",
        )
    return round(percent * 100)


def _new_answers(count: int) -> int:
    if not 0 <= count <= MOST_REFIT_AFTER:
        raise Invalid(
            f"The queue is ranked again after 1 to {MOST_REFIT_AFTER:,} new answers, or with 0 "
            "only when somebody asks.",
            next_step="Choose a number such as 100.",
            code="refit_after",
        )
    return count
