"""Answers that stand, of examples that are final: what readers are compared by."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app.audit.accuracy import MEASURED_BY
from app.audit.reviewers.report import REMOVED
from app.audit.stands import is_independent, is_look, stands
from app.datasets.current_labels import current_label, standing_label
from app.db.parts import parts
from app.db.tables.datasets import Example, Project
from app.db.tables.review import Decision
from app.db.words import FINAL, Mode, ReadReason, Status, Stream, Verdict
from app.progress import Progress, quiet


class Read(NamedTuple):
    """One person's answer, as labels that stand now; `REMOVED` for one that removes.

    `given` is the label it came with, none of an unlabelled example. `ruling`: a lead settled it.
    `said_first`: what was answered before the label was shown, where one decides first.
    """

    example: int
    seq: int
    person: int
    said: int
    final: int
    given: int | None
    reason: ReadReason
    mode: Mode
    stream: Stream | None
    ruling: bool
    said_first: int | None = None

    @property
    def right(self) -> bool:
        return self.said == self.final

    @property
    def changes(self) -> bool:
        return self.given is not None and self.said != self.given

    @property
    def measures(self) -> bool:
        """Asked for whatever the answers were."""
        return not self.ruling and self.reason in MEASURED_BY

    @property
    def shows(self) -> bool:
        """One of several independent looks, none of them asked for because of an answer."""
        return self.measures or (not self.ruling and self.reason is ReadReason.FIRST)


def reads_by_example(
    session: Session, project: Project, *, progress: Progress = quiet
) -> Iterator[list[Read]]:
    """The answers to each final example, in the order in which they came."""
    query = select(Example.id).where(
        Example.project_id == project.id, Example.status.in_(sorted(FINAL))
    )
    examples = list(session.scalars(query.order_by(Example.id)))
    done = 0
    for some in parts(examples):
        rows = session.execute(_READS.where(Decision.example_id.in_(some)))
        reads = (Read(*row) for row in rows)
        for _, of_one in groupby(reads, key=lambda read: read.example):
            yield list(of_one)
        done += len(some)
        progress("comparing answers", done, len(examples))


_given = current_label(standing_label())
_said = case(
    (Decision.verdict == Verdict.REMOVE, REMOVED),
    (Decision.verdict == Verdict.CONFIRM, _given),
    else_=current_label(Decision.label_id),
)
_final = case(
    (Example.status == Status.REMOVED, REMOVED), else_=current_label(Example.final_label_id)
)
_said_first = case(
    (Decision.first_answer["verdict"].as_string() == Verdict.REMOVE.value, REMOVED),
    else_=current_label(Decision.first_answer["label"].as_integer()),
)
_READS = (
    select(
        Decision.example_id,
        Decision.seq,
        Decision.person_id,
        _said,
        _final,
        _given,
        Decision.read_reason,
        Decision.mode,
        Decision.stream,
        Decision.adjudicates,
        case((Decision.mode == Mode.DECIDE_FIRST, _said_first)),
    )
    .join(Example, Example.id == Decision.example_id)
    .where(
        Decision.read_reason != ReadReason.LATE,
        _said.is_not(None),
        _final.is_not(None),
        is_look(),
        stands(),
        is_independent(),
    )
    .order_by(Decision.example_id, Decision.seq)
)


def seconds_by_person(session: Session, project_id: int) -> Iterator[tuple[int, list[float]]]:
    """How long every look of each person took, in the order of their answers."""
    rows = session.execute(
        select(Decision.person_id, Decision.seconds)
        .where(Decision.project_id == project_id, ~Decision.adjudicates, is_look())
        .order_by(Decision.person_id, Decision.seq)
        .execution_options(yield_per=5_000)
    )
    for person, of_one in groupby(rows, key=lambda row: row.person_id):
        yield person, [row.seconds for row in of_one]
