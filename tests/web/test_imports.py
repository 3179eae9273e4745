"""The import wizard over HTTP: check, answer, import, cancel; a list of what was left out."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from app.actions import importing
from app.actions.storage import Storage
from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Label, Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import ScoringRun
from app.db.words import ImportState, JobState, RunState
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
    assert "Waits for a worker: none is running" in cast.lead.get(page).text
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
    reply = cast.lead.post(f"{page}/columns", data={"column": ["a", "b"], "use": ["text", "label"]})
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
    assert job["waits_for"] == "waits for a worker: none is running"
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
    uses = {"column": ["id", "text", "label", "user"], "use": ["id", "text", "label", "group"]}
    assert cast.lead.post(f"{page}/columns", data=uses).status_code == 303
    work(cast)
    words = cast.lead.get(page).text
    assert "E118" in words and "Import the 2 good rows" in words


TABLE = "msg;said;topic\n1;where is my card;card\n2;top up failed;top_up\n3;lost it;\n"


def columns_of_page(text: str) -> list[tuple[str, str, str, str, str]]:
    """Each line of the table of columns: name, use, first values, filled, different."""
    body = text.partition('class="uses"')[2].partition("</tbody>")[0]
    lines = []
    for row in body.split("<tr")[2:]:
        cells = [" ".join(re.sub("<[^>]*>", " ", one).split()) for one in row.split("</td>")]
        chosen = re.search(r'<option value="([^"]*)" selected', row)
        name = re.search(r'name="column" value="([^"]*)"', row)
        assert name is not None
        use = chosen[1] if chosen else ""
        lines.append((name[1], use, cells[1], cells[2], cells[3]))
    return lines


def test_a_line_a_column_with_its_first_values_and_how_full_it_is(cast: Cast) -> None:
    page = send(cast, TABLE)
    work(cast)
    assert (
        cast.lead.post(
            f"{page}/columns",
            data={"column": ["msg", "said", "topic"], "use": ["id", "text", "label"]},
        )
        .headers["location"]
        .endswith(page)
    )
    work(cast)
    shown = cast.lead.get(page).text
    assert columns_of_page(shown) == [
        ("msg", "id", "1 2 3", "100%", "3"),
        ("said", "text", "where is my card top up failed lost it", "100%", "3"),
        ("topic", "label", "card top_up", "66.7%", "2"),
    ]
    assert '<p class="example-text" dir="auto">where is my card</p>' in shown
    assert "came with the label <strong><bdi>card</bdi></strong>" in shown


def test_a_choice_that_was_not_read_again_is_not_imported(cast: Cast) -> None:
    """The lead chose the label's column and pressed Import at once: no row loses its label."""
    page = send(cast, "said,topic\nwhere is my card,card\ntop up failed,top_up\n")
    work(cast)
    with reading(cast.engine) as session:
        found = session.query(DataImport).one()
        shown = found.mapping_hash
    form = {"column": ["said", "topic"], "use": ["text", "label"], "shown": shown}
    read = columns_of_page(cast.lead.get(page).text)
    if read[1][1] != "label":  # else it was guessed
        reply = cast.lead.post(f"{page}/commit", data=form)
        assert reply.status_code == 409
        assert "You chose another use for column topic" in html.unescape(reply.text)
    reply = cast.lead.post(f"{page}/columns", data=form)
    work(cast)
    reply = cast.lead.post(f"{page}/commit", data={**form, "use": ["text", ""]})
    assert reply.status_code == 409
    with reading(cast.engine) as session:
        assert session.query(Example).count() == 0
        form["shown"] = session.query(DataImport).one().mapping_hash
    assert cast.lead.post(f"{page}/commit", data=form).status_code == 303
    work(cast)
    with reading(cast.engine) as session:
        assert session.query(Example).filter(Example.given_label_id.is_not(None)).count() == 2


def test_what_was_read_another_way_meanwhile_is_not_imported(cast: Cast) -> None:
    url = f"/api/v1/projects/{cast.project.slug}/imports"
    first = cast.lead.post(url, files={"file": ("q.csv", ROWS.encode())}).json()
    work(cast)
    read = f"{url}/{first['id']}"
    seen = cast.lead.get(read).json()["read_as"]
    assert cast.lead.post(f"{read}/roles", json={"source": "-"}).status_code == 200
    work(cast)
    reply = cast.lead.post(f"{read}/commit", json={"shown": seen})
    assert (reply.status_code, reply.json()["code"]) == (409, "read_again")
    now = cast.lead.get(read).json()["read_as"]
    assert cast.lead.post(f"{read}/commit", json={"shown": now}).status_code == 200


def test_two_columns_for_one_role_are_told(cast: Cast) -> None:
    page = send(cast, "a,b,c\nhello,x,y\nbye,y,x\n")
    work(cast)
    reply = cast.lead.post(
        f"{page}/columns", data={"column": ["a", "b", "c"], "use": ["text", "label", "label"]}
    )
    assert reply.status_code == 422
    assert "2 columns are used as Given label: b, c." in html.unescape(reply.text)


def test_after_an_import_the_page_says_what_the_model_reads_otherwise(cast: Cast) -> None:
    page = send(cast)
    work(cast)
    cast.lead.post(f"{page}/commit")
    work(cast)
    ranking = cast.lead.get(page).text
    assert "Ranking them" in ranking and 'value="review"' not in ranking, "no suspect stands yet"
    with writing(cast.engine) as session:
        session.query(Job).update({"state": JobState.DONE})
        project = session.get_one(Project, cast.project.id)
        run = ScoringRun(
            project_id=project.id, number=9, state=RunState.COMPLETE, seed=1, started_at=cast.now
        )
        session.add(run)
        session.flush()
        project.run_id = run.id
        labels = {one.name: one.id for one in session.query(Label)}
        run.findings = {
            "labels": 3,
            "otherwise": 2,
            "qualities": [(3, 2)],
            "pairs": [(labels["card"], labels["top_up"], 2)],
            "pairs_in_all": 1,
            "samples": {},
        }
    text = " ".join(re.sub("<[^>]*>", "", html.unescape(cast.lead.get(page).text)).split())
    assert "The model reads 2 of 3 labels otherwise. Most often card as Top up (2)." in text
    shown = cast.lead.get(page).text
    assert f'href="/p/{cast.project.slug}/batches/new?size=3"' in shown
    assert 'name="size" value="3"' in shown and 'name="step" value="review"' in shown
    made = {"size": "3", "step": "review"}
    desk = cast.lead.post(f"/p/{cast.project.slug}/batches/new", data=made)
    assert (desk.status_code, desk.headers["location"]) == (303, "/review/1")
    claimed = cast.lead.post("/api/v1/batches/1/claim", json={"want": 8}).json()["examples"]
    assert len(claimed) == 3


@pytest.mark.parametrize("state", list(ImportState))
def test_every_state_of_an_import_has_its_page(cast: Cast, state: ImportState) -> None:
    """Also of one that says little of itself, as imports of old do."""
    with writing(cast.engine) as session:
        old = DataImport(
            project_id=cast.project.id,
            state=state,
            file_name="old.csv",
            sha256="e" * 64,
            size=1,
            mapping={},
            mapping_hash="old",
            report={},
            rows_good=7,
            created_at=cast.now,
        )
        session.add(old)
        session.flush()
        page = f"/p/{cast.project.slug}/import/{old.id}"
    shown = cast.lead.get(page)
    assert shown.status_code == 200 and "old.csv" in shown.text
