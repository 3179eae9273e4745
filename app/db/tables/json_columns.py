"""What the JSON columns of batches, leases and answers hold."""

from __future__ import annotations

from typing import TypeAlias, TypedDict

StoredFilter: TypeAlias = dict[str, str | int | float]
"""A filter of the list of examples: its fields that ask for something."""


class StoredRule(TypedDict, total=False):
    """The rule of a batch that was made, as its row keeps it."""

    by: str
    size: int
    label: int | None
    known: int
    until_sure: bool
    most_errors: int
    source: int  # that is checked alone
    seed: int  # of the order in which it was drawn
    fixed: bool  # no ranking moves its members
    suggested: int  # the label that the ranking suggests, of a pair
    filter: StoredFilter
    words: str  # of the filter, as it was read when the batch was made
    view: str  # what the view was called whose filter it was
    most_each: int  # of one given label


class StoredPlan(TypedDict, total=False):
    """The plan of a batch that is made again and again; what it leaves out is as usual."""

    by: str
    size: int
    label: int
    suggested: int
    filter: StoredFilter
    view: int  # looked up anew each time
    most_each: int
    most_errors: int
    mode: str
    routing: str
    reads: int
    until_sure: bool
    audit_share: int
    second_share: int
    known: int
    people: list[int]  # none: everyone in the project
    left: list[int]  # who was dropped the last time, as they take part no more


class Shown(TypedDict):
    """What was sent beside an example; `quality` and `difficulty` in thousandths."""

    options: list[int]  # label ids, in their order
    suggested: int | None
    quality: int | None
    difficulty: int | None
    neighbours: list[int]  # example ids


class FirstAnswer(TypedDict):
    """What a reviewer said before the evidence was shown."""

    verdict: str
    label: int | None
    reason: str | None
