"""A source is a member: said on the People page, by program, at an import; and what follows."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.db.engine import reading, writing
from app.db.tables.accounts import Activity, Membership
from app.db.tables.datasets import Example, Source
from app.db.tables.review import Disagreement, Event, Lease
from app.db.words import Question, Role, WhyEnded
from tests.web.cast import Actor, Cast, stage
from tests.web.seeded import Seeded, claim, open_batch, seed
from tests.web.test_imports import send, work

PROJECT = "/api/v1/projects/support-intents"
SOURCES = f"{PROJECT}/sources"
PEOPLE = "/p/support-intents/people"
ACTIVITY = "/p/support-intents/log"
LONG = "annotator-" + "x" * 180


def came_from(cast: Cast, filled: Seeded, name: str = "annotator 7") -> int:
    """All labels of the project are this source's."""
    with writing(cast.engine) as session:
        source = Source(project_id=cast.project.id, origin=name[:64], name=name)
        session.add(source)
        session.flush()
        mine = update(Example).where(Example.id.in_(filled.examples))
        session.execute(mine.values(source_id=source.id))
        return source.id


def on_page(cast: Cast, who: Actor, source: int) -> None:
    reply = cast.lead.post(f"{PEOPLE}/{who.person.id}/labels", data={"source": [source]})
    assert reply.status_code == 303, reply.text


def by_program(cast: Cast, who: Actor, source: int) -> None:
    reply = cast.lead.put(f"{SOURCES}/{source}/person", json={"person": who.person.id})
    assert reply.status_code == 200, reply.text
    assert reply.json()["person"] == who.person.id and reply.json()["examples"] == 30


DOORS = {"page": on_page, "program": by_program}
doors = pytest.mark.parametrize("link", DOORS.values(), ids=DOORS.keys())


def held(cast: Cast, who: Actor) -> list[int]:
    query = select(Lease.example_id).where(
        Lease.person_id == who.person.id, Lease.ended_at.is_(None)
    )
    with reading(cast.engine) as session:
        return sorted(session.scalars(query))


def done_in(cast: Cast) -> list[str]:
    with reading(cast.engine) as session:
        return list(session.scalars(select(Activity.kind).order_by(Activity.id)))


@doors
def test_what_they_hold_of_their_own_labels_goes_to_others_at_once(cast: Cast, link: Any) -> None:
    filled = seed(cast)
    source = came_from(cast, filled)
    batch = open_batch(cast, size=6, audit_share=0)
    before = [card["example"] for card in claim(cast.reviewer, batch, 4)]
    with reading(cast.engine) as session:
        events = session.scalar(select(func.count()).select_from(Event))
    link(cast, cast.reviewer, source)
    assert held(cast, cast.reviewer) == []
    with reading(cast.engine) as session:
        assert set(session.scalars(select(Lease.ended_why))) == {WhyEnded.OWN_LABEL}
        assert session.scalar(select(func.count()).select_from(Event)) == events
    assert claim(cast.reviewer, batch, 4) == []
    assert {card["example"] for card in claim(cast.second, batch, 4)} == set(before)
    assert done_in(cast)[-1] == "source_linked"
    page = cast.lead.get(ACTIVITY).text
    assert "Said which member gave labels" in page and "annotator 7" in page


@doors
def test_a_lead_keeps_no_lease_of_their_own_labels(cast: Cast, link: Any) -> None:
    source = came_from(cast, seed(cast))
    batch = open_batch(cast, size=6, audit_share=0)
    assert claim(cast.lead, batch, 3)
    link(cast, cast.lead, source)
    assert held(cast, cast.lead) == []


def test_what_nobody_else_may_read_goes_to_the_leads(cast: Cast) -> None:
    source = came_from(cast, seed(cast))
    batch = open_batch(cast, size=2, audit_share=0)
    examples = {card["example"] for card in claim(cast.reviewer, batch, 2)}
    with writing(cast.engine) as session:
        others = [one.person.id for one in (cast.second, cast.expert, cast.lead)]
        gone = update(Membership).where(Membership.person_id.in_(others))
        session.execute(gone.values(left_at=cast.now))
    person = {"person": cast.reviewer.person.id}
    assert cast.admin.put(f"{SOURCES}/{source}/person", json=person).status_code == 200
    found = cast.admin.get(f"{PROJECT}/disagreements").json()["cases"]
    assert {(one["kind"], one["example"]) for one in found} == {("stuck", one) for one in examples}
    assert "2 cases wait for you" in cast.admin.get("/p/support-intents").text


