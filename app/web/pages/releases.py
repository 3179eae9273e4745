"""Releases: what was made, a new one, and the files of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from app.actions.jobs import steps_of
from app.actions.releasing import make_release, stop_release
from app.actions.turn import Caller
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import Role, Status
from app.errors import Conflict, Failure, NotFound
from app.insights.counts import status_counts
from app.insights.last_audit import LastAudit, last_audit
from app.releases.companions.registry import COMPANIONS
from app.releases.differences import Since, since_of
from app.releases.formats.csv_file import CSV
from app.releases.formats.format import EXACT, FileFormat
from app.releases.formats.registry import FLAVOURS, FORMATS
from app.releases.options import Pending, ReleaseSpec, What
from app.releases.shelf import (
    PAGE,
    ReleaseFile,
    check_has_files,
    file_path,
    files_are_here,
    jobs_of,
    names_of_makers,
    release_files,
    release_of,
    release_warnings,
    releases_of,
)
from app.review.batches.filters import unseen_imports
from app.settings import Settings
from app.web.asker import Here
from app.web.downloads import file_download, zip_download
from app.web.failures import status_of
from app.web.forms import FormInput
from app.web.notices import done
from app.web.payloads import OneOf
from app.web.render import render
from app.web.who import Acting, Looking, at, at_page, viewer_of

router = APIRouter()

Number = Annotated[int, Path(ge=1, le=10**9)]
SPOT_CHECK = 10  # examples of each label, advised before a release


class ReleaseForm(FormInput):
    format: Annotated[str, OneOf(FORMATS)] = CSV.name
    flavour: Annotated[str, OneOf(FLAVOURS)] = EXACT.name
    what: What = What.ALL
    unreviewed: bool = False
    pending: Pending = Pending.GIVEN
    companions: list[Annotated[str, OneOf(COMPANIONS)]] = Field(default_factory=list, max_length=20)

    def spec(self) -> ReleaseSpec:
        return ReleaseSpec.of(self.model_dump())


@dataclass(frozen=True, slots=True)
class ReleasesPage:
    slug: str
    releases: list[Release]
    jobs: dict[int, Job]
    steps: dict[int, str]
    makers: dict[int, str]
    later: int | None
    form: ReleaseForm
    statuses: Mapping[Status, int]
    audited: LastAudit
    unserved: int  # what a check could still draw from
    problem: Failure | None = None
    formats: ClassVar[Mapping[str, FileFormat]] = FORMATS
    spot_check: ClassVar[int] = SPOT_CHECK

    @property
    def audit_first(self) -> bool:
        """Nobody knows how right the labels are now, and it can still be asked."""
        return self.unserved > 0 and (self.audited.at is None or self.audited.old)

    def since(self, release: Release) -> Since | None:
        return since_of(release)

    @property
    def examples(self) -> int:
        return sum(self.statuses.values())

    @property
    def waiting(self) -> int:
        return self.statuses.get(Status.PENDING, 0)

    @property
    def format_choices(self) -> list[tuple[str, str]]:
        return [(known.name, known.words) for known in self.formats.values()]

    @property
    def flavour_choices(self) -> list[tuple[str, str, str]]:
        return [(known.name, known.words, known.hint) for known in FLAVOURS.values()]

    @property
    def companion_choices(self) -> list[tuple[str, str, str]]:
        return [(one.name, one.words, one.hint) for one in COMPANIONS.values()]

    @property
    def cells_of(self) -> str:
        """The formats whose cells can be written in more than one way."""
        several = (known.words for known in self.formats.values() if len(known.flavours) > 1)
        return " and ".join(several)


@dataclass(frozen=True, slots=True)
class ReleasePage:
    slug: str
    release: Release
    job: Job | None
    steps: dict[int, str]
    maker: str
    files: list[ReleaseFile]
    here: bool
    warnings: list[str]
    since: Since | None
    formats: ClassVar[Mapping[str, FileFormat]] = FORMATS


def _releases(here: Here, caller: Caller, before: int | None = None) -> ReleasesPage:
    session, project_id = caller.session, here.project.id
    releases = releases_of(session, project_id, before=before)
    unseen, jobs = unseen_imports(session, project_id), jobs_of(session, project_id)
    return ReleasesPage(
        slug=here.project.slug,
        releases=releases,
        jobs=jobs,
        steps=steps_of(session, jobs.values()),
        makers=names_of_makers(session, releases),
        later=releases[-1].number if len(releases) == PAGE else None,
        form=ReleaseForm(unreviewed=True),
        statuses=status_counts(session, project_id, unseen),
        audited=last_audit(session, here.project, viewer_of(caller)),
        unserved=here.project.unserved,
    )


@router.get("/p/{slug}/releases")
def releases(
    request: Request,
    slug: str,
    caller: Looking,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    return render(request, "releases/releases.html", _releases(here, caller, before), at=here)


@router.post("/p/{slug}/releases")
def new_release(
    request: Request, slug: str, caller: Acting, form: Annotated[ReleaseForm, Form()]
) -> Response:
    here = at(caller, slug, Role.LEAD)
    try:
        release = make_release(caller, slug, form.spec()).release
    except Conflict as problem:
        page = replace(_releases(here, caller), form=form, problem=problem)
        status = status_of(problem)
        return render(request, "releases/releases.html", page, at=here, status=status)
    return RedirectResponse(f"/p/{here.project.slug}/releases/{release.number}", 303)


def _release(here: Here, caller: Caller, release: Release, settings: Settings) -> ReleasePage:
    job = jobs_of(caller.session, here.project.id).get(release.id)
    return ReleasePage(
        slug=here.project.slug,
        release=release,
        job=job,
        steps=steps_of(caller.session, [job]),
        maker=names_of_makers(caller.session, [release]).get(release.id, ""),
        files=release_files(release),
        here=files_are_here(settings, release),
        warnings=release_warnings(release),
        since=since_of(release),
    )


@router.get("/p/{slug}/releases/{number}")
def release(request: Request, slug: str, number: Number, caller: Looking) -> Response:
    here = at_page(request, caller.session, slug, Role.LEAD)
    release = release_of(caller.session, here.project.id, number)
    page = _release(here, caller, release, request.app.state.settings)
    return render(request, "releases/release.html", page, at=here)


@router.post("/p/{slug}/releases/{number}/stop")
def stop(slug: str, number: Number, caller: Acting) -> Response:
    here = at(caller, slug, Role.LEAD)
    stop_release(caller, slug, number)
    return done(f"/p/{here.project.slug}/releases/{number}", "release_stopped")


@router.get("/p/{slug}/releases/{number}/files/{name}")
def download(request: Request, slug: str, number: Number, name: str, caller: Looking) -> Response:
    here = at(caller, slug, Role.LEAD)
    release = release_of(caller.session, here.project.id, number)
    return file_download(file_path(request.app.state.settings, release, name), name)


@router.get("/p/{slug}/releases/{number}/zip")
def download_all(request: Request, slug: str, number: Number, caller: Looking) -> Response:
    here = at(caller, slug, Role.LEAD)
    release = release_of(caller.session, here.project.id, number)
    check_has_files(release)
    files = release_files(release)
    if not files:
        raise NotFound()
    paths = [file_path(request.app.state.settings, release, file.name) for file in files]
    return zip_download(paths, f"{here.project.slug}-release-{number}.zip")
