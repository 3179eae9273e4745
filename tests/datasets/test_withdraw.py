"""A way back: an import that nobody has answered is taken out again, at every door."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.datasets.labels import labels_of
from app.db.engine import reading
from app.db.tables.audit import AuditEpoch, AuditKey, Serve
from app.db.tables.datasets import DataImport, Example, Project
from app.db.tables.jobs import Job
from app.db.tables.review import Event, Lease, ReadDue
from app.db.words import EventKind, ImportState, JobState
from app.errors import Conflict, Failure
from app.insights.doctor import examine
from app.releases.verify import verify
from app.review.books.forgotten import forgotten
from tests.releases import third_party
from tests.web.cast import Actor, Cast
from tests.web.console import command
from tests.web.seeded import answer, claim, open_batch
from tests.web.test_imports import work
from tests.web.test_models import work as every_job

GOOD = b"id,text,label\na,rain and snow,weather\nb,a late goal,sport\nc,sun at noon,weather\n"
WRONG = b"id,text,label,who\nd,thunder,weather,ann\ne,a fine match,sport,bea\nf,hail,weather,cem\n"
BASE = "/api/v1/projects/support-intents/imports"


def bring(cast: Cast, content: bytes, **mapping: Any) -> int:
    """Import a file by program; its import's id."""
    files = {"file": (f"{len(content)}.csv", content)}
    reply = cast.lead.post(BASE, files=files, data={"mapping": json.dumps(mapping)})
    assert reply.status_code == 200, reply.text
    import_id: int = reply.json()["id"]
    commit(cast, import_id)
    return import_id


def commit(cast: Cast, import_id: int) -> None:
    work(cast)
    reply = cast.lead.post(f"{BASE}/{import_id}/commit")
    assert reply.status_code == 200, reply.text
    work(cast)


def by_page(cast: Cast, import_id: int) -> str:
    page = f"/p/support-intents/import/{import_id}"
    assert "Its 3 examples are taken out again" in cast.lead.get(page).text
    reply = cast.lead.post(f"{page}/withdraw")
    assert reply.status_code == 303, reply.text
    return cast.lead.get(reply.headers["location"]).text


def by_api(cast: Cast, import_id: int) -> str:
    reply = cast.lead.post(f"{BASE}/{import_id}/withdraw", json={})
    assert reply.status_code == 200, reply.text
    assert reply.json()["withdrawn"]["state"] == "withdrawn"
    return reply.text


def by_command(cast: Cast, import_id: int) -> str:
    return command(cast, "withdraw", "Support intents", str(import_id))


Way = Callable[[Cast, int], str]
each_way = pytest.mark.parametrize("way", [by_page, by_api, by_command])


def rows(cast: Cast) -> list[tuple[str, str | None]]:
    """Key and label of every example that is seen."""
    names = {one.id: one.name for one in _labels(cast)}
    found = cast.lead.get("/api/v1/projects/support-intents/examples").json()["examples"]
    return sorted((one["key"], names.get(one["given"])) for one in found)


def _labels(cast: Cast) -> list[Any]:
    with reading(cast.engine) as session:
        return labels_of(session, cast.project.id)


def names(cast: Cast) -> list[str]:
    return sorted(one.name for one in _labels(cast))


def whole(cast: Cast) -> None:
    with reading(cast.engine) as session:
        assert list(examine(session, session.get_one(Project, cast.project.id))) == []
        assert forgotten(session, cast.project.id) == []


def released(cast: Cast, folder: Path) -> list[str]:
    """The keys of a release, which our verifier and the other one find whole."""
    out = folder / "out"
    command(cast, "release", "support-intents", "--out", str(out))
    assert verify(out).problems.lines() == []
    third_party.verify(out)
    return [line.split(",")[0] for line in (out / "data.csv").read_text().splitlines()[1:]]


