"""A rule: how the examples of a batch are picked, and what a batch by it is like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.db.tables.datasets import Project
from app.db.words import Mode, Stream
from app.labels import LabelSet
from app.review.batches.each import Each
from app.review.batches.picking import Candidates, Pool
from app.review.batches.plan import BatchPlan


class Draws(Enum):
    """How many first reads of a batch go to random draws of the audit."""

    COIN = "coin"  # a share of them, mixed in; a random example must not stand out
    NONE = "none"
    ALL = "all"


class Order(Enum):
    """What places the waiting members when a new ranking comes."""

    PRIORITY = "priority"
    QUALITY = "quality"
    FIXED = "fixed"  # as they joined: no ranking moves them


def _nothing_more(plan: BatchPlan) -> None:
    """Most rules need no more than a size."""


def _every_candidate(_project: Project, _plan: BatchPlan) -> list[ColumnElement[bool]]:
    return []


@dataclass(frozen=True)
class Rule:
    """One kind of batch; `rules/registry.py` lists them all."""

    name: str  # as stored, sent and asked for
    choice: str  # on the form
    hint: str  # below it; may be empty
    words: str  # at the desk: "Picked by the batch rule: …"
    title: Callable[[str, int], str]  # a batch without a name, from its label and size
    for_lead: Callable[[str], str]  # in lists, from its label
    candidates: Callable[[Pool], Candidates]  # in the order in which they are picked
    rest: Callable[[Pool], Candidates] | None = None  # all of them in the same order
    only: Callable[[Project, BatchPlan], list[ColumnElement[bool]]] = _every_candidate
    indexed: Callable[[Project, BatchPlan], list[ColumnElement[bool]]] = _every_candidate
    """What of `only` an index tells at once, as a list: for where few of all fulfil it."""
    check: Callable[[BatchPlan], None] = _nothing_more
    draws: Draws = Draws.NONE
    mode: Mode | None = None  # of every such batch, whatever the plan says
    stream: Stream = Stream.QUEUE  # of its members when they are handed out
    order: Order = Order.PRIORITY
    on_grid: bool = False  # first reads are pages of tiles
    needs_ranking: str = ""  # why it cannot be without one
    asks_label: bool = False
    asks_suggested: bool = False  # the label that the ranking suggests
    asks_filter: bool = False  # what the list of examples was narrowed to
    asks_view: bool = False  # a saved view, whose filter it takes when it is made
    capped: bool = False  # it can take at most so many of each given label
    each: Each | None = None  # so many as the plan's size of every one of these
    sampled: bool = False  # drawn: who left still counts, and none takes the place
    asks_examples: bool = False  # its members are named one by one: none replaces one that left
    settled: bool = False  # its members are decided already: they are read to practise
    also_waiting: bool = False  # a member may wait in another batch too: the first to ask has it
    more: Callable[[Session, int, int], Sequence[int]] | None = None
    """Members of a batch of a project that are asked for only now, by what earlier ones were."""
    doubts: Callable[[Session, int, LabelSet], bool] | None = None
    """Whether a member that one reader's answer ended with these labels is read once more."""
    second_share: int = 0  # per cent of second reads, where the lead names none
    offered: bool = True  # on the form of a new batch
    by_name: bool = True  # a person or program may ask for it; else another act makes it

    @property
    def by_person(self) -> bool:
        """A person chose its examples, or what they share: neither ranking nor chance did."""
        return self.asks_examples or self.asks_label or self.asks_filter

    @property
    def traits(self) -> str:
        """Words by which the form shows what belongs to the chosen rule."""
        has = {
            f"draws-{self.draws.value}": True,
            f"order-{self.order.value}": True,
            "label": self.asks_label,
            "pair": self.asks_suggested,
            "filter": self.asks_filter and not self.asks_view,
            "view": self.asks_view,
            "capped": self.capped,
            "examples": self.asks_examples,
            "grid": self.on_grid,
            "each": self.each is not None,
            "blind": self.mode is Mode.BLIND,
        }
        return " ".join(word for word, there in has.items() if there)
