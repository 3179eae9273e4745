"""What models predict and what is right, as arrays: what a test-set audit is told from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Executable, func, not_, or_, select
from sqlalchemy.orm import Session

from app.audit.wrong import judges_its_label
from app.datasets.labels import label_mapping
from app.datasets.visible import visible_imports
from app.db.tables.audit import Serve
from app.db.tables.datasets import Example, Project
from app.db.tables.models import ModelPrediction, TestAudit, TestAuditKey
from app.db.tables.review import Decision
from app.db.words import DECIDED, Status, Stream
from app.labels import current

NONE = -1
"""No label: none or several fit, or the example is gone."""

Ids = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Predicted:
    """Labelled examples of a split and what models predict for them; one entry each.

    Labels are ids, each for all that it replaced. `gone` left the split: erased, or removed for
    what says nothing of their label. `drawn` were random checks of the open epoch, `asked` were
    read because models differ. Examples of one `part` are in the same audits of models: of these
    what was asked and drawn are uniform draws. `at` is the number of the serve by which it came to
    a reader, 0 without one. The first `known` of `order` were decided when the audit opened.
    """

    ids: Ids
    given: Ids
    right: Ids  # of what is decided; else NONE
    decided: Marks
    gone: Marks
    drawn: Marks
    asked: Marks
    part: Ids
    at: Ids
    by_model: tuple[Ids, ...]
    order: Ids  # places of the examples on which the models differ, in their random order
    known: int = 0

    @property
    def size(self) -> int:
        return len(self.ids)

    @property
    def whole(self) -> Predicted:
        """Of examples that every model predicts."""
        known = np.ones(self.size, dtype=np.bool_)
        for one in self.by_model:
            known &= one != NONE
        return Predicted(
            ids=self.ids[known],
            given=self.given[known],
            right=self.right[known],
            decided=self.decided[known],
            gone=self.gone[known],
            drawn=self.drawn[known],
            asked=self.asked[known],
            part=self.part[known],
            at=self.at[known],
            by_model=tuple(one[known] for one in self.by_model),
            order=self.order,
        )

    @property
    def differ(self) -> Marks:
        """Where not all models agree."""
        first, *others = self.by_model
        return np.asarray(np.any([one != first for one in others], axis=0))


def in_split(project_id: int, split: str | None) -> list[ColumnElement[bool]]:
    """Examples that came with a label, of one split or of all."""
    wanted = [
        Example.project_id == project_id,
        Example.import_id.in_(visible_imports(project_id)),
        Example.given_label_id.is_not(None),
    ]
    return [*wanted, Example.split == split] if split is not None else wanted


def gone() -> ColumnElement[bool]:
    """Erased, or removed for a reason that says nothing of the label."""
    return or_(Example.status == Status.ERASED, not_(judges_its_label()))


def predicted(
    session: Session, project: Project, split: str | None, models: Sequence[int]
) -> Predicted:
    """What stands now; NONE where a model says nothing of an example."""
    columns = (Example.id, Example.status, Example.given_label_id, Example.final_label_id)
    ids, status, given, final, left = _columns(
        session,
        select(*columns, gone()).where(*in_split(project.id, split)).order_by(Example.id),
        5,
    )
    now = _Mapped(label_mapping(session, project.id))
    here = np.array(ids, dtype=np.int64)
    removed = np.array([one is Status.REMOVED for one in status], dtype=np.bool_)
    decided = np.array([one in DECIDED for one in status], dtype=np.bool_)
    drawn, asked, at = _serves(session, project, here)
    _put_decided(session, project.id, here, at, decided & (at == 0))
    return Predicted(
        ids=here,
        given=now.of(given),
        right=np.where(decided & ~removed, now.of(final), NONE),
        decided=decided,
        gone=np.array(left, dtype=np.bool_),
        drawn=drawn,
        asked=asked,
        part=_parts(session, project.id, here),
        at=at,
        by_model=tuple(_predictions(session, model, here, now) for model in models),
        order=np.array([], dtype=np.int64),
    )


def _columns(session: Session, query: Executable, count: int) -> list[tuple[Any, ...]]:
    rows = session.execute(query).all()
    return list(zip(*rows, strict=True)) if rows else [()] * count


class _Mapped:
    """Labels as they are called now."""

    def __init__(self, mapping: Mapping[int, int]) -> None:
        self.mapping = mapping

    def of(self, labels: Sequence[int | None]) -> Ids:
        found = np.array([NONE if one is None else one for one in labels], dtype=np.int64)
        for old in self.mapping:
            found[found == old] = current(old, self.mapping)
        return found


def _predictions(session: Session, model: int, here: Ids, now: _Mapped) -> Ids:
    """By the places of these examples."""
    query = select(ModelPrediction.example_id, ModelPrediction.label_id)
    columns = _columns(session, query.where(ModelPrediction.model_id == model), 2)
    examples, labels = np.array(columns[0], dtype=np.int64), now.of(columns[1])
    found = np.full(len(here), NONE, dtype=np.int64)
    if len(here):
        places = np.minimum(np.searchsorted(here, examples), len(here) - 1)
        mine = here[places] == examples
        found[places[mine]] = labels[mine]
    return found


def _serves(session: Session, project: Project, here: Ids) -> tuple[Marks, Marks, Ids]:
    """Which were random checks of the open epoch, which were asked as models differ, and when.

    The number is that of the draw, or else of the first time that it was handed out.
    """
    query = select(Serve.example_id, Serve.serve_seq, Serve.stream, Serve.epoch_id).where(
        Serve.project_id == project.id
    )
    columns = _columns(session, query.order_by(Serve.serve_seq.desc()), 4)
    examples, seqs = (np.array(one, dtype=np.int64) for one in columns[:2])
    streams = list(zip(*columns[2:], strict=True))
    drawn = np.array([one == (Stream.AUDIT, project.epoch_id) for one in streams], dtype=np.bool_)
    asked = np.array([one is Stream.TEST_AUDIT for one, _ in streams], dtype=np.bool_)
    at = np.zeros(len(here), dtype=np.int64)
    for some in (np.ones_like(drawn), asked, drawn):
        mine = some & np.isin(examples, here)
        at[np.searchsorted(here, examples[mine])] = seqs[mine]
    return np.isin(here, examples[drawn]), np.isin(here, examples[asked]), at


def _put_decided(
    session: Session, project_id: int, here: Ids, at: Ids, never_served: Marks
) -> None:
    """What was decided without ever being handed out is known from its first answer on: give it
    the number of the last serve before that."""
    if not never_served.any():
        return
    first = (
        select(Decision.example_id, func.min(Decision.at))
        .where(Decision.project_id == project_id)
        .group_by(Decision.example_id)
    )
    answered = dict(session.execute(first).all())
    serves = select(Serve.at, Serve.serve_seq).where(Serve.project_id == project_id)
    moments, seqs = _columns(session, serves.order_by(Serve.serve_seq), 2)
    for place in np.flatnonzero(never_served):
        moment = answered.get(int(here[place]))
        before = bisect_right(moments, moment) if moment is not None else 0
        at[place] = seqs[before - 1] if before else 0


def _parts(session: Session, project_id: int, here: Ids) -> Ids:
    """Numbers of the parts into which the audits of this project divide these examples."""
    query = (
        select(TestAuditKey.audit_id, TestAuditKey.example_id)
        .join(TestAudit, TestAudit.id == TestAuditKey.audit_id)
        .where(TestAudit.project_id == project_id)
    )
    audits, examples = (np.array(one, dtype=np.int64) for one in _columns(session, query, 2))
    found = np.zeros(len(here), dtype=np.int64)
    for audit in np.unique(audits):
        inside = np.isin(here, examples[audits == audit])
        found = np.unique(2 * found + inside, return_inverse=True)[1].astype(np.int64)
    return found


def in_order(session: Session, audit: TestAudit, what: Predicted) -> Predicted:
    """With the random order of an audit.

    An example that was erased since is known by its key alone: it counts as one that left, and
    no model is right about it.
    """
    query = select(TestAuditKey.example_id).where(TestAuditKey.audit_id == audit.id)
    keys = np.array(session.scalars(query.order_by(TestAuditKey.place)).all(), dtype=np.int64)
    lost = np.setdiff1d(keys, what.ids)
    none, yes = np.full(len(lost), NONE), np.ones(len(lost), dtype=np.bool_)
    ids = np.concatenate([what.ids, lost])
    sorter = np.argsort(ids)
    return Predicted(
        ids=ids,
        given=np.concatenate([what.given, none]),
        right=np.concatenate([what.right, none]),
        decided=np.concatenate([what.decided, yes]),
        gone=np.concatenate([what.gone, yes]),
        drawn=np.concatenate([what.drawn, ~yes]),
        asked=np.concatenate([what.asked, ~yes]),
        part=np.concatenate([what.part, none]),
        at=np.concatenate([what.at, 0 * none]),
        by_model=tuple(np.concatenate([one, none]) for one in what.by_model),
        order=sorter[np.searchsorted(ids, keys, sorter=sorter)],
        known=audit.known,
    )