@each_way
def test_its_examples_labels_leases_and_batches_are_taken_out_again(
    cast: Cast, way: Way, tmp_path: Path
) -> None:
    bring(cast, GOOD)
    wrong = bring(cast, WRONG, label="who")
    assert names(cast) == ["ann", "bea", "cem", "sport", "weather"]
    batch = open_batch(cast, by="hand", size=6, example_ids=tuple(_ids(cast)))
    held = claim(cast.reviewer, batch, want=6)
    assert len(held) == 6
    told = way(cast, wrong)
    assert ("3" in told and "taken out" in told) or "withdrawn" in told
    assert rows(cast) == [("a", "weather"), ("b", "sport"), ("c", "weather")]
    assert names(cast) == ["sport", "weather"]
    with reading(cast.engine) as session:
        its = select(Example.id).where(Example.import_id == wrong)
        live = select(Lease.id).where(Lease.example_id.in_(its), Lease.ended_at.is_(None))
        owed = select(ReadDue.id).where(ReadDue.example_id.in_(its), ReadDue.done_at.is_(None))
        assert session.scalars(live).all() == session.scalars(owed).all() == []
        project = session.get_one(Project, cast.project.id)
        pool = select(AuditKey.example_id).where(AuditKey.epoch_id == project.epoch_id)
        assert len(session.scalars(pool).all()) == 3
        assert session.get_one(AuditEpoch, project.epoch_id).reason == "withdrawal"
        contents = session.scalars(select(Example.content).where(Example.import_id == wrong))
        assert [*contents] == [{}, {}, {}]
        kinds = session.scalars(select(Event.kind).order_by(Event.seq)).all()
        assert kinds[-3:] == [EventKind.WITHDRAW, EventKind.SCHEMA, EventKind.EPOCH]
    whole(cast)
    assert released(cast, tmp_path) == ["a", "b", "c"]


@each_way
def test_the_file_comes_in_again_with_other_roles(cast: Cast, way: Way, tmp_path: Path) -> None:
    way(cast, bring(cast, WRONG, label="who"))
    bring(cast, WRONG, label="label")
    assert rows(cast) == [("d", "weather"), ("e", "sport"), ("f", "weather")]
    assert names(cast) == ["sport", "weather"]
    whole(cast)
    assert released(cast, tmp_path) == ["d", "e", "f"]


def test_it_comes_in_again_as_it_was_too(cast: Cast, tmp_path: Path) -> None:
    first = bring(cast, WRONG, label="who")
    by_api(cast, first)
    again = bring(cast, WRONG, label="who")
    assert again != first
    by_api(cast, again)
    assert bring(cast, WRONG, label="who") not in (first, again)
    assert rows(cast) == [("d", "ann"), ("e", "bea"), ("f", "cem")]
    whole(cast)
    assert released(cast, tmp_path) == ["d", "e", "f"]


def test_withdrawn_and_read_again_in_one_act(cast: Cast) -> None:
    wrong = bring(cast, WRONG, label="who")
    page = f"/p/support-intents/import/{wrong}"
    reply = cast.lead.post(f"{page}/withdraw", data={"again": "true"})
    anew = reply.headers["location"]
    assert reply.status_code == 303 and anew != page
    assert rows(cast) == []
    work(cast)
    uses = {"column": ["id", "who", "text", "label"], "use": ["id", "", "text", "label"]}
    assert cast.lead.post(f"{anew}/columns", data=uses).status_code == 303
    commit(cast, int(anew.rpartition("/")[2]))
    assert rows(cast) == [("d", "weather"), ("e", "sport"), ("f", "weather")]
    assert "Withdrawn" in cast.lead.get(page).text


def test_what_is_gone_is_found_nowhere_and_answered_nowhere(cast: Cast) -> None:
    wrong = bring(cast, WRONG)
    (example, *_) = _ids(cast)
    batch = open_batch(cast, by="hand", size=3, example_ids=tuple(_ids(cast)))
    (held, *_) = claim(cast.reviewer, batch, want=3)
    by_api(cast, wrong)
    for address in (
        f"/p/support-intents/examples/{example}",
        f"/api/v1/projects/support-intents/examples/{example}",
    ):
        assert cast.lead.get(address).status_code == 404
    late = _late(cast.reviewer, held["lease"])
    assert late.status_code in (404, 409, 410), late.text
    assert claimed_nothing(cast.reviewer, batch)
    whole(cast)
    with reading(cast.engine) as session:
        about = select(func.count()).select_from(Event).where(Event.example_id.is_not(None))
        assert session.scalar(about) == 0


