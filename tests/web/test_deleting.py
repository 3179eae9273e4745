"""A deleted project is hidden everywhere at once, comes back within 30 days, and then is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.actions.tasks.registry import TASKS
from app.datasets.projects import KEPT
from app.db.engine import database_now, reading, writing
from app.db.tables.datasets import Project
from app.db.tables.jobs import Job
from app.db.words import JobState
from app.errors import NotFound
from app.jobs.queue import claim
from app.worker import open_work
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.seeded import open_batch, seed

API = "/api/v1/projects/support-intents"
NAME = "Support intents"


def delete(cast: Cast) -> None:
    reply = cast.lead.post(f"{API}/delete", json={"name": NAME})
    assert reply.status_code == 200, reply.text


def test_it_is_hidden_from_everybody_at_every_door(cast: Cast) -> None:
    seeded = seed(cast)
    batch = open_batch(cast, size=5)
    assert cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json={"want": 2}).status_code == 200
    delete(cast)
    addresses = (
        "/p/support-intents",
        f"/p/support-intents/examples/{seeded.examples[0]}",
        "/p/support-intents/settings/general",
        API,
        f"{API}/examples",
        "/api/v1/projects/Support%20intents",
        f"/review/{batch}",
    )
    for who in (cast.lead, cast.reviewer, cast.admin, cast.stranger):
        assert [who.get(one).status_code for one in addresses] == [404] * len(addresses)
        assert NAME not in who.get("/").text
    for who in (cast.lead, cast.admin, cast.reviewer):
        assert who.get("/api/v1/projects").json() == []
    assert cast.reviewer.post(f"/api/v1/batches/{batch}/claim", json={"want": 2}).status_code == 404


def test_the_name_must_be_typed(cast: Cast) -> None:
    reply = cast.lead.post("/p/support-intents/settings/delete", data={"name": "support-intents"})
    assert reply.status_code == 422 and "Type Support intents to delete it." in reply.text
    for one in (cast.reviewer, cast.expert, cast.stranger):
        assert one.post(f"{API}/delete", json={"name": NAME}).status_code == 404
    assert cast.lead.get(API).status_code == 200
    done = cast.lead.post("/p/support-intents/settings/delete", data={"name": f" {NAME} "})
    assert done.headers["location"] == "/projects?done=project_deleted"
    assert "30 days" in cast.lead.get("/projects?done=project_deleted").text
    assert cast.lead.get(API).status_code == 404


@pytest.mark.parametrize("archived", [False, True])
def test_a_lead_or_an_admin_brings_it_back_as_it_was(cast: Cast, archived: bool) -> None:
    seed(cast)
    cast.lead.patch(API, json={"archived": archived})
    before = cast.lead.get(API).json(), cast.lead.get(f"{API}/examples").json()
    for who in (cast.lead, cast.admin):
        cast.step(minutes=1)
        delete(cast)
        listed = who.get("/api/v1/deleted-projects").json()
        assert [one["name"] for one in listed] == [NAME]
        assert NAME in who.get("/projects").text
        project_id = listed[0]["id"]
        for other in (cast.reviewer, cast.stranger):
            assert other.get("/api/v1/deleted-projects").json() == []
            assert other.post(f"/projects/{project_id}/restore").status_code == 404
        assert who.post(f"/projects/{project_id}/restore").status_code == 303
        assert (cast.lead.get(API).json(), cast.lead.get(f"{API}/examples").json()) == before
        assert who.post(f"/projects/{project_id}/restore").status_code == 404
    with reading(cast.engine) as session:
        removals = select(Job.state).where(Job.task == "remove_project")
        assert session.scalars(removals).all() == [JobState.CANCELLED, JobState.CANCELLED]


def test_the_command_does_the_same(cast: Cast) -> None:
    said = command(cast, "delete", "support intents", "--name", NAME)
    assert f"{NAME} is hidden now" in said
    with pytest.raises(NotFound):
        command(cast, "delete", NAME, "--name", NAME)
    with pytest.raises(NotFound, match="support-intents"):
        command(cast, "delete", "something", "--undo")
    assert command(cast, "delete", NAME, "--undo") == f"{NAME} is back.\n"
    assert cast.lead.get(API).status_code == 200


def test_after_thirty_days_a_worker_removes_it_with_its_files(cast: Cast) -> None:
    settings = cast.app.state.settings
    shared, own = b"id,text,label\n1,a,x\n2,b,y\n", b"id,text,label\n3,c,x\n4,d,y\n"
    other = cast.lead.post("/api/v1/projects", json={"name": "Other", "data_type": "text"}).json()
    for slug, content in (
        ("support-intents", shared),
        ("support-intents", own),
        (other["slug"], shared),
    ):
        files = {"file": ("a.csv", content)}
        assert cast.lead.post(f"/api/v1/projects/{slug}/imports", files=files).status_code == 200
    blobs = {path.name for path in _files(settings.blob_directory)}
    command(cast, "delete", NAME, "--name", NAME)  # by the clock of the database, as workers are
    open_work(cast.engine, settings).until_idle()
    with writing(cast.engine) as session:
        assert session.get(Project, cast.project.id) is not None, "its time is not over"
        past = database_now(session) - 2 * KEPT
        session.execute(
            update(Project).where(Project.deleted_at.is_not(None)).values(deleted_at=past)
        )
        _due_now(session)
    open_work(cast.engine, settings).until_idle()
    with reading(cast.engine) as session:
        assert session.scalars(select(Project.slug)).all() == [other["slug"]]
    gone = blobs - {path.name for path in _files(settings.blob_directory)}
    assert gone and len(gone) < len(blobs)
    assert cast.lead.get("/api/v1/deleted-projects").json() == []


def _due_now(session: Session) -> None:
    now = database_now(session)
    session.execute(update(Job).where(Job.task == "remove_project").values(run_after=now))


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_removal_waits_for_its_day(cast: Cast) -> None:
    command(cast, "delete", NAME, "--name", NAME)
    with writing(cast.engine) as session:
        now = database_now(session)
        assert claim(session, "w", TASKS, now=now + KEPT / 2) is None
        job = claim(session, "w", TASKS, now=now + 2 * KEPT)
        assert job is not None and job.task == "remove_project"
