"""The palette's list: what one may see, found by the starts of its words, exact names first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from app.accounts.membership import join
from app.datasets.labels import NewLabel
from app.db.engine import writing
from app.db.tables.accounts import Person
from app.db.tables.datasets import Label, Project
from app.db.tables.review import Batch, BatchPerson
from app.db.words import BatchState, Role
from tests.web.cast import Actor, Cast, make_person, put_label, stage


def found(client: Actor, q: str = "", project: str = "") -> list[dict[str, Any]]:
    reply = client.get("/api/v1/palette", params={"q": q, "project": project})
    assert reply.status_code == 200, reply.text
    entries: list[dict[str, Any]] = reply.json()["entries"]
    return entries


def names(client: Actor, q: str = "", project: str = "") -> list[str]:
    return [entry["name"] for entry in found(client, q, project)]


def batch(cast: Cast, number: int, name: str, **more: Any) -> int:
    with writing(cast.engine) as session:
        made = Batch(
            project_id=cast.project.id,
            number=number,
            name=name,
            rule={"by": "priority"},
            size=3,
            created_at=cast.now,
            created_by=cast.lead.person.id,
            **more,
        )
        session.add(made)
        session.flush()
        return made.id


def test_a_lead_finds_pages_with_their_keys(cast: Cast) -> None:
    slug = cast.project.slug
    entries = found(cast.lead, project=slug)
    pages = {entry["name"]: entry for entry in entries if entry["kind"] == "page"}
    assert pages["Examples"]["url"] == f"/p/{slug}/examples"
    assert pages["Examples"]["keys"] == "G E"
    assert pages["Review queue"]["url"] == "/"
    assert "Members" not in pages
    assert "Members" in names(cast.admin)


def test_no_two_pages_share_a_key(cast: Cast) -> None:
    keys = [entry["keys"] for entry in found(cast.lead, project=cast.project.slug)]
    given = [one for one in keys if one]
    assert len(set(given)) == len(given) >= 6


def test_a_reviewer_finds_only_their_batches_queue_and_account(cast: Cast) -> None:
    mine = batch(cast, 1, "For everyone")
    batch(cast, 2, "Closed already", state=BatchState.CLOSED)
    batch(cast, 3, "Paused", state=BatchState.PAUSED)
    others = batch(cast, 4, "For the second", everyone=False)
    with writing(cast.engine) as session:
        session.add(BatchPerson(batch_id=others, person_id=cast.second.person.id))
        put_label(session, cast.project.id, NewLabel("For leads"), now=cast.now)
    entries = found(cast.reviewer, project=cast.project.slug)
    assert {entry["kind"] for entry in entries} == {"review", "page", "action"}
    assert [e["url"] for e in entries if e["kind"] == "review"] == [f"/review/{mine}"]
    assert [e["url"] for e in entries if e["kind"] == "page"] == ["/", "/me"]
    assert "For the second" in names(cast.second)
    for word in ("label", "lead", "second", "for leads", "reviewer"):
        assert {e["kind"] for e in found(cast.reviewer, word)} <= {"review", "page", "action"}


def test_the_palette_lists_the_batches_of_the_queue(cast: Cast) -> None:
    batch(cast, 1, "One")
    batch(cast, 2, "Two", everyone=False)
    batch(cast, 3, "Three", state=BatchState.PAUSED)
    for client in (cast.reviewer, cast.second, cast.lead, cast.stranger):
        queue = client.get("/").text
        listed = [e for e in found(client) if e["kind"] == "review"]
        assert [e for e in listed if e["url"] not in queue] == []
        assert len(listed) == sum(f'href="/review/{n}"' in queue for n in range(1, 4))


def test_names_are_found_by_the_starts_of_words_exact_and_prefix_first(cast: Cast) -> None:
    slug = cast.project.slug
    with writing(cast.engine) as session:
        for label in (
            NewLabel("Lost card"),
            NewLabel("Card arrival", synonyms=("post",)),
            NewLabel("Discard"),
            NewLabel("Card"),
            NewLabel("Économie"),
            NewLabel("遺失的卡"),
        ):
            put_label(session, cast.project.id, label, now=cast.now)
    assert names(cast.lead, "card", slug) == ["Card", "Card arrival", "Lost card"]
    assert names(cast.lead, "arr ca", slug) == ["Card arrival"]
    assert names(cast.lead, "economie", slug) == ["Économie"]
    assert names(cast.lead, "的卡", slug) == ["遺失的卡"]
    (post,) = found(cast.lead, "post", slug)
    assert (post["name"], post["about"]) == ("Card arrival", "also: “post”")
    assert post["url"].startswith(f"/p/{slug}/examples?given=")


def test_labels_that_were_retired_or_are_being_imported_are_not_offered(cast: Cast) -> None:
    with writing(cast.engine) as session:
        for name in ("Gone", "Soon"):
            put_label(session, cast.project.id, NewLabel(name), now=cast.now)
        gone, soon = session.scalars(select(Label).order_by(Label.id))
        gone.retired_at, soon.schema_revision = cast.now, 0
    assert names(cast.lead, "gone", cast.project.slug) == []
    assert names(cast.lead, "soon", cast.project.slug) == []


def test_batches_and_people_are_found_by_their_other_names(cast: Cast) -> None:
    slug = cast.project.slug
    for number in (1, 12):
        batch(cast, number, f"Round {number}", state=BatchState.CLOSED)
    first = found(cast.lead, "batch 1", slug)[0]
    assert (first["name"], first["about"]) == ("Round 1", "Batch 1, closed")
    assert first["url"] == f"/p/{slug}/batches/1"
    (person,) = found(cast.lead, "expert@example.org", slug)
    assert (person["kind"], person["name"]) == ("person", "Expert")
    assert person["url"] == f"/p/{slug}/people#person-{cast.expert.person.id}"
    (stranger,) = found(cast.admin, "stranger")
    assert stranger["url"] == f"/admin/members#person-{cast.stranger.person.id}"


def test_a_lead_finds_nothing_of_another_project(cast: Cast) -> None:
    with writing(cast.engine) as session:
        olga = make_person(session, "Olga", now=cast.now)
        theirs = stage(session, olga, "Secret plan", now=cast.now)
        join(session, theirs.id, cast.stranger.person.id, Role.REVIEWER, now=cast.now)
        put_label(session, theirs.id, NewLabel("Secret label"), now=cast.now)
    for word in ("secret", "olga", "stranger"):
        assert names(cast.lead, word, cast.project.slug) == []
        assert names(cast.lead, word) == []
    hidden = cast.lead.get("/api/v1/palette", params={"project": theirs.slug})
    missing = cast.lead.get("/api/v1/palette", params={"project": "no-such-project"})
    assert hidden.status_code == missing.status_code == 404
    assert "Secret plan" in names(cast.admin, "secret")


def test_people_who_left_and_archived_projects_are_not_offered(cast: Cast) -> None:
    slug = cast.project.slug
    cast.lead.post(f"/p/{slug}/people/{cast.second.person.id}/remove")
    assert names(cast.lead, "second", slug) == []
    batch(cast, 1, "Still open")
    with writing(cast.engine) as session:
        session.get_one(Project, cast.project.id).archived_at = cast.now
    assert [e for e in found(cast.reviewer) if e["kind"] == "review"] == []


def test_a_project_of_ten_thousand_names_costs_as_many_statements(
    cast: Cast, statements: Any
) -> None:
    slug = cast.project.slug
    with statements() as few:
        found(cast.lead, "name", slug)
    with writing(cast.engine) as session:
        rows = [
            {"project_id": cast.project.id, "name": f"Name {n}", "position": n, "synonyms": []}
            for n in range(3_000)
        ]
        session.execute(insert(Label), rows)
        session.execute(
            insert(Batch),
            [
                {
                    "project_id": cast.project.id,
                    "number": n,
                    "name": f"Name {n}",
                    "rule": {},
                    "created_at": cast.now,
                }
                for n in range(1, 1_000)
            ],
        )
    with statements() as many:
        entries = found(cast.lead, "name", slug)
    assert len(many) == len(few)
    assert len(entries) <= 60


def test_a_bound_token_sees_its_project_only(cast: Cast) -> None:
    batch(cast, 1, "Ours")
    with writing(cast.engine) as session:
        person = session.get_one(Person, cast.lead.person.id)
        other = stage(session, cast.lead.person, "Another", now=cast.now)
        assert person.id
    made = cast.lead.post("/api/v1/me/tokens", json={"name": "bound", "project": other.id}).json()
    headers = {"authorization": f"Bearer {made['token']}"}
    entries = cast.anonymous.get("/api/v1/palette", headers=headers).json()["entries"]
    assert [e["name"] for e in entries if e["kind"] == "review"] == []
    asked = {"project": cast.project.slug}
    assert cast.anonymous.get("/api/v1/palette", params=asked, headers=headers).status_code == 404
