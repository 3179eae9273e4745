"""How far reviewers agree, and how right each of them is, from everything they answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.agreement.anchoring import anchoring
from app.agreement.by_items import FEWEST_SHARED, Agreement, counts_of
from app.agreement.kappa import cohen_with_limits, fleiss_with_limits
from app.agreement.krippendorff import alpha_with_limits
from app.agreement.reviewer_quality import is_flagged, quality
from app.audit.reviewers.reads import reads_by_example, seconds_by_person
from app.audit.reviewers.report import (
    BetweenTwo,
    Coefficient,
    Limits,
    OfReviewer,
    Pulled,
    Report,
    Swapped,
)
from app.audit.reviewers.skills import LabelSkill, skills_of
from app.audit.reviewers.tally import Pull, Tally, Together
from app.datasets.labels import labels_of
from app.db.tables.datasets import Project
from app.noise.limits import FEWEST, wilson
from app.progress import Progress, quiet

MOST_SHARED = 5_000
"""Shared examples that agreement is told of, drawn at random from more: its interval is then
about three points wide, and the worker's memory stays small with a thousand labels."""

MOST_COUPLES = 10
"""Couples of reviewers whose kappa is told, those with most examples in common."""

MOST_POINTS, FEWEST_A_POINT = 60, 20

Speed = dict[int, list[float]]


def tell(
    session: Session, project: Project, rng: np.random.Generator, progress: Progress = quiet
) -> tuple[Report, list[LabelSkill]]:
    """Read every answer of a project once, and say what it shows."""
    progress("timing answers", 0, 1)
    speed = dict(seconds_by_person(session, project.id))
    together = Together()
    for reads in reads_by_example(session, project, progress=progress):
        together.take(reads)
    progress("measuring agreement", 0, 1)
    votes, people = _votes(together, rng)
    report = Report(
        _found(alpha_with_limits(votes, rng=rng)),
        _fleiss(votes, rng),
        _cohen(votes, people),
        together.pairs,
        _pulled(together.pull),
        _people(together, speed),
    )
    labels = [label.id for label in labels_of(session, project.id)]
    return report, skills_of(together, labels)


def _votes(
    together: Together, rng: np.random.Generator
) -> tuple[NDArray[np.int64], tuple[int, ...]]:
    """Labels by example and person, as places among those that were said; -1 for none."""
    shared: Sequence[tuple[tuple[int, int], ...]] = together.shared
    if len(shared) > MOST_SHARED:
        drawn = np.sort(rng.choice(len(shared), MOST_SHARED, replace=False))
        shared = [shared[row] for row in drawn]
    people = sorted({person for said in shared for person, _ in said})
    labels = sorted({label for said in shared for _, label in said})
    column = {person: nth for nth, person in enumerate(people)}
    place = {label: nth for nth, label in enumerate(labels)}
    votes = np.full((len(shared), len(people)), -1, dtype=np.int64)
    for row, said in enumerate(shared):
        for person, label in said:
            votes[row, column[person]] = place[label]
    return votes, tuple(people)


def _found(agreed: Agreement) -> Coefficient:
    return Coefficient(_limits(agreed.limits), agreed.shared)


def _limits(told: tuple[float, float, float] | None) -> Limits | None:
    return Limits(*told) if told is not None else None


def _fleiss(votes: NDArray[np.int64], rng: np.random.Generator) -> Coefficient:
    """Of the examples with two reads: it takes the same number of each."""
    twice = (votes >= 0).sum(axis=1) == 2
    return _found(fleiss_with_limits(counts_of(votes[twice]), rng=rng))


def _cohen(votes: NDArray[np.int64], people: tuple[int, ...]) -> list[BetweenTwo]:
    there = votes >= 0
    in_common = there.T.astype(np.int64) @ there.astype(np.int64)
    couples = [
        (int(in_common[one, other]), one, other)
        for one, other in combinations(range(len(people)), 2)
        if in_common[one, other] >= FEWEST_SHARED
    ]
    most = sorted(couples, key=lambda couple: (-couple[0], couple[1:]))[:MOST_COUPLES]
    return [
        BetweenTwo(
            people[one], people[other], _found(cohen_with_limits(votes[:, one], votes[:, other]))
        )
        for _, one, other in most
    ]


def _pulled(pull: Pull) -> Pulled:
    """Blind reads and first answers, each against reads that saw the label."""
    blind = anchoring((pull.blind_changed, pull.shown_changed), (pull.blind, pull.shown))
    first = anchoring((pull.first_changed, pull.shown_changed), (pull.first, pull.shown))
    return Pulled(
        pull.blind,
        pull.blind_changed,
        pull.shown,
        pull.shown_changed,
        _limits(blind.limits),
        pull.first,
        pull.first_changed if first.limits else None,
        _limits(first.limits),
        pull.differed,
        pull.went_back if pull.differed >= FEWEST else None,
        _share(pull.went_back, pull.differed),
    )


def _share(hits: int, of: int) -> Limits | None:
    return Limits(hits / of, *wilson(hits, of)) if of >= FEWEST else None


def _people(together: Together, speed: Speed) -> list[OfReviewer]:
    ids = sorted(speed.keys() | together.people.keys())
    tallies = [together.people[person] for person in ids]
    answers = np.array([tally.measured for tally in tallies], dtype=np.int64)
    right = np.array([tally.right for tally in tallies], dtype=np.int64)
    found, wrong = quality(right, answers), answers - right
    told = []
    for nth, person in enumerate(ids):
        others = np.arange(len(ids)) != nth
        differs = is_flagged(int(wrong[nth]), int(answers[nth]), wrong[others], answers[others])
        judged = _limits(found.limits(nth)), differs
        told.append(_reviewer(person, tallies[nth], speed.get(person, []), judged))
    return told


def _reviewer(
    person: int, tally: Tally, seconds: list[float], judged: tuple[Limits | None, bool]
) -> OfReviewer:
    right, differs = judged
    enough = tally.ended >= FEWEST
    return OfReviewer(
        person=person,
        answers=len(seconds),
        median_seconds=float(np.median(seconds)) if len(seconds) >= FEWEST else None,
        measured=tally.measured,
        right=right,
        known=tally.known,
        known_right=tally.known_right if tally.known >= FEWEST else None,
        changes=tally.changes,
        overturned=tally.overturned if tally.changes >= FEWEST else None,
        pulled=_pulled(tally.pull),
        differs=differs,
        ended=tally.ended,
        swapped=_swapped(tally.swapped) if enough else [],
        otherwise=tally.last_otherwise,
        speed=_speed(seconds),
    )


def _swapped(counts: Counter[tuple[int, int]]) -> list[Swapped]:
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Swapped(said, final, count) for (said, final), count in most]


def _speed(seconds: list[float]) -> list[tuple[int, float]]:
    """The median of every block of answers, at the number of answers given by then."""
    size = max(FEWEST_A_POINT, -(-len(seconds) // MOST_POINTS))
    ends = range(size, len(seconds) + 1, size)
    return [(end, round(float(np.median(seconds[end - size : end])), 2)) for end in ends]
