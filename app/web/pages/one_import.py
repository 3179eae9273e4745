"""One file on its way in: its columns, what is to be checked, its good rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.actions import importing
from app.actions.jobs import steps_of
from app.actions.own_labels import likely_in
from app.actions.turn import Caller
from app.actions.withdrawing import why_not, withdraw_import
from app.datasets.asking import import_of, job_of
from app.datasets.report import Finding, Report, report_of
from app.datasets.roles import roles_for
from app.datasets.sources import LikelyGiver
from app.datasets.stage import can_import, obstacles
from app.datatypes.data_type import ShownContent
from app.datatypes.registry import TYPES
from app.datatypes.shown import content_of
from app.db.tables.datasets import DataImport, Project
from app.db.tables.jobs import Job
from app.db.words import DataType, ImportState, Role
from app.errors import Conflict, Failure, Invalid
from app.insights.findings import Findings, findings
from app.jobs import queue
from app.ranking.runs import follows_a_ranking, scoring_job
from app.web.asker import Here
from app.web.bodies import takes_upload
from app.web.failures import status_of
from app.web.forms import FormInput
from app.web.import_reading import ReadingForm
from app.web.pages.import_columns import (
    ColumnLine,
    ColumnsForm,
    lines_of,
    roles_said,
    uses_of,
)
from app.web.pages.import_parts import PartShown, parts_of
from app.web.render import render
from app.web.sessions import Reading
from app.web.uploads import Media
from app.web.who import Acting, Asking, Sending, at, at_page

router = APIRouter()

Columns = Annotated[ColumnsForm, Form()]
WAITING = (ImportState.CHECKING, ImportState.IMPORTING)


class AnswerForm(FormInput):
    code: str
    choice: str


@dataclass(frozen=True, slots=True)
class Look:
    """The first example as the desk will draw it."""

    content: ShownContent
    label: str
    key: str


@dataclass(frozen=True, slots=True)
class AfterImport:
    """What follows an import: its ranking, and then what the model says of the labels."""

    scoring: Job | None
    findings: Findings | None


@dataclass(frozen=True, slots=True)
class ImportPage:
    slug: str
    found: DataImport
    job: Job | None
    steps: Mapping[int, str]  # where each job is, or what it waits for
    report: Report
    columns: list[ColumnLine]
    uses: list[tuple[str, str]]
    many: list[str]  # roles that several columns can have
    first: Look | None
    stops: int  # what keeps the import back: reasons to stop, and questions that must be answered
    ready: bool
    busy: bool
    likely: list[LikelyGiver]
    parts: list[PartShown]
    after: AfterImport | None = None
    kept: Failure | None = None  # why it cannot be withdrawn
    problem: Failure | None = None

    @property
    def used(self) -> int:
        return sum(bool(line.use) for line in self.columns)

    def rows_of(self, code: str) -> list[Finding]:
        """The first rows that were left out for this."""
        return [one for one in self.report["problems"] if one["code"] == code]


def _page(
    session: Session, here: Here, import_id: int, problem: Failure | None = None
) -> ImportPage:
    found, data_type = import_of(session, here.project.id, import_id), here.project.data_type
    job, report = job_of(session, found), report_of(found.report)
    unfinished = job is not None and job.state in queue.UNFINISHED
    after = _after(session, here.project) if found.state is ImportState.DONE else None
    return ImportPage(
        slug=here.project.slug,
        found=found,
        job=job,
        steps=steps_of(session, [job, after.scoring if after else None]),
        report=report,
        columns=lines_of(report, data_type),
        uses=[("", "Leave out"), *((role.name, role.words) for role in roles_for(data_type))],
        many=[role.name for role in roles_for(data_type) if role.many],
        first=_first(report, data_type),
        stops=len(obstacles(report)),
        ready=can_import(found) and not unfinished,
        busy=found.state in WAITING or unfinished,
        likely=likely_in(session, found),
        parts=parts_of(found, report),
        after=after,
        kept=why_not(session, found) if after else None,
        problem=problem,
    )


def _first(report: Report, data_type: DataType) -> Look | None:
    """None where the first row is left out or too long, or is a picture that is not stored yet."""
    row = next(iter(report.get("preview", [])), None)
    if row is None or "content" not in row or TYPES[data_type].pictures:
        return None
    return Look(content_of(0, row["content"]), row.get("label") or "", row["id"])


def _after(session: Session, project: Project) -> AfterImport:
    scoring = scoring_job(session, project.id)
    if scoring is not None and project.run_id is not None and follows_a_ranking(scoring):
        scoring = None
    ranked = scoring is None and project.run_id is not None
    return AfterImport(scoring, findings(session, project) if ranked else None)


@router.get("/p/{slug}/import/{import_id}")
def one_import(
    request: Request, slug: str, import_id: int, asker: Asking, session: Reading
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(request, "imports/import.html", _page(session, here, import_id), at=here)


def _back(slug: str, found: DataImport) -> RedirectResponse:
    return RedirectResponse(f"/p/{slug}/import/{found.id}", 303)


@router.post("/p/{slug}/import/{import_id}/columns")
def use_columns(
    request: Request, slug: str, import_id: int, caller: Acting, form: Columns
) -> Response:
    """Read the file again with other uses; nothing is imported before it is checked."""
    here = at(caller, slug, Role.LEAD)
    try:
        roles = _roles(form, import_of(caller.session, here.project.id, import_id), here)
        return _back(slug, importing.set_roles(caller, slug, import_id, roles))
    except Invalid as problem:
        return _refused(request, caller, here, import_id, problem)


def _roles(form: ColumnsForm, found: DataImport, here: Here) -> Mapping[str, tuple[str, ...]]:
    data_type = here.project.data_type
    return roles_said(form.uses(), uses_of(report_of(found.report), data_type), data_type)


def _refused(
    request: Request, caller: Caller, here: Here, import_id: int, problem: Failure
) -> Response:
    caller.session.rollback()
    page = _page(caller.session, here, import_id, problem)
    return render(request, "imports/import.html", page, at=here, status=status_of(problem))


@router.post(takes_upload("/p/{slug}/import/{import_id}/media"))
def add_media(
    request: Request, slug: str, import_id: int, errand: Sending, media: Media
) -> Response:
    """Add the ZIP with the images that the rows name."""
    with errand.looking() as caller:
        here = at(caller, slug, Role.LEAD)
        import_of(caller.session, here.project.id, import_id)
    try:
        sha256 = media()
        with errand.acting() as caller:
            return _back(slug, importing.bring_media(caller, slug, import_id, sha256))
    except Invalid as problem:
        with errand.looking() as caller:
            return _refused(request, caller, here, import_id, problem)


@router.post("/p/{slug}/import/{import_id}/reading")
def set_reading(
    slug: str, import_id: int, caller: Acting, form: Annotated[ReadingForm, Form()]
) -> Response:
    """Read the file another way; nothing is imported before it is checked."""
    return _back(slug, importing.set_reading(caller, slug, import_id, form.said()))


@router.post("/p/{slug}/import/{import_id}/answer")
def answer_question(
    slug: str, import_id: int, caller: Acting, form: Annotated[AnswerForm, Form()]
) -> Response:
    choices = {form.code: form.choice}
    return _back(slug, importing.answer_questions(caller, slug, import_id, choices))


@router.post("/p/{slug}/import/{import_id}/commit")
def commit(request: Request, slug: str, import_id: int, caller: Acting, form: Columns) -> Response:
    """Import the good rows as they were shown; whose labels they are is what the boxes say."""
    here = at(caller, slug, Role.LEAD)
    try:
        _check_columns(form, import_of(caller.session, here.project.id, import_id), here)
        own = form.members()
        found = importing.start_import(caller, slug, import_id, shown=form.shown, own_labels=own)
        return _back(slug, found)
    except Conflict as problem:
        return _refused(request, caller, here, import_id, problem)


def _check_columns(form: ColumnsForm, found: DataImport, here: Here) -> None:
    """What was chosen and not read yet is not imported as if it had not been chosen."""
    said = {name: use for name, use in form.uses().items() if use}
    read = uses_of(report_of(found.report), here.project.data_type)
    if form.column and said != read:
        name = next(one for one in {**said, **read} if said.get(one) != read.get(one))
        raise Conflict(
            f"You chose another use for column {name}, and the file was not read again with it.",
            next_step="Press Read again, look at what is found, then import.",
            code="read_again",
        )


@router.post("/p/{slug}/import/{import_id}/cancel")
def cancel(slug: str, import_id: int, errand: Sending) -> Response:
    return _back(slug, importing.give_up(errand, slug, import_id))


class WithdrawForm(FormInput):
    again: bool = False


@router.post("/p/{slug}/import/{import_id}/withdraw")
def withdraw(
    slug: str, import_id: int, caller: Acting, form: Annotated[WithdrawForm, Form()]
) -> Response:
    """Take its examples out again; or also have its file read anew, to import it otherwise."""
    withdrawn = withdraw_import(caller, slug, import_id, again=form.again)
    return _back(slug, withdrawn.again or withdrawn.data_import)
