"""Whose first reads a batch is, in words, and whether enough is measured for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from app.audit.reviewers.asking import people_measured
from app.db.words import Role, Routing
from app.noise.limits import FEWEST
from app.review.books.may import active_people

COMPARED = 2
"""So many people have to be measured before one can read a label better than another."""


@dataclass(frozen=True, slots=True)
class RoutingWords:
    """What is chosen, and what that does."""

    choice: str
    hint: str


ROUTINGS: Final[Mapping[Routing, RoutingWords]] = {
    Routing.ANYONE: RoutingWords("Anyone", "Whoever comes gets the next examples."),
    Routing.SKILL: RoutingWords(
        "By skill",
        "Each label first to who reads it best; one in five at random, so that skill can be "
        "measured. Nobody waits while examples are left.",
    ),
    Routing.EXPERTS: RoutingWords(
        "Experts", "First reads go to experts and leads alone; second reads to anyone."
    ),
}


@dataclass(frozen=True, slots=True)
class Routed:
    """The routings that can be chosen, the one that is, and what is to be known of each here."""

    chosen: Routing
    measured: int  # people whose skill on each label is known
    experts: bool  # whether the project has any

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(routing.value, words.choice) for routing, words in ROUTINGS.items()]

    @property
    def word(self) -> str:
        return ROUTINGS[self.chosen].choice

    @property
    def hints(self) -> list[tuple[str, str]]:
        return [(one.value, self.hint(one)) for one in ROUTINGS]

    def hint(self, routing: Routing) -> str:
        return f"{ROUTINGS[routing].hint} {self._so_far(routing)}".strip()

    def _so_far(self, routing: Routing) -> str:
        """What it lacks here; nothing if all is there."""
        if routing is Routing.SKILL and self.measured < COMPARED:
            return (
                f"Until two people have {FEWEST} measured answers each (known answers, random "
                "second reads, re-checks), it goes as with Anyone."
            )
        if routing is Routing.EXPERTS and not self.experts:
            return "No expert is here: leads get them."
        return ""


def routed_now(session: Session, project_id: int, chosen: Routing) -> Routed:
    roles = active_people(session, project_id).values()
    return Routed(chosen, people_measured(session, project_id), Role.EXPERT in roles)
