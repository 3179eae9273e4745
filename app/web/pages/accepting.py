"""Whose labels were checked to be accepted, and whose can be, as Insights shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.audit.acceptance import Acceptance, SourceChecked
from app.noise.acceptance import chance_to_accept, plan
from app.shares import percent

LIMITS = (10, 5, 2, 1)
"""Per cent that may be wrong, as they are offered."""

USUAL = 5

CHIPS = {
    Acceptance.ASKING: ("Still asking", "warn"),
    Acceptance.ACCEPTED: ("Accepted", "confirm"),
    Acceptance.NOT_ACCEPTED: ("Not accepted", "remove"),
    Acceptance.NOT_FINISHED: ("Not finished", ""),
}


@dataclass(frozen=True, slots=True)
class AcceptanceRow:
    source: str
    plan: str
    seen: str
    bound: str
    chip: str
    tone: str
    batch: int


@dataclass(frozen=True, slots=True)
class Accepting:
    """`choices`: sources by id; `limits`: what may be asked for, and what it costs."""

    rows: tuple[AcceptanceRow, ...]
    choices: tuple[tuple[str, str], ...]
    limits: tuple[tuple[str, str, str], ...]
    usual: str = str(USUAL)


NO_SOURCES = Accepting((), (), ())


def accepting(checks: Sequence[SourceChecked], sources: Mapping[int, str]) -> Accepting:
    return Accepting(
        tuple(_row(one) for one in checks),
        tuple((str(number), name) for number, name in sources.items()),
        tuple(_limit(one) for one in LIMITS),
    )


def _row(one: SourceChecked) -> AcceptanceRow:
    chip, tone = CHIPS[one.state]
    return AcceptanceRow(
        one.source,
        f"at most {percent(one.limit)} wrong: {plan_words(one.row.checks, one.row.failures)}",
        _seen(one),
        _bound(one),
        chip,
        tone,
        one.batch,
    )


def plan_words(checks: int, failures: int) -> str:
    return f"{checks:,} {'check' if checks == 1 else 'checks'}, at most {failures:,} wrong"


def _seen(one: SourceChecked) -> str:
    decided = f"{one.decided:,} of {one.row.checks:,} decided"
    return f"{decided}, {one.wrong:,} wrong" if one.told else decided


def _bound(one: SourceChecked) -> str:
    most = one.most_wrong
    if most is None:
        return ""
    return f"at most {percent(most)} of {one.row.size:,} labels are wrong (95% sure)"


def _limit(limit: int) -> tuple[str, str, str]:
    """What a large source takes, and how likely a good one passes."""
    asked = plan(1.0 - limit / 100)
    good = chance_to_accept(asked, 1.0 - limit / 500)
    return (
        str(limit),
        f"At most {limit}% wrong",
        f"{plan_words(asked.checks, asked.failures)}. A source with {limit / 5:g}% wrong passes in "
        f"about {round(100 * good)} of 100 cases.",
    )
