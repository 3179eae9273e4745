"""A sample that stands half reviewed: three readers who do not exist, with a stated error.

Their answers go through the same acts as everybody's, so all that is told from them (estimate,
curve, kinds of noise, agreement) is what it would be after people had read as much.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.accounts.membership import join
from app.accounts.people import Newcomer, Who, create_person, person_by_email, who_of
from app.actions.answering import Wanted, answer, claim, claim_owed
from app.actions.batches import make
from app.actions.turn import Caller
from app.db.engine import database_now, writing
from app.db.tables.accounts import Person
from app.db.tables.datasets import Label, Project
from app.db.tables.review import Batch
from app.db.words import Mode, Role, Verdict
from app.progress import Progress, quiet
from app.review.answering.answers import Submission
from app.review.batches.plan import BatchPlan
from app.review.serving.cards import Card

READERS = tuple(
    Newcomer(f"Reader {number} (made up)", f"reader{number}@example.org") for number in (1, 2, 3)
)
ERROR = 0.03
"""Share of their answers that is wrong: another label, each equally likely."""

BATCH, AUDIT_SHARE = 600, 20
AT_ONCE = 8
STEP = "three made-up readers answer"
_SEED = 20261130


@dataclass(frozen=True, slots=True)
class Half:
    """What the readers know: a project, its lead, and which labels are right."""

    engine: Engine
    project_id: int
    lead_id: int
    truth: Mapping[str, str]


def review_half(half: Half, *, progress: Progress = quiet) -> int:
    """Open a batch and have it read to its end; how many answers that took.

    Begun again after it was interrupted, it goes on with the batch that is there.
    """
    with writing(half.engine) as session:
        batch_id = _batch(session, half)
    return read_batch(half, batch_id, progress=progress)


def read_batch(half: Half, batch_id: int, *, progress: Progress = quiet) -> int:
    """Have a batch read to its end by the made-up readers; how many answers that took."""
    rng = random.Random(_SEED)
    with writing(half.engine) as session:
        readers = _readers(session, half.project_id)
        labels = _labels(session, half.project_id)
    answers, idle = 0, 0
    while idle < len(readers):
        for reader in readers:
            with writing(half.engine) as session:
                caller = Caller(session, reader, database_now(session), random.SystemRandom())
                given = _answer_some(caller, half, batch_id, labels, rng)
            idle = 0 if given else idle + 1
            answers += given
            progress(STEP, min(answers, BATCH), BATCH)
    return answers


def _readers(session: Session, project_id: int) -> list[Who]:
    now = database_now(session)
    people = []
    for one in READERS:
        person = person_by_email(session, one.email) or create_person(session, one, now=now)
        join(session, project_id, person.id, Role.REVIEWER, now=now)
        people.append(who_of(person))
    return people


def _batch(session: Session, half: Half) -> int:
    there = select(Batch.id).where(Batch.project_id == half.project_id).order_by(Batch.id).limit(1)
    if (batch_id := session.scalar(there)) is not None:
        return batch_id
    plan = BatchPlan(name="Read by made-up readers", size=BATCH, audit_share=AUDIT_SHARE)
    return make(lead_of(session, half.lead_id), half.project_id, plan).id


def lead_of(session: Session, person_id: int) -> Caller:
    """Who makes batches and asks questions in a sample."""
    lead = who_of(session.get_one(Person, person_id))
    return Caller(session, lead, database_now(session), random.SystemRandom())


def _labels(session: Session, project_id: int) -> dict[str, int]:
    rows = session.execute(select(Label.name, Label.id).where(Label.project_id == project_id))
    return {row.name: row.id for row in rows}


def _answer_some(
    caller: Caller, half: Half, batch_id: int, labels: Mapping[str, int], rng: random.Random
) -> int:
    """What this reader owes first, else new examples of the batch; how many were answered."""
    slug = caller.session.get_one(Project, half.project_id).slug
    cards = claim_owed(caller, slug, Wanted(AT_ONCE)).handed.cards
    if not cards:
        cards = claim(caller, batch_id, Wanted(AT_ONCE)).handed.cards
    for card in cards:
        answer(caller, _said(card, half.truth, labels, rng))
    return len(cards)


def _said(
    card: Card, truth: Mapping[str, str], labels: Mapping[str, int], rng: random.Random
) -> Submission:
    """The right label, and now and then another."""
    right = labels[truth[card["key"]]]
    label = right
    if rng.random() < ERROR:
        label = rng.choice(sorted(set(labels.values()) - {right}))
    confirms = label == card.get("given") and card["mode"] != Mode.BLIND
    return Submission(
        key=str(uuid.uuid4()),
        lease=card["lease"],
        verdict=Verdict.CONFIRM if confirms else Verdict.RELABEL,
        label_id=None if confirms else label,
    )
