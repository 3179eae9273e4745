"""One file through each of the three doors: command line, API, page; what came of it.

A case is told once and tried at every door: `@each_door` above a test that takes `door`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zlib import crc32

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.accounts.membership import join
from app.cli.imports import usual_answer
from app.cli.main import relabel
from app.datasets.cell import shown_columns
from app.datasets.chosen_columns import NO_LABEL
from app.datasets.labels import labels_of
from app.datasets.mapping import BESIDE, NO_COLUMN
from app.datasets.projects import ProjectPlan, create_project
from app.datasets.report import report_of
from app.datasets.roles import ROLES
from app.datasets.stage import can_import
from app.db.engine import reading, writing
from app.db.tables.datasets import DataImport, Example, Label, Project
from app.db.words import DataType, ImportState, Role
from app.errors import Failure
from app.web.pages.import_columns import uses_of
from tests.conftest import DATABASES
from tests.web.cast import NOON, Cast, Stage
from tests.web.console import place_of
from tests.web.test_imports import work

_ROUNDS = 10


@dataclass(frozen=True)
class Sent:
    """A file and what is said of it: `said` has roles, parts of `Reading` and `choices`."""

    name: str
    content: bytes
    said: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    data_type: DataType = DataType.TEXT
    answers: bool = True  # open questions get their usual answer, as `--yes` gives it
    into: Stage | None = None  # None: a new project


class Row(NamedTuple):
    """One example as it is in the project."""

    key: str
    content: str  # the text, or the content as it is stored
    given: str | None
    columns: Mapping[str, str | None]


@dataclass(frozen=True)
class Came:
    """What a file became: its rows, labels, findings, and the questions that are open."""

    project: Stage
    state: ImportState
    rows: list[Row]
    labels: list[str]
    codes: Mapping[str, int]
    open: frozenset[str]
    shown: str  # what the door said: the page, the JSON, the terminal

    @property
    def given(self) -> list[str | None]:
        return [row.given for row in self.rows]


Door = Callable[[Cast, Sent], Came]
Test = TypeVar("Test", bound=Callable[..., None])
_made = iter(range(1, 1_000_000))


def _project(cast: Cast, sent: Sent) -> Stage:
    """A new project for each case, unless it says where it goes."""
    if sent.into is not None:
        return sent.into
    with writing(cast.engine) as session:
        plan = ProjectPlan(f"door {next(_made)}", sent.data_type, confirmations=1)
        made = create_project(session, plan, now=NOON)
        join(session, made.id, cast.lead.person.id, Role.LEAD, now=NOON)
        return Stage(made.id, made.slug)


def by_command(cast: Cast, sent: Sent) -> Came:
    """`relabel import`, with `--yes` where questions get their usual answers."""
    project = _project(cast, sent)
    settings = cast.app.state.settings
    folder: Path = settings.data / f"sent-{project.id}"
    folder.mkdir(parents=True, exist_ok=True)
    line = ["import", project.slug, str(_put(folder, sent.name, sent.content))]
    for name, value in sent.said.items():
        if name == "choices":
            line += [part for pair in value.items() for part in ("--answer", "=".join(pair))]
        else:
            shown = ",".join(value) if isinstance(value, list) else str(value)
            line += [f"--{name.replace('_', '-')}", shown]
    for name, (file, content) in sent.beside.items():
        line += [f"--{name.replace('_', '-')}", str(_put(folder, file, content))]
    line += ["--yes"] if sent.answers else []
    line += place_of(cast)
    ran = CliRunner().invoke(relabel, line)
    failed = ran.exception is not None and not isinstance(ran.exception, (Failure, SystemExit))
    assert not failed, ran.output
    return _came(cast, project, ran.output + str(ran.exception or ""))


def by_api(cast: Cast, sent: Sent) -> Came:
    project = _project(cast, sent)
    base = f"/api/v1/projects/{project.slug}/imports"
    files = {**sent.beside, "file": (sent.name, sent.content)}
    reply = cast.lead.post(base, files=files, data={"mapping": json.dumps(dict(sent.said))})
    assert reply.status_code == 200, reply.text
    url = f"{base}/{reply.json()['id']}"
    for _ in range(_ROUNDS):
        work(cast)
        shown: dict[str, Any] = cast.lead.get(url).json()
        answers = _usual(shown["questions"]) if sent.answers else {}
        if not answers:
            break
        reply = cast.lead.post(f"{url}/answers", json={"choices": answers})
        assert reply.status_code == 200, reply.text
    if shown["ready"]:
        assert cast.lead.post(f"{url}/commit").status_code == 200
        work(cast)
    return _came(cast, project, json.dumps(cast.lead.get(url).json(), ensure_ascii=False))


def by_page(cast: Cast, sent: Sent) -> Came:
    """Upload, roles, answers and commit as the page's forms send them."""
    project = _project(cast, sent)
    files = {**sent.beside, "file": (sent.name, sent.content)}
    reply = cast.lead.post(f"/p/{project.slug}/import", files=files)
    assert reply.status_code == 303, reply.text
    page = str(reply.headers["location"])
    work(cast)
    _say(cast, project, page, sent.said)
    for _ in range(_ROUNDS):
        answers = _usual(_questions(cast, project)) if sent.answers else {}
        if not answers:
            break
        for code, choice in answers.items():
            _answer(cast, page, code, choice)
    page = _latest(cast, project, page)
    if _is_ready(cast, project):
        assert cast.lead.post(f"{page}/commit").status_code == 303
        work(cast)
    return _came(cast, project, cast.lead.get(_latest(cast, project, page)).text)


