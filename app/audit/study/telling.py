"""Look for what kind of noise it is, where it is, and which source brought it in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.study.answered import Answered, Undecided, answered, undecided
from app.audit.study.asking import STEPS
from app.audit.study.by_origin import told_origins
from app.audit.study.by_source import told_sources
from app.audit.study.columns import Known, Property, known_of, not_cut, properties
from app.audit.study.drifting import Checked, moved
from app.audit.study.likeness import likeness
from app.audit.study.probes import probes_of, states_of
from app.audit.study.report import Group, OfLabel, Pair, Report
from app.audit.study.vectors import Sample, Vectors, sample_of, vectors_of
from app.datasets.blobs import BlobStore
from app.datasets.current_labels import current_label, standing_label
from app.db.parts import parts
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score
from app.db.words import Status
from app.noise.candidates import Candidates, SliceRule, candidates
from app.noise.class_test import class_test
from app.noise.detectable import Hurdle, detectable
from app.noise.joint import Joint, joint
from app.noise.probe import IN_ALL, MOST_PROBED, limit_share
from app.noise.slice_test import SliceTest, slice_test, worth_probing
from app.noise.verdict import Evidence, kind_of
from app.progress import Progress, quiet

FEWEST_ANSWERS = 100
"""Under so many decided examples nothing is looked for."""

MOST_PAIRS = 400
TO_REVIEW = 500

TO_ASK = 4 * IN_ALL
"""Some of them will be answered elsewhere before a probe begins."""


@dataclass(frozen=True, slots=True)
class _Studied:
    session: Session
    project: Project
    rng: np.random.Generator
    found: Answered
    tested: Answered
    left: Undecided
    known: list[Known]
    vectors: Vectors | None
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class Means:
    """What a study works with: its chance, where vectors are kept, who hears of it.

    `by_person`: batch rules whose examples a person picks. Without `blobs` there are no vectors.
    """

    rng: np.random.Generator
    by_person: Collection[str] = ()
    blobs: BlobStore | None = None
    progress: Progress = quiet


def tell(session: Session, project: Project, means: Means) -> Report | None:
    """None under 100 decided examples with a score that no person picked."""
    rng, progress = means.rng, means.progress
    progress(STEPS[0], 0, len(STEPS))
    found = answered(session, project, by_person=means.by_person)
    tested = found.unpicked
    if len(tested) < FEWEST_ANSWERS:
        return None
    left = undecided(session, project, found.label_ids)
    known = known_of(session, project, [int(one) for one in tested.example_ids])
    vectors = vectors_of(session, project, means.blobs)
    sample = None
    if vectors is not None:  # the same draw in every study of a ranking
        sample = sample_of(session, project, vectors, rng=np.random.default_rng(project.run_id))
    at = _Studied(session, project, rng, found, tested, left, known, vectors, sample)
    progress(STEPS[1], 1, len(STEPS))
    classes = class_test(tested.answers, rng=rng)
    matrix = joint(left.believed, found.found(drawn_only=True), left.sizes)
    progress(STEPS[2], 2, len(STEPS))
    slices = _Slices.of(at)
    progress(STEPS[3], 3, len(STEPS))
    groups = slices.groups(at)
    states = states_of(groups, probes_of(session, project.id))
    progress(STEPS[4], 4, len(STEPS))
    movement = moved(session, project, _checked(at), sample, rng=rng)
    kind = kind_of(Evidence(slices.smallest_p, classes.p, states, slices.detectable))
    return Report(
        answers=len(found),
        wrong=int(found.wrong.sum()),
        checks=int(found.drawn.sum()),
        kind=kind.kind.value,
        class_p=float(classes.p),
        slice_p=slices.smallest_p,
        detectable=slices.detectable,
        looked_at=[one.said for one in slices.shared],
        groups_tried=len(slices.tried.rules),
        pairs=_pairs(at, matrix),
        labels=_labels(at, matrix),
        groups=groups,
        sources=told_sources(session, project, found, rng=rng),
        checks_wrong=int((found.wrong & found.drawn).sum()),
        movement=movement,
        origins=told_origins(session, project, found),
    )


def _checked(at: _Studied) -> Checked:
    rows = np.flatnonzero(at.found.drawn)
    ids = [int(one) for one in at.found.example_ids[rows]]
    return Checked(known_of(at.session, at.project, ids), at.found.wrong[rows], at.known)


def _pairs(at: _Studied, matrix: Joint) -> list[Pair]:
    """Those with most wrong labels, found and left together."""
    found, left = at.found.found(), matrix.counts()
    low, high = matrix.count_limits()
    total = found + left
    np.fill_diagonal(total, -1.0)
    order = np.argsort(-total, axis=None, kind="stable")[:MOST_PAIRS]
    names = at.found.label_ids
    return [
        Pair(
            given=names[row],
            right=names[column],
            found=int(found[row, column]),
            left=float(left[row, column]),
            low=float(low[row, column]),
            high=float(high[row, column]),
        )
        for row, column in zip(*np.unravel_index(order, total.shape), strict=True)
        if total[row, column] > 0
    ]


def _labels(at: _Studied, matrix: Joint) -> list[OfLabel]:
    """One row a label; its share of wrong ones is Beta, as any part of a Dirichlet."""
    right = np.diag(matrix.posterior)
    off = matrix.posterior.sum(axis=1) - right
    share = off / (off + right)
    low, high = (beta.ppf(point, np.maximum(off, 1e-9), right) for point in (0.025, 0.975))
    sizes = at.left.sizes
    wrong = np.bincount(at.found.given[at.found.wrong], minlength=len(sizes))
    return [
        OfLabel(
            label=label,
            undecided=int(sizes[nth]),
            found=int(wrong[nth]),
            left=float(share[nth] * sizes[nth]),
            low=float(low[nth] * sizes[nth]),
            high=float(high[nth] * sizes[nth]),
        )
        for nth, label in enumerate(at.found.label_ids)
    ]


@dataclass(frozen=True, slots=True)
class _Slices:
    """The groups that were tried, and what the test says of each."""

    shared: Sequence[Property]
    tried: Candidates
    test: SliceTest
    detectable: float | None
    rate: float

    @classmethod
    def of(cls, at: _Studied) -> _Slices:
        assert at.project.run_id is not None, "what was answered stands in a ranking"
        more = likeness(at.session, at.project.run_id, at.vectors, at.sample)
        without = not_cut(at.session, at.project.id)
        shared = properties(at.known, without=without, more=more)
        tried = candidates([one.column(at.known) for one in shared], at.tested.given)
        answers = at.tested.answers
        test = slice_test(answers, tried.members, tried.log_prior, rng=at.rng)
        checks = max(1, int(at.found.drawn.sum()))
        rate = int((at.found.wrong & at.found.drawn).sum()) / checks
        best = np.sort(test.evidence)[::-1]
        last = float(best[MOST_PROBED - 1]) if len(best) >= MOST_PROBED else 0.0
        hurdle = Hurdle(max(0.0, last), limit_share(rate))
        shows = detectable(answers, _all_quality(at), hurdle, rng=at.rng)
        return cls(shared, tried, test, shows.share, rate)

    @property
    def smallest_p(self) -> float:
        return self.test.smallest_p

    def groups(self, at: _Studied) -> list[Group]:
        """The most suspicious, one of each that overlap, each with undecided examples to ask."""
        chosen = worth_probing(self.test.evidence, self.tried.members, most=MOST_PROBED)
        rules = [self.tried.rules[row] for row in chosen]
        members = _undecided_members(at, rules, self.shared)
        names = label_names(at.session, at.found.label_ids)
        return [
            Group(
                words=rule.said(names),
                answers=int(self.test.support[row]),
                wrong=int(self.test.wrong[row]),
                expected=float(self.test.expected[row]),
                p=float(self.test.p[row]),
                undecided=len(ids),
                to_ask=_drawn(ids, at.rng),
                to_review=ids[:TO_REVIEW],
            )
            for row, rule, ids in zip(chosen, rules, members, strict=True)
        ]


def _drawn(ids: list[int], rng: np.random.Generator) -> list[int]:
    return [int(one) for one in rng.permutation(np.array(ids, dtype=np.int64))[:TO_ASK]]


def label_names(session: Session, ids: Sequence[int]) -> list[str]:
    names = dict(session.execute(select(Label.id, Label.name).where(Label.id.in_(ids))).all())
    return [names[one] for one in ids]


def _all_quality(at: _Studied) -> NDArray[np.float64]:
    rows = at.session.scalars(
        select(Score.quality).where(Score.run_id == at.project.run_id, Score.quality.is_not(None))
    )
    return np.fromiter(rows, dtype=np.float64)


def _undecided_members(
    at: _Studied, rules: Sequence[SliceRule], shared: Sequence[Property]
) -> list[list[int]]:
    """Of each group the undecided examples, those that look worst first."""
    named = {one.name: one for one in shared}
    place = {label: nth for nth, label in enumerate(at.found.label_ids)}
    members: list[list[int]] = [[] for _ in rules]
    ids = _undecided_ids(at) if rules else []
    for some in parts(ids):
        known = known_of(at.session, at.project, [one for one, _ in some])
        given = np.array([place.get(label, -1) for _, label in some], dtype=np.int64)
        for rule, mine in zip(rules, members, strict=True):
            rows = rule.covers(named[rule.column].column(known), given)
            mine.extend(some[row][0] for row in np.flatnonzero(rows))
    return members


def _undecided_ids(at: _Studied) -> list[tuple[int, int]]:
    rows = at.session.execute(
        select(Example.id, current_label(standing_label()))
        .join(Score, Score.example_id == Example.id)
        .where(
            Score.run_id == at.project.run_id,
            Example.status == Status.UNREVIEWED,
            Example.given_label_id.is_not(None),
        )
        .order_by(Score.quality, Example.id)
    )
    return [(row[0], row[1]) for row in rows]
