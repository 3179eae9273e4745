"""A person is erased: nothing says who they were, and every answer counts as before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.links import Grant, make_link
from app.accounts.tokens import NewToken, make_token
from app.actions.estimating import estimate_project
from app.actions.making_due import make_due_batch
from app.db.engine import reading, writing
from app.db.tables.accounts import AccessLink, Membership, Person, Token
from app.db.tables.audit import Estimate, Recovery
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Decision, Lease, Note
from app.db.words import LinkKind, Role
from app.errors import Failure
from tests.web.cast import Cast, make_person
from tests.web.console import command
from tests.web.seeded import answer, claim, open_batch, rows_of, seed
from tests.web.test_erasing import SLUG, delete_files, traces, whole

Way = Callable[[Cast, str, int], None]


def by_page(cast: Cast, email: str, person: int) -> None:
    page = f"/admin/members/{person}/erase"
    assert page in cast.admin.get("/admin/members").text
    assert email in cast.admin.get(page).text
    reply = cast.admin.post(page, data={"confirm": email.upper()})
    assert reply.status_code == 303, reply.text
    delete_files(cast)


def by_command(cast: Cast, email: str, person: int) -> None:
    assert "is erased" in command(cast, "erase", "person", email, "--yes")


each_way = pytest.mark.parametrize("way", [by_page, by_command])


def rename(cast: Cast) -> tuple[str, str, str]:
    """The reviewer with a name and an address that stand nowhere else."""
    me = cast.reviewer.person
    with writing(cast.engine) as session:
        person = session.get_one(Person, me.id)
        person.name, person.email = "Quentin Zarathustra", "q.zarathustra@example.org"
        person.email_key = person.email
    return "Quentin Zarathustra", "q.zarathustra@example.org", "zarathustra"


def linked(cast: Cast, examples: list[int]) -> None:
    """One of the examples was labelled by them, under a name that only the source has."""
    with writing(cast.engine) as session:
        source = Source(project_id=cast.project.id, origin="x" * 64, name="zarathustra-labels")
        session.add(source)
        session.flush()
        session.get_one(Example, examples[-1]).source_id = source.id
        source_id = source.id
    reply = cast.lead.put(
        f"/api/v1/projects/{SLUG}/sources/{source_id}/person",
        json={"person": cast.reviewer.person.id},
    )
    assert reply.status_code == 200, reply.text


def numbers(cast: Cast) -> dict[str, Any]:
    """What is said of the project, but for names and times."""
    estimate_project(cast.engine, cast.project.id, now=cast.now)
    with reading(cast.engine) as session:
        told = session.scalars(select(Estimate)).one()
        kept = {"found": told.found, "draws": told.draws, "pool": told.pool, "high": told.high}
        answers = session.execute(
            select(Decision.seq, Decision.person_id, Decision.verdict).order_by(Decision.seq)
        ).all()
    listed = cast.lead.get(f"/api/v1/projects/{SLUG}/examples").json()
    return {**kept, "answers": answers, "statuses": listed["statuses"]}


@each_way
def test_nothing_says_who_it_was_and_no_number_changes(cast: Cast, way: Way) -> None:
    seeded = seed(cast)
    name, email, word = rename(cast)
    linked(cast, seeded.examples)
    me = cast.reviewer.person
    with writing(cast.engine) as session:
        make_token(session, me.id, NewToken("zarathustra's script", cast.project.id), now=cast.now)
        grant = Grant(project_id=cast.project.id, role=Role.REVIEWER, email=email.title())
        make_link(session, LinkKind.INVITE, grant, now=cast.now)
        make_link(session, LinkKind.RESET, Grant(person_id=me.id), now=cast.now)
    cast.anonymous.post("/signin", data={"email": email, "password": "wrong one"})
    batch = open_batch(cast, by="priority", size=8, audit_share=0)
    handed = {"people": [me.id, cast.second.person.id]}  # a list in the activity
    assert cast.lead.patch(f"/api/v1/batches/{batch}", json=handed).status_code == 200
    held = claim(cast.reviewer, batch, want=4)
    answer(cast.reviewer, held[0]["lease"], "remove", reason="other", note="I, Zarathustra, saw it")
    answer(cast.reviewer, held[1]["lease"])
    before = numbers(cast)
    assert traces(cast, (name, email, word))
    way(cast, email, me.id)
    secrets = (name, email, word, word.title(), "zarathustra-labels")
    assert traces(cast, secrets) == []
    assert numbers(cast) == before
    with reading(cast.engine) as session:
        live = Lease.person_id == me.id, Lease.ended_at.is_(None)
        assert session.scalars(select(Lease.id).where(*live)).all() == []
        assert session.scalars(select(Token.id).where(Token.person_id == me.id)).all() == []
        assert session.scalars(select(Note.id)).all() == []
        opens = AccessLink.person_id == me.id
        assert session.scalars(select(AccessLink.id).where(opens)).all() == []
        part = session.scalars(select(Membership).where(Membership.person_id == me.id)).one()
        assert part.left_at is not None
        assert session.get_one(Person, me.id).pseudonym == me.pseudonym
        assert session.scalars(select(Source.person_id)).all() == [None]
    assert cast.reviewer.get("/").status_code == 303, "signed out"
    example = held[0]["example"]
    shown = cast.lead.get(f"/p/{SLUG}/examples/{example}").text
    assert f"Former member {me.id}" in shown and "Removed: Other reason" in shown
    for page in (f"/p/{SLUG}/people", f"/p/{SLUG}/log", f"/p/{SLUG}/batches/1", "/admin/members"):
        assert cast.admin.get(page).status_code == 200, page
    others = {one["example"] for one in claim(cast.second, batch, want=8)}
    assert held[2]["example"] in others and held[3]["example"] in others
    whole(cast)


@each_way
def test_checks_and_bulk_fixes_name_them_no_more(cast: Cast, way: Way) -> None:
    """Relabel itself wrote the name there: into a batch, its activity and the words of a group."""
    seeded = seed(cast, count=160)
    _, email, _ = rename(cast)
    linked(cast, seeded.examples)
    with writing(cast.engine) as session:
        source = session.scalars(select(Source)).one().id
        for example in rows_of(session, seeded.examples[::2]):
            example.source_id = source
    alpha, beta = seeded.labels
    api, labels = f"/api/v1/projects/{SLUG}", {"from_label": alpha, "to_label": beta}
    fix = cast.lead.post(f"{api}/bulk?source={source}", json=labels)
    assert fix.status_code == 201 and fix.json()["group"] == "source: zarathustra-labels", fix.text
    check = cast.lead.post(f"{api}/sources/{source}/check", json={"at_most_percent": 10})
    assert check.status_code == 201, check.text
    with writing(cast.engine) as session:
        told = {"group": "source: zarathustra-labels", "checked": 100}
        measured = {"run_id": seeded.run_id, "up_to_seq": 1, "made_at": cast.now, "took_ms": 1}
        session.add(Recovery(project_id=cast.project.id, report=told, **measured))
    way(cast, email, cast.reviewer.person.id)
    assert traces(cast, ("zarathustra",)) == []
    former = f"former annotator {source}"
    with reading(cast.engine) as session:
        kept = session.get_one(Recovery, cast.project.id).report
    assert kept == {"group": f"source: {former}", "checked": 100}
    assert cast.lead.get(f"{api}/bulk/1").json()["group"] == f"source: {former}"
    listed = cast.lead.get(f"/p/{SLUG}/batches").text
    assert "Source check, " in listed and former not in listed, "its readers are told no source"


@each_way
def test_batches_say_of_no_source_and_of_nobody_who_left_who_it_was(cast: Cast, way: Way) -> None:
    """Relabel itself wrote it there: the words of a filter, and what came of a time."""
    seeded = seed(cast, count=60)
    name, email, _ = rename(cast)
    me, api = cast.reviewer.person.id, f"/api/v1/projects/{SLUG}"
    linked(cast, seeded.examples)
    with writing(cast.engine) as session:
        source = session.scalars(select(Source)).one().id
        for example in rows_of(session, seeded.examples[::2]):
            example.source_id = source
    view = cast.lead.post(f"{api}/views", json={"name": "V", "filter": f"source={source}"}).json()
    plan = {"by": "filter", "filter": f"source={source}", "size": 5}
    for asked in (plan, {"by": "view", "view": view["id"], "size": 5}):
        made = cast.lead.post(f"{api}/batches", json=asked)
        assert made.status_code == 201 and "zarathustra-labels" in made.json()["name"], made.text
    both = {"people": [me, cast.second.person.id]}
    assert cast.lead.post(f"{api}/recurring", json={"every": "day", **plan, **both}).is_success
    assert cast.lead.post(f"/p/{SLUG}/people/{me}/remove").status_code == 303
    cast.step(hours=7)
    assert make_due_batch(cast.engine, 1, now=cast.now + timedelta(days=1))
    told = cast.lead.get(f"{api}/recurring").json()["recurring"][0]["note"]
    assert told.endswith(f"without {name}, who left the project")
    way(cast, email, me)
    assert traces(cast, (name, "zarathustra")) == []
    told = cast.lead.get(f"{api}/recurring").json()["recurring"][0]["note"]
    assert told.endswith(f"without Former member {me}, who left the project")
    former = f"source: former annotator {source}"
    names = [one["name"] for one in cast.lead.get(f"{api}/batches").json()["batches"]]
    assert names[1:] == [f"V ({former}), 5 of them", f"{former}, 5 of them"]
    page = cast.lead.get(f"/p/{SLUG}/log").text
    assert f"{former}, 5 of them" in page and f"V ({former})" in page


def test_an_erased_account_stays_so(cast: Cast) -> None:
    person, email = cast.reviewer.person.id, cast.reviewer.person.email
    page = f"/admin/members/{person}/erase"
    wrong = cast.admin.post(page, data={"confirm": "somebody@example.org"})
    assert wrong.status_code == 422 and email in wrong.text
    by_page(cast, email, person)
    for standing in ("open", "admin"):
        reply = cast.admin.post(f"/admin/members/{person}/standing", data={"standing": standing})
        assert reply.status_code == 409, (standing, reply.text)
    again = cast.admin.post(page, data={"confirm": email})
    assert again.status_code == 409
    assert cast.admin.get(page).status_code == 303
    with pytest.raises(Failure, match="Nobody has an account"):
        command(cast, "erase", "person", email, "--yes")
    with writing(cast.engine) as session:
        make_person(session, cast.reviewer.person.name, now=cast.now)


def test_the_last_admin_stays(cast: Cast) -> None:
    me = cast.admin.person
    reply = cast.admin.post(f"/admin/members/{me.id}/erase", data={"confirm": me.email})
    assert (reply.status_code, "last admin" in reply.text) == (409, True)
    with pytest.raises(Failure, match="last admin"):
        command(cast, "erase", "person", me.email, "--yes")
    with reading(cast.engine) as session:
        assert session.get_one(Person, me.id).email == me.email


@pytest.mark.parametrize("who", ["lead", "reviewer", "stranger"])
def test_only_admins_erase_people(cast: Cast, who: str) -> None:
    me = cast.reviewer.person
    asked = getattr(cast, who)
    page = f"/admin/members/{me.id}/erase"
    assert asked.get(page).status_code == 404
    assert asked.post(page, data={"confirm": me.email}).status_code == 404
