"""The standing cast, signed in over HTTP: admin, lead, expert, reviewer, stranger, anonymous.

`cast.lead.get("/p/…")`, `cast.lead.post("/p/…", data={…})`, `cast.lead.post("/api/…", json={…})`:
each client sends its own form token. `cast.step(minutes=5)` moves the site's clock.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.accounts.membership import join
from app.accounts.passwords import hash_password
from app.accounts.people import Newcomer, create_person
from app.accounts.sessions import open_login
from app.datasets.labels import NewLabel, add_label
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import open_engine, writing
from app.db.log import lock_project
from app.db.tables.datasets import Label
from app.db.words import DataType, Role
from app.main import create_app
from app.settings import Settings
from tests.kept import Kept
from tests.web.in_process import InProcess

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PASSWORD = "four plain purple otters"
_hashed: list[str] = []


@dataclass(frozen=True)
class Part:
    """Who somebody of the cast is."""

    id: int
    pseudonym: str
    name: str
    email: str


@dataclass(frozen=True)
class Stage:
    """A project of the cast."""

    id: int
    slug: str


class Actor(httpx.Client):
    """A client that is signed in and sends its form token, unless told otherwise."""

    csrf = ""
    raw = ""
    person: Part

    def __init__(self, app: FastAPI, *, address: str = "127.0.0.1", **more: Any) -> None:
        super().__init__(transport=InProcess(app, address=address), **more)
        self.app = app

    def come_back(self) -> None:
        """Hold the session's cookie again, after the site took it away."""
        self.cookies.set("relabel", self.raw, domain="localhost.local", path="/")

    def anew(self) -> Actor:
        """The same session without the form token's header."""
        other = actor(self.app)
        other.cookies.update(self.cookies)
        other.csrf, other.raw, other.person = self.csrf, self.raw, self.person
        return other


def actor(app: FastAPI, *, address: str = "127.0.0.1", **more: Any) -> Actor:
    return Actor(app, address=address, base_url="http://localhost", **more)


@dataclass
class Cast:
    engine: Engine
    app: FastAPI
    project: Stage
    admin: Actor
    lead: Actor
    expert: Actor
    reviewer: Actor
    second: Actor  # another reviewer
    stranger: Actor  # has an account, takes part in nothing
    anonymous: Actor
    at: dict[str, datetime] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.at["now"]

    def step(self, **much: float) -> datetime:
        self.at["now"] += timedelta(**much)
        return self.now


def cached_hash() -> str:
    """The one password of the cast; hashing is slow on purpose, so once a run."""
    if not _hashed:
        _hashed.append(hash_password(PASSWORD))
    return _hashed[0]


def make_person(session: Session, name: str, *, admin: bool = False, now: datetime) -> Part:
    email = f"{name.lower()}@example.org"
    person = create_person(session, Newcomer(name, email, admin=admin), now=now)
    person.password_hash = cached_hash()
    session.flush()
    return Part(person.id, person.pseudonym, person.name, person.email)


def sign_in_actor(app: FastAPI, engine: Engine, part: Part, *, now: datetime) -> Actor:
    """Open a session as sign-in would, without waiting for the password."""
    with writing(engine) as session:
        opened, raw = open_login(session, part.id, now=now)
    return signed_in(app, part, opened.csrf, raw)


def signed_in(app: FastAPI, part: Part, csrf: str, raw: str) -> Actor:
    """One whose session is open."""
    made = actor(app, headers={"X-CSRF-Token": csrf})
    made.csrf, made.raw, made.person = csrf, raw, part
    made.come_back()
    return made


def stage(session: Session, lead: Part, name: str, *, now: datetime) -> Stage:
    project = create_project(session, ProjectPlan(name, DataType.TEXT, confirmations=2), now=now)
    join(session, project.id, lead.id, Role.LEAD, now=now)
    return Stage(project.id, project.slug)


def put_label(session: Session, project_id: int, label: NewLabel, *, now: datetime) -> Label:
    """A label of a project, added as its lead would."""
    lock = lock_project(session, project_id)
    added = add_label(lock, label, actor=None, now=now)
    lock.save()
    return added


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, log_level="ERROR")


@dataclass(frozen=True)
class Standing:
    """The cast as every test finds it: made once a worker, its rows put where they are wanted."""

    parts: dict[str, Part]
    logins: dict[str, tuple[str, str]]  # what a form proves itself by, and the cookie
    project: Stage
    rows: Kept


@pytest.fixture(scope="session")
def standing(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Standing:
    file = shutil.copy(sqlite_template, tmp_path_factory.mktemp("standing") / "relabel.sqlite")
    engine = open_engine(f"sqlite:///{file}")
    names = ("Admin", "Lead", "Expert", "Reviewer", "Second", "Stranger")
    with writing(engine) as session:
        parts = {
            name: make_person(session, name, admin=name == "Admin", now=NOON) for name in names
        }
        project = stage(session, parts["Lead"], "Support intents", now=NOON)
        for name, role in (
            ("Expert", Role.EXPERT),
            ("Reviewer", Role.REVIEWER),
            ("Second", Role.REVIEWER),
        ):
            join(session, project.id, parts[name].id, role, now=NOON)
        opened = {name: open_login(session, part.id, now=NOON) for name, part in parts.items()}
        logins = {name: (login.csrf, raw) for name, (login, raw) in opened.items()}
        rows = Kept.of(session)
    engine.dispose()
    return Standing(parts, logins, project, rows)


@cache
def _description() -> dict[str, Any]:
    """What the site says of its routes: the same in every app, and it takes a second to say it."""
    unopened = open_engine("sqlite:///unopened.sqlite")
    return create_app(Settings(log_level="ERROR"), engine=unopened).openapi()


@pytest.fixture
def cast(engine: Engine, settings: Settings, standing: Standing) -> Iterator[Cast]:
    at = {"now": NOON}
    app = create_app(settings, engine=engine, clock=lambda session: at["now"])
    app.openapi = _description  # type: ignore[method-assign]  # as FastAPI's own pages do it
    with writing(engine) as session:
        standing.rows.put(session)
    everyone = [
        signed_in(app, part, *standing.logins[name]) for name, part in standing.parts.items()
    ]
    yield Cast(engine, app, standing.project, *everyone, anonymous=actor(app), at=at)
    for one in everyone:
        one.close()


@pytest.fixture
def statements(engine: Engine) -> Iterator[Callable[[], AbstractContextManager[list[str]]]]:
    """`with statements() as seen:` collects the SQL sent meanwhile, transactions' ends left out."""

    @contextmanager
    def collecting() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            if not statement.startswith("BEGIN"):
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        yield seen
        event.remove(engine, "before_cursor_execute", note)

    yield collecting
