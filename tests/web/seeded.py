"""The cast's project with labels, examples, a scoring run and an open audit epoch."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event, insert, select
from sqlalchemy.orm import Session

from app.accounts.membership import Member
from app.db.engine import reading, writing
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score, ScoringRun
from app.db.tables.review import Lease
from app.db.words import Mode, Role, RunState
from app.review.batches.plan import BatchPlan
from tests.review.conftest import add_examples
from tests.steps import create_batch, open_epoch
from tests.web.cast import Actor, Cast


@dataclass(frozen=True)
class Seeded:
    labels: list[int]
    examples: list[int]
    run_id: int


def seed(cast: Cast, *, count: int = 30, scored: bool = True, unlabelled: int = 0) -> Seeded:
    """Labels alpha and beta in turn; quality rises with the row, so the first row comes first."""
    rng = random.Random(3)
    with writing(cast.engine) as session:
        made = [
            Label(project_id=cast.project.id, name=name, position=place, synonyms=[])
            for place, name in enumerate(["alpha", "beta"])
        ]
        session.add_all(made)
        session.flush()
        labels = [label.id for label in made]
        examples = add_examples(
            session, cast.project.id, labels, count=count, unlabelled=unlabelled
        )
        run = ScoringRun(
            project_id=cast.project.id,
            number=1,
            state=RunState.COMPLETE,
            seed=1,
            started_at=cast.now,
            finished_at=cast.now,
        )
        session.add(run)
        session.flush()
        if scored:
            session.execute(
                insert(Score),
                [
                    score(run.id, example, labels, place / count)
                    for place, example in enumerate(examples)
                ],
            )
            session.get_one(Project, cast.project.id).run_id = run.id
        open_epoch(session, cast.project.id, reason="import", now=cast.now, rng=rng)
        return Seeded(labels, examples, run.id)


def rows_of(session: Session, examples: Sequence[int]) -> list[Example]:
    """These examples in their order, read at once and, when changed, stored at once."""
    found = {
        one.id: one for one in session.scalars(select(Example).where(Example.id.in_(examples)))
    }
    return [found[one] for one in examples]


def score(run_id: int, example: int, labels: list[int], quality: float) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "example_id": example,
        "priority": 3 * (1 - quality) - 1,
        "quality": quality,
        "difficulty": 0.4,
        "p_given": quality,
        "suggested_id": labels[0],
        "suggestions": [[labels[0], 0.8], [labels[1], 0.2]],
        "neighbours": [],
        "facts": {"top": labels[0], "p_top": 0.8, "p_given": 0.2, "difficulty": 0.4},
    }


def open_batch(cast: Cast, **plan: Any) -> int:
    """A batch of the lead's; its id."""
    with writing(cast.engine) as session:
        part = cast.lead.person
        lead = Member(part.id, part.pseudonym, part.name, False, cast.project.id, Role.LEAD)
        return create_batch(session, lead, BatchPlan(**plan), now=cast.now).id


def claim(who: Actor, batch: int, want: int = 1) -> list[dict[str, Any]]:
    reply = who.post(f"/api/v1/batches/{batch}/claim", json={"want": want})
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["examples"]
    return found


def given_label(cast: Cast, example: int) -> int:
    """The label an example came with, which a blind reader names to confirm it."""
    with reading(cast.engine) as session:
        given = session.get_one(Example, example).given_label_id
    assert given is not None
    return given


def answer(who: Actor, lease: str, verdict: str = "confirm", **more: Any) -> dict[str, Any]:
    """As the desk says it: first without the evidence where it asks so, blind by its label."""
    with reading(who.app.state.engine) as session:
        mode, given = session.execute(
            select(Lease.mode, Example.given_label_id)
            .join(Example, Example.id == Lease.example_id)
            .where(Lease.token == lease)
        ).one()
    body = {"key": str(uuid.uuid4()), "lease": lease, "verdict": verdict, **more}
    if mode is Mode.BLIND and verdict == "confirm":
        body |= {"verdict": "relabel", "label": given}
    if mode is Mode.DECIDE_FIRST:
        said = {name: body.get(name) for name in ("lease", "verdict", "label")}
        if verdict == "confirm":
            said |= {"verdict": "relabel", "label": given}
        assert who.post("/api/v1/reveal", json=said).status_code == 200
    reply = who.post("/api/v1/decisions", json=body)
    assert reply.status_code == 200, reply.text
    stored: dict[str, Any] = reply.json()
    return stored


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements sent while this is open."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
