"""Bulk fixes: a group gets another label with one act, once a blind sample has proved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from app.actions.bulk_fixing import apply_bulk_fix, give_up_bulk_fix, undo_bulk_fix
from app.actions.bulk_starting import BulkAsked, start_bulk_fix
from app.audit.bulk_fixes import Fix, fix_of, fixes_of
from app.datasets.display_names import shown_names
from app.datasets.labels import labels_of
from app.db.tables.datasets import Project
from app.db.words import BulkState, Role
from app.insights.bulk import STATE_WORDS, Outlook, Wanted, outlook, state_words
from app.noise.acceptance import DEFAULT_FAILURES, DEFAULT_PRECISION, FLOORS, MOST_FAILURES
from app.review.books.bulk_labels import labeled_by
from app.shares import percent
from app.web.bulk_query import Grouped, group_parameters
from app.web.example_filters import PerhapsId, address
from app.web.forms import FormInput
from app.web.notices import done
from app.web.pages.batches import Number
from app.web.pages.insights import insights_tabs
from app.web.payloads import Id
from app.web.render import render
from app.web.who import Acting, Looking, at_page

router = APIRouter()

TONES = {
    BulkState.CHECKING: "warn",
    BulkState.READY: "confirm",
    BulkState.REFUSED: "remove",
    BulkState.APPLIED: "relabel",
}
FLOOR_WORDS = {0.95: "for test sets", DEFAULT_PRECISION: "usual"}


@dataclass(frozen=True, slots=True)
class BulkList:
    project: Project
    fixes: list[Fix]
    names: dict[int, str]

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        return insights_tabs(self.here, "bulk")

    def name(self, label: int) -> str:
        return self.names.get(label, "a retired label")

    def state(self, fix: Fix) -> tuple[str, str]:
        return STATE_WORDS[fix.state], TONES.get(fix.state, "")

    def words(self, fix: Fix) -> str:
        return state_words(fix)


@dataclass(frozen=True, slots=True)
class FixPage(BulkList):
    again: int  # examples that have its label though it was undone

    @property
    def fix(self) -> Fix:
        return self.fixes[0]


@dataclass(frozen=True, slots=True)
class NewFixPage:
    project: Project
    told: Outlook
    names: dict[int, str]
    at: str  # the address of this page with its group
    group: list[tuple[str, str]]

    @property
    def here(self) -> str:
        return f"/p/{self.project.slug}"

    @property
    def came(self) -> list[tuple[str, str]]:
        return [
            (str(label), f"{self.name(label)} ({count:,})")
            for label, count in self.told.labels.items()
        ]

    @property
    def to(self) -> list[tuple[str, str]]:
        others = [(str(one), name) for one, name in self.names.items()]
        return [("", "Choose a label"), *others]

    @property
    def floors(self) -> list[tuple[str, str]]:
        return [
            (str(one), f"{percent(one)}{f', {FLOOR_WORDS[one]}' if one in FLOOR_WORDS else ''}")
            for one in FLOORS
        ]

    @property
    def failures(self) -> list[tuple[str, str]]:
        return [(str(one), str(one)) for one in range(MOST_FAILURES + 1)]

    def name(self, label: int | None) -> str:
        return self.names.get(label or 0, "a retired label")

    def checks(self, many: int) -> str:
        return "all" if many >= self.told.size else f"{many:,}"

    def share(self, floor: float) -> str:
        return percent(floor)


Floor = Annotated[float, Query(gt=0, lt=1, allow_inf_nan=False)]
Failures = Annotated[int, Query(ge=0, le=MOST_FAILURES)]


@router.get("/p/{slug}/insights/bulk")
def bulk_fixes(request: Request, slug: str, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    fixes = fixes_of(caller.session, here.project.id)
    page = BulkList(here.project, fixes, _names(caller, here.project, retired=True))
    return render(request, "bulk/bulk.html", page, at=here)


def chosen(
    from_label: PerhapsId = None,
    to_label: PerhapsId = None,
    floor: Floor = DEFAULT_PRECISION,
    failures: Failures = DEFAULT_FAILURES,
) -> Wanted:
    return Wanted(from_label, to_label, floor, failures)


@router.get("/p/{slug}/insights/bulk/new")
def new_bulk_fix(
    request: Request,
    slug: str,
    caller: Looking,
    which: Grouped,
    wanted: Annotated[Wanted, Depends(chosen)],
) -> Response:
    """What it would take to give a group another label, and what that would promise."""
    here = at_page(request, caller.session, slug, Role.LEAD)
    told = outlook(caller.session, here.project, which, wanted)
    group = group_parameters(which)
    at = address(f"/p/{here.project.slug}/insights/bulk/new", group)
    names = _names(caller, here.project)
    page = NewFixPage(here.project, told, names, at, list(group.items()))
    return render(request, "bulk/new.html", page, at=here)


class FixForm(FormInput):
    from_label: Id
    to_label: Id
    floor: float = DEFAULT_PRECISION
    failures: int = DEFAULT_FAILURES


@router.post("/p/{slug}/insights/bulk/new")
def begin_bulk_fix(
    slug: str, which: Grouped, form: Annotated[FixForm, Form()], caller: Acting
) -> Response:
    """Have a random sample of the group read blind. Nothing is changed yet."""
    asked = BulkAsked(which, form.from_label, form.to_label, form.floor, form.failures)
    fix = start_bulk_fix(caller, slug, asked)
    return done(f"/p/{slug}/insights/bulk/{fix.row.number}", "bulk_started")


@router.get("/p/{slug}/insights/bulk/{number}")
def bulk_fix(request: Request, slug: str, number: Number, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    fix = fix_of(caller.session, here.project.id, number)
    names = _names(caller, here.project, retired=True)
    undone = fix.state is BulkState.UNDONE and fix.from_label != fix.to_label
    again = len(labeled_by(caller.session, fix.row, fix.to_label)) if undone else 0
    page = FixPage(here.project, [fix], names, again)
    return render(request, "bulk/fix.html", page, at=here)


@router.post("/p/{slug}/insights/bulk/{number}/apply")
def apply(slug: str, number: Number, caller: Acting) -> Response:
    """Give every example of the group that nobody has answered its new label."""
    apply_bulk_fix(caller, slug, number)
    return done(f"/p/{slug}/insights/bulk/{number}", "bulk_applied")


@router.post("/p/{slug}/insights/bulk/{number}/undo")
def undo(slug: str, number: Number, caller: Acting) -> Response:
    """Give what nobody has answered since its earlier label back."""
    undo_bulk_fix(caller, slug, number)
    return done(f"/p/{slug}/insights/bulk/{number}", "bulk_undone")


@router.post("/p/{slug}/insights/bulk/{number}/give-up")
def give_up(slug: str, number: Number, caller: Acting) -> Response:
    """End the checks without a change."""
    give_up_bulk_fix(caller, slug, number)
    return done(f"/p/{slug}/insights/bulk/{number}", "bulk_given_up")


def _names(caller: Looking, project: Project, *, retired: bool = False) -> dict[int, str]:
    return shown_names(labels_of(caller.session, project.id, retired=retired))
