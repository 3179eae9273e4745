"""What only a lead can settle: the list, and the page of one case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.db.words import Question, Role
from app.insights.questions import (
    PAGE,
    NoteRow,
    case_in_full,
    next_case,
    notes_of,
    question_rows,
)
from app.review.answering.disagreements import QUESTION_TEXT, count_open, reopen
from app.web.asker import Here
from app.web.forms import FormInput
from app.web.pages.answering import AnswerForm, submission
from app.web.pages.cases import Listed, case_page, label_names, listed
from app.web.payloads import LARGEST_ID, PathId
from app.web.render import render
from app.web.rulings import leave_case, settle_case, third_read
from app.web.sessions import Reading, Writing
from app.web.who import Asking, Now, at_page, at_project

router = APIRouter()

Kind = Annotated[Question | None, Query()]
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


@router.get("/p/{slug}/disagreements")
def disagreements(
    request: Request,
    slug: str,
    asker: Asking,
    session: Reading,
    kind: Kind = None,
    notes: bool = False,
    after: After = None,
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    slug, project_id = here.project.slug, here.project.id
    counts = count_open(session, project_id)
    names = label_names(session, project_id)
    rows = [] if notes else question_rows(session, project_id, kind=kind, after=after)
    written = notes_of(session, project_id, before=after) if notes else []
    last = (rows or written)[-1].id if len(rows or written) == PAGE else None
    more = {"notes": "true"} if notes else {"kind": kind.value} if kind else {}
    page = ListPage(
        slug,
        _tabs(slug, counts, kind, notes=notes),
        sum(counts.values()),
        [listed(row, slug, names, kind) for row in rows],
        written,
        notes,
        f"/p/{slug}/disagreements?" + urlencode(more | {"after": last}) if last else "",
    )
    return render(request, "disagreements/disagreements.html", page, at=here)


@router.get("/p/{slug}/disagreements/{case_id}")
def disagreement(
    request: Request,
    slug: str,
    case_id: PathId,
    asker: Asking,
    session: Reading,
    kind: Kind = None,
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    page = case_page(session, here, case_id, kind)
    return render(request, "disagreements/case.html", page, at=here)


def _onward(
    session: Session, here: Here, case_id: int, kind: Question | None, notice: str
) -> RedirectResponse:
    """To the case that follows, or to the list when none is left."""
    following = next_case(session, here.project.id, kind=kind, after=case_id)
    path = f"/p/{here.project.slug}/disagreements"
    path += f"/{following}" if following else ""
    query = {"kind": kind.value} if kind else {}
    return RedirectResponse(f"{path}?{urlencode(query | {'done': notice})}", 303)


@router.post("/p/{slug}/disagreements/{case_id}/settle")
def settle(
    slug: str,
    case_id: PathId,
    asker: Asking,
    form: Annotated[AnswerForm, Form()],
    session: Writing,
    now: Now,
    kind: Kind = None,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    found = case_in_full(session, here.project.id, case_id).case
    answer = submission(form, found.example_id, found.given_label_id)
    settle_case(session, here.member, case_id, answer, now=now)
    return _onward(session, here, case_id, kind, "ruled")


@router.post("/p/{slug}/disagreements/{case_id}/leave")
def leave(
    slug: str,
    case_id: PathId,
    asker: Asking,
    form: Annotated[KeyForm, Form()],
    session: Writing,
    now: Now,
    kind: Kind = None,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    leave_case(session, here.member, case_id, now=now)
    return _onward(session, here, case_id, kind, "left_as_is")


@router.post("/p/{slug}/disagreements/{case_id}/third")
def third(
    slug: str,
    case_id: PathId,
    asker: Asking,
    form: Annotated[KeyForm, Form()],
    session: Writing,
    now: Now,
    kind: Kind = None,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    third_read(session, here.member, case_id, now=now)
    return _onward(session, here, case_id, kind, "third_asked")


@router.post("/p/{slug}/disagreements/{case_id}/reopen")
def reopen_case(
    slug: str,
    case_id: PathId,
    asker: Asking,
    form: Annotated[KeyForm, Form()],
    session: Writing,
    now: Now,
    kind: Kind = None,
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    found = case_in_full(session, here.project.id, case_id).case
    reopen(session, here.member, found.example_id, key=form.key or str(case_id), now=now)
    return _onward(session, here, case_id, kind, "reopened")