def claimed_nothing(who: Actor, batch: int) -> bool:
    reply = who.post(f"/api/v1/batches/{batch}/claim", json={"want": 3})
    return reply.status_code != 200 or reply.json()["examples"] == []


def _late(who: Actor, lease: str) -> Any:
    body = {"lease": lease, "verdict": "remove", "reason": "duplicate", "key": str(uuid.uuid4())}
    return who.post("/api/v1/decisions", json=body)


def test_an_import_that_was_answered_stays(cast: Cast) -> None:
    wrong = bring(cast, WRONG)
    batch = open_batch(cast, by="hand", size=3, example_ids=tuple(_ids(cast)))
    (held, *_) = claim(cast.reviewer, batch, want=3)
    answer(cast.reviewer, held["lease"])
    refused = cast.lead.post(f"{BASE}/{wrong}/withdraw", json={})
    assert refused.status_code == 409
    assert "1 of its examples were answered" in refused.text
    page = cast.lead.get(f"/p/support-intents/import/{wrong}").text
    assert "It cannot be withdrawn. 1 of its examples were answered" in page
    with pytest.raises(Conflict, match="answered"):
        by_command(cast, wrong)
    assert len(rows(cast)) == 3


def test_an_import_that_was_released_stays(cast: Cast, tmp_path: Path) -> None:
    first = bring(cast, GOOD)
    assert released(cast, tmp_path) == ["a", "b", "c"]
    refused = cast.lead.post(f"{BASE}/{first}/withdraw", json={})
    assert refused.status_code == 409 and "Release 1 has its rows." in refused.text
    by_api(cast, bring(cast, WRONG))  # it came after the release


def test_what_is_not_in_the_project_cannot_be_withdrawn(cast: Cast) -> None:
    wrong = bring(cast, WRONG)
    by_api(cast, wrong)
    refused = cast.lead.post(f"{BASE}/{wrong}/withdraw", json={})
    assert refused.status_code == 409 and "not in the project" in refused.text
    with pytest.raises(Failure, match="Nothing that was imported"):
        command(cast, "withdraw", "support-intents")
    for hidden in (cast.reviewer, cast.expert, cast.stranger):
        assert hidden.post(f"{BASE}/{wrong}/withdraw", json={}).status_code == 404


def test_the_rest_is_ranked_again_and_a_scoring_of_before_is_stopped(cast: Cast) -> None:
    bring(cast, GOOD)
    by_api(cast, bring(cast, WRONG))
    with reading(cast.engine) as session:
        assert session.get_one(Project, cast.project.id).run_id is None
        scorings = session.scalars(select(Job).where(Job.task == "score").order_by(Job.id)).all()
        assert scorings[-1].state is JobState.WAITING
        states = session.scalars(select(DataImport.state).order_by(DataImport.id)).all()
        assert states == [ImportState.DONE, ImportState.WITHDRAWN]
        assert session.scalar(select(func.count()).select_from(Serve)) == 0


def _ids(cast: Cast) -> list[int]:
    with reading(cast.engine) as session:
        return list(session.scalars(select(Example.id).order_by(Example.id)))


def test_a_label_that_a_model_predicts_stays(cast: Cast) -> None:
    """It would be another one when the file comes again, and the model would be wrong for ever."""
    bring(cast, GOOD)
    other = bring(cast, b"id,text,label\nx,rain again,drizzle\ny,a slow match,sport\n")
    files = {"file": ("m.csv", b"id,label\na,drizzle\nb,sport\n")}
    pushed = cast.lead.post("/api/v1/projects/support-intents/models", files=files)
    assert pushed.status_code == 202, pushed.text
    every_job(cast)
    reply = cast.lead.post(f"{BASE}/{other}/withdraw", json={})
    assert reply.status_code == 200, reply.text
    assert names(cast) == ["drizzle", "sport", "weather"]
