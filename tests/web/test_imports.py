"""The import wizard over HTTP: check, answer, import, cancel; a list of what was left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.actions import importing
from app.actions.storage import Storage
from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example
from app.db.tables.jobs import Job
from app.db.words import ImportState, JobState
from tests.web.cast import Cast

ROWS = "id,text,label\n1,where is my card,card\n2,top up failed,top_up\n3,broken\n4,lost it,card\n"


def work(cast: Cast) -> None:
    """Do what the worker would do with the waiting jobs."""
    storage = Storage(cast.engine, BlobStore(cast.app.state.settings.blob_directory))
    with reading(cast.engine) as session:
        jobs = session.query(Job).filter(Job.state == JobState.WAITING).order_by(Job.id).all()
    for job in jobs:
        if job.task == "import_check":
            importing.check_file(storage, job.arguments["import_id"])
        elif job.task == "import_commit":
            importing.commit_file(storage, job.arguments["import_id"], by=None, now=cast.now)
        with writing(cast.engine) as session:
            session.get_one(Job, job.id).state = JobState.DONE


def send(cast: Cast, content: str = ROWS, name: str = "questions.csv") -> str:
    reply = cast.lead.post(
        f"/p/{cast.project.slug}/import", files={"file": (name, content.encode(), "text/csv")}
    )
    assert reply.status_code == 303, reply.text
    return str(reply.headers["location"])


def test_a_file_is_checked_then_its_good_rows_are_imported(cast: Cast) -> None:
    page = send(cast)
    assert "Waiting for a worker" in cast.lead.get(page).text
    work(cast)
    checked = cast.lead.get(page)
    assert "Import the 3 good rows" in checked.text
    for value in ("where is my card", "top_up", "lost it"):
        assert f'dir="auto">{value}</td>' in checked.text, "the first rows, as they were read"
    assert cast.lead.post(f"{page}/commit").status_code == 303
    work(cast)
    assert "3 imported, 1 left out." in cast.lead.get(page).text
    with reading(cast.engine) as session:
        assert session.query(Example).count() == 3
    listed = cast.lead.get(f"{page}/left-out.csv")
    assert listed.headers["content-disposition"].startswith("attachment")
    assert len(listed.text.splitlines()) == 2


def test_the_same_file_twice_is_one_import(cast: Cast) -> None:
    assert send(cast) == send(cast)


def test_cancelling_imports_nothing(cast: Cast) -> None:
    page = send(cast)
    work(cast)
    cast.lead.post(f"{page}/cancel")
    assert "Nothing of this file was imported" in cast.lead.get(page).text
    assert cast.lead.post(f"{page}/commit").status_code == 409
    with reading(cast.engine) as session:
        assert session.query(Example).count() == 0


def test_cancelling_what_no_worker_has_begun_imports_nothing(cast: Cast) -> None:
    page = send(cast)
    cast.lead.post(f"{page}/cancel")
    assert "Nothing of this file was imported" in cast.lead.get(page).text
    with reading(cast.engine) as session:
        assert session.query(DataImport).one().state is ImportState.CANCELLED
        assert session.query(Job).one().state is JobState.CANCELLED


@pytest.mark.parametrize("said", ["rot13", "base64", "klingon"])
def test_an_encoding_that_is_none_is_told(cast: Cast, said: str) -> None:
    url = f"/api/v1/projects/{cast.project.slug}/imports"
    mapping = {"encoding": said, "separator": ","}
    reply = cast.lead.post(
        url, files={"file": ("q.csv", ROWS.encode())}, data={"mapping": json.dumps(mapping)}
    )
    assert reply.status_code == 200, reply.text
    work(cast)
    shown = cast.lead.get(f"{url}/{reply.json()['id']}").json()
    assert [stop["code"] for stop in shown["stops"]] == ["E102"]


def test_no_file_says_so(cast: Cast) -> None:
    reply = cast.lead.post(f"/p/{cast.project.slug}/import", files={})
    assert reply.status_code == 422
    assert "No file was chosen" in reply.text


def test_other_roles_are_read_again(cast: Cast) -> None:
    page = send(cast, "a,b\nhello,x\nbye,y\n")
    work(cast)
    reply = cast.lead.post(f"{page}/roles", data={"text": "a", "label": "b", "id": ""})
    assert reply.status_code == 303
    work(cast)
    assert "Import the 2 good rows" in cast.lead.get(reply.headers["location"]).text


def test_programs_import_and_follow_the_job(cast: Cast) -> None:
    url = f"/api/v1/projects/{cast.project.slug}/imports"
    reply = cast.lead.post(url, files={"file": ("q.csv", ROWS.encode())})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    job = cast.lead.get(f"/api/v1/projects/{cast.project.slug}/jobs/{found['job']}").json()
    assert (job["state"], job["no_worker"]) == ("waiting", True)
    work(cast)
    shown = cast.lead.get(f"{url}/{found['id']}").json()
    assert (shown["state"], shown["rows_good"], shown["ready"]) == ("staged", 3, True)
    assert cast.lead.post(f"{url}/{found['id']}/commit", json={}).status_code == 200
    work(cast)
    assert cast.lead.get(f"{url}/{found['id']}").json()["state"] == "done"


@pytest.mark.parametrize("mapping", ["[]", "{", '{"url": "file:///etc/passwd"}', '{"text": 1}'])
def test_a_mapping_that_makes_no_sense_is_refused(cast: Cast, mapping: str) -> None:
    reply = cast.lead.post(
        f"/api/v1/projects/{cast.project.slug}/imports",
        files={"file": ("q.csv", ROWS.encode())},
        data={"mapping": mapping},
    )
    assert reply.status_code == 422
    assert reply.json()["code"] == "mapping"


def test_only_leads_import(cast: Cast) -> None:
    page = send(cast)
    assert cast.reviewer.get(page).status_code in (403, 404)
    assert cast.stranger.get(page).status_code == 404
    with reading(cast.engine) as session:
        assert session.query(DataImport).count() == 1


def test_scoring_can_be_started_and_stopped(cast: Cast) -> None:
    page = f"/p/{cast.project.slug}/scoring"
    assert "No scoring yet" in cast.lead.get(page).text
    assert cast.lead.post(page, data={"method": "phi", "eps": "0.1"}).status_code == 303
    assert "Running now" in cast.lead.get(page).text
    with reading(cast.engine) as session:
        job = session.query(Job).one()
        assert job.arguments["method"] == "phi"
    cast.lead.post(f"{page}/stop", data={"job": str(job.id)})
    assert "Running now" not in cast.lead.get(page).text
    bad = cast.lead.post(f"/api/v1/projects/{cast.project.slug}/scoring", json={"method": "magic"})
    assert (bad.status_code, bad.json()["code"]) == (422, "unknown_method")


def test_a_group_column_is_guessed_kept_and_shown(cast: Cast) -> None:
    page = send(cast, "id,text,label,patient\n1,cough,a,p7\n2,fever,b,p7\n3,rash,a,p9\n")
    work(cast)
    assert "Group (kept together when models are tested)" in cast.lead.get(page).text
    cast.lead.post(f"{page}/commit")
    work(cast)
    with reading(cast.engine) as session:
        found = session.query(Example).order_by(Example.id).all()
    assert [one.group_key for one in found] == ["p7", "p7", "p9"]
    shown = cast.lead.get(f"/p/{cast.project.slug}/examples/{found[2].id}").text
    assert '<th scope="row">Group</th><td><bdi>p9</bdi>' in shown


def test_a_chosen_group_longer_than_can_be_kept_leaves_its_row_out(cast: Cast) -> None:
    page = send(cast, f"id,text,label,user\n1,cough,a,{'u' * 201}\n2,fever,b,u\n3,rash,a,u\n")
    work(cast)
    roles = {"text": "text", "label": "label", "id": "id", "group": "user"}
    cast.lead.post(f"{page}/roles", data=roles)
    work(cast)
    words = cast.lead.get(page).text
    assert "E118" in words and "Import the 2 good rows" in words
