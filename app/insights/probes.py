"""How the probe of suspicious groups stands, in the words of screens and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.study.asking import Kept
from app.audit.study.probes import (
    Drawn,
    Probed,
    last_of_each,
    overall,
    slices_of,
    to_probe,
    under_way,
)
from app.db.tables.datasets import Example, Project
from app.noise.probe import ProbeState, price
from app.review.batches.picking import may_join
from app.shares import percent

STATE_WORDS: Mapping[ProbeState, str] = MappingProxyType(
    {
        ProbeState.ASKING: "Asking",
        ProbeState.CONFIRMED: "Slice",
        ProbeState.NOT_CONFIRMED: "Not confirmed",
        ProbeState.NOT_FINISHED: "Not finished",
    }
)
"""Only what fresh examples confirm is called a slice."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A confirmed group, and which of its examples nobody has reviewed nor waits for."""

    probed: Probed
    left: list[int]


@dataclass(frozen=True, slots=True)
class Asking:
    """A probe under way: so many of the examples that were asked for are decided."""

    batch: int
    groups: int
    decided: int
    asked: int

    @property
    def words(self) -> str:
        groups = f"{self.groups:,} group" + "s" * (self.groups != 1)
        return (
            f"Probe of {groups} under way: {self.decided:,} of {self.asked:,} fresh examples "
            "decided."
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """A probe that can begin: its groups, and about how many answers it takes."""

    groups: int
    least: int
    most: int

    @property
    def price(self) -> str:
        return price_words(self.least, self.most)


def price_words(least: int, most: int) -> str:
    if least == most:
        return f"about {most:,} answers"
    return f"about {least:,} to {most:,} answers"


@dataclass(frozen=True, slots=True)
class Probing:
    """What was ever probed, what is asked now, and what could be asked next; `overall` is the
    share of wrong labels among random checks."""

    last: Mapping[str, Probed]
    slices: Sequence[Slice]
    asking: Asking | None
    offer: Offer | None
    overall: float | None

    def fresh_words(self, one: Probed) -> str:
        return fresh_words(one, self.overall)


NOTHING = Probing({}, (), None, None, None)


def probing(session: Session, project: Project, kept: Kept | None) -> Probing:
    """A fixed number of statements."""
    if kept is None:
        return NOTHING
    report, probes = kept.report, kept.probes
    asking = _asking(under_way(probes))
    offer = None
    if report is not None and asking is None and project.archived_at is None:
        offer = _offer(to_probe(session, project.id, report, probes))
    return Probing(
        last_of_each(probes),
        _slices(session, project.id, slices_of(probes)),
        asking,
        offer,
        overall(report) if report is not None else None,
    )


def fresh_words(one: Probed, of_all: float | None) -> str:
    """How many were wrong, against the whole; before the first answer, how many are asked."""
    fresh = one.fresh
    if not fresh.asked:
        return f"{one.row.joined:,} fresh examples asked for"
    checks = "check" if fresh.asked == 1 else "checks"
    words = f"wrong in {fresh.wrong:,} of {fresh.asked:,} fresh {checks}"
    return words if of_all is None else f"{words} (overall {percent(of_all)})"


def _slices(session: Session, project_id: int, slices: Sequence[Probed]) -> list[Slice]:
    named = {one for probed in slices for one in probed.row.to_review}
    there = set(
        session.scalars(select(Example.id).where(*may_join(project_id), Example.id.in_(named)))
        if named
        else ()
    )
    return [Slice(one, [id_ for id_ in one.row.to_review if id_ in there]) for one in slices]


def _asking(probes: Sequence[Probed]) -> Asking | None:
    if not probes:
        return None
    asked = {example for one in probes for example in one.asked}
    decided = {example for one in probes for example in one.wrong}
    return Asking(probes[-1].batch, len(probes), len(decided), len(asked))


def _offer(drawn: Sequence[Drawn]) -> Offer | None:
    return Offer(len(drawn), *price([one.size for one in drawn])) if drawn else None
