"""Everybody who may knock: who is in, who was, who never was, and programs of theirs."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.membership import join
from app.accounts.tokens import NewToken, make_token
from app.db.engine import reading, writing
from app.db.tables.accounts import Token
from app.db.tables.datasets import Example, Project, Source
from app.db.tables.guidelines import Guideline
from app.db.tables.review import Batch, BatchPerson, Disagreement
from app.db.words import Role
from tests.sweeps.world import World, furnish
from tests.web.cast import Actor, Part, actor, make_person, sign_in_actor, stage

NEVER_IN = ("nobody", "disabled", "revoked_token", "expired_token")
"""Whoever they say they are, nobody knows them: every private route sends them to sign in."""

PERSONS = (
    "stranger",  # an account, and no part in the project
    "removed",  # a reviewer of the batch who was taken out of the project
    "elsewhere",  # a lead's token that is bound to another project
    "shelved_reviewer",  # of a project that was put away
    "shelved_lead",
    "barred",  # a reviewer of the batch who gave the labels
    "no_batch",  # a reviewer of the project, not of the batch
    "off_batch",  # a reviewer who was handed an example, then taken off the batch
    "reviewer",  # of the batch, with an example in hand
    "expert",  # of the batch
    "lead",
    "token",  # a lead's, for this project
    "admin",
)


@dataclass(frozen=True)
class Person:
    client: Actor
    known: dict[str, Any]  # what their addresses and bodies are made of


@dataclass
class Crowd:
    world: World
    persons: dict[str, Person]


def _program(world: World, raw: str) -> Actor:
    return actor(world.cast.app, headers={"Authorization": f"Bearer {raw}"})


def _bring_sources(session: Session, project_id: int, giver: Part) -> int:
    """All labels of the project were given by one of its reviewers; the id of that source."""
    session.add(source := Source(project_id=project_id, origin="B", name="B", person_id=giver.id))
    session.flush()
    session.execute(
        update(Example).where(Example.project_id == project_id).values(source_id=source.id)
    )
    return source.id


@pytest.fixture
def crowd(world: World) -> Crowd:
    cast, now = world.cast, world.cast.now
    no_coins = random.Random(4)  # whose first numbers ask for no further read of what is answered
    cast.app.state = replace(cast.app.state, rng=no_coins)  # type: ignore[assignment]
    lead, ours = cast.lead.person.id, world.ours
    with writing(cast.engine) as session:
        parts = {
            name: make_person(session, name, now=now)
            for name in (
                "removed",
                "disabled",
                "barred",
                "off_batch",
                "shelved",
                "shelver",
                "colleague",
            )
        }
        for name in ("removed", "disabled", "barred", "off_batch"):
            join(session, cast.project.id, parts[name].id, Role.REVIEWER, now=now)
        session.get_one(Batch, ours["batch_id"]).everyone = False
        for part in (
            cast.reviewer.person, cast.expert.person,
            *(parts[name] for name in ("removed", "disabled", "barred", "off_batch")),
        ):  # fmt: skip
            session.add(BatchPerson(batch_id=ours["batch_id"], person_id=part.id))
        shelf = stage(session, parts["shelver"], "Put away", now=now)
        join(session, shelf.id, parts["shelved"].id, Role.REVIEWER, now=now)
        shelved = furnish(session, shelf, parts["shelver"], parts["shelved"], now=now)
        ours["colleague"] = shelved["colleague"] = parts["colleague"].id
        together = stage(session, cast.lead.person, "Together", now=now)
        for one in ("colleague", "shelver"):
            join(session, together.id, parts[one].id, Role.REVIEWER, now=now)
        ours["gave_all"] = _bring_sources(session, cast.project.id, parts["barred"])
        shelved["gave_all"] = shelved["source_id"]
        elsewhere, token, revoked, expired = (
            make_token(session, lead, NewToken(name, 30, project), now=now)[1]
            for name, project in (
                ("elsewhere", shelf.id), ("ours", cast.project.id), ("revoked", None),
                ("expired", None),
            )
        )  # fmt: skip
        ended = {"revoked": {"revoked_at": now}, "expired": {"expires_at": now - timedelta(days=1)}}
        for name, values in ended.items():
            session.execute(update(Token).where(Token.name == name).values(values))
    clients = {
        name: sign_in_actor(cast.app, cast.engine, part, now=now) for name, part in parts.items()
    }
    ours |= _answered(cast.reviewer, ours)
    shelved |= _answered(clients["shelved"], shelved)
    with writing(cast.engine) as session:  # somebody else saw that answered example otherwise
        for known in (ours, shelved):
            session.get_one(Disagreement, known["differs"]).example_id = known["answered"]
            _write_rule(session, known, now=now)
    _ruled(cast.lead, ours)
    _ruled(clients["shelver"], shelved)
    ours["grid"] = _grid(cast.lead, ours, _readers(world))
    shelved["grid"] = _grid(clients["shelver"], shelved, [])
    with_lease = ours | _taken_off(world, clients["off_batch"], parts["off_batch"])
    _sent_away(world, parts, shelf.slug)
    world.keep()
    return Crowd(
        world,
        {
            "nobody": Person(cast.anonymous, ours),
            "disabled": Person(clients["disabled"], ours),
            "revoked_token": Person(_program(world, revoked), ours),
            "expired_token": Person(_program(world, expired), ours),
            "stranger": Person(cast.stranger, ours),
            "removed": Person(clients["removed"], ours),
            "elsewhere": Person(_program(world, elsewhere), ours),
            "shelved_reviewer": Person(clients["shelved"], shelved),
            "shelved_lead": Person(clients["shelver"], shelved),
            "barred": Person(clients["barred"], ours),
            "no_batch": Person(cast.second, ours),
            "off_batch": Person(clients["off_batch"], with_lease),
            "reviewer": Person(cast.reviewer, ours),
            "expert": Person(cast.expert, ours),
            "lead": Person(cast.lead, ours),
            "token": Person(_program(world, token), ours),
            "admin": Person(cast.admin, ours),
        },
    )


def _grid(lead: Actor, known: dict[str, Any], people: list[int]) -> int:
    """A batch of tiles, for the people of the other one."""
    plan = {"by": "grid", "label": known["label_id"], "size": 1, "most_errors": 50}
    url = f"/api/v1/projects/{known['slug']}/batches"
    reply = lead.post(url, json=plan | {"people": people})
    assert reply.status_code == 201, reply.text
    return int(reply.json()["id"])


def _ruled(lead: Actor, known: dict[str, Any]) -> None:
    """The lead has ruled on a case, and may take that back."""
    url = f"/api/v1/projects/{known['slug']}/disagreements/{known['ruled']}/settle"
    reply = lead.post(url, json={"key": "2" * 36, "verdict": "confirm"})
    assert reply.status_code == 200, reply.text


def _readers(world: World) -> list[int]:
    with reading(world.cast.engine) as session:
        asked = select(BatchPerson.person_id).where(BatchPerson.batch_id == world.ours["batch_id"])
        return list(session.scalars(asked))


def _write_rule(session: Session, known: dict[str, Any], *, now: datetime) -> None:
    """A rule that is newer than what was answered."""
    example = session.get_one(Example, known["answered"])
    known["answered_key"] = example.key
    session.get_one(Project, example.project_id).guideline_revision = 2
    session.add(
        Guideline(
            project_id=example.project_id, subject="", version=1, revision=2, text="Look.",
            salt="0" * 32, at=now,
        )
    )  # fmt: skip


def _answered(reviewer: Actor, known: dict[str, Any]) -> dict[str, Any]:
    """The reviewer has answered one example, and holds another."""
    url = f"/api/v1/batches/{known['batch_id']}/claim"
    claimed = reviewer.post(url, json={"want": 2}).json()["examples"]
    card = next(one for one in claimed if one["lease"] != known["lease"])
    answer = {"key": "1" * 36, "lease": card["lease"], "verdict": "confirm"}
    reply = reviewer.post("/api/v1/decisions", json=answer)
    assert reply.status_code == 200, reply.text
    return {"seq": reply.json()["seq"], "answered": card["example"]}


def _taken_off(world: World, client: Actor, part: Part) -> dict[str, Any]:
    """They take an example of the batch, and then the batch is for others."""
    batch_id = world.ours["batch_id"]
    claimed = client.post(f"/api/v1/batches/{batch_id}/claim", json={"want": 1})
    assert claimed.status_code == 200, claimed.text
    lease = claimed.json()["examples"][0]
    others = [reader for reader in _readers(world) if reader != part.id]
    for batch in (batch_id, world.ours["grid"]):
        reply = world.cast.lead.patch(f"/api/v1/batches/{batch}", json={"people": others})
        assert reply.status_code == 200, reply.text
    example = lease["example"]
    mine = {"lease": lease["lease"], "leases": [lease["lease"]]}
    return mine | {"example": example, "examples": [example], "example_id": example}


def _sent_away(world: World, parts: dict[str, Part], shelf: str) -> None:
    """By those who may, as it is done."""
    cast, slug = world.cast, world.ours["slug"]
    removed, disabled = parts["removed"].id, parts["disabled"].id
    for reply in (
        cast.lead.post(f"/p/{slug}/people/{removed}/remove", data={}),
        cast.admin.post(f"/admin/members/{disabled}/standing", data={"standing": "closed"}),
        cast.admin.patch(f"/api/v1/projects/{shelf}", json={"archived": True}),
    ):
        assert reply.status_code in (200, 303), reply.text
    with writing(cast.engine) as session:
        assert session.query(Project).filter(Project.slug == shelf).one().archived_at is not None
