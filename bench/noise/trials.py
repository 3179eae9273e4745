"""One planted set walked through: reviewed, tested, probed, named."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.noise.candidates import SliceRule, candidates
from app.noise.class_test import class_test
from app.noise.columns import Column
from app.noise.detectable import Hurdle, detectable, power_at
from app.noise.kinds import Kind
from app.noise.probe import MOST_PROBED, Probe, ProbeState, judged, limit_share, next_checks
from app.noise.slice_test import SliceTest, slice_test, worth_probing
from app.noise.strata import Answers
from app.noise.verdict import Evidence, kind_of
from bench.noise.worlds import PLANTED_SHARE, Plant, Reviewed, Rows, World, review, world

_PRIOR_WRONG, _PRIOR_DRAWS = 0.5, 50.0
"""The running audit's first guess: one in a hundred, worth fifty draws."""


@dataclass(frozen=True)
class Trial:
    """What came out of one planted set."""

    named: Kind
    confirmed: bool
    false_slices: int
    in_probe: bool
    slice_p: float
    class_p: float
    probe_answers: int
    detectable: float | None
    power: float


def trial(plant: Plant, n_answers: int, *, seed: int) -> Trial:
    """Review so many, then probe; every answer is right."""
    rng = np.random.default_rng([seed, n_answers, *plant.name.encode()])
    of = world(plant, rng)
    reviewed = review(of, n_answers, rng)
    rows = np.flatnonzero(reviewed.answered)
    answers = Answers(of.wrong[rows], of.quality[rows], of.given[rows])
    groups = candidates(
        [Column(one.name, one.how, one.values[rows]) for one in of.columns], of.given[rows]
    )
    tested = slice_test(answers, groups.members, groups.log_prior, rng=rng)
    chosen = worth_probing(tested.evidence, groups.members, most=MOST_PROBED)
    limit = limit_share(_audit_rate(of, reviewed))
    probed = _probed(of, reviewed, [groups.rules[row] for row in chosen], limit, rng=rng)
    by_class = class_test(answers, rng=rng)
    hurdle = Hurdle(_to_beat(tested, chosen), limit)
    hidden = detectable(answers, of.quality, hurdle, rng=rng)
    states = [one.state for one in probed]
    evidence = Evidence(tested.smallest_p, by_class.p, states, hidden.share)
    hits = [one.planted for one in probed if one.state is ProbeState.CONFIRMED]
    return Trial(
        named=kind_of(evidence).kind,
        confirmed=any(hits),
        false_slices=hits.count(False),
        in_probe=any(one.planted for one in probed),
        slice_p=tested.smallest_p,
        class_p=by_class.p,
        probe_answers=sum(one.probe.asked for one in probed),
        detectable=hidden.share,
        power=power_at(PLANTED_SHARE, answers, of.quality, hurdle, rng=rng),
    )


@dataclass(frozen=True)
class Probed:
    """A group that was asked again; ``planted`` if most of its wrong labels are planted ones."""

    probe: Probe
    state: ProbeState
    planted: bool


def _probed(
    of: World,
    reviewed: Reviewed,
    rules: list[SliceRule],
    limit: float,
    *,
    rng: np.random.Generator,
) -> list[Probed]:
    columns = {column.name: column for column in of.columns}
    asked = reviewed.answered.copy()
    found = []
    for rule in rules:
        members = rule.covers(columns[rule.column], of.given)
        probe = _asked_again(of, np.flatnonzero(members & ~asked), limit, asked, rng=rng)
        wrong = members & of.wrong
        planted = bool(of.planted[wrong].sum() > 0.5 * wrong.sum())
        found.append(Probed(probe, judged(probe, limit), planted))
    return found


def _asked_again(
    of: World, fresh: np.ndarray, limit: float, asked: Rows, *, rng: np.random.Generator
) -> Probe:
    """Ask at random until the probe is over; marks in ``asked`` what was taken."""
    order = rng.permutation(fresh)
    probe = Probe(0, 0, len(order))
    while more := next_checks(probe, limit):
        taken = order[probe.asked : probe.asked + more]
        asked[taken] = True
        wrong = probe.wrong + int(of.wrong[taken].sum())
        probe = Probe(wrong, probe.asked + more, probe.size)
    return probe


def _audit_rate(of: World, reviewed: Reviewed) -> float:
    wrong = of.wrong[reviewed.drawn]
    return float((wrong.sum() + _PRIOR_WRONG) / (len(wrong) + _PRIOR_DRAWS))


def _to_beat(tested: SliceTest, chosen: list[int]) -> float:
    return float(tested.evidence[chosen[-1]]) if len(chosen) == MOST_PROBED else 0.0
