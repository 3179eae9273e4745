"""What follows from what was measured: rules, each with the words it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.training.kinds import NoiseKind

LITTLE, SOME, MUCH = 0.01, 0.05, 0.10
"""The bands: under 1 %, 1 to 5 %, 5 to 10 %, over 10 % of labels wrong."""


@dataclass(frozen=True)
class Findings:
    """What the rules look at; shares, and gains in shares of checked examples that are right.

    ``rate`` is how many labels of the imported data are wrong. ``source`` brought in most of the
    wrong labels; None where none surely did. ``group`` is a confirmed slice in words. Gains:
    of cleaning (relabel against as it is) and of doubling the data (all against half). ``crossed``
    is the rate from which the large head does worse than the small one.
    """

    rate: float
    kind: NoiseKind
    source: str | None = None
    group: str | None = None
    cleaning: float = 0.0
    doubling: float | None = None
    crossed: float | None = None


@dataclass(frozen=True)
class Rule:
    """Said where ``holds``; ``rule`` is how the page explains it."""

    name: str
    rule: str
    holds: Callable[[Findings], bool]
    says: Callable[[Findings], str]


@dataclass(frozen=True)
class Advice:
    """One piece of advice with the rule that spoke."""

    name: str
    words: str
    rule: str


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"


RULES: tuple[Rule, ...] = (
    Rule(
        "source_first",
        "Where one source surely brought in most of the wrong labels, the source comes first.",
        lambda found: found.source is not None,
        lambda found: (
            f"{found.source} brought in most of the wrong labels: fix its guideline before "
            "relabeling, or the same labels come again."
        ),
    ),
    Rule(
        "group",
        "Wrong labels of a confirmed slice are mended as a group: pattern comes before rate.",
        lambda found: found.group is not None,
        lambda found: f"The wrong labels have a pattern ({found.group}): fix them as a group.",
    ),
    Rule(
        "pairs",
        "Where labels are confused with certain others, the guideline comes before the rate.",
        lambda found: found.group is None and found.kind is NoiseKind.PAIRS,
        lambda found: (
            "Certain labels are taken for each other: settle in the guideline where one ends, "
            "then review those pairs."
        ),
    ),
    Rule(
        "under_1",
        "Under 1% of labels wrong: training hardly notices.",
        lambda found: found.rate < LITTLE,
        lambda found: (
            "Under 1% of the labels are wrong. Training rarely notices; clean the test set first."
        ),
    ),
    Rule(
        "from_1_to_5",
        "1 to 5% of labels wrong: review what the queue shows first.",
        lambda found: LITTLE <= found.rate < SOME,
        lambda found: (
            "1 to 5% of the labels are wrong: review from the front of the queue, it finds most."
        ),
    ),
    Rule(
        "from_5_to_10",
        "5 to 10% of labels wrong: review, and let the training doubt the rest.",
        lambda found: SOME <= found.rate < MUCH,
        lambda found: (
            "5 to 10% of the labels are wrong: review on, and meanwhile use what the table "
            "recommends."
        ),
    ),
    Rule(
        "from_10",
        "10% of labels wrong or more: ask how they came about before reading one by one.",
        lambda found: found.rate >= MUCH,
        lambda found: (
            "10% of the labels are wrong or more: find out how they came about before you read "
            "them one by one."
        ),
    ),
    Rule(
        "clean_before_you_scale",
        "Clean before you scale: where cleaning gains more than twice as many examples did.",
        lambda found: found.doubling is not None and found.cleaning > max(0.0, found.doubling),
        lambda found: (
            f"Clean before you scale: review brought the large model {_points(found.cleaning)}, "
            f"twice as many examples {_points(found.doubling or 0.0)}."
        ),
    ),
    Rule(
        "large_below_small",
        "Where the large model falls below the small one, size feeds on wrong labels.",
        lambda found: found.crossed is not None,
        lambda found: (
            f"With {100 * (found.crossed or 0.0):.0f}% of labels wrong the large model did worse "
            "than the small one: do not take a larger one before the labels are clean."
        ),
    ),
)


def advice(found: Findings, rules: Sequence[Rule] = RULES) -> list[Advice]:
    """What the rules say, in their order: source, pattern, rate, size."""
    return [Advice(one.name, one.says(found), one.rule) for one in rules if one.holds(found)]
