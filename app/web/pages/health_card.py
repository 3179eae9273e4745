"""How many labels are still wrong, as the overview shows it: number, scale, words and target."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Failure
from app.insights.health import Health, Known
from app.insights.health_words import (
    basis,
    headline,
    held_back,
    proof_words,
    rechecked_words,
    stop_words,
    verdict,
    what_counts,
)
from app.shares import percent
from app.web.charts.scale import Before, Scale


@dataclass(frozen=True, slots=True)
class HealthCard:
    health: Health
    target: float  # per cent, as typed
    problem: Failure | None = None

    @property
    def told(self) -> bool:
        """There is a number, with its interval."""
        return self.health.known is Known.TOLD

    @property
    def number(self) -> str:
        return percent(self.health.share)

    @property
    def interval(self) -> str:
        return f"between {percent(self.health.low)} and {percent(self.health.high)}"

    @property
    def scale(self) -> Scale:
        health, before = self.health, self.health.at_import
        then = Before("when imported", before) if before is not None else None
        return Scale("Labels that are wrong", health.share, health.low, health.high, then)

    @property
    def side(self) -> str:
        """What was wrong when it came, once that can be told."""
        found = f"{self.health.row.found:,} found since"
        before = self.health.at_import
        return f"about {percent(before)} when imported, {found}" if before is not None else ""

    @property
    def headline(self) -> str:
        return headline(self.health)

    @property
    def lines(self) -> list[str]:
        """What else there is to say of the number."""
        sayings = (basis, verdict, held_back, rechecked_words)
        return [line for saying in sayings if (line := saying(self.health))]

    @property
    def stop(self) -> str:
        return stop_words(self.health)

    @property
    def what_counts(self) -> str:
        return what_counts(self.health)

    @property
    def proof(self) -> str:
        return proof_words(self.health)

    @property
    def closing(self) -> str:
        return (
            "Closing checks are on: 9 of 10 examples that batches with random checks hand out "
            "are random now."
            if self.health.closing
            else ""
        )


def health_card(health: Health | None) -> HealthCard | None:
    return HealthCard(health, 100 * health.target) if health is not None else None
