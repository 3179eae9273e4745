"""Web, workers and PostgreSQL as separate processes, as docker-compose.yml starts them."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select, text

from app.datasets.asking import ask_commit, ask_file, import_of
from app.datasets.blobs import BlobStore
from app.datasets.mapping import StoredFile, mapping_of
from app.datasets.projects import ProjectPlan, create_project
from app.datasets.stage import FileToImport
from app.db.engine import database_now, open_engine, reading, writing
from app.db.tables.datasets import DataImport, Example
from app.db.words import DataType, ImportState
from app.jobs.workers import workers_alive
from app.ranking.runs import current_run
from app.settings import Settings
from tests.postgres import at_database
from tests.ranking.filled import sentences
from tests.running.processes import running, until


@pytest.fixture
def empty_postgresql(postgresql_server: str) -> Iterator[str]:
    """An empty database: the web process makes its tables."""
    name = f"roles{os.getpid()}_{random.randrange(10**9)}"
    admin = open_engine(postgresql_server)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield at_database(postgresql_server, name)
    with (
        suppress(Exception),
        admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def state_of(engine: Engine, import_id: int) -> ImportState:
    with reading(engine) as session:
        query = select(DataImport.state).where(DataImport.id == import_id)
        return session.execute(query).scalar_one()


def test_an_import_is_checked_committed_and_scored_by_worker_processes(
    empty_postgresql: str, tmp_path: Path
) -> None:
    place = {"RELABEL_DATABASE": empty_postgresql, "RELABEL_DATA": str(tmp_path)}
    with (
        running("worker", **place),
        running("worker", **place),
        running("serve", "--port", "0", "--no-worker", **place) as web,
    ):
        ready = httpx.get(f"{web.address}/readyz", timeout=30)
        assert ready.status_code == 200, ready.text
        engine = open_engine(empty_postgresql)

        def both_work() -> bool:
            with reading(engine) as session:
                return workers_alive(session, now=database_now(session)) == 2

        until(both_work)
        texts, topics = sentences(200)
        lines = ["text,label", *(f"{a},{b}" for a, b in zip(texts, topics, strict=True))]
        content = "\n".join(lines).encode()
        said = {"text": "text", "label": "label", "choices": {"E115": "generate"}}
        sha256 = BlobStore(Settings(data=tmp_path).blob_directory).put(content)
        with writing(engine) as session:
            now = database_now(session)
            project = create_project(
                session, ProjectPlan("Roles", DataType.TEXT, confirmations=1), now=now
            )
            found = ask_file(
                session,
                project.id,
                FileToImport(StoredFile("roles.csv", sha256, len(content)), mapping_of(said)),
                by=None,
                now=now,
            )
        until(lambda: state_of(engine, found.id) is ImportState.STAGED, "it was not checked")
        with writing(engine) as session:
            now = database_now(session)
            ask_commit(session, import_of(session, project.id, found.id), by=None, now=now)
        until(lambda: state_of(engine, found.id) is ImportState.DONE, "it was not imported")

        def scored() -> bool:
            with reading(engine) as session:
                return current_run(session, project.id) is not None

        until(scored, "it was not scored")
        with reading(engine) as session:
            run = current_run(session, project.id)
            examples = session.execute(
                select(Example.id).where(Example.project_id == project.id)
            ).all()
        assert run is not None
        assert run.counts["scored"] == len(examples) == 200
        engine.dispose()
