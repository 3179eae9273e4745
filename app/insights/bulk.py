"""Bulk fixes as they are shown: what one would take and promise, and how those there are stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.audit.bulk_fixes import Fix
from app.db.tables.datasets import Project
from app.db.words import BulkState
from app.insights.bulk_groups import Group, Which, favoured_in, group_of, labels_in
from app.noise.acceptance import (
    DEFAULT_FAILURES,
    DEFAULT_PRECISION,
    FLOORS,
    MOST_FAILURES,
    Plan,
    chance_to_accept,
    plan,
)
from app.review.books.may import active_people
from app.shares import percent

STATE_WORDS = {
    BulkState.CHECKING: "Checking",
    BulkState.READY: "Ready to apply",
    BulkState.REFUSED: "Not proved",
    BulkState.APPLIED: "Applied",
    BulkState.UNDONE: "Undone",
    BulkState.GIVEN_UP: "Given up",
}
USUAL_ERROR = 0.03
"""Of a reader; with it the page says what one reader alone would cost."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was chosen for a bulk fix; None: as usual."""

    from_label: int | None = None
    to_label: int | None = None
    floor: float = DEFAULT_PRECISION
    failures: int = DEFAULT_FAILURES


@dataclass(frozen=True, slots=True)
class Outlook:
    """A bulk fix that could begin. `labels` of the group with how many have each; `table` has for
    each floor the checks it takes with 0, 1, … failures."""

    group: Group
    labels: dict[int, int]
    from_label: int | None
    to_label: int | None
    floor: float
    plan: Plan
    table: list[tuple[float, list[int]]]
    readers: int
    twice: bool  # a change is read by two people here
    whole: list[int]  # its examples, where it is too small for a sample

    @property
    def size(self) -> int:
        return self.labels.get(self.from_label or 0, 0)

    @property
    def checks_words(self) -> str:
        return f"{self.plan.checks:,} checks"

    @property
    def promise(self) -> str:
        most = self.plan.failures
        fail = "none" if not most else f"no more than {most:,}"
        return (
            f"{self.plan.checks:,} of the {self.size:,} examples are drawn at random and read "
            f"blind. If {fail} of them should not have the new label, at least "
            f"{percent(self.floor)} of the group is right (95% sure), and you can change it with "
            "one act."
        )

    @property
    def price(self) -> str:
        checks = self.plan.checks
        if self.twice:
            return (
                f"{checks:,} checks, up to {2 * checks:,} reads: here a change counts once two "
                "people agree."
            )
        return f"{checks:,} checks, and a second read of each answer against the new label."

    @property
    def chances(self) -> str:
        """How likely a group passes, by how right it is."""
        passes = [
            f"{percent(chance_to_accept(self.plan, true))} if {percent(true)} of it is right"
            for true in (0.95, 0.98, 1.0)
            if true > self.floor
        ]
        return "It passes with a chance of " + ", ".join(passes) + "."

    @property
    def alone(self) -> str:
        """What it costs that nobody can read a doubtful answer again; "" where somebody can."""
        if self.readers > 1:
            return ""
        chance = chance_to_accept(self.plan, 1 - USUAL_ERROR)
        return (
            "Only one person reads here, so nobody can look at an answer against the new label "
            f"once more: with {percent(USUAL_ERROR)} slips, a group that is right in every case "
            f"passes with a chance of {percent(chance)}."
        )


def outlook(session: Session, project: Project, which: Which, wanted: Wanted) -> Outlook:
    """What a bulk fix of a group would take; the labels that suggest themselves, where none is
    chosen."""
    group = group_of(session, project, which)
    labels = labels_in(session, group)
    came = wanted.from_label if wanted.from_label in labels else next(iter(labels), None)
    to = wanted.to_label
    if to is None and came is not None:
        to = favoured_in(session, group, came)
    size = labels.get(came or 0, 0)
    planned = plan(wanted.floor, failures=wanted.failures, size=size)
    return Outlook(
        group,
        labels,
        came,
        to,
        wanted.floor,
        planned,
        [(floor, _checks(floor, size)) for floor in FLOORS],
        len(active_people(session, project.id)),
        project.confirmations > 1,
        sorted(session.scalars(group.members(came))) if size and planned.is_whole(size) else [],
    )


def _checks(floor: float, size: int) -> list[int]:
    return [plan(floor, failures=one, size=size).checks for one in range(MOST_FAILURES + 1)]


def state_words(fix: Fix) -> str:
    """Where it stands, in one or two sentences."""
    return _SAID[fix.state](fix)


def _checking(fix: Fix) -> str:
    if not fix.decided:
        return f"{fix.row.checks:,} checks asked for; none is decided yet."
    so_far = "all fit" if not fix.failed else f"{fix.right:,} fit, {fix.failed:,} do not"
    return f"{fix.decided:,} of {fix.row.checks:,} checks decided: {so_far} so far."


def proof_words(fix: Fix) -> str:
    least = math.floor(100 * fix.at_least)
    return (
        f"{fix.right:,} of {fix.row.checks:,} fit. At least {least}% of the {fix.size:,} examples "
        f"will be right (95% sure); expect about {round(fix.new_errors):,} new errors. "
        "Undo any time."
    )


def _refused(fix: Fix) -> str:
    may = "none may" if not fix.row.failures else f"at most {fix.row.failures:,} may"
    return (
        f"{fix.failed:,} of {fix.decided:,} checks do not fit, {may}: the group is not shown to be "
        f"right in {percent(fix.row.floor)}. It keeps its label; what was read keeps its answers."
    )


def _applied(fix: Fix) -> str:
    changed = len(fix.row.changed)
    return (
        f"{changed:,} labels changed; the other {fix.size - changed:,} of the group keep what "
        "people said of them. Nobody has read the changed ones: they wait for review like others."
    )


_SAID: Mapping[BulkState, Callable[[Fix], str]] = {
    BulkState.CHECKING: _checking,
    BulkState.READY: proof_words,
    BulkState.REFUSED: _refused,
    BulkState.APPLIED: _applied,
    BulkState.UNDONE: lambda _: "Whatever nobody has answered since has its earlier label again.",
    BulkState.GIVEN_UP: lambda _: "Its checks were ended. Nothing was changed.",
}
