"""What the model, the given label and all answers say together of one example's right label."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.accuracy import given_accuracy, reviewer_accuracy
from app.datasets.current_labels import standing_label
from app.datasets.labels import label_mapping, labels_of
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.db.words import Verdict
from app.labels import LabelSet, mapped
from app.review.books.fold import Answer
from app.scoring.posterior import label_posterior

SURE = 0.95
"""Probability of one outcome from which on *until sure* asks for no more reads."""

MOST_READS = 5
"""*Until sure* asks for no more than so many reads of one example."""

REMOVAL_PRIOR = 0.01
"""Chance, before any answer, that an example has to go: no model predicts it."""


@dataclass(frozen=True, slots=True)
class Belief:
    """Outcomes and their probabilities, likeliest first; None stands for removal."""

    outcomes: tuple[tuple[int | None, float], ...]
    said: tuple[tuple[int | None, int], ...]  # outcomes and how many answers, the most first
    ruled: bool

    @property
    def reads(self) -> int:
        return sum(answers for _, answers in self.said)

    @property
    def best(self) -> int | None:
        return self.outcomes[0][0]

    @property
    def sureness(self) -> float:
        return self.outcomes[0][1]

    @property
    def wants_more(self) -> bool:
        """Whether *until sure* asks for another read."""
        return not self.ruled and self.reads < MOST_READS and self.sureness < SURE


def belief(
    session: Session, project_id: int, example_id: int, answers: Sequence[Answer]
) -> Belief | None:
    """The posterior over labels and removal; None where the project has no label.

    ``answers`` are those that stand. The prior is the prediction of the scoring run that is
    served, or an even split without one.
    """
    columns: dict[int | None, int] = {
        label.id: place for place, label in enumerate(labels_of(session, project_id))
    }
    if not columns:
        return None
    columns[None] = len(columns)
    mapping = label_mapping(session, project_id)
    columns |= {old: columns[now] for old, now in mapping.items() if now in columns}
    given_id, prior = _given_and_prior(session, project_id, example_id, columns)
    given = mapped(() if given_id is None else (given_id,), mapping)
    outcomes = [_outcome(answer, given, mapping) for answer in answers]
    people = [int(answer.person) for answer in answers]
    accuracy = reviewer_accuracy(session, project_id, set(people)) if people else {}
    chances = label_posterior(
        prior,
        np.array([columns.get(given[0], -1) if given else -1]),
        np.array([[columns.get(one, -1) for one in outcomes]], dtype=np.int64).reshape(1, -1),
        reviewer_accuracy=np.array([[accuracy[person] for person in people]]).reshape(1, -1),
        given_accuracy=given_accuracy(session, project_id),
    )[0]
    order = np.argsort(-chances, kind="stable")
    names = list(columns)
    return Belief(
        tuple((names[place], float(chances[place])) for place in order),
        tuple(Counter(outcomes).most_common()),
        any(answer.adjudicates for answer in answers),
    )


def _outcome(answer: Answer, given: LabelSet, mapping: dict[int, int]) -> int | None:
    if answer.verdict is Verdict.REMOVE:
        return None
    labels = given if answer.verdict is Verdict.CONFIRM else mapped(answer.labels, mapping)
    return labels[0] if labels else -1


def _given_and_prior(
    session: Session, project_id: int, example_id: int, columns: dict[int | None, int]
) -> tuple[int | None, NDArray[np.float64]]:
    """The label that stands, and a row of probabilities over all outcomes."""
    given, offered = session.execute(
        select(standing_label(), Score.suggestions)
        .join(Project, Project.id == Example.project_id)
        .outerjoin(Score, (Score.run_id == Project.run_id) & (Score.example_id == Example.id))
        .where(Example.id == example_id, Example.project_id == project_id)
    ).one()
    known: dict[int, float] = defaultdict(float)  # two that were merged since add up
    for label, share in offered or ():
        if label in columns:
            known[columns[label]] += share
    others = columns[None] - len(known)
    rest = max(0.0, 1.0 - sum(known.values()))
    labels = np.full(columns[None], rest / others if others else 0.0)
    for place, share in known.items():
        labels[place] = share
    if not labels.sum() > 0.0:
        labels[:] = 1.0
    labels *= (1.0 - REMOVAL_PRIOR) / labels.sum()
    return given, np.append(labels, REMOVAL_PRIOR)[None, :]
