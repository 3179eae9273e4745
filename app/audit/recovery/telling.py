"""Measure every remedy on what was gathered, and write down what that says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.audit.recovery.gathering import Gathered
from app.audit.recovery.report import Cost, CurvePoint, Measured, Report
from app.learning.pool import threads
from app.learning.threads import one_thread
from app.noise.limits import wilson
from app.progress import Progress
from app.training.curves import (
    AddNoise,
    Point,
    around,
    at_random,
    by_pairs,
    half_of_the_data,
    what_noise_costs,
    what_review_bought,
)
from app.training.interval import Interval
from app.training.kinds import NoiseKind
from app.training.material import N_FOLDS
from app.training.network import LARGE, LINEAR
from app.training.race import Entry, Favored, Terms, race
from app.training.remedies.registry import REMEDIES
from app.training.remedies.remedy import Remedy
from app.training.scores import Costs, Judge, plain_costs, recommended


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is measured, and by what chance; `remedies` are all of them unless a test asks less."""

    costs: Sequence[Cost]
    seed: int
    progress: Progress
    remedies: tuple[Remedy, ...] = field(default_factory=lambda: tuple(REMEDIES.values()))


@one_thread
def tell(of: Gathered, wanted: Wanted) -> Report:
    """Takes minutes. Networks are trained beside each other, each on one thread."""
    data = of.material
    terms = Terms(wanted.seed, N_FOLDS, spread=_beside_each_other, progress=wanted.progress)
    judge = Judge.of(data.right, _costs(of, wanted.costs), np.random.default_rng(wanted.seed))
    entries = race(data, wanted.remedies, terms)
    review = what_review_bought(data, of.decided, terms)
    noise = what_noise_costs(data, _noise(of), today=of.today, terms=terms)
    half, whole = half_of_the_data(data, terms)
    return Report(
        checked=len(data.checked),
        wrong=int((data.before[data.checked] != data.right).sum()),
        examples=len(data),
        labelled=of.labelled,
        rate=of.rate,
        today=of.today,
        kind=of.kind.value,
        group=of.group,
        source=of.source,
        pick=recommended(entries, judge).remedy.name,
        remedies=[_measured(one, entries[0], judge) for one in entries],
        review=_curve(review, judge),
        noise=_curve(noise, judge),
        doubling=float(_hits(whole, judge).mean() - _hits(half, judge).mean()),
        crossed=_crossed(noise, judge),
        costs=list(wanted.costs),
    )


def _beside_each_other(
    function: Callable[[int], Favored], over: Iterable[int]
) -> Iterator[Favored]:
    with threads() as pool:
        for begun in [pool.submit(function, nth) for nth in over]:
            yield begun.result()


def _costs(of: Gathered, said: Sequence[Cost]) -> Costs:
    """A label that was retired meanwhile is passed over."""
    costs = plain_costs(len(of.label_ids))
    place = {label: nth for nth, label in enumerate(of.label_ids)}
    for one in said:
        if one.right in place and one.given in place and one.right != one.given:
            costs[place[one.right], place[one.given]] = one.cost
    return costs


def _noise(of: Gathered) -> AddNoise:
    data = of.material
    if of.kind is NoiseKind.GROUP:
        given = data.before[of.members]
        turned = int(np.bincount(given[given >= 0], minlength=data.n_classes).argmax())
        return around(data.vectors, of.members, turned)
    if of.kind is NoiseKind.PAIRS:
        return by_pairs(data.transition)
    return at_random(data.n_classes)


def _measured(one: Entry, base: Entry, judge: Judge) -> Measured:
    hits = judge.hits(one.favored)
    right, of = int(hits.sum()), len(hits)
    return Measured(
        remedy=one.remedy.name,
        width=one.width,
        accuracy=Interval(right / of, *wilson(right, of)),
        balanced=judge.balanced(one.favored),
        cost=judge.cost(one.favored),
        gain=judge.gain(base.favored, one.favored),
    )


def _hits(point: Point, judge: Judge) -> NDArray[np.float64]:
    """Of each checked example the share of repeats that are right."""
    return np.asarray((point.favored == judge.right).mean(axis=0))


def _curve(points: Sequence[Point], judge: Judge) -> list[CurvePoint]:
    first: dict[int, NDArray[np.float64]] = {}
    told = []
    for point in points:
        hits = _hits(point, judge)
        base = first.setdefault(point.width, hits)
        gain = judge.ahead(base, hits)
        told.append(CurvePoint(point.at, point.width, judge.accuracy(hits), gain))
    return told


def _crossed(noise: Sequence[Point], judge: Judge) -> float | None:
    """The least rate at which the large head surely does worse than the linear one."""
    large = {one.at: _hits(one, judge) for one in noise if one.width == LARGE}
    small = {one.at: _hits(one, judge) for one in noise if one.width == LINEAR}
    crossed = [at for at in sorted(large) if judge.ahead(small[at], large[at]).below]
    return crossed[0] if crossed else None
