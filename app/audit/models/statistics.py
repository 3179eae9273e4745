"""What is measured of models whose differences are read: the one place that asks the mathematics.

Loaded by the worker alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Self

import numpy as np

from app.audit.models.answers import NONE, Ids, Marks, Predicted
from app.audit.models.audits import READS_OFFERED
from app.audit.models.report import AuditReport, Bounded, Line, OfFlip, OfModel, OfPair
from app.noise.models.accuracy import Accuracy, AsDrawn, Corrections, accuracy, together
from app.noise.models.ahead import (
    BEFORE_ANY_READ,
    OPEN,
    Changes,
    Difference,
    alpha_of_pairs,
    difference,
    leads,
    reach_after,
    reads_needed,
)
from app.noise.models.flip import (
    FEWEST_WRONG,
    Flip,
    FlipPoint,
    Pair,
    accuracy_at,
    band_at,
    flip_point,
)

SHARES = tuple(nth / 20 for nth in range(11))
"""Shares of wrong labels at which the lines of the models are drawn."""


def told(what: Predicted, models: tuple[int, ...], rng: np.random.Generator) -> AuditReport:
    """Everything that is said of these models, in the order of `what.by_model`."""
    alpha = alpha_of_pairs(len(models))
    numbered = list(zip(models, what.by_model, strict=True))
    pairs = list(combinations(numbered, 2))
    stays = ~what.gone
    wrong = stays & what.decided & (what.right != what.given)
    enough = int((wrong & ~what.asked).sum()) >= FEWEST_WRONG
    ordered = what.decided[what.order]
    return AuditReport(
        size=what.size,
        gone=int(what.gone.sum()),
        differ=len(what.order),
        decided=int(ordered.sum()),
        reads=int(ordered[: what.known].sum()) + _told_by(ordered[what.known :]),
        fitting_none=int((stays & what.decided & (what.right == NONE)).sum()),
        draws=int((stays & what.decided & what.drawn).sum()),
        reviewed=int((stays & what.decided).sum()),
        found_wrong=int(wrong.sum()),
        wrong=_wrong_share(what),
        models=[_of_model(what, *one) for one in numbered],
        pairs=[_of_pair(what, one, other, alpha) for one, other in pairs],
        flips=[_of_flip(what, one, other, rng) for one, other in pairs],
        lines=[_line(what, wrong, *one) for one in numbered] if enough else [],
    )


def _told_by(decided: Marks) -> int:
    """How many draws tell something: as long as half of them are decided.

    What is open is taken in the way that says least, so a few of them cost little. The bounds hold
    wherever one stops.
    """
    enough = decided & (2 * np.cumsum(decided) >= np.arange(1, len(decided) + 1))
    return int(np.flatnonzero(enough)[-1]) + 1 if enough.any() else 0


@dataclass(frozen=True, slots=True)
class _Decided:
    """What was decided when the audit opened adds to the lead of the second model of a pair.

    It needs no draw. One that was opened anew since may be anything.
    """

    reads: int
    middle: int
    low: int
    high: int

    @classmethod
    def of(cls, given: Changes, right: Changes, decided: Marks) -> Self:
        part, anew = int(right[decided].sum()), int((~decided).sum())
        return cls(
            reads=int(decided.sum()),
            middle=part + int(given[~decided].sum()),
            low=part - anew,
            high=part + anew,
        )

    def added_to(self, found: Difference, n: int) -> Difference:
        """With examples that were read at random: the difference of the two models."""
        if not n:
            return found
        moved = found.plus(self.middle, n)
        return replace(
            moved,
            low=max(-1.0, moved.low - (self.middle - self.low) / n),
            high=min(1.0, moved.high + (self.high - self.middle) / n),
            exact=found.exact and self.low == self.high,
        )


def _of_pair(what: Predicted, one: tuple[int, Ids], other: tuple[int, Ids], alpha: float) -> OfPair:
    """Draws that fall where these two differ are uniform draws of that, in the same order."""
    (first, said), (second, says) = one, other
    apart = said[what.order] != says[what.order]
    before = what.order[: what.known][apart[: what.known]]
    drawn = what.order[what.known :][apart[what.known :]]
    stays = what.size - int(what.gone.sum())

    def of(part: Ids) -> tuple[Changes, Changes, Marks]:
        labels = (what.given[part], what.right[part])
        given, right = (leads(said[part], says[part], one) for one in labels)
        return given, right, what.decided[part]

    known = _Decided.of(*of(before))
    given, right, decided = of(drawn)
    end = _told_by(decided)
    read = np.where(decided, right - given, OPEN)[:end]
    seen = difference(int(given.sum()), len(drawn), stays, read, alpha=alpha)
    found = known.added_to(seen, stays)
    more, reach = _worth(what, drawn, read[read != OPEN], alpha)
    return OfPair(
        first=first,
        second=second,
        differ=len(before) + len(drawn),
        reads=known.reads + seen.reads,
        open=end - seen.reads,
        held_back=int(decided[end:].sum()),
        given=int(given.sum() + of(before)[0].sum()) / max(1, stays),
        corrected=Bounded(found.estimate, found.low, found.high, found.exact),
        verdict=found.verdict.value,
        needed=reads_needed(found),
        more=more,
        reach=reach,
    )


def _worth(what: Predicted, drawn: Ids, read: Changes, alpha: float) -> tuple[int, float]:
    """How many reads are offered next, and how far the bounds would likely lie after them."""
    stays = what.size - int(what.gone.sum())
    more = min(READS_OFFERED, int((~what.decided[what.order]).sum()))
    every = max(1, len(what.order) - what.known)
    seen = min(len(drawn), len(read) + round(more * len(drawn) / every))
    like = read if len(read) else BEFORE_ANY_READ
    return more, reach_after(seen, len(drawn), max(1, stays), read=like, alpha=alpha)


def _of_model(what: Predicted, model: int, said: Ids) -> OfModel:
    found = _accuracy(what, said)
    return OfModel(
        model,
        found.on_given,
        Bounded(found.estimate, found.low, found.high, found.exact),
    )


def _accuracy(what: Predicted, said: Ids) -> Accuracy:
    """How often this is right, part by part where reading went on at unequal rates.

    Where models differ much more is read than elsewhere: the draws of a part tell of it alone.
    """
    stays = ~what.gone
    if not stays.any():
        return Accuracy(0.0, None, 0.0, 1.0, exact=False)
    read = stays & what.asked & what.decided
    asked = [what.part == one for one in np.unique(what.part[read])]
    others = ~np.any([np.zeros_like(stays), *asked], axis=0)
    found = [_of_part(what, said, stays & part) for part in (*asked, others)]
    return together([one for one in found if one[0]])


def _of_part(what: Predicted, said: Ids, part: Marks) -> tuple[int, Accuracy]:
    """How many examples are in it, and how often this is right of them."""
    n = int(part.sum())
    if not n:
        return 0, Accuracy(0.0, None, 0.0, 1.0, exact=False)
    at_random = what.drawn | what.asked
    queue, draws = (_corrections(what, said, part & one) for one in (~at_random, at_random))
    right = int((part & (said == what.given)).sum())
    as_drawn = _as_drawn(what, said, part & what.decided, n)
    return n, accuracy(right, n, queue, draws, as_drawn=as_drawn)


def _moves(what: Predicted, said: Ids) -> tuple[Marks, Marks]:
    """Where the right label would give a model a right prediction, and where it would take one."""
    apart = what.right != what.given
    return apart & (said == what.right), apart & (said == what.given)


def _corrections(what: Predicted, said: Ids, part: Marks) -> Corrections:
    """What decided examples of this part did to a model."""
    here = part & what.decided
    gained, lost = _moves(what, said)
    return Corrections(int((gained & here).sum()), int((lost & here).sum()), int(here.sum()))


def _as_drawn(what: Predicted, said: Ids, decided: Marks, n: int) -> AsDrawn | None:
    """What draws say of the rest at their moments; none where nothing else was read after them."""
    at_random = what.drawn | what.asked
    draws, others = np.flatnonzero(decided & at_random), np.flatnonzero(decided & ~at_random)
    if not len(draws) or not len(others) or what.at[others].max() < what.at[draws].min():
        return None
    gained, lost = _moves(what, said)
    others = others[np.argsort(what.at[others], kind="stable")]
    before = np.searchsorted(what.at[others], what.at[draws])
    net = np.cumsum([0, *(gained[others].astype(np.int64) - lost[others])])
    rest = (n - before).astype(np.float64)
    weights = rest / rest.sum()
    return AsDrawn(
        rest=float(rest.mean()),
        known=float(net[before].mean()),
        gained=float(weights @ gained[draws]),
        lost=float(weights @ lost[draws]),
    )


def _wrong_share(what: Predicted) -> Bounded:
    """Who predicts what was given is right as often as the labels are."""
    found = _accuracy(what, what.given)
    estimate = None if found.estimate is None else 1.0 - found.estimate
    return Bounded(estimate, 1.0 - found.high, 1.0 - found.low, found.exact)


def _of_flip(
    what: Predicted, one: tuple[int, Ids], other: tuple[int, Ids], rng: np.random.Generator
) -> OfFlip:
    """What was read because models differ tells which is ahead on wrong labels, not how far."""
    (first, said), (second, says) = one, other
    stays = ~what.gone
    wrong = stays & what.decided & (what.right != what.given)
    clean = _pair(said, says, what.given, stays & ~wrong)
    told_apart = _pair(said, says, what.right, wrong)
    unbiased = _pair(said, says, what.right, wrong & ~what.asked)
    if unbiased.size >= FEWEST_WRONG:
        point = flip_point(clean, unbiased, rng=rng)
    else:
        crosses = clean.lead * told_apart.lead < 0.0
        point = FlipPoint(Flip.POSSIBLE if crosses else Flip.NOT_SEEN)
    return OfFlip(first, second, point.flip.value, point.share, point.low, point.high)


def _pair(said: Ids, says: Ids, labels: Ids, part: Marks) -> Pair:
    one, other = (said == labels)[part], (says == labels)[part]
    return Pair(
        first_only=int((one & ~other).sum()),
        second_only=int((other & ~one).sum()),
        both=int((one & other).sum()),
        neither=int((~one & ~other).sum()),
    )


def _line(what: Predicted, wrong: Marks, model: int, said: Ids) -> Line:
    clean, mislabeled = ~what.gone & ~wrong, wrong & ~what.asked
    hits = int((said == what.given)[clean].sum()), int(clean.sum())
    wrong_hits = int((said == what.right)[mislabeled].sum()), int(mislabeled.sum())
    bands = [band_at(share, hits, wrong_hits) for share in SHARES]
    shares = hits[0] / max(1, hits[1]), wrong_hits[0] / max(1, wrong_hits[1])
    return Line(
        model,
        at=list(SHARES),
        right=[accuracy_at(share, *shares) for share in SHARES],
        low=[low for low, _ in bands],
        high=[high for _, high in bands],
    )
