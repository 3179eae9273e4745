"""Two commands with one file, and a project put away while a file comes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.cli.imports import ImportResult, run_import, usual_answer
from app.datasets import commit
from app.datasets.projects import project_named
from app.datasets.visible import visible_imports
from app.db.engine import reading
from app.db.tables.datasets import DataImport, Example
from app.db.tables.jobs import Job
from app.db.words import ImportState, JobState
from app.errors import Conflict
from tests.datasets.bringing import request_for
from tests.web.cast import Cast
from tests.web.console import command
from tests.web.test_imports import work

PLAIN = "id,text,label\n" + "".join(f"k{at},some words {at},{'ab'[at % 2]}\n" for at in range(40))
ASKS = PLAIN.replace(",a\n", ",Cat\n", 1).replace(",a\n", ",cat\n")
SAME = {"choices": {"W304": "merge"}}
STEPS = ["starting", "storing rows", "binding rows", "finishing"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "CHUNK", 10)


def once_at(step: str, act: Callable[[], Any]) -> Callable[[str, int, int], None]:
    """Progress of an import during which something else happens."""
    left = [act]

    def progress(now: str, done: int, total: int) -> None:
        if now == step and left and (now != "storing rows" or done > 10):
            left.pop()()

    return progress


def bring(cast: Cast, file: Path, progress: Any = None, **said: Any) -> ImportResult:
    more = {} if progress is None else {"progress": progress}
    request = request_for(cast.project.slug, file, **said)
    return run_import(cast.engine, cast.app.state.settings, request, ask=usual_answer, **more)


def seen(cast: Cast) -> int:
    """Examples that anybody sees."""
    with reading(cast.engine) as session:
        its = Example.import_id.in_(visible_imports(cast.project.id))
        query = select(func.count()).select_from(Example).where(its, Example.key.like("k%"))
        return session.execute(query).scalar_one()


def states(cast: Cast) -> list[ImportState]:
    with reading(cast.engine) as session:
        query = select(DataImport.state).where(DataImport.project_id == cast.project.id)
        return list(session.scalars(query.where(DataImport.file_name == "f.csv")))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("said", [{}, SAME], ids=["plain", "answered"])
def test_the_same_file_by_two_commands_at_once(
    cast: Cast, tmp_path: Path, step: str, said: dict[str, Any]
) -> None:
    file = tmp_path / "f.csv"
    file.write_text(ASKS if said else PLAIN)
    first: list[ImportResult] = []
    hook = once_at(step, lambda: first.append(bring(cast, file, **said)))
    second = bring(cast, file, hook, **said)
    assert (first[0].state, first[0].already_there) == (ImportState.DONE, False)
    assert (second.state, second.already_there) == (ImportState.DONE, True)
    assert (second.rows_good, seen(cast)) == (40, 40)
    assert states(cast) == [ImportState.DONE]
    assert "was imported before: 40 of 40" in command(
        cast,
        "import",
        cast.project.slug,
        str(file),
        "--yes",
        *(["--answer", "W304=merge"] * bool(said)),
    )


def test_the_same_file_and_answers_given_on_the_way(cast: Cast, tmp_path: Path) -> None:
    """Each answers the question for itself: they are one import all the same."""
    file = tmp_path / "f.csv"
    file.write_text(ASKS)
    first: list[ImportResult] = []
    hook = once_at("storing rows", lambda: first.append(bring(cast, file)))
    second = bring(cast, file, hook)
    assert (first[0].state, second.state) == (ImportState.DONE, ImportState.DONE)
    assert second.already_there and seen(cast) == 40
    third = bring(cast, file)
    assert (third.state, third.already_there, seen(cast)) == (ImportState.DONE, True, 40)


def test_a_project_that_two_files_make_stays(cast: Cast, tmp_path: Path) -> None:
    """One finds another import under way and gives up; the project is not its own to take away."""
    file, other = tmp_path / "f.csv", tmp_path / "g.csv"
    file.write_text(PLAIN)
    other.write_text(PLAIN.replace("k", "m"))
    refused: list[Conflict] = []

    def also() -> None:
        with pytest.raises(Conflict) as caught:
            command(cast, "import", "shared", str(other), "--yes")
        refused.append(caught.value)

    settings = cast.app.state.settings
    request = request_for("shared", file)
    hook = once_at("storing rows", also)
    done = run_import(cast.engine, settings, request, ask=usual_answer, progress=hook)
    assert (done.state, refused[0].code) == (ImportState.DONE, "import_running")


AWAY: dict[str, Callable[[Cast], object]] = {
    "deleted by page": lambda cast: cast.lead.post(
        f"/p/{cast.project.slug}/settings/delete", data={"name": name_of(cast)}
    ),
    "deleted by api": lambda cast: cast.lead.post(
        f"/api/v1/projects/{cast.project.slug}/delete", json={"name": name_of(cast)}
    ),
    "deleted by command": lambda cast: command(
        cast, "delete", cast.project.slug, "--name", name_of(cast)
    ),
    "archived": lambda cast: cast.lead.patch(
        f"/api/v1/projects/{cast.project.slug}", json={"archived": True}
    ),
}


def name_of(cast: Cast) -> str:
    with reading(cast.engine) as session:
        return project_named(session, cast.project.slug).name


def back(cast: Cast) -> None:
    base = "/api/v1/deleted-projects"
    cast.lead.post(f"{base}/{cast.project.id}/restore")
    cast.lead.patch(f"/api/v1/projects/{cast.project.slug}", json={"archived": False})


@pytest.mark.parametrize("how", AWAY)
@pytest.mark.parametrize("step", STEPS)
def test_a_project_put_away_while_a_file_comes_in(
    cast: Cast, tmp_path: Path, how: str, step: str
) -> None:
    file = tmp_path / "f.csv"
    file.write_text(PLAIN)
    with pytest.raises(Conflict):
        bring_or_refuse(cast, file, once_at(step, lambda: AWAY[how](cast)))
    assert seen(cast) == 0
    back(cast)
    assert seen(cast) == 0 and ImportState.DONE not in states(cast)
    assert ImportState.IMPORTING not in states(cast)
    again = bring(cast, file)
    assert (again.state, again.rows_good, seen(cast)) == (ImportState.DONE, 40, 40)


def bring_or_refuse(cast: Cast, file: Path, progress: Any) -> None:
    """An import that is refused as its command refuses it."""
    result = bring(cast, file, progress)
    if result.state is not ImportState.DONE:
        raise Conflict("Nothing was imported.", next_step="", code=result.state)


@pytest.mark.parametrize("how", ["deleted by api", "archived"])
@pytest.mark.parametrize("commits", [False, True])
def test_work_that_waits_goes_with_the_project(cast: Cast, how: str, commits: bool) -> None:
    base = f"/api/v1/projects/{cast.project.slug}/imports"
    sent = cast.lead.post(base, files={"file": ("f.csv", PLAIN.encode())}).json()["id"]
    if commits:
        work(cast)
        assert cast.lead.post(f"{base}/{sent}/commit").status_code == 200
    AWAY[how](cast)
    with reading(cast.engine) as session:
        tasks = ("import_check", "import_commit")
        query = select(Job).where(Job.project_id == cast.project.id, Job.task.in_(tasks))
        assert JobState.WAITING not in {job.state for job in session.scalars(query)}
    back(cast)
    shown = cast.lead.get(f"{base}/{sent}").json()
    assert shown["state"] == ("staged" if commits else "cancelled")
    cast.lead.post(base, files={"file": ("f.csv", PLAIN.encode())})
    work(cast)
    assert cast.lead.post(f"{base}/{sent}/commit").status_code == 200
    work(cast)
    assert cast.lead.get(f"{base}/{sent}").json()["state"] == "done" and seen(cast) == 40
