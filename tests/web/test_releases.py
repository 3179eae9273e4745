"""Releases over HTTP: made by the worker, downloaded by leads, by page and by program."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db.engine import reading, writing
from app.db.tables.releases import Release
from app.db.words import JobState, Reason, Role, RunState, Verdict
from app.jobs.task import JobInHand
from app.releases.formats.registry import FLAVOURS, FORMATS
from app.releases.under_way import release_ended
from app.releases.verify import verify
from app.settings import Settings
from app.worker import open_work
from tests.releases.worlds import bring
from tests.review.conftest import World
from tests.web.cast import Cast

NAMES = ["data.csv", "events.jsonl", "given.jsonl", "labels.json", "manifest.json", "removed.csv"]


@pytest.fixture
def filled(cast: Cast) -> World:
    """The cast's project with twelve examples; a change of one and a removal wait."""
    from app.datasets.labels import NOT_YET, NewLabel, add_labels

    world = World(cast.engine, project_id=cast.project.id)
    with writing(cast.engine) as session:
        new = [NewLabel(name) for name in ("alpha", "beta", "gamma")]
        ids = add_labels(session, cast.project.id, new, revision=NOT_YET)
    world.labels = [ids[name] for name in ("alpha", "beta", "gamma")]
    bring(world, examples=12)
    ann = world.person("ann", Role.EXPERT)  # who may answer directly
    one, two = world.examples[:2]
    world.answer(ann, None, Verdict.RELABEL, world.labels[2], example_id=one)
    world.answer(ann, None, Verdict.REMOVE, example_id=two, reason=Reason.DUPLICATE)
    return world


@pytest.fixture
def work(cast: Cast, settings: Settings) -> Callable[[], int]:
    return lambda: open_work(cast.engine, settings).until_idle()


def path(cast: Cast, end: str = "") -> str:
    return f"/p/{cast.project.slug}/releases{end}"


def test_a_lead_makes_a_release_and_downloads_it(
    cast: Cast, filled: World, work: Callable[[], int], tmp_path: Path
) -> None:
    page = cast.lead.get(path(cast)).text
    assert "No release yet" in page and "2 changes wait for a second reader" in page
    form = {"format": "csv", "what": "all", "unreviewed": "true", "pending": "column"}
    made = cast.lead.post(path(cast), data=form)
    assert made.status_code == 303 and made.headers["location"] == path(cast, "/1")
    assert "Being made" in cast.lead.get(path(cast, "/1")).text
    assert cast.lead.get(path(cast, "/1/zip")).status_code == 404
    work()
    page = cast.lead.get(path(cast, "/1")).text
    assert "Being made" not in page and "2 changes wait for a second reader" in page
    head = re.search(r"--head ([0-9a-f]{64})", page)
    assert head is not None
    whole = cast.lead.get(path(cast, "/1/zip"))
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert sorted(archive.namelist()) == NAMES
        archive.extractall(tmp_path / "unpacked")
    assert verify(tmp_path / "unpacked", head=head[1]).problems.lines() == []
    for name in NAMES:
        file = cast.lead.get(path(cast, f"/1/files/{name}"))
        assert file.content == (tmp_path / "unpacked" / name).read_bytes()
        assert file.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert file.headers["content-type"] == "application/octet-stream"
        assert "sandbox" in file.headers["content-security-policy"]


def test_the_page_offers_every_format_and_flavour_there_is(cast: Cast, filled: World) -> None:
    page = cast.lead.get(path(cast)).text
    for field, names in (("format", FORMATS), ("flavour", FLAVOURS)):
        assert re.findall(rf'name="{field}" value="(\w+)"', page) == list(names)
    assert all(known.words in page for known in (*FORMATS.values(), *FLAVOURS.values()))
    form = {"format": "parquet", "flavour": "spreadsheet", "unreviewed": "true"}
    assert cast.lead.post(path(cast), data=form).status_code == 303
    assert "Parquet" in cast.lead.get(path(cast, "/1")).text
    assert cast.lead.post(path(cast), data=form | {"format": "xls"}).status_code == 422


def test_only_leads_see_releases_and_nobody_reaches_other_files(
    cast: Cast, filled: World, work: Callable[[], int]
) -> None:
    cast.lead.post(path(cast), data={"unreviewed": "true"})
    work()
    for end in ("", "/1", "/1/zip", "/1/files/data.csv"):
        for client in (cast.reviewer, cast.expert, cast.stranger):
            assert client.get(path(cast, end)).status_code == 404
        assert cast.anonymous.get(path(cast, end)).status_code == 303
    api = f"/api/v1/projects/{cast.project.slug}/releases"
    for client in (cast.reviewer, cast.stranger):
        assert client.post(api, json={}).status_code == 404
        assert client.get(f"{api}/1/files/data.csv").status_code == 404
    for name in ("..%2frelabel.sqlite", "nothing.csv", ".", "data.csv%00", "%2e%2e"):
        assert cast.lead.get(path(cast, f"/1/files/{name}")).status_code in (400, 404), name


def test_a_program_does_the_same(cast: Cast, filled: World, work: Callable[[], int]) -> None:
    api = f"/api/v1/projects/{cast.project.slug}/releases"
    asked = cast.lead.post(api, json={"format": "jsonl", "what": "final"})
    assert asked.status_code == 201 and asked.json()["state"] == "running"
    again = cast.lead.post(api, json={"format": "jsonl", "what": "final"}).json()
    assert again["number"] == 1 and again["job"] == asked.json()["job"]
    work()
    made = cast.lead.get(f"{api}/1").json()
    assert made["state"] == "complete" and made["counts"]["rows"] == 0
    assert made["warnings"][0].startswith(
        "Every row was left out: 2 waiting for a second reader, 10 unreviewed"
    )
    assert len(made["head"]) == 64 and made["job"] is None
    media = {file["name"]: file["media_type"] for file in made["files"]}
    assert media["data.jsonl"] == media["events.jsonl"] == "application/jsonl"
    assert media["manifest.json"] == "application/json"
    assert cast.lead.get(f"{api}/1/files/data.jsonl").content == b""
    assert [one["number"] for one in cast.lead.get(api).json()["releases"]] == [1]
    assert cast.lead.post(api, json={"format": "xls"}).status_code == 422


def test_without_data_there_is_nothing_to_release(cast: Cast) -> None:
    assert "There is nothing to release yet" in cast.lead.get(path(cast)).text
    refused = cast.lead.post(path(cast), data={"unreviewed": "true"})
    assert refused.status_code == 409 and "Import a file first" in refused.text


def test_a_waiting_release_can_be_stopped_and_says_so(
    cast: Cast, filled: World, work: Callable[[], int]
) -> None:
    cast.lead.post(path(cast), data={"unreviewed": "true"})
    stopped = cast.lead.post(path(cast, "/1/stop"))
    assert stopped.status_code == 303
    assert "This release was stopped" in cast.lead.get(path(cast, "/1")).text
    assert work() == 0
    assert "Stopped" in cast.lead.get(path(cast)).text


def test_a_failed_release_says_why(cast: Cast, filled: World) -> None:
    cast.lead.post(path(cast), data={"unreviewed": "true"})
    with writing(cast.engine) as session:
        found = session.scalars(select(Release)).one()
        job = JobInHand(1, 1, "release", {"release_id": found.id}, cast.project.id, None, 3)
        release_ended(session, job, JobState.DEAD, "The disk is full.", cast.now)
    page = cast.lead.get(path(cast, "/1")).text
    assert "could not be made" in page and "The disk is full." in page
    with reading(cast.engine) as session:
        assert session.scalars(select(Release.state)).one() is RunState.FAILED
