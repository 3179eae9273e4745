"""A project is founded the same way by page, by program, by command line and for the samples."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from app.accounts.people import Newcomer, create_person, disable, person_by_email
from app.cli.main import relabel
from app.db.engine import reading, writing
from app.db.tables.accounts import Activity, Membership, Person
from app.db.tables.datasets import Project
from app.db.words import Role
from app.errors import Failure, NotFound
from tests.conftest import NOON
from tests.running.processes import relabel as as_process
from tests.web.cast import Cast

FILE = "id,text,label\n1,where is my card,card\n2,top up failed,top_up\n"


def told(engine: Engine, name: str) -> tuple[int, list[tuple[str, Role]], list[tuple[str, str]]]:
    """A project's confirmations, its people with their roles, and what was noted of whom."""
    with reading(engine) as session:
        project = session.scalars(select(Project).where(Project.name == name)).one()
        names = dict(session.execute(select(Person.id, Person.name)).all())
        parts = session.scalars(select(Membership).where(Membership.project_id == project.id))
        noted = session.scalars(
            select(Activity).where(Activity.project_id == project.id).order_by(Activity.id)
        )
        return (
            project.confirmations,
            [(names[part.person_id], part.role) for part in parts],
            [(one.kind, names.get(one.person_id or 0, "")) for one in noted],
        )


def as_lead(name: str) -> tuple[list[tuple[str, Role]], list[tuple[str, str]]]:
    return [(name, Role.LEAD)], [("joined", name), ("project_created", name)]


def people(engine: Engine, *names: str, admins: tuple[str, ...] = ()) -> None:
    with writing(engine) as session:
        for name in names:
            email = f"{name.lower()}@example.org"
            create_person(session, Newcomer(name, email, admin=name in admins), now=NOON)


@pytest.fixture
def place(engine: Engine, database_url: str, tmp_path: Path) -> list[str]:
    (tmp_path / "cards.csv").write_text(FILE)
    where = ["--data", str(tmp_path), "--database", database_url]
    return [str(tmp_path / "cards.csv"), "--yes", *where]


def bring(place: list[str], *more: str) -> None:
    result = CliRunner().invoke(relabel, ["import", "Cards", *place, *more])
    if isinstance(result.exception, Failure):
        raise result.exception
    assert result.exit_code == 0, result.output


def test_a_page_founds_with_a_lead_and_the_usual_readers(cast: Cast) -> None:
    shown = cast.lead.get("/projects/new").text
    assert 'value="2" checked' in shown and 'value="1" checked' not in shown
    assert cast.lead.post("/projects/new", data={"name": "By page"}).status_code == 303
    assert told(cast.engine, "By page") == (2, *as_lead("Lead"))
    chosen = {"name": "Chosen", "confirmations": "1"}
    assert cast.lead.post("/projects/new", data=chosen).status_code == 303
    assert told(cast.engine, "Chosen")[0] == 1


def test_a_program_founds_as_a_page_does(cast: Cast) -> None:
    body = {"name": "By program", "data_type": "text"}
    reply = cast.lead.post("/api/v1/projects", json=body)
    assert (reply.status_code, reply.json()["confirmations"]) == (201, 2)
    assert told(cast.engine, "By program") == (2, *as_lead("Lead"))
    refused = cast.lead.post("/api/v1/projects", json=body | {"confirmations": 0})
    assert (refused.status_code, refused.json()["code"]) == (422, "confirmations")


def test_while_one_account_is_open_its_answers_are_final(cast: Cast) -> None:
    with writing(cast.engine) as session:
        for person in session.scalars(select(Person)):
            if person.name != "Lead":
                person.disabled_at = NOON
    assert 'value="1" checked' in cast.lead.get("/projects/new").text
    body = {"name": "Alone", "data_type": "text"}
    assert cast.lead.post("/api/v1/projects", json=body).json()["confirmations"] == 1


def test_without_any_account_nobody_joins_and_one_reader_decides(
    engine: Engine, place: list[str]
) -> None:
    bring(place)
    assert told(engine, "Cards") == (1, [], [("project_created", "")])


def test_the_console_gives_the_project_to_the_first_admin(engine: Engine, place: list[str]) -> None:
    people(engine, "Ann", "Bea", "Cid", admins=("Bea", "Cid"))
    bring(place)
    assert told(engine, "Cards") == (2, *as_lead("Bea"))


def test_an_admin_whose_account_is_closed_does_not_count(engine: Engine, place: list[str]) -> None:
    people(engine, "Ann", "Bea", admins=("Ann", "Bea"))
    with writing(engine) as session:
        ann = person_by_email(session, "ann@example.org")
        assert ann is not None
        disable(session, ann, now=NOON)
    bring(place)
    assert told(engine, "Cards") == (1, *as_lead("Bea"))


def test_the_console_names_the_lead_and_the_readers(engine: Engine, place: list[str]) -> None:
    people(engine, "Ann", "Bea", admins=("Bea",))
    bring(place, "--lead", "ANN@example.org", "--confirmations", "1")
    assert told(engine, "Cards") == (1, *as_lead("Ann"))
    bring(place, "--lead", "bea@example.org")  # it is there already: nothing is founded
    assert told(engine, "Cards") == (1, *as_lead("Ann"))


def test_a_lead_nobody_knows_founds_nothing(engine: Engine, place: list[str]) -> None:
    people(engine, "Ann")
    with pytest.raises(NotFound, match="Nobody has an open account"):
        bring(place, "--lead", "nobody@example.org")
    with reading(engine) as session:
        assert session.scalars(select(Project)).all() == []


def test_the_command_itself_founds_and_says_how_it_went(tmp_path: Path) -> None:
    (tmp_path / "cards.csv").write_text(FILE)
    at = ("--data", str(tmp_path / "data"))
    arguments = ("import", "Cards", str(tmp_path / "cards.csv"), "--yes", *at)
    assert as_process(*arguments).returncode == 0
    lost = as_process("import", "Other", *arguments[2:], "--lead", "nobody@example.org")
    assert lost.returncode == 1 and "relabel people add" in lost.stderr
