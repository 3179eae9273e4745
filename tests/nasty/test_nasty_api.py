"""Every bad input over HTTP: the same findings as on the command line, and never a 5xx.

A case meets one database here and the other on the command line (`test_nasty.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, func, select

from app.accounts.membership import join
from app.cli.imports import usual_answer
from app.datasets.labels import labels_of
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, LeftOut
from app.db.words import DataType, Role
from app.main import create_app
from app.settings import Settings
from tests.nasty.cases import CASES, Case, Given
from tests.nasty.conftest import each_case
from tests.web.cast import NOON, Actor, Part, Stage, make_person, sign_in_actor
from tests.web.test_imports import work

FILES = ("media", "labels", "pred_probs", "embeddings")
ROUNDS = 10


@dataclass
class Door:
    """The API of one database, and a lead who may come in."""

    engine: Engine
    app: FastAPI
    part: Part
    lead: Actor
    now: datetime = NOON


@pytest.fixture(scope="module")
def doors(both: list[Engine], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Door]]:
    made = []
    for engine in both:
        settings = Settings(data=tmp_path_factory.mktemp("nasty_api"), log_level="ERROR")
        app = create_app(settings, engine=engine, clock=lambda session: NOON)
        with writing(engine) as session:
            part = make_person(session, "Lead", now=NOON)
        made.append(Door(engine, app, part, sign_in_actor(app, engine, part, now=NOON)))
    yield made
    for door in made:
        door.lead.close()


@each_case(CASES, turn=1)
def test_a_bad_input_ends_over_http_as_the_table_says(
    doors: list[Door], tmp_path: Path, case: Case, database: int
) -> None:
    door, given = doors[database], case.make(tmp_path)
    project = made_project(door, case, given)
    shown = settled(door, project, given)
    where = (door.engine.dialect.name, shown["problems"], shown["stops"], shown["message"])
    assert set(shown["counts"]) == case.codes, where
    found = [*shown["problems"], *shown["stops"]]
    assert all(item["message"] and item["fix"] and "?" not in item["message"] for item in found)
    assert all(item["row"] for item in shown["problems"])
    page = f"/api/v1/projects/{project.slug}/imports/{shown['id']}"
    reply = door.lead.post(f"{page}/commit")
    assert reply.status_code == (200 if case.good else 409), reply.text
    if not case.good:
        assert reply.json()["next_step"]
    work(door)  # type: ignore[arg-type]  # it needs the engine, the app and the time alone
    ended = door.lead.get(page).json()
    assert ended["state"] == ("done" if case.good else "staged"), ended
    with reading(door.engine) as session:
        imported = select(func.count()).where(Example.import_id == shown["id"])
        left = select(func.count()).where(LeftOut.import_id == shown["id"])
        assert session.scalar(imported) == case.good
        if case.good:
            assert case.good + (session.scalar(left) or 0) == ended["rows_read"]
        if case.labels is not None:
            names = tuple(label.name for label in labels_of(session, project.id))
            assert names == case.labels


def made_project(door: Door, case: Case, given: Given) -> Stage:
    kind = DataType.TEXT
    if given.options.get("image") or given.file.suffix == ".zip":
        kind = DataType.IMAGE
    elif given.options.get("columns"):
        kind = DataType.TABULAR
    with writing(door.engine) as session:
        name = f"over http {case.id}"
        made = create_project(session, ProjectPlan(name, kind, confirmations=1), now=NOON)
        join(session, made.id, door.part.id, Role.LEAD, now=NOON)
        return Stage(made.id, made.slug)


def settled(door: Door, project: Stage, given: Given) -> dict[str, Any]:
    """Send the file, have it checked, and answer its questions as `--yes` does."""
    mapping = {name: value for name, value in given.options.items() if name not in FILES}
    files = {name: given.options[name] for name in FILES if name in given.options}
    sent = {name: (path.name, path.read_bytes()) for name, path in files.items()}
    sent["file"] = (given.file.name, given.file.read_bytes())
    base = f"/api/v1/projects/{project.slug}/imports"
    reply = door.lead.post(base, files=sent, data={"mapping": json.dumps(mapping)})
    assert reply.status_code == 200, reply.text
    page = f"{base}/{reply.json()['id']}"
    answered = set(mapping.get("choices", {}))
    for _ in range(ROUNDS):
        work(door)  # type: ignore[arg-type]
        shown: dict[str, Any] = door.lead.get(page).json()
        asked = [item for item in shown["questions"] if item["code"] not in answered]
        usual = {item["code"]: usual_answer(item) for item in asked}
        choices = {code: value for code, value in usual.items() if value is not None}
        answered |= set(choices)
        if not choices:
            break
        reply = door.lead.post(f"{page}/answers", json={"choices": choices})
        assert reply.status_code == 200, reply.text
    return shown