DOORS: list[Door] = [by_command, by_api, by_page]


def each_door(test: Test) -> Test:
    """Every case at each door once, and on both databases.

    A door does not know its database, nor a database its door: which of them meet is settled by
    the test's name, so that over the tests every door meets either.
    """
    turn = crc32(test.__name__.encode())
    met = [(door, DATABASES[(turn + place) % 2]) for place, door in enumerate(DOORS)]
    pairs = [pytest.param(*pair, id=f"{pair[0].__name__}-{pair[1]}") for pair in met]
    mark = pytest.mark.parametrize(("door", "database_url"), pairs, indirect=["database_url"])
    marked: Test = mark(test)
    return marked


def _put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _say(cast: Cast, project: Stage, page: str, said: Mapping[str, Any]) -> None:
    roles = {name: value for name, value in said.items() if name in ROLES}
    how = {name: value for name, value in said.items() if name not in (*ROLES, "choices", *BESIDE)}
    if how:
        reply = cast.lead.post(f"{page}/reading", data=how)
        assert reply.status_code == 303, reply.text
        work(cast)
    if roles:
        reply = cast.lead.post(f"{page}/columns", data=_columns(cast, project, roles))
        assert reply.status_code == 303, reply.text
        work(cast)
        open_codes = {one["code"] for one in _questions(cast, project) if one["answer"] is None}
        if roles.get("label") == NO_COLUMN and NO_LABEL in open_codes:
            _answer(cast, page, NO_LABEL, NO_COLUMN)
    for code, choice in said.get("choices", {}).items():
        _answer(cast, page, code, choice)


def _answer(cast: Cast, page: str, code: str, choice: str) -> None:
    reply = cast.lead.post(f"{page}/answer", data={"code": code, "choice": choice})
    assert reply.status_code == 303, reply.text
    work(cast)


def _usual(questions: Any) -> dict[str, str]:
    asked = [one for one in questions if one["answer"] is None]
    usual = {one["code"]: usual_answer(one) for one in asked}
    return {code: value for code, value in usual.items() if value is not None}


def _import_of(session: Any, project: Stage) -> DataImport:
    query = select(DataImport).where(DataImport.project_id == project.id)
    found: DataImport = session.scalars(query.order_by(DataImport.id.desc())).first()
    return found


def _latest(cast: Cast, project: Stage, page: str) -> str:
    with reading(cast.engine) as session:
        return page.rpartition("/")[0] + f"/{_import_of(session, project).id}"


def _questions(cast: Cast, project: Stage) -> Any:
    with reading(cast.engine) as session:
        return report_of(_import_of(session, project).report)["questions"]


def _columns(cast: Cast, project: Stage, roles: Mapping[str, Any]) -> dict[str, Any]:
    """The page's table of columns, with these roles chosen in it."""
    with reading(cast.engine) as session:
        report = report_of(_import_of(session, project).report)
    uses = uses_of(report, _type_of(cast, project))
    for role, named in roles.items():
        uses = {name: use for name, use in uses.items() if use != role}
        for name in named if isinstance(named, list) else [named]:
            if name != NO_COLUMN:
                uses[name] = role
    names = list(dict.fromkeys([*report.get("columns", []), *uses]))
    return {"column": names, "use": [uses.get(name, "") for name in names]}


def _type_of(cast: Cast, project: Stage) -> DataType:
    with reading(cast.engine) as session:
        return session.get_one(Project, project.id).data_type


def _is_ready(cast: Cast, project: Stage) -> bool:
    with reading(cast.engine) as session:
        return can_import(_import_of(session, project))


def _came(cast: Cast, project: Stage, shown: str) -> Came:
    with reading(cast.engine) as session:
        found = _import_of(session, project)
        names = dict(session.execute(select(Label.id, Label.name)).all())
        query = select(Example).where(Example.import_id == found.id).order_by(Example.row)
        rows = [
            Row(
                one.key,
                _content(one),
                names.get(one.given_label_id or 0),
                shown_columns(one.columns),
            )
            for one in session.scalars(query)
        ]
        report = report_of(found.report)
        waiting = [one["code"] for one in report.get("questions", []) if one["answer"] is None]
        labels = [label.name for label in labels_of(session, project.id)]
        assert session.get_one(Project, project.id).slug == project.slug
        return Came(
            project,
            found.state,
            rows if found.state is ImportState.DONE else [],
            labels,
            report.get("counts", {}),
            frozenset(waiting),
            shown,
        )


def _content(example: Example) -> str:
    text = example.content.get("text")
    return text if isinstance(text, str) else json.dumps(example.content)
