"""Releases, for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.actions.releasing import make_release
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import Role, RunState
from app.releases.companions.registry import COMPANIONS
from app.releases.differences import since_of
from app.releases.formats.csv_file import CSV
from app.releases.formats.format import EXACT
from app.releases.formats.registry import FLAVOURS, FORMATS
from app.releases.options import Pending, ReleaseSpec, What
from app.releases.shelf import (
    PAGE,
    file_path,
    jobs_of,
    release_files,
    release_of,
    release_warnings,
    releases_of,
)
from app.web.downloads import file_download
from app.web.payloads import Chosen, OneOf, Payload
from app.web.who import Acting, Looking, at

router = APIRouter()
RELEASES = "/api/v1/projects/{slug}/releases"

Number = Annotated[int, Path(ge=1, le=10**9)]


class ReleasePayload(Payload):
    """Which rows, and how they are written; removed rows are always in a file of their own."""

    format: Annotated[str, OneOf(FORMATS)] = CSV.name
    flavour: Annotated[str, OneOf(FLAVOURS)] = EXACT.name
    unreviewed: bool = True
    pending: Chosen[Pending] = Pending.GIVEN
    what: Chosen[What] = What.ALL
    companions: list[Annotated[str, OneOf(COMPANIONS)]] = Field(default_factory=list, max_length=20)


class FileShown(BaseModel):
    name: str
    media_type: str
    size: int
    sha256: str


class SinceShown(BaseModel):
    """What is another than in the release before, in words."""

    release: int
    words: str


class ReleaseShown(BaseModel):
    """A release; `head` is the hash to keep apart from its files."""

    number: int
    state: RunState
    message: str
    spec: dict[str, Any]
    counts: dict[str, Any]
    warnings: list[str]
    since: SinceShown | None
    up_to: int | None
    head: str | None
    files: list[FileShown]
    created_at: datetime
    finished_at: datetime | None
    erased_at: datetime | None  # its files are deleted: they held an example that was erased
    job: int | None


class Releases(BaseModel):
    releases: list[ReleaseShown]
    next: int | None


def _shown(release: Release, job: Job | None) -> ReleaseShown:
    told = since_of(release)
    return ReleaseShown(
        number=release.number,
        state=release.state,
        message=release.message,
        spec=release.spec,
        counts=release.counts,
        warnings=release_warnings(release),
        since=SinceShown(release=told.release, words=told.words) if told else None,
        up_to=release.up_to_seq,
        head=release.head_hash.hex() if release.head_hash else None,
        files=[
            FileShown.model_validate(file, from_attributes=True) for file in release_files(release)
        ],
        created_at=release.created_at,
        finished_at=release.finished_at,
        erased_at=release.erased_at,
        job=job.id if job else None,
    )


@router.get(RELEASES)
def read_releases(
    slug: str, caller: Looking, before: Annotated[int | None, Query(ge=1, le=10**9)] = None
) -> Releases:
    project_id = at(caller, slug, Role.LEAD).project.id
    releases = releases_of(caller.session, project_id, before=before)
    jobs = jobs_of(caller.session, project_id)
    return Releases(
        releases=[_shown(release, jobs.get(release.id)) for release in releases],
        next=releases[-1].number if len(releases) == PAGE else None,
    )


@router.post(RELEASES, status_code=201)
def post_release(slug: str, payload: ReleasePayload, caller: Acting) -> ReleaseShown:
    return _shown(*make_release(caller, slug, ReleaseSpec.of(payload.model_dump())))


@router.get(RELEASES + "/{number}")
def read_release(slug: str, number: Number, caller: Looking) -> ReleaseShown:
    project_id = at(caller, slug, Role.LEAD).project.id
    release = release_of(caller.session, project_id, number)
    return _shown(release, jobs_of(caller.session, project_id).get(release.id))


@router.get(RELEASES + "/{number}/files/{name}")
def read_file(request: Request, slug: str, number: Number, name: str, caller: Looking) -> Response:
    project_id = at(caller, slug, Role.LEAD).project.id
    release = release_of(caller.session, project_id, number)
    return file_download(file_path(request.app.state.settings, release, name), name)
