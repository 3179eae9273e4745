"""Projects to look at on the desk: texts with many labels, images with few, small tables."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from app.accounts.membership import join
from app.accounts.people import Newcomer, create_person
from app.accounts.sessions import open_login
from app.actions import batches
from app.audit.epochs import open_epoch
from app.datasets.blobs import BlobStore
from app.datasets.projects import ProjectPlan, create_project
from app.db.engine import database_now, writing
from app.db.log import lock_project
from app.db.tables.datasets import Blob, DataImport, Example, Label
from app.db.tables.ranking import Score, ScoringRun
from app.db.words import DataType, ImportState, Mode, Role, RunState
from app.review.batches.plan import BatchPlan
from bench.acting import caller

WHAT = ("card arrival", "lost card", "exchange rate", "top up", "cash withdrawal", "identity check")
ABOUT = (
    "is late",
    "failed twice",
    "was charged",
    "cannot be found",
    "needs a reason",
    "is pending",
)
OPENINGS = (
    "Why is it that my",
    "Please help, the",
    "I do not understand why the",
    "Since Monday the",
)
CELLS = (
    "Neutrophil",
    "Eosinophil",
    "Basophil",
    "Lymphocyte",
    "Monocyte",
    "Immature granulocyte",
    "Erythroblast",
    "Platelet",
)


def many_labels(count: int = 77) -> list[str]:
    """Names of two or three words, none twice."""
    pairs = [f"{what} {about}".capitalize() for what in WHAT for about in ABOUT]
    more = [f"{pair} {number}" for number in range(2, 2 + count // len(pairs)) for pair in pairs]
    return (pairs + more)[:count]


def sentence(rng: random.Random) -> str:
    parts = [f"{rng.choice(OPENINGS)} {rng.choice(WHAT)} {rng.choice(ABOUT)}?" for _ in range(2)]
    return " ".join(parts)


@dataclass(frozen=True)
class Plan:
    """One project to fill."""

    name: str
    data_type: DataType
    labels: Sequence[str]
    contents: Sequence[dict[str, Any]]
    mode: Mode = Mode.EVERYTHING
    scored: bool = True
    confirmations: int = 1
    guideline: str = ""
    batch_size: int = 0
    audit_share: int = 0
    grid: bool = False  # a page of tiles of the first label
    quality: float = 0.04
    meta: Sequence[tuple[str, str]] = ()


@dataclass
class Filled:
    project_id: int
    slug: str
    batch_id: int
    labels: dict[str, int]
    examples: list[int]
    people: dict[str, int] = field(default_factory=dict)


def text_plan(count: int, *, seed: int = 1, **more: Any) -> Plan:
    rng = random.Random(seed)
    contents = [{"text": sentence(rng)} for _ in range(count)]
    labels = more.pop("labels", many_labels())
    name = more.pop("name", "Support intents")
    return Plan(name, DataType.TEXT, labels, contents, **more)


def image_plan(engine: Engine, blobs: BlobStore, count: int, *, side: int = 8, **more: Any) -> Plan:
    """Small images of one blob each, stored as an import would."""
    rng = random.Random(2)
    contents = [
        {"image": _image(engine, blobs, rng, side), "width": side, "height": side}
        for _ in range(count)
    ]
    labels = more.pop("labels", CELLS)
    return Plan("Blood cells", DataType.IMAGE, labels, contents, **more)


def _image(engine: Engine, blobs: BlobStore, rng: random.Random, side: int) -> str:
    picture = Image.new("RGB", (side, side), (244, 222, 224))
    x, y = rng.uniform(0.3, 0.7) * side, rng.uniform(0.3, 0.7) * side
    radius = rng.uniform(0.2, 0.4) * side
    shade = (rng.randrange(60, 130), 60, rng.randrange(110, 170))
    for left in range(side):
        for top in range(side):
            if (left - x) ** 2 + (top - y) ** 2 < radius**2:
                picture.putpixel((left, top), shade)
    packed = io.BytesIO()
    picture.save(packed, "PNG")
    name = blobs.put(packed.getvalue(), durable=False)
    with writing(engine) as session:
        if session.get(Blob, name) is None:
            session.add(Blob(sha256=name, size=len(packed.getvalue()), media_type="image/png"))
    return name


def tabular_plan(count: int, **more: Any) -> Plan:
    rng = random.Random(3)
    contents = [
        {
            "fields": [
                ["age", str(rng.randrange(18, 90)), False],
                ["balance", f"{rng.gauss(900, 4000):.2f}", rng.random() < 0.3],
                ["occupation", rng.choice(["nurse", "driver", "teacher"]), False],
            ]
        }
        for _ in range(count)
    ]
    return Plan("Bank clients", DataType.TABULAR, ("stays", "leaves"), contents, **more)


def make_people(engine: Engine, names: Sequence[str]) -> dict[str, int]:
    with writing(engine) as session:
        now = database_now(session)
        return {
            name: create_person(
                session, Newcomer(name, f"{name.split()[0].lower()}@example.org"), now=now
            ).id
            for name in names
        }


def sign_in(engine: Engine, person_id: int) -> str:
    """The cookie of a person who is signed in."""
    with writing(engine) as session:
        return open_login(session, person_id, now=database_now(session))[1]


def fill(engine: Engine, plan: Plan, people: dict[str, int]) -> Filled:
    """A project with scores, an epoch and one open batch; the first of `people` leads it."""
    with writing(engine) as session:
        now = database_now(session)
        project = create_project(
            session,
            ProjectPlan(plan.name, plan.data_type, confirmations=plan.confirmations),
            now=now,
        )
        project.guideline = plan.guideline
        for place, person in enumerate(people.values()):
            role = Role.REVIEWER if place else Role.LEAD
            join(session, project.id, person, role, now=now)
        labels = _labels(session, project.id, plan.labels)
        examples = _examples(session, project.id, list(labels.values()), plan, now=now)
        if plan.scored:
            ids = list(labels.values())
            project.run_id = _scores(session, project.id, ids, examples, plan.quality, now=now)
        session.flush()
        lock = lock_project(session, project.id)
        open_epoch(lock, reason="import", now=now, rng=random.Random(5))
        lock.save()
    size = plan.batch_size or len(examples)
    name, share = f"Top {size} by score", plan.audit_share
    chosen = BatchPlan(name=name, size=size, mode=plan.mode, audit_share=share)
    if plan.grid:
        first = next(iter(labels.values()))
        chosen = BatchPlan(by="grid", size=size, given_label_id=first)
    with writing(engine) as session:  # a lock knows the ranking its transaction began with
        lead = caller(session, next(iter(people.values())), now=now)
        batch = batches.make(lead, project.id, chosen)
    return Filled(project.id, project.slug, batch.id, labels, examples, people)


def _labels(session: Session, project_id: int, names: Sequence[str]) -> dict[str, int]:
    rows = [
        Label(project_id=project_id, name=name, position=place, synonyms=[f"synonym {place}"])
        for place, name in enumerate(names)
    ]
    session.add_all(rows)
    session.flush()
    return {row.name: row.id for row in rows}


def _examples(
    session: Session, project_id: int, labels: list[int], plan: Plan, *, now: datetime
) -> list[int]:
    made = DataImport(
        project_id=project_id,
        state=ImportState.DONE,
        file_name="examples.csv",
        sha256="0" * 64,
        size=0,
        mapping={},
        mapping_hash=plan.name,
        report={},
        rows_good=len(plan.contents),
        created_at=now,
    )
    session.add(made)
    session.flush()
    meta = [list(pair) for pair in plan.meta]
    rows = [
        {
            "project_id": project_id,
            "import_id": made.id,
            "row": row,
            "key": f"ex_{10_000 + row}",
            "content": content | ({"meta": meta} if meta else {}),
            "columns": {},
            "salt": f"{row:032x}",
            "content_hash": f"{row:064x}",
            "given_label_id": labels[row % len(labels)],
        }
        for row, content in enumerate(plan.contents)
    ]
    session.execute(insert(Example), rows)
    query = select(Example.id).where(Example.import_id == made.id).order_by(Example.row)
    return list(session.scalars(query))


def _scores(
    session: Session,
    project_id: int,
    labels: list[int],
    examples: list[int],
    quality: float,
    *,
    now: datetime,
) -> int:
    run = ScoringRun(
        project_id=project_id, number=1, state=RunState.COMPLETE, seed=1, started_at=now
    )
    session.add(run)
    session.flush()
    rng = random.Random(4)
    rows = [
        _score(run.id, examples, place, labels, rng) | {"quality": quality}
        for place in range(len(examples))
    ]
    session.execute(insert(Score), rows)
    return run.id


def _score(
    run_id: int, examples: list[int], place: int, labels: list[int], rng: random.Random
) -> dict[str, Any]:
    given = labels[place % len(labels)]
    others = rng.sample([label for label in labels if label != given], min(8, len(labels) - 1))
    shares = [0.78, 0.09, 0.04, 0.01, 0.01, 0.01, 0.01, 0.01][: len(others)]
    pairs = list(zip(others, shares, strict=True))
    offered = sorted([*pairs, (given, 0.04)], key=lambda pair: -pair[1])
    near = rng.sample(examples, min(6, len(examples)))
    return {
        "run_id": run_id,
        "example_id": examples[place],
        "priority": 1.0 - place / len(examples),
        "quality": 0.04,
        "difficulty": 0.18,
        "p_given": 0.04,
        "suggested_id": others[0],
        "suggestions": [[label, share] for label, share in offered],
        "neighbours": [[example, 0.94 - 0.02 * n] for n, example in enumerate(near)],
        "facts": {
            "top": others[0],
            "p_top": 0.78,
            "p_given": 0.04,
            "neighbours_used": 15,
            "neighbours_top": [others[0], 11],
        },
    }


def blob_store(folder: Path) -> BlobStore:
    return BlobStore(folder / "blobs")
