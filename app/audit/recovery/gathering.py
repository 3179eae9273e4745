"""What remedies are tried on: the vectors of the ranking, labels before and after review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from app.audit.recovery.asking import is_checked
from app.audit.study.answered import answered, labels_in_use, undecided
from app.audit.study.asking import last_study
from app.audit.study.probes import Probed
from app.audit.study.report import Report as Study
from app.audit.study.vectors import Vectors, vectors_of
from app.audit.wrong import is_wrong
from app.datasets.blobs import BlobStore
from app.datasets.current_labels import current_label, standing_label
from app.datasets.visible import visible_imports
from app.db.tables.audit import Estimate
from app.db.tables.datasets import Example, Project
from app.db.tables.ranking import Score
from app.db.tables.review import Decision
from app.db.words import FINAL, Status
from app.noise.joint import joint, transition_matrix
from app.noise.kinds import Kind
from app.noise.limits import wilson
from app.noise.probe import ProbeState
from app.training.interval import Interval
from app.training.kinds import NoiseKind
from app.training.material import NO_LABEL, Material, standardized

MOST_TRAINED = 20_000
"""So many examples at random are trained on, beside the checked ones; more would take hours."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """`decided` are rows in the order of the decisions; `members` those of a confirmed slice.

    `rate` is the share of labels that were wrong as imported, `today` the share that is now.
    """

    label_ids: tuple[int, ...]
    material: Material
    decided: NDArray[np.int64]
    labelled: int
    kind: NoiseKind
    group: str
    members: NDArray[np.bool_]
    source: int | None
    rate: Interval
    today: float


def gather(
    session: Session, project: Project, blobs: BlobStore | None, rng: np.random.Generator
) -> Gathered | None:
    """None without vectors, or with fewer than two labels."""
    vectors = vectors_of(session, project, blobs)
    labels = labels_in_use(session, project.id)
    if vectors is None or len(labels) < 2:
        return None
    rows = _rows(session, project, labels)
    labelled, (rate, today) = len(rows.ids), _rates(session, project, rows)
    rows = rows.only(_kept(rows, vectors, rng))
    study = last_study(session, project)
    told = study.report if study is not None else None
    group, members = _slice(study.probes if study is not None else (), told, rows.ids)
    material = Material(
        vectors=standardized(vectors.of(rows.ids)),
        before=rows.before,
        after=rows.after,
        checked=np.flatnonzero(rows.checked),
        right=rows.after[rows.checked],
        reviewed=rows.reviewed,
        quality=rows.quality,
        difficulty=rows.difficulty,
        consistent=rows.consistent,
        transition=_transition(session, project, labels),
    )
    return Gathered(
        labels,
        material,
        _in_order(session, project.id, rows),
        labelled,
        _kind(told, members),
        group,
        members,
        _worst_source(told),
        rate,
        today,
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    ids: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]
    checked: NDArray[np.bool_]
    reviewed: NDArray[np.bool_]
    wrong: NDArray[np.bool_]  # as it came, of what was reviewed
    quality: NDArray[np.float64]
    difficulty: NDArray[np.float64]
    consistent: NDArray[np.bool_]

    def only(self, kept: NDArray[np.int64]) -> _Rows:
        return _Rows(*(getattr(self, name)[kept] for name in self.__slots__))


def _rows(session: Session, project: Project, labels: tuple[int, ...]) -> _Rows:
    """Everything that came with a label and was not erased; a bulk fix is a decision too."""
    given = current_label(Example.given_label_id)
    final = case(
        (Example.status == Status.REMOVED, None),
        (Example.status.in_(sorted(FINAL)), current_label(Example.final_label_id)),
        else_=current_label(standing_label()),
    )
    favored = func.coalesce(current_label(Score.suggested_id), given)
    found = session.execute(
        select(
            Example.id,
            given,
            final,
            is_checked(project),
            Example.status.in_(sorted(FINAL)),
            and_(Example.status.in_(sorted(FINAL)), is_wrong(Example.given_label_id)),
            func.coalesce(Score.quality, 1.0),
            func.coalesce(Score.difficulty, 0.0),
            favored == given,
        )
        .outerjoin(Score, and_(Score.run_id == project.run_id, Score.example_id == Example.id))
        .where(
            Example.project_id == project.id,
            Example.import_id.in_(visible_imports(project.id)),
            Example.status != Status.ERASED,
            Example.given_label_id.is_not(None),
        )
        .order_by(Example.id)
    ).all()
    ids, before, after, checked, reviewed, wrong, quality, difficulty, consistent = (
        zip(*found, strict=True) if found else [()] * 9
    )
    right = _places(after, labels)
    return _Rows(
        np.array(ids, dtype=np.int64),
        _places(before, labels),
        right,
        np.array(checked, dtype=np.bool_) & (right >= 0),
        np.array(reviewed, dtype=np.bool_),
        np.array(wrong, dtype=np.bool_),
        np.array(quality, dtype=np.float64),
        np.array(difficulty, dtype=np.float64),
        np.array(consistent, dtype=np.bool_),
    )


def _places(ids: Sequence[int | None], labels: tuple[int, ...]) -> NDArray[np.int64]:
    place = {label: nth for nth, label in enumerate(labels)}
    return np.array([place.get(one or 0, NO_LABEL) for one in ids], dtype=np.int64)


def _rates(session: Session, project: Project, rows: _Rows) -> tuple[Interval, float]:
    """What people found wrong, and what the running audit says is left.

    Random checks by themselves would tell too little: what the queue took first is not among
    them. Before the first estimate they are all there is, for what nobody has reviewed.
    """
    labelled, found = len(rows.ids), int(rows.wrong.sum())
    if not labelled:
        return Interval(0.0, 0.0, 1.0), 0.0
    told = session.get(Estimate, project.epoch_id) if project.epoch_id is not None else None
    if told is not None and told.middle is not None:
        left = Interval(float(told.middle), float(told.low), float(told.high))
    else:
        checks, unread = rows.checked, int((~rows.reviewed).sum())
        wrong, of = int((checks & rows.wrong).sum()), int(checks.sum())
        low, high = wilson(wrong, of) if of else (0.0, 1.0)
        left = Interval(unread * wrong / max(1, of), unread * low, unread * high)
    ends = (min(1.0, (found + one) / labelled) for one in (left.value, left.low, left.high))
    return Interval(*ends), min(1.0, left.value / labelled)


def _kept(rows: _Rows, vectors: Vectors, rng: np.random.Generator) -> NDArray[np.int64]:
    """Those with a vector: all that were checked, and of the others so many at random."""
    there = np.isin(rows.ids, vectors.example_ids)
    others = rng.permutation(np.flatnonzero(there & ~rows.checked))[:MOST_TRAINED]
    return np.sort(np.concatenate([np.flatnonzero(there & rows.checked), others]))


def _in_order(session: Session, project_id: int, rows: _Rows) -> NDArray[np.int64]:
    """Rows that were decided, by their last answer; what a bulk fix changed comes last."""
    query = select(Decision.example_id, func.max(Decision.seq)).where(
        Decision.project_id == project_id
    )
    last = {row[0]: row[1] for row in session.execute(query.group_by(Decision.example_id))}
    changed = rows.reviewed | (rows.before != rows.after)
    never = max(last.values(), default=0) + 1
    seqs = np.array([last.get(int(one), never) for one in rows.ids[changed]], dtype=np.int64)
    return np.asarray(np.flatnonzero(changed)[np.argsort(seqs, kind="stable")])


def _transition(session: Session, project: Project, labels: tuple[int, ...]) -> NDArray[np.float64]:
    left = undecided(session, project, labels)
    found = answered(session, project).found(drawn_only=True)
    return transition_matrix(joint(left.believed, found, left.sizes + found.sum(axis=1)))


def _kind(told: Study | None, members: NDArray[np.bool_]) -> NoiseKind:
    if members.any():
        return NoiseKind.GROUP
    if told is not None and told.kind == Kind.CLASS_DEPENDENT:
        return NoiseKind.PAIRS
    return NoiseKind.RANDOM


def _slice(
    probes: Sequence[Probed], told: Study | None, ids: NDArray[np.int64]
) -> tuple[str, NDArray[np.bool_]]:
    """The last confirmed slice in words, and those of its examples that are known."""
    confirmed = [one for one in probes if one.state is ProbeState.CONFIRMED]
    if told is None or not confirmed:
        return "", np.zeros(len(ids), dtype=np.bool_)
    one = confirmed[-1]
    known = {*one.row.example_ids, *one.row.to_review}
    for group in told.groups:
        if group.words == one.words:
            known |= {*group.to_ask, *group.to_review}
    members = np.isin(ids, np.array(sorted(known), dtype=np.int64))
    return (one.words if members.any() else ""), members


def _worst_source(told: Study | None) -> int | None:
    """One that surely differs from the others and brought in most wrong labels."""
    sources = told.sources if told is not None else []
    found = [one for one in sources if one.named and one.differs and one.part == "most"]
    return found[0].source if found else None