def test_a_source_that_is_nobodys_again_may_be_read(cast: Cast) -> None:
    source = came_from(cast, seed(cast))
    batch = open_batch(cast, size=6, audit_share=0)
    by_program(cast, cast.reviewer, source)
    assert claim(cast.reviewer, batch) == []
    reply = cast.lead.delete(f"{SOURCES}/{source}/person")
    assert reply.json()["person"] is None
    assert claim(cast.reviewer, batch)
    assert done_in(cast)[-1] == "source_unlinked"
    cast.lead.delete(f"{SOURCES}/{source}/person")
    assert done_in(cast).count("source_unlinked") == 1, "nothing changed"


def test_the_form_of_a_member_says_all_their_sources(cast: Cast) -> None:
    one = came_from(cast, seed(cast))
    with writing(cast.engine) as session:
        other = Source(project_id=cast.project.id, origin="b", name="vendor B")
        session.add(other)
        session.flush()
        two = other.id
    on_page(cast, cast.reviewer, one)
    on_page(cast, cast.reviewer, two)
    linked = {row["id"]: row["person"] for row in cast.lead.get(SOURCES).json()}
    assert linked == {one: None, two: cast.reviewer.person.id}
    assert done_in(cast)[-3:] == ["source_linked", "source_unlinked", "source_linked"]


def test_the_people_page_names_sources_long_many_and_none(cast: Cast) -> None:
    assert "Labels they gave" not in cast.lead.get(PEOPLE).text
    source = came_from(cast, seed(cast), LONG)
    with writing(cast.engine) as session:
        session.add_all(
            Source(
                project_id=cast.project.id,
                origin=f"s{n}",
                name=f"worker {n}",
                person_id=cast.second.person.id if n < 5 else None,
            )
            for n in range(200)
        )
    on_page(cast, cast.reviewer, source)
    page = cast.lead.get(PEOPLE).text
    assert f"Gave labels as: <bdi>{LONG[:39]}…</bdi>" in page
    assert "worker 0, worker 1, worker 2 and 2 more" in page
    form = cast.lead.get(f"{PEOPLE}?of={cast.reviewer.person.id}").text
    assert LONG in form and form.count('name="source"') == 201 and "201 sources" in form
    assert re.search(rf'value="{source}" checked>', form) and "30 labels" in form
    assert f"now of {cast.second.person.name}" in form


def test_only_leads_and_only_members_and_sources_of_the_project(cast: Cast) -> None:
    source = came_from(cast, seed(cast))
    person = {"person": cast.reviewer.person.id}
    assert cast.reviewer.put(f"{SOURCES}/{source}/person", json=person).status_code == 404
    nobody = {"person": cast.stranger.person.id}
    assert cast.lead.put(f"{SOURCES}/{source}/person", json=nobody).status_code == 404
    with writing(cast.engine) as session:
        elsewhere = stage(session, cast.lead.person, "Elsewhere", now=cast.now)
        other = Source(project_id=elsewhere.id, origin="x", name="x")
        session.add(other)
        session.flush()
        foreign = other.id
    assert cast.lead.put(f"{SOURCES}/{foreign}/person", json=person).status_code == 404
    with reading(cast.engine) as session:
        assert set(session.scalars(select(Source.person_id))) == {None}


def rows(*annotators: str) -> str:
    lines = [f"{n},text {n},{'ab'[n % 2]},{who}" for n, who in enumerate(annotators)]
    return "\n".join(["id,text,label,annotator", *lines]) + "\n"


def checked_import(cast: Cast) -> str:
    """A file with the reviewer's e-mail, the second's name, and somebody unknown."""
    page = send(cast, rows("REVIEWER@example.org", cast.second.person.name.upper(), "kim"))
    work(cast)
    return page


def linked(cast: Cast) -> dict[str, int | None]:
    with reading(cast.engine) as session:
        return dict(session.execute(select(Source.name, Source.person_id)).all())


