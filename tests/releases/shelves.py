"""A release asked for at each of the three doors: what stands in its files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from app.datasets.blobs import BlobStore
from app.db.engine import reading
from app.db.tables.datasets import Example
from app.db.tables.releases import Release as ReleaseRow
from app.db.words import RunState
from app.releases.build import Stored, build_release
from app.releases.shelf import release_directory
from app.releases.verify import verify
from tests.web.cast import Cast, Stage
from tests.web.console import command

Release = Callable[[Cast, Stage, Path, str], Path]


def by_command(cast: Cast, project: Stage, place: Path, format: str) -> Path:
    out = place / f"out-{project.id}-{format}"
    command(cast, "release", project.slug, "--out", str(out), "--format", format)
    return _sound(out)


def by_api(cast: Cast, project: Stage, place: Path, format: str) -> Path:
    base = f"/api/v1/projects/{project.slug}/releases"
    made = cast.lead.post(base, json={"format": format})
    assert made.status_code == 201, made.text
    make_waiting(cast)
    shown = cast.lead.get(f"{base}/{made.json()['number']}").json()
    assert shown["state"] == "complete", shown
    names = [file["name"] for file in shown["files"]]
    return _fetched(cast, f"{base}/{shown['number']}/files", names, place)


def by_page(cast: Cast, project: Stage, place: Path, format: str) -> Path:
    form = {"format": format, "unreviewed": "true"}
    reply = cast.lead.post(f"/p/{project.slug}/releases", data=form)
    assert reply.status_code == 303, reply.text
    make_waiting(cast)
    page = str(reply.headers["location"])
    shown = cast.lead.get(f"/api/v1{page.replace('/p/', '/projects/', 1)}").json()
    return _fetched(cast, f"{page}/files", [file["name"] for file in shown["files"]], place)


def make_waiting(cast: Cast) -> None:
    """Do what the worker would do with the releases that were asked for."""
    settings = cast.app.state.settings
    with reading(cast.engine) as session:
        waiting = [
            row.id for row in session.query(ReleaseRow).filter(ReleaseRow.state == RunState.RUNNING)
        ]
    for one in waiting:
        stored = Stored(cast.engine, BlobStore(settings.blob_directory))
        build_release(stored, one, release_directory(settings, one), now=cast.now)


def _fetched(cast: Cast, url: str, names: list[str], place: Path) -> Path:
    assert names, "the release is not complete"
    out = place / f"fetched-{abs(hash(url))}"
    out.mkdir()
    for name in names:
        (out / name).write_bytes(cast.lead.get(f"{url}/{name}").content)
    return _sound(out)


def _sound(directory: Path) -> Path:
    assert verify(directory).problems.lines() == []
    return directory


RELEASES: list[Release] = [by_command, by_api, by_page]
each_release = pytest.mark.parametrize("release", RELEASES, ids=lambda one: one.__name__)


def csv_rows(directory: Path) -> list[dict[str, str]]:
    text = (directory / "data.csv").read_bytes().decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def json_rows(directory: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (directory / "data.jsonl").read_bytes().splitlines()]


def relabel_as(cast: Cast, project: Stage, name: str, *, example: str) -> None:
    """The lead gives this example another label, which is made if there is none."""
    base = f"/api/v1/projects/{project.slug}/labels"
    labels = {label["name"]: label["id"] for label in cast.lead.get(base).json()}
    if name not in labels:
        made = cast.lead.post(base, json={"name": name})
        assert made.status_code == 201, made.text
        labels[name] = made.json()["id"]
    with reading(cast.engine) as session:
        query = select(Example.id).where(Example.project_id == project.id, Example.key == example)
        there = session.scalars(query).one()
    said = {"key": f"relabel-{there}-{labels[name]}", "verdict": "relabel", "label": labels[name]}
    reply = cast.lead.post("/api/v1/decisions", json={**said, "example": there})
    assert reply.status_code == 200, reply.text


def remove(cast: Cast, project: Stage, *, example: str) -> None:
    """The lead takes this example out, as a duplicate."""
    with reading(cast.engine) as session:
        query = select(Example.id).where(Example.project_id == project.id, Example.key == example)
        there = session.scalars(query).one()
    said = {"key": f"remove-{there}", "verdict": "remove", "reason": "duplicate"}
    reply = cast.lead.post("/api/v1/decisions", json={**said, "example": there})
    assert reply.status_code == 200, reply.text
