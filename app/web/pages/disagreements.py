"""What only a lead can settle: the list, and the page of one case."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.actions.rulings import ask_third, leave, reopen, settle, take_back
from app.actions.turn import Caller
from app.datasets.labels import label_mapping, labels_of
from app.db.words import Question, Role
from app.insights.questions import (
    PAGE,
    NoteRow,
    next_case,
    notes_of,
    question_rows,
)
from app.review.books.cases import Which, case, case_example, count_open
from app.review.books.questions import QUESTION_TEXT
from app.web.asker import Here
from app.web.forms import FormInput
from app.web.pages.answering import AnswerForm, submission
from app.web.pages.cases import Listed, case_page, listed, rule_of_case
from app.web.pages.earlier_rulings import Labels, LastRuling, own_last_ruling
from app.web.payloads import LARGEST_ID, PathId
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page

router = APIRouter()
RULED = "ruled"

Kind = Annotated[Question | None, Query()]
Said = Annotated[str, Query(max_length=80)]
After = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


class KeyForm(FormInput):
    key: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    word: str
    url: str
    count: int
    here: bool
    warns: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    slug: str
    tabs: list[Tab]
    total: int
    cases: list[Listed]
    notes: list[NoteRow]
    shows_notes: bool
    later: str
    last: LastRuling | None


def _tabs(
    slug: str, counts: dict[Question, int], kind: Question | None, *, notes: bool
) -> list[Tab]:
    here = f"/p/{slug}/disagreements"
    order = sorted(counts, key=lambda one: (one is not Question.PRIVATE, list(Question).index(one)))
    tabs = [Tab("All", here, sum(counts.values()), kind is None and not notes)]
    for one in order:
        private = one is Question.PRIVATE
        word = QUESTION_TEXT[one]
        tabs.append(Tab(word, f"{here}?kind={one.value}", counts[one], kind is one, private))
    return tabs


@dataclass(frozen=True, slots=True)
class Listing:
    """Which part of the list is asked for."""

    kind: Question | None
    notes: bool
    after: int | None
    for_admin: bool  # only what no lead may judge
    ruled: bool = False  # the asker comes from a ruling


def wanted_listing(
    kind: Kind = None,
    notes: bool = False,
    after: After = None,
    for_admin: bool = False,
    done: Said = "",
) -> Listing:
    return Listing(kind, notes, after, for_admin, done == RULED)


def _list_page(session: Session, here: Here, wanted: Listing) -> ListPage:
    slug, project_id, kind = here.project.slug, here.project.id, wanted.kind
    counts = count_open(session, project_id)
    labels = Labels.of(labels_of(session, project_id, retired=True))
    rows, written = [], []
    if wanted.notes:
        written = notes_of(session, project_id, before=wanted.after)
    else:
        which = Which(kind, wanted.for_admin)
        rows = question_rows(session, project_id, which, after=wanted.after)
    last = (rows or written)[-1].id if len(rows or written) == PAGE else None
    more = {"notes": "true"} if wanted.notes else {"kind": kind.value} if kind else {}
    more |= {"for_admin": "true"} if wanted.for_admin else {}
    return ListPage(
        slug,
        _tabs(slug, counts, kind, notes=wanted.notes),
        sum(counts.values()),
        [listed(row, slug, labels.names, kind) for row in rows],
        written,
        wanted.notes,
        f"/p/{slug}/disagreements?" + urlencode(more | {"after": last}) if last else "",
        own_last_ruling(session, here, labels) if wanted.ruled else None,
    )


@router.get("/p/{slug}/disagreements")
def disagreements(
    request: Request,
    slug: str,
    caller: Looking,
    wanted: Annotated[Listing, Depends(wanted_listing)],
) -> Response:
    here = at_page(request, caller, slug, Role.LEAD)
    page = _list_page(caller.session, here, wanted)
    return render(request, "disagreements/disagreements.html", page, at=here)


@dataclass(frozen=True, slots=True)
class CaseAddress:
    """A case, and of which kind the next one is to be."""

    slug: str
    id: int
    kind: Question | None


def case_address(slug: str, case_id: PathId, kind: Kind = None) -> CaseAddress:
    return CaseAddress(slug, case_id, kind)


Address = Annotated[CaseAddress, Depends(case_address)]


@router.get("/p/{slug}/disagreements/{case_id}")
def disagreement(request: Request, address: Address, caller: Looking, done: Said = "") -> Response:
    here = at_page(request, caller, address.slug, Role.LEAD)
    page = case_page(caller.session, here, address.id, address.kind, ruled=done == RULED)
    return render(request, "disagreements/case.html", page, at=here)


def _onward(caller: Caller, here: Here, address: CaseAddress, notice: str) -> RedirectResponse:
    """To the case that follows, or to the list when none is left."""
    kind, project = address.kind, here.project
    following = next_case(caller.session, project.id, kind=kind, after=address.id)
    path = f"/p/{project.slug}/disagreements"
    path += f"/{following}" if following else ""
    query = {"kind": kind.value} if kind else {}
    return RedirectResponse(f"{path}?{urlencode(query | {'done': notice})}", 303)


class RulingForm(AnswerForm):
    """`guideline`: and then to the rule of these labels, to say there what was ruled."""

    guideline: bool = False


@router.post("/p/{slug}/disagreements/{case_id}/settle")
def settle_it(address: Address, form: Annotated[RulingForm, Form()], caller: Acting) -> Response:
    here = at(caller, address.slug, Role.LEAD)
    asked = case_example(caller.session, here.project.id, address.id)
    said = submission(form, asked.example_id, asked.given_label_id)
    settle(caller, address.slug, address.id, said)
    if form.guideline:
        about = case(caller.session, here.project.id, address.id)
        url = rule_of_case(address.slug, about, label_mapping(caller.session, here.project.id))
        return RedirectResponse(f"{url}&done={RULED}", 303)
    return _onward(caller, here, address, RULED)


@router.post("/p/{slug}/disagreements/{case_id}/undo")
def undo_it(address: Address, form: Annotated[KeyForm, Form()], caller: Acting) -> Response:
    take_back(caller, address.slug, address.id, key=form.key or secrets.token_hex(16))
    path = f"/p/{address.slug}/disagreements/{address.id}"
    query = {"kind": address.kind.value} if address.kind else {}
    return RedirectResponse(f"{path}?{urlencode(query | {'done': 'ruling_undone'})}", 303)


@router.post("/p/{slug}/disagreements/{case_id}/leave")
def leave_it(address: Address, form: Annotated[KeyForm, Form()], caller: Acting) -> Response:
    here = at(caller, address.slug, Role.LEAD)
    leave(caller, address.slug, address.id)
    return _onward(caller, here, address, "left_as_is")


@router.post("/p/{slug}/disagreements/{case_id}/third")
def third(address: Address, form: Annotated[KeyForm, Form()], caller: Acting) -> Response:
    here = at(caller, address.slug, Role.LEAD)
    ask_third(caller, address.slug, address.id)
    return _onward(caller, here, address, "third_asked")


@router.post("/p/{slug}/disagreements/{case_id}/reopen")
def reopen_it(address: Address, form: Annotated[KeyForm, Form()], caller: Acting) -> Response:
    here = at(caller, address.slug, Role.LEAD)
    case = case_example(caller.session, here.project.id, address.id)
    key = form.key or str(address.id)
    reopen(caller, here.project.id, case.example_id, key=key)
    return _onward(caller, here, address, "reopened")
