"""Page, program and console ask for a release in the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select
from typer.testing import CliRunner

from app.actions.releasing import make_release_at_console
from app.cli.main import relabel
from app.db.engine import reading, writing
from app.db.tables.accounts import Activity
from app.db.tables.jobs import Job
from app.db.tables.releases import Release
from app.db.words import RunState
from app.errors import Conflict
from app.releases.options import ReleaseSpec
from app.releases.verify import verify
from tests.conftest import NOON
from tests.releases.worlds import bring, logged_world
from tests.review.conftest import World
from tests.web.cast import Cast


def acts(engine: Engine) -> list[tuple[bool, dict[str, object]]]:
    """What the activity says of releases: whether a person asked, and for which one."""
    with reading(engine) as session:
        rows = session.scalars(
            select(Activity).where(Activity.kind == "release_started").order_by(Activity.id)
        )
        return [(row.person_id is not None, row.detail) for row in rows]


def test_each_door_leaves_the_same_release_job_and_activity(
    cast: Cast, database_url: str, tmp_path: Path
) -> None:
    from app.datasets.labels import NOT_YET, NewLabel, add_labels

    world = World(cast.engine, project_id=cast.project.id)
    names = ("alpha", "beta", "gamma")
    with writing(cast.engine) as session:
        new = [NewLabel(name) for name in names]
        ids = add_labels(session, cast.project.id, new, revision=NOT_YET)
    world.labels = [ids[name] for name in names]
    bring(world, examples=6)
    slug = cast.project.slug
    assert cast.lead.post(f"/p/{slug}/releases", data={"what": "final"}).status_code == 303
    assert cast.lead.post(f"/api/v1/projects/{slug}/releases", json={}).status_code == 201
    place = ["--data", str(tmp_path / "data"), "--database", database_url]
    line = ["release", slug, "--out", str(tmp_path / "out"), "--format", "jsonl", *place]
    said = CliRunner().invoke(relabel, line)
    assert said.exit_code == 0, said.output
    assert acts(cast.engine) == [
        (True, {"release": 1}),
        (True, {"release": 2}),
        (False, {"release": 3}),
    ]
    with reading(cast.engine) as session:
        jobs = session.scalars(select(Job).where(Job.task == "release").order_by(Job.id)).all()
        made = session.scalars(select(Release).order_by(Release.number)).all()
    assert [job.arguments["release_id"] for job in jobs] == [one.id for one in made]
    assert [job.created_by for job in jobs] == [one.created_by for one in made]
    assert made[2].state is RunState.COMPLETE and made[2].created_by is None
    assert verify(tmp_path / "out").problems.lines() == []
    log = cast.lead.get(f"/p/{slug}/log").text
    assert log.count("Asked for a release") == 3 and "Release 3" in log


def test_asked_twice_it_is_one_release_and_one_job(engine: Engine) -> None:
    world = logged_world(engine, examples=3)
    with writing(engine) as session:
        once = make_release_at_console(session, world.project_id, ReleaseSpec(), now=NOON)
        twice = make_release_at_console(session, world.project_id, ReleaseSpec(), now=NOON)
        assert (twice.release.id, twice.job.id) == (once.release.id, once.job.id)
    assert acts(engine) == [(False, {"release": 1})]


def test_a_release_whose_job_is_gone_is_given_another(engine: Engine) -> None:
    world = logged_world(engine, examples=3)
    with writing(engine) as session:
        made = make_release_at_console(session, world.project_id, ReleaseSpec(), now=NOON).release
        session.execute(delete(Job))
    with writing(engine) as session:
        again = make_release_at_console(session, world.project_id, ReleaseSpec(), now=NOON)
    assert again.release.id == made.id and again.job.arguments == {"release_id": made.id}


def test_the_console_is_told_when_there_is_nothing_to_release(cast: Cast) -> None:
    with writing(cast.engine) as session, pytest.raises(Conflict, match="nothing to release"):
        make_release_at_console(session, cast.project.id, ReleaseSpec(), now=NOON)
