"""`relabel demo` opens on real, ranked samples, and a second start finds them."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app.audit.models.report import AuditReport
from app.cli.demo import directory_of
from app.cli.sample_projects import BATCH_SIZE
from app.db.engine import open_engine, reading
from app.db.tables import models
from app.db.tables.accounts import Person
from app.db.tables.audit import Estimate
from app.db.tables.datasets import Project
from app.db.tables.ranking import Score
from app.db.tables.review import Batch, BatchMember
from app.insights.planted import PlantedErrors, planted_errors
from app.samples.catalogue import SAMPLES
from app.samples.half_reviewed import BATCH as HALF_SIZE
from app.samples.half_reviewed import READERS
from tests.running.processes import running


def links(said: str) -> list[str]:
    return re.findall(r"(http://\S+/signin\?link=\S+)", said)


def test_the_demo_opens_on_one_sample_makes_the_others_and_finds_them_again(
    tmp_path: Path,
) -> None:
    make_ready(tmp_path)
    check_samples(tmp_path)
    with running("demo", "--port", "0", "--data", str(tmp_path)) as again:
        assert again.address
        assert "importing" not in again.said
        assert len(links(again.said)) == 2
    engine = open_engine(f"sqlite:///{tmp_path / 'relabel.sqlite'}")
    with reading(engine) as session:
        assert len(session.execute(select(Project.id)).all()) == len(SAMPLES)
    engine.dispose()


def make_ready(folder: Path) -> None:
    with running("demo", "--port", "0", "--data", str(folder)) as started:
        assert started.address
        reviewer, lead = links(started.said)
        for link in (reviewer, lead):
            assert httpx.get(link).status_code == 200
        started.wait_for("Every sample is ready", patience=300)


def check_samples(folder: Path) -> None:
    engine = open_engine(f"sqlite:///{folder / 'relabel.sqlite'}")
    with reading(engine) as session:
        projects = list(session.execute(select(Project)).scalars())
        batches = list(session.execute(select(Batch)).scalars())
        people = list(session.execute(select(Person)).scalars())
        planted = [planted_errors(session, project.id, data=folder) for project in projects]
        audits = list(session.scalars(select(models.TestAudit)))
        estimates = {one.project_id: one for one in session.scalars(select(Estimate))}
        first = projects[0]
        top = session.execute(
            select(Score.priority)
            .join(BatchMember, BatchMember.example_id == Score.example_id)
            .where(Score.run_id == first.run_id)
        ).scalars()
        assert all(priority is not None for priority in top)
    engine.dispose()
    assert {project.name for project in projects} == set(SAMPLES)
    assert all(project.run_id and project.epoch_id for project in projects)
    digits = next(one for one in projects if one.name == "Digits with planted errors")
    sizes = {one.id: [b.size for b in batches if b.project_id == one.id] for one in projects}
    half, *compared, last = sizes.pop(digits.id)
    assert (half, last) == (HALF_SIZE, BATCH_SIZE)
    check_compared(audits, compared, digits)
    assert list(sizes.values()) == [[BATCH_SIZE]] * (len(SAMPLES) - 1)
    assert projects[0] is not digits, "the keys of the first are not the names of its labels"
    assert [person.password_hash for person in people] == [None] * (2 + len(READERS))
    read = HALF_SIZE + sum(compared)
    check_half_reviewed(estimates[digits.id], planted[projects.index(digits)], read)
    assert all("5%" in project.about for project in projects if "planted" in project.name)
    assert [found is None for found in planted] == [
        "planted" not in project.name for project in projects
    ]


def check_compared(audits: list[models.TestAudit], batches: list[int], digits: Project) -> None:
    """Three models of different capacity, and about half of what tells them apart was read."""
    [audit] = audits
    assert (audit.project_id, audit.split) == (digits.id, "test")
    report = AuditReport.read(audit.report)
    assert [one.given > 0.7 for one in report.models] == [True] * 3
    assert report.differ == audit.differ > 10
    assert batches == (
        [-(-(audit.differ - audit.known) // 2)] if audit.differ > audit.known else []
    )
    assert report.decided == audit.known + sum(batches)


def check_half_reviewed(estimate: Estimate, planted: PlantedErrors | None, read: int) -> None:
    """Three made-up readers found most of what was planted, and the interval holds the rest."""
    assert planted is not None
    assert planted.found > planted.total / 2
    assert estimate.serves == read
    assert estimate.draws > 50
    assert estimate.low <= planted.open + planted.missed <= estimate.high


def test_the_demo_is_where_it_was_said_or_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RELABEL_DATA", raising=False)
    assert directory_of(None) == Path("var/demo").resolve()
    monkeypatch.setenv("RELABEL_DATA", str(tmp_path / "here"))
    assert directory_of(None) == tmp_path / "here"
    assert directory_of(tmp_path / "there") == tmp_path / "there"
