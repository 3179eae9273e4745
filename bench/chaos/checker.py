"""What a history and a dump say against the store: the list of its broken promises.

Pure, and in O(n log n): nothing here opens a database or looks at a clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.chaos import (
    check_answers,
    check_handed,
    check_leases,
    check_log,
    check_reads,
    check_rules,
    check_runs,
    check_serves,
)
from bench.chaos.dump import Dump
from bench.chaos.findings import Violation
from bench.chaos.history import Line

Check = Callable[[list[Line], Dump], list[Violation]]

CHECKS: tuple[Check, ...] = (
    check_answers.check,
    check_reads.check,
    check_leases.check,
    check_log.check,
    check_serves.check,
    check_runs.check,
    check_rules.check,
    check_handed.check,
)
LOST, DUPLICATED, OVERLAP = "I1 durability", "I2 exactly once", "I5 lease exclusion"


@dataclass
class Verdict:
    """Violations by invariant."""

    violations: list[Violation] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(violation.invariant for violation in self.violations)

    def table(self) -> dict[str, int]:
        counts = self.counts
        named = {LOST: "lost", DUPLICATED: "duplicated", OVERLAP: "lease overlaps"}
        others = sum(counts.values()) - sum(counts[name] for name in named)
        return {said: counts[name] for name, said in named.items()} | {"other violations": others}


def check(history: list[Line], dump: Dump) -> Verdict:
    """All checks, one after another."""
    found: list[Any] = []
    for one in CHECKS:
        found += one(history, dump)
    return Verdict(found)
