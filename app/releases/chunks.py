"""The rows of a snapshot in order, chunk by chunk, with everything said about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.datasets.cell import Stored
from app.db.tables.accounts import Person
from app.db.tables.datasets import Example
from app.db.tables.ranking import Score
from app.db.tables.review import Decision, Reversal
from app.labels import label_set, mapped
from app.releases.layout import CHUNK, Said
from app.releases.snapshot import Snapshot, Source
from app.review.books.fold import Answer, Folded, Mark, fold


class Row(NamedTuple):
    example_id: int
    key: str
    row: int
    columns: dict[str, Stored]
    salt: str | None
    given: int | None
    quality: float | None
    priority: float | None


@dataclass
class Sayings:
    """Everything said about some examples."""

    answers: dict[int, list[Answer]] = field(default_factory=dict)
    marks: dict[int, list[Mark]] = field(default_factory=dict)
    said: dict[int, Said] = field(default_factory=dict)


@dataclass
class Chunk(Sayings):
    """Some rows of one import in order, with everything said about them."""

    rows: list[Row] = field(default_factory=list)

    def folded(self, row: Row, mapping: Mapping[int, int]) -> Folded:
        given = label_set(row.given)
        answers = self.answers.get(row.example_id)
        marks = self.marks.get(row.example_id)
        if answers is None and marks is None:
            return Folded(labels=mapped(given, mapping))
        return fold(given, answers or [], marks or [], mapping=mapping)


def chunks_of(look: Snapshot, source: Source) -> Iterator[Chunk]:
    """An import's rows in the order of its file, by keyset; constant memory."""
    last = -1
    query = (
        select(
            Example.id,
            Example.key,
            Example.row,
            Example.columns,
            Example.salt,
            Example.given_label_id,
            Score.quality,
            Score.priority,
        )
        .outerjoin(Score, and_(Score.run_id == look.run_id, Score.example_id == Example.id))
        .where(Example.import_id == source.id)
        .order_by(Example.row)
        .limit(CHUNK)
    )
    while True:
        rows = look.session.execute(query.where(Example.row > last)).all()
        if not rows:
            return
        last = rows[-1].row
        told = sayings_of(look.session, look.project.id, look.up_to, [row.id for row in rows])
        yield Chunk(told.answers, told.marks, told.said, [Row(*row) for row in rows])


def sayings_of(session: Session, project_id: int, up_to: int, examples: Sequence[int]) -> Sayings:
    """What was said of these examples up to a seq, and of others whose ids are between theirs."""
    told, between = Sayings(), (min(examples), max(examples))
    _add_answers(session, told, (project_id, up_to), between)
    _add_marks(session, told, (project_id, up_to), between)
    return told


def _add_answers(
    session: Session, told: Sayings, where: tuple[int, int], between: tuple[int, int]
) -> None:
    """Answers up to the snapshot's seq; ids between these may belong to other rows as well."""
    rows = session.execute(
        select(
            Decision.example_id,
            Decision.seq,
            Person.pseudonym,
            Decision.verdict,
            Decision.label_id,
            Decision.reason,
            Decision.read_reason,
            Decision.confirmations,
            Decision.supersedes,
            Decision.adjudicates,
            Decision.guideline_revision,
            Decision.at,
        )
        .join(Person, Person.id == Decision.person_id)
        .where(
            Decision.project_id == where[0],
            Decision.example_id.between(*between),
            Decision.seq <= where[1],
        )
        .order_by(Decision.seq)
    )
    for example_id, seq, person, verdict, label, *rest, guideline, at in rows:
        answer = Answer(seq, person, verdict, label_set(label), *rest)
        told.answers.setdefault(example_id, []).append(answer)
        told.said[seq] = Said(person, int(at.timestamp() * 1000), verdict, guideline)


def _add_marks(
    session: Session, told: Sayings, where: tuple[int, int], between: tuple[int, int]
) -> None:
    rows = session.execute(
        select(
            Reversal.example_id,
            Reversal.seq,
            Reversal.kind,
            Reversal.decision_seq,
            Reversal.label_id,
        )
        .where(
            Reversal.project_id == where[0],
            Reversal.example_id.between(*between),
            Reversal.seq <= where[1],
        )
        .order_by(Reversal.seq)
    )
    for example_id, seq, kind, about, label in rows:
        told.marks.setdefault(example_id, []).append(Mark(seq, kind, about, label_set(label)))
