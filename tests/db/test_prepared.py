"""Statements of the hot path answer as SQLAlchemy would, whichever way they are run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Integer, bindparam, event, insert, select, update
from sqlalchemy.exc import IntegrityError, PendingRollbackError
from sqlalchemy.orm import Session

from app.accounts.people import Newcomer, create_person
from app.accounts.sessions import open_login
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import writing
from app.db.prepared import LONGEST, look_up, run
from app.db.tables.accounts import LoginSession, Person
from app.db.tables.datasets import Label, Project
from app.db.words import DataType
from tests.conftest import NOON

TIMES = 3  # the first run is SQLAlchemy's, the others are not


@pytest.fixture
def project_id(engine: Engine) -> int:
    with writing(engine) as session:
        person = create_person(session, Newcomer("Ada", "ada@example.org"), now=NOON)
        person.preferences = {"keys": {"skip": "ü"}, "theme": "dark"}
        open_login(session, person.id, now=NOON)
        project = create_project(session, ProjectPlan("P", DataType.TEXT, 2), now=NOON)
        return project.id


def test_rows_are_those_of_sqlalchemy_in_the_same_types(engine: Engine, project_id: int):
    statement = (
        select(
            Person.name,
            Person.is_admin,
            Person.preferences,
            Person.disabled_at,
            LoginSession.token_hash,
            LoginSession.expires_at.label("ends"),
            Project.data_type,
            Project.id.label("of_project"),
        )
        .join(LoginSession, LoginSession.person_id == Person.id)
        .join(Project, Project.id == bindparam("project"))
        .where(LoginSession.expires_at > bindparam("now", type_=LoginSession.expires_at.type))
        .limit(bindparam("count", type_=Integer))
    )
    asked = {"project": project_id, "now": NOON, "count": 5}
    with Session(engine) as session:
        expected = session.connection().execute(statement, asked).one()
        for _ in range(TIMES):
            row = run(session, statement, asked).one()
            assert tuple(row) == tuple(expected)
            assert [type(value) for value in row] == [type(value) for value in expected]
            assert (row.ends, row.of_project) == (NOON + timedelta(days=7), project_id)
        assert run(session, statement, asked | {"count": 0}).one_or_none() is None


def add_labels(project_id: int, *names: str) -> list[dict[str, Any]]:
    return [
        {
            "project_id": project_id,
            "name": name,
            "position": place,
            "synonyms": [name] * place,
            "definition": "",
        }
        for place, name in enumerate(names)
    ]


def test_lists_of_any_length_find_what_they_name(engine: Engine, project_id: int):
    add = insert(Label.__table__)  # type: ignore[arg-type]
    among = (
        select(Label.name, Label.synonyms)
        .where(Label.name.in_(bindparam("names", expanding=True)), Label.project_id == project_id)
        .order_by(Label.name)
    )
    with writing(engine) as session:
        run(session, add, add_labels(project_id, "a", "b"))
        run(session, add, add_labels(project_id, "c", "d", "e"))
        run(session, add, add_labels(project_id, "f"))
        run(session, add, add_labels(project_id, "g")[0])
        for _ in range(TIMES):
            for names in ([], ["a"], ["b", "e", "none"], ["g", "f"], ["c"] * (LONGEST + 1)):
                rows = run(session, among, {"names": names}).all()
                assert [row.name for row in rows] == sorted({*names} - {"none"})
        assert run(session, among, {"names": ["e"]}).one().synonyms == ["e", "e"]


def test_a_change_changes_and_what_it_names_comes_in_any_order(engine: Engine, project_id: int):
    rename = (
        update(Label.__table__)  # type: ignore[arg-type]
        .where(Label.project_id == bindparam("of_project"))
        .values(name=bindparam("name"), synonyms=bindparam("synonyms"))
    )
    with writing(engine) as session:
        run(session, insert(Label.__table__), add_labels(project_id, "a"))  # type: ignore[arg-type]
        for name in ("one", "two", "three"):
            told: dict[str, Any] = {"of_project": project_id, "name": name, "synonyms": [name]}
            run(session, rename, told)
            run(session, rename, dict(reversed(told.items())))
            found = session.execute(select(Label.name, Label.synonyms)).one()
            assert tuple(found) == (name, [name])


def test_what_the_database_refuses_is_raised_as_sqlalchemy_raises_it(
    engine: Engine, project_id: int
):
    add = insert(Label.__table__)  # type: ignore[arg-type]
    for time in range(TIMES):
        with Session(engine) as session:
            run(session, add, add_labels(project_id, f"label {time}"))
            session.commit()
            with pytest.raises(IntegrityError):
                run(session, add, add_labels(project_id + 1_000, "nowhere"))
                session.commit()
            session.rollback()
            assert session.scalars(select(Label.name)).all()[-1] == f"label {time}"


def test_nothing_runs_on_after_a_failed_flush(engine: Engine, project_id: int):
    names = select(Label.name)
    with Session(engine) as session:
        for _ in range(TIMES):
            run(session, names)
        session.add(Label(project_id=project_id + 1_000, name="x", position=0, synonyms=[]))
        try:
            session.flush()
        except IntegrityError:
            with pytest.raises(PendingRollbackError):
                run(session, names)
        else:  # this database looks at foreign keys when it commits
            with pytest.raises(IntegrityError):
                session.commit()
        session.rollback()
        assert run(session, names).all() == []


def test_whoever_watches_statements_sees_them(engine: Engine, project_id: int):
    names = select(Label.name)
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        seen.append(statement)

    with Session(engine) as session:
        for _ in range(TIMES):
            run(session, names)
    event.listen(engine, "before_cursor_execute", note)
    with Session(engine) as session:
        run(session, names)
    event.remove(engine, "before_cursor_execute", note)
    assert any("label" in statement for statement in seen)


def test_a_query_by_itself_finds_what_is_committed(engine: Engine, project_id: int):
    by_name = select(Label.name, Label.synonyms).where(Label.name == bindparam("name"))
    with writing(engine) as session:
        run(session, insert(Label.__table__), add_labels(project_id, "a", "b"))  # type: ignore[arg-type]
        for _ in range(TIMES):
            assert look_up(session, by_name, {"name": "b"}).one().synonyms == ["b"]
    for _ in range(TIMES):
        assert look_up(engine, by_name, {"name": "b"}).one().synonyms == ["b"]
        assert look_up(engine, by_name, {"name": "c"}).one_or_none() is None
    with pytest.raises(AssertionError):
        look_up(engine, update(Label).values(name="x"), {})
