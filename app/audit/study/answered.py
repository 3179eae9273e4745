"""What was decided of labelled examples, as arrays: what a study of the noise looks at."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.audit.outcomes import batches_by
from app.audit.wrong import is_wrong, judges_its_label
from app.datasets.current_labels import current_label, standing_label
from app.datasets.visible import visible_imports
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score
from app.db.words import FINAL, UNDECIDED, Status, Stream
from app.noise.strata import Answers

NO_ONE_LABEL = -1
"""The right label of an example that was removed because none or several fit."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Final examples that came with a label and stand in the served ranking; one entry each.

    Labels are places in `label_ids`: those in use, each for all that it replaced. `drawn` says
    which were random checks of the open epoch; `picked` which neither ranking nor chance picked.
    """

    label_ids: tuple[int, ...]
    example_ids: NDArray[np.int64]
    given: NDArray[np.int64]
    right: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    picked: NDArray[np.bool_]
    quality: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.example_ids)

    @property
    def answers(self) -> Answers:
        return Answers(self.wrong, self.quality, self.given)

    @property
    def unpicked(self) -> Answered:
        """What tests of labels and groups hold for: those that quality or chance picked."""
        rows = ~self.picked
        return replace(
            self,
            example_ids=self.example_ids[rows],
            given=self.given[rows],
            right=self.right[rows],
            wrong=self.wrong[rows],
            drawn=self.drawn[rows],
            picked=self.picked[rows],
            quality=self.quality[rows],
        )

    def found(self, *, drawn_only: bool = False) -> NDArray[np.int64]:
        """How many came as one label and are another; removed ones are in no column."""
        rows = (self.right != NO_ONE_LABEL) & (self.drawn if drawn_only else True)
        table = np.zeros((len(self.label_ids),) * 2, dtype=np.int64)
        np.add.at(table, (self.given[rows], self.right[rows]), 1)
        return table


def labels_in_use(session: Session, project_id: int) -> tuple[int, ...]:
    """In the order of the labels page."""
    query = select(Label.id).where(Label.project_id == project_id, Label.current_id.is_(None))
    return tuple(session.scalars(query.order_by(Label.position, Label.id)))


PICKS = (
    *(Stream.PROBE, Stream.BULK_CHECK, Stream.SOURCE_CHECK),
    *(Stream.TEST_AUDIT, Stream.SPLIT_AUDIT, Stream.COPY, Stream.DIRECT),
)
"""Streams of what was asked for by something it shares, or because somebody saw it."""


def answered(session: Session, project: Project, *, by_person: Collection[str] = ()) -> Answered:
    """Everything that was decided by now; `by_person` names batch rules by which a person picks."""
    labels = labels_in_use(session, project.id)
    served = Serve.__table__.alias()
    picked = exists().where(
        served.c.example_id == Example.id,
        or_(
            served.c.stream.in_(PICKS),
            and_(
                served.c.stream == Stream.QUEUE,
                served.c.batch_id.in_(batches_by(project.id, by_person)),
            ),
        ),
    )
    rows = session.execute(
        select(
            Example.id,
            current_label(standing_label()),
            case(
                (Example.status == Status.REMOVED, None),
                else_=current_label(Example.final_label_id),
            ),
            is_wrong(standing_label()),
            func.coalesce(Serve.stream == Stream.AUDIT, False),
            picked,
            Score.quality,
        )
        .join(Score, and_(Score.run_id == project.run_id, Score.example_id == Example.id))
        .outerjoin(Serve, and_(Serve.epoch_id == project.epoch_id, Serve.example_id == Example.id))
        .where(
            Example.project_id == project.id,
            Example.status.in_(sorted(FINAL)),
            Example.given_label_id.is_not(None),
            Score.quality.is_not(None),
            judges_its_label(),
        )
        .order_by(Example.id)
    ).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    ids, given, right, wrong, drawn, by_hand, quality = columns
    return Answered(
        labels,
        np.array(ids, dtype=np.int64),
        _places(given, labels),
        _places(right, labels),
        np.array(wrong, dtype=np.bool_),
        np.array(drawn, dtype=np.bool_),
        np.array(by_hand, dtype=np.bool_),
        np.array(quality, dtype=np.float64),
    )


def _places(ids: Sequence[int | None], labels: tuple[int, ...]) -> NDArray[np.int64]:
    place = {label: nth for nth, label in enumerate(labels)}
    return np.array([place.get(one or 0, NO_ONE_LABEL) for one in ids], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Undecided:
    """Of what nobody decided yet: how many came with each label, and what the model reads.

    `sizes` of shape (n_labels,); `believed` of shape (n_labels, n_labels), given by favoured.
    """

    sizes: NDArray[np.int64]
    believed: NDArray[np.int64]


def undecided(session: Session, project: Project, labels: tuple[int, ...]) -> Undecided:
    """By the ranking that is served; an example it left out believes its own label."""
    given = current_label(standing_label())
    favoured = func.coalesce(current_label(Score.suggested_id), given)
    rows = session.execute(
        select(given, favoured, func.count())
        .select_from(Example)
        .outerjoin(Score, and_(Score.run_id == project.run_id, Score.example_id == Example.id))
        .where(
            Example.project_id == project.id,
            Example.import_id.in_(visible_imports(project.id)),
            Example.status.in_(sorted(UNDECIDED)),
            Example.given_label_id.is_not(None),
        )
        .group_by(given, favoured)
    )
    believed = np.zeros((len(labels),) * 2, dtype=np.int64)
    place = {label: nth for nth, label in enumerate(labels)}
    for came_as, read_as, count in rows:
        row = place[came_as]
        believed[row, place.get(read_as, row)] += count
    return Undecided(believed.sum(axis=1), believed)
