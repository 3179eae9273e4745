"""A project of any size with labels, scores, an epoch and one open batch, straight into SQL."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from app.accounts.membership import join
from app.accounts.people import Newcomer, create_person
from app.accounts.sessions import open_login
from app.actions import batches
from app.audit.epochs import open_epoch
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import database_now, writing
from app.db.log import lock_project
from app.db.tables.datasets import DataImport, Example, Label, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import DataType, ImportState, Role, RunState
from app.review.batches.plan import BatchPlan
from bench.acting import caller

CHUNK = 2_000
LABELS = 10


@dataclass(frozen=True)
class Reviewer:
    """A signed-in person: the cookie and form token its requests carry."""

    person_id: int
    cookie: str
    csrf: str


@dataclass(frozen=True)
class Seeded:
    project_id: int
    slug: str
    batch_id: int
    labels: list[int]
    reviewers: list[Reviewer]
    lead: Reviewer | None = None  # an older checkout does not tell it


def read_seeded(told: dict[str, Any]) -> Seeded:
    """What another process told of its project, as JSON has it."""
    lead, people = told.get("lead"), [Reviewer(**one) for one in told["reviewers"]]
    return Seeded(**told | {"reviewers": people, "lead": Reviewer(**lead) if lead else None})


def seed(
    engine: Engine,
    *,
    examples: int,
    reviewers: int,
    audit_share: int = 10,
    batch: int | None = None,
) -> Seeded:
    """Fill an empty, migrated database; the batch has all examples, or so many."""
    rng = random.Random(1)
    with writing(engine) as session:
        now = database_now(session)
        project = create_project(
            session, ProjectPlan("Bench", DataType.TEXT, confirmations=2), now=now
        )
        project_id, slug = project.id, project.slug
        labels = _labels(session, project_id)
        lead = _person(session, "lead", project_id, Role.LEAD, now=now)
        people = [
            _person(session, f"reviewer {n}", project_id, Role.REVIEWER, now=now)
            for n in range(reviewers)
        ]
        signed_in = [_sign_in(session, person, now=now) for person in (lead, *people)]
        import_id, run_id = _containers(session, project_id, examples, now=now)
    for start in range(0, examples, CHUNK):
        with writing(engine) as session:
            _examples(session, project_id, import_id, run_id, labels, start, rng, examples)
    with writing(engine) as session:
        session.get_one(DataImport, import_id).state = ImportState.DONE
        session.get_one(ScoringRun, run_id).state = RunState.COMPLETE
        session.get_one(Project, project_id).run_id = run_id
        session.flush()
        lock = lock_project(session, project_id)
        open_epoch(lock, reason="import", now=now, rng=rng)
        lock.save()
    with writing(engine) as session:
        plan = BatchPlan(size=batch or examples, audit_share=audit_share)
        made = batches.make(caller(session, lead, now=now), project_id, plan)
    return Seeded(project_id, slug, made.id, labels, signed_in[1:], signed_in[0])


def _labels(session: Session, project_id: int) -> list[int]:
    rows = [
        Label(project_id=project_id, name=f"label {n}", position=n, synonyms=[])
        for n in range(LABELS)
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _person(session: Session, name: str, project_id: int, role: Role, *, now: datetime) -> int:
    email = f"{name.replace(' ', '.')}@bench.test"
    person = create_person(session, Newcomer(name, email), now=now)
    join(session, project_id, person.id, role, now=now)
    return person.id


def _sign_in(session: Session, person_id: int, *, now: datetime) -> Reviewer:
    opened, raw = open_login(session, person_id, now=now)
    return Reviewer(person_id, raw, opened.csrf)


def _containers(
    session: Session, project_id: int, examples: int, *, now: datetime
) -> tuple[int, int]:
    made = DataImport(
        project_id=project_id,
        state=ImportState.IMPORTING,
        file_name="bench.csv",
        sha256="0" * 64,
        size=0,
        mapping={},
        mapping_hash="bench",
        report={},
        rows_good=examples,
        created_at=now,
    )
    run = ScoringRun(
        project_id=project_id, number=1, state=RunState.RUNNING, seed=1, started_at=now
    )
    session.add_all([made, run])
    session.flush()
    return made.id, run.id


def _examples(
    session: Session,
    project_id: int,
    import_id: int,
    run_id: int,
    labels: list[int],
    start: int,
    rng: random.Random,
    total: int,
) -> None:
    rows: list[dict[str, Any]] = []
    for row in range(start, min(start + CHUNK, total)):
        text = f"Example {row}: a customer asks about payment {rng.randrange(10**6)} " * 2
        rows.append(
            {
                "project_id": project_id,
                "import_id": import_id,
                "row": row,
                "key": f"ex_{row}",
                "content": {"text": text},
                "columns": {"text": text, "label": f"label {row % LABELS}"},
                "salt": f"{rng.getrandbits(128):032x}",
                "content_hash": f"{row:064x}",
                "given_label_id": labels[row % LABELS],
            }
        )
    session.execute(insert(Example), rows)
    ids = session.scalars(
        select(Example.id)
        .where(Example.import_id == import_id, Example.row >= start)
        .order_by(Example.row)
    ).all()
    session.execute(insert(Score), [_score(run_id, ids, i, labels, rng) for i in range(len(ids))])


def _score(
    run_id: int, ids: Any, place: int, labels: list[int], rng: random.Random
) -> dict[str, Any]:
    top = rng.sample(labels, 5)
    near = [ids[rng.randrange(len(ids))] for _ in range(6)]
    quality = rng.random()
    return {
        "run_id": run_id,
        "example_id": ids[place],
        "priority": rng.random(),
        "quality": quality,
        "difficulty": rng.random(),
        "p_given": quality,
        "suggested_id": top[0],
        "suggestions": [[label, round(0.5 / (n + 1), 4)] for n, label in enumerate(top)],
        "neighbours": [[example, 0.9] for example in near],
        "facts": {
            "top": top[0],
            "p_top": 0.5,
            "p_given": quality,
            "neighbours_used": 15,
            "neighbours_top": [top[0], 9],
            "difficulty_share": 0.4,
        },
    }
