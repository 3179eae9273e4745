"""What a test-set audit found, in the words of page, API and command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.audit.models.report import AuditReport, OfFlip, OfPair
from app.noise.limits import FEWEST
from app.noise.models.ahead import Ahead
from app.noise.models.flip import FEWEST_WRONG, Flip
from app.shares import percent

MINUS = "\N{MINUS SIGN}"
Names = Mapping[int, str]


def points(share: float) -> str:
    """A difference of two per cents, one digit after the point; none that is there looks like 0."""
    value = 100 * share
    if 0 < abs(value) < 0.05:
        return "under 0.1" if value > 0 else f"over {MINUS}0.1"
    return (MINUS if value < 0 else "") + f"{abs(value):.1f}".removesuffix(".0")


def spread(low: float, high: float) -> str:
    return f"{points(low)} to {points(high)}"


def pair_words(pair: OfPair, names: Names) -> str:
    """Which of two models is better on right labels."""
    first, second, told = names[pair.first], names[pair.second], pair.corrected
    verdict = Ahead(pair.verdict)
    if not pair.differ:
        return f"{first} and {second} predict the same on every example."
    if verdict is Ahead.NONE_VISIBLE:
        return (
            f"No visible difference between {first} and {second}, even after all of the "
            f"{pair.differ:,} examples on which they differ."
        )
    if verdict is Ahead.TOO_CLOSE:
        return (
            f"{first} and {second} are too close to call ({spread(told.low, told.high)} points)"
            f"{_needed(pair)}."
        )
    ahead, behind, sign = (first, second, -1) if verdict is Ahead.FIRST else (second, first, 1)
    low, high = sorted((sign * told.low, sign * told.high))
    if told.exact:
        return f"{ahead} is ahead of {behind} by {points(low)} points."
    middle = "" if told.estimate is None else f" by {points(sign * told.estimate)} points"
    return f"{ahead} is ahead of {behind}{middle} ({spread(low, high)})."


def _needed(pair: OfPair) -> str:
    left = pair.differ - pair.reads
    if pair.needed is None and left > FEWEST:
        return "; too few are read to say how many would decide"
    if pair.needed is None or pair.needed >= left:
        return "; it may take all that is left to decide"
    return f"; about {pair.needed:,} more would decide"


def cost_words(pair: OfPair, report: AuditReport, names: Names) -> str:
    """What the next reads would bring, before they are asked for."""
    stays = report.size - report.gone
    said = f"{names[pair.first]} and {names[pair.second]} differ on {pair.differ:,} of {stays:,}"
    if not pair.differ or not pair.more:
        return f"{said}."
    more = " more" if report.decided else ""
    reads = "1 read gives" if pair.more == 1 else f"{pair.more:,}{more} reads give"
    reach = f"about ± {points(pair.reach)} points" if pair.reach else "the exact difference"
    return f"{said}; {reads} {reach}."


def held_words(pair: OfPair) -> str:
    """What has to be answered for all reads to count; nothing where none waits."""
    said = []
    if pair.open:
        answers = "1 open answer is" if pair.open == 1 else f"{pair.open:,} open answers are"
        said.append(f"{answers} counted in the way that says least.")
    if pair.held_back:
        reads = "1 read counts" if pair.held_back == 1 else f"{pair.held_back:,} reads count"
        said.append(f"{reads} once those before it are answered.")
    return " ".join(said)


def headline(report: AuditReport, names: Names) -> str:
    """Which model one would pick, and whether right labels say the same."""
    best = max(report.models, key=lambda one: one.given)
    same = [one.model for one in report.models if one.given == best.given]
    picked = " or ".join(names[one] for one in same)
    said = f"With given labels you would pick {picked}."
    rivals = [_seen_from(one, best.model) for one in report.pairs if best.model in _two(one)]
    if not report.differ:
        return f"{said} The models predict the same on every example, so no label can change that."
    if not report.reads:
        return f"{said} Nothing is read yet of what the models differ on."
    ahead = [one for one in rivals if Ahead(one.verdict) is Ahead.SECOND]
    if ahead:
        first = max(ahead, key=lambda one: one.corrected.low)
        return f"{said} With right labels {pair_words(first, names)}"
    if all(Ahead(one.verdict) is Ahead.FIRST for one in rivals):
        return f"{said} With right labels it is ahead of every other too."
    rival = max(rivals, key=lambda one: one.corrected.estimate or -1.0)
    return f"{said} {_close(rival, names)}"


def _close(pair: OfPair, names: Names) -> str:
    told = pair.corrected
    if told.exact or told.estimate is None:
        return pair_words(pair, names)
    leads = "leads" if told.estimate > 0 else "is behind"
    return (
        f"With corrected labels {names[pair.second]} {leads} by {points(abs(told.estimate))} "
        f"points, which is within noise (95% interval of the difference "
        f"{spread(told.low, told.high)})."
    )


def _two(pair: OfPair) -> tuple[int, int]:
    return pair.first, pair.second


def _seen_from(pair: OfPair, model: int) -> OfPair:
    """With this model as the first of the two."""
    if pair.first == model:
        return pair
    told = pair.corrected
    turned = {Ahead.FIRST: Ahead.SECOND, Ahead.SECOND: Ahead.FIRST}
    verdict = Ahead(pair.verdict)
    estimate = None if told.estimate is None else -told.estimate
    return replace(
        pair,
        first=pair.second,
        second=pair.first,
        given=-pair.given,
        corrected=replace(told, estimate=estimate, low=-told.high, high=-told.low),
        verdict=turned.get(verdict, verdict).value,
    )


def flip_words(flip: OfFlip, names: Names) -> str:
    """Whether more wrong labels would change which model is ahead."""
    two = f"{names[flip.first]} and {names[flip.second]}"
    kind = Flip(flip.flip)
    if kind is Flip.AT and flip.share is not None:
        low, high = percent(flip.low or 0.0), percent(flip.high if flip.high is not None else 1.0)
        return f"{two} would change places at {percent(flip.share)} wrong labels ({low} to {high})."
    if kind is Flip.NEVER:
        return f"{two} do not change places, however many labels are wrong."
    if kind is Flip.POSSIBLE:
        return f"{two}: a flip is possible."
    return f"{two}: no flip is seen."


def flip_note(report: AuditReport) -> str:
    """Why it is not said where the ranking would flip, if that is so."""
    if report.lines or not report.flips:
        return ""
    return (
        f"{report.found_wrong:,} wrong labels are found; at which share models change places is "
        f"said from {FEWEST_WRONG} on, without those read in this audit."
    )


def wrong_words(report: AuditReport) -> str:
    """How many labels of the split are wrong, by random checks."""
    if report.wrong.estimate is None:
        return "No random check of this split yet"
    return f"{percent(report.wrong.low)} to {percent(report.wrong.high)}"


def ranks(report: AuditReport) -> list[int]:
    """Models by what is known of right labels: the best first; as given where that says nothing."""
    known = all(one.corrected.estimate is not None for one in report.models)

    def value(model: int) -> float:
        one = next(one for one in report.models if one.model == model)
        return one.corrected.estimate or 0.0 if known else one.given

    return sorted((one.model for one in report.models), key=value, reverse=True)


def moved_words(report: AuditReport, model: int) -> str:
    """How the rank of a model changes with corrected labels; whether that may be noise."""
    before = sorted((one.model for one in report.models), key=lambda one: -_given(report, one))
    after = ranks(report)
    up = before.index(model) - after.index(model)
    if not up or before == after:
        return ""
    told = {
        Ahead(one.verdict)
        for one in report.pairs
        if model in _two(one) and _passes(before, after, *_two(one))
    }
    noise = "" if told & {Ahead.FIRST, Ahead.SECOND} else ", within noise"
    return f"{'up' if up > 0 else 'down'} {abs(up)} in rank{noise}"


def _given(report: AuditReport, model: int) -> float:
    return next(one.given for one in report.models if one.model == model)


def _passes(before: list[int], after: list[int], one: int, other: int) -> bool:
    return (before.index(one) < before.index(other)) != (after.index(one) < after.index(other))