def boxes(page: str) -> dict[str, bool]:
    found = re.findall(r'name="own" value="([^"]+)"( checked)?', page)
    return {html.unescape(value): bool(checked) for value, checked in found}


def test_an_import_asks_whether_its_annotators_review_here(cast: Cast) -> None:
    page = checked_import(cast)
    text = html.unescape(re.sub("</?bdi>", "", cast.lead.get(page).text))
    name, second = cast.reviewer.person.name, cast.second.person.name
    assert f"Is annotator “REVIEWER@example.org” {name}, who reviews here?" in text
    assert f"Then {name} will not be given these labels to judge." in text
    mine = f"{cast.reviewer.person.id}:REVIEWER@example.org"
    theirs = f"{cast.second.person.id}:{second.upper()}"
    assert boxes(cast.lead.get(page).text) == {mine: True, theirs: False}
    assert cast.lead.post(f"{page}/commit", data={"own": [theirs]}).status_code == 303
    work(cast)
    assert linked(cast) == {
        "REVIEWER@example.org": None,
        second.upper(): cast.second.person.id,
        "kim": None,
    }
    assert done_in(cast).count("source_linked") == 1


def test_a_program_may_say_it_or_leave_it_to_the_e_mails(cast: Cast) -> None:
    page = checked_import(cast)
    one = f"{PROJECT}/imports/{page.rpartition('/')[2]}"
    likely = cast.lead.get(one).json()["likely_givers"]
    assert [(row["source"], row["person"], row["by"]) for row in likely] == [
        ("REVIEWER@example.org", cast.reviewer.person.id, "email"),
        (cast.second.person.name.upper(), cast.second.person.id, "name"),
    ]
    wrong = cast.lead.post(f"{one}/commit", json={"own_labels": {"nobody": 1}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "own_labels")
    assert cast.lead.post(f"{one}/commit").status_code == 200
    work(cast)
    assert linked(cast)["REVIEWER@example.org"] == cast.reviewer.person.id
    assert linked(cast)[cast.second.person.name.upper()] is None
    batch = open_batch(cast, by="hand", example_ids=tuple(_examples(cast)))
    mine = {card["key"] for card in claim(cast.reviewer, batch, 8)}
    assert mine == {"1", "2"}, "not the one they labeled"


def _examples(cast: Cast) -> list[int]:
    with reading(cast.engine) as session:
        return list(session.scalars(select(Example.id)))


def test_an_admin_is_told_of_cases_that_no_lead_may_judge(cast: Cast) -> None:
    filled = seed(cast)
    source = came_from(cast, filled)
    with writing(cast.engine) as session:
        session.execute(
            update(Example).where(Example.id.in_(filled.examples[3:])).values(source_id=None)
        )
        session.add_all(
            Disagreement(
                project_id=cast.project.id,
                example_id=example,
                kind=Question.STUCK,
                seq=1,
                created_at=cast.now,
                settled_at=cast.now if place == 2 else None,
            )
            for place, example in enumerate(filled.examples[:6])
        )
    here = "/p/support-intents"
    sentence = "because no lead may judge"
    assert sentence not in cast.admin.get(here).text
    assert cast.lead.put(
        f"{SOURCES}/{source}/person", json={"person": cast.lead.person.id}
    ).is_success
    told = cast.admin.get(here).text
    assert "2 cases wait for you, because no lead may judge them" in told
    assert sentence not in cast.lead.get(here).text
    link = f"{here}/disagreements?for_admin=true"
    assert link in told
    assert cast.admin.get(link).text.count(f'href="{here}/disagreements/') >= 2
    keys = [example_key(cast, example) for example in filled.examples[:6]]
    shown = cast.admin.get(link).text
    assert all(key in shown for key in keys[:2]) and keys[3] not in shown
    with writing(cast.engine) as session:
        session.execute(
            update(Membership).where(Membership.role == Role.LEAD).values(left_at=cast.now)
        )
    assert "5 cases wait for you" in cast.admin.get(here).text


def example_key(cast: Cast, example: int) -> str:
    with reading(cast.engine) as session:
        return session.get_one(Example, example).key
