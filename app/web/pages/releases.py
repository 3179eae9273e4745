"""Releases: what was made, a new one, and the files of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.db.engine import reading, writing
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import JobState, Role, RunState
from app.errors import Failure, NotFound
from app.jobs import queue
from app.releases.layout import warnings_of
from app.releases.options import Flavour, Format, Pending, ReleaseSpec, What
from app.releases.shelf import (
    PAGE,
    ReleaseFile,
    file_path,
    jobs_of,
    names_of_makers,
    release_files,
    release_of,
    releases_of,
)
from app.releases.spec import start_release, status_counts
from app.web.asker import Here
from app.web.downloads import file_download, zip_download
from app.web.failures import status_of
from app.web.forms import FormInput
from app.web.notices import done
from app.web.render import render
from app.web.sessions import Reading
from app.web.who import Asking, Now, at_page, at_project

router = APIRouter()

Number = Annotated[int, Path(ge=1, le=10**9)]


class ReleaseForm(FormInput):
    format: Format = Format.CSV
    flavour: Flavour = Flavour.EXACT
    what: What = What.ALL
    unreviewed: bool = False
    pending: Pending = Pending.GIVEN

    def spec(self) -> ReleaseSpec:
        return ReleaseSpec(self.format, self.flavour, self.unreviewed, self.pending, self.what)


@dataclass(frozen=True, slots=True)
class ReleasesPage:
    slug: str
    releases: list[Release]
    jobs: dict[int, Job]
    makers: dict[int, str]
    later: int | None
    form: ReleaseForm
    statuses: dict[str, int]
    problem: Failure | None = None

    @property
    def examples(self) -> int:
        return sum(self.statuses.values())

    @property
    def waiting(self) -> int:
        return self.statuses.get("pending", 0)


@dataclass(frozen=True, slots=True)
class ReleasePage:
    slug: str
    release: Release
    job: Job | None
    maker: str
    files: list[ReleaseFile]
    here: bool
    warnings: list[str]


def _releases(
    session: Session,
    here: Here,
    *,
    before: int | None = None,
    form: ReleaseForm | None = None,
    problem: Failure | None = None,
) -> ReleasesPage:
    found = releases_of(session, here.project.id, before=before)
    return ReleasesPage(
        slug=here.project.slug,
        releases=found,
        jobs=jobs_of(session, here.project.id),
        makers=names_of_makers(session, found),
        later=found[-1].number if len(found) == PAGE else None,
        form=form or ReleaseForm(unreviewed=True),
        statuses=status_counts(session, here.project.id),
        problem=problem,
    )


@router.get("/p/{slug}/releases")
def releases(
    request: Request,
    slug: str,
    asker: Asking,
    session: Reading,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    return render(
        request, "releases/releases.html", _releases(session, here, before=before), at=here
    )


@router.post("/p/{slug}/releases")
def new_release(
    request: Request, slug: str, asker: Asking, form: Annotated[ReleaseForm, Form()], now: Now
) -> Response:
    engine = request.app.state.engine
    with reading(engine) as session:
        here = at_project(session, asker, slug, Role.LEAD)
    try:
        with writing(engine) as session:
            made = start_release(session, here.member, form.spec(), now=now)
    except Failure as problem:
        with reading(engine) as session:
            page = _releases(session, here, form=form, problem=problem)
        status = status_of(problem)
        return render(request, "releases/releases.html", page, at=here, status=status)
    return RedirectResponse(f"/p/{here.project.slug}/releases/{made.number}", 303)


@router.get("/p/{slug}/releases/{number}")
def release(
    request: Request, slug: str, number: Number, asker: Asking, session: Reading
) -> Response:
    here = at_page(request, session, slug, Role.LEAD)
    found = release_of(session, here.project.id, number)
    files = release_files(found)
    page = ReleasePage(
        slug=here.project.slug,
        release=found,
        job=jobs_of(session, here.project.id).get(found.id),
        maker=names_of_makers(session, [found]).get(found.id, ""),
        files=files,
        here=all(_there(request, found, file.name) for file in files),
        warnings=warnings_of(found.counts) if found.counts else [],
    )
    return render(request, "releases/release.html", page, at=here)


def _there(request: Request, found: Release, name: str) -> bool:
    try:
        file_path(request.app.state.settings, found, name)
    except NotFound:
        return False
    return True


@router.post("/p/{slug}/releases/{number}/stop")
def stop(request: Request, slug: str, number: Number, asker: Asking, now: Now) -> Response:
    with writing(request.app.state.engine) as session:
        here = at_project(session, asker, slug, Role.LEAD)
        found = release_of(session, here.project.id, number)
        job = jobs_of(session, here.project.id).get(found.id)
        if job is not None:
            state = queue.cancel(session, job.id, now=now)
            if state is JobState.CANCELLED and found.state is RunState.RUNNING:
                found.state, found.finished_at = RunState.CANCELLED, now
    return done(f"/p/{here.project.slug}/releases/{number}", "release_stopped")


@router.get("/p/{slug}/releases/{number}/files/{name}")
def download(
    request: Request, slug: str, number: Number, name: str, asker: Asking, session: Reading
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    found = release_of(session, here.project.id, number)
    return file_download(file_path(request.app.state.settings, found, name), name)


@router.get("/p/{slug}/releases/{number}/zip")
def download_all(
    request: Request, slug: str, number: Number, asker: Asking, session: Reading
) -> Response:
    here = at_project(session, asker, slug, Role.LEAD)
    found = release_of(session, here.project.id, number)
    files = release_files(found)
    if not files:
        raise NotFound()
    paths = [file_path(request.app.state.settings, found, file.name) for file in files]
    return zip_download(paths, f"{here.project.slug}-release-{number}.zip")
