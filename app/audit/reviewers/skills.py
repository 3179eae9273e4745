"""How surely each reviewer reads each label, as it is kept for batches that are routed by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.agreement.skill import lower_skills
from app.audit.reviewers.report import REMOVED
from app.audit.reviewers.tally import Together
from app.db.parts import parts
from app.db.tables.audit import ReviewerSkill
from app.noise.limits import FEWEST

MOST_KEPT = 200_000
"""People times labels: of more, those with the most measured answers are kept."""


class LabelSkill(NamedTuple):
    person: int
    label: int
    lower: float


def skills_of(together: Together, labels: Iterable[int]) -> list[LabelSkill]:
    """Of everybody with enough measured answers, on each of the project's labels."""
    named = list(labels)
    people = sorted(
        (person for person, tally in together.people.items() if tally.measured >= FEWEST),
        key=lambda person: (-together.people[person].measured, person),
    )[: MOST_KEPT // max(1, len(named))]
    if not people or not named:
        return []
    columns = [*named, REMOVED]
    asked, right = (
        np.array([[counts[label] for label in columns] for counts in of], dtype=np.int64)
        for of in (
            [together.people[person].asked_of for person in people],
            [together.people[person].right_of for person in people],
        )
    )
    lower = lower_skills(right, asked)
    return [
        LabelSkill(person, label, float(lower[row, column]))
        for row, person in enumerate(people)
        for column, label in enumerate(named)
    ]


def keep_skills(session: Session, project_id: int, skills: Sequence[LabelSkill]) -> None:
    """In the place of those the comparison before had found."""
    session.execute(delete(ReviewerSkill).where(ReviewerSkill.project_id == project_id))
    for some in parts(skills):
        rows = [
            {
                "project_id": project_id,
                "label_id": skill.label,
                "person_id": skill.person,
                "lower": skill.lower,
            }
            for skill in some
        ]
        session.execute(insert(ReviewerSkill), rows)
