"""Look for what kind of noise it is, where it is, and which source brought it in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.study.answered import Answered, Undecided, answered, undecided
from app.audit.study.asking import STEPS
from app.audit.study.columns import AT_ONCE, Known, Property, known_of, not_cut, properties
from app.audit.study.probes import probes_of, states_of
from app.audit.study.report import Group, OfLabel, OfSource, Pair, Report
from app.datasets.current_labels import current_label, standing_label
from app.db.tables.datasets import Example, Label, Project
from app.db.tables.ranking import Score
from app.db.words import Status
from app.noise.candidates import Candidates, SliceRule, candidates
from app.noise.class_test import class_test
from app.noise.detectable import Hurdle, detectable
from app.noise.joint import Joint, joint
from app.noise.limits import wilson
from app.noise.probe import IN_ALL, MOST_PROBED, limit_share
from app.noise.slice_test import SliceTest, slice_test, worth_probing
from app.noise.sources import Tally, attribution, compare_sources
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


def tell(
    session: Session,
    project: Project,
    *,
    by_person: Collection[str] = (),
    rng: np.random.Generator,
    progress: Progress = quiet,
) -> Report | None:
    """None under 100 decided examples with a score that no person picked.

    `by_person`: batch rules whose examples a person picks.
    """
    progress(STEPS[0], 0, len(STEPS))
    found = answered(session, project, by_person=by_person)
    tested = found.unpicked
    if len(tested) < FEWEST_ANSWERS:
        return None
    left = undecided(session, project, found.label_ids)
    known = known_of(session, project, [int(one) for one in tested.example_ids])
    at = _Studied(session, project, rng, found, tested, left, known)
    progress(STEPS[1], 1, len(STEPS))
    classes = class_test(tested.answers, rng=rng)
    matrix = joint(left.believed, found.found(drawn_only=True), left.sizes)
    progress(STEPS[2], 2, len(STEPS))
    slices = _Slices.of(at)
    progress(STEPS[3], 3, len(STEPS))
    groups = slices.groups(at)
    states = states_of(groups, probes_of(session, project.id))
    kind = kind_of(Evidence(slices.smallest_p, classes.p, states, slices.detectable))
    return Report(
        answers=len(found),
        wrong=int(found.wrong.sum()),
        checks=int(found.drawn.sum()),
        kind=kind.kind.value,
        class_p=float(classes.p),
        slice_p=slices.smallest_p,
        detectable=slices.detectable,
        looked_at=[one.name for one in slices.shared],
        groups_tried=len(slices.tried.rules),
        pairs=_pairs(at, matrix),
        labels=_labels(at, matrix),
        groups=groups,
        sources=_sources(at),
        checks_wrong=int((found.wrong & found.drawn).sum()),
    )


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
        shared = properties(at.known, without=not_cut(at.session, at.project.id))
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
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
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


def _sources(at: _Studied) -> list[OfSource]:
    """By random checks alone: what the queue points at says nothing of a source."""
    sizes = _source_sizes(at)
    if len(sizes) < 2:
        return []
    ids = sorted(sizes)
    place = {source: nth for nth, source in enumerate(ids)}
    drawn = np.flatnonzero(at.found.drawn)
    given_by = _source_of(at, [int(one) for one in at.found.example_ids[drawn]])
    mine = np.array([place.get(one, -1) for one in given_by], dtype=np.int64)
    some = mine >= 0
    checks = np.bincount(mine[some], minlength=len(ids))
    wrong = np.bincount(mine[some & at.found.wrong[drawn]], minlength=len(ids))
    tally = Tally(wrong, checks, np.array([sizes[one] for one in ids]))
    against, share = compare_sources(tally), attribution(tally, rng=at.rng)
    return [
        OfSource(
            source,
            int(checks[nth]),
            int(wrong[nth]),
            *wilson(int(wrong[nth]), int(checks[nth])),
            p=float(against.p[nth]),
            differs=bool(against.differs[nth]),
            part=share.part[nth].value,
            named=bool(against.named[nth]),
        )
        for nth, source in enumerate(ids)
    ]


def _source_sizes(at: _Studied) -> dict[int, int]:
    """Labelled examples of each source."""
    rows = at.session.execute(
        select(Example.source_id, func.count())
        .where(
            Example.project_id == at.project.id,
            Example.source_id.is_not(None),
            Example.given_label_id.is_not(None),
        )
        .group_by(Example.source_id)
    )
    return {source: count for source, count in rows if source is not None}


def _source_of(at: _Studied, example_ids: Sequence[int]) -> list[int]:
    """The source of each, 0 where none is known."""
    found: dict[int, int] = {}
    for start in range(0, len(example_ids), AT_ONCE):
        some = example_ids[start : start + AT_ONCE]
        rows = at.session.execute(select(Example.id, Example.source_id).where(Example.id.in_(some)))
        found.update((example, source or 0) for example, source in rows)
    return [found[one] for one in example_ids]
