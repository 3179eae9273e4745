"""An example is erased, at every door: its text is nowhere, and every number stays right."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from app.actions.estimating import estimate_project
from app.actions.tasks.registry import TASKS
from app.datasets.blobs import BlobStore
from app.db.engine import reading, writing
from app.db.tables.accounts import Activity
from app.db.tables.audit import Estimate, Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.jobs import Job
from app.db.tables.ranking import Score
from app.db.tables.review import Disagreement, Event, Lease, Note, ReadDue
from app.db.types import Table
from app.db.words import EventKind, JobState, Status, Stream
from app.errors import Failure
from app.insights.doctor import examine
from app.jobs.task import AtWork, JobInHand
from app.progress import quiet
from app.releases.verify import verify
from app.review.books.forgotten import forgotten, misled
from tests.releases import third_party
from tests.web.cast import Actor, Cast
from tests.web.console import command
from tests.web.seeded import answer, claim, open_batch
from tests.web.test_imports import work

SLUG = "support-intents"
API = f"/api/v1/projects/{SLUG}"
WORDS = "my neighbour Zebulon Quax owes me money"
KEY = "case-quax-17"
CELL = "flat 9, Quaxington Mews"
SECRETS = (WORDS, "Zebulon Quax", KEY, "Quaxington", "Quaxnote")
ROWS = [
    ("id", "text", "label", "where"),
    (KEY, WORDS, "weather", CELL),
    ("b", "a late goal", "sport", "here"),
    ("c", "sun at noon", "weather", "here"),
    ("d", "a fine match", "sport", "there"),
    ("e", "hail and wind", "weather", "there"),
]
FILE = "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS).encode()


def bring(cast: Cast, content: bytes = FILE, *, name: str = "rows.csv") -> int:
    reply = cast.lead.post(
        f"{API}/imports", files={"file": (name, content)}, data={"mapping": json.dumps({})}
    )
    assert reply.status_code == 200, reply.text
    import_id: int = reply.json()["id"]
    work(cast)
    reply = cast.lead.post(f"{API}/imports/{import_id}/commit")
    assert reply.status_code == 200, reply.text
    work(cast)
    return import_id


def id_of(cast: Cast, key: str = KEY) -> int:
    with reading(cast.engine) as session:
        here = Example.project_id == cast.project.id, Example.key == key
        return session.scalars(select(Example.id).where(*here)).one()


def by_page(cast: Cast, example: int) -> None:
    page = f"/p/{SLUG}/examples/{example}"
    assert f"{page}/erase" in cast.lead.get(page).text
    assert KEY in cast.lead.get(f"{page}/erase").text
    reply = cast.lead.post(f"{page}/erase", data={"confirm": KEY})
    assert reply.status_code == 303, reply.text
    delete_files(cast)


def by_api(cast: Cast, example: int) -> None:
    reply = cast.lead.post(f"{API}/examples/{example}/erase", json={"confirm": KEY})
    assert reply.status_code == 200, reply.text
    assert reply.json()["example"] == example
    delete_files(cast)


def by_command(cast: Cast, example: int) -> None:
    assert "is erased" in command(cast, "erase", "example", SLUG, KEY, "--yes")


Way = Callable[[Cast, int], None]
each_way = pytest.mark.parametrize("way", [by_page, by_api, by_command])


def delete_files(cast: Cast) -> None:
    """What the worker does with the job that erasing asked for."""
    with reading(cast.engine) as session:
        jobs = select(Job).where(Job.task == "erase_files", Job.state == JobState.WAITING)
        waiting = session.scalars(jobs).all()
    assert waiting
    cast.engine.dispose()  # who reads for long keeps the log of SQLite from being emptied
    for job in waiting:
        hold = JobInHand(job.id, 0, job.task, job.arguments, job.project_id, None, 1)
        at = AtWork(cast.engine, cast.app.state.settings, hold, quiet)
        assert TASKS[job.task].work(at) == {"clean": True}
        with writing(cast.engine) as session:
            session.get_one(Job, job.id).state = JobState.DONE


def traces(cast: Cast, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """Where a secret is left: in a column of any table, or in a file of the data directory."""
    found = []
    with reading(cast.engine) as session:
        for table in Table.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                told = {name: _text(value) for name, value in row.items()}
                found += [
                    f"{table.name}.{name}: {told[name][:80]}"
                    for name in told
                    if any(secret in told[name] for secret in secrets)
                ]
    cast.engine.dispose()
    for path in _files(cast):
        content = path.read_bytes()
        found += [str(path) for secret in secrets if secret.encode() in content]
    return found


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return json.dumps(value, ensure_ascii=False, default=str)


def _files(cast: Cast) -> Iterator[Path]:
    """Of the data directory, and those of SQLite, wherever they lie."""
    yield from (path for path in cast.app.state.settings.data.rglob("*") if path.is_file())
    if cast.engine.dialect.name == "sqlite":
        database = Path(str(cast.engine.url.database))
        yield from (path for path in database.parent.glob(f"{database.name}*") if path.is_file())


def whole(cast: Cast) -> None:
    with reading(cast.engine) as session:
        assert list(examine(session, session.get_one(Project, cast.project.id))) == []
        assert forgotten(session, cast.project.id) == misled(session, cast.project.id) == []


def released(cast: Cast, out: Path) -> dict[str, Any]:
    """A new release, which our verifier and the other one find whole; its counts."""
    command(cast, "release", SLUG, "--out", str(out))
    assert verify(out).problems.lines() == []
    third_party.verify(out)
    manifest: dict[str, Any] = json.loads((out / "manifest.json").read_text())
    counts: dict[str, Any] = manifest["release"]["counts"]
    return counts


def status_of(cast: Cast, example: int) -> Status:
    with reading(cast.engine) as session:
        return session.get_one(Example, example).status


@each_way
def test_no_filter_that_finds_it_alone_says_what_it_looked_for(cast: Cast, way: Way) -> None:
    """An id is searched for, kept as a view, and a batch is made of it; others stay as they are."""
    bring(cast)
    example = id_of(cast)
    for name, text in (("One", KEY.upper()), ("Two", "zebulon QUAX"), ("Three", "a")):
        view = {"name": name, "filter": urlencode({"q": text})}
        assert cast.lead.post(f"{API}/views", json=view).status_code == 201
    plan = {"by": "filter", "filter": f"q={KEY}&quality=1"}
    assert cast.lead.post(f"{API}/recurring", json={"every": "day", **plan}).is_success
    made = cast.lead.post(f"{API}/batches", json={"by": "view", "view": 2})
    assert made.status_code == 201 and "zebulon QUAX" in made.json()["name"], made.text
    way(cast, example)
    assert traces(cast, (KEY, KEY.upper(), "Quax", "QUAX")) == []
    views = {one["name"]: one["words"] for one in cast.lead.get(f"{API}/views").json()["views"]}
    assert views == {"One": "text: (erased)", "Three": "text: a", "Two": "text: (erased)"}
    told = cast.lead.get(f"{API}/recurring").json()["recurring"][0]
    assert told["rule"] == "Filter: quality < 1.0, text: (erased)"
    (batch,) = cast.lead.get(f"{API}/batches").json()["batches"]
    assert batch["name"] == "Two (text: (erased)), 1 of them"
    assert batch["name"] in unescape(cast.lead.get(f"/p/{SLUG}/log").text)


@each_way
def test_its_text_is_nowhere_and_every_number_is_right(
    cast: Cast, way: Way, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bring(cast)
    kept = tmp_path_factory.mktemp("kept")  # nobody's data directory
    example = id_of(cast)
    batch = open_batch(cast, by="hand", size=3, example_ids=(example, id_of(cast, "b")))
    held = {one["example"]: one["lease"] for one in claim(cast.reviewer, batch, want=2)}
    answer(cast.reviewer, held[example], "remove", reason="other", note="Quaxnote: private")
    old = kept / "old"
    command(cast, "release", SLUG, "--out", str(old))
    assert traces(cast), "it was there"
    way(cast, example)
    assert traces(cast) == []
    assert status_of(cast, example) is Status.ERASED
    whole(cast)
    counts = released(cast, kept / "new")
    assert (counts["imported"], counts["kept"], counts["removed"], counts["erased"]) == (5, 4, 0, 1)
    assert not any(one in (kept / "new" / "data.csv").read_text() for one in SECRETS)
    assert verify(old).problems.lines() == [], "who kept an old one keeps it whole"
    for page in (f"/p/{SLUG}/examples/{example}", f"/p/{SLUG}/log", f"/p/{SLUG}/examples"):
        shown = cast.lead.get(page)
        assert shown.status_code == 200
        assert not any(one in shown.text for one in SECRETS)
    assert "Erased on" in cast.lead.get(f"/p/{SLUG}/examples/{example}").text
    told = cast.lead.get(f"{API}/examples/{example}").json()
    assert told["status"] == "erased" and told["erased_at"] and told["columns"] == {}


def test_an_unserved_one_leaves_the_pool_and_counts_as_decided(cast: Cast) -> None:
    bring(cast)
    example = id_of(cast)
    with reading(cast.engine) as session:
        before = session.get_one(Project, cast.project.id)
    by_api(cast, example)
    estimate_project(cast.engine, cast.project.id, now=cast.now)
    with reading(cast.engine) as session:
        project = session.get_one(Project, cast.project.id)
        serve = session.scalars(select(Serve).where(Serve.example_id == example)).one()
        assert (serve.stream, serve.serve_seq) == (Stream.ERASED, before.serve_seq + 1)
        assert project.unserved == before.unserved - 1 == 4
        told = session.get_one(Estimate, project.epoch_id)
        assert (told.pool, told.labels, told.open_answers, told.found) == (5, 4, 0, 0)
        event = session.scalars(select(Event).where(Event.kind == EventKind.ERASE)).one()
        assert event.example_id == example and event.seq == project.log_seq
        act = session.scalars(select(Activity).where(Activity.kind == "example_erased")).one()
        assert (act.person_id, act.detail["example"]) == (cast.lead.person.id, example)
    whole(cast)


def test_an_answer_that_was_wrong_counts_no_more_as_found(cast: Cast) -> None:
    bring(cast)
    example = id_of(cast)
    batch = open_batch(cast, by="hand", size=2, example_ids=(example, id_of(cast, "b")))
    held = {one["example"]: one for one in claim(cast.reviewer, batch, want=2)}
    answer(cast.reviewer, held[example]["lease"], "remove", reason="no_label")
    by_api(cast, example)
    estimate_project(cast.engine, cast.project.id, now=cast.now)
    with reading(cast.engine) as session:
        told = session.scalars(select(Estimate)).one()
        assert (told.found, told.pool) == (0, 5)
    whole(cast)


def test_who_holds_it_is_told_and_goes_on(cast: Cast) -> None:
    bring(cast)
    example, other = id_of(cast), id_of(cast, "b")
    batch = open_batch(cast, by="hand", size=2, example_ids=(example, other))
    held = {one["example"]: one["lease"] for one in claim(cast.reviewer, batch, want=2)}
    by_api(cast, example)
    sent = {"lease": held[example], "verdict": "confirm", "key": str(uuid.uuid4())}
    for door, body in (
        ("decisions", sent),
        ("leases/skip", {"lease": held[example], "key": str(uuid.uuid4())}),
        ("leases/refer", {"lease": held[example], "key": str(uuid.uuid4()), "note": "who?"}),
    ):
        reply = cast.reviewer.post(f"/api/v1/{door}", json=body)
        assert reply.status_code == 409, (door, reply.text)
        assert reply.json()["code"] == "example_erased"
        assert "erased" in reply.text
    answer(cast.reviewer, held[other])
    assert claim(cast.reviewer, batch, want=2) == []
    with reading(cast.engine) as session:
        here = Lease.example_id == example, Lease.ended_at.is_(None)
        assert session.scalars(select(Lease.id).where(*here)).all() == []
    page = cast.reviewer.get(f"/review/{batch}")
    assert page.status_code in (200, 303)
    numbers = cast.lead.get(f"/api/v1/batches/{batch}").json()
    assert (numbers["done"], numbers["size"]) == (1, 1), numbers
    whole(cast)


def test_its_place_in_a_batch_goes_to_the_next_that_fits(cast: Cast) -> None:
    bring(cast)
    batch = open_batch(cast, by="audit", size=3)
    held = claim(cast.reviewer, batch, want=1)
    gone = held[0]["example"]
    with reading(cast.engine) as session:
        key = session.get_one(Example, gone).key
    reply = cast.lead.post(f"{API}/examples/{gone}/erase", json={"confirm": key})
    assert reply.status_code == 200, reply.text
    more = claim(cast.reviewer, batch, want=8)
    assert len(more) == 3 and gone not in {one["example"] for one in more}
    whole(cast)


def test_twice_is_once_and_another_id_is_refused(cast: Cast) -> None:
    bring(cast)
    example = id_of(cast)
    wrong = cast.lead.post(f"{API}/examples/{example}/erase", json={"confirm": "b"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "key_differs")
    assert status_of(cast, example) is Status.UNREVIEWED
    page = cast.lead.post(f"/p/{SLUG}/examples/{example}/erase", data={"confirm": "b"})
    assert page.status_code == 422 and KEY in page.text
    by_api(cast, example)
    again = cast.lead.post(f"{API}/examples/{example}/erase", json={"confirm": "what it was"})
    assert again.status_code == 200 and again.json()["job"] is None
    with reading(cast.engine) as session:
        count = select(func.count()).where(Event.kind == EventKind.ERASE)
        assert session.scalar(count) == 1
    assert cast.lead.get(f"/p/{SLUG}/examples/{example}/erase").status_code == 303
    with pytest.raises(Failure, match="No example"):
        command(cast, "erase", "example", SLUG, KEY, "--yes")


@pytest.mark.parametrize("who", ["reviewer", "expert", "stranger"])
def test_only_leads_erase(cast: Cast, who: str) -> None:
    bring(cast)
    example = id_of(cast)
    asked: Actor = getattr(cast, who)
    reply = asked.post(f"{API}/examples/{example}/erase", json={"confirm": KEY})
    assert reply.status_code == 404
    assert asked.get(f"/p/{SLUG}/examples/{example}/erase").status_code == 404
    assert status_of(cast, example) is Status.UNREVIEWED


def test_releases_that_held_it_say_so_and_later_ones_are_whole(cast: Cast, tmp_path: Path) -> None:
    bring(cast)
    example = id_of(cast)
    released(cast, tmp_path / "one")
    files = f"{API}/releases/1/files/data.csv"
    assert KEY in cast.lead.get(files).text
    by_api(cast, example)
    for door in (files, f"/p/{SLUG}/releases/1/files/data.csv", f"/p/{SLUG}/releases/1/zip"):
        reply = cast.lead.get(door)
        assert reply.status_code == 410, door
        assert "Make a new release" in reply.text
    told = cast.lead.get(f"{API}/releases").json()["releases"][0]
    assert told["erased_at"] and told["files"] == []
    assert "Erased on" in cast.lead.get(f"/p/{SLUG}/releases/1").text
    assert "Files erased" in cast.lead.get(f"/p/{SLUG}/releases").text
    left = [one.name for one in (cast.app.state.settings.data / "releases" / "1").iterdir()]
    assert left == ["manifest.json"]
    assert released(cast, tmp_path / "two")["erased"] == 1
    assert cast.lead.get(f"{API}/releases/2/files/data.csv").status_code == 200
    assert cast.lead.get(f"/p/{SLUG}/releases/2/compare?with=1").status_code == 200


def test_what_waits_about_it_ends(cast: Cast) -> None:
    bring(cast)
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).confirmations = 2
    example = id_of(cast)
    batch = open_batch(cast, by="hand", size=1, example_ids=(example,))
    (held,) = claim(cast.reviewer, batch)
    answer(cast.reviewer, held["lease"], "remove", reason="private", note="Quaxnote")
    assert status_of(cast, example) is Status.PENDING
    case = cast.lead.get(f"{API}/disagreements").json()
    by_api(cast, example)
    with reading(cast.engine) as session:
        about = Disagreement.example_id == example
        assert session.scalars(select(Disagreement.settled_at).where(about)).all() != [None]
        owed = ReadDue.example_id == example, ReadDue.done_at.is_(None)
        assert session.scalars(select(ReadDue.id).where(*owed)).all() == []
        assert session.scalars(select(Note.id)).all() == []
        cases = session.scalars(select(Disagreement.id).where(about)).all()
    assert case and cast.lead.get(f"{API}/disagreements").json() != case
    for one in cases:
        assert "Erased: its content" in cast.lead.get(f"/p/{SLUG}/disagreements/{one}").text
    for act, body in (
        (f"{API}/examples/{example}/reopen", {"key": str(uuid.uuid4())}),
        ("/api/v1/undo", {"key": str(uuid.uuid4()), "batch": batch}),
    ):
        reply = (cast.lead if "reopen" in act else cast.reviewer).post(act, json=body)
        assert reply.status_code == 409, (act, reply.text)
    assert traces(cast) == []
    whole(cast)


def test_a_row_that_was_left_out_quotes_it_no_more(cast: Cast) -> None:
    bring(cast)
    later = f'id,text,label\n"{KEY}","{WORDS} still",sport\nz,new rain,weather\n'.encode()
    bring(cast, later, name="later.csv")
    assert any("left_out" in one for one in traces(cast))
    by_api(cast, id_of(cast))
    assert traces(cast) == []
    with reading(cast.engine) as session:
        reports = session.scalars(select(DataImport.report)).all()
        assert [one["files_erased"] for one in reports] == [cast.now.date().isoformat()] * 2


def test_a_file_may_have_a_row_that_is_called_erased(cast: Cast) -> None:
    bring(cast)
    example = id_of(cast)
    bring(cast, f"id,text,label\nerased {example},fog,weather\nz,dew,weather\n".encode())
    by_api(cast, example)
    assert status_of(cast, id_of(cast, f"erased {example}")) is Status.UNREVIEWED
    assert status_of(cast, example) is Status.ERASED


def test_an_archived_project_can_still_be_asked_to_erase(cast: Cast) -> None:
    bring(cast)
    example = id_of(cast)
    cast.lead.patch(API, json={"archived": True})
    by_api(cast, example)
    assert traces(cast) == []


def test_scores_and_the_file_of_another_project_stay(cast: Cast) -> None:
    bring(cast)
    example = id_of(cast)
    other = cast.lead.post("/api/v1/projects", json={"name": "Other", "data_type": "text"}).json()[
        "slug"
    ]
    reply = cast.lead.post(f"/api/v1/projects/{other}/imports", files={"file": ("r.csv", FILE)})
    assert reply.status_code == 200, reply.text
    work(cast)
    by_api(cast, example)
    with reading(cast.engine) as session:
        assert session.scalars(select(Score).where(Score.example_id == example)).all() == []
    blobs = BlobStore(cast.app.state.settings.blob_directory)
    with reading(cast.engine) as session:
        shas = set(session.scalars(select(DataImport.sha256)))
    assert all(blobs.exists(one) for one in shas), "the other project has the file yet"
